"""Files that ship with the program."""

from pathlib import Path


def resource(name: str) -> Path:
    """Path of a shipped file: in the installed package, or at top level in a checkout."""
    package = Path(__file__).parents[1]
    folder = package / "resources"
    return (folder if folder.is_dir() else package.parent / "resources") / name
