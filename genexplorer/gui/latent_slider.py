"""One axis in one row, as hands move it: drag, type, keys, the wheel."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from .film_strip import FRAMES
from .slider_face import SliderFace
from .typed_number import TypedNumber


class LatentSlider(SliderFace):
    """Drag, type, use the arrow keys (Shift for fine) or, once focused, the wheel; a picture of the strip is gone to.

    `moved` follows the hand; `committed` (old, new) comes once per gesture, so that one gesture is one undo step.
    A locked row is left alone by the hand; whoever draws random values asks `is_locked()`.
    """

    moved = Signal(float)
    committed = Signal(float, float)

    def __init__(
        self, label: str, detail: str = "", low: float = -3.0, high: float = 3.0, parent: QWidget | None = None
    ) -> None:
        super().__init__(label, detail, low, high, parent)
        self._start: float | None = None  # the value before the gesture that is going on
        self._editor: TypedNumber | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        where = event.position().toPoint()
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
        elif (frame := self._frame_at(event.position())) is not None:
            self._go_to_frame(frame)
        elif self.lock_rect().adjusted(-2, -8, 4, 8).contains(where):
            self.set_locked(not self._locked)
        elif self.number_rect().contains(where):
            self.edit()
        elif self._grips(where):
            self._grip()
            self._move(self._value_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._move(self._value_at(event.position().x()))
        else:
            self._point(self._frame_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._commit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._grips(event.position().toPoint()):
            self._jump(0.0)
        else:
            self.mousePressEvent(event)

    def _grips(self, where: QPoint) -> bool:
        return not self._locked and self.track_rect().adjusted(-8, 0, 8, 0).contains(where)

    def _frame_at(self, point: QPointF) -> int | None:
        return self._strip.at(point, self.strip_rect()) if self._side and self._strip.exposed else None

    def _go_to_frame(self, frame: int) -> None:
        if not self._locked:
            self._jump(self.frame_values()[min(max(frame, 0), FRAMES - 1)])

    def _point(self, frame: int | None) -> None:
        if frame != self._pointed:
            self._pointed = frame
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus() and not self._locked:
            self._jump(self._clamp(self._value + event.angleDelta().y() / 120 * (self._high - self._low) / 200))
        else:
            event.ignore()  # so that a list of sliders scrolls under the pointer

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, named, step = Qt.Key(event.key()), Qt.Key, (self._high - self._low) / 100
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            step /= 10
        steps = {named.Key_Left: -step, named.Key_Right: step}
        places = {named.Key_Home: self._low, named.Key_End: self._high, named.Key_Delete: 0.0, named.Key_Backspace: 0.0}
        if key == named.Key_L:
            self.set_locked(not self._locked)
        elif key in (named.Key_Return, named.Key_Enter, named.Key_F2):
            self.edit()
        elif key in (named.Key_PageUp, named.Key_PageDown) and self._side:
            self._go_to_frame(self._nearest() + (1 if key == named.Key_PageUp else -1))
        elif key in steps and not self._locked:
            self._grip()
            self._move(self._clamp(self._value + steps[key]))
        elif key in places and not self._locked:
            self._jump(places[key])
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not event.isAutoRepeat():
            self._commit()
        else:
            super().keyReleaseEvent(event)

    def edit(self) -> None:
        """Type the value; Enter or leaving the field takes it."""
        if self._locked:
            return
        if self._editor is None:
            self._editor = TypedNumber(self)
            self._editor.typed.connect(lambda number: self._jump(self._clamp(number)))
        self._editor.open(self.number_rect(), self._value, f"Value of {self.label}")

    def _grip(self) -> None:
        """A gesture begins, unless one goes on."""
        self._start = self._value if self._start is None else self._start
        self._held = True

    def _move(self, value: float) -> None:
        if value != self._value:
            self.set_value(value)
            self.moved.emit(value)

    def _commit(self) -> None:
        old, self._start, self._held = self._start, None, False
        self.update()  # the knob was larger while it was held
        if old is not None and old != self._value:
            self.committed.emit(old, self._value)

    def _jump(self, value: float) -> None:
        self._grip()
        self._move(value)
        self._commit()
