"""The latent panel: sliders along axes of the space of codes, and the picture that the code in hand draws."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSplitter, QToolButton, QVBoxLayout, QWidget

from genexplorer.core.abilities import Decodes
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.engine.axes import Axes, unit_axes
from genexplorer.engine.explore import Decode, Describe, Dimensions
from genexplorer.engine.keepsake import Keepsake, keepsake
from genexplorer.engine.naming import Named, NamedSliders, can_be_named
from genexplorer.engine.principal import Principal
from genexplorer.engine.query import Query
from genexplorer.engine.refine import Encoded, EncodePhoto, Refine, Refined
from genexplorer.engine.strips import Strips
from genexplorer.gui.axis_column import AxisColumn
from genexplorer.gui.before_after import MODES, BeforeAfter
from genexplorer.gui.bookmark_strip import BookmarkStrip
from genexplorer.gui.bookmarks import Bookmark
from genexplorer.gui.carried import carried, carry
from genexplorer.gui.code_text import read_code, write_code
from genexplorer.gui.history_button import HistoryButton
from genexplorer.gui.icons import icon
from genexplorer.gui.keepsakes import open_picture
from genexplorer.gui.latent_slider import LatentSlider
from genexplorer.gui.named_bar import NamedBar
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.photo_bar import PhotoBar
from genexplorer.gui.plausibility_gauge import PlausibilityGauge
from genexplorer.gui.segments import Segments
from genexplorer.gui.session import Session

_REST_MS, _MOVING_S = 30, 0.1  # a hand that moves a slider brings something new within two frames
_GROUPS = ("dimensions", "principal", "named")


@PANELS.register("latent")
class LatentPanel(Panel):
    """Sliders ranked by how much they tell, each with a strip of what it will do; a photo's code, found and refined."""

    title = "Latent space"
    needs = (Decodes,)
    lesson: ClassVar[str] = (
        "A variational autoencoder describes each image by a code <i>z</i> and draws it again from that code.<br>"
        "<b>Dimensions</b>: each slider is one number of <i>z</i>. They are ranked by their KL, "
        "½(μ² + σ² − 1 − ln σ²) in nats, averaged over test images: how much that number tells about an image. "
        "A slider reaches three standard deviations of the codes that real images have. "
        "<b>Principal</b>: the directions along which the codes of test images spread most, in their standard "
        "deviations, with the share of the variance that each explains. <b>Named</b>: directions found from labels; "
        "one step is one standard deviation of the attribute. Beside each: how many times more it changes that "
        "attribute than the one that it changes most besides, by a classifier that had no part in finding it.<br>"
        "<b>Film strip</b>: what the picture in hand would be at seven places of the slider. <b>A locked slider</b> "
        "stays, also while another one moves: that one goes along v − Pv, where P projects on what is locked. "
        "<b>Refine</b> looks for argmin<sub>z</sub> ‖x − g(z)‖² by Adam, from where the sliders stand."
        "<br><small>Kingma &amp; Welling 2014, “Auto-Encoding Variational Bayes”, appendix B. Pearson 1901. "
        "Shen et al. 2020, “InterFaceGAN”, §3.2. Zhu et al. 2016, “Generative Visual Manipulation on the Natural "
        "Image Manifold”, §3.1.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.code = session.code
        self._groups: dict[str, Axes | None] = {}
        self._known: Dimensions | None = None
        self._rng = np.random.default_rng(0)
        self._seeded = 0, np.zeros(0, np.float32)  # the seed of the last random code, and that code
        self._drawn: tuple[np.ndarray, np.ndarray] | None = None  # a code and its picture
        self._strips: Strips | None = None
        self._cut = False  # whether another question was asked since the strips
        self._stirred = 0.0  # when the code changed last
        self._refine: Refine | None = None
        self._searched = self._follows = False  # whether what follows is the search's own doing
        self._error: float | None = None  # before the search
        self.pictures = BeforeAfter("Open a run in the Library, or train one, to see its latent space here")
        self.image = self.pictures.after
        self.image.dropped.connect(self.open_picture)
        self.image.failed.connect(session.failed)
        self.image.keepsake = self._keepsake
        self.image.setToolTip("Drop a picture here to find its code. Wheel: zoom. Drag: move. Double click: show all")
        self.image.setAccessibleName("The image that the sliders describe; drop a picture to find its code")
        self.pictures.setMinimumSize(208, 208)
        self.photo = PhotoBar()
        self.photo.opened.connect(self.open_picture)
        self.photo.refine_asked.connect(self.refine)
        self.photo.cancel_asked.connect(self._end_search)
        self.photo.modes.chosen.connect(lambda number: self.pictures.set_mode(MODES[number]))
        self.column = AxisColumn(self.code)
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._ask_strips)
        self.column.unexposed.connect(self._await_rest)
        self.groups = Segments(
            [
                ("Dimensions", "The numbers of the code, one by one", "1"),
                ("Principal", "The directions along which codes of real images spread most", "2"),
                ("Named", "Directions found from the data set's labels, with what they change", "3"),
            ]
        )
        self.groups.chosen.connect(self._pick)
        self.named = NamedBar(session)
        self.named.found.connect(self._name)
        self.named.chosen.connect(self._show_named_slider)
        self.gauge = PlausibilityGauge(session)
        self._make_actions()
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self._left())
        split.addWidget(self._right())
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        split.setSizes([400, 400])
        self.body.addWidget(split, 1)
        self.code.started.connect(self._start)
        self.code.changed.connect(self._changed)
        self.code.held_changed.connect(self._count_locks)
        self._start(0)
        self.strips_action.setChecked(True)

    @property
    def sliders(self) -> list[LatentSlider]:
        """Of the axes that are shown, by axis and not by place."""
        return self.column.sliders

    def panel_actions(self) -> list[QAction]:
        more = (self.keep_action, self.copy_action, self.paste_action, self.pin_action, self.strips_action)
        return [*self._history, *self._actions, *more, self.photo.open_action, self.photo.refine_action]

    def shut(self) -> None:
        self._rest.stop()
        self.gauge.shut()
        self.named.shut()
        super().shut()

    def open(self, checkpoint: Checkpoint | None) -> None:
        self._end_search()
        if checkpoint is None:
            self.pictures.set_edited(None)
        else:
            self._draw()
            self.ask(Describe(checkpoint))
            if "principal" in self._groups:
                self.ask(Principal(checkpoint))
            if self._can_be_named():
                self.ask(NamedSliders(checkpoint))

    def show_reply(self, query: Query, answer: Any) -> None:
        match query, answer:
            case Describe(), Dimensions():
                self._known = answer
                self._show_group("dimensions", answer.axes())
                if not self.code.z.any() and not self.code.history.count() and len(answer.codes):
                    self.code.drag(answer.codes[0])  # a real image is a better place to begin than the mean of all
            case NamedSliders(checkpoint=checkpoint), Named():
                self._name(checkpoint, answer)
                if not self._picked:
                    self._choose(_GROUPS.index("named"))
            case Principal(), _:
                self._show_group("principal", answer)
            case EncodePhoto(path=path), Encoded():
                self._pin(answer.picture)
                self.code.change(f"Encode {path.name}", answer.z)
                self._draw()
            case Decode(z=z), _:
                self._show_picture(z[0], answer[0])
            case Strips(z=z), _ if query is self._strips:
                for axis, pictures in answer:
                    self.column.expose(axis, z, pictures)
            case Refine(), Refined() if query is self._refine:
                self._come_closer(answer)

    def randomise(self) -> None:
        """A code as real images have them, where those are known, else one of the prior."""
        seed = int(self._rng.integers(2**31))
        rng = np.random.default_rng(seed)
        self.code.change("Random", self._known.draw(rng) if self._known else rng.standard_normal(len(self.code.z)))
        self._seeded = seed, self.code.z

    def reset(self) -> None:
        self.code.change("Reset", np.zeros_like(self.code.z))

    def open_picture(self, path: Path) -> None:
        """Go to the code that the picture carries, or find one for it."""
        open_picture(self.session, path, self.encode_file)

    def encode_file(self, path: Path) -> None:
        if self.session.checkpoint is None:
            self.session.failed.emit("There is no model yet to encode a picture with; open a run first.")
            return
        self.ask(EncodePhoto(self.session.checkpoint, path))

    def refine(self) -> None:
        """Look for a code that draws the original better; a slider that is moved ends it."""
        if self.session.checkpoint is not None and self.pictures.original is not None:
            self._end_search()
            self._error = self.pictures.error()
            self._refine = Refine(self.session.checkpoint, self.pictures.original, self.code.z.copy(), self.code.held)
            self.photo.set_progress(0)
            self.ask(self._refine)

    def keep(self) -> None:
        """Bookmark what is seen."""
        if self._drawn is not None:
            self.session.bookmarks.add(*self._drawn)

    def pin(self) -> None:
        """Compare with what is seen now from here on."""
        self._pin(self.pictures.edited)

    def copy(self) -> None:
        """Picture and numbers together: whoever pastes takes what it can use."""
        if self._drawn is not None and self.session.checkpoint is not None:
            data = carry(Bookmark("Copied", *self._drawn))
            data.setText(write_code(self._drawn[0], self.session.checkpoint.digest))
            QGuiApplication.clipboard().setMimeData(data)

    def paste(self) -> None:
        data = QGuiApplication.clipboard().mimeData()
        try:
            whole = None if data.hasText() else carried(data)
            z, digest = (whole.z, "") if whole else read_code(data.text(), len(self.code.z))
        except UserError as error:
            self.session.failed.emit(str(error))
            return
        self.code.change("Paste", z)
        if digest and self.session.checkpoint is not None and digest != self.session.checkpoint.digest:
            self.session.told.emit("This code was copied from other weights; they may have drawn it differently.")

    def _keepsake(self) -> Keepsake | None:
        """What the picture that is seen carries when it is saved."""
        checkpoint = self.session.checkpoint
        if checkpoint is None or self._drawn is None:
            return None
        (z, _), (seed, random) = self._drawn, self._seeded
        return keepsake(checkpoint, z, seed if np.array_equal(z, random) else None)

    def _start(self, dim: int) -> None:
        self._picked = False  # named sliders come first where there are some, unless the person wants others
        self._groups, self._known, self._drawn = {"dimensions": unit_axes(dim) if dim else None}, None, None
        self._pin(None)
        for action in (*self._actions, *self._with_code):
            action.setEnabled(dim > 0)
        self.search.clear()
        self.named.show_named(None)
        self._choose(0)

    def ask(self, query: Query) -> None:
        self._cut = not isinstance(query, Strips)
        super().ask(query)

    def _changed(self, z: np.ndarray) -> None:
        moving, self._stirred = self._moving, time.perf_counter()
        if not self._searched:
            self._end_search()
            self._draw()
            if not moving:
                self._ask_strips()

    def _draw(self) -> None:
        if self.session.checkpoint is not None and len(self.code.z):
            self.ask(Decode(self.session.checkpoint, self.code.z[None].copy()))

    def _show_picture(self, z: np.ndarray, picture: np.ndarray) -> None:
        self._drawn = z, picture
        self.pictures.set_edited(picture)
        self.photo.set_error(self.pictures.error(), self._error)
        if self.column.stale()[0] and not self._rest.isActive():
            self._await_rest()  # an answer that was cut short by this one goes on

    def _await_rest(self) -> None:
        """Film strips come at once after a single change, and at rest while a hand moves on."""
        self._rest.start(_REST_MS if self._moving else 0)

    @property
    def _moving(self) -> bool:
        return time.perf_counter() - self._stirred < _MOVING_S

    def _ask_strips(self) -> None:
        axes, vectors, steps = self.column.stale()
        asked = self._strips
        coming = asked is not None and not self._cut and np.array_equal(asked.z, self.code.z)
        if coming and asked is not None and set(axes) <= set(asked.axes.tolist()):
            return
        if axes and self._refine is None and self.session.checkpoint is not None:
            self._strips = Strips(self.session.checkpoint, self.code.z.copy(), vectors, steps, np.array(axes))
            self.ask(self._strips)

    def _come_closer(self, found: Refined) -> None:
        self._searched = True
        self.code.drag(found.z)
        self._searched = False
        self._show_picture(found.z, found.picture)
        self.photo.set_progress(found.step / found.steps)
        if found.step == found.steps:
            self._end_search()

    def _end_search(self) -> None:
        """What was found so far is one step of the history."""
        searched, self._refine = self._refine, None
        if searched is not None:
            self.code.commit("Refine", searched.z)
            self.photo.set_progress(None)
            self._draw()
            self._await_rest()

    def _pin(self, picture: np.ndarray | None) -> None:
        self._error = None
        self.pictures.set_original(picture)
        self.photo.set_photo(picture is not None)
        self.photo.set_error(self.pictures.error())

    def _blink(self) -> None:
        if self.pictures.original is not None:
            self.photo.modes.choose(2)
            if self.pictures.mode != "blink":
                self.pictures.set_mode("blink")
            self.pictures.blink()

    def _show_group(self, name: str, axes: Axes | None) -> None:
        self._groups[name] = axes
        if _GROUPS[self.groups.choice()] == name:
            self._choose(self.groups.choice())

    def _name(self, checkpoint: Checkpoint, named: Named) -> None:
        if checkpoint is self.session.checkpoint:
            self.named.show_named(named)
            self._show_group("named", named.axes)

    def _show_named_slider(self, axis: int) -> None:
        self.search.clear()
        self._choose(_GROUPS.index("named"))
        self.strips_action.setChecked(True)
        self.window().activateWindow()
        self.column.reveal(axis)

    def _pick(self, number: int) -> None:
        self._picked = True
        self._choose(number)

    def _choose(self, number: int) -> None:
        self.groups.choose(number)
        name = _GROUPS[number]
        self._strips = None
        if name == "principal" and name not in self._groups and self.session.checkpoint is not None:
            self.ask(Principal(self.session.checkpoint))
        self.named.setVisible(name == "named" and self._can_be_named())
        self.column.show_axes(self._groups.get(name), self._why_none(name))

    def _can_be_named(self) -> bool:
        try:
            return self.session.checkpoint is not None and can_be_named(self.session.checkpoint)
        except UserError:
            return False  # the model cannot be built: whatever asks it something says why

    def _why_none(self, name: str) -> str:
        """What to do, or wait for, while a group has no sliders."""
        if not len(self.code.z):
            return ""
        if name == "named":
            if not self._can_be_named():
                return "Sliders are named after labels, and this data set has none. Principal directions need none."
            return (
                "Nobody has named this model's sliders yet. “Name sliders” fits a direction for each label, keeps the "
                "one that changes least else, and measures what it does."
            )
        if name not in self._groups:
            return "Measuring …"
        return "No test images travel with this checkpoint, so there is nothing to measure directions on."

    def _count_locks(self) -> None:
        names = self.code.held_names
        self._unlock.setText(f"{len(names)} locked")
        self._unlock.setToolTip(f"Unlock {', '.join(names)}")
        self._unlock.setVisible(bool(names))

    def _make_actions(self) -> None:
        undo, redo = self.code.history.createUndoAction(self, "Undo"), self.code.history.createRedoAction(self, "Redo")
        undo.setIcon(icon("arrow-counter-clockwise"))
        redo.setIcon(icon("arrow-clockwise"))
        undo.setShortcut(QKeySequence.StandardKey.Undo)
        redo.setShortcuts([*QKeySequence.keyBindings(QKeySequence.StandardKey.Redo), QKeySequence("Ctrl+Shift+Z")])
        self._history = [undo, redo]
        self._actions = [
            self._action("Random", "dice-five", "R", self.randomise, "A random code; locked sliders stay"),
            self._action("Reset", "crosshair", "0", self.reset, "All numbers to 0; locked sliders stay"),
        ]
        self.keep_action = self._action("Keep", "bookmark-simple", "Ctrl+B", self.keep, "Bookmark this picture")
        self.copy_action = self._action("Copy code", "copy", "Ctrl+C", self.copy, "Copy the numbers and the picture")
        self.paste_action = self._action("Paste code", "clipboard-text", "Ctrl+V", self.paste, "Go to copied numbers")
        self.pin_action = self._action(
            "Compare from here", "push-pin", "Shift+B", self.pin, "Make this picture the original"
        )
        self.strips_action = self._action("Film strips", "film-strip", "F", None, "What each slider will do, below it")
        self.strips_action.setCheckable(True)
        self.strips_action.toggled.connect(self.column.set_strips)
        self._with_code = [self.keep_action, self.copy_action, self.paste_action, self.pin_action]
        for number in range(len(_GROUPS)):
            self._action(f"Group {number + 1}", "", str(number + 1), partial(self._pick, number), "")
        self._action("Blink", "", "B", self._blink, "")
        self._action("Search", "", "Ctrl+F", lambda: self.search.setFocus(), "")
        self.addActions([*self._history, self.photo.open_action])

    def _action(self, text: str, name: str, key: str, call: Callable[[], object] | None, does: str) -> QAction:
        action = QAction(text, self)
        if name:
            action.setIcon(icon(name))
        action.setShortcut(key)
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setToolTip(f"{does} ({key})")
        if call is not None:
            action.triggered.connect(lambda: call())
        self.addAction(action)
        return action

    def _left(self) -> QWidget:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.gauge)
        row.addStretch(1)
        for button in _buttons([self.pin_action, self.keep_action]):
            row.addWidget(button)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        column.addWidget(self.photo)
        column.addWidget(self.pictures, 1)
        column.addLayout(row)
        column.addWidget(BookmarkStrip(self.session))
        return left

    def _right(self) -> QWidget:
        self.search = QLineEdit(placeholderText="Find a slider", clearButtonEnabled=True)
        self.search.setAccessibleName("Find a slider")
        self.search.setToolTip("Only sliders with this in their name (Ctrl+F)")
        self.search.textChanged.connect(self.column.filter)
        self._unlock = QToolButton()
        self._unlock.setIcon(icon("lock-simple-fill", "accent"))
        self._unlock.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._unlock.clicked.connect(self.code.let_go)
        above, below = QHBoxLayout(), QHBoxLayout()
        above.setSpacing(4)
        below.setSpacing(8)
        for button in _buttons([*self._actions]):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            above.addWidget(button)
        above.addStretch(1)
        for button in (*_buttons(self._history), HistoryButton(self.code.history)):
            above.addWidget(button)
        below.addWidget(self.search, 1)
        below.addWidget(self._unlock)
        for button in _buttons([self.strips_action]):
            below.addWidget(button)
        right = QWidget()
        side = QVBoxLayout(right)
        side.setContentsMargins(8, 0, 0, 0)
        side.setSpacing(8)
        side.addLayout(above)
        side.addWidget(self.groups)
        side.addLayout(below)
        side.addWidget(self.named)
        side.addWidget(self.column, 1)
        self._count_locks()
        return right


def _buttons(actions: Sequence[QAction]) -> list[QToolButton]:
    made = []
    for action in actions:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setAccessibleName(action.text())
        made.append(button)
    return made
