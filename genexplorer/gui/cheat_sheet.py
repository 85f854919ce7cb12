"""Every shortcut that works in the window, to be searched: Help → Shortcuts, or ?."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

_OF_WIDGETS = (  # what a widget does with keys by itself, once it has the focus
    ("Sliders", "Step", "←, →"),
    ("Sliders", "Fine step", "Shift+←, Shift+→"),
    ("Sliders", "Back to 0", "Del"),
    ("Sliders", "Lock", "L"),
)


def shortcuts(window: QWidget) -> list[tuple[str, str, str]]:
    """Where it works, what it does, and its keys, in the order of the window; each once."""
    found: dict[tuple[str, str, str], None] = {}
    for action in window.findChildren(QAction):
        keys = ", ".join(
            key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts() if not key.isEmpty()
        )
        if keys and action.text():
            found[_place(action), action.text().replace("&", "").rstrip("…"), keys] = None
    return sorted(found)


def _place(action: QAction) -> str:
    """The title of what it belongs to: a panel's, a dock's, or the window itself."""
    owner = action.parent()
    while isinstance(owner, QWidget) and not owner.isWindow():
        title = getattr(owner, "title", "") or owner.accessibleName() or owner.windowTitle()
        if isinstance(title, str) and title:
            return title
        owner = owner.parent()
    return "Everywhere"


class CheatSheet(QDialog):
    """A list that shrinks to what is typed."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setWindowTitle("Shortcuts")
        self.resize(560, 560)
        self.search = QLineEdit(placeholderText="Type to search", clearButtonEnabled=True)
        self.search.setAccessibleName("Search shortcuts")
        self.list = QTreeWidget()
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setHeaderLabels(["What it does", "Keys", "Where"])
        self.list.setAccessibleName("Shortcuts")
        self.list.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.header().setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        for place, text, keys in [*shortcuts(window), *_OF_WIDGETS]:
            self.list.addTopLevelItem(QTreeWidgetItem([text, keys, place]))
        self.search.textChanged.connect(self.narrow)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        self.search.setFocus()

    def narrow(self, words: str) -> None:
        """Show only the rows in which all these words stand."""
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            assert item is not None
            line = " ".join(item.text(column) for column in range(3)).casefold()
            item.setHidden(not all(word in line for word in words.casefold().split()))

    def shown(self) -> list[str]:
        """What the rows that are to be seen do."""
        rows = (self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount()))
        return [item.text(0) for item in rows if item is not None and not item.isHidden()]


def cheat_sheet_action(window: QWidget) -> QAction:
    """Opens the sheet."""
    action = QAction("Shortcuts…", window)
    action.setShortcuts([QKeySequence("?"), QKeySequence("F1")])
    action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
    action.triggered.connect(lambda: CheatSheet(window).open())
    return action
