"""A table of bars: each row a name, each cell a share with its interval and the level that mere guessing reaches."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from . import theme

_BAR, _THIN, _NARROW = 8, 6, 88  # pixels
_KEY = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Bar:
    """A number from 0 to 1 as it is written, with its 95 % interval; `chance` is marked where it is known."""

    value: float
    text: str
    low: float | None = None
    high: float | None = None
    chance: float | None = None


class BarTable(QTreeWidget):
    """Sorted by any column: a click on its heading, or `sort_by`. The arrow keys go from row to row."""

    current_changed = Signal(int)  # the row that is looked at, by its place in what was given
    activated_row = Signal(int)
    sorted_changed = Signal(int)

    def __init__(self, name: str, columns: Sequence[tuple[str, str]], colors: Sequence[int]) -> None:
        """Each column has its heading and what it means; the first holds names, `colors` are the others' curves."""
        super().__init__()
        self.setAccessibleName(name)
        self.setColumnCount(len(columns))
        self.setHeaderLabels([heading for heading, _ in columns])
        for n, (_, tip) in enumerate(columns):
            self.headerItem().setToolTip(n, tip)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setFrameShape(QTreeWidget.Shape.NoFrame)
        self._bars = _Bars(self, colors)
        self.setItemDelegate(self._bars)
        header = self.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(32)
        header.setSectionsClickable(True)
        header.setStretchLastSection(False)
        self.setSortingEnabled(True)
        self.sort_by(1 if len(columns) > 1 else 0)
        header.sortIndicatorChanged.connect(lambda column, _: self.sorted_changed.emit(column))
        self.currentItemChanged.connect(lambda item, _: self.current_changed.emit(item.place if item else -1))
        self.itemActivated.connect(lambda item, _: self.activated_row.emit(item.place))
        theme.notifier.changed.connect(self.viewport().update)

    def set_rows(self, rows: Sequence[tuple[str, Sequence[Bar]]]) -> None:
        """Other rows; that one is looked at again that has the name of the one before, else the first."""
        item = self.currentItem()
        before = item.text(0) if item else ""
        was = self.blockSignals(True)
        self.setSortingEnabled(False)
        self.clear()
        self.addTopLevelItems([_Row(n, name, bars) for n, (name, bars) in enumerate(rows)])
        self.setSortingEnabled(True)
        self.blockSignals(was)
        found = self.findItems(before, Qt.MatchFlag.MatchExactly) if before else []
        self._fit()
        if rows:
            self.setCurrentItem(found[0] if found else self._row(0))

    def sort_by(self, column: int) -> None:
        """Names from a to z, numbers from the largest."""
        order = Qt.SortOrder.DescendingOrder if column else Qt.SortOrder.AscendingOrder
        self.sortByColumn(column, order)

    def names(self) -> list[str]:
        """From top to bottom."""
        return [self._row(n).text(0) for n in range(self.topLevelItemCount())]

    def look_at(self, place: int) -> None:
        """At a row by its place in what was given."""
        for n in range(self.topLevelItemCount()):
            if self._row(n).place == place:
                self.setCurrentItem(self._row(n))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Names have the room that the longest takes, bars the rest: beneath their numbers where that is little."""
        widest = max(self.sizeHintForColumn(0), self.header().sectionSizeHint(0))
        self.header().resizeSection(0, min(widest + 8, self.viewport().width() * 2 // (2 + self.columnCount())))
        stacked = self.columnCount() > 1 and self.columnWidth(1) < 3 * _number_room(self.fontMetrics())
        if stacked != self._bars.stacked:
            self._bars.stacked = stacked
            self.scheduleDelayedItemsLayout()

    def _row(self, n: int) -> "_Row":
        """From the top."""
        row = self.topLevelItem(n)
        assert isinstance(row, _Row)
        return row


class _Row(QTreeWidgetItem):
    def __init__(self, place: int, name: str, bars: Sequence[Bar]) -> None:
        super().__init__([name, *(bar.text for bar in bars)])
        self.place = place
        self.setToolTip(0, name)
        for n, bar in enumerate(bars, 1):
            self.setData(n, _KEY, bar)
            self.setToolTip(n, _said(bar))

    def __lt__(self, other: QTreeWidgetItem) -> bool:
        tree = self.treeWidget()
        column = tree.sortColumn() if tree is not None else 0
        mine, others = self.data(column, _KEY), other.data(column, _KEY)
        if isinstance(mine, Bar) and isinstance(others, Bar):
            return mine.value < others.value
        return self.text(column).casefold() < other.text(column).casefold()


class _Bars(QStyledItemDelegate):
    def __init__(self, parent: QWidget, colors: Sequence[int]) -> None:
        super().__init__(parent)
        self._colors = tuple(colors)
        self.stacked = False  # bars beneath their numbers, not before them

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        wide = _NARROW if isinstance(index.data(_KEY), Bar) else super().sizeHint(option, index).width()
        return QSize(wide, option.fontMetrics.height() + (18 if self.stacked else 12))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        bar = index.data(_KEY)
        if not isinstance(bar, Bar):
            super().paint(painter, option, index)
            return
        c, metrics, room = theme.colors(), option.fontMetrics, QRectF(option.rect)
        number = _number_room(metrics)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(room, QColor(c.hover))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide, high = (room.width() - 12, _THIN) if self.stacked else (room.width() - number - 12, _BAR)
        middle = room.bottom() - 6 if self.stacked else room.center().y()
        track = QRectF(room.left() + 4, middle - high / 2, max(8.0, wide), high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.line))
        painter.setOpacity(0.5)
        painter.drawRoundedRect(track, 2, 2)
        painter.setOpacity(1)
        painter.setBrush(QColor(c.curves[self._colors[index.column() - 1]]))
        painter.drawRoundedRect(QRectF(track.left(), track.top(), track.width() * _inside(bar.value), high), 2, 2)
        if bar.low is not None and bar.high is not None:
            y, ends = track.center().y(), [track.left() + track.width() * _inside(x) for x in (bar.low, bar.high)]
            painter.setPen(QPen(QColor(c.text), 1))
            painter.drawLine(round(ends[0]), round(y), round(ends[1]), round(y))
            for x in ends:
                painter.drawLine(round(x), round(y) - 2, round(x), round(y) + 2)
        if bar.chance is not None:
            x = round(track.left() + track.width() * _inside(bar.chance))
            painter.setPen(QPen(QColor(c.muted), 1, Qt.PenStyle.DotLine))
            painter.drawLine(x, round(track.top()) - 4, x, round(track.bottom()) + 4)
        painter.setPen(QColor(c.text))
        place = QRectF(
            room.right() - number, room.top(), number - 8, track.top() - room.top() if self.stacked else room.height()
        )
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, bar.text)
        painter.restore()


def _number_room(metrics: QFontMetrics) -> int:
    return metrics.horizontalAdvance("100.0 %") + 6


def _inside(value: float) -> float:
    return min(1.0, max(0.0, value))


def _said(bar: Bar) -> str:
    """All that a cell holds."""
    words = [bar.text]
    if bar.low is not None and bar.high is not None:
        words.append(f"95 % interval {bar.low:.3f} to {bar.high:.3f}")
    if bar.chance is not None:
        words.append(f"guessing reaches {bar.chance:.3f}")
    return "; ".join(words)
