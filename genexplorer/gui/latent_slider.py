"""One axis in one row. A single painted widget, for a hundred of them stand in one panel."""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from . import icons, theme
from .film_strip import FRAMES, FilmStrip
from .images import Pixels

LEFT, CENTER, RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
_LABEL = 20  # characters of a label and its detail, at most, where the track stands beside them
_TRACK = 20  # the height of a track that stands on a line of its own


class _Editor(QLineEdit):
    """Keeps Return and Escape to itself: the row below would open the editor again."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setText("")
            self.editingFinished.emit()
        else:
            super().keyPressEvent(event)
        event.accept()


class LatentSlider(QWidget):
    """Lock, label, track, number, and a film strip where it is asked for: a second and a third line then.

    Drag, type, use the arrow keys (Shift for fine) or, once focused, the wheel; a picture of the strip is gone to.

    `moved` follows the hand; `committed` (old, new) comes once per gesture, so that one gesture is one undo step.
    A locked row is left alone by the hand; whoever draws random values asks `is_locked()`.
    """

    moved = Signal(float)
    committed = Signal(float, float)
    lock_changed = Signal(bool)

    def __init__(
        self, label: str, detail: str = "", low: float = -3.0, high: float = 3.0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.label, self.detail, self._hint = label, detail, ""
        self._low, self._high, self._value = low, high, 0.0
        self._start: float | None = None  # the value before the gesture that is going on
        self._locked = False
        self._editor: QLineEdit | None = None
        self._widest, self._detailed = "", True
        self._side, self._strip = 0, FilmStrip()
        self._pointed: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_detail(detail)
        self._announce()

    def value(self) -> float:
        return self._value

    def is_locked(self) -> bool:
        return self._locked

    def set_value(self, value: float) -> None:
        """Show a value that someone else chose; nothing is emitted. It may lie outside the range."""
        if value != self._value:
            self._value = value
            self._announce()
            self.update()

    def set_range(self, low: float, high: float) -> None:
        self._low, self._high = low, high
        self.update()

    def set_locked(self, locked: bool) -> None:
        if locked != self._locked:
            self._locked = locked
            self._announce()
            self.update()
            self.lock_changed.emit(locked)

    def set_label(self, label: str) -> None:
        """The row is of another axis now."""
        self.label = label
        self.set_detail(self.detail)
        self._announce()

    def set_hint(self, hint: str) -> None:
        """A sentence on what is known of it, which the tooltip begins with."""
        self._hint = hint
        self.set_detail(self.detail)

    def set_detail(self, detail: str) -> None:
        self.detail = detail
        self.setToolTip(
            f"{f'{self._hint}{chr(10)}' if self._hint else ''}"
            f"{self.label}{f' ({detail})' if detail else ''}: drag, or click the number to type\n"
            "Arrow keys: step, with Shift: fine. Page keys: next picture. Double-click or Delete: back to 0. L: lock"
        )
        self.update()

    def set_widest(self, label: str, detail: str) -> None:
        """The widest of the rows in one column, so that their tracks begin at one place.

        Details that would take the room of the track are left to the tooltip, and to rows with a film strip.
        """
        self._detailed = len(label) + len(detail) < _LABEL
        self._widest = f"{label}   {detail}" if self._detailed else label
        self.updateGeometry()
        self.update()

    def set_strip(self, side: int) -> None:
        """Show a film strip of pictures of this size; 0 shows none."""
        if side != self._side:
            self._side = side
            self.updateGeometry()
            self.update()

    def set_pictures(self, pictures: Pixels | None) -> None:
        """What the axis draws at `frame_values`, uint8 (FRAMES, C, H, W); none yet where it is another axis now."""
        self._strip.expose(pictures)
        self.update(self.strip_rect().toAlignedRect().adjusted(-2, -2, 2, 2))

    def frame_values(self) -> list[float]:
        return [self._low + (self._high - self._low) * n / (FRAMES - 1) for n in range(FRAMES)]

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint() + QSize(96, 0)

    def minimumSizeHint(self) -> QSize:
        high = self.fontMetrics().height() + 12 + (_TRACK + self._side + 12 if self._side else 0)
        label = self.fontMetrics().averageCharWidth() * _LABEL // 2 if self._side else self._label_room()
        return QSize(28 + label + self._number_room() + 64, high)

    def _line(self) -> int:
        return self.fontMetrics().height() + 12 if self._side else self.height()

    def _announce(self) -> None:
        self.setAccessibleName(f"Latent {self.label}")
        self.setAccessibleDescription(f"{self._value:.2f}{', locked' if self._locked else ''}")

    def _label_room(self) -> int:
        metrics = self.fontMetrics()
        wanted = metrics.horizontalAdvance(self._widest or f"{self.label}  {self.detail}")
        return max(self._number_room(), min(wanted, _LABEL * metrics.averageCharWidth()))

    def _number_room(self) -> int:
        return self.fontMetrics().horizontalAdvance("−00.00") + 16

    def lock_rect(self) -> QRect:
        return QRect(2, (self._line() - 20) // 2, 20, 20)

    def number_rect(self) -> QRect:
        return QRect(self.width() - self._number_room(), 2, self._number_room(), self._line() - 4)

    def track_rect(self) -> QRect:
        if self._side:
            end = 2 + self._side // 2
            return QRect(end, self._line(), max(8, self.width() - 2 * end), _TRACK)
        left = 28 + self._label_room() + 8
        return QRect(left, 0, max(8, self.width() - left - self._number_room() - 8), self._line())

    def strip_rect(self) -> QRectF:
        return QRectF(2, self._line() + _TRACK + 2, self.width() - 4, self._side)

    def x_of(self, value: float) -> float:
        track, span = self.track_rect(), self._high - self._low
        return track.left() + ((self._clamp(value) - self._low) / span if span else 0.5) * track.width()

    def _value_at(self, x: float) -> float:
        track = self.track_rect()
        return self._clamp(self._low + (x - track.left()) / track.width() * (self._high - self._low))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c = QPainter(self), theme.colors()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._side:
            self._strip.paint(painter, self.strip_rect(), self._nearest(), self._pointed, self._locked)
        if event.rect().top() > self._line() + _TRACK - 4 and not self.hasFocus():
            return  # only the strip is new
        number = self.number_rect().adjusted(0, 0, -8, 0)
        text = QRect(28, 0, self.number_rect().left() - 36 if self._side else self._label_room(), self._line())
        metrics, elide = self.fontMetrics(), Qt.TextElideMode.ElideRight
        label = metrics.elidedText(self.label, elide, text.width())
        left = text.width() - metrics.horizontalAdvance(f"{label}   ")
        room = left > 5 * metrics.averageCharWidth() and (self._detailed or self._side)
        detail = metrics.elidedText(self.detail, elide, left) if room else ""
        painter.setPen(QColor(c.muted))
        painter.drawText(text, RIGHT | CENTER, detail)
        painter.setPen(QColor(c.muted if self._locked else c.text))
        painter.drawText(text, LEFT | CENTER, label)
        painter.drawText(number, RIGHT | CENTER, f"{self._value:.2f}".replace("-", "−"))
        track = self.track_rect()
        middle = track.top() + track.height() / 2
        here, zero = self.x_of(self._value), self.x_of(0.0)
        ink = QColor(c.muted if self._locked else c.accent)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.line))
        painter.drawRoundedRect(QRectF(track.left(), middle - 2, track.width(), 4), 2, 2)
        painter.drawRect(QRectF(zero - 0.5, middle - 6, 1, 12))
        painter.setBrush(ink)
        painter.drawRoundedRect(QRectF(min(here, zero), middle - 2, abs(here - zero), 4), 2, 2)
        painter.setBrush(QColor(c.surface))
        painter.setPen(QPen(ink, 2))
        painter.drawEllipse(QPointF(here, middle), *((6, 6) if self._start is None else (7, 7)))
        if self.hasFocus():
            painter.setPen(QPen(QColor(c.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        lock = self.lock_rect().adjusted(2, 2, -2, -2)
        icons.draw(painter, lock, *(("lock-simple-fill", c.accent) if self._locked else ("lock-simple-open", c.faint)))

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
            self._start = self._value
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

    def _nearest(self) -> int:
        return min(range(FRAMES), key=lambda n: abs(self.frame_values()[n] - self._value))

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
            self._start = self._value if self._start is None else self._start
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
            self._editor = _Editor(self)
            self._editor.setAccessibleName(f"Value of {self.label}")
            self._editor.setStyleSheet("padding: 0 4px; border-radius: 4px;")
            self._editor.setAlignment(RIGHT)
            self._editor.editingFinished.connect(self._take_typed)
        self._editor.setGeometry(self.number_rect())
        self._editor.setText(f"{self._value:.4g}")
        self._editor.selectAll()
        self._editor.show()
        self._editor.setFocus()

    def _take_typed(self) -> None:
        if self._editor is None or self._editor.isHidden():
            return
        self._editor.hide()
        self.setFocus()
        try:
            typed = float(self._editor.text().replace(",", ".").replace("−", "-"))
        except ValueError:
            return
        if typed == typed and f"{typed:.4g}" != f"{self._value:.4g}":
            self._jump(self._clamp(typed))

    def _clamp(self, value: float) -> float:
        return min(max(value, self._low), self._high)

    def _move(self, value: float) -> None:
        if value != self._value:
            self.set_value(value)
            self.moved.emit(value)

    def _commit(self) -> None:
        old, self._start = self._start, None
        self.update()  # the knob was larger while it was held
        if old is not None and old != self._value:
            self.committed.emit(old, self._value)

    def _jump(self, value: float) -> None:
        self._start = self._value if self._start is None else self._start
        self._move(value)
        self._commit()
