"""Plays pictures at the display's rate, also while the rest of them are still being made."""

import math
import time

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from .beat import Beat
from .icons import icon
from .images import ImageView, Pixels


class Player(QWidget):
    """Frames (N, C, H, W) uint8 from memory: play, pause, loop, step, scrub, at a rate that can be typed.

    A frame whose time is over is left out, and counted in `dropped`.
    """

    frame_changed = Signal(int)
    frames_changed = Signal()

    def __init__(self, empty: str = "Nothing to play yet", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dropped = self.shown = 0  # since `play`
        self._frames: Pixels = np.zeros((0, 1, 1, 1), np.uint8)
        self._ready = 0  # frames that have come
        self._index, self._playing, self._wanted = 0, False, False
        self._beat, self._first = Beat(), 0  # its clock, and the frame that it began at
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._advance)
        self.view = ImageView(empty)
        self._controls()
        self.set_frames(None)

    def set_frames(self, pixels: Pixels | None) -> None:
        """All of them at once, or none."""
        self.expect(0 if pixels is None else len(pixels))
        if pixels is not None:
            self.put(0, pixels)

    def expect(self, count: int) -> None:
        """So many frames are to come; those of a way of the same length are shown until then."""
        if count != len(self._frames):
            self._frames, self._ready = np.zeros((count, *self._frames.shape[1:]), np.uint8), 0
            self._index = self._index if self._index < count else 0
        self._refresh()

    def put(self, first: int, pixels: Pixels) -> None:
        """These frames, from this place on; they come in order."""
        if pixels.shape[1:] != self._frames.shape[1:]:
            self._frames, self._ready = np.zeros((len(self._frames), *pixels.shape[1:]), np.uint8), 0
        last = first + len(pixels)
        self._frames[first:last] = pixels
        self._ready = max(self._ready, last)
        if first <= self._index < last:
            self.view.set_image(self._frames[self._index])
        self._refresh()

    def frames(self) -> Pixels:
        """Those that have come."""
        return self._frames[: self._ready]

    def count(self) -> int:
        """Of all, also those to come."""
        return len(self._frames)

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
        if self._index == len(self._frames) - 1 and not self.loop.isChecked():
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
        to, last = self._first + passed, len(self._frames) - 1
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
            self.view.set_image(self._frames[index])
            self._slider.blockSignals(True)
            self._slider.setValue(index)
            self._slider.blockSignals(False)
            self._say()
            self.frame_changed.emit(index)

    def _refresh(self) -> None:
        """After frames came or went."""
        self._slider.blockSignals(True)
        self._slider.setRange(0, max(len(self._frames) - 1, 0))
        self._slider.setValue(self._index)
        self._slider.blockSignals(False)
        for widget in (self._button, self._slider, self._back, self._forth):
            widget.setEnabled(bool(self._ready))
        if not self._ready:
            self._playing = False
            self._timer.stop()
            if not len(self._frames):
                self.view.set_image(None)
        elif self._wanted:
            self.play()
        self._say()
        self._show_state()
        self.frames_changed.emit()

    def _say(self) -> None:
        count = len(self._frames)
        drawn = f", {100 * self._ready // count} % drawn" if self._ready < count else ""
        widest, metrics = f"{count} / {count}{', 100 % drawn' if drawn else ''}", self._label.fontMetrics()
        # Of one size: else each text would lay out, and paint, the whole window anew, sixty times a second.
        self._label.setFixedSize(metrics.horizontalAdvance(widest) + 4, metrics.height())
        self._label.setText(f"{self._index + 1 if self._ready else 0} / {count}{drawn}" if count else "")

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
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.view, 1)
        column.addLayout(row)

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
