"""Names to plug-ins. One new file adds one; no table is edited."""

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import Any, Generic, TypeVar

from .errors import UserError

T = TypeVar("T")


class Registry(Generic[T]):
    """`@MODELS.register("vae")` above a class; `MODELS["vae"]` gives it back."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._found: dict[str, type[T]] = {}

    def register(self, name: str) -> Callable[[type[T]], type[T]]:
        def add(cls: type[T]) -> type[T]:
            if name in self._found and self._found[name].__qualname__ != cls.__qualname__:
                raise ValueError(f"two {self.kind}s are called {name!r}: {self._found[name]} and {cls}")
            named: Any = cls
            named.name = name
            self._found[name] = cls
            return cls

        return add

    def __getitem__(self, name: str) -> type[T]:
        if name in self._found:
            return self._found[name]
        close = difflib.get_close_matches(name, self._found, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(sorted(self._found))}."
        raise UserError(f"There is no {self.kind} called {name!r}; {hint}")

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._found))

    def __len__(self) -> int:
        return len(self._found)


def discover(*packages: str) -> None:
    """Import every module of the packages, so that they register; then other people's plug-ins.

    Other packages join through the entry-point group `genexplorer.plugins`.
    """
    for package in packages:
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            importlib.import_module(module.name)
    for plugin in entry_points(group="genexplorer.plugins"):
        plugin.load()
