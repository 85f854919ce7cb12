"""The page about what the code knows: each label as a linear rule reads it, and which dimensions tell it."""

from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QSplitter, QVBoxLayout, QWidget

from genexplorer.core.metric import Value
from genexplorer.engine.axes import subscript
from genexplorer.engine.representation import SOURCES, Knowledge
from genexplorer.gui.bar_table import Bar, BarTable
from genexplorer.gui.elided import Elided
from genexplorer.gui.wrap import Wrap, named

from .page import Page

_TIPS = (
    "What a linear rule reads from the code",
    "The same from as many principal components of the images",
    "The same from all pixels",
)


_BEYOND = 4  # column


class Knows(Page):
    title: ClassVar[str] = "What the code knows"
    dimension_chosen = Signal(int)

    def __init__(self) -> None:
        self.summary = QLabel(wordWrap=True)
        headings = [
            ("Label", "What is told of the images: of kinds the share right is shown, of numbers R²"),
            *zip(SOURCES, _TIPS, strict=True),
        ]
        headings.append(("Code, beyond guessing", "How far the code is from guessing to telling all"))
        self.table = BarTable("What a linear rule reads", headings, (0, 1, 2, 0))
        self.table.setColumnHidden(_BEYOND, True)  # there to be sorted by: its bars show in the code's own
        self.table.sort_by(_BEYOND)
        self.heading = Elided()
        columns = [
            ("Dimension", "A number of the code"),
            ("Alone", "What it tells by itself, by a linear rule; the dotted line is what guessing reaches"),
        ]
        self.dimensions = BarTable("What each dimension tells", columns, (0,))
        self.dimensions.setToolTip("Enter or double-click: go to its slider")
        self.sorting = QComboBox()
        self.sorting.addItems([heading for heading, _ in headings])
        self.sorting.setCurrentIndex(_BEYOND)
        self.sorting.setToolTip("What the labels are sorted by; a click on a heading does the same")
        self.sorting.setAccessibleName("Sort labels by")
        super().__init__(self._whole())
        self.knowledge: Knowledge | None = None
        self.sorting.currentIndexChanged.connect(self.table.sort_by)
        self.table.sorted_changed.connect(self._follow_heading)
        self.table.current_changed.connect(self._look)
        self.dimensions.activated_row.connect(self.dimension_chosen)

    def show_knowledge(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        rows = []
        for j in range(len(knowledge.labels)):
            told, chance = knowledge.told[:, j].tolist(), float(knowledge.chance[j])
            bars = [_bar(bool(knowledge.number[j]), each[0], each[1], each[2], chance) for each in told]
            bars.append(Bar((told[0][0] - chance) / max(1 - chance, 1e-9), ""))
            rows.append((self._named(j), bars))
        self.table.set_rows(rows)
        self.summary.setText(_summary(knowledge))
        self.show_whole()

    def _named(self, label: int) -> str:
        assert self.knowledge is not None
        name = self.knowledge.labels[label].replace("_", " ")
        return f"{name}, R²" if self.knowledge.number[label] else name

    def _look(self, label: int) -> None:
        """At what the dimensions tell of one label."""
        knowledge = self.knowledge
        if knowledge is None or label < 0:
            self.dimensions.set_rows([])
            return
        number, chance = bool(knowledge.number[label]), float(knowledge.chance[label])
        self.heading.setText(f"What tells “{self._named(label)}”")
        self.dimensions.set_rows(
            [
                (f"z{subscript(d)}", [_bar(number, value, None, None, chance)])
                for d, value in enumerate(knowledge.alone[label].tolist())
            ]
        )
        self.dimensions.look_at(int(knowledge.alone[label].argmax()))

    def _follow_heading(self, column: int) -> None:
        was = self.sorting.blockSignals(True)
        self.sorting.setCurrentIndex(column)
        self.sorting.blockSignals(was)

    def _whole(self) -> QWidget:
        left, right = QWidget(), QWidget()
        row = Wrap()
        row.addWidget(named("Sorted by", self.sorting))
        for side, parts in ((left, (row, self.table)), (right, (self.heading, self.dimensions))):
            column = QVBoxLayout(side)
            column.setContentsMargins(0 if side is left else 8, 0, 8 if side is left else 0, 0)
            column.setSpacing(8)
            for part in parts:
                if isinstance(part, QWidget):
                    column.addWidget(part, int(isinstance(part, BarTable)))
                else:
                    column.addLayout(part)
        split = QSplitter(Qt.Orientation.Horizontal)
        for side, stretch in ((left, 3), (right, 1)):
            split.addWidget(side)
            split.setStretchFactor(split.indexOf(side), stretch)
        split.setChildrenCollapsible(False)
        split.setSizes([640, 256])
        right.setMinimumWidth(192)
        column = QVBoxLayout(whole := QWidget())
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.summary)
        column.addWidget(split, 1)
        return whole


def _bar(number: bool, value: float, low: float | None, high: float | None, chance: float) -> Bar:
    text = f"{value:.2f}".replace("-", "−") if number else f"{100 * value:.1f} %"
    return Bar(value, text, low, high, chance)


def _summary(knowledge: Knowledge) -> str:
    """What is read from each source, over all labels."""
    parts = []
    for what in ("accuracy", "R²"):
        told = [
            f"{name.lower() if name != 'PCA' else 'PCA'} {_written(what, value)}"
            for source, name in enumerate(SOURCES)
            for each, value in knowledge.mean(source)
            if each == what
        ]
        if told:
            count = int(knowledge.number.sum()) if what == "R²" else int((~knowledge.number).sum())
            over = f", mean over {count} {'numbers' if what == 'R²' else 'labels'}" if count > 1 else ""
            parts.append(f"<b>{'Accuracy' if what == 'accuracy' else what}</b>{over}: {', '.join(told)}")
    return ". ".join(parts) + "."


def _written(what: str, value: Value) -> str:
    if what == "R²":
        return f"{value.value:.2f}".replace("-", "−")
    error = f" ± {100 * value.error:.1f}" if value.error is not None else ""
    return f"{100 * value.value:.1f}{error} %"
