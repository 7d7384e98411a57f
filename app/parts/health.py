"""The feed cockpit on the engine: pulses, warm-up, freshness; a shard restarted on request."""

from __future__ import annotations

from app.parts.base import Desk, Part
from app.session import Client
from engine.contracts.commands import Ok, RestartShard
from engine.contracts.events import Freshness, Health, WarmupProgress
from widgets.health import HealthPanel
from widgets.panel import Panel
from widgets.texts import mark, tr
from widgets.viewmodels.health import HealthModel


class HealthPart(Part):
    """model: the status line reads it too, so the part is there from the start."""

    name = "health"
    title = mark("Engine")
    icon = "engine"
    eager = True
    keys = ("Alt+5",)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model = HealthModel()
        self._symbols: list[str] = []

    def make(self) -> Panel:
        panel = HealthPanel(self.model, self.desk.now_ms, lambda: self._symbols)
        panel.restartRequested.connect(self._restart)
        panel.symbolAsked.connect(self.desk.open_symbol)
        panel.retryRequested.connect(self.desk.retry)
        return panel

    def connected(self, client: Client) -> None:
        self.model.lost = ""
        self._symbols = [i.symbol for i in client.info.instruments]
        self.listen(Health, self._health)
        self.listen(WarmupProgress, self._warmup)
        self.listen(Freshness, self._fresh)

    def lost(self, text: str) -> None:
        super().lost(text)
        self.refresh()

    def refresh(self) -> None:
        if isinstance(self.panel, HealthPanel):
            self.panel.refresh()

    def _restart(self, market: str, shard: int) -> None:
        text = tr("{market} shard {shard} is reconnecting; its gap is filled afterwards.")
        done = text.format(market=market, shard=shard)

        def then(_reply: Ok) -> None:
            self.desk.say("info", done)

        self.desk.ask(RestartShard(market=market, shard=shard), then)

    def _health(self, event: Health) -> None:
        self.model.apply(event, self.desk.now_ms())
        self.desk.mark(self.name)

    def _warmup(self, event: WarmupProgress) -> None:
        self.model.apply_warmup(event)
        self.desk.mark(self.name)

    def _fresh(self, event: Freshness) -> None:
        self.model.apply_freshness(event)
        self.desk.mark(self.name)
