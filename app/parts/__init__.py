"""The panels of the window, a module each. PARTS is their order in menus and in the palette."""

from __future__ import annotations

from app.parts.backtest import BacktestPart
from app.parts.base import Part
from app.parts.runs import RunsPart

PARTS: tuple[type[Part], ...] = (BacktestPart, RunsPart)
