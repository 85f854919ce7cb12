"""The panel about ways: from code to code, around at random, between four corners, and sums of codes."""

from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout

from genexplorer.core.abilities import Decodes
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress
from genexplorer.engine.export import ANIMATIONS, CODES
from genexplorer.engine.gather import DrawAll, Gather
from genexplorer.engine.query import Query
from genexplorer.gui.bookmark_strip import BookmarkStrip
from genexplorer.gui.exporter import Exporter
from genexplorer.gui.icons import icon
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.session import Session
from genexplorer.gui.tabs import Tabs
from genexplorer.gui.ways.between import Between
from genexplorer.gui.ways.page import Page
from genexplorer.gui.ways.square import Square
from genexplorer.gui.ways.sums import Sums
from genexplorer.gui.ways.wander import Wander
from genexplorer.gui.work_bar import WorkBar

_SCALES = (1, 2, 4, 8, 16)


@PANELS.register("paths")
class PathsPanel(Panel):
    """Each page says which codes it wants drawn; what is asked of the model, and taken away, is the same for all."""

    title = "Interpolate"
    tab = 20
    needs = (Decodes,)
    lesson: ClassVar[str] = (
        "Each picture is drawn from a code <i>z</i>. <b>Lerp</b> goes straight from <i>a</i> to <i>b</i>: "
        "(1 − t) a + t b. <b>Slerp</b> goes along the arc: sin((1 − t)Ω)/sin Ω · a + sin(tΩ)/sin Ω · b, with Ω the "
        "angle between them. In D dimensions nearly all codes drawn from N(0, I) have a length near √D; halfway, the "
        "straight line between two of them has only 0.7 of it, where the model has seen little, while the arc keeps it."
        "<br><b>The random walk</b> is a Gaussian process on a circle: each code alone is a draw from N(0, I), and "
        "near ones are alike: cov(τ) = exp(w²(cos 2πτ − 1)/2π²), with τ in rounds and w the turns."
        "<br><b>Arithmetic</b> adds and takes away the means of sets of codes, A − B + C: what all of a set share "
        "stays in its mean, what is particular to one averages out. “Smiling women − women + men” is a smiling man "
        "only as far as the model lays a smile along one direction."
        "<br><small>Shoemake 1985, “Animating Rotation with Quaternion Curves”; White 2016, “Sampling "
        "Generative Networks”; Rasmussen &amp; Williams 2006, “Gaussian Processes for Machine Learning”, equation "
        "4.31; Radford, Metz &amp; Chintala 2016, “Unsupervised Representation Learning with Deep Convolutional "
        "GANs”.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.between, self.wander = Between(session), Wander(session)
        self.square, self.sums = Square(session), Sums(session)
        self.pages: tuple[Page, ...] = (self.between, self.wander, self.square, self.sums)
        self._asked: Query | None = None
        self._page: Page = self.between  # whose codes are being drawn
        self._done = 0  # parts or pictures of the answer that came
        self.tabs = Tabs({page.title: page for page in self.pages})
        for page in self.pages:
            page.changed.connect(self._work)
        self.tabs.currentChanged.connect(self._turn)
        self.exporter = Exporter()
        self.exporter.told.connect(session.told)
        self.exporter.failed.connect(session.failed)
        self.work = WorkBar("Take out the pictures whose codes are not found yet")
        self.work.cancelled.connect(self._give_up)
        self._actions_of_here()
        self.tabs.setCornerWidget(self._export_button())
        self.strip = BookmarkStrip(session)
        kept, buttons = QHBoxLayout(), QVBoxLayout()
        kept.setSpacing(8)
        buttons.setSpacing(4)
        for action in (self.keep_action, self.send_action):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setAccessibleName(action.text())
            buttons.addWidget(button)
        buttons.addStretch(1)
        kept.addLayout(buttons)
        kept.addWidget(self.strip, 1)
        self.body.addWidget(self.tabs, 1)
        self.body.addWidget(self.work)
        self.body.addWidget(self.exporter)
        self.body.addLayout(kept)
        session.code.started.connect(self._restart)

    def page(self) -> Page:
        return self.pages[self.tabs.currentIndex()]

    def panel_actions(self) -> list[QAction]:
        return [self.keep_action, self.send_action]

    def open(self, checkpoint: Checkpoint | None) -> None:
        for page in self.pages:
            page.drawn = False
            for tray in page.trays():
                tray.forget()
            if checkpoint is None:
                page.begin(np.zeros((0, 0), np.float32))
        self._asked = None
        self.work.tell(None)
        self._work()

    def kind_of(self, query: Query) -> object:
        return None  # one thing is asked at a time: what was asked before it is not to end its answer

    def show_reply(self, query: Query, answer: Any) -> None:
        if query is not self._asked:
            return
        match query:
            case Gather() if isinstance(answer, Progress):
                self.work.tell(answer)
            case Gather(sources=sources):
                self._done += 1
                if answer.error:
                    self.complain(answer.error)
                last = self._done == len(sources)
                self._asked = None if last else self._asked
                self.work.tell(None)
                for page in self.pages:
                    for tray in page.trays():
                        tray.fill(answer)
                if last:
                    self._work()
            case DrawAll():
                self._page.put(self._done, answer)
                self._done += len(answer)

    def complain(self, sentence: str) -> None:
        super().complain(sentence)
        self.work.tell(None)

    def keep(self) -> None:
        """Bookmark the code that is looked at."""
        here = self.page().here()
        if here is None:
            self.session.failed.emit("There is no picture to keep yet; let one be drawn, or point at one in the grid.")
        else:
            self.session.bookmarks.add(here.z, here.picture, here.name)

    def send(self) -> None:
        here = self.page().here()
        if here is None:
            self.session.failed.emit("There is no picture to send yet; let one be drawn, or point at one in the grid.")
        else:
            self.session.code.change(f"Go to {here.name}", here.z)

    def export(self, suffix: str, kind: str) -> None:
        page, whole = self.page(), self.page().picture()
        if whole is None:
            self.session.failed.emit("There is nothing to write yet; let all of it be drawn first.")
            return
        path = self.exporter.ask_for_file(page.title.lower().replace(" ", "-"), suffix, kind)
        if path and suffix in CODES:
            self.exporter.write_codes(path, page.z, page.names())
        elif path:
            frames = page.player.frames() if page.player and suffix != ".png" else whole[None]
            self.exporter.write_frames(path, frames.copy(), page.player.fps() if page.player else 1.0, self._scale)

    def shut(self) -> None:
        self.exporter.shut()
        super().shut()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._work()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        player = self.page().player
        if event.key() == Qt.Key.Key_Space and player:
            player.toggle()
        else:
            super().keyPressEvent(event)

    def _turn(self) -> None:
        for action in self._moving:
            action.setEnabled(self.page().player is not None)
        self._work()

    def _restart(self, _dim: int) -> None:
        for page in self.pages:
            for tray in page.trays():
                tray.clear()

    def _work(self) -> None:
        """Ask for what the page in front lacks: first the codes of what was dropped, then its drawings."""
        checkpoint, page = self.session.checkpoint, self.page()
        if checkpoint is None or not self.isVisible():
            return
        if isinstance(self._asked, DrawAll) and self._page is not page and self._done < len(self._asked.z):
            self._page.drawn = False  # what follows takes its place
        pending = tuple(source for each in page.trays() for source in each.pending())
        if pending:
            if not isinstance(self._asked, Gather) or any(
                all(source is not asked for asked in self._asked.sources) for source in pending
            ):
                self._ask_anew(Gather(checkpoint, pending))
        elif not page.drawn:
            page.begin(page.codes())
            self._page = page
            if len(page.z):
                self._ask_anew(DrawAll(checkpoint, page.z))

    def _ask_anew(self, query: Query) -> None:
        self._asked, self._done = query, 0
        self.work.tell(None)
        self.ask(query)

    def _give_up(self) -> None:
        """Look for no more codes of pictures."""
        if self.session.checkpoint is not None:
            self._ask_anew(Gather(self.session.checkpoint, ()))  # the rest of the answer in the making is dropped
        for page in self.pages:
            for tray in page.trays():
                tray.give_up()

    def _actions_of_here(self) -> None:
        self.keep_action = QAction(icon("bookmark-simple"), "Keep what is shown", self)
        self.keep_action.setToolTip("Keep what is shown as a bookmark (K)")
        self.keep_action.setShortcut("K")
        self.send_action = QAction(icon("sliders-horizontal"), "Send what is shown to the sliders", self)
        self.send_action.setToolTip("Send what is shown to the sliders (S)")
        self.send_action.setShortcut("S")
        for action, call in ((self.keep_action, self.keep), (self.send_action, self.send)):
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(call)
            self.addAction(action)

    def _export_button(self) -> QToolButton:
        menu = QMenu(self)
        self._moving: list[QAction] = []  # what only pages that play can write
        for kinds in (ANIMATIONS, CODES):
            for suffix, kind in kinds.items():
                action = menu.addAction(f"{kind}…")
                action.triggered.connect(lambda _=False, suffix=suffix, kind=kind: self.export(suffix, kind))
                if suffix in (".gif", ".mp4"):
                    self._moving.append(action)
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
        button.setToolTip("Write what is shown as an animation, a picture, or a table of codes")
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button
