"""Fetching a file from the first address that gives it whole."""

import hashlib
import http.client
import shutil
import urllib.request
from collections.abc import Generator, Sequence
from pathlib import Path

from ..core.errors import UserError
from ..core.events import Progress

_CHUNK = 1 << 18
_PATIENCE = 20.0  # seconds of silence from a server


def fetch(urls: Sequence[str], file: Path, md5: str) -> Generator[Progress, None, None]:
    """Download to `file`, telling bytes, unless it lies there already; stopping half way leaves nothing.

    Each address is tried in turn until one gives the bytes with this checksum.
    UserError: none did, or the folder cannot be written; it says which file to put where.
    """
    if file.exists():
        return
    reasons = []
    part = file.with_name(f"{file.name}.part")
    try:
        for url in urls:
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                if (yield from _stream(url, part, f"Downloading {file.name}")) == md5:
                    part.replace(file)
                    return
                reasons.append("what came is not the file that was published")
            except (OSError, http.client.HTTPException) as error:
                reasons.append(str(error))
    finally:
        part.unlink(missing_ok=True)
    raise UserError(
        f"{file.name} could not be downloaded ({reasons[0]}); check the network, or get it from {urls[0]} "
        f"and put it in {file.parent}."
    )


def _stream(url: str, part: Path, what: str) -> Generator[Progress, None, str]:
    """Write what the address gives to `part`; returns its MD5 checksum."""
    check = hashlib.md5(usedforsecurity=False)
    request = urllib.request.Request(url, headers={"User-Agent": "genexplorer"})
    with urllib.request.urlopen(request, timeout=_PATIENCE) as response, part.open("wb") as out:
        total, done = int(response.headers.get("Content-Length") or 0), 0
        if total > shutil.disk_usage(part.parent).free:
            raise OSError(f"the disk has no room for its {total / 1e6:,.0f} MB")
        yield Progress(what, 0, total)
        while block := response.read(_CHUNK):
            out.write(block)
            check.update(block)
            done += len(block)
            yield Progress(what, done, total)
    return check.hexdigest()
