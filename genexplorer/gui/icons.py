"""One icon family (Phosphor), drawn from its font at paint time: sharp at any scale, and always in today's colours.

The font is the one that qtawesome ships. Importing qtawesome costs 0.2 s, for it opens a dozen fonts; reading this one
costs 0.02 s, and only when the first icon is drawn.
"""

import importlib.util
import json
from functools import cache
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from . import theme


@cache
def _family() -> str:
    (file,) = _fonts().glob("phosphor-[0-9]*.ttf")
    number = QFontDatabase.addApplicationFont(str(file))
    return QFontDatabase.applicationFontFamilies(number)[0]


@cache
def _glyphs() -> dict[str, str]:
    (file,) = _fonts().glob("phosphor-charmap-*.json")
    return {name: chr(int(code, 16)) for name, code in json.loads(file.read_text()).items()}


def _fonts() -> Path:
    spec = importlib.util.find_spec("qtawesome")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the icons come with the package qtawesome; pip install qtawesome")
    return Path(spec.origin).parent / "fonts"


class _Engine(QIconEngine):
    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self.icon_name, self.role = name, role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        painter.save()
        draw(painter, rect, self.icon_name, self._color(mode, state))
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        draw(painter, QRect(QPoint(0, 0), size), self.icon_name, self._color(mode, state))
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        return _Engine(self.icon_name, self.role)

    def _color(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        c = theme.colors()
        if mode == QIcon.Mode.Disabled:
            return c.faint
        if state == QIcon.State.On:
            return c.accent
        return str(getattr(c, self.role))


def draw(painter: QPainter, rect: QRect, name: str, color: str) -> None:
    """The glyph alone, for widgets that paint themselves."""
    font = QFont(_family())
    font.setPixelSize(max(1, min(rect.width(), rect.height())))
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setFont(font)
    painter.setPen(QColor(color))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, _glyphs()[name])


def icon(name: str, role: str = "text") -> QIcon:
    """`icon("play")`: a Phosphor name (https://phosphoricons.com), in the theme's colour called `role`."""
    return QIcon(_Engine(name, role))
