"""The page about few labels, and about redrawing beside principal components."""

from typing import ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from genexplorer.engine.representation import SOURCES, AgainstPCA, Knowledge
from genexplorer.gui.line_chart import Curve, LineChart

from .page import Page


class Few(Page):
    title: ClassVar[str] = "Few labels"

    def __init__(self) -> None:
        self.by_labels = LineChart(
            "What few labels teach", "labelled images", "Learnt from few labels", lambda y: f"{y:.2f}"
        )
        self.by_components = LineChart(
            "Error of redrawing",
            "components",
            "Mean squared error, redrawn",
            "{:.2g}".format,
            log=True,
        )
        self.by_labels.setToolTip(
            "Mean over all labels; the band is one standard deviation over five draws of the training images"
        )
        self.by_components.setToolTip("Test images redrawn, grey from 0 to 1; the band is the 95 % interval")
        self.verdicts = QLabel(wordWrap=True), QLabel(wordWrap=True)
        whole = QWidget()
        super().__init__(whole)
        grid = QGridLayout(whole)
        grid.setContentsMargins(0, 8, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        grid.setRowStretch(0, 1)
        self._sides = tuple(zip((self.by_labels, self.by_components), self.verdicts, strict=True))
        for column, (chart, verdict) in enumerate(self._sides):
            verdict.setProperty("role", "muted")
            verdict.setAlignment(Qt.AlignmentFlag.AlignTop)
            grid.addWidget(chart, 0, column)
            grid.addWidget(verdict, 1, column)

    def forget(self) -> None:
        for side in (0, 1):
            self._reveal(side, False)

    def _reveal(self, side: int, shown: bool) -> None:
        for part in self._sides[side]:
            part.setVisible(shown)

    def show_knowledge(self, knowledge: Knowledge) -> None:
        self._reveal(0, len(knowledge.counts) > 0)
        if not len(knowledge.counts):
            return
        curves = []
        for source, name in enumerate(SOURCES):
            mean, spread = knowledge.draws[source].mean(1), knowledge.draws[source].std(1, ddof=1)
            curves.append(Curve(name, knowledge.counts, mean, mean - spread, mean + spread, source))
        level = (knowledge.few_chance, "guessing") if knowledge.few_of_kinds else None
        self.by_labels.set_curves(curves, level)
        best = [SOURCES[n] for n in knowledge.draws.mean(2).argmax(0)]
        what = "share right" if knowledge.few_of_kinds else "R²"
        leads = ", ".join(f"{name} with {count:,.0f}" for name, count in zip(best, knowledge.counts, strict=True))
        ahead = f"{best[0]} at each" if len(set(best)) == 1 else leads
        self.verdicts[0].setText(f"Up: the {what} on test images, mean over labels. Ahead: {ahead}.")
        self.show_whole()

    def show_errors(self, found: AgainstPCA) -> None:
        self._reveal(1, True)
        half = 1.96 * found.spread
        pca = Curve("PCA", found.components, found.error, found.error - half, found.error + half, 1)
        own, own_half = np.array([found.own]), 1.96 * found.own_spread
        model = Curve("Model", np.array([float(found.dim)]), own, own - own_half, own + own_half, 0)
        self.by_components.set_curves([pca, model])
        self.verdicts[1].setText(_verdict(found))
        self.show_whole()


def _verdict(found: AgainstPCA) -> str:
    ratio = found.values["mse_to_pca"].value
    said = f"With {found.dim:,} numbers the model's error is {ratio:.2f} times that of PCA"
    if found.equal is None:
        return f"{said}; {found.components[-1]:,.0f} components do not reach it."
    return f"{said}; {found.equal:,.0f} components redraw as well."
