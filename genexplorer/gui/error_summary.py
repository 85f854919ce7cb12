"""The errors of a gallery in numbers: of all images, and per class of the label that is chosen."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QScrollArea, QVBoxLayout, QWidget

from genexplorer.core.data import Label
from genexplorer.engine.reconstruct import Gallery, by_class, psnr

from .class_errors import ClassErrors


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
        self._heading = QLabel("Error per class (MSE), PCA below")
        self._heading.setProperty("role", "muted")
        area = QScrollArea(widgetResizable=True)
        area.setWidget(self.classes)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.table)
        column.addWidget(self._heading)
        column.addWidget(self.choice)
        column.addWidget(area, 1)
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
    mse, rows = gallery["mse"], []
    among = f" of {gallery.of:,}" if len(gallery) < gallery.of else ""
    for name, errors in (("Model", mse), *((("PCA", gallery["pca_mse"]),) if gallery.by_pca else ())):
        spread = float(errors.std() / np.sqrt(len(errors)))
        mean, digits = float(errors.mean()), max(4, -int(np.floor(np.log10(max(spread, 1e-6)))))
        rows.append(
            f"<tr><td>{name}</td><td align=right>&nbsp;<b>{mean:.{digits}f}</b>&nbsp;±&nbsp;{spread:.{digits}f}</td>"
            f"<td align=right>&nbsp;<b>{psnr(mean):.1f}</b>&nbsp;dB</td></tr>"
        )
    text = (
        f"<b>{len(gallery):,}</b>{among} {'test' if gallery.whole else 'example'} images<table cellpadding=1>"
        f"<tr><td></td><td align=right>MSE, 0 to 1</td><td align=right>PSNR</td></tr>{''.join(rows)}</table>"
    )
    if gallery.by_pca and gallery.pca is not None:
        return (
            f"{text}The model is closer in {int((mse < gallery['pca_mse']).sum()):,} of them. PCA has "
            f"{gallery.pca.components} numbers too, fitted to {gallery.pca.fitted:,} training images."
        )
    return text if gallery.whole else f"{text}Load the data to see the whole test set, and PCA beside it."
