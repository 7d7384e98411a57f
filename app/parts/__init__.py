"""The panels of the window, a module each. PARTS is their order in menus and in the palette."""

from __future__ import annotations

from app.parts.base import Part
from app.parts.replay import ReplayPart

PARTS: tuple[type[Part], ...] = (ReplayPart,)
from app.parts.walkforward import WalkForwardPart

PARTS: tuple[type[Part], ...] = (WalkForwardPart,)
from app.parts.editor import EditorPart
from app.parts.strategies import StrategiesPart
from app.parts.why import WhyPart

PARTS: tuple[type[Part], ...] = (EditorPart, StrategiesPart, WhyPart)
