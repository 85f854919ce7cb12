"""The command line read with tyro: dataclasses as they are, recipes as dataclasses of their fields."""

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from genexplorer.core.errors import UserError

if TYPE_CHECKING:
    from genexplorer.core.recipe import Recipe

R = TypeVar("R")


def take_option(arguments: list[str], option: str) -> tuple[list[str], str | None]:
    """Take `option VALUE` out, wherever it stands; UserError where the value is missing."""
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name != option:
            continue
        if not equals:
            value = next(iter(arguments[index + 1 :]), "")
        if not value or value.startswith("-"):
            raise UserError(f"{option} wants a value after it; `genexplorer --help` tells which.")
        return arguments[:index] + arguments[index + (1 if equals else 2) :], value
    return arguments, None


def parse(cls: type[R], command: str, arguments: list[str], about: str) -> R:
    """Read a dataclass; a mistake ends the program with UserError's exit code."""
    import tyro

    parsed: R = tyro.cli(
        cls, prog=f"genexplorer {command}", description=about, args=arguments, registry=_plain_numbers()
    )
    return parsed


def _plain_numbers() -> Any:
    """Numbers as tyro reads them, but with a refusal in words."""
    from tyro.constructors import ConstructorRegistry, PrimitiveConstructorSpec, PrimitiveTypeInfo

    registry = ConstructorRegistry()

    @registry.primitive_rule
    def rule(info: PrimitiveTypeInfo) -> "PrimitiveConstructorSpec[Any] | None":
        kind: Any = info.type
        if kind not in (int, float):
            return None

        def read(words: list[str]) -> Any:
            try:
                return kind(words[0])
            except ValueError as error:
                what = "a whole number" if kind is int else "a number"
                raise ValueError(f"it should be {what}, got {words[0]!r}") from error

        return PrimitiveConstructorSpec(
            nargs=1,
            metavar=kind.__name__.upper(),
            instance_from_str=read,
            is_instance=lambda value: isinstance(value, kind),
            str_from_instance=lambda value: [str(value)],
        )

    return registry


def fields_of(recipe: "type[Recipe]", given: "Recipe | None" = None) -> list[tuple[str, Any, Any]]:
    """A recipe's fields for `make_dataclass`; where they are given, these values instead of the defaults."""
    import tyro

    return [
        (
            name,
            Annotated[field.annotation, tyro.conf.arg(help=field.description)],
            getattr(given, name) if given else field.get_default(call_default_factory=True),
        )
        for name, field in recipe.model_fields.items()
    ]


def as_dataclass(recipe: "type[Recipe]", given: "Recipe | None" = None) -> type:
    """The recipe's fields as tyro's dataclass: bounds are checked afterwards, in one sentence, by the recipe itself."""
    return dataclasses.make_dataclass(recipe.__name__, fields_of(recipe, given), frozen=True)
