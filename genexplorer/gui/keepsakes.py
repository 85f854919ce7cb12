"""What opening a picture does: one that carries a code restores it exactly, any other one is encoded."""

from collections.abc import Callable
from pathlib import Path

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.engine.keepsake import Keepsake, read_state
from genexplorer.engine.runs import Run

from .session import Session


def open_picture(session: Session, path: Path, encode: Callable[[Path], None]) -> None:
    """Go to the code in it; where another model drew it, offer what can be done. `encode` finds a code for a picture.

    It reads the head of one file, which ends before the pixels begin.
    """
    try:
        kept = read_state(path)
    except UserError as error:
        session.offered.emit(str(error), "Encode it", lambda: encode(path))
        return
    open_now = session.checkpoint
    if kept is None:
        encode(path)
    elif open_now is not None and _digest(open_now) == kept.digest:
        _restore(session, path, kept)
    else:
        there = _find(session, kept)
        if there is not None and open_now is None:
            _open_and_restore(session, path, kept, there)
        elif there is not None:
            sentence = f"{path.name} was drawn by {kept.whose}, not by the model that is open."
            session.offered.emit(sentence, "Open that one", lambda: _open_and_restore(session, path, kept, there))
        else:
            sentence = f"{path.name} was drawn by {kept.whose}, which is not here, so its code means nothing here."
            session.offered.emit(sentence, "Encode it", lambda: encode(path))


def _restore(session: Session, path: Path, kept: Keepsake) -> None:
    """Exactly, also what is locked: the picture is to be the one that was saved."""
    before = session.code.z
    if len(kept.z) != len(before):
        session.failed.emit(f"{path.name} carries {len(kept.z)} numbers where this model's codes have {len(before)}.")
        return
    session.code.drag(kept.z)
    session.code.commit(f"Open {path.name}", before)
    session.told.emit(f"{path.name} carries its code: the sliders stand as they did when it was saved.")


def _open_and_restore(session: Session, path: Path, kept: Keepsake, there: Path) -> None:
    run = Run(there.parents[1])
    try:
        if run.checkpoints()[-1:] == [there]:
            session.open_run(run)
        else:
            session.open_alone(Checkpoint.open(there))
    except UserError as error:
        session.failed.emit(str(error))
        return
    _restore(session, path, kept)


def _find(session: Session, kept: Keepsake) -> Path | None:
    """The checkpoint that drew it, where its run is here and still has it."""
    if not kept.run or Path(kept.run).name != kept.run or not 0 <= kept.step < 10**8:
        return None
    path = Run(session.store.folder / kept.run).checkpoint_path(kept.step)
    try:
        return path if path.is_file() and _digest_of(path) == kept.digest else None
    except OSError:
        return None


def _digest(checkpoint: Checkpoint) -> str:
    return _digest_of(checkpoint.path)


def _digest_of(path: Path) -> str:
    try:
        return Checkpoint.open(path).digest
    except UserError:
        return ""
