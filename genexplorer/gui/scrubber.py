"""A timeline: step through the previews of a run, play them, or stay with the newest while it trains."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from .icons import icon

Frame = tuple[int, Path]  # the training step, and the picture made then


class Scrubber(QWidget):
    """Says which frame is wanted; whoever listens shows it. New frames are followed while the last one is shown."""

    frame_changed = Signal(int)

    def __init__(self, fps: float = 8.0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frames: list[Frame] = []
        self._playing = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._advance)
        self.set_fps(fps)
        self._button = QToolButton()
        self._button.clicked.connect(self.toggle)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName("Frame")
        self._slider.setToolTip("Drag through the run; arrow keys step, Space plays")
        self._slider.setPageStep(10)
        self._slider.valueChanged.connect(self._show_step)
        self._slider.valueChanged.connect(self.frame_changed)
        self._slider.sliderPressed.connect(self.pause)
        self._label = QLabel()
        self._label.setProperty("role", "muted")
        self._label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._button)
        row.addWidget(self._slider, 1)
        row.addWidget(self._label)
        self.set_frames([])

    def frames(self) -> list[Frame]:
        return self._frames

    def index(self) -> int:
        """The frame that is shown, -1 while there is none."""
        return self._slider.value() if self._frames else -1

    def is_playing(self) -> bool:
        return self._playing

    def set_fps(self, fps: float) -> None:
        self._timer.setInterval(round(1000 / fps))

    def set_frames(self, frames: Sequence[Frame]) -> None:
        """The run's frames so far. The last is followed; any other stays where it is."""
        before, old = self.index(), self._frames
        following = not self._playing and before >= len(old) - 1
        self._frames = list(frames)
        last = max(len(self._frames) - 1, 0)
        there = last if following else min(max(before, 0), last)
        self._slider.blockSignals(True)
        self._slider.setRange(0, last)
        self._slider.setValue(there)
        self._slider.blockSignals(False)
        for widget in (self._button, self._slider):
            widget.setEnabled(bool(self._frames))
        if not self._frames:
            self.pause()
        self._show_step()
        self._show_state()
        if self._frames and (not old or before >= len(old) or old[before] != self._frames[there]):
            self.frame_changed.emit(there)

    def show_frame(self, index: int) -> None:
        self._slider.setValue(index)

    def play(self) -> None:
        """From here to the end; at the end, from the start."""
        if not self._frames:
            return
        if self.index() == len(self._frames) - 1:
            self.show_frame(0)
        self._playing = True
        self._show_state()

    def pause(self) -> None:
        self._playing = False
        self._show_state()

    def toggle(self) -> None:
        self.pause() if self._playing else self.play()

    def _advance(self) -> None:
        self.show_frame(self.index() + 1)
        if self.index() == len(self._frames) - 1:
            self.pause()

    def _show_step(self) -> None:
        last = f"{self._frames[-1][0]:,}" if self._frames else "0"
        number = f"{self._frames[self.index()][0]:,}" if self._frames else "–"
        self._label.setText(f"step {number}" if self._frames else "no frames yet")
        self._label.setMinimumWidth(self._label.fontMetrics().horizontalAdvance(f"step {last}") + 8)
        self._slider.setAccessibleDescription(f"{self._label.text()}, frame {self.index() + 1} of {len(self._frames)}")

    def _show_state(self) -> None:
        name = "Pause" if self._playing else "Play"
        self._button.setIcon(icon(name.lower()))
        self._button.setToolTip(f"{name} (Space)")
        self._button.setAccessibleName(name)
        if self._playing and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.toggle()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.show_frame(self.index() + (1 if event.key() == Qt.Key.Key_Right else -1))
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_state()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
