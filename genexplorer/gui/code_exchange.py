"""The code in hand by way of the clipboard."""

from PySide6.QtGui import QGuiApplication

from genexplorer.core.errors import UserError

from .bookmarks import Bookmark
from .carried import carried, carry
from .code_text import read_code, write_code
from .session import Session


def copy_code(session: Session, shown: Bookmark) -> None:
    """Picture and numbers together: whoever pastes takes what it can use."""
    if session.checkpoint is not None:
        data = carry(shown)
        data.setText(write_code(shown.z, session.checkpoint.digest))
        QGuiApplication.clipboard().setMimeData(data)


def paste_code(session: Session) -> None:
    """Go to the copied numbers, whoever wrote them."""
    data, code = QGuiApplication.clipboard().mimeData(), session.code
    try:
        whole = [] if data.hasText() else carried(data)
        z, digest = (whole[0].z, "") if whole else read_code(data.text(), len(code.z))
    except UserError as error:
        session.failed.emit(str(error))
        return
    code.change("Paste", z)
    if digest and session.checkpoint is not None and digest != session.checkpoint.digest:
        session.told.emit("This code was copied from other weights; they may have drawn it differently.")
