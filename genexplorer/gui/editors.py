"""One editor per kind of setting. What cannot be read is handed on as typed, for the recipe says what is wrong."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QWidget,
)

from .icons import icon


@dataclass(frozen=True)
class Editor:
    """A widget that holds one value; `listen` is told of every change that a person makes."""

    widget: QWidget
    read: Callable[[], Any]
    write: Callable[[Any], None]
    listen: Callable[[Callable[[], None]], object]


def editor_for(field: FieldInfo) -> Editor:
    """The editor that suits the field's annotation and bounds."""
    kinds = [each for each in _alternatives(field.annotation) if each is not NoneType]
    optional = NoneType in _alternatives(field.annotation)
    kind = kinds[0] if len(kinds) == 1 else str
    extra = field.json_schema_extra
    unit = str(extra.get("unit") or "") if isinstance(extra, dict) else ""
    if get_origin(kind) is Literal:
        return _choice([(f"{each} {unit}".strip(), each) for each in get_args(kind)], optional)
    if kind is bool:
        return _choice([("yes", True), ("no", False)], optional) if optional else _check()
    if kind in (int, float):
        return _number(kind is int, *bounds(field), optional, unit)
    if isinstance(kind, type) and issubclass(kind, Path):
        return _path(optional)
    if get_origin(kind) in (tuple, list) or kind in (tuple, list):
        return _text(_join, _split, optional)
    return _text(str, str, optional)


def bounds(field: FieldInfo) -> tuple[float, float]:
    rules = {
        key: getattr(rule, key) for rule in field.metadata for key in ("ge", "gt", "le", "lt") if hasattr(rule, key)
    }
    low = max(rules.get("ge", -math.inf), rules.get("gt", -math.inf))
    return low, min(rules.get("le", math.inf), rules.get("lt", math.inf))


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def format_number(value: float) -> str:
    """As a person writes it: 0.0001 rather than 1e-04, 3 rather than 3.0; the very small and large keep a power."""
    if isinstance(value, int) or (math.isfinite(value) and (value == 0 or 1e-6 <= abs(value) < 1e9)):
        plain = format(Decimal(repr(value)), "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return f"{value:g}"


class NumberBox(QAbstractSpinBox):
    """A spin box without decimals to set: any way to write a number is read, and a step is one of its leading digit."""

    changed = Signal()

    def __init__(self, whole: bool, low: float = -math.inf, high: float = math.inf, unit: str = "") -> None:
        super().__init__()
        self._unit = QLabel(unit, self)
        self._unit.setProperty("role", "muted")
        self._unit.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._whole, self._low, self._high = whole, low, high
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().textEdited.connect(self.changed)

    def number(self) -> int | float | str:
        """What stands there; as text where it is no number."""
        text = self.lineEdit().text().strip().replace("−", "-")
        try:
            return int(text) if self._whole else float(text)
        except ValueError:
            return text

    def set_number(self, value: Any) -> None:
        self.lineEdit().setText(format_number(value) if isinstance(value, int | float) else str(value))

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        return QValidator.State.Acceptable, text, position

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        return QAbstractSpinBox.StepEnabledFlag.StepUpEnabled | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled

    def stepBy(self, steps: int) -> None:
        value = self.number()
        if isinstance(value, str) or not math.isfinite(value):
            return
        there = value + steps if self._whole else float(f"{value + steps * self._step(value, steps):.6g}")
        self.set_number(type(value)(min(max(there, self._low), self._high)))
        self.selectAll()
        self.changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room, line = self._unit.sizeHint().width() if self._unit.text() else 0, self.lineEdit()
        self._unit.setGeometry(line.geometry().right() - room - 4, 0, room, self.height())
        line.setTextMargins(7, 0, room + 6, 0)  # a style sheet's padding stops at the box around it

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()

    def _step(self, value: float, steps: int) -> float:
        if value == 0:
            return 0.1
        decade = 10.0 ** math.floor(math.log10(abs(value)) + 1e-9)
        towards_zero = value * steps < 0
        return decade / 10 if towards_zero and math.isclose(abs(value), decade) else decade


def _number(whole: bool, low: float, high: float, optional: bool, unit: str) -> Editor:
    box = NumberBox(whole, low, high, unit)
    box.lineEdit().setPlaceholderText("automatic" if optional else "")

    def read() -> Any:
        return None if optional and box.number() == "" else box.number()

    def write(value: Any) -> None:
        box.set_number("" if value is None else value)

    return Editor(box, read, write, box.changed.connect)


def _check() -> Editor:
    box = QCheckBox()
    return Editor(box, box.isChecked, box.setChecked, box.clicked.connect)


class _NoWheel(QObject):
    """Keeps a form that scrolls under the pointer from changing what it passes over."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def _choice(choices: list[tuple[str, Any]], optional: bool) -> Editor:
    box = QComboBox()
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.installEventFilter(_NoWheel(box))
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(4)
    choices = [("automatic", None), *choices] if optional else choices
    box.addItems([text for text, _ in choices])
    values = [value for _, value in choices]
    return Editor(
        box,
        lambda: values[box.currentIndex()],
        lambda value: box.setCurrentIndex(values.index(value) if value in values else 0),
        box.activated.connect,
    )


def _text(show: Callable[[Any], str], parse: Callable[[str], Any], optional: bool) -> Editor:
    line = QLineEdit()
    line.setPlaceholderText("none" if optional else "")
    return Editor(
        line,
        lambda: None if optional and not line.text().strip() else parse(line.text()),
        lambda value: line.setText("" if value is None else show(value)),
        line.textEdited.connect,
    )


def _path(optional: bool) -> Editor:
    text = _text(str, lambda typed: Path(typed.strip()).expanduser(), optional)
    both, button = QWidget(), QToolButton()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(text.widget, 1)
    row.addWidget(button)
    both.setFocusProxy(text.widget)
    text.widget.setAcceptDrops(False)  # it would take a folder for its address; the window knows better
    button.setIcon(icon("folder-open"))
    button.setToolTip("Choose a folder")
    button.setAccessibleName("Choose a folder")

    def listen(hear: Callable[[], None]) -> None:
        def browse() -> None:
            chosen = QFileDialog.getExistingDirectory(both, "Choose a folder", str(text.read() or ""))
            if chosen:
                text.write(Path(chosen))
                hear()

        text.listen(hear)
        button.clicked.connect(browse)

    return Editor(both, text.read, text.write, listen)


def _join(values: Any) -> str:
    return ", ".join(format_number(each) if isinstance(each, int | float) else str(each) for each in values)


def _split(text: str) -> tuple[str, ...]:
    """Words only: pydantic makes numbers of them, or says which one is none."""
    return tuple(part.strip() for part in text.strip("()[] ").split(",") if part.strip())
