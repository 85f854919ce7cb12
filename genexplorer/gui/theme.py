"""One light and one dark palette over Fusion, so that the window looks the same on every system and switches live."""

import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import Template
from typing import Literal

from PySide6.QtCore import QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

Mode = Literal["system", "light", "dark"]
BASE_POINTS = 13.0 if sys.platform == "darwin" else 10.0  # a point is a pixel on macOS and 1.33 pixels elsewhere


@dataclass(frozen=True)
class Colors:
    """What anything that paints itself may use; `base` is the ground, `surface` what lies on it."""

    dark: bool
    accent: str
    on_accent: str
    text: str
    muted: str
    base: str
    surface: str
    hover: str
    line: str
    warning: str
    error: str
    good: str
    curves: tuple[str, ...]  # Okabe and Ito's order, with the lightness that each ground asks for

    @cached_property
    def faint(self) -> str:
        """Half way between text that is read and a line that is only felt: disabled text, quiet borders."""
        one, other = QColor(self.muted), QColor(self.line)
        mixed = ((one.red(), other.red()), (one.green(), other.green()), (one.blue(), other.blue()))
        return QColor(*(sum(pair) // 2 for pair in mixed)).name()


LIGHT = Colors(
    dark=False,
    accent="#3d5ad8",
    on_accent="#ffffff",
    text="#1d2129",
    muted="#5d6675",
    base="#f4f5f8",
    surface="#ffffff",
    hover="#e8eaf0",
    line="#d5d9e1",
    warning="#9a6200",
    error="#c0342c",
    good="#14804a",
    curves=("#0072b2", "#d55e00", "#009e73", "#b3568a", "#c98a00", "#3a9fd6", "#4a4f59", "#8a7f00"),
)
DARK = Colors(
    dark=True,
    accent="#86a0ff",
    on_accent="#10131c",
    text="#e7e9ee",
    muted="#9ba3b1",
    base="#15171c",
    surface="#1e2128",
    hover="#2a2e38",
    line="#363b47",
    warning="#f0b44c",
    error="#ff7b72",
    good="#5ccb8f",
    curves=("#56b4e9", "#f0824a", "#2cc99b", "#e08fc0", "#f2b632", "#8aa4ff", "#c9ced8", "#e8dc4a"),
)

SHEET = Template(
    """
QToolTip { background: $surface; color: $text; border: 1px solid $line; padding: 4px 6px; }
QPushButton { background: $surface; border: 1px solid $line; border-radius: 6px; padding: 5px 14px;
    icon-size: ${icon}px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { border-color: $accent; }
QPushButton:default, QPushButton[primary="true"] {
    background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton:disabled { color: $faint; background: $base; border-color: $line; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 3px;
    qproperty-iconSize: ${icon}px ${icon}px; }
QToolButton:hover, QToolButton:checked { background: $hover; }
QToolButton[primary="true"] { padding: 3px 10px 3px 6px; font-weight: 600; }
QToolButton[primary="true"]:enabled { background: $accent; color: $on_accent; }
QToolButton[primary="true"]:hover { border-color: $text; }
QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit {
    background: $surface; border: 1px solid $line; border-radius: 6px; padding: 4px 8px;
    selection-background-color: $accent; selection-color: $on_accent; }
QComboBox { padding-right: 24px; }
QAbstractSpinBox { padding: 3px 18px 3px 0; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: $faint; }
QPushButton:focus, QToolButton:focus, QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus,
QTextEdit:focus { border-color: $accent; }
QLineEdit[wrong="true"], QAbstractSpinBox[wrong="true"], QComboBox[wrong="true"] { border-color: $error; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $faint; background: $base; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url($down); width: ${small}px; height: ${small}px; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $line; padding: 4px; outline: none; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; background: transparent; width: 18px; }
QAbstractSpinBox::up-button { subcontrol-position: top right; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; }
QAbstractSpinBox::up-arrow { image: url($up); width: 9px; height: 9px; }
QAbstractSpinBox::down-arrow { image: url($down); width: 9px; height: 9px; }
QCheckBox, QRadioButton { spacing: 8px; }
QCheckBox::indicator {
    width: ${icon}px; height: ${icon}px; border: 1px solid $faint; border-radius: 4px; background: $surface; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url($check); }
QCheckBox::indicator:checked:focus { border: 2px solid $text; }
QCheckBox::indicator:disabled { background: $base; border-color: $line; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::sub-page:horizontal:disabled { background: $line; }
QSlider::handle:horizontal {
    width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: $surface; border: 1px solid $faint; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { border: 1px solid $accent; }
QProgressBar { border: none; border-radius: 4px; background: $line; max-height: 8px; text-align: center; }
QProgressBar::chunk { border-radius: 4px; background: $accent; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollArea { border: none; background: transparent; }
QTabBar { qproperty-drawBase: 0; qproperty-iconSize: ${icon}px ${icon}px; }
QTabBar::tab {
    background: transparent; color: $muted; padding: 7px 10px; border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QDockWidget {
    font-weight: 600; color: $text; titlebar-close-icon: url($close); titlebar-normal-icon: url($float); }
QDockWidget::title { background: $base; padding: 8px; border-bottom: 1px solid $line; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; margin: 0 3px; }
QMainWindow::separator:hover { background: $accent; }
QSplitter::handle:horizontal { background: $line; width: 1px; margin: 0 4px; }
QSplitter::handle:vertical { background: $line; height: 1px; margin: 4px 0; }
QSplitter::handle:hover { background: $accent; }
QMenuBar { background: $base; border-bottom: 1px solid $line; }
QMenuBar::item { padding: 5px 10px; border-radius: 6px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $surface; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::icon { padding-left: 8px; }
QMenu::item:selected { background: $hover; color: $text; }
QMenu::item:disabled { color: $faint; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 8px; border: 1px solid $faint; border-radius: 4px; }
QMenu::indicator:exclusive { border-radius: 8px; }
QMenu::indicator:checked { background: $accent; border-color: $accent; image: url($check); }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QToolBar { background: $base; border: none; border-bottom: 1px solid $line; padding: 4px; spacing: 4px; }
QToolButton[fold="true"]:checked { background: transparent; }
QStatusBar { background: $base; color: $muted; border-top: 1px solid $line; }
QStatusBar::item { border: none; }
QGroupBox { border: 1px solid $line; border-radius: 8px; margin-top: 12px; padding: 12px 8px 8px 8px; }
QGroupBox::title { subcontrol-origin: margin; left: 10px; padding: 0 4px; color: $muted; }
QListView, QTreeView, QTableView { background: $surface; border: 1px solid $line; border-radius: 6px; outline: none; }
QListView::item, QTreeView::item { padding: 5px 6px; }
QListView::item:selected, QTreeView::item:selected, QTableView::item:selected { background: $hover; color: $text; }
QHeaderView::section {
    background: $base; color: $muted; border: none; border-bottom: 1px solid $line; padding: 6px 8px; }
QFrame[role="segments"] { background: $base; border: 1px solid $line; border-radius: 7px; }
QToolButton[segment="true"] { color: $muted; border-radius: 5px; padding: 3px 6px; }
QToolButton[segment="true"]:hover { color: $text; background: transparent; }
QToolButton[segment="true"]:checked { color: $text; background: $surface; border-color: $line; }
QToolButton[segment="true"]:focus { border-color: $accent; }
QToolButton[segment="true"]:disabled { color: $faint; }
QFrame[role="banner"] { background: $surface; border: 1px solid $error; border-radius: 8px; }
QFrame[role="banner"] QLabel { border: none; }
QFrame[role="card"] { background: $surface; border: 1px solid $line; }
QFrame[role="card"] QLabel { border: none; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="error"] { color: $error; }
QLabel[role="title"] { font-weight: 600; }
"""
)

MARKS = {"up": "M4 10l4-4 4 4", "down": "M4 6l4 4 4-4", "check": "M4 8.5l3 3 5.5-6.5", "close": "M4 4l8 8M12 4l-8 8"}
MARKS["float"] = "M9 3h4v4M13 3L8 8M11 9.5V13H3V5h3.5"


class _Theme(QObject):
    """The colours in force; `changed` lets plots and icons, which hold colours of their own, repaint."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.colors = LIGHT
        self._mode: Mode = "light"
        self._scale = 1.0
        self._listening = False
        self._folder: QTemporaryDir | None = None

    def apply(self, app: QApplication, mode: Mode, scale: float) -> None:
        hints = app.styleHints()
        self._mode, self._scale = mode, scale
        app.setStyle("Fusion")
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark, "system": Qt.ColorScheme.Unknown}
        if not self._listening:
            hints.colorSchemeChanged.connect(self._follow)
            self._listening = True
        if hasattr(hints, "setColorScheme"):  # Qt 6.8: title bars and file dialogs join in
            hints.setColorScheme(schemes[mode])
        self._paint(app, mode == "dark" or (mode == "system" and hints.colorScheme() == Qt.ColorScheme.Dark))

    def _follow(self, scheme: Qt.ColorScheme) -> None:
        app = QApplication.instance()
        if self._mode == "system" and isinstance(app, QApplication):
            self._paint(app, scheme == Qt.ColorScheme.Dark)

    def _paint(self, app: QApplication, dark: bool) -> None:
        self.colors = DARK if dark else LIGHT
        font = app.font()
        font.setPointSizeF(BASE_POINTS * self._scale)
        app.setFont(font)
        app.setPalette(palette(self.colors))
        sizes = {"icon": round(16 * self._scale), "small": round(12 * self._scale)}  # as the text beside them
        app.setStyleSheet(SHEET.substitute(vars(self.colors), faint=self.colors.faint, **self._marks(), **sizes))
        self.changed.emit()

    def _marks(self) -> dict[str, str]:
        """Style sheets take their arrows from files only, so each theme draws its three."""
        self._folder = self._folder or QTemporaryDir()
        files = {}
        for name, path in MARKS.items():
            color = self.colors.on_accent if name == "check" else self.colors.muted
            file = Path(self._folder.path()) / f"{name}-{'dark' if self.colors.dark else 'light'}.svg"
            file.write_text(
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="{path}" fill="none" '
                f'stroke="{color}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>'
            )
            files[name] = file.as_posix()
        return files


notifier = _Theme()


def apply(app: QApplication, mode: Mode, scale: float = 1.0) -> None:
    """Dress the whole application; call again at any time to switch."""
    notifier.apply(app, mode, scale)


def colors() -> Colors:
    return notifier.colors


def palette(c: Colors) -> QPalette:
    """Every role that Fusion reads, so that nothing falls back to the system's grey."""
    role, made = QPalette.ColorRole, QPalette(QColor(c.surface), QColor(c.base))
    named = {
        c.text: (role.WindowText, role.Text, role.ButtonText, role.BrightText, role.ToolTipText),
        c.surface: (role.Base, role.Button, role.ToolTipBase),
        c.base: (role.Window, role.AlternateBase),
        c.accent: (role.Highlight, role.Accent, role.Link, role.LinkVisited),
        c.on_accent: (role.HighlightedText,),
        c.line: (role.Mid, role.Midlight, role.Light),
        c.muted: (role.PlaceholderText,),
    }
    for color, roles in named.items():
        for each in roles:
            made.setColor(each, QColor(color))
    for each in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, each, QColor(c.faint))
    return made
