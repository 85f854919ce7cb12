import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from genexplorer.gui import theme
from genexplorer.gui.icons import icon


def luminance(name: str) -> float:
    """Relative luminance, WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(name).getRgbF()[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("c", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_text_is_legible_and_curves_can_be_told_from_the_ground(c: theme.Colors) -> None:
    for ground in (c.base, c.surface):
        for ink in (c.text, c.muted, c.accent, c.warning, c.error, c.good):
            assert contrast(ink, ground) >= 4.5, (ink, ground)
    assert contrast(c.on_accent, c.accent) >= 4.5
    assert len(set(c.curves)) == 8
    assert all(contrast(curve, c.surface) >= 2.8 for curve in c.curves)


def test_switches_live_and_tells_whoever_holds_colours(qapp: QApplication) -> None:
    heard: list[bool] = []
    theme.notifier.changed.connect(hear := lambda: heard.append(theme.colors().dark))
    try:
        theme.apply(qapp, "dark")
        assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(theme.DARK.base)
        theme.apply(qapp, "light")
        assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(theme.LIGHT.base)
        assert heard[0] is True and heard[-1] is False
    finally:
        theme.notifier.changed.disconnect(hear)


def test_follows_the_system_only_when_asked(qapp: QApplication) -> None:
    hints = qapp.styleHints()
    theme.apply(qapp, "light")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert not theme.colors().dark
    theme.apply(qapp, "system")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.colors().dark
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert not theme.colors().dark


def test_scale_makes_the_text_larger(qapp: QApplication) -> None:
    theme.apply(qapp, "light", scale=1.5)
    large = QLabel("z").sizeHint().height()
    theme.apply(qapp, "light")
    assert large > QLabel("z").sizeHint().height() * 1.3


def test_icons_take_the_colour_of_the_theme(qapp: QApplication) -> None:
    def lightest() -> int:
        image = icon("play").pixmap(QSize(32, 32)).toImage()
        inked = [image.pixelColor(x, y) for x in range(32) for y in range(32)]
        return max((c.lightness() for c in inked if c.alpha() > 200), default=-1)

    theme.apply(qapp, "dark")
    assert lightest() > 200
    theme.apply(qapp, "light")
    assert 0 <= lightest() < 60
