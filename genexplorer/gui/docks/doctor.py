"""What the training doctor says of the open run: a quiet line, and unfolded what it found with a remedy for each."""

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from genexplorer.engine.doctor import Diagnosis, Report, examine
from genexplorer.engine.jobs import Reply
from genexplorer.engine.runs import Run
from genexplorer.gui import theme
from genexplorer.gui.column_area import ColumnArea
from genexplorer.gui.icons import draw, icon
from genexplorer.gui.questions import Questions

_TALLEST, _LEAST = 320, 240


class Doctor(QWidget):
    """Hidden while there is nothing to judge."""

    prescribed = Signal(object, object)  # Run, Remedy

    def __init__(self) -> None:
        super().__init__()
        self.report: Report | None = None
        self._run: Run | None = None
        self._questions = Questions(lambda run: [examine(run)], "genexplorer-doctor", self)
        self._questions.answered.connect(self._receive)
        self._sign, self.line = _Sign(), QToolButton()
        self.line.setCheckable(True)
        self.line.setProperty("fold", True)
        self.line.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.line.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the caret after the words
        self.line.setToolTip("What the training doctor looked at, what it found, and what would mend it")
        self._area = _Fitting(QWidget())
        self.line.toggled.connect(self._unfold)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._sign)
        row.addWidget(self.line)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._area)
        self._unfold(False)
        self.hide()

    def look(self, run: Run | None) -> None:
        """Examine a run as it is now; the newest question alone is answered."""
        if run is None or self._run is None or run.path != self._run.path:
            self.hide()
        self._run = run
        if run is not None:
            self._questions.ask(run)

    def shut(self) -> None:
        """End the thread."""
        self._questions.shut()

    def _receive(self, replies: list[Reply[Run]]) -> None:
        for reply in replies:
            if self._run is None or reply.request.path != self._run.path:
                continue
            if reply.error or not (reply.answer.signs or reply.answer.diagnoses):
                self.hide()
            elif reply.answer != self.report or self.isHidden():
                self._show(reply.answer)

    def _show(self, report: Report) -> None:
        self.report = report
        found = report.diagnoses
        text = found[0].rule.title if found else "All well"
        if len(found) > 1:
            text += f" and {len(found) - 1} more"
        self.line.setText(text)
        self.line.setAccessibleName(f"Training doctor: {text}")
        self._sign.show_sign(*(("warning", "warning") if found else ("check-circle", "good")))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for each in found:
            card = _Card(each)
            card.button.clicked.connect(partial(self.prescribed.emit, report.run, each.finding.remedy))
            column.addWidget(card)
        column.addWidget(_words("\n".join(report.signs), muted=True))
        self._area.setWidget(inside)  # the one before goes
        self.show()

    def _unfold(self, unfolded: bool) -> None:
        self.line.setIcon(icon("caret-down" if unfolded else "caret-right"))
        self._area.setVisible(unfolded)


class _Card(QFrame):
    """One fault: what is seen, why it happens, and what would mend it."""

    def __init__(self, each: Diagnosis) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName(each.rule.title)
        title, remedy = QLabel(each.rule.title), each.finding.remedy
        title.setProperty("role", "title")
        self.button = QPushButton("Apply the remedy")
        self.button.setToolTip(
            f"{remedy.text} It becomes a new run; this one stays as it is, and is stopped and saved if it still trains"
        )
        self.button.setAccessibleName(f"Apply the remedy for {each.rule.title.lower()}")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        for label in (title, _words(each.finding.seen), _words(remedy.text), _words(each.changes, muted=True)):
            column.addWidget(label)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(_words(f"{each.rule.why} ({each.rule.source})", muted=True))
        self.button.setVisible(bool(each.changes) or remedy.start is not None)


class _Fitting(ColumnArea):
    """As tall as what is in it, up to a bound; what is beyond scrolls."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__(inside)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # scrolled by keys

    def sizeHint(self) -> QSize:
        inside = self.widget()
        width = self.width() if self.isVisible() else super().sizeHint().width()
        height = inside.heightForWidth(width) if inside and inside.hasHeightForWidth() else 0
        return QSize(super().sizeHint().width(), min(max(height, 24), _TALLEST))

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), min(self.sizeHint().height(), _LEAST))


class _Sign(QWidget):
    """An icon in today's colours."""

    def __init__(self) -> None:
        super().__init__()
        self._name, self._role = "check-circle", "good"
        self.setFixedSize(20, 20)

    def show_sign(self, name: str, role: str) -> None:
        self._name, self._role = name, role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        draw(QPainter(self), self.rect(), self._name, getattr(theme.colors(), self._role))


def _words(text: str, muted: bool = False) -> QLabel:
    label = QLabel(text, wordWrap=True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if muted:
        label.setProperty("role", "muted")
    return label
