"""The window's look: token colours, palette, style sheet and fonts. The only place where a colour is named."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from widgets.look.sheet import SHEET

FONTS_FOLDER = Path(__file__).resolve().parents[1] / "resources" / "fonts"
FONT_FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans")


@dataclass(frozen=True, slots=True)
class Theme:
    """Token colours as '#rrggbb'. `up_fill`/`down_fill` are tinted backgrounds of cells that rose or fell.

    A chart reads `pane` and `grid`, tables `panel`, `row` and `selection`; text comes in three strengths: `text`,
    `dim` (labels, axes) and `faint` (disabled). `warn` is late or stale, never a direction.
    """

    name: str
    background: str
    panel: str
    pane: str
    raised: str
    hover: str
    row: str
    border: str
    grid: str
    grid_strong: str
    text: str
    dim: str
    faint: str
    accent: str
    accent_soft: str
    on_accent: str
    selection: str
    up: str
    down: str
    up_fill: str
    down_fill: str
    warn: str
    info: str
    crosshair: str
    tag: str
    tag_text: str
    buy: str
    sell: str
    ma1: str
    ma2: str
    ma3: str
    ma4: str
    ma5: str
    benchmark: str

    @property
    def dark(self) -> bool:
        return QColor(self.background).lightness() < 128

    @property
    def lines(self) -> tuple[str, ...]:
        """Colours of indicator lines, in the order in which they are handed out."""
        return (self.ma1, self.ma2, self.ma3, self.ma4, self.ma5)


DARK = Theme(
    name="dark",
    background="#0c0f16",
    panel="#131722",
    pane="#131722",
    raised="#1c2130",
    hover="#252b3b",
    row="#161b27",
    border="#2a3040",
    grid="#1d2230",
    grid_strong="#343b4d",
    text="#d8dce6",
    dim="#8b93a5",
    faint="#565e70",
    accent="#2f6bff",
    accent_soft="#1e3a7a",
    on_accent="#ffffff",
    selection="#1f3b78",
    up="#26a69a",
    down="#ef5350",
    up_fill="#173a3a",
    down_fill="#46242a",
    warn="#f5a524",
    info="#5b9cf5",
    crosshair="#8b93a5",
    tag="#3b4254",
    tag_text="#f2f4f8",
    buy="#3d8bff",
    sell="#f0509e",
    ma1="#4c86ff",
    ma2="#ff9f1a",
    ma3="#b45cd6",
    ma4="#35c3d8",
    ma5="#c9d14a",
    benchmark="#7d8699",
)

LIGHT = Theme(
    name="light",
    background="#e6e9ef",
    panel="#ffffff",
    pane="#ffffff",
    raised="#f1f3f7",
    hover="#e4e8f0",
    row="#f7f8fb",
    border="#d0d5df",
    grid="#eef0f4",
    grid_strong="#d3d8e2",
    text="#161b26",
    dim="#5a6375",
    faint="#9aa2b1",
    accent="#1f5eff",
    accent_soft="#cfdcff",
    on_accent="#ffffff",
    selection="#cfdcff",
    up="#0f8f83",
    down="#dc3a3a",
    up_fill="#d7f0ed",
    down_fill="#fbdede",
    warn="#b86e00",
    info="#2b6fd6",
    crosshair="#5a6375",
    tag="#3b4254",
    tag_text="#ffffff",
    buy="#1f5eff",
    sell="#cf2f7f",
    ma1="#1f5eff",
    ma2="#d97a00",
    ma3="#8e35b5",
    ma4="#0c93a8",
    ma5="#83890c",
    benchmark="#7d8699",
)

THEMES: dict[str, Theme] = {t.name: t for t in (DARK, LIGHT)}


#: tokens of rising and falling beside the theme's own green and red; blue and orange take other lines along, so that
#: no average is of a candle's colour
_BLUE_ORANGE: dict[bool, dict[str, str]] = {
    True: {
        "up": "#4a93f5",
        "down": "#f0913a",
        "up_fill": "#1b3357",
        "down_fill": "#4a3119",
        "ma1": "#d9deea",
        "ma2": "#c95fc4",
        "ma3": "#8f7bea",
        "buy": "#2cc7a4",
    },
    False: {
        "up": "#1f67d6",
        "down": "#c86400",
        "up_fill": "#d5e4fb",
        "down_fill": "#fbe3cb",
        "ma1": "#3b4254",
        "ma2": "#b03aa8",
        "ma3": "#6a4fd0",
        "buy": "#0a8a6c",
    },
}


def with_up_down(theme: Theme, name: str) -> Theme:
    """The theme with other colours of rising and falling: a value of the setting window.up_down."""
    if name == "red/green":
        return replace(theme, up=theme.down, down=theme.up, up_fill=theme.down_fill, down_fill=theme.up_fill)
    return replace(theme, **_BLUE_ORANGE[theme.dark]) if name == "blue/orange" else theme


def palette(theme: Theme) -> QPalette:
    """The Fusion palette of a theme, disabled group included."""
    p = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, theme.background),
        (role.WindowText, theme.text),
        (role.Base, theme.panel),
        (role.AlternateBase, theme.row),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.faint),
        (role.Button, theme.raised),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.on_accent),
        (role.Highlight, theme.selection),
        (role.HighlightedText, theme.text),
        (role.Accent, theme.accent),
        (role.ToolTipBase, theme.raised),
        (role.ToolTipText, theme.text),
        (role.Link, theme.info),
        (role.LinkVisited, theme.ma3),
        (role.Light, theme.hover),
        (role.Midlight, theme.raised),
        (role.Mid, theme.border),
        (role.Dark, theme.background),
        (role.Shadow, theme.background),
    ):
        p.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        p.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.faint))
    return p


def style_sheet(theme: Theme) -> str:
    """The application's style sheet; @token in widgets/look/sheet.py is replaced by the theme's colour, ICONS
    by the folder of the icons."""
    coloured = re.sub(r"@(\w+)", lambda m: str(getattr(theme, m.group(1))), SHEET)
    return coloured.replace("ICONS", FONTS_FOLDER.with_name("icons").as_posix())


_family = ""


def font_family() -> str:
    """Inter where it is bundled or installed, else the first known sans serif of this system."""
    global _family
    if not _family:
        if FONTS_FOLDER.is_dir():
            for file in sorted((*FONTS_FOLDER.glob("*.ttf"), *FONTS_FOLDER.glob("*.otf"))):
                QFontDatabase.addApplicationFont(str(file))
        known = set(QFontDatabase.families())
        _family = next((f for f in FONT_FAMILIES if f in known), QFont().family())
    return _family


def font(pixels: int = 12, *, bold: bool = False) -> QFont:
    """The window's font with tabular digits, so that changing numbers do not shake."""
    f = QFont(font_family())
    f.setPixelSize(pixels)
    f.setFeature(QFont.Tag("tnum"), 1)
    if bold:
        f.setWeight(QFont.Weight.DemiBold)
    return f


_current = DARK


def current() -> Theme:
    """The theme that was installed last; widgets read it when they are made."""
    return _current


def install(app: QApplication, theme: Theme) -> None:
    """Fusion, palette, font and style sheet for the whole application."""
    global _current
    _current = theme
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(palette(theme))
    app.setFont(font(12))
    app.setStyleSheet(style_sheet(theme))
