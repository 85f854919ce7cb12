"""Trained weights on disk, with all that is needed to use them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter, ValidationError

from .data import DATASETS, DatasetRecipe, DataSpec, Label
from .errors import UserError
from .model import MODELS, Model, ModelRecipe
from .tensors import digest_of, read_header, read_tensors, write_tensors

_FORMAT = 1
_SPEC = TypeAdapter(DataSpec)


@dataclass(frozen=True)
class Checkpoint:
    """A file of weights. `model()` gives a network of one's own, never the one that is being trained."""

    path: Path
    recipe: ModelRecipe
    dataset: DatasetRecipe
    spec: DataSpec
    step: int

    @classmethod
    def open(cls, path: Path) -> "Checkpoint":
        """Read what the file says of itself; UserError in one sentence where it cannot be used."""
        header = read_header(path)
        try:
            if header["format"] > _FORMAT:
                raise UserError(f"{path} was written by a newer genexplorer; update the program to open it.")
            recipe = MODELS[header["model"]["name"]].parse(header["model"])
            dataset = DATASETS[header["data"]["name"]].parse(header["data"])
            spec = _SPEC.validate_python(header["spec"])
            step = int(header["step"])
        except (KeyError, TypeError, ValueError, ArithmeticError, ValidationError) as error:
            raise UserError(f"{path} is damaged: its header does not say which model it is.") from error
        return cls(path, recipe, dataset, spec, step)

    @property
    def digest(self) -> str:
        return digest_of(self.path)

    def has(self, *abilities: type) -> bool:
        """Whether its model has all of these abilities, told from the recipe alone: no file is read."""
        outline = _outline(self.recipe, self.spec)
        return all(isinstance(outline, ability) for ability in abilities)

    @property
    def latent_dim(self) -> int:
        """How many numbers its codes have; 0 for a model without codes."""
        return int(getattr(_outline(self.recipe, self.spec), "latent_dim", 0))

    @property
    def conditions(self) -> tuple[Label, ...]:
        """What its model can be told of an image to draw; none for a model that takes no conditions."""
        return tuple(getattr(_outline(self.recipe, self.spec), "conditions", ()))

    @property
    def told(self) -> int:
        """How many of the last numbers of its codes are conditions."""
        if not self.conditions:
            return 0
        given: Any = getattr(_outline(self.recipe, self.spec), "given")(torch.zeros(len(self.conditions)))  # noqa: B009
        return self.latent_dim - int(given.latent_dim)

    def model(self) -> Model:
        """A fresh network with these weights, in evaluation mode, on the CPU."""
        tensors, _ = read_tensors(self.path)
        model = self.recipe.build(self.spec)
        try:
            model.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
        except RuntimeError as error:
            raise UserError(f"{self.path} does not fit the {self.recipe.name} that it says it is.") from error
        return model.eval().requires_grad_(False)


@lru_cache(maxsize=16)
def _outline(recipe: ModelRecipe, spec: DataSpec) -> Model:
    """The model with no memory behind its weights."""
    with torch.device("meta"):
        return recipe.build(spec)


def save_checkpoint(
    path: Path, model: Model, recipe: ModelRecipe, dataset: DatasetRecipe, spec: DataSpec, step: int
) -> Checkpoint:
    header: dict[str, Any] = {
        "format": _FORMAT,
        "model": recipe.to_json(),
        "data": dataset.to_json(),
        "spec": _SPEC.dump_python(spec, mode="json"),
        "step": step,
    }
    write_tensors(path, model.state_dict(), header)
    return Checkpoint(path, recipe, dataset, spec, step)
