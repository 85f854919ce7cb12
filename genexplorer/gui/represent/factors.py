"""The page about factors and dimensions: does each number of the code stand for one thing."""

from typing import ClassVar

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from genexplorer.engine.axes import subscript
from genexplorer.engine.representation import Disentangled
from genexplorer.gui import theme
from genexplorer.gui.elided import Elided
from genexplorer.gui.matrix_view import MatrixView
from genexplorer.gui.traversal import Traversal
from genexplorer.gui.wrap import Wrap, named, together

from .page import Page

_MEASURES = {
    "information": ("Mutual information", "{dim} tells {share:.2f} of the entropy of “{factor}”."),
    "importance": ("Importance (DCI)", "{dim} has {share:.2f} of the importance for “{factor}”, to a random forest."),
    "alone": ("Told alone (SAP)", "{dim} alone tells “{factor}” with a score of {share:.2f}."),
}
_PALEST = 0.1  # below it nothing has the full colour
_ORDERS = {"kl": "KL", "information": "Information", "set": "Place in the code"}
_SCORES = (
    (
        "mig",
        "MIG",
        "Mutual information gap: of each factor the information in its best dimension less that in the second, over "
        "the factor's entropy; the mean over factors. 1: one dimension tells all, no other tells anything "
        "(Chen et al. 2018, equation 6)",
    ),
    (
        "dci_disentanglement",
        "Disentanglement",
        "DCI: does a dimension serve one factor only? 1 less the relative entropy of its importances, weighted by the "
        "dimension's share of them (Eastwood & Williams 2018, section 2)",
    ),
    (
        "dci_completeness",
        "Completeness",
        "DCI: does a factor need one dimension only? 1 less the relative entropy of the importances of the dimensions "
        "for it (Eastwood & Williams 2018, section 2)",
    ),
    (
        "dci_informativeness",
        "Informativeness",
        "DCI: are the factors told at all? By a random forest on test images: R² of numbers, and of kinds the share "
        "right beyond guessing the commonest; 1 is all (Eastwood & Williams 2018, section 2)",
    ),
    (
        "sap",
        "SAP",
        "Separated attribute predictability: how well a factor is told from its best dimension alone less from the "
        "second; squared correlation of numbers, balanced accuracy of kinds (Kumar et al. 2018, section 3)",
    ),
)


class FactorMatrix(MatrixView):
    """A row for each factor, a column for each dimension, first the one that is looked at first."""

    LARGEST = 40

    def __init__(self) -> None:
        super().__init__("Factor by dimension")
        self._shares = np.zeros((0, 0))
        self._saying, self._most = "", 1.0
        self.order = np.zeros(0, int)
        self.chosen = -1  # a dimension

    def show_shares(self, factors: tuple[str, ...], shares: np.ndarray, order: np.ndarray, saying: str) -> None:
        """shares are (F, D), 0 to 1; order (D,) the dimensions from left to right."""
        self._shares, self.order, self._saying = shares, order, saying
        self._most = max(_PALEST, float(shares.max(initial=0)))
        self.set_names(tuple(name.replace("_", " ") for name in factors), tuple(f"z{subscript(d)}" for d in order))

    @property
    def most(self) -> float:
        """The share that has the full colour."""
        return self._most

    def choose(self, dim: int) -> None:
        self.chosen = dim
        self.update()

    def says(self, row: int, column: int) -> str:
        share = float(self._shares[row, self.order[column]])
        return self._saying.format(dim=self.columns[column], factor=self.rows[row], share=share)

    def paint_cell(self, painter: QPainter, place: QRectF, row: int, column: int) -> None:
        c, share = theme.colors(), min(1.0, max(0.0, float(self._shares[row, self.order[column]])))
        color = QColor(c.curves[0])
        color.setAlphaF(share / self._most)
        painter.fillRect(place, QColor(c.hover if self.order[column] == self.chosen else c.surface))
        painter.fillRect(place, color)
        if place.width() >= 34 and share >= 0.005:
            painter.setPen(QColor(c.on_accent if share > 0.5 * self._most else c.text))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{share:.2f}".removeprefix("0"))


