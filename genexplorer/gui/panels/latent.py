"""The latent panel: a slider per dimension of the code, and the image that the code draws."""

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSplitter, QToolButton, QVBoxLayout, QWidget

from genexplorer.core.abilities import Decodes
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.engine.axes import subscript
from genexplorer.engine.explore import Decode, Describe, Dimensions, EncodeFile
from genexplorer.engine.query import Query
from genexplorer.gui.icons import icon
from genexplorer.gui.images import ImageView
from genexplorer.gui.latent_slider import LatentSlider
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.session import Session

_REACH = 3.0  # standard deviations of the aggregate posterior that a slider spans to either side


@PANELS.register("latent")
class LatentPanel(Panel):
    """Sliders ranked by how much their dimension tells (its KL); those that tell nothing are folded away."""

    title = "Latent space"
    needs = (Decodes,)
    lesson: ClassVar[str] = (
        "A variational autoencoder describes each image by a code <i>z</i> and draws it again from that code. Each "
        "slider is one number of <i>z</i>. They are ranked by their KL, "
        "½(μ² + σ² − 1 − ln σ²) in nats, averaged over test images: how much that number tells about an image. "
        "A slider reaches three standard deviations of the codes that real images have."
        "<br><small>Kingma &amp; Welling 2014, “Auto-Encoding Variational Bayes”, appendix B.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.code = session.code
        self.code.started.connect(self._build)
        self.code.changed.connect(self._show)
        self.sliders: list[LatentSlider] = []  # by dimension, not by place
        self._known: Dimensions | None = None
        self._rng = np.random.default_rng(0)
        self.image = ImageView("Open a run in the Library, or train one, to see its latent space here")
        self.image.dropped.connect(self.encode_file)
        self.image.failed.connect(session.failed)
        self.image.setMinimumSize(208, 208)
        self.image.setToolTip("Drop a picture here to find its code")
        self.image.setAccessibleName("The image that the sliders describe; drop a picture to find its code")
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self._quiet = QToolButton()
        self._quiet.setCheckable(True)
        self._quiet.setVisible(False)
        self._quiet.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._quiet.toggled.connect(self._unfold)
        side = QVBoxLayout()
        side.setContentsMargins(8, 0, 0, 0)
        side.addLayout(self._buttons())
        side.addWidget(self._scroll(), 1)
        right = QWidget()
        right.setLayout(side)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.image)
        split.addWidget(right)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        split.setSizes([400, 400])
        self.body.addWidget(split, 1)
        self._build(0)

    def panel_actions(self) -> list[QAction]:
        return [*self._actions, *self._history]

    def open(self, checkpoint: Checkpoint | None) -> None:
        if checkpoint is None:
            self.image.set_image(None)
        else:
            self.ask(Describe(checkpoint))

    def show_reply(self, query: Query, answer: np.ndarray | Dimensions) -> None:
        match query:
            case Describe():
                assert isinstance(answer, Dimensions)
                self._rank(answer)
                self._draw()
            case EncodeFile(path=path):
                assert isinstance(answer, np.ndarray)
                self.code.change(f"Encode {path.name}", answer)
            case Decode():
                assert isinstance(answer, np.ndarray)
                self.image.set_image(answer[0])

    def _show(self, z: np.ndarray) -> None:
        for slider, value in zip(self.sliders, z, strict=True):
            slider.set_value(float(value))
        self._draw()

    def randomise(self) -> None:
        """A draw from the aggregate posterior's own spread, where that is known, else from the prior."""
        known = self._known
        draw = self._rng.standard_normal(len(self.code.z)).astype(np.float32)
        self.code.change("Random", draw if known is None else known.mean + known.std * draw)

    def reset(self) -> None:
        self.code.change("Reset", np.zeros_like(self.code.z))

    def encode_file(self, path: object) -> None:
        if self.session.checkpoint is None:
            self.session.failed.emit("There is no model yet to encode a picture with; open a run first.")
            return
        self.ask(EncodeFile(self.session.checkpoint, path))  # type: ignore[arg-type]

    def _draw(self) -> None:
        if self.session.checkpoint is not None and len(self.code.z):
            self.ask(Decode(self.session.checkpoint, self.code.z[None].copy()))

    def _build(self, dim: int) -> None:
        for slider in self.sliders:
            self._column.removeWidget(slider)
            slider.deleteLater()
        self.sliders = [LatentSlider(f"z{subscript(i)}") for i in range(dim)]
        self._known = None
        for i, slider in enumerate(self.sliders):
            slider.moved.connect(lambda value, i=i: self._moved(i, value))
            slider.committed.connect(lambda old, new, i=i: self._committed(i, old))
            slider.lock_changed.connect(lambda locked, i=i: self._lock(i, locked))
            self._column.insertWidget(i, slider)
        self._quiet.setVisible(False)
        for action in self._actions:
            action.setEnabled(dim > 0)

    def _rank(self, known: Dimensions) -> None:
        """Order the sliders; a checkpoint of the same run that follows only gets its numbers, nothing moves."""
        first, self._known = self._known is None, known
        for i, slider in enumerate(self.sliders):
            slider.set_detail(f"{known.kl[i]:.2f} nats")
            reach = max(_REACH * float(known.std[i]), abs(float(self.code.z[i])))
            slider.set_range(float(known.mean[i]) - reach, float(known.mean[i]) + reach)
        if first:
            for place, i in enumerate(known.ranked):
                self._column.removeWidget(self.sliders[i])
                self._column.insertWidget(place, self.sliders[i])
        self._unfold(self._quiet.isChecked())

    def _unfold(self, shown: bool) -> None:
        quiet = np.zeros(0, bool) if self._known is None else ~self._known.active
        for slider, is_quiet in zip(self.sliders, quiet, strict=False):
            slider.setVisible(shown or not is_quiet)
        self._quiet.setText(f"{int(quiet.sum())} inactive dimensions")
        self._quiet.setIcon(icon("caret-down" if shown else "caret-right"))
        self._quiet.setVisible(bool(quiet.any()))

    def _moved(self, dim: int, value: float) -> None:
        self.code.drag(self._with(dim, value))

    def _committed(self, dim: int, old: float) -> None:
        self.code.commit(f"Move {self.sliders[dim].label}", self._with(dim, old))

    def _with(self, dim: int, value: float) -> np.ndarray:
        z = self.code.z.copy()
        z[dim] = value
        return z

    def _lock(self, dim: int, locked: bool) -> None:
        unit = np.eye(len(self.code.z), dtype=np.float32)[dim]
        self.code.hold(self.sliders[dim].label, unit if locked else None)

    def _buttons(self) -> QHBoxLayout:
        self._actions: list[QAction] = []
        row = QHBoxLayout()
        row.setSpacing(4)
        undo, redo = self.code.history.createUndoAction(self, "Undo"), self.code.history.createRedoAction(self, "Redo")
        undo.setIcon(icon("arrow-counter-clockwise"))
        redo.setIcon(icon("arrow-clockwise"))
        undo.setShortcut(QKeySequence.StandardKey.Undo)
        redo.setShortcuts([*QKeySequence.keyBindings(QKeySequence.StandardKey.Redo), QKeySequence("Ctrl+Shift+Z")])
        self._history = [undo, redo]
        for text, name, key, call in (
            ("Random", "dice-five", "R", self.randomise),
            ("Reset", "crosshair", "0", self.reset),
        ):
            self._actions.append(self._action(text, name, key, call))
        self.addActions([*self._actions, undo, redo])
        for action in (*self._actions, undo, redo):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setAccessibleName(action.text())
            row.addWidget(button)
        for action in self._actions:
            row.itemAt(self._actions.index(action)).widget().setToolButtonStyle(  # type: ignore[union-attr]
                Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            )
        row.addStretch(1)
        return row

    def _action(self, text: str, name: str, key: str, call: Callable[[], None]) -> QAction:
        action = QAction(icon(name), text, self)
        action.setShortcut(key)
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setToolTip(f"{text} ({key}); locked sliders stay")
        action.triggered.connect(call)
        return action

    def _scroll(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 12, 0)
        column.addLayout(self._column)
        column.addWidget(self._quiet)
        column.addStretch(1)
        area = _Column()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        return area


class _Column(QScrollArea):
    """Scrolls up and down only: never narrower than what is in it, at any size of text."""

    def minimumSizeHint(self) -> QSize:
        inside, bar = self.widget(), self.verticalScrollBar()
        needed = inside.minimumSizeHint().width() + bar.sizeHint().width() if inside else 0
        return QSize(max(296, needed), 64)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)
