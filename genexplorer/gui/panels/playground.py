"""The playground: a model that learns points on the plane before one's eyes, and whatever one changes of it."""

import itertools
import time
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QComboBox, QLabel, QSpinBox, QSplitter, QTabWidget, QVBoxLayout, QWidget

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DATASETS, DatasetRecipe
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS, ModelRecipe
from genexplorer.engine.jobs import Reply
from genexplorer.engine.playground import (
    FAMILIES,
    Begin,
    Change,
    Chips,
    Frame,
    Look,
    Move,
    Play,
    Setup,
    Show,
    Table,
    Wish,
    setup_for,
)
from genexplorer.engine.query import Query
from genexplorer.engine.settings import TrainRecipe
from genexplorer.gui import theme
from genexplorer.gui.actions import buttons_of, local_action
from genexplorer.gui.column_area import ColumnArea
from genexplorer.gui.data_chips import DataChips
from genexplorer.gui.figure import Figure
from genexplorer.gui.form import RecipeForm
from genexplorer.gui.history_chart import HistoryChart
from genexplorer.gui.icons import icon
from genexplorer.gui.legend import dot
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.plane_view import PlaneView
from genexplorer.gui.questions import Questions
from genexplorer.gui.session import Session
from genexplorer.gui.wrap import Wrap, named

_DATA = ("noise", "modes", "strokes")
_MODEL = (
    *("game", "penalty", "gamma", "spectral", "d_steps", "d_lr", "latent_dim", "hidden", "depth", "smoothing"),
    *("beta1", "beta2", "sigma", "beta", "likelihood", "lam", "schedule", "prediction", "times", "min_snr"),
)
_TRAINING = ("lr", "batch_size", "seed")
_LAYERS = {
    "heat": (
        "Map",
        "What the discriminator thinks: blue where it takes points for real, orange for made; without one, "
        "how densely points are made",
    ),
    "manifold": ("Grid", "Where an even grid of noise is led: each of its cells is as likely as any other"),
    "ways": ("Ways", "How points come from noise, of a model that goes there step by step"),
    "pull": ("Arrows", "Where its loss would have G move each point, −∂L/∂x; of diffusion, the field σ² ∇ log p(x)"),
    "real": ("Real", "Points of the data, blue"),
    "fake": ("Made", "Points that the model makes of the same z every time, orange"),
}
_PLAYERS = {"d": "D", "g": "G"}
_SOON_MS = 250  # a form that changes again within it is not played with yet
_DRAW = "Draw with the mouse where real points should lie"


