"""A code that is dragged from one place to another: it travels whole, so any place can take it from any other."""

from io import BytesIO

import numpy as np
from PySide6.QtCore import QMimeData

from .bookmarks import Bookmark
from .images import to_qimage

MIME = "application/x-genexplorer-code"


def carry(*codes: Bookmark) -> QMimeData:
    """Named codes of one model with their pictures; other programs get the first picture."""
    content, data = BytesIO(), QMimeData()
    names, z, pictures = (np.stack(each) for each in zip(*((c.name, c.z, c.picture) for c in codes), strict=True))
    np.savez(content, names=names, z=z, pictures=pictures)
    data.setData(MIME, content.getvalue())
    data.setImageData(to_qimage(codes[0].picture))
    return data


def carried(data: QMimeData) -> list[Bookmark]:
    """The codes in it, if there are any."""
    if not data.hasFormat(MIME):
        return []
    with np.load(BytesIO(data.data(MIME).data()), allow_pickle=False) as content:
        each = zip(content["names"], content["z"], content["pictures"], strict=True)
        return [Bookmark(str(name), z, picture) for name, z, picture in each]
