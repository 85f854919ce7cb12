"""What samples are drawn from: one to four sources at once, and how many Gaussians a mixture has."""

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QSpinBox, QToolButton, QWidget

from genexplorer.engine.sampling import Source

from .wrap import Wrap, named

SOURCES: dict[Source, tuple[str, str]] = {
    "model": ("Own samples", "What the model itself draws"),
    "prior": ("N(0, I)", "Images of codes drawn from N(0, I), wherever real codes lie"),
    "gaussian": ("Gaussian", "Of codes drawn from a Gaussian with the mean and full covariance of real images' codes"),
    "mixture": ("Mixture", "Of codes drawn from a mixture of Gaussians fitted to real images' codes"),
    "images": ("Real codes", "Of codes that real images have: the best that any density of codes could give"),
}
_MOST = 4


class SourceBar(QWidget):
    """Another one beyond four takes the place of the one chosen first; the last one stays."""

    changed = Signal()

    def __init__(self, owner: QWidget) -> None:
        super().__init__()
        self.actions_of: dict[Source, QAction] = {}
        self._chosen: list[Source] = []
        frame = QFrame()
        frame.setProperty("role", "segments")
        row = QHBoxLayout(frame)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        self._buttons: dict[Source, QToolButton] = {}
        for key, (source, (text, does)) in enumerate(SOURCES.items(), 1):
            action = QAction(text, owner, checkable=True, shortcut=QKeySequence(str(key)))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setToolTip(f"{does} ({key})")
            action.triggered.connect(lambda _, source=source: self._toggle(source))
            owner.addAction(action)
            button = QToolButton()
            button.setDefaultAction(action)
            button.setProperty("segment", True)
            button.setAccessibleName(text)
            row.addWidget(button)
            self.actions_of[source], self._buttons[source] = action, button
        self.clusters = QSpinBox(minimum=1, maximum=64, value=10)
        self.clusters.setKeyboardTracking(False)
        self.clusters.setToolTip("How many Gaussians the mixture has")
        self.clusters.setAccessibleName("Gaussians of the mixture")
        self.clusters.valueChanged.connect(self.changed)
        self._mixed = named("K", self.clusters)
        policy = self.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Maximum)  # what a wide window has to spare is not for it
        self.setSizePolicy(policy)
        line = Wrap(self)
        line.addWidget(frame)
        line.addWidget(self._mixed)

    def chosen(self) -> tuple[Source, ...]:
        """In the bar's order."""
        return tuple(source for source in SOURCES if source in self._chosen)

    def offer(self, sources: Collection[Source]) -> None:
        """Only these can be chosen; where none of them is, the model's own samples or N(0, I), and what is fitted."""
        first: Source = "model" if "model" in sources else "prior"
        if not set(self._chosen) & set(sources) or not set(self._chosen) <= {*sources, "model"}:
            self._chosen = [s for s in (first, "gaussian", "mixture", "images") if s in sources]
        for source, action in self.actions_of.items():
            action.setVisible(source in sources or source == "model")
            self._buttons[source].setVisible(action.isVisible())
        self._show()

    def begin(self, sources: Collection[Source]) -> None:
        """Another model: its own samples stand first, or N(0, I) where it has none."""
        self._chosen = []
        self.offer(sources)

    def _toggle(self, source: Source) -> None:
        if source not in self._chosen:
            self._chosen = [*self._chosen, source][-_MOST:]
        elif len(self._chosen) > 1:
            self._chosen.remove(source)
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        for source, action in self.actions_of.items():
            action.setChecked(source in self._chosen)
        self._mixed.setVisible("mixture" in self._chosen)
