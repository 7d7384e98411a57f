"""The panels of the window, a module each. PARTS is their order in menus and in the palette."""

from __future__ import annotations

from app.parts.backtest import BacktestPart
from app.parts.base import Part

PARTS: tuple[type[Part], ...] = (BacktestPart,)
