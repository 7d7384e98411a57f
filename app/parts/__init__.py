"""The panels of the window, a module each. PARTS is their order in menus and in the palette."""

from __future__ import annotations

from app.parts.base import Part
from app.parts.replay import ReplayPart
from app.parts.signals import SignalsPart
from app.parts.watchlist import WatchlistPart

PARTS: tuple[type[Part], ...] = (ReplayPart, SignalsPart, WatchlistPart)