@PANELS.register("playground")
class PlaygroundPanel(Panel):
    """Nothing is computed before it is seen, and while it is not. Of the frames that wait the newest is shown."""

    title = "Playground"
    tab = 95
    of_images = False
    lesson: ClassVar[str] = (
        "A generator makes points <i>x</i> = <i>G</i>(<i>z</i>) of noise <i>z</i> ~ N(0, <i>I</i>), orange; a "
        "discriminator gives a score <i>D</i>(<i>x</i>), high where it takes a point for a real one, blue. They play "
        "min<sub>G</sub> max<sub>D</sub> E log σ(<i>D</i>(<i>x</i>)) + E log(1 − σ(<i>D</i>(<i>G</i>(<i>z</i>)))), or "
        "what the chosen game puts in its place. The ground has the colour that σ(<i>D</i>) leans to, and none where "
        "it is ½; where only differences of scores count (Wasserstein, relativistic), they are counted from the middle "
        "between real and made ones. Arrows are −∂<i>L<sub>G</sub></i>/∂<i>x</i>, longer where that is steeper. The "
        "grid is where an even grid of <i>z</i> goes, each cell with the same probability: where lines crowd, <i>G</i> "
        "makes many points, and folds and tears are what it cannot do. The true density <i>p</i> is known: KL(<i>p</i> "
        "‖ <i>q</i>) = Σ <i>p</i> log <i>p</i>/<i>q</i> grows where points are missing, JS = ½ KL(<i>p</i> ‖ <i>m</i>) "
        "+ ½ KL(<i>q</i> ‖ <i>m</i>), <i>m</i> = ½ (<i>p</i> + <i>q</i>), is at most log 2 = 0.69; both in nats, from "
        "2,000 made points counted in cells of 0.05 and smoothed, as <i>p</i> is, by a Gaussian of one cell. A VAE has "
        "no discriminator: its points are the means of <i>p</i>(<i>x</i> | <i>z</i>), and the ground shows how densely "
        "they lie. A diffusion model leads noise to points step by step, along the lines; its arrows are "
        "<i>x̂</i><sub>0</sub> − <i>x</i> = σ² ∇ log <i>p</i><sub>σ</sub>(<i>x</i>) at σ = 0.2, and its grid is where "
        "an even grid of noise goes."
        "<br><small>Kahng et al. 2019, “GAN Lab: Understanding Complex Deep Generative Models using Interactive Visual "
        "Experimentation”; Goodfellow et al. 2014, “Generative Adversarial Nets”; Song et al. 2021, “Score-Based "
        "Generative Modeling through Stochastic Differential Equations”.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._table: Questions | None = None  # with the first sight of the panel
        self._numbers = itertools.count()
        self._playing, self._begun, self._waiting = False, -1, True
        self._setup: Setup | None = None
        self._checkpoint: Checkpoint | None = None
        self._rate: tuple[float, int] = (0.0, 0)
        self.speed = 0.0
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self.restart)
        self._slow = QTimer(self)
        self._slow.timeout.connect(lambda: self._wish(Move()))
        self._make_controls()
        split = QSplitter(Qt.Orientation.Horizontal)
        for side in (self._left(), self._right()):
            split.addWidget(side)
        split.setStretchFactor(0, 1)
        split.setChildrenCollapsible(False)
        self.body.addLayout(self._transport())
        self.body.addWidget(split, 1)
        self._choose_family("gan")

    def demonstrate(self) -> float:
        self.play(True)
        return 20.0

    def panel_actions(self) -> list[QAction]:
        return [self.play_action, self.step_action, *self.player_actions.values(), self.reset_action, self.clear_action]

    @property
    def busy(self) -> bool:
        return self.isVisible() and self._waiting

    @property
    def playing(self) -> bool:
        return self._playing

    def open(self, checkpoint: Checkpoint | None) -> None:
        """A model of points is played on with; other ones leave all as it is."""
        if checkpoint is not None and not checkpoint.spec.is_image and checkpoint is not self._checkpoint:
            self._checkpoint = checkpoint
            if self.isVisible():
                self._take_up()

    def show_reply(self, query: Query, answer: Any) -> None:
        """No question of a checkpoint is asked."""

    def shut(self) -> None:
        self._slow.stop()
        self._soon.stop()
        if self._table is not None:
            self._table.shut()
            self._table = None
        super().shut()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._table is None:
            self._table = Questions(Table().answer, "genexplorer-playground", self)
            self._table.answered.connect(self._take)
            self._wish(Show(self._data()))
            self._take_up() if self._checkpoint is not None else self.restart()
        elif self._checkpoint is not None and (self._setup is None or self._setup.start is not self._checkpoint):
            self._take_up()
        self._go()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._slow.stop()
        self._wish(Look())

    def toggle(self) -> None:
        self.play(not self._playing)

    def play(self, on: bool) -> None:
        self._playing = on
        self.play_action.setText("Pause" if on else "Play")
        self.play_action.setIcon(icon("pause" if on else "play", "on_accent"))
        self._rate = (0.0, 0)
        self._go()
        if not on:
            self._wish(Look())

    def step(self, only: str = "") -> None:
        """One step, of one player alone where it is named."""
        if self._playing:
            self.play(False)
        self._wish(Move(frozenset({only}) if only else None))

    def restart(self) -> None:
        """From new weights, with what the forms say."""
        self._soon.stop()
        if (setup := self._wanted()) is not None:
            self._begin(setup)

    def draw_on(self, trail: np.ndarray) -> None:
        """One more stroke, or the first of a drawing."""
        pieces = np.concatenate([trail[:-1], trail[1:]], 1) if len(trail) > 1 else np.tile(trail, 2)
        data = self._data()
        values, told = data.model_dump(), tuple(round(float(each), 4) for each in pieces.ravel())
        before = values["strokes"] if values["kind"] == "drawn" else ()
        self._put_data({**values, "kind": "drawn", "strokes": (*before, *told)})
        self._soon_changed()

    def clear(self) -> None:
        """Take the drawing back."""
        data = self._data().model_dump()
        self._put_data({**data, "strokes": (), "kind": "ring" if data["kind"] == "drawn" else data["kind"]})
        self.restart()
        self._wish(Show(self._data()))

    def _wish(self, wish: Wish) -> None:
        """Moves are counted, each for itself; of other wishes the newest of its kind."""
        if self._table is not None:
            self._table.ask(wish, next(self._numbers) if isinstance(wish, Move) else type(wish))

    def _go(self) -> None:
        """Play on, in the way that is chosen, as far as it is to be played."""
        self._slow.stop()
        if self._playing and self.isVisible():
            if self.pace.value():
                self._slow.start(round(1000 / self.pace.value()))
                self._wish(Look())
            else:
                self._wish(Play())

    def _begin(self, setup: Setup) -> None:
        self._setup, self._waiting = setup, True
        for chart in (self.divergences, self.losses):
            chart.clear()
        self._tell_players(setup)
        self._wish(Begin(setup))
        self._go()

    def _soon_changed(self) -> None:
        """Other data or another pace for the same weights."""
        if (setup := self._wanted()) is not None and self._setup is not None:
            self._setup = replace(setup, start=self._setup.start)
            self._wish(Change(self._setup))
            self._wish(Show(setup.data))
            self._go()

    def _take(self, replies: list[Reply[Wish]]) -> None:
        newest: Frame | None = None
        for reply in replies:
            if reply.error:
                self.complain(reply.error)
                self._waiting = False
                self.play(False)
            elif isinstance(reply.answer, Chips):
                self.chips.show_points(reply.answer.points)
            elif isinstance(reply.answer, Frame):
                newest = reply.answer
        if newest is not None and newest.setup is self._setup:
            self._waiting = False
            self._show(newest)

    def _show(self, frame: Frame) -> None:
        now = time.perf_counter()
        if self._rate[0] and frame.step > self._rate[1] and now - self._rate[0] > 0.5:
            self.speed = (frame.step - self._rate[1]) / (now - self._rate[0])
            self._rate = (now, frame.step)
        elif not self._rate[0]:
            self._rate = (now, frame.step)
        self.view.show_frame(frame)
        if frame.kl is not None and frame.js is not None:
            self.divergences.add(frame.step, {"kl": frame.kl, "js": frame.js})
        if frame.losses:
            self.losses.add(frame.step, frame.losses)
        moved = [f"{_PLAYERS[name]} {count:,}" for name, count in frame.moves.items() if name in _PLAYERS]
        pace = [f"{self.speed:,.0f} steps/s"] if self._playing and self.speed and not self.pace.value() else []
        self.told.setText(" · ".join([f"Step {frame.step:,}", *moved, *pace]))

    def _data(self) -> DatasetRecipe:
        """What the form says, or what was played with last while it is wrong."""
        try:
            recipe = self.data_form.recipe()
        except UserError:
            return self._setup.data if self._setup is not None else DATASETS["points2d"].parse({})
        assert isinstance(recipe, DatasetRecipe)
        return recipe

    def _wanted(self) -> Setup | None:
        """What the forms say; None while they are wrong, which stands beneath their fields."""
        try:
            data, model, training = self.data_form.recipe(), self.model_form.recipe(), self.train_form.recipe()
        except UserError:
            return None
        assert isinstance(data, DatasetRecipe) and isinstance(model, ModelRecipe) and isinstance(training, TrainRecipe)
        return Setup(data, model, training.lr, training.batch_size, training.seed)

    def _choose_data(self, kind: str) -> None:
        data = self._data().model_dump()
        if kind == "drawn" and not data["strokes"]:
            self.view.hint = _DRAW
            self.view.update()
            return
        self._put_data({**data, "kind": kind})
        self.restart()

    def _put_data(self, values: dict[str, Any]) -> None:
        recipe = DATASETS["points2d"].parse(values)
        self.data_form.set_recipe(recipe)
        self.chips.choose(values["kind"])
        self.view.hint = ""
        self.clear_action.setEnabled(bool(values["strokes"]))

    def _choose_family(self, family: str) -> None:
        """With settings that suit points."""
        setup = setup_for(family, self._data(), self._seed()) if family in FAMILIES else None
        model = setup.model if setup is not None else MODELS[family].parse({})
        self.model_form.set_recipe_class(type(model))
        self.model_form.set_defaults(model)
        if setup is not None:
            values = {"lr": setup.lr, "batch_size": setup.batch_size}
            self.train_form.set_recipe(TrainRecipe.parse({**values, "seed": setup.seed}))
            self.train_form.set_defaults(TrainRecipe.parse(values))

    def _seed(self) -> int:
        seed = self.train_form.values()["seed"]
        return seed if isinstance(seed, int) and seed >= 0 else 0

    def _take_up(self) -> None:
        """Go on with the weights that are open."""
        checkpoint = self._checkpoint
        assert checkpoint is not None
        if checkpoint.dataset.name != "points2d":
            return
        if self.family.findData(checkpoint.recipe.name) < 0:
            self.family.addItem(checkpoint.recipe.title, checkpoint.recipe.name)
        self.family.setCurrentIndex(self.family.findData(checkpoint.recipe.name))
        self._choose_family(checkpoint.recipe.name)
        self.model_form.set_recipe(checkpoint.recipe)
        self._put_data(checkpoint.dataset.model_dump())
        if (setup := self._wanted()) is not None:
            self._begin(replace(setup, start=checkpoint))

    def _tell_players(self, setup: Setup) -> None:
        adversaries = hasattr(setup.model, "game")
        for action in self.player_actions.values():
            action.setEnabled(adversaries)
        denoises = hasattr(setup.model, "schedule")
        shows = {
            "ways": denoises,
            "pull": adversaries or denoises,
            "manifold": denoises or getattr(setup.model, "latent_dim", 0) == 2,
        }
        for layer, button in self.layers.items():
            button.setEnabled(shows.get(layer, True))

    def _make_controls(self) -> None:
        self.view = PlaneView()
        self.view.setAccessibleName("The plane: real and made points")
        self.view.setToolTip(f"{_DRAW}; another stroke adds to it")
        self.view.drawn.connect(self.draw_on)
        self.chips = DataChips()
        self.chips.chosen.connect(self._choose_data)
        points = DATASETS["points2d"].parse({})
        self.data_form, self.model_form = RecipeForm(only=_DATA), RecipeForm(only=_MODEL)
        self.train_form = RecipeForm(TrainRecipe, only=_TRAINING)
        self.data_form.set_recipe(points)
        self.chips.choose("ring")
        for form in (self.data_form, self.model_form):
            form.changed.connect(self._soon.start)
        self.train_form.changed.connect(self._change_training)
        self.family = QComboBox()
        for name in FAMILIES:
            self.family.addItem(MODELS[name].title, name)
        self.family.setAccessibleName("Model")
        self.family.setToolTip("Who learns; its settings below begin at what suits points")
        self.family.activated.connect(lambda _: self._pick_family())
        self.play_action = local_action(self, "Play", "", "Space", "Let it learn, or stand still", self.toggle)
        self.play_action.setIcon(icon("play", "on_accent"))
        self.step_action = local_action(self, "One step", "skip-forward", ".", "One step of both players", self.step)
        self.step_action.setShortcuts([QKeySequence("."), QKeySequence("Right")])
        self.player_actions = {name: self._player_action(name) for name in _PLAYERS}
        self.reset_action = local_action(
            self, "Reset", "arrow-counter-clockwise", "R", "Begin again with new weights", self.restart
        )
        self.clear_action = local_action(
            self, "Clear the drawing", "eraser", "Ctrl+Backspace", "Take all strokes off", self.clear
        )
        self.clear_action.setEnabled(False)
        self.pace = QSpinBox()
        self.pace.setRange(0, 60)
        self.pace.setSpecialValueText("full speed")
        self.pace.setSuffix(" steps/s")
        self.pace.lineEdit().setTextMargins(7, 0, 0, 0)
        self.pace.setAccessibleName("Speed")
        self.pace.setToolTip("Slow motion: steps per second; 0 for as many as can be")
        self.pace.valueChanged.connect(lambda _: self._go())
        self.told = Figure("Step 888,888 · D 888,888 · G 888,888 · 8,888 steps/s")
        self.told.setProperty("role", "muted")
        self.divergences = HistoryChart([("kl", "KL(p ‖ q)", 2), ("js", "JS", 3)], 0.001, 10)
        self.divergences.setAccessibleName("Divergences from the true density, over steps")
        self.divergences.setToolTip("From the true density, in nats; 0 where the model has learnt it")
        self.losses = HistoryChart([("d_loss", "D", 0), ("g_loss", "G", 1), ("loss", "Loss", 2)])
        self.losses.setAccessibleName("Losses, over steps")
        self.losses.setToolTip("What each player pays")

    def _player_action(self, name: str) -> QAction:
        text = _PLAYERS[name]
        does = f"One step of {text} alone; the other stays as it is"
        return local_action(self, f"{text} only", "", text, does, lambda: self.step(name))

    def _transport(self) -> Wrap:
        row = Wrap()
        (play,) = buttons_of(self.play_action, texts=True)
        play.setProperty("primary", True)
        for button in (play, *buttons_of(self.step_action), *buttons_of(*self.player_actions.values())):
            row.addWidget(button)
        for button in buttons_of(self.reset_action, self.clear_action):
            row.addWidget(button)
        row.addWidget(named("Speed", self.pace))
        row.addStretch()
        row.addWidget(self.told)
        return row

    def _left(self) -> QWidget:
        left, row = QWidget(), Wrap()
        self.layers = {}
        for number, (layer, (text, about)) in enumerate(_LAYERS.items(), 1):
            action = local_action(self, text, "", str(number), about)
            action.setCheckable(True)
            action.setChecked(True)
            action.toggled.connect(lambda on, layer=layer: self.view.show_layer(layer, on))
            (self.layers[layer],) = buttons_of(action)
            row.addWidget(self.layers[layer])
        theme.notifier.changed.connect(self._dress)
        self._dress()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        column.addWidget(self.view, 1)
        column.addLayout(row)
        return left

    def _right(self) -> QWidget:
        forms, right = QWidget(), QWidget()
        column = QVBoxLayout(forms)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        for title, parts in (
            ("Data", (self.chips, self.data_form)),
            ("Model", (self.family, self.train_form, self.model_form)),
        ):
            heading = QLabel(title)
            heading.setProperty("role", "title")
            for widget in (heading, *parts):
                column.addWidget(widget)
        column.addStretch(1)
        self.charts = QTabWidget(documentMode=True)
        self.charts.addTab(self.divergences, "Divergence")
        self.charts.addTab(self.losses, "Losses")
        whole = QVBoxLayout(right)
        whole.setContentsMargins(8, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(ColumnArea(forms), 1)
        whole.addWidget(self.charts)
        return right

    def _dress(self) -> None:
        """Layers of points have their colours beside their names."""
        for layer, color in zip(("real", "fake"), theme.colors().curves, strict=False):
            self.layers[layer].defaultAction().setIcon(dot(color))
            self.layers[layer].setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    def _pick_family(self) -> None:
        self._choose_family(self.family.currentData())
        self.restart()

    def _change_training(self) -> None:
        """The learning rate holds from the next step on; another seed or batch begins anew."""
        wanted = self._wanted()
        if wanted is not None and self._setup is not None:
            same = (wanted.seed, wanted.batch_size) == (self._setup.seed, self._setup.batch_size)
            self._soon_changed() if same else self._soon.start()
