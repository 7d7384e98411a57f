"""The panels of the window, a module each. PARTS is their order in menus and in the palette."""

from __future__ import annotations

from app.parts.backtest import BacktestPart
from app.parts.base import Part
from app.parts.data import DataPart
from app.parts.runs import RunsPart
from app.parts.sql import SqlPart

PARTS: tuple[type[Part], ...] = (BacktestPart, DataPart, RunsPart, SqlPart)
