"""All panels and their view models, made in one place. Names are those of the docks and of the actions `show_*`."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from engine.contracts.commands import EngineInfo
from widgets.health import HealthPanel
from widgets.log import LogPanel
from widgets.viewmodels.health import HealthModel
from widgets.viewmodels.log import LogModel

#: name -> (title, icon)
TITLES: dict[str, tuple[str, str]] = {
    "log": ("Log", "log"),
    "health": ("Engine", "engine"),
}


class Panels:
    """panels["health"] by name; the models beside them."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.health_model, self.log_model = HealthModel(), LogModel()
        self.digits: dict[str, int] = {}
        self.health = HealthPanel(self.health_model, now_ms)
        self.log = LogPanel(self.log_model)
        self._by_name: dict[str, QWidget] = {
            "log": self.log,
            "health": self.health,
        }

    def __getitem__(self, name: str) -> QWidget:
        return self._by_name[name]

    def take_instruments(self, info: EngineInfo) -> None:
        """Take over the engine's list."""
        self.digits.clear()
        self.digits.update({i.symbol: i.decimals for i in info.instruments})

    def set_stale(self, text: str) -> None:
        """The engine is gone (text) or back (''): every panel keeps its data and says how old it is."""
        self.health.set_stale(text)
        if not text:
            self.health_model.lost = ""
