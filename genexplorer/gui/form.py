"""A form made from a recipe: each field is declared once, there, and its editor, bounds and help follow."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QWidget

from ..core.errors import UserError
from ..core.recipe import Recipe
from .editors import Editor, editor_for, format_number
from .icons import icon


@dataclass(frozen=True)
class _Row:
    default: Any
    untouched: Any  # how the editor reads the default: a tuple's numbers are still words there
    advanced: bool
    editor: Editor
    label: QLabel
    reset: QToolButton
    problem: QLabel

    def show(self, visible: bool) -> None:
        self.label.setVisible(visible)
        self.editor.widget.setVisible(visible)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(visible)
        self.reset.setSizePolicy(policy)
        self.reset.setVisible(visible and self.differs())
        self.problem.setVisible(visible and bool(self.problem.text()))

    def differs(self) -> bool:
        return bool(self.editor.read() != self.untouched)


class RecipeForm(QWidget):
    """Shows and edits one recipe. What is wrong is said under its field, in the recipe's own words.

    An arrow beside a field's name says that it differs from its default, and takes it back. With `only`, just these
    fields are shown, in this order, and the others stay as the recipe has them.
    """

    changed = Signal()

    def __init__(
        self, cls: type[Recipe] | None = None, parent: QWidget | None = None, only: Collection[str] = ()
    ) -> None:
        super().__init__(parent)
        self._only, self._others = only, dict[str, Any]()
        self._cls: type[Recipe] = Recipe
        self._rows: dict[str, _Row] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(2, 1)
        self._grid.setColumnMinimumWidth(0, self.fontMetrics().horizontalAdvance("Preview every"))
        self._fold = QToolButton()
        self._fold.setText("Advanced")
        self._fold.setCheckable(True)
        self._fold.setProperty("fold", True)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setToolTip("Settings that rarely need a change")
        self._fold.toggled.connect(self._unfold)
        self._trouble = _sentence()
        if cls is not None:
            self.set_recipe_class(cls)

    def recipe_class(self) -> type[Recipe]:
        return self._cls

    def set_recipe_class(self, cls: type[Recipe]) -> None:
        """A new form, with every field at its default."""
        self._cls = cls
        for row in self._rows.values():
            for widget in (row.label, row.editor.widget, row.reset, row.problem):
                self._grid.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        fields = cls.model_fields
        shown = {name: fields[name] for name in self._only or fields if name in fields}
        self._rows, self._others = {name: self._make(name, field) for name, field in shown.items()}, {}
        self._lay_out()
        self._unfold(self._fold.isChecked())
        self._judge()

    def set_recipe(self, recipe: Recipe) -> None:
        """Show a recipe; `changed` stays silent, for no person changed anything."""
        if type(recipe) is not self._cls:
            self.set_recipe_class(type(recipe))
        self._keep_others(recipe)
        for name, row in self._rows.items():
            row.editor.write(getattr(recipe, name))
        if any(row.advanced and row.differs() for row in self._rows.values()):
            self._fold.setChecked(True)
        self._judge()

    def set_defaults(self, recipe: Recipe) -> None:
        """Other defaults; fields that stand at theirs follow, and `changed` stays silent."""
        self._keep_others(recipe)
        for name, row in self._rows.items():
            default, given = getattr(recipe, name), row.editor.read() if row.differs() else None
            row.editor.write(default)
            self._rows[name] = replace(row, default=default, untouched=row.editor.read())
            row.reset.setToolTip(_back_to(default))
            if given is not None:
                row.editor.write(given)
        self._judge()

    def values(self) -> dict[str, Any]:
        """What stands in the form, right or wrong."""
        return {name: row.editor.read() for name, row in self._rows.items()}

    def recipe(self) -> Recipe:
        """The recipe, or a UserError that says which field is wrong and why."""
        return self._cls.parse({**self._others, **self.values()})

    def _keep_others(self, recipe: Recipe) -> None:
        self._others = {name: getattr(recipe, name) for name in type(recipe).model_fields if name not in self._rows}

    def editor(self, name: str) -> QWidget:
        return self._rows[name].editor.widget

    def problem(self, name: str = "") -> str:
        """The sentence that is shown under a field, or under the whole form."""
        return self._rows[name].problem.text() if name else self._trouble.text()

    def _make(self, name: str, field: FieldInfo) -> _Row:
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        title, help_text = _title(name), field.description or ""
        editor, label, reset = editor_for(field), QLabel(title), QToolButton()
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        editor.write(default)
        row = _Row(
            default,
            editor.read(),
            bool(extra.get("advanced")),
            editor,
            label,
            reset,
            _sentence(),
        )
        target = editor.widget.focusProxy() or editor.widget
        label.setBuddy(target)
        for widget in {label, target, editor.widget}:
            widget.setToolTip(help_text)
        target.setAccessibleName(title)
        target.setAccessibleDescription(help_text)
        reset.setIcon(icon("arrow-counter-clockwise", "accent"))
        reset.setToolTip(_back_to(default))
        reset.setAccessibleName(f"Reset {title}")
        editor.listen(self._hear)
        reset.clicked.connect(lambda: self.reset(name))
        return row

    def _lay_out(self) -> None:
        ordered = sorted(self._rows.values(), key=lambda row: row.advanced)
        line, first = 0, next((row for row in ordered if row.advanced), None)
        for row in ordered:
            if row is first:
                self._grid.addWidget(self._fold, line, 0, 1, 3, Qt.AlignmentFlag.AlignLeft)
                line += 1
            self._grid.addWidget(row.label, line, 0)
            self._grid.addWidget(row.reset, line, 1)
            self._grid.addWidget(row.editor.widget, line, 2)
            self._grid.addWidget(row.problem, line + 1, 0, 1, 3)
            line += 2
        self._grid.addWidget(self._trouble, line, 0, 1, 3)
        self._fold.setVisible(first is not None)

    def _unfold(self, unfolded: bool) -> None:
        self._fold.setIcon(icon("caret-down" if unfolded else "caret-right"))
        for row in self._rows.values():
            row.show(unfolded or not row.advanced)

    def reset(self, name: str) -> None:
        """Take one field back to its default, as the arrow beside it does."""
        self._rows[name].editor.write(self._rows[name].default)
        self._hear()

    def _hear(self) -> None:
        self._judge()
        self.changed.emit()

    def _judge(self) -> None:
        wrong, words = self._verdict()
        self._trouble.setText(words if wrong == "" else "")
        self._trouble.setVisible(bool(self._trouble.text()))
        for name, row in self._rows.items():
            row.problem.setText(words if name == wrong else "")
            target = row.editor.widget.focusProxy() or row.editor.widget
            if bool(target.property("wrong")) != (name == wrong):
                target.setProperty("wrong", name == wrong)
                target.style().polish(target)
            row.show(self._fold.isChecked() or not row.advanced or name == wrong)

    def _verdict(self) -> tuple[str | None, str]:
        """The field that is wrong (empty: the whole) and the recipe's sentence about it; None if all is well."""
        try:
            self.recipe()
        except UserError as error:
            cause = error.__cause__
            place = cause.errors()[0]["loc"] if isinstance(cause, ValidationError) else ()
            words = str(error).removeprefix(f"{self._cls.name or self._cls.__name__}: ")
            field = str(place[0]) if place else ""
            words = _title(field) + words.removeprefix(field)
            return field, words[:1].upper() + words[1:]
        return None, ""


def _sentence() -> QLabel:
    label = QLabel(wordWrap=True)
    label.setProperty("role", "error")
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.hide()
    return label


def _title(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _back_to(default: Any) -> str:
    return f"Back to the default, {_readable(default)}"


def _readable(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "automatic" if value is None else format_number(value) if isinstance(value, int | float) else str(value)
