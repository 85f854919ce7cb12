"""A code that is dragged from one place to another: it travels whole, so any place can take it from any other."""

from io import BytesIO

import numpy as np
from PySide6.QtCore import QMimeData

from .bookmarks import Bookmark
from .images import to_qimage

MIME = "application/x-genexplorer-code"


def carry(code: Bookmark) -> QMimeData:
    """A named code with its picture; other programs get the picture."""
    content, data = BytesIO(), QMimeData()
    np.savez(content, name=np.array(code.name), z=code.z, picture=code.picture)
    data.setData(MIME, content.getvalue())
    data.setImageData(to_qimage(code.picture))
    return data


def carried(data: QMimeData) -> Bookmark | None:
    """The code in it, if there is one."""
    if not data.hasFormat(MIME):
        return None
    with np.load(BytesIO(data.data(MIME).data()), allow_pickle=False) as content:
        return Bookmark(str(content["name"]), content["z"], content["picture"])