class Factors(Page):
    title: ClassVar[str] = "Dimension by dimension"
    dimension_chosen = Signal(int)

    def __init__(self, traversal: Traversal) -> None:
        self.scores = {name: QLabel() for name, *_ in _SCORES}
        self.matrix, self.told, self.traversal = FactorMatrix(), Elided(), traversal
        self.measure, self.order = QComboBox(), QComboBox()
        super().__init__(self._whole())
        self._found: Disentangled | None = None
        self._kl: np.ndarray | None = None
        self.matrix.told.connect(lambda words: self.told.setText(words or self._hint()))
        self.matrix.picked.connect(self._pick)
        self.measure.currentIndexChanged.connect(lambda _: self._show())
        self.order.currentIndexChanged.connect(lambda _: self._show())

    def show_found(self, found: Disentangled) -> None:
        self._found = found
        for name, label in self.scores.items():
            label.setText(f"<b>{found.values[name].value:.2f}</b>")
        self._show()
        self.show_whole()

    def set_kl(self, kl: np.ndarray | None) -> None:
        """Of each dimension, (D,), in nats; None where a model has none."""
        self._kl = kl
        self._show()

    def _show(self) -> None:
        found = self._found
        if found is None:
            return
        key = self.measure.currentData()
        shares = getattr(found, key)
        self.matrix.show_shares(found.factors, shares, self._ordered(found), _MEASURES[key][1])
        self.told.setText(self._hint())

    def _ordered(self, found: Disentangled) -> np.ndarray:
        weight = {
            "kl": self._kl,
            "information": found.information.sum(0),
            "set": -np.arange(found.information.shape[1]),
        }
        by = weight[self.order.currentData()]
        if by is None or len(by) != found.information.shape[1]:
            by = weight["information"]
        assert by is not None
        return np.argsort(-by, kind="stable")

    def _hint(self) -> str:
        return f"Full colour is {self.matrix.most:.2f}. Click a cell to see its dimension at work on the image in hand."

    def _pick(self, row: int, column: int) -> None:
        dim = int(self.matrix.order[column])
        self.show_dimension(
            dim, f"{self.matrix.columns[column]}, for “{self.matrix.rows[row]}”, from the image in hand"
        )
        self.dimension_chosen.emit(dim)

    def show_dimension(self, dim: int, why: str) -> None:
        self.matrix.choose(dim)
        self.traversal.show_dimension(dim, why)
        self.traversal.setVisible(dim >= 0)

    def _whole(self) -> QWidget:
        numbers, choices = Wrap(spacing=12), Wrap()
        for name, text, tip in _SCORES:
            heading = QLabel(text)
            heading.setProperty("role", "muted")
            pair = together(heading, self.scores[name], spacing=6)
            for part in (pair, heading, self.scores[name]):
                part.setToolTip(f"<p>{tip.replace('&', '&amp;')}</p>")
            pair.setAccessibleName(text)
            pair.setAccessibleDescription(tip)
            numbers.addWidget(pair)
        for box, name, tip, entries in (
            (self.measure, "Cells", "What the cells show", {key: text for key, (text, _) in _MEASURES.items()}),
            (self.order, "Dimensions by", "Which dimension comes first", _ORDERS),
        ):
            for key, text in entries.items():
                box.addItem(text, key)
            box.setToolTip(tip)
            box.setAccessibleName(name)
            choices.addWidget(named(name, box))
        column = QVBoxLayout(whole := QWidget())
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(numbers)
        column.addLayout(choices)
        column.addWidget(self.told)
        column.addWidget(self.matrix.scrolled(), 1)
        column.addWidget(self.traversal)
        self.traversal.hide()
        return whole
