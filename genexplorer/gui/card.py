"""How one code of a row looks: its picture crisp, its name below, a cross where the mouse is."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from . import icons, theme
from .images import crisp_scale

PICTURE = 48  # logical pixels
_PAD = 4
Index = QModelIndex | QPersistentModelIndex


class Card(QStyledItemDelegate):
    """Paints one: its picture crisp, its name below, a cross where the mouse is."""

    @staticmethod
    def size(metrics: QFontMetrics) -> QSize:
        width = max(PICTURE, metrics.horizontalAdvance("A name 88"))
        return QSize(width + 4 * _PAD, PICTURE + metrics.height() + 3 * _PAD)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self.size(option.fontMetrics)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        c, rect, state = theme.colors(), option.rect, option.state
        view = option.widget
        several = isinstance(view, QAbstractItemView) and len(view.selectedIndexes()) > 1
        several = several and bool(state & QStyle.StateFlag.State_Selected)
        chosen, hovered = several or state & QStyle.StateFlag.State_HasFocus, state & QStyle.StateFlag.State_MouseOver
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if hovered or chosen:
            painter.setPen(QPen(QColor(c.accent if chosen else c.hover), 1))
            painter.setBrush(QColor(c.hover))
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        self._picture(painter, rect, index.data(Qt.ItemDataRole.DecorationRole))
        painter.setPen(QColor(c.text if hovered or chosen else c.muted))
        name = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideMiddle, rect.width() - 2 * _PAD)
        painter.drawText(rect.adjusted(_PAD, PICTURE + 2 * _PAD, -_PAD, -_PAD), Qt.AlignmentFlag.AlignCenter, name)
        if hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.surface))
            painter.drawEllipse(cross_of(rect))
            icons.draw(painter, cross_of(rect).adjusted(4, 4, -4, -4), "x", c.text)
        painter.restore()

    def _picture(self, painter: QPainter, rect: QRect, image: QImage) -> None:
        ratio = painter.device().devicePixelRatio()
        scale = crisp_scale(QSize(PICTURE, PICTURE), image.width(), image.height(), ratio) / ratio
        width, height = image.width() * scale, image.height() * scale
        left = round((rect.left() + (rect.width() - width) / 2) * ratio) / ratio
        top = round((rect.top() + _PAD + (PICTURE - height) / 2) * ratio) / ratio
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale * ratio < 1)
        painter.drawImage(QRectF(left, top, width, height), image)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName("Name")
        editor.setStyleSheet("padding: 0 2px;")
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        rect = option.rect
        editor.setGeometry(rect.adjusted(0, PICTURE + _PAD, 0, 0))


def cross_of(rect: QRect) -> QRect:
    """Where the cross of a card lies."""
    return QRect(rect.right() - 20, rect.top() + 2, 18, 18)
