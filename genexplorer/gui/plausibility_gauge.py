"""How plausible the code in hand is: one word and three bars beside an image, and on a click all that is known."""

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from genexplorer.core.abilities import Decodes, Encodes
from genexplorer.core.errors import UserError
from genexplorer.engine.jobs import Reply
from genexplorer.engine.plausibility import Plausibility, Plausible
from genexplorer.engine.query import answer

from . import theme
from .images import ImageView
from .questions import Questions
from .session import Session

_REST_MS = 200  # a code that moves again within it is not measured
_BARS = ("norm", "code", "nearest")
_DRAWN_BARS = ("norm", "mahalanobis", "nearest")  # where nothing is encoded
_WORDS = {
    "norm": ("Length of the code", "‖z‖", ""),
    "mahalanobis": ("Distance from the middle of the codes", "√((z − m)ᵀ C⁻¹ (z − m))", " σ"),
    "code": ("What encoding it again changes in the code", "‖encode(decode(z)) − z‖", ""),
    "image": ("What encoding it again changes in the image", "root mean square of the pixels", " %"),
    "nearest": ("Distance to the nearest real image", "root mean square of the pixels", " %"),
}


class PlausibilityGauge(QAbstractButton):
    """Follows the code in hand, asks when it rests, on a thread of its own; whoever owns it calls `shut`."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.told: Plausible | None = None
        self._bars, self._failed = _BARS, False
        self._questions: Questions | None = None
        self._asked: Plausibility | None = None
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._ask)
        self._card = _Card(self)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Plausibility of the code")
        self.clicked.connect(self._unfold)
        session.code.changed.connect(self._moved)
        session.checkpoint_changed.connect(self._renew)
        theme.notifier.changed.connect(self.update)
        self._say()

    def shut(self) -> None:
        """End the thread."""
        self._rest.stop()
        if self._questions is not None:
            self._questions.shut()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        widest = max(map(metrics.horizontalAdvance, ("Implausible", "Measuring …")))
        return QSize(widest + 16 + len(_BARS) * 32 + 8, metrics.height() + 8)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c = QPainter(self), theme.colors()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(QColor(c.accent) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.hover))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        words = self.rect().adjusted(8, 0, -len(_BARS) * 32 - 8, 0)
        painter.setPen(QColor(c.text if self.told else c.muted))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self._word())
        for place, key in enumerate(self._bars):
            left = self.width() - (len(self._bars) - place) * 32 - 4
            rank = self.told[key].rank if self.told and key in self.told else None
            paint_bar(painter, QRectF(left, self.height() / 2 - 3, 24, 6), rank)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave, QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.told is None:
            self._rest.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._card.hide()

    def _moved(self, *_: object) -> None:
        if self.told is not None:
            self.told = None
            self._say()
        self._renew()

    def _renew(self, *_: object) -> None:
        """What is told of this code stands until a newer checkpoint has told as much."""
        self._asked, self._failed = None, False
        self._rest.start()

    def _ask(self) -> None:
        checkpoint = self._session.checkpoint
        if checkpoint is None or not self.isVisible() or not len(self._session.code.z):
            return
        try:
            if not checkpoint.has(Decodes):
                return
        except UserError:
            return  # panels say why
        self._bars = _BARS if checkpoint.has(Encodes) else _DRAWN_BARS
        self._asked = Plausibility(checkpoint, self._session.code.z.copy(), self._session.store.cache)
        if self._questions is None:
            self._questions = Questions(answer, "genexplorer-plausibility", self, every_ms=50)
            self._questions.answered.connect(self._receive)
        self._questions.ask(self._asked)

    def _receive(self, replies: list[Reply[Plausibility]]) -> None:
        for reply in replies:
            if reply.request is self._asked and reply.error:
                self.told, self._failed = None, True
                self._say()
            known = len(self.told.measures) if self.told is not None else 0
            if reply.request is self._asked and reply.answer is not None and len(reply.answer.measures) >= known:
                self.told = reply.answer
                self._say()

    def _word(self) -> str:
        return self.told.verdict if self.told else "Not known" if self._failed else "Measuring …"

    def _say(self) -> None:
        if self.told is None:
            self.setAccessibleDescription(self._word())
            self.setToolTip("How plausible this code is: measured once it rests")
        else:
            ranks = ", ".join(f"{_WORDS[each.key][0].lower()} {each.rank:.0f} %" for each in self.told.measures)
            self.setAccessibleDescription(f"{self.told.verdict}: {ranks}")
            self.setToolTip(
                f"{self.told.verdict}: where this code stands among {_whose(self.told)}, by its length, by "
                f"{_WORDS[self._bars[1]][0][0].lower()}{_WORDS[self._bars[1]][0][1:]}, and by its distance to the "
                "nearest real image.\nClick for the numbers."
            )
            self._card.show_told(self.told, self._bars is _BARS)
        self.update()

    def _unfold(self) -> None:
        self._card.adjustSize()
        corner = self.mapToGlobal(QPoint(0, self.height() + 4))
        room = self.screen().availableGeometry()
        x = max(room.left(), min(corner.x(), room.right() - self._card.width()))
        above = self.mapToGlobal(QPoint(0, -4)).y() - self._card.height()
        self._card.move(x, corner.y() if corner.y() + self._card.height() <= room.bottom() else max(room.top(), above))
        self._card.show()


def _whose(told: Plausible) -> str:
    return f"the codes of {told.reals:,} real images" if told.reals else "the codes that the model draws"


def paint_bar(painter: QPainter, place: QRectF, rank: float | None) -> None:
    """A percentile from 0 to 100, or an empty groove; its colour says whether it is still usual."""
    c = theme.colors()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(c.line))
    painter.drawRoundedRect(place, place.height() / 2, place.height() / 2)
    if rank is not None:
        color = c.error if rank > Plausible.IMPLAUSIBLE else c.warning if rank > Plausible.UNUSUAL else c.good
        painter.setBrush(QColor(color))
        full = QRectF(place)
        full.setWidth(max(place.height(), place.width() * rank / 100))
        painter.drawRoundedRect(full, place.height() / 2, place.height() / 2)


class _Bar(QWidget):
    """One percentile, with its number."""

    def __init__(self) -> None:
        super().__init__()
        self.rank: float | None = None
        self.setMinimumSize(64 + 8 + self.fontMetrics().horizontalAdvance("100.0 %"), self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_bar(painter, QRectF(0, self.height() / 2 - 3, 64, 6), self.rank)
        painter.setPen(QColor(theme.colors().muted))
        text = "…" if self.rank is None else f"{self.rank:.1f} %"
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


class _Card(QFrame):
    """All measures in numbers, what they mean, and the nearest real image."""

    def __init__(self, gauge: QWidget) -> None:
        super().__init__(gauge, Qt.WindowType.Popup)
        self.setProperty("role", "card")
        self.setAccessibleName("Plausibility of the code, in numbers")
        self._verdict, self._note = QLabel(), QLabel(wordWrap=True)
        self._verdict.setProperty("role", "title")
        self._note.setProperty("role", "muted")
        self._names: dict[str, QLabel] = {}
        self._values: dict[str, QLabel] = {}
        self._bars: dict[str, _Bar] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        for row, (key, (title, formula, _)) in enumerate(_WORDS.items()):
            self._names[key], self._values[key], self._bars[key] = QLabel(title), QLabel("…"), _Bar()
            self._names[key].setToolTip(formula)
            self._values[key].setAlignment(Qt.AlignmentFlag.AlignRight)
            for column, widget in enumerate((self._names[key], self._values[key], self._bars[key])):
                grid.addWidget(widget, row, column)
        self._drawn, self._nearest = ImageView("…"), ImageView("Looking for it …")
        self._nearest_name = QLabel()
        pictures = QHBoxLayout()
        pictures.setSpacing(16)
        for view, caption in ((self._drawn, QLabel("This code")), (self._nearest, self._nearest_name)):
            view.setFixedSize(128, 128)
            view.setAcceptDrops(False)
            view.setAccessibleName(caption.text() or "The nearest real image")
            caption.setProperty("role", "muted")
            column_of = QVBoxLayout()
            column_of.setSpacing(4)
            column_of.addWidget(view)
            column_of.addWidget(caption)
            pictures.addLayout(column_of)
        pictures.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(16)
        for part in (self._verdict, grid, pictures, self._note):
            whole.addWidget(part) if isinstance(part, QWidget) else whole.addLayout(part)

    def show_told(self, told: Plausible, encodes: bool) -> None:
        """What encoding again changes is told only where something `encodes`."""
        self._verdict.setText(told.verdict)
        for key, (_, _, unit) in _WORDS.items():
            known = key in told
            for part in (self._names[key], self._values[key], self._bars[key]):
                part.setVisible(encodes or key not in ("code", "image"))
            value = told[key].value * (100 if unit == " %" else 1) if known else 0.0
            self._values[key].setText(f"{value:.2f}{unit}" if known else "…")
            self._bars[key].rank = told[key].rank if known else None
            self._bars[key].update()
        self._drawn.set_image(told.picture)
        self._nearest.set_image(told.nearest.picture if told.nearest else None)
        among = f"{told.compared:,} training images" if told.compared else "the examples"
        self._nearest_name.setText(
            f"Nearest of {among}" + (f" (number {told.nearest.index:,})" if told.nearest else "")
        )
        self._note.setText(
            f"Bars: the share of {_whose(told)} that have at most this value. A code is plausible while all stand at "
            f"{Plausible.UNUSUAL:g} % or below, and implausible once one stands above {Plausible.IMPLAUSIBLE:g} %. "
            "Distances between pictures are in per cent of the way from black to white."
        )
