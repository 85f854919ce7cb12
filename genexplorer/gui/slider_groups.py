"""The sliders of the code in hand, by group: its numbers, the principal directions, and those with names."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.engine.axes import Axes, unit_axes
from genexplorer.engine.naming import Named, can_be_named

from .actions import buttons_of, local_action
from .axis_column import AxisColumn
from .code_conditions import CodeConditions
from .history_button import HistoryButton
from .icons import icon
from .named_bar import NamedBar
from .segments import Segments
from .session import Session
from .wrap import Wrap

GROUPS = ("dimensions", "principal", "named")


class SliderGroups(QWidget):
    """Named sliders come first where there are some, unless the person chose another group."""

    wanted = Signal(str)  # a group is shown whose axes nobody has told yet

    def __init__(self, session: Session, code_actions: list[QAction], history: list[QAction]) -> None:
        super().__init__()
        self._session, self._code = session, session.code
        self._axes: dict[str, Axes | None] = {}
        self._picked = False
        self._failed: set[str] = set()
        self.column = AxisColumn(session.code)
        self.choice = Segments(
            [
                ("Dimensions", "The numbers of the code, one by one", "1"),
                (
                    "Principal",
                    "The directions along which codes of real images, or what a generator draws, vary most",
                    "2",
                ),
                ("Named", "Directions found from the data set's labels, with what they change", "3"),
            ]
        )
        self.choice.chosen.connect(self._pick)
        self.named = NamedBar(session)
        self.named.found.connect(self.name)
        self.named.chosen.connect(lambda axis: self.reveal("named", axis))
        self.search = QLineEdit(placeholderText="Find a slider", clearButtonEnabled=True)
        self.search.setAccessibleName("Find a slider")
        self.search.setToolTip("Only sliders with this in their name (Ctrl+F)")
        self.search.textChanged.connect(self.column.filter)
        self.unlock = QToolButton()
        self.unlock.setIcon(icon("lock-simple-fill", "accent"))
        self.unlock.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.unlock.clicked.connect(self._code.let_go)
        self.strips_action = local_action(self, "Film strips", "film-strip", "F", "What each slider will do, below it")
        self.strips_action.setCheckable(True)
        self.strips_action.toggled.connect(self.column.set_strips)
        self.conditions = CodeConditions(session)
        self._lay_out(code_actions, history)
        self._code.held_changed.connect(self._count_locks)
        self._count_locks()

    def shown(self) -> str:
        return GROUPS[self.choice.choice()]

    def start(self, dim: int) -> None:
        """Another model's code: nothing is known of its directions but its own numbers."""
        self._picked = False
        self._failed.clear()
        self._axes = {"dimensions": unit_axes(dim) if dim else None}
        self.search.clear()
        self.named.show_named(None)
        self.choose("dimensions")

    def knows(self, group: str) -> bool:
        return group in self._axes

    def show_axes(self, group: str, axes: Axes | None) -> None:
        """What the sliders of a group go along; None: there is nothing to measure them on."""
        self._axes[group] = axes
        if self.shown() == group:
            self.choose(group)

    def give_up(self, group: str) -> None:
        """What was asked about a group has no answer."""
        self._failed.add(group)
        if self.shown() == group and not self.knows(group):
            self.column.show_axes(None, self._why_none(group))

    def name(self, checkpoint: Checkpoint, named: Named) -> None:
        """Show named sliders, unless another model has been opened since."""
        if checkpoint is self._session.checkpoint:
            self.named.show_named(named)
            self.show_axes("named", named.axes)

    def name_first(self, checkpoint: Checkpoint, named: Named) -> None:
        """Sliders that were named before."""
        self.name(checkpoint, named)
        if not self._picked:
            self.choose("named")

    def suggest(self, group: str) -> None:
        """A group to begin with, unless the person chose one, or there are named sliders."""
        if not self._picked and self.shown() == "dimensions":
            self.choose(group)

    def pick(self, group: str) -> None:
        """As a person does, who is not led elsewhere afterwards."""
        self._pick(GROUPS.index(group))

    def choose(self, group: str) -> None:
        self.choice.choose(GROUPS.index(group))
        if not self.knows(group):
            self._failed.discard(group)
            self.wanted.emit(group)
        self.named.setVisible(group == "named" and self.can_be_named())
        self.column.show_axes(self._axes.get(group), self._why_none(group))

    def can_be_named(self) -> bool:
        try:
            return self._session.checkpoint is not None and can_be_named(self._session.checkpoint)
        except UserError:
            return False  # the model cannot be built: whatever asks it something says why

    def shut(self) -> None:
        self.named.shut()

    def _pick(self, number: int) -> None:
        self._picked = True
        self.choose(GROUPS[number])

    def reveal(self, group: str, axis: int) -> None:
        """Go to one slider, from a table of what they do."""
        self.search.clear()
        self.pick(group)
        self.strips_action.setChecked(True)
        self.window().activateWindow()
        self.column.reveal(axis)

    def _why_none(self, group: str) -> str:
        """What to do, or wait for, while a group has no sliders."""
        if not len(self._code.z):
            return ""
        if group == "named":
            if not self.can_be_named():
                return self._why_no_names()
            return (
                "Nobody has named this model's sliders yet. “Name sliders” fits a direction for each label, keeps the "
                "one that changes least else, and measures what it does."
            )
        if group in self._failed:
            return "There is nothing to go along: what keeps these directions from being measured stands above."
        if not self.knows(group):
            return "Measuring …"
        return "No test images travel with this checkpoint, so there is nothing to measure directions on."

    def _why_no_names(self) -> str:
        checkpoint = self._session.checkpoint
        if checkpoint is not None and checkpoint.spec.labels:
            return (
                "All labels of this data set are conditions of this model: they are the last of its dimensions, and "
                "chosen there. Principal directions are what else changes."
            )
        return "Sliders are named after labels, and this data set has none. Principal directions need none."

    def _count_locks(self) -> None:
        names = self._code.held_names
        self.unlock.setText(f"{len(names)} locked")
        self.unlock.setAccessibleName(f"Unlock all {len(names)} sliders")
        self.unlock.setToolTip(f"Unlock {', '.join(names)}")
        self.unlock.setVisible(bool(names))

    def _lay_out(self, code_actions: list[QAction], history: list[QAction]) -> None:
        above, below = Wrap(spacing=4), QHBoxLayout()
        for button in buttons_of(*code_actions, texts=True):
            above.addWidget(button)
        above.addStretch()
        for button in (*buttons_of(*history), HistoryButton(self._code.history)):
            above.addWidget(button)
        below.setSpacing(8)
        below.addWidget(self.search, 1)
        for button in (self.unlock, *buttons_of(self.strips_action)):
            below.addWidget(button)
        side = QVBoxLayout(self)
        side.setContentsMargins(8, 0, 0, 0)
        side.setSpacing(8)
        side.addLayout(above)
        side.addWidget(self.conditions)
        side.addWidget(self.choice)
        side.addLayout(below)
        side.addWidget(self.named)
        side.addWidget(self.column, 1)
