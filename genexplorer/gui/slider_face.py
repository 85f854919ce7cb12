"""How a slider of one axis looks, and where its parts lie: lock, label, track, number, and a film strip below."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from . import icons, theme
from .film_strip import FRAMES, FilmStrip
from .images import Pixels

LEFT, CENTER, RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
_LABEL = 20  # characters of a label and its detail, at most, where the track stands beside them
_TRACK = 20  # the height of a track that stands on a line of its own


class SliderFace(QWidget):
    """A single painted widget, for a hundred of them stand in one panel. It knows nothing of hands."""

    lock_changed = Signal(bool)

    def __init__(
        self, label: str, detail: str = "", low: float = -3.0, high: float = 3.0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.label, self.detail, self._hint = label, detail, ""
        self._low, self._high, self._value = low, high, 0.0
        self._held = self._locked = False
        self._widest, self._detailed = "", True
        self._side, self._strip = 0, FilmStrip()
        self._pointed: int | None = None
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
            before, self._value = self._nearest(), value
            self._announce()
            self.update(
                self.rect() if self._nearest() != before else self.rect().adjusted(0, 0, 0, -self._strip_room())
            )

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
        high = self.fontMetrics().height() + 12 + (_TRACK + self._strip_room() if self._side else 0)
        label = self.fontMetrics().averageCharWidth() * _LABEL // 2 if self._side else self._label_room()
        return QSize(self._margin() + label + self._number_room() + 64, high)

    def _line(self) -> int:
        return self.fontMetrics().height() + 12 if self._side else self.height()

    def _announce(self) -> None:
        self.setAccessibleName(f"Latent {self.label}")
        self.setAccessibleDescription(f"{self._value:.2f}{', locked' if self._locked else ''}")

    def _label_room(self) -> int:
        metrics = self.fontMetrics()
        wanted = metrics.horizontalAdvance(self._widest or f"{self.label}  {self.detail}")
        return max(self._number_room(), min(wanted, _LABEL * metrics.averageCharWidth()))

    def _margin(self) -> int:
        """Of the lock, which is as large as the text."""
        return self.fontMetrics().height() + 12

    def _number_room(self) -> int:
        return self.fontMetrics().horizontalAdvance("−00.00") + 16

    def lock_rect(self) -> QRect:
        side = self._margin() - 8
        return QRect(2, (self._line() - side) // 2, side, side)

    def number_rect(self) -> QRect:
        return QRect(self.width() - self._number_room(), 2, self._number_room(), self._line() - 4)

    def track_rect(self) -> QRect:
        if self._side:
            end = 2 + self._side // 2
            return QRect(end, self._line(), max(8, self.width() - 2 * end), _TRACK)
        left = self._margin() + self._label_room() + 8
        return QRect(left, 0, max(8, self.width() - left - self._number_room() - 8), self._line())

    def _strip_room(self) -> int:
        return self._side + 12 if self._side else 0

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
        if self._side and event.rect().bottom() > self.rect().bottom() - self._strip_room():
            self._strip.paint(painter, self.strip_rect(), self._nearest(), self._pointed, self._locked)
        if event.rect().top() > self._line() + _TRACK - 4 and not self.hasFocus():
            return  # only the strip is new
        number = self.number_rect().adjusted(0, 0, -8, 0)
        margin = self._margin()
        text = QRect(
            margin, 0, self.number_rect().left() - margin - 8 if self._side else self._label_room(), self._line()
        )
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
        painter.drawEllipse(QPointF(here, middle), *((7, 7) if self._held else (6, 6)))
        if self.hasFocus():
            painter.setPen(QPen(QColor(c.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        lock = self.lock_rect().adjusted(2, 2, -2, -2)
        icons.draw(painter, lock, *(("lock-simple-fill", c.accent) if self._locked else ("lock-simple-open", c.faint)))

    def _nearest(self) -> int:
        """The picture of the strip that is nearest to the value."""
        span = self._high - self._low
        return round((self._clamp(self._value) - self._low) / span * (FRAMES - 1)) if span else 0

    def _clamp(self, value: float) -> float:
        return min(max(value, self._low), self._high)
