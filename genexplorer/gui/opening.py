"""How a person opens things: two entries of the File menu, and a drop anywhere on the window."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QAction, QColor, QDropEvent, QFont, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFileDialog, QWidget

from genexplorer.engine.workspace import SUFFIX

from . import theme
from .icons import icon
from .images import SUFFIXES

_PICTURES = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
_FILTERS = ";;".join(
    (
        f"All that can be opened (run.json *{SUFFIX} *.safetensors {_PICTURES})",
        f"Workspaces (*{SUFFIX})",
        "Runs (run.json)",
        "Checkpoints (*.safetensors)",
        f"Pictures ({_PICTURES})",
        "All files (*)",
    )
)


class Opener(QObject):
    """Asks for files and folders, and takes those that are dropped where no widget takes them itself."""

    chosen = Signal(list)  # list[Path]

    def __init__(self, window: QWidget, folder: Path) -> None:
        super().__init__(window)
        self._window, self._folder = window, folder
        self._veil = _Veil(window)
        self.actions = [
            self._action("Open…", "file", QKeySequence("Ctrl+O"), self._ask_for_files),
            self._action("Open folder of images…", "folder-open", QKeySequence("Ctrl+Shift+O"), self._ask_for_folder),
        ]
        self.actions[0].setToolTip("A run (its run.json), a workspace, a checkpoint, or a picture to find its code")
        self.actions[1].setToolTip("A folder of your own pictures to train on")
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.DragEnter, QEvent.Type.Drop) and isinstance(event, QDropEvent):
            paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
            self._veil.setVisible(bool(paths) and kind == QEvent.Type.DragEnter)
            if paths:
                event.acceptProposedAction()
                if kind == QEvent.Type.Drop:
                    self.chosen.emit(paths)
                return True
        elif kind == QEvent.Type.DragLeave:
            self._veil.hide()
        elif kind == QEvent.Type.Resize:
            self._veil.resize(self._window.size())
        return False

    def _ask_for_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self._window, "Open", str(self._folder), _FILTERS)
        if names:
            self._folder = Path(names[0]).parent
            self.chosen.emit([Path(name) for name in names])

    def _ask_for_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self._window, "Open a folder of images", str(Path.home()))
        if name:
            self.chosen.emit([Path(name)])

    def _action(self, text: str, name: str, key: QKeySequence, call: object) -> QAction:
        action = QAction(icon(name), text, self)
        action.setShortcut(key)
        action.triggered.connect(call)
        return action


class _Veil(QWidget):
    """Lies over the window while something is dragged over it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def setVisible(self, visible: bool) -> None:
        if visible:
            self.resize(self._window.size())
            self.raise_()
        super().setVisible(visible)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c = QPainter(self), theme.colors()
        ground = QColor(c.base)
        ground.setAlphaF(0.7)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), ground)
        card = QRect(0, 0, min(440, self.width() - 32), 8 * self.fontMetrics().height())
        card.moveCenter(self.rect().center())
        painter.setPen(QPen(QColor(c.accent), 2, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(c.surface))
        painter.drawRoundedRect(card, 12, 12)
        upper, lower = QRect(card), QRect(card)
        upper.setBottom(card.center().y() - 4)
        lower.setTop(card.center().y() + 4)
        centre = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
        painter.setPen(QColor(c.muted))
        painter.drawText(
            lower,
            centre | Qt.AlignmentFlag.AlignTop,
            "A folder of images to train on, a workspace, a run, a checkpoint or a picture",
        )
        font = self.font()
        font.setPointSizeF(1.4 * font.pointSizeF())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(c.text))
        painter.drawText(upper, centre | Qt.AlignmentFlag.AlignBottom, "Drop to open")
