"""The latent panel: sliders along axes of the space of codes, and the picture that the code in hand draws."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QSplitter

from genexplorer.core.abilities import Decodes, Draws
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.engine.conditions import AskConditions, Written
from genexplorer.engine.explore import Decode, Describe, Dimensions
from genexplorer.engine.gather import SEEDS, Gather, Gathered, Seed
from genexplorer.engine.keepsake import Keepsake, keepsake
from genexplorer.engine.naming import Named, NamedSliders
from genexplorer.engine.principal import Principal
from genexplorer.engine.query import Query
from genexplorer.engine.refine import Encoded, EncodePhoto
from genexplorer.engine.strips import Strips
from genexplorer.gui.actions import local_action
from genexplorer.gui.bookmarks import Bookmark
from genexplorer.gui.code_exchange import copy_code, paste_code
from genexplorer.gui.icons import icon
from genexplorer.gui.keepsakes import open_picture
from genexplorer.gui.latent_slider import LatentSlider
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.picture_side import PictureSide
from genexplorer.gui.refinement import Refinement
from genexplorer.gui.session import Session
from genexplorer.gui.slider_groups import GROUPS, SliderGroups
from genexplorer.gui.strip_schedule import StripSchedule


@PANELS.register("latent")
class LatentPanel(Panel):
    """Sliders ranked by how much they tell, each with a strip of what it will do; a photo's code, found and refined."""

    title = "Latent space"
    tab = 0
    needs = (Decodes,)
    lesson: ClassVar[str] = (
        "A variational autoencoder describes each image by a code <i>z</i> and draws it again from that code; a "
        "generator draws images from codes <i>z</i> ~ N(0, I), and says of no image which code it has.<br>"
        "<b>Dimensions</b>: each slider is one number of <i>z</i>. They are ranked by their KL, "
        "½(μ² + σ² − 1 − ln σ²) in nats, averaged over test images: how much that number tells about an image; where "
        "an encoder gives no distribution, by its share of the variance that the codes of test images have; those of "
        "a generator are all alike, and in their own order. "
        "A slider reaches three standard deviations of the codes that real images have, or that are drawn. "
        "<b>Principal</b>: the directions along which the codes of test images spread most, in their standard "
        "deviations, with the share of the variance that each explains; of a generator, those of what its first layer "
        "hands on, <i>x</i> = Vᵀ(<i>y</i> − μ), taken to codes by least squares, U = argmin Σ ‖U<i>x</i> − <i>z</i>‖². "
        "<b>Named</b>: directions found from labels, of a generator from what a classifier sees on its samples; "
        "one step is one standard deviation of the attribute. Beside each: how many times more it changes that "
        "attribute than the one that it changes most besides, by a classifier that had no part in finding it. "
        "<i>Identity kept</i> is 1 − ‖<i>f</i>(<i>x</i>) − <i>f</i>(<i>x′</i>)‖ / the median of ‖<i>f</i>(<i>x</i>) − "
        "<i>f</i>(other)‖, in features <i>f</i> that were learnt to tell the data set's images from each other.<br>"
        "<b>Film strip</b>: what the picture in hand would be at seven places of the slider. <b>A locked slider</b> "
        "stays, also while another one moves: that one goes along v − Pv, where P projects on what is locked. "
        "<b>Refine</b> looks for argmin<sub>z</sub> ‖x − g(z)‖² by Adam, from where the sliders stand. "
        "<b>A photo</b> is encoded; where nothing encodes, an encoder learns from the generator's own draws to say "
        "where to begin, and the search stays where nine in ten draws are: ‖<i>z</i>‖ at most their 90th percentile."
        "<br><small>Kingma &amp; Welling 2014, “Auto-Encoding Variational Bayes”, appendix B. Pearson 1901. "
        "Härkönen et al. 2020, “GANSpace”, §2.2. Shen et al. 2020, “InterFaceGAN”, §3.2. Zhu et al. 2016, “Generative "
        "Visual Manipulation on the Natural Image Manifold”, §3.1.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.code = session.code
        self._known: Dimensions | None = None
        self._rng = np.random.default_rng(0)
        self._seeded = 0, np.zeros(0, np.float32)  # the seed of the last random code, and that code
        self._drawn: tuple[np.ndarray, np.ndarray] | None = None  # a code and its picture
        self._first: Query | None = None  # for a code to begin with
        self._make_actions()
        self.left = PictureSide(session, self.pin_action, self.keep_action)
        self.image, self.photo = self.left.image, self.left.photo
        self.image.dropped.connect(self.open_picture)
        self.image.failed.connect(session.failed)
        self.image.keepsake = self._keepsake
        self.photo.opened.connect(self.open_picture)
        self.right = SliderGroups(session, self._actions, self._history)
        self.column, self.strips_action = self.right.column, self.right.strips_action
        self.right.wanted.connect(self._measure)
        self.strips = StripSchedule(session, self.column, self.ask, self)
        self.refinement = Refinement(session, self.left, self.strips, self)
        self.refinement.drawn.connect(self._show_picture)
        self.refinement.ended.connect(self._draw)
        self._add_keys()
        split = QSplitter(Qt.Orientation.Horizontal)
        for side in (self.left, self.right):
            split.addWidget(side)
            split.setStretchFactor(split.indexOf(side), 1)
        split.setChildrenCollapsible(False)
        split.setSizes([440, 380])
        self.body.addWidget(split, 1)
        self.code.started.connect(self._start)
        self.code.changed.connect(self._changed)
        self._start(len(self.code.z))
        self.strips_action.setChecked(True)

    @property
    def sliders(self) -> list[LatentSlider]:
        """Of the axes that are shown, by axis and not by place."""
        return self.column.sliders

    def panel_actions(self) -> list[QAction]:
        more = (*self._with_code, self.strips_action, self.photo.open_action, self.photo.refine_action)
        return [*self._history, *self._actions, *more]

    def shut(self) -> None:
        self.strips.stop()
        self.refinement.shut()
        self.left.shut()
        self.right.shut()
        super().shut()

    def open(self, checkpoint: Checkpoint | None) -> None:
        self.refinement.end()
        conditional = self.right.conditions.follow(checkpoint)
        if checkpoint is None:
            self.left.show_picture(None)
        else:
            if conditional:
                self.ask(AskConditions(checkpoint))
            self._draw()
            self.ask(Describe(checkpoint))
            if self.right.knows("principal"):
                self.ask(Principal(checkpoint))
            if self.right.can_be_named():
                self.ask(NamedSliders(checkpoint))

    def ask(self, query: Query) -> None:
        self.strips.hear(query)
        super().ask(query)

    def show_reply(self, query: Query, answer: Any) -> None:
        match query, answer:
            case Describe(), Dimensions():
                self._known = answer
                self.right.show_axes("dimensions", answer.axes())
                if not self.code.z.any() and not self.code.history.count():
                    self._begin(answer)
            case NamedSliders(checkpoint=checkpoint), Named():
                self.right.name_first(checkpoint, answer)
            case AskConditions(), Written():
                self.right.conditions.take(answer)
            case Principal(), _:
                self.right.show_axes("principal", answer)
            case EncodePhoto(path=path), Encoded():
                self.left.pin(answer.picture)
                if answer.z is None:
                    self.refinement.find(f"Find the code of {path.name}")
                else:
                    self.code.change(f"Encode {path.name}", answer.z)
                    self._draw()
            case Gather(sources=(Seed(number=seed),)), Gathered(z=z):
                self._take_random(seed, z, query)
            case Decode(z=z), _:
                self._show_picture(z[0], answer[0])
            case Strips(), _:
                self.strips.take(query, answer)

    def show_failure(self, query: Query) -> None:
        if isinstance(query, Principal):
            self.right.give_up("principal")

    def randomise(self) -> None:
        """A code as real images have them, where those are known, else one as the model draws them."""
        checkpoint, known = self.session.checkpoint, self._known
        if checkpoint is not None and checkpoint.has(Draws) and (known is None or not len(known.codes)):
            self.ask(Gather(checkpoint, (Seed(int(self._rng.integers(SEEDS))),)))
            return
        seed = int(self._rng.integers(2**31))
        rng = np.random.default_rng(seed)
        self.code.change("Random", known.draw(rng) if known else rng.standard_normal(len(self.code.z)))
        self._seeded = seed, self.code.z

    def reset(self) -> None:
        z = np.zeros_like(self.code.z)
        if self.session.checkpoint is not None and (told := self.session.checkpoint.told):
            z[-told:] = self.code.z[-told:]
        self.code.change("Reset", z)

    def open_picture(self, path: Path) -> None:
        """Go to the code that the picture carries, or find one for it."""
        open_picture(self.session, path, self.encode_file)

    def encode_file(self, path: Path) -> None:
        if self.session.checkpoint is None:
            self.session.failed.emit("There is no model yet to encode a picture with; open a run first.")
            return
        self.ask(EncodePhoto(self.session.checkpoint, path))

    def keep(self) -> None:
        """Bookmark what is seen."""
        if self._drawn is not None:
            self.session.bookmarks.add(*self._drawn)

    def pin(self) -> None:
        """Compare with what is seen now from here on."""
        self.left.pin(self.left.pictures.edited)

    def copy(self) -> None:
        if self._drawn is not None:
            copy_code(self.session, Bookmark("Copied", *self._drawn))

    def paste(self) -> None:
        paste_code(self.session)

    def _keepsake(self) -> Keepsake | None:
        """What the picture that is seen carries when it is saved."""
        checkpoint = self.session.checkpoint
        if checkpoint is None or self._drawn is None:
            return None
        (z, _), (seed, random) = self._drawn, self._seeded
        return keepsake(checkpoint, z, seed if np.array_equal(z, random) else None)

    def _start(self, dim: int) -> None:
        self._known = self._drawn = None
        self.left.pin(None)
        for action in (*self._actions, *self._with_code):
            action.setEnabled(dim > 0)
        self.right.start(dim)

    def _begin(self, known: Dimensions) -> None:
        """At a real image, which is a better place than the mean of all, or at what the first seed draws."""
        checkpoint = self.session.checkpoint
        if len(known.codes):
            self.code.drag(known.codes[0])
        elif checkpoint is not None and checkpoint.has(Draws):
            self._first = Gather(checkpoint, (Seed(0),))
            self.ask(self._first)
            self.right.suggest("principal")  # one of many like numbers tells nothing by itself

    def _take_random(self, seed: int, z: np.ndarray, query: Query) -> None:
        if query is not self._first:
            self.code.change("Random", z)
        elif not self.code.history.count():
            self.code.drag(z)
        self._seeded = seed, self.code.z

    def _measure(self, group: str) -> None:
        if group == "principal" and self.session.checkpoint is not None:
            self.ask(Principal(self.session.checkpoint))

    def _changed(self, z: np.ndarray) -> None:
        if not self.refinement.moves:
            self.refinement.end()
            self._draw()
        self.strips.stir()

    def _draw(self) -> None:
        if self.session.checkpoint is not None and len(self.code.z):
            self.ask(Decode(self.session.checkpoint, self.code.z[None].copy()))

    def _show_picture(self, z: np.ndarray, picture: np.ndarray) -> None:
        self._drawn = z, picture
        self.left.show_picture(picture)
        self.strips.go_on()

    def _make_actions(self) -> None:
        undo, redo = self.code.history.createUndoAction(self, "Undo"), self.code.history.createRedoAction(self, "Redo")
        undo.setIcon(icon("arrow-counter-clockwise"))
        redo.setIcon(icon("arrow-clockwise"))
        undo.setShortcut(QKeySequence.StandardKey.Undo)
        redo.setShortcuts([*QKeySequence.keyBindings(QKeySequence.StandardKey.Redo), QKeySequence("Ctrl+Shift+Z")])
        self._history = [undo, redo]
        self._actions = [
            local_action(self, "Random", "dice-five", "R", "A random code; locked sliders stay", self.randomise),
            local_action(
                self, "Reset", "crosshair", "0", "All numbers to 0; conditions and locked sliders stay", self.reset
            ),
        ]
        self._with_code = [
            local_action(self, "Keep", "bookmark-simple", "Ctrl+B", "Bookmark this picture", self.keep),
            local_action(self, "Copy code", "copy", "Ctrl+C", "Copy the numbers and the picture", self.copy),
            local_action(self, "Paste code", "clipboard-text", "Ctrl+V", "Go to copied numbers", self.paste),
            local_action(self, "Compare from here", "push-pin", "Shift+B", "Make this picture the original", self.pin),
        ]
        self.keep_action, *_, self.pin_action = self._with_code

    def _add_keys(self) -> None:
        """What has a key and no place in a menu."""
        for number, group in enumerate(GROUPS, 1):
            local_action(self, f"Group {number}", "", str(number), "", lambda group=group: self.right.pick(group))  # type: ignore[misc]
        local_action(self, "Blink", "", "B", "", self.left.blink)
        local_action(self, "Search", "", "Ctrl+F", "", self.right.search.setFocus)
        self.addActions([*self._history, self.photo.open_action, self.strips_action])
