"""Files inside a published archive, read as they stream by; nothing is unpacked to disk."""

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from ..core.errors import UserError


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn a damaged file into the sentence that a person can act on."""
    try:
        yield
    except (OSError, EOFError, ValueError, KeyError, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError(f"{path} cannot be read ({error}); delete it and get it anew.") from error


def members(path: Path, wanted: Callable[[str], bool]) -> Generator[tuple[str, BinaryIO], None, None]:
    """Name and open file of each wanted member of a tar, a zip, or a folder that holds what was in one.

    Zips and folders come sorted by name, tars in their own order, since they can only be read forwards.
    UserError: the archive is damaged.
    """
    with readable(path):
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                name = file.relative_to(path.parent).as_posix()
                if wanted(name) and file.is_file():
                    with file.open("rb") as opened:
                        yield name, opened
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in sorted(filter(wanted, archive.namelist())):
                    with archive.open(name) as member:
                        yield name, cast(BinaryIO, member)
        else:
            with tarfile.open(path, "r|*") as tape:
                for info in tape:
                    if info.isfile() and wanted(info.name.removeprefix("./")):
                        content = tape.extractfile(info)
                        if content is not None:
                            yield info.name.removeprefix("./"), cast(BinaryIO, content)
