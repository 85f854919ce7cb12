"""Numbers of one or two images in columns: their bound, and what it is made of."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from genexplorer.engine.density import Density

from .density_words import signed, with_error

_ROWS = {
    "best": (
        "log p(x) ≥",
        "The bound with all draws in one estimate, and its standard error: L_K of Burda et al. 2016",
    ),
    "bits": ("bits / dimension", "−log p(x) / (D log 2), D numbers in an image"),
    "elbo": ("ELBO", "The bound that it was trained with: the mean of the log weights (Kingma & Welling 2014, eq. 3)"),
    "explained": ("E log p(x | z)", "Reconstruction: how well codes of this image explain it"),
    "kl": ("− KL(q ‖ p)", "What its code costs: how far q(z | x) is from the prior N(0, I)"),
    "effective": ("draws that count", "(Σ w)² / Σ w²: of few, the error is understated, and more draws would raise it"),
}


class DensityTable(QWidget):
    """All in nats but the bits and the draws."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        self._heads = [QLabel("x₁"), QLabel("x₂")]
        self._cells: dict[str, list[QLabel]] = {}
        for column, head in enumerate(self._heads):
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            head.setProperty("role", "muted")
            grid.addWidget(head, 0, column + 1)
        for row, (key, (name, tip)) in enumerate(_ROWS.items()):
            label = QLabel(name)
            label.setToolTip(tip)
            label.setProperty("role", "title" if key == "best" else "muted")
            grid.addWidget(label, row + 1, 0)
            self._cells[key] = [QLabel("–"), QLabel()]
            for column, cell in enumerate(self._cells[key]):
                cell.setAlignment(Qt.AlignmentFlag.AlignRight)
                cell.setToolTip(tip)
                cell.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                cell.setAccessibleName(f"{name}, x{'₁₂'[column]}")
                if key == "best":
                    cell.setProperty("role", "title")
                grid.addWidget(cell, row + 1, column + 1)

    def show_densities(self, densities: Sequence[Density], images: int) -> None:
        """None or one for each image; – while it is not known."""
        for column in range(2):
            self._heads[column].setVisible(images > 1)
            known = densities[column] if column < len(densities) else None
            for key, cells in self._cells.items():
                cells[column].setVisible(column < max(1, images))
                cells[column].setText("–" if known is None else _said(known, key))

    def text(self, key: str, column: int = 0) -> str:
        return self._cells[key][column].text()


def _said(density: Density, key: str) -> str:
    match key:
        case "best":
            return with_error(density.best)
        case "bits":
            return signed(density.bits(density.best.value), 3)
        case "elbo":
            return with_error(density.elbo)
        case "explained":
            return with_error(density.explained)
        case "kl":
            return f"−{with_error(density.kl)}"
        case _:
            return f"{density.effective:,.1f} of {density.draws:,}" if density.bounds else "–"
