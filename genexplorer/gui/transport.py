"""Play, pause, step and scrub: the clock and the controls of whatever comes in frames, also while more are made."""

import math
import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from .beat import Beat
from .icons import icon


class Transport(QWidget):
    """Frames by their numbers: play, pause, loop, step, scrub, at a rate that can be typed.

    A frame whose time is over is left out, and counted in `dropped`.
    """

    frame_changed = Signal(int)
    frames_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dropped = self.shown = 0  # since `play`
        self._count = 0
        self._ready = 0  # frames that have come
        self._index, self._playing, self._wanted = 0, False, False
        self._beat, self._first = Beat(), 0  # its clock, and the frame that it began at
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._advance)
        self._controls()

    def expect(self, count: int) -> None:
        """So many frames are to come; where it was as many before, those that came stay."""
        if count != self._count:
            self._count, self._ready = count, 0
            self._index = self._index if self._index < count else 0
        self._refresh()

    def arrive(self, ready: int) -> None:
        """So many of them are there; they come in order."""
        self._ready = ready
        self._refresh()

    def count(self) -> int:
        """Of all, also those to come."""
        return self._count

    def index(self) -> int:
        """The frame that is shown, -1 while there is none."""
        return self._index if self._ready else -1

    def is_playing(self) -> bool:
        return self._playing

    def fps(self) -> float:
        return self.rate.value()

    def play(self) -> None:
        """From here on; at the end, from the start. Without frames it begins as soon as they come."""
        self._wanted = True
        if self._playing or not self._ready:
            return
        if self._index == self._count - 1 and not self.loop.isChecked():
            self._show(0)
        self._playing, self.dropped, self.shown = True, 0, 0
        self._begin()
        self._show_state()

    def pause(self) -> None:
        self._playing = self._wanted = False
        self._timer.stop()
        self._show_state()

    def toggle(self) -> None:
        self.pause() if self._playing else self.play()

    def step(self, by: int) -> None:
        self.pause()
        if self._ready:
            self.show_frame((self._index + by) % self._ready)

    def show_frame(self, index: int) -> None:
        """This one now; where it plays, it goes on from there."""
        self._show(min(max(index, 0), max(self._ready - 1, 0)))
        self._begin()

    def draw_frame(self, index: int) -> None:
        """Show this frame's picture, for those that have one to show."""

    def _begin(self) -> None:
        """Count the time anew, from the frame that is shown."""
        self._first = self._index
        self._beat.start(time.perf_counter(), self.fps(), self.screen().refreshRate())
        if self._playing and self.isVisible():
            self._wait()

    def _wait(self) -> None:
        self._timer.start(max(0, math.ceil((self._beat.due() - time.perf_counter()) * 1000)))

    def _advance(self) -> None:
        beat = self._beat.advance(time.perf_counter())
        if beat is None:
            self._wait()
            return
        passed, missed = beat
        to, last = self._first + passed, self._count - 1
        if to >= self._ready <= last:  # what is due has not come yet: hold, and lose none for it
            self._show(self._ready - 1)
            self._begin()
            return
        self.dropped += missed
        self.shown += 1
        self._show(to % (last + 1) if self.loop.isChecked() else min(to, last))
        if to >= last and not self.loop.isChecked():
            self.pause()
        else:
            self._wait()

    def _show(self, index: int) -> None:
        if self._ready and index != self._index:
            self._index = index
            self.draw_frame(index)
            self._slider.blockSignals(True)
            self._slider.setValue(index)
            self._slider.blockSignals(False)
            self._say()
            self.frame_changed.emit(index)

    def _refresh(self) -> None:
        """After frames came or went."""
        self._slider.blockSignals(True)
        self._slider.setRange(0, max(self._count - 1, 0))
        self._slider.setValue(self._index)
        self._slider.blockSignals(False)
        for widget in (self._button, self._slider, self._back, self._forth):
            widget.setEnabled(bool(self._ready))
        if not self._ready:
            self._playing = False
            self._timer.stop()
        elif self._wanted:
            self.play()
        self._say()
        self._show_state()
        self.frames_changed.emit()

    def words(self) -> tuple[str, str]:
        """What is said of the frame that is shown, and the widest that may be said of any."""
        count = self._count
        drawn = f", {100 * self._ready // count} % drawn" if self._ready < count else ""
        text = f"{self._index + 1 if self._ready else 0} / {count}{drawn}" if count else ""
        return text, f"{count} / {count}{', 100 % drawn' if drawn else ''}"

    def _say(self) -> None:
        (text, widest), metrics = self.words(), self._label.fontMetrics()
        # Of one size: else each text would lay out, and paint, the whole window anew, sixty times a second.
        self._label.setFixedSize(metrics.horizontalAdvance(widest) + 4, metrics.height())
        self._label.setText(text)

    def _show_state(self) -> None:
        name = "Pause" if self._playing else "Play"
        if self._button.accessibleName() != name:
            self._button.setIcon(icon(name.lower()))
            self._button.setToolTip(f"{name} (Space)")
            self._button.setAccessibleName(name)

    def _controls(self) -> None:
        self._button = QToolButton()
        self._button.clicked.connect(self.toggle)
        self._back = self._tool("skip-back", "Step back (Left)", lambda: self.step(-1))
        self._forth = self._tool("skip-forward", "Step on (Right)", lambda: self.step(1))
        self.loop = self._tool("repeat", "Play over and over (L)")
        self.loop.setCheckable(True)
        self.loop.setChecked(True)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName("Frame")
        self._slider.setToolTip("Drag to a frame; arrow keys step, Space plays")
        self._slider.valueChanged.connect(self.show_frame)
        self._label = QLabel()
        self._label.setProperty("role", "muted")
        self._label.setToolTip("The frame that is shown, of all")
        self.rate = QDoubleSpinBox(minimum=1, maximum=240, decimals=0, suffix=" fps")
        self.rate.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.rate.setValue(round(self.screen().refreshRate()))
        self.rate.setToolTip("Frames a second; the display's own rate is the smoothest")
        self.rate.setAccessibleName("Frames a second")
        self.rate.valueChanged.connect(lambda _: self._begin())
        row = QHBoxLayout()
        row.setSpacing(4)
        for widget in (self._button, self._back, self._forth, self.loop):
            row.addWidget(widget)
        row.addWidget(self._slider, 1)
        row.addSpacing(4)
        row.addWidget(self._label)
        row.addWidget(self.rate)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.column.addLayout(row)

    def _tool(self, name: str, tip: str, call: object = None) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setToolTip(tip)
        button.setAccessibleName(tip.split(" (")[0])
        if call:
            button.clicked.connect(call)
        return button

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        match event.key():
            case key.Key_Space:
                self.toggle()
            case key.Key_Left | key.Key_Right:
                self.step(1 if event.key() == key.Key_Right else -1)
            case key.Key_L:
                self.loop.toggle()
            case _:
                super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._begin()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
