"""A table of cells that are coloured, not written: names beside and above, one cell read at a time."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from . import theme

_WIDEST = 24  # letters of a name


class MatrixView(QWidget):
    """Point or use the arrow keys to read a cell, click or press Enter to choose it."""

    picked = Signal(int, int)  # a row and a column
    told = Signal(str)  # what the cell says that is pointed at
    _stepped = Signal(QPointF)  # where the arrow keys have led
    LARGEST = 28  # pixels of a cell
    SMALLEST = 14

    def __init__(self, name: str) -> None:
        super().__init__()
        self.rows: tuple[str, ...] = ()
        self.columns: tuple[str, ...] = ()
        self.current: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        theme.notifier.changed.connect(self.update)

    def scrolled(self) -> QScrollArea:
        """In room of its own, that follows the arrow keys."""
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setCornerWidget(QWidget())
        area.setWidget(self)
        self._stepped.connect(lambda at: area.ensureVisible(round(at.x()), round(at.y())))
        return area

    def set_names(self, rows: tuple[str, ...], columns: tuple[str, ...]) -> None:
        """Another table."""
        self.rows, self.columns, self.current = rows, columns, None
        self.updateGeometry()
        self.update()

    def says(self, row: int, column: int) -> str:
        """A cell in one sentence."""
        raise NotImplementedError

    def paint_cell(self, painter: QPainter, place: QRectF, row: int, column: int) -> None:
        raise NotImplementedError

    def of_row(self, row: int) -> tuple[int, int] | None:
        """The cell that the name of a row stands for, if any."""
        return None

    def sizeHint(self) -> QSize:
        return self._sized(24)

    def minimumSizeHint(self) -> QSize:
        return self._sized(self.SMALLEST)

    def cell(self, row: int, column: int) -> QRectF:
        side = self._side()
        return QRectF(self._room(self.rows) + column * side, self._room(self.columns) + row * side, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c, metrics = QPainter(self), theme.colors(), self.fontMetrics()
        left, top, side = self._room(self.rows), self._room(self.columns), self._side()
        vertical, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        here = self.current or (-1, -1)
        for n, name in enumerate(self.rows):
            text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, left - 12)
            painter.setPen(QColor(c.text if n == here[0] else c.muted))
            painter.drawText(QRectF(0, top + n * side - 4, left - 8, side + 8), right | vertical, text)
        for n, name in enumerate(self.columns):
            text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, top - 12)
            painter.setPen(QColor(c.text if n == here[1] else c.muted))
            painter.save()
            painter.translate(left + (n + 0.5) * side, top - 8)
            painter.rotate(-90)
            painter.drawText(QRectF(0, -side / 2, top - 8, side), vertical, text)
            painter.restore()
        for row in range(len(self.rows)):
            for column in range(len(self.columns)):
                self.paint_cell(painter, self.cell(row, column).adjusted(0.5, 0.5, -0.5, -0.5), row, column)
        if self.current is not None:
            painter.setPen(QPen(QColor(c.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.cell(*self.current))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        where = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and where is not None:
            self.picked.emit(*where)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        steps = {key.Key_Left: (0, -1), key.Key_Right: (0, 1), key.Key_Up: (-1, 0), key.Key_Down: (1, 0)}
        if event.key() in steps and self.rows and self.columns:
            down, across = steps[Qt.Key(event.key())] if self.current else (0, 0)
            row, column = self.current or (0, 0)
            row, column = (
                min(max(row + down, 0), len(self.rows) - 1),
                min(max(column + across, 0), len(self.columns) - 1),
            )
            self._point((row, column))
            self._stepped.emit(self.cell(row, column).center())
        elif event.key() in (key.Key_Return, key.Key_Enter) and self.current is not None:
            self.picked.emit(*self.current)
        else:
            super().keyPressEvent(event)

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        left, side = self._room(self.rows), self._side()
        row, column = int((point.y() - self._room(self.columns)) // side), int((point.x() - left) // side)
        if not 0 <= row < len(self.rows):
            return None
        if point.x() < left:
            return self.of_row(row)
        return (row, column) if column < len(self.columns) else None

    def _point(self, where: tuple[int, int] | None) -> None:
        if where != self.current:
            self.current = where
            words = self.says(*where) if where is not None else ""
            self.setAccessibleDescription(words)
            self.told.emit(words)
            self.update()

    def _room(self, names: tuple[str, ...]) -> int:
        """For the longest of these names, in pixels."""
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(name) for name in names), default=0)
        return min(widest, metrics.averageCharWidth() * _WIDEST) + 16

    def _sized(self, side: int) -> QSize:
        return QSize(
            self._room(self.rows) + side * len(self.columns) + 8, self._room(self.columns) + side * len(self.rows) + 8
        )

    def _side(self) -> int:
        across = (self.width() - self._room(self.rows) - 8) // max(1, len(self.columns))
        down = (self.height() - self._room(self.columns) - 8) // max(1, len(self.rows))
        return max(self.SMALLEST, min(self.LARGEST, across, down))
