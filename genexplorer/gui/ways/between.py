"""From code to code."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QCheckBox

from genexplorer.engine.paths import through
from genexplorer.gui.session import Session
from genexplorer.gui.wrap import named

from .film import FilmPage
from .page import how_box, number_box
from .tray import Tray


class Between(FilmPage):
    """Stops in a tray; the way through them is played."""

    title, noun = "Between codes", "Way"

    def __init__(self, session: Session) -> None:
        super().__init__(session, "Give two codes or more above: the way between them is drawn and played here")
        self.stops = Tray("Stops", session, "Drop bookmarks or pictures here, or add codes with +")
        self.how = how_box()
        self.per_leg = number_box(2, 600, 60, "Frames a leg", "Frames from one stop to the next")
        self.close_loop = QCheckBox("Back to the first")
        self.close_loop.setChecked(True)
        self.close_loop.setToolTip("Go on from the last stop to the first, so that it can play over and over")
        self.top.addWidget(self.stops)
        for control in (self.how, named("Frames a leg", self.per_leg), self.close_loop):
            self.stops.header.addWidget(control)
        self.stops.changed.connect(self.alter)
        self.how.currentIndexChanged.connect(self.alter)
        self.per_leg.valueChanged.connect(self.alter)
        self.close_loop.toggled.connect(self.alter)
        self.player.play()

    def trays(self) -> Sequence[Tray]:
        return (self.stops,)

    def codes(self) -> np.ndarray:
        stops = self.stops.codes()
        if len(stops) < 2:
            return stops
        return through(stops, self.per_leg.value(), self.how.currentData(), self.close_loop.isChecked())

    def names(self) -> list[str]:
        """Stops by their own names, what lies between by how far it is."""
        names, per_leg = [item.name for item in self.stops.items()], self.per_leg.value()
        return [
            names[n // per_leg] if not n % per_leg else f"{names[n // per_leg]} + {n % per_leg / per_leg:.3f}"
            for n in range(len(self.z))
        ]
