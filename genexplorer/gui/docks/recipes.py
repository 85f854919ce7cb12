"""What to train on what: a form for the data, one for the model, and one for the training itself."""

from typing import Any

from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from genexplorer.core.data import DATASETS, DatasetRecipe
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS, ModelRecipe
from genexplorer.core.registry import Registry
from genexplorer.engine.runs import RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.gui.column_area import ColumnArea
from genexplorer.gui.docks.data_preview import DataPreview
from genexplorer.gui.form import RecipeForm


class Recipes(ColumnArea):
    """Beneath the data's form stand some of its images."""

    def __init__(self, store: RunStore) -> None:
        forms = QWidget()
        super().__init__(forms)
        self.data_form, self.model_form, self.train_form = RecipeForm(), RecipeForm(), RecipeForm(TrainRecipe)
        self.data = _choice("Data set", DATASETS, self.data_form, "faces")
        self.model = _choice("Model", MODELS, self.model_form, "vae")
        self.preview = DataPreview(store.cache)
        self.data.currentIndexChanged.connect(self._preview)
        self.data_form.changed.connect(self._preview)
        self._preview()
        self.model.currentIndexChanged.connect(self._suit)
        self._suit()
        column = QVBoxLayout(forms)
        column.setContentsMargins(0, 8, 8, 8)
        column.setSpacing(8)
        for title, parts in (
            ("Data", (self.data, self.data_form, self.preview)),
            ("Model", (self.model, self.model_form)),
            ("Training", (self.train_form,)),
        ):
            heading = QLabel(title)
            heading.setProperty("role", "title")
            heading.setContentsMargins(0, 8 if title != "Data" else 0, 0, 0)
            for widget in (heading, *parts):
                column.addWidget(widget)
        column.addStretch(1)

    def choose_data(self, recipe: DatasetRecipe) -> None:
        """Put a data set's recipe into the form."""
        self.data.setCurrentIndex(self.data.findData(recipe.name))
        self.data_form.set_recipe(recipe)
        self._preview()

    def info(self) -> RunInfo:
        """What the forms say; UserError where a field is wrong."""
        model, data, settings = self.model_form.recipe(), self.data_form.recipe(), self.train_form.recipe()
        assert isinstance(model, ModelRecipe) and isinstance(data, DatasetRecipe) and isinstance(settings, TrainRecipe)
        return RunInfo(model, data, settings)

    def shut(self) -> None:
        self.preview.shut()

    def _suit(self) -> None:
        """Training as it suits the family."""
        self.train_form.set_defaults(TrainRecipe.suiting(MODELS[self.model.currentData()]))

    def _preview(self) -> None:
        try:
            recipe = self.data_form.recipe()
        except UserError:
            self.preview.show_recipe(None)
            return
        assert isinstance(recipe, DatasetRecipe)
        self.preview.show_recipe(recipe)


def _choice(name: str, registry: Registry[Any], form: RecipeForm, first: str) -> QComboBox:
    """One of all that are registered; its form follows."""
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setToolTip(f"{name} to train")
    for key in registry:
        combo.addItem(registry[key].title or key, key)
    combo.setCurrentIndex(max(combo.findData(first), 0))
    form.set_recipe_class(registry[combo.currentData()])
    combo.currentIndexChanged.connect(lambda _: form.set_recipe_class(registry[combo.currentData()]))
    return combo
