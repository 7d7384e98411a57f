"""The panels of the window, a module each. PARTS is their order in menus and in the palette."""

from __future__ import annotations

from app.parts.backtest import BacktestPart
from app.parts.base import Part
from app.parts.chart import ChartPart
from app.parts.data import DataPart
from app.parts.editor import EditorPart
from app.parts.health import HealthPart
from app.parts.jobs import JobsPart
from app.parts.log import LogPart
from app.parts.parity import ParityPart
from app.parts.replay import ReplayPart
from app.parts.runs import RunsPart
from app.parts.signals import SignalsPart
from app.parts.sql import SqlPart
from app.parts.strategies import StrategiesPart
from app.parts.walkforward import WalkForwardPart
from app.parts.watchlist import WatchlistPart
from app.parts.why import WhyPart

PARTS: tuple[type[Part], ...] = (
    BacktestPart,
    ChartPart,
    DataPart,
    EditorPart,
    HealthPart,
    JobsPart,
    LogPart,
    ParityPart,
    ReplayPart,
    RunsPart,
    SignalsPart,
    SqlPart,
    StrategiesPart,
    WalkForwardPart,
    WatchlistPart,
    WhyPart,
)
