"""The panel about diffusion: noise in, image out, every step in the hand."""

import time
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from genexplorer.core.abilities import Denoises
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.engine.export import ANIMATIONS
from genexplorer.engine.jobs import Reply
from genexplorer.engine.query import Query, answer
from genexplorer.gui.diffuse.compare_page import ComparePage
from genexplorer.gui.diffuse.denoise_page import DenoisePage
from genexplorer.gui.diffuse.edit_page import EditPage
from genexplorer.gui.diffuse.forward_page import ASKS, ForwardPage
from genexplorer.gui.diffuse.page import Page
from genexplorer.gui.exporter import Exporter
from genexplorer.gui.icons import icon
from genexplorer.gui.images import Pixels
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.questions import Questions
from genexplorer.gui.session import Session
from genexplorer.gui.tabs import Tabs

_SCALES = (1, 2, 4, 8, 16)


@PANELS.register("diffusion")
class DiffusionPanel(Panel):
    """Each page says what it wants to know; what is asked of the model, and taken away, is the same for all."""

    title = "Diffusion"
    tab = 15
    needs = (Denoises,)
    lesson: ClassVar[str] = (
        "<b>Forward</b>, noise is put over an image: <i>x</i><sub>t</sub> = √ᾱ<sub>t</sub> <i>x</i><sub>0</sub> + "
        "√(1 − ᾱ<sub>t</sub>) ε, ε ~ N(0, I). A schedule says how ᾱ falls from 1 at t = 0 to nearly 0 at T = 1000; "
        "β<sub>t</sub> = 1 − ᾱ<sub>t</sub> / ᾱ<sub>t−1</sub> is the noise of one step, ᾱ / (1 − ᾱ) the signal-to-noise "
        "ratio."
        "<br><b>Back</b>, the network tells the image in it: <i>x̂</i><sub>0</sub> is the mean of all images that "
        "<i>x</i><sub>t</sub> may come from, E[<i>x</i><sub>0</sub> | <i>x</i><sub>t</sub>], a blur where much is open "
        "still. The rest is the noise, ε̂ = (<i>x</i><sub>t</sub> − √ᾱ<sub>t</sub> <i>x̂</i><sub>0</sub>) / "
        "√(1 − ᾱ<sub>t</sub>), and −ε̂ / √(1 − ᾱ<sub>t</sub>) the score, ∇ log <i>p</i><sub>t</sub>: where images are "
        "likelier. A sampler steps with both to an earlier s: DDIM to √ᾱ<sub>s</sub> <i>x̂</i><sub>0</sub> + "
        "√(1 − ᾱ<sub>s</sub>) ε̂, so that the noise at the start decides all; DDPM puts some of it anew in each step. "
        "From step to step the pictures fade."
        "<br><b>A branch</b> keeps the past and takes other noise from a moment on, put anew over <i>x̂</i><sub>0</sub> "
        "where a sampler puts in none: an early one differs in everything, a late one in details. So do variations of "
        "an image, the more of them is noise at the start."
        "<br><b>Guidance</b> stresses a condition <i>y</i>: <i>x̂</i><sub>0</sub>(∅) + w "
        "(<i>x̂</i><sub>0</sub>(<i>y</i>) − <i>x̂</i><sub>0</sub>(∅)), and what to lead away from can take "
        "the place of no condition, ∅."
        "<br><small>Ho et al. 2020, “Denoising Diffusion Probabilistic Models”, equations 4 and 7; Song, Meng &amp; "
        "Ermon 2021, “Denoising Diffusion Implicit Models”, equation 12; Song et al. 2021, “Score-Based Generative "
        "Modeling through Stochastic Differential Equations”; Karras et al. 2022, “Elucidating the Design Space of "
        "Diffusion-Based Generative Models” (Heun); Meng et al. 2022, “SDEdit”; Ho &amp; Salimans 2022, "
        "“Classifier-Free Diffusion Guidance”.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._aside = Questions(lambda asked: answer(asked[1]), "genexplorer-diffusion-aside", self, every_ms=1)
        self._aside.answered.connect(self._receive)
        self.denoising, self.comparing, self.forward = DenoisePage(session), ComparePage(session), ForwardPage(session)
        self.editing = EditPage(session)
        self.pages: tuple[Page, ...] = (self.denoising, self.comparing, self.forward, self.editing)
        self.forward.begin.connect(self._begin)
        self.editing.sent.connect(self._put_noise_over)
        self.tabs = Tabs({page.title: page for page in self.pages})
        self.tabs.currentChanged.connect(lambda _: self.teach(self.page().lesson or self.lesson))
        for page in self.pages:
            page.asked.connect(self.ask)
        self.exporter = Exporter()
        self.exporter.told.connect(session.told)
        self.exporter.failed.connect(session.failed)
        self.tabs.setCornerWidget(self._export_button())
        self.body.addWidget(self.tabs, 1)
        self.body.addWidget(self.exporter)

    def page(self) -> Page:
        return self.pages[self.tabs.currentIndex()]

    def panel_actions(self) -> list[QAction]:
        return [action for page in self.pages for action in page.page_actions()]

    def open(self, checkpoint: Checkpoint | None) -> None:
        for page in self.pages:
            page.open(checkpoint)

    def awaits(self, query: Query) -> bool:
        return any(page.awaits(query) for page in self.pages)

    def show_reply(self, query: Query, answer: Any) -> None:
        for page in self.pages:
            if page.awaits(query):
                page.show_reply(query, answer)

    def ask(self, query: Query) -> None:
        if isinstance(query, ASKS):
            self._aside.ask((time.perf_counter(), query), type(query))
        else:
            super().ask(query)

    @property
    def busy(self) -> bool:
        return super().busy or self._aside.open

    def _receive(self, replies: list[Reply[tuple[float, Query]]]) -> None:
        for reply in replies:
            waited = [page for page in self.pages if reply.error and page.awaits(reply.request[1])]
            super()._receive([reply])
            for page in waited:
                page.fail()

    def _begin(self, x: Pixels, t: float) -> None:
        self.tabs.setCurrentWidget(self.denoising)
        self.denoising.start_from(x, t)

    def _put_noise_over(self, x: Pixels) -> None:
        self.tabs.setCurrentWidget(self.forward)
        self.forward.show_image(x)

    def export(self, suffix: str, kind: str) -> None:
        still = self.page().still()
        if still is None:
            self.session.failed.emit("There is nothing to write yet; let all of it be denoised first.")
            return
        path = self.exporter.ask_for_file(self.page().title.lower(), suffix, kind)
        film = self.page().film() if suffix != ".png" else (still[None], 1.0)
        if path and film is not None:
            self.exporter.write_frames(path, *film, self._scale)

    def shut(self) -> None:
        self.exporter.shut()
        self._aside.shut()
        super().shut()

    def _export_button(self) -> QToolButton:
        menu = QMenu(self)
        for suffix, kind in ANIMATIONS.items():
            action = menu.addAction(f"{kind}…")
            action.triggered.connect(lambda _=False, suffix=suffix, kind=kind: self.export(suffix, kind))
        menu.addSeparator()
        sizes, group = menu.addMenu("Size of the pictures"), QActionGroup(self)
        self._scale = 4
        for scale in _SCALES:
            action = sizes.addAction(f"{scale} ×")
            action.setCheckable(True)
            action.setChecked(scale == self._scale)
            action.triggered.connect(lambda _=False, scale=scale: setattr(self, "_scale", scale))
            group.addAction(action)
        button = QToolButton()
        button.setText("Export")
        button.setIcon(icon("export"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setToolTip("Write what is shown as an animation or a picture")
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button
