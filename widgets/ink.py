"""Colours, pens and fonts as Qt objects, made once: making them per cell tripled the watchlist's frame time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPaintDevice, QPainter

from widgets import theme

ROW_HEIGHT = 22
#: steps of the fade of a flashing cell, brightest first.
FADE_STEPS = 4
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
CENTRE = int(Qt.AlignmentFlag.AlignCenter)


class Ink:
    """One QColor per token of the theme (ink['up']), the fonts of tables, and fades between two tokens."""

    def __init__(self, tokens: theme.Theme) -> None:
        self.theme = tokens
        self._colours = {
            f.name: QColor(value)
            for f in fields(tokens)
            if isinstance(value := getattr(tokens, f.name), str) and value.startswith("#")
        }
        self.font: QFont = theme.font(12)
        self.bold: QFont = theme.font(12, bold=True)
        self.small: QFont = theme.font(11)
        self.badge: QFont = theme.font(10, bold=True)
        self.metrics = QFontMetrics(self.font)
        self.bold_metrics = QFontMetrics(self.bold)
        self.up_fade = self._fade("up_fill", "panel")
        self.down_fade = self._fade("down_fill", "panel")

    def __getitem__(self, token: str) -> QColor:
        return self._colours[token]

    def mix(self, one: str, other: str, share: float) -> QColor:
        """share of `one` over `other`."""
        a, b = self[one], self[other]
        return QColor(
            round(a.red() * share + b.red() * (1 - share)),
            round(a.green() * share + b.green() * (1 - share)),
            round(a.blue() * share + b.blue() * (1 - share)),
        )

    def _fade(self, one: str, other: str) -> list[QColor]:
        return [self.mix(one, other, 1 - k / FADE_STEPS) for k in range(FADE_STEPS)]


@contextmanager
def painting(device: QPaintDevice) -> Iterator[QPainter]:
    """A painter that ends whatever happens: one left active by an exception crashes the process later."""
    painter = QPainter(device)
    try:
        yield painter
    finally:
        painter.end()


_made: Ink | None = None


def ink() -> Ink:
    """The ink of the installed theme; needs a QApplication."""
    global _made
    if _made is None or _made.theme is not theme.current():
        _made = Ink(theme.current())
    return _made
