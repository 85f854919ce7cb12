from pathlib import Path
from typing import Literal, Self

import pytest
from pydantic import model_validator
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLabel, QLineEdit, QToolButton, QWidget

from genexplorer.core.errors import UserError
from genexplorer.core.recipe import Recipe, knob
from genexplorer.engine.settings import TrainRecipe
from genexplorer.gui.editors import NumberBox, format_number
from genexplorer.gui.form import RecipeForm


class Everything(Recipe):
    name = "everything"
    z_dim: int = knob(8, "Size of the code", ge=1, le=64)
    beta: float = knob(1.0, "Weight of the KL term", ge=0)
    augment: bool = knob(False, "Flip images")
    likelihood: Literal["gaussian", "bernoulli"] = knob("gaussian", "How a pixel is scored")
    folder: Path = knob(Path("images"), "Where the images are")
    learning_rate: float = knob(1e-4, "Step of the optimizer", gt=0, le=1, advanced=True)
    widths: tuple[int, ...] = knob((32, 64), "Channels of each level", advanced=True)
    clip: float | None = knob(None, "Largest gradient", gt=0, unit="norm", advanced=True)

    @model_validator(mode="after")
    def check(self) -> Self:
        if self.z_dim == 13:
            raise ValueError("thirteen brings bad luck; choose another size.")
        return self


class Small(Recipe):
    name = "small"
    title: str = knob("run", "What to call it")


class Sized(Recipe):
    name = "sized"
    side: Literal[28, 32] = knob(28, "Side of a picture", unit="px")
    batch: int = knob(128, "Pictures in a batch", ge=1, unit="images")


@pytest.fixture
def form(qtbot) -> RecipeForm:
    made = RecipeForm(Everything)
    qtbot.addWidget(made)
    made.resize(420, 600)
    made.show()
    return made


def type_in(qtbot, widget: QWidget, text: str) -> None:
    line = widget if isinstance(widget, QLineEdit) else widget.findChild(QLineEdit)
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClicks(line, text)


def reset_button(form: RecipeForm, title: str) -> QToolButton:
    return next(each for each in form.findChildren(QToolButton) if each.accessibleName() == f"Reset {title}")


def test_an_untouched_form_is_the_default_recipe(form) -> None:
    assert form.recipe() == Everything()
    assert not any(reset_button(form, title).isVisible() for title in ("Z dim", "Beta", "Widths"))


def test_what_is_typed_is_in_the_recipe(form, qtbot) -> None:
    with qtbot.waitSignal(form.changed):
        type_in(qtbot, form.editor("z_dim"), "16")
    type_in(qtbot, form.editor("learning_rate"), "3e-5")
    type_in(qtbot, form.editor("widths"), "16, 32, 64")
    type_in(qtbot, form.editor("clip"), "0.5")
    type_in(qtbot, form.editor("folder"), "/data/faces")
    qtbot.keyClick(form.editor("augment"), Qt.Key.Key_Space)
    qtbot.keyClick(form.editor("likelihood"), Qt.Key.Key_Down)
    made = form.recipe()
    assert (made.z_dim, made.learning_rate, made.widths, made.clip) == (16, 3e-5, (16, 32, 64), 0.5)
    assert made.augment and made.folder == Path("/data/faces") and made.likelihood == "bernoulli"


def test_a_learning_rate_reads_as_a_person_writes_it() -> None:
    shown = [1e-4, 0.1, 3.0, 12, 5e-8, 0.0, -2.5, 2**40, float("inf")]
    assert [format_number(each) for each in shown] == [
        "0.0001", "0.1", "3", "12", "5e-08", "0", "-2.5", "1099511627776", "inf",
    ]  # fmt: skip


def test_steps_go_with_the_leading_digit_and_stay_in_bounds(form, qtbot) -> None:
    rate, size = form.editor("learning_rate"), form.editor("z_dim")
    for step, text in [(1, "0.0002"), (-1, "0.0001"), (-1, "0.00009")]:
        rate.stepBy(step)
        assert rate.text() == text
    qtbot.keyClick(size, Qt.Key.Key_Up)
    assert size.text() == "9"
    size.stepBy(1000)
    assert size.text() == "64"


