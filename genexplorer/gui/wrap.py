"""A row that goes on in another line where it lacks the room, so that large text makes no window wide."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QLayoutItem, QSizePolicy, QSpacerItem, QWidget


class Wrap(QLayout):
    """Whatever a line leaves goes to its stretches and to those widgets that like to grow."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 8) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)

    def addStretch(self) -> None:
        self.addItem(QSpacerItem(0, 0, QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum))

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        edges = self.contentsMargins()
        heights = [self._height(line) for line in self._lines(width - edges.left() - edges.right())]
        return sum(heights) + self.spacing() * max(0, len(heights) - 1) + edges.top() + edges.bottom()

    def sizeHint(self) -> QSize:
        """All in one line."""
        seen = [item for item in self._items if self._seen(item)]
        return self._framed(self._width(seen), self._height(seen))

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._items if self._seen(item)]
        width, height = (max((side(size) for size in sizes), default=0) for side in (QSize.width, QSize.height))
        return self._framed(width, height)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        room = self.contentsRect()
        top = room.top()
        for line in self._lines(room.width()):
            left, height = room.left(), self._height(line)
            growing = [item for item in line if item.expandingDirections() & Qt.Orientation.Horizontal]
            spare = max(0, room.width() - self._width(line))
            for item in line:
                share = spare // len(growing) if item in growing else 0
                width = max(item.minimumSize().width(), min(item.sizeHint().width(), room.width())) + share
                if item.spacerItem() is None:
                    high = min(height, item.sizeHint().height())
                    item.setGeometry(QRect(QPoint(left, top + (height - high) // 2), QSize(width, high)))
                    width += self.spacing()
                left += width
            top += height + self.spacing()

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = [[]]
        for item in filter(self._seen, self._items):
            if item.spacerItem() is None and lines[-1] and self._width([*lines[-1], item]) > width:
                lines.append([])
            lines[-1].append(item)
        return lines

    def _width(self, line: list[QLayoutItem]) -> int:
        widths = [item.sizeHint().width() for item in line if item.spacerItem() is None]
        return sum(widths) + self.spacing() * max(0, len(widths) - 1)

    def _height(self, line: list[QLayoutItem]) -> int:
        return max((item.sizeHint().height() for item in line), default=0)

    def _seen(self, item: QLayoutItem) -> bool:
        return item.spacerItem() is not None or not item.isEmpty()

    def _framed(self, width: int, height: int) -> QSize:
        edges = self.contentsMargins()
        return QSize(width + edges.left() + edges.right(), height + edges.top() + edges.bottom())


def together(*parts: QWidget, spacing: int = 4) -> QWidget:
    """In one piece, that stays in one line."""
    whole = QWidget()
    row = QHBoxLayout(whole)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(spacing)
    for part in parts:
        row.addWidget(part)
    return whole


def named(name: str, control: QWidget) -> QWidget:
    """A control with its name before it."""
    label = QLabel(name)
    label.setBuddy(control)
    return together(label, control, spacing=8)
