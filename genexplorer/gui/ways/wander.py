"""Around at random, without end."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QPushButton

from genexplorer.engine.paths import walk
from genexplorer.gui.icons import icon
from genexplorer.gui.session import Session
from genexplorer.gui.wrap import Wrap, named

from .film import FilmPage
from .page import number_box


class Wander(FilmPage):
    """A random loop of codes, another with each press; conditions stay as the sliders have them."""

    title, noun = "Random walk", "Walk"

    def __init__(self, session: Session) -> None:
        super().__init__(session, "Open a run in the Library, or train one, to walk through what it has learned")
        self._seed = 0
        self.count = number_box(16, 6000, 480, "Frames", "Frames until the walk is where it began")
        self.reach = number_box(1, 100, 8, "Turns", "How often the walk turns to something new on its way round")
        self.spread = QDoubleSpinBox(minimum=0.0, maximum=3.0, singleStep=0.1, decimals=2)
        self.spread.setValue(1.0)
        self.spread.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.spread.setKeyboardTracking(False)
        self.spread.setAccessibleName("Spread")
        self.spread.setToolTip("Standard deviation of the codes: 1 is what the model learned, less is more typical")
        self.again = QPushButton(icon("shuffle"), "Another walk")
        self.again.setToolTip("Draw another random loop")
        self.again.clicked.connect(self.another)
        row = Wrap()
        row.addWidget(self.again)
        for name, box in (("Frames", self.count), ("Turns", self.reach), ("Spread", self.spread)):
            row.addWidget(named(name, box))
        self.top.addLayout(row)
        for box in (self.count, self.reach, self.spread):
            box.valueChanged.connect(self.alter)
        self.player.play()

    def another(self) -> None:
        self._seed += 1
        self.alter()

    def codes(self) -> np.ndarray:
        dim, rng = len(self.session.code.z), np.random.default_rng(self._seed)
        if not dim:
            return np.zeros((0, 0), np.float32)
        told = self.session.checkpoint.told if self.session.checkpoint is not None else 0
        z = np.float32(self.spread.value()) * walk(dim - told, self.count.value(), float(self.reach.value()), rng)
        conditions = self.session.code.z[dim - told :]
        return np.concatenate([z, np.broadcast_to(conditions, (len(z), told))], 1)
