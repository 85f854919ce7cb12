"""Codes as a row of small pictures with their names: click one, rename it, take it away, drag it about or out of it."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QColor,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QListView,
    QSizePolicy,
    QWidget,
)

from . import theme
from .bookmarks import Bookmark
from .card import Card, cross_of
from .carried import MIME, carried, carry
from .images import WRAPPED, picture_files, to_qimage
from .ring import draw_ring

Index = QModelIndex | QPersistentModelIndex
_CHOOSING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class Cards(QListView):
    """Shows codes that someone else keeps, and says what the person wants done with them.

    Click or Enter sends a code, F2 or a double click renames it, Delete or its cross takes it away; several are chosen
    with Ctrl or Shift and dragged as one; codes and picture files can be dropped between others.
    """

    sent = Signal(int)
    removed = Signal(int)
    renamed = Signal(int, str)
    moved = Signal(int, int)  # from this row, to before that one
    code_dropped = Signal(object, int)  # Bookmark, to before this row
    files_dropped = Signal(object, int)  # list[Path]

    def __init__(
        self, empty: str, takes_files: bool = False, wraps: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.empty, self.moving = empty, False
        self._list = _List(self, takes_files)
        self.setModel(self._list)
        self.setItemDelegate(Card(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(wraps)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSpacing(2)
        self.setMouseTracking(True)
        self.setSizePolicy(
            QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding if wraps else QSizePolicy.Policy.Fixed
        )
        if not wraps:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QListView.EditTrigger.DoubleClicked | QListView.EditTrigger.EditKeyPressed)
        self.setDragDropMode(QListView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.CopyAction)
        self.setDragDropOverwriteMode(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.clicked.connect(self._send_clicked)
        for text, key, call in (
            ("Send to the sliders", "Return", self.sent.emit),
            ("Rename", "F2", lambda row: self.edit(self._list.index(row))),
            ("Remove", "Del", self._remove_chosen),
        ):
            action = QAction(text, self)
            action.setShortcut(key)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _=False, call=call: self._with_current(call))
            self.addAction(action)

    def set_cards(self, cards: Sequence[Bookmark]) -> None:
        row = self.currentIndex().row()
        self._list.put(cards)
        if not self.currentIndex().isValid() and cards:
            self.setCurrentIndex(self._list.index(min(max(row, 0), len(cards) - 1)))
        self.setAccessibleDescription(f"{len(cards)} codes" if cards else self.empty)
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        bar = self.horizontalScrollBar().sizeHint().height()
        card = Card.size(self.fontMetrics())
        return QSize(card.width() + 16, card.height() + bar + 2 * self.frameWidth() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        if self.hasFocus():
            draw_ring(painter, self.viewport().rect())
        if not self._list.rowCount():
            painter.setPen(QColor(theme.colors().muted))
            painter.drawText(self.viewport().rect().adjusted(12, 4, -12, -4), WRAPPED, self.empty)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._on_cross(event):
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._on_cross(event):
            self.removed.emit(self.indexAt(event.position().toPoint()).row())
        else:
            super().mouseReleaseEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.moving = event.source() is self
        super().dropEvent(event)
        self.moving = False

    def _on_cross(self, event: QMouseEvent) -> bool:
        point = event.position().toPoint()
        index = self.indexAt(point)
        left = event.button() == Qt.MouseButton.LeftButton
        return left and index.isValid() and cross_of(self.visualRect(index)).contains(point)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.sent.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def _send_clicked(self, index: QModelIndex) -> None:
        """Not where others are chosen with it."""
        if len(self.selectedIndexes()) < 2 and not QGuiApplication.keyboardModifiers() & _CHOOSING:
            self.sent.emit(index.row())

    def _remove_chosen(self, row: int) -> None:
        """The last one first: the others keep their places until then."""
        for chosen in sorted({row, *(index.row() for index in self.selectedIndexes())}, reverse=True):
            self.removed.emit(chosen)

    def _with_current(self, call: Any) -> None:
        if self.currentIndex().isValid():
            call(self.currentIndex().row())


class _List(QAbstractListModel):
    """The cards as Qt's views ask for them; pictures are converted once."""

    def __init__(self, view: Cards, takes_files: bool) -> None:
        super().__init__(view)
        self._view, self._takes_files = view, takes_files
        self._cards: list[Bookmark] = []
        self._images: list[QImage] = []

    def put(self, cards: Sequence[Bookmark]) -> None:
        same = len(cards) == len(self._cards)
        if not same:
            self.beginResetModel()
        known = {id(card.picture): image for card, image in zip(self._cards, self._images, strict=True)}
        self._images = [known.get(id(card.picture)) or to_qimage(card.picture) for card in cards]
        self._cards = list(cards)
        if not same:
            self.endResetModel()
        elif cards:  # no reset, for the editor of a name may still be open
            self.dataChanged.emit(self.index(0), self.index(len(cards) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._cards)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole | Qt.ItemDataRole.ToolTipRole:
                return self._cards[index.row()].name
            case Qt.ItemDataRole.DecorationRole:
                return self._images[index.row()]
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        name = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not name:
            return False
        if name != self._cards[index.row()].name:
            self._view.renamed.emit(index.row(), name)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        if not index.isValid():
            return flag.ItemIsDropEnabled
        return flag.ItemIsSelectable | flag.ItemIsEnabled | flag.ItemIsEditable | flag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        return [MIME, "text/uri-list"] if self._takes_files else [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        return carry(*(self._cards[row] for row in sorted(index.row() for index in indexes)))

    def canDropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        return data.hasFormat(MIME) or (self._takes_files and bool(picture_files(data)))

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        before = row if row >= 0 else len(self._cards)
        if self._view.moving:
            self._view.moved.emit(self._view.currentIndex().row(), before)
        elif codes := carried(data):
            for place, code in enumerate(codes, before):
                self._view.code_dropped.emit(code, place)
        else:
            self._view.files_dropped.emit(picture_files(data), before)
        return True
