"""A − B + C, with sets of pictures."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout

from genexplorer.engine.paths import arithmetic, mean
from genexplorer.gui.bookmarks import Bookmark
from genexplorer.gui.images import ImageView, Pixels
from genexplorer.gui.session import Session

from .page import Page
from .tray import Tray

_SETS, _SUM = ("A", "B", "C"), "A − B + C"
_HINTS = ("what to begin with", "what to take away", "what to add")


class Sums(Page):
    """Three sets, the mean of each as the model draws it, and the result."""

    title, noun = "Arithmetic", "Sum"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.sets = [
            Tray(name, session, f"Drop several pictures or bookmarks: {hint}", wraps=True)
            for name, hint in zip(_SETS, _HINTS, strict=True)
        ]
        self.means = [ImageView(f"The mean of {name}") for name in _SETS]
        self.result = ImageView("A − B + C: fill A, and B or C")
        self._pictures: dict[str, Pixels] = {}
        places = QGridLayout(self)
        places.setContentsMargins(0, 8, 0, 0)
        places.setHorizontalSpacing(8)
        places.setVerticalSpacing(8)
        for place, (view, name) in enumerate(zip((*self.means, self.result), (*_SETS, _SUM), strict=True)):
            view.setAcceptDrops(False)
            view.setMinimumSize(96, 96)
            view.setAccessibleName(f"The mean of {name}" if name in _SETS else name)
            view.setToolTip(view.accessibleName())
            places.addWidget(view, 0, 2 * place)
            places.setColumnStretch(2 * place, 1)
        for place, sign in enumerate("−+="):
            places.addWidget(_sign(sign), 0, 2 * place + 1)
        for place, tray in enumerate(self.sets):
            places.addWidget(tray, 1, 2 * place)
            tray.changed.connect(self.alter)
        self._what, hint = QLabel(), QLabel("K keeps it, S sends it to the sliders", wordWrap=True)
        self._what.setProperty("role", "title")
        hint.setProperty("role", "muted")
        said = QVBoxLayout()
        said.addWidget(self._what)
        said.addWidget(hint)
        said.addStretch(1)
        places.addLayout(said, 1, 6)
        places.setRowStretch(0, 1)
        places.setRowStretch(1, 1)

    def trays(self) -> Sequence[Tray]:
        return self.sets

    def codes(self) -> np.ndarray:
        """The means of the sets that hold something, and the result."""
        found = [tray.codes() for tray in self.sets]
        means = [mean(codes) for codes in found if len(codes)]
        return np.stack([*means, arithmetic(*found)]) if means else np.zeros((0, len(self.session.code.z)), np.float32)

    def begin(self, z: np.ndarray) -> None:
        super().begin(z)
        self._pictures = {}
        self._draw()

    def put(self, first: int, pictures: Pixels) -> None:
        self._pictures |= dict(zip(self.names()[first:], pictures, strict=False))
        self._draw()

    def here(self) -> Bookmark | None:
        picture = self._pictures.get(_SUM)
        return None if picture is None else Bookmark(self._formula(), self.z[-1], picture)

    def picture(self) -> Pixels | None:
        return np.concatenate(list(self._pictures.values()), axis=-1) if self._pictures else None

    def names(self) -> list[str]:
        return [*self._filled(), _SUM] if len(self.z) else []

    def _filled(self) -> list[str]:
        return [name for name, tray in zip(_SETS, self.sets, strict=True) if len(tray.codes())]

    def _formula(self) -> str:
        """The sum of what is there: "A + C" where B is empty."""
        signs = {"A": "+", "B": "−", "C": "+"}
        return " ".join(f"{signs[name]} {name}" for name in self._filled()).removeprefix("+ ")

    def _draw(self) -> None:
        for name, view in zip((*_SETS, _SUM), (*self.means, self.result), strict=True):
            view.set_image(self._pictures.get(name))
        self._what.setText(self._formula() or _SUM)


def _sign(text: str) -> QLabel:
    label = QLabel(text, alignment=Qt.AlignmentFlag.AlignCenter)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * 1.8)
    label.setFont(font)
    return label
