"""All panels and their view models, made in one place. Names are those of the docks and of the actions `show_*`."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from engine.contracts.commands import EngineInfo
from widgets.backtest import BacktestPanel
from widgets.health import HealthPanel
from widgets.log import LogPanel
from widgets.panel import Panel
from widgets.strategies import StrategiesPanel
from widgets.viewmodels.health import HealthModel
from widgets.viewmodels.log import LogModel

#: name -> (title, icon)
TITLES: dict[str, tuple[str, str]] = {
    "chart": ("Chart", "chart"),
    "log": ("Log", "log"),
    "health": ("Engine", "engine"),
    "backtest": ("Back-test", "backtest"),
    "strategies": ("Strategies", "strategies"),
}


class Panels:
    """panels['health'] by name; the models beside them. The chart's place is filled when its library is loaded."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.health_model, self.log_model = HealthModel(), LogModel()
        self.digits: dict[str, int] = {}
        self.health = HealthPanel(self.health_model, now_ms)
        self.log = LogPanel(self.log_model)
        self.backtest = BacktestPanel(now_ms)
        self.strategies = StrategiesPanel()
        self.chart_place = Panel("chart")
        self.chart_place.bar.setContentsMargins(0, 0, 0, 0)
        self._by_name: dict[str, QWidget] = {
            "chart": self.chart_place,
            "log": self.log,
            "health": self.health,
            "backtest": self.backtest,
            "strategies": self.strategies,
        }

    def __getitem__(self, name: str) -> QWidget:
        return self._by_name[name]

    def take_instruments(self, info: EngineInfo) -> None:
        """Take over the engine's list."""
        self.digits.clear()
        self.digits.update({i.symbol: i.decimals for i in info.instruments})
        self.backtest.set_symbols(self.digits)

    def set_stale(self, text: str) -> None:
        """The engine is gone (text) or back (''): every panel keeps its data and says how old it is."""
        self.health.set_stale(text)
        if not text:
            self.health_model.lost = ""
