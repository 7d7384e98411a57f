"""All panels and their view models, made in one place. Names are those of the docks and of the actions `show_*`."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from engine.contracts.commands import EngineInfo
from widgets.backtest import BacktestPanel
from widgets.health import HealthPanel
from widgets.log import LogPanel
from widgets.panel import Panel
from widgets.signals import SignalsPanel
from widgets.viewmodels.health import HealthModel
from widgets.viewmodels.log import LogModel
from widgets.viewmodels.signals import SignalModel
from widgets.viewmodels.watchlist import WatchlistModel
from widgets.watchlist import WatchlistPanel

#: name -> (title, icon)
TITLES: dict[str, tuple[str, str]] = {
    "watchlist": ("Watchlist", "watchlist"),
    "signals": ("Signals", "signals"),
    "log": ("Log", "log"),
    "health": ("Engine", "engine"),
    "backtest": ("Back-test", "backtest"),
}


class Panels:
    """panels['signals'] by name; the models beside them."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.watch_model, self.signal_model = WatchlistModel(), SignalModel()
        self.health_model, self.log_model = HealthModel(), LogModel()
        self.digits: dict[str, int] = {}
        self.watchlist = WatchlistPanel(self.watch_model, now_ms)
        self.signals = SignalsPanel(self.signal_model, now_ms, lambda symbol: self.digits.get(symbol, 2))
        self.health = HealthPanel(self.health_model, now_ms)
        self.log = LogPanel(self.log_model)
        self.backtest = BacktestPanel(now_ms)
        self._by_name: dict[str, QWidget] = {
            "watchlist": self.watchlist,
            "signals": self.signals,
            "log": self.log,
            "health": self.health,
            "backtest": self.backtest,
        }

    def __getitem__(self, name: str) -> QWidget:
        return self._by_name[name]

    def take_instruments(self, info: EngineInfo) -> bool:
        """Take over the engine's list; False when it is the one that is shown already, so that all rows are kept."""
        symbols = [i.symbol for i in info.instruments]
        if symbols == self.watch_model.symbols and symbols:
            return False
        self.watch_model.load(info.instruments)
        self.digits.clear()
        self.digits.update({i.symbol: i.decimals for i in info.instruments})
        self.watchlist.reload()
        self.signals.set_markets(self.watch_model.markets)
        self.backtest.set_symbols(self.digits)
        return True

    def set_stale(self, text: str) -> None:
        """The engine is gone (text) or back (''): every panel keeps its data and says how old it is."""
        for name in ("watchlist", "signals", "health"):
            panel = self._by_name[name]
            assert isinstance(panel, Panel)
            panel.set_stale(text)
        self.watchlist.set_dimmed(bool(text))
        self.signals.table.dimmed = bool(text)
        if not text:
            self.health_model.lost = ""