@pytest.mark.parametrize("text", ["", "many", "0", "2.5"])
def test_what_is_wrong_is_said_under_its_field(form, qtbot, text: str) -> None:
    type_in(qtbot, form.editor("z_dim"), text)
    said = form.problem("z_dim")
    assert said.startswith("Z dim should be")
    assert any(label.text() == said and label.isVisible() for label in form.findChildren(QLabel))
    assert not form.problem("beta")
    with pytest.raises(UserError):
        form.recipe()
    type_in(qtbot, form.editor("z_dim"), "4")
    assert not form.problem("z_dim") and form.recipe().z_dim == 4


def test_what_is_wrong_with_the_whole_is_said_below(form, qtbot) -> None:
    type_in(qtbot, form.editor("z_dim"), "13")
    assert "bad luck" in form.problem()


def test_a_changed_field_is_marked_and_can_be_taken_back(form, qtbot) -> None:
    type_in(qtbot, form.editor("beta"), "4")
    button = reset_button(form, "Beta")
    assert button.isVisible() and "1" in button.toolTip()
    with qtbot.waitSignal(form.changed):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert form.recipe().beta == 1 and not button.isVisible()


def test_advanced_fields_are_folded_until_asked_for(form, qtbot) -> None:
    fold = next(each for each in form.findChildren(QToolButton) if each.text() == "Advanced")
    assert not form.editor("widths").isVisible() and form.editor("beta").isVisible()
    qtbot.mouseClick(fold, Qt.MouseButton.LeftButton)
    assert form.editor("widths").isVisible()


def test_folded_fields_take_no_room(form, qtbot) -> None:
    fold = next(each for each in form.findChildren(QToolButton) if each.text() == "Advanced")
    assert form.sizeHint().height() - fold.geometry().bottom() < 20
    rights = {form.editor(name).geometry().right() for name in ("z_dim", "beta", "likelihood", "folder")}
    lefts = {form.editor(name).geometry().left() for name in ("z_dim", "beta", "likelihood", "folder")}
    assert len(rights) == len(lefts) == 1


def test_units_stand_in_the_fields_and_not_in_the_values(form, qtbot) -> None:
    form.set_recipe_class(Sized)
    side, batch = form.editor("side"), form.editor("batch")
    assert side.currentText() == "28 px" and form.values() == {"side": 28, "batch": 128}
    unit = next(label for label in batch.findChildren(QLabel) if label.text() == "images")
    typed = batch.lineEdit()
    type_in(qtbot, batch, "100000")
    assert unit.isVisible() and form.recipe().batch == 100_000
    free = typed.geometry().left() + typed.textMargins().left() + typed.fontMetrics().horizontalAdvance("100000")
    assert free < unit.geometry().left() and unit.geometry().right() <= typed.geometry().right()


def test_a_recipe_is_shown_without_a_signal_and_its_advanced_changes_are_seen(form, qtbot) -> None:
    with qtbot.assertNotEmitted(form.changed):
        form.set_recipe(Everything(z_dim=2, widths=(8,), clip=1.0, augment=True))
    assert form.recipe() == Everything(z_dim=2, widths=(8,), clip=1.0, augment=True)
    assert form.editor("widths").isVisible()


def test_another_recipe_makes_another_form(form, qtbot) -> None:
    form.set_recipe(Small(title="faces"))
    assert form.values() == {"title": "faces"} and not form.problem("title")
    assert [label.text() for label in form.findChildren(QLabel) if label.isVisible() and label.text()] == ["Title"]


def test_every_editor_explains_itself(form) -> None:
    for kind in (NumberBox, QCheckBox, QComboBox, QLineEdit):
        editors = [each for each in form.findChildren(kind) if not isinstance(each.parent(), NumberBox)]
        assert editors
        assert all(each.accessibleName() and each.toolTip() for each in editors), kind


def test_a_folder_can_be_browsed_for(form, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/data/cats")
    button = form.editor("folder").findChild(QToolButton)
    with qtbot.waitSignal(form.changed):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert form.recipe().folder == Path("/data/cats")


def test_other_defaults_are_followed_by_what_was_left_alone(qtbot) -> None:
    form = RecipeForm(TrainRecipe)
    qtbot.addWidget(form)
    type_in(qtbot, form.editor("steps"), "77")
    form.set_defaults(TrainRecipe(lr=1e-4, steps=9000))
    assert form.recipe() == TrainRecipe(lr=1e-4, steps=77)
    form.reset("steps")
    assert form.recipe() == TrainRecipe(lr=1e-4, steps=9000)
