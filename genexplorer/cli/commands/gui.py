"""The desktop app."""

from pathlib import Path

from genexplorer.cli.console import out
from genexplorer.core.errors import UserError

HELP = {"[gui] [PATH…]": "the desktop app; a run, a workspace, a checkpoint, a folder of images, a picture"}


def run(arguments: list[str], home: Path | None) -> None:
    if {"-h", "--help"} & set(arguments):
        for usage, about in HELP.items():
            out.print(f"genexplorer {usage}    {about}", markup=False)
        return
    unknown = [argument for argument in arguments if argument.startswith("-")]
    if unknown:
        raise UserError(f"The app knows no option {unknown[0]}; `genexplorer --help` lists the commands.")
    missing = [argument for argument in arguments if not Path(argument).exists()]
    if missing:
        raise UserError(
            f"There is no command and no file called {missing[0]!r}; `genexplorer --help` lists the commands."
        )
    from genexplorer.app import launch

    launch([Path(argument) for argument in arguments], home)
