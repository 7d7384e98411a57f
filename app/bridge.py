"""The one hop from the engine's events to the panels: events only write into view models and set marks; a ticker of
100 ms refreshes the marked panels that are visible. Nothing repaints on a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QElapsedTimer, QObject

from app.panels import Panels
from app.parts.base import Part
from app.session import Client
from engine.contracts.events import Health, LogLine, WarmupProgress
from widgets.throttle import Ticker

TICK_MS = 100
#: ticks between two looks at things that change slowly (clock, rate, staleness).
SLOW = 10
#: panels that are refreshed by the ticker; the others change only when they are handed something.
REFRESHED = ("health", "log")


class Bridge(QObject):
    """on_second(worst ms of a tick): once a second."""

    def __init__(
        self,
        panels: Panels,
        parts: Mapping[str, Part],
        now_ms: Callable[[], int],
        on_second: Callable[[float], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.panels, self._parts, self._now_ms = panels, parts, now_ms
        self._on_second = on_second
        self._marks: set[str] = set()
        self._offs: list[Callable[[], None]] = []
        self._ticks = 0
        self._worst_ms = 0.0
        self._clock = QElapsedTimer()
        self._ticker = Ticker(TICK_MS, self.tick, self)

    def start(self) -> None:
        self._ticker.start()

    def stop(self) -> None:
        self._ticker.stop()
        self.detach()

    def attach(self, client: Client) -> None:
        """Hear this client; an earlier one is forgotten."""
        self.detach()
        self._offs = [
            client.on(Health, self._health),
            client.on(WarmupProgress, self._warmup),
            client.on(LogLine, self._log),
        ]

    def detach(self) -> None:
        for off in self._offs:
            off()
        self._offs = []

    def mark(self, *names: str) -> None:
        """These panels have something new to show."""
        self._marks.update(names)

    def mark_all(self) -> None:
        """After a change of layout or engine."""
        self._marks.update(REFRESHED, self._parts)

    def _health(self, event: Health) -> None:
        self.panels.health_model.apply(event, self._now_ms())
        self._marks.add("health")

    def _warmup(self, event: WarmupProgress) -> None:
        self.panels.health_model.apply_warmup(event)
        self._marks.add("health")

    def _log(self, event: LogLine) -> None:
        self.panels.log_model.append(event)
        self._marks.add("log")

    def tick(self) -> None:
        """Refresh what is marked and visible; a hidden panel keeps its mark until it is shown."""
        self._clock.start()
        self._ticks += 1
        if self._ticks % SLOW == 0:
            self._marks.update(("health", "signals", "watchlist"))
        for name in list(self._marks):
            part = self._parts.get(name)
            if part is not None and part.made and part.slot.isVisible():
                self._marks.discard(name)
                part.refresh()
            elif part is None and self.panels[name].isVisible():
                self._marks.discard(name)
                self.panels[name].refresh()  # type: ignore[attr-defined]
        self._worst_ms = max(self._worst_ms, self._clock.nsecsElapsed() / 1e6)
        if self._ticks % SLOW == 0:
            self._second()

    def _second(self) -> None:
        self.panels.health_model.frame_ms = self._worst_ms
        self._on_second(self._worst_ms)
        self._worst_ms = 0.0
