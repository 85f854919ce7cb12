"""What the README says of families is what the registry says. Run as a program, this writes it there."""

import re
from pathlib import Path
from typing import Literal, get_args, get_origin

from genexplorer.cli import load_plugins
from genexplorer.core.abilities import abilities
from genexplorer.core.data import DataSpec
from genexplorer.core.model import MODELS, ModelRecipe

README = Path(__file__).parents[1] / "README.md"
BETWEEN = re.compile(r"(<!-- families -->\n).*?(<!-- /families -->)", re.DOTALL)


def choices(recipe: type[ModelRecipe]) -> str:
    """The settings that have a few words to choose from: "network: conv, mlp"."""
    fields = {name: field.annotation for name, field in recipe.model_fields.items()}
    named = {name: get_args(kind) for name, kind in fields.items() if get_origin(kind) is Literal}
    return "; ".join(f"{name}: {', '.join(map(str, words))}" for name, words in named.items())


def table() -> str:
    rows = ["| family | what it is | choices | abilities |", "|---|---|---|---|"]
    for name in MODELS:
        recipe = MODELS[name]
        can = ", ".join(sorted(ability.lower() for ability in abilities(recipe().build(DataSpec((1, 8, 8))))))
        rows.append(f"| `{name}` | **{recipe.title}.** {recipe.about} | {choices(recipe)} | {can} |")
    return "\n".join(rows) + "\n"


def test_the_table_of_families_is_the_registrys() -> None:
    text = README.read_text("utf-8")
    assert BETWEEN.search(text), "the README has a place for the table"
    wanted = BETWEEN.sub(lambda found: found[1] + table() + found[2], text)
    assert text == wanted, "run `python tests/test_readme.py`"


if __name__ == "__main__":
    load_plugins()
    README.write_text(BETWEEN.sub(lambda found: found[1] + table() + found[2], README.read_text("utf-8")), "utf-8")
