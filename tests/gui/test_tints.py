"""Colours that stand for labels."""

import numpy as np
from pytestqt.qtbot import QtBot

from genexplorer.core.data import Label
from genexplorer.gui.tints import by_label


def test_what_goes_around_a_circle_ends_in_the_colour_that_it_began_with(qtbot: QtBot) -> None:
    places = np.array([0.0, 0.25, 0.5, 0.75, 1.0, np.nan])
    hue = by_label(Label("hue", "number", ("red", "green", "cyan", "violet"), period=1.0), places).colors
    line = by_label(Label("size", "number"), places).colors
    channels = hue.view(np.uint8).reshape(-1, 4).astype(int)  # blue, green, red, alpha
    assert np.abs(channels[0] - channels[4]).max() <= 4
    assert len(set(hue[:4].tolist())) == 4 and channels[0, 2] > 200 > 100 > channels[0, 1]
    assert line[0] != line[4] and hue[5] == line[5]
