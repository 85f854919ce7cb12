"""The command line read with tyro: dataclasses as they are, recipes as dataclasses of their fields."""

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

if TYPE_CHECKING:
    from genexplorer.core.recipe import Recipe

R = TypeVar("R")


def take_option(arguments: list[str], option: str) -> tuple[list[str], str | None]:
    """Take `option VALUE` out, wherever it stands."""
    for index, argument in enumerate(arguments):
        if argument == option and index + 1 < len(arguments):
            return arguments[:index] + arguments[index + 2 :], arguments[index + 1]
        if argument.startswith(f"{option}="):
            return arguments[:index] + arguments[index + 1 :], argument.split("=", 1)[1]
    return arguments, None


def parse(cls: type[R], command: str, arguments: list[str], about: str) -> R:
    """Read a dataclass; a mistake ends the program with UserError's exit code."""
    import tyro

    parsed: R = tyro.cli(cls, prog=f"genexplorer {command}", description=about, args=arguments)
    return parsed


def fields_of(recipe: "type[Recipe]") -> list[tuple[str, Any, Any]]:
    """A recipe's fields for `make_dataclass`."""
    import tyro

    return [
        (
            name,
            Annotated[field.annotation, tyro.conf.arg(help=field.description)],
            field.get_default(call_default_factory=True),
        )
        for name, field in recipe.model_fields.items()
    ]


def as_dataclass(recipe: "type[Recipe]") -> type:
    """The recipe's fields as tyro's dataclass: bounds are checked afterwards, in one sentence, by the recipe itself."""
    return dataclasses.make_dataclass(recipe.__name__, fields_of(recipe), frozen=True)
