"""The errors of a gallery in numbers: of all images, and per class of the label that is chosen."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from genexplorer.core.data import Label
from genexplorer.engine.reconstruct import Gallery, by_class, psnr

from .class_errors import ClassErrors
from .column_area import ColumnArea


class ErrorSummary(QWidget):
    """A table, and bars for the classes; which of them is to be shown alone is in `classes.only`."""

    label_chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._labels: tuple[Label, ...] = ()
        self.table = QLabel(wordWrap=True)
        self.table.setTextFormat(Qt.TextFormat.RichText)
        self.table.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.choice = QComboBox()
        self.choice.setToolTip("Which label divides the images into classes")
        self.choice.setAccessibleName("Label")
        self.choice.currentIndexChanged.connect(self._choose)
        self.classes = ClassErrors()
        self._heading = QLabel(wordWrap=True)
        self._heading.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.table)
        column.addWidget(self._heading)
        column.addWidget(self.choice)
        column.addWidget(ColumnArea(self.classes), 1)
        self.setMinimumWidth(256)

    def set_labels(self, labels: tuple[Label, ...]) -> None:
        """Offer those that divide images into classes; the chosen one stays where it is there again."""
        kept = self.choice.currentText()
        self._labels = labels
        self.choice.blockSignals(True)
        self.choice.clear()
        for index, label in enumerate(labels):
            if label.kind != "number":
                self.choice.addItem(label.name.replace("_", " "), index)
        self.choice.setCurrentIndex(max(0, self.choice.findText(kept)) if self.choice.count() else -1)
        self.choice.blockSignals(False)

    def show_gallery(self, gallery: Gallery | None) -> None:
        column = None if gallery is None else self.column(gallery)
        if gallery is None or column is None:
            self.classes.set_rows(())
        else:
            pca = gallery["pca_mse"] if gallery.by_pca else None
            self.classes.set_rows(by_class(self._labels[self.choice.currentData()], column, gallery["mse"], pca))
        self.table.setText(told(gallery) if gallery is not None else "")
        by_pca = gallery is not None and gallery.by_pca
        self._heading.setText(f"Error per class (MSE){', PCA below' if by_pca else ''}")
        self._heading.setVisible(bool(self.classes.rows))
        self.choice.setVisible(self.choice.count() > 1)

    def column(self, gallery: Gallery) -> np.ndarray | None:
        """The labels by which images are divided, (N,)."""
        which = self.choice.currentData()
        return None if which is None or not gallery.labelled else gallery["labels"][:, which]

    def kind(self, gallery: Gallery, nth: int) -> str:
        """The name of an image's class; empty where nothing is known of classes."""
        column = self.column(gallery)
        index = None if column is None else round(float(column[nth]))
        return next((row.name for row in self.classes.rows if row.index == index), "")

    def _choose(self) -> None:
        self.classes.only = None
        self.label_chosen.emit()


def told(gallery: Gallery) -> str:
    """The errors of all images in a small table."""
    errors = {"Model": gallery["mse"]} | ({"PCA": gallery["pca_mse"]} if gallery.by_pca else {})
    columns = [("", "MSE, 0 to 1", "±", "PSNR"), *((name, *_figures(mse)) for name, mse in errors.items())]
    rows = "".join(
        f"<tr><td>{title}</td>{''.join(f'<td align=right>&nbsp;&nbsp;{figure}</td>' for figure in figures)}</tr>"
        for title, *figures in zip(*columns, strict=True)
    )
    among = f" of {gallery.of:,}" if len(gallery) < gallery.of else ""
    kind = "test" if gallery.whole else "example"
    text = f"<b>{len(gallery):,}</b>{among} {kind} images<table cellpadding=1>{rows}</table>"
    if gallery.by_pca and gallery.pca is not None:
        return (
            f"{text}The model is closer in {int((gallery['mse'] < gallery['pca_mse']).sum()):,} of them. PCA has "
            f"{gallery.pca.components} numbers too, fitted to {gallery.pca.fitted:,} training images."
        )
    return text if gallery.whole else f"{text}Load the data to see the whole test set, and PCA beside it."


def _figures(mse: np.ndarray) -> tuple[str, str, str]:
    """The mean with its standard error, in as many digits as that tells, and the PSNR of the mean."""
    mean, spread = float(mse.mean()), float(mse.std() / np.sqrt(len(mse)))
    digits = max(4, -int(np.floor(np.log10(max(spread, 1e-6)))))
    return f"<b>{mean:.{digits}f}</b>", f"{spread:.{digits}f}", f"<b>{psnr(mean):.1f}</b>&nbsp;dB"
