"""How a map is laid out and coloured, one row above it; and how it is handled, a corner of it."""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QSpinBox, QToolButton, QWidget

from .icons import icon
from .scatter import Mode
from .segments import Segments

Kind = Literal["pca", "dims", "tsne"]
_KINDS: tuple[tuple[Kind, str], ...] = (("pca", "PCA"), ("dims", "Dimensions"), ("tsne", "t-SNE"))
_MODES: tuple[tuple[Mode, str, str], ...] = (
    ("pan", "Pan", "Drag moves the map, the wheel zooms"),
    ("path", "Path", "Drag draws a path; Enter adds the middle of the map to it"),
    ("lasso", "Lasso", "Drag around images to select them; Enter selects all in view"),
)


class MapControls(QWidget):
    """Says what a person chose; knows nothing of codes."""

    laid = Signal()  # `kind` or `dims` changed
    colored = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.layout_choice, self.color_choice = QComboBox(), QComboBox()
        for _, text in _KINDS:
            self.layout_choice.addItem(text)
        self.layout_choice.setToolTip("How codes are laid on the plane")
        self.layout_choice.setAccessibleName("Layout of the map")
        self.layout_choice.currentIndexChanged.connect(self._lay)
        self.dims = [self._spin("across"), self._spin("up")]
        self.color_choice.setToolTip("What the colours of the points tell")
        self.color_choice.setAccessibleName("Colour of the points")
        self.color_choice.setMinimumContentsLength(14)
        self.color_choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.color_choice.currentIndexChanged.connect(lambda _: self.colored.emit())
        label = QLabel("Colour")
        label.setProperty("role", "muted")
        label.setBuddy(self.color_choice)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.layout_choice)
        for spin in self.dims:
            row.addWidget(spin)
        row.addStretch(1)
        row.addWidget(label)
        row.addWidget(self.color_choice)

    @property
    def kind(self) -> Kind:
        return _KINDS[self.layout_choice.currentIndex()][0]

    def set_dims(self, dim: int, chosen: tuple[int, int] | None = None) -> None:
        """There are `dim` to choose from."""
        for spin, value in zip(self.dims, chosen or (0, 1), strict=True):
            with QSignalBlocker(spin):
                spin.setMaximum(max(dim - 1, 0))
                spin.setValue(value)

    def set_colors(self, names: Sequence[str], chosen: int) -> None:
        """What there is to colour by; what was chosen before stays chosen where it is there again."""
        before = self.color_choice.currentText()
        with QSignalBlocker(self.color_choice):
            self.color_choice.clear()
            self.color_choice.addItems(list(names))
            found = self.color_choice.findText(before)
            self.color_choice.setCurrentIndex(found if found >= 0 else chosen)

    def _spin(self, way: str) -> QSpinBox:
        spin = QSpinBox(prefix="z", minimum=0, maximum=0)
        spin.setToolTip(f"The dimension that runs {way}")
        spin.setAccessibleName(f"Dimension {way}")
        spin.setKeyboardTracking(False)
        spin.hide()
        spin.valueChanged.connect(lambda _: self.laid.emit())
        return spin

    def _lay(self) -> None:
        for spin in self.dims:
            spin.setVisible(self.kind == "dims")
        self.laid.emit()


class MapTools(QFrame):
    """What a drag does, whether images lie beneath, and the way back to the whole map."""

    mode_changed = Signal(str)
    ground_toggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.modes = Segments([(text, does, str(n + 1)) for n, (_, text, does) in enumerate(_MODES)])
        self.modes.chosen.connect(self._mode)
        self.ground = QToolButton()
        self.ground.setIcon(icon("image"))
        self.ground.setCheckable(True)
        self.ground.setChecked(True)
        self.ground.setToolTip("Draw beneath the points what the model makes of each place")
        self.ground.setAccessibleName("Images beneath the points")
        self.ground.toggled.connect(self.ground_toggled)
        self.fit = QToolButton()
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 4, 4)
        row.setSpacing(4)
        for widget in (self.modes, self.ground, self.fit):
            row.addWidget(widget)

    def mode_actions(self) -> list[QAction]:
        """The modes by their keys."""
        actions = []
        for n, (_, text, _) in enumerate(_MODES):
            action = QAction(text, self)
            action.setShortcut(str(n + 1))
            action.triggered.connect(lambda _=False, n=n: self._choose(n))
            actions.append(action)
        return actions

    def _choose(self, number: int) -> None:
        self.modes.choose(number)
        self._mode(number)

    def _mode(self, number: int) -> None:
        self.mode_changed.emit(_MODES[number][0])
