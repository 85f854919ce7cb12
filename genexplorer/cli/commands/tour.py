"""Pictures of every panel."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from genexplorer.cli.options import parse
from genexplorer.core.errors import UserError

HELP = {"tour --out DIR": "pictures of every panel"}


def run(arguments: list[str], home: Path | None) -> None:
    from tyro import conf

    @dataclass
    class Tour:
        out: Annotated[Path, conf.arg(metavar="DIR")]
        """Folder for the pictures."""
        theme: str = "light"
        """light or dark."""
        scale: float = 1.0
        """Pixels per point, as on a screen of high density."""
        only: tuple[str, ...] = ()
        """Panels to take a picture of; all of them, and the Train dock, where none is named."""

    given = parse(Tour, "tour", arguments, "Walk through the real window, a PNG of each panel.")
    if given.theme not in ("light", "dark"):
        raise UserError(f"There is no theme {given.theme!r}; choose light or dark.")
    from genexplorer.tour import tour

    tour(given.out, given.theme, given.scale, home, given.only)
