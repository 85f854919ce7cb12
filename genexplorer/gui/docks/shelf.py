"""A list of things with a picture each."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QFont, QFontMetrics, QIcon, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from genexplorer.gui import theme
from genexplorer.gui.icons import draw, icon
from genexplorer.gui.images import to_qimage
from genexplorer.gui.ring import draw_ring
from genexplorer.gui.words import breakable

_ICON, _SHARE = 64, 0.29  # of a picture at most, in logical pixels and of the width


class Shelf(QListWidget):
    """Each item is a card: the first line of its text is its title. Its actions are the context menu.

    Their shortcuts hold while it has the focus.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setIconSize(QSize(_ICON, _ICON))
        self.setSpacing(2)
        self.setMouseTracking(True)
        self.setItemDelegate(_Card(self))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            draw_ring(QPainter(self.viewport()), self.viewport().rect())

    def add_action(self, text: str, name: str, call: Callable[[], object], key: str = "") -> QAction:
        action = QAction(icon(name), text, self)
        action.setShortcut(key)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: call())
        self.addAction(action)
        return action


class _Card(QStyledItemDelegate):
    """A picture, a title, and quiet lines below it, each cut to the room that there is."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        lines = option.fontMetrics.height() * (4 if _is_card(index) else 6)
        return QSize(0, max(_ICON, lines) + 16)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        c, rect = theme.colors(), option.rect
        painter.save()
        painter.setFont(option.font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not _is_card(index):
            painter.setPen(QColor(c.muted))
            painter.drawText(rect.adjusted(8, 8, -8, -8), Qt.TextFlag.TextWordWrap, index.data())
            painter.restore()
            return
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(QColor(c.accent), 1) if selected else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.hover))
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        side = min(_ICON, round(_SHARE * rect.width()))
        place = QRect(rect.left() + 8, rect.center().y() - side // 2 + 1, side, side)
        _paint_picture(painter, place, index.data(Qt.ItemDataRole.DecorationRole))
        room = QRect(place.right() + 12, place.top(), rect.right() - place.right() - 20, place.height())
        _paint_words(painter, room, *index.data().split("\n"))
        painter.restore()


def _paint_words(painter: QPainter, room: QRect, title: str, *rest: str) -> None:
    """The title on one line or two, the rest on one line each, in the middle of the room."""
    c, plain, bold = theme.colors(), painter.font(), QFont(painter.font())
    bold.setWeight(QFont.Weight.DemiBold)
    height, metrics = QFontMetrics(plain).height(), QFontMetrics(bold)
    advance = metrics.horizontalAdvance
    whole = max(map(advance, breakable(title).replace("\u200b", " ").split()), default=0) <= room.width()
    lines = 2 if whole and advance(title) > room.width() else 1
    line = QRect(room.left(), 0, room.width(), lines * height)
    line.moveTop(room.center().y() - height * (lines + len(rest)) // 2)
    fitting = metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, round((1.7 if lines > 1 else 1) * room.width()))
    painter.setFont(bold)
    painter.setPen(QColor(c.text))
    painter.drawText(line, Qt.TextFlag.TextWordWrap, breakable(fitting))
    painter.setFont(plain)
    painter.setPen(QColor(c.muted))
    line.setHeight(height)
    line.translate(0, (lines - 1) * height)
    for words in rest:
        line.translate(0, height)
        elide = Qt.TextElideMode.ElideLeft if Path(words).is_absolute() else Qt.TextElideMode.ElideRight
        painter.drawText(line, 0, QFontMetrics(plain).elidedText(words, elide, room.width()))


def _is_card(index: QModelIndex | QPersistentModelIndex) -> bool:
    """An item that cannot be chosen is a sentence that stands in an empty list."""
    return bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)


def _paint_picture(painter: QPainter, place: QRect, picture: QIcon | None) -> None:
    if picture is not None and not picture.isNull():
        picture.paint(painter, place)
        return
    c = theme.colors()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(c.hover))
    painter.drawRoundedRect(place, 6, 6)
    painter.save()
    draw(painter, place.adjusted(20, 20, -20, -20), "image", c.muted)
    painter.restore()


def picture_icon(pixels: np.ndarray | None) -> QIcon:
    """Pixels, uint8 (C, H, W), crisp where they are few; an empty icon where there are none."""
    if pixels is None:
        return QIcon()
    image = to_qimage(pixels)
    crisp = (
        Qt.TransformationMode.FastTransformation
        if image.width() < _ICON
        else Qt.TransformationMode.SmoothTransformation
    )
    pixmap = QPixmap.fromImage(image.scaled(2 * _ICON, 2 * _ICON, Qt.AspectRatioMode.KeepAspectRatio, crisp))
    made = QIcon(pixmap)
    made.addPixmap(pixmap, QIcon.Mode.Selected)  # Qt would tint it
    return made
