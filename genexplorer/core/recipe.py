"""Settings and factory in one: every field is declared once, with its bounds, unit and one line of help."""

import copy
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import UserError


class Recipe(BaseModel):
    """A frozen set of knobs. `name`, given by the registry, is its only string key.

    `class Other(This, width=8)` has the same knobs, one of them at another default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: ClassVar[str] = ""

    def __init_subclass__(cls, **defaults: Any) -> None:
        super().__init_subclass__()

    @classmethod
    def __pydantic_init_subclass__(cls, **defaults: Any) -> None:
        for field, default in defaults.items():
            knob = cls.model_fields[field] = copy.copy(cls.model_fields[field])
            knob.default = default
        if defaults:
            cls.model_rebuild(force=True)

    @classmethod
    def parse(cls, values: dict[str, Any]) -> Self:
        """Build from plain values; UserError names the first field that is wrong, and why."""
        try:
            return cls(**{key: value for key, value in values.items() if key != "name"})
        except ValidationError as error:
            raise UserError(sentence(cls.name or cls.__name__, error)) from error

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, **self.model_dump(mode="json")}


def sentence(what: str, error: ValidationError) -> str:
    """One sentence for the first thing that is wrong: "vae: beta must be …, got …"."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{what}: there is no setting called {field!r}; it may come from a newer version."
    problem = first["msg"].removeprefix("Value error, ").removeprefix("Input ").removeprefix("should ")
    return (
        f"{what}: {field or 'settings'} should {problem}, got {first['input']!r}." if field else f"{what}: {problem}."
    )


def knob(
    default: Any,
    help: str,  # noqa: A002 - it is what the person reads
    *,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    unit: str = "",
    advanced: bool = False,
) -> Any:
    """One setting: its default, its line of help, bounds and unit. `advanced` ones are folded in forms."""
    extra: dict[str, Any] = {"unit": unit, "advanced": advanced}
    text = f"{help} [{unit}]" if unit else help
    bounds: dict[str, Any] = {
        key: value for key, value in {"ge": ge, "gt": gt, "le": le, "lt": lt}.items() if value is not None
    }
    return Field(default=default, description=text, json_schema_extra=extra, **bounds)
