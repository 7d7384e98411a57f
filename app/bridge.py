"""The one beat of the window: events only write into view models and set marks; a ticker of 100 ms refreshes the marked
panels that are visible. Nothing repaints on a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QElapsedTimer, QObject

from app.parts.base import Part
from widgets.throttle import Ticker

TICK_MS = 100
#: ticks between two looks at things that change slowly (clock, rate, staleness).
SLOW = 10


class Bridge(QObject):
    """on_second(worst ms of a tick): once a second."""

    def __init__(
        self,
        parts: Mapping[str, Part],
        on_second: Callable[[float], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._parts, self._on_second = parts, on_second
        self._marks: set[str] = set()
        self._ticks = 0
        self._worst_ms = 0.0
        self._clock = QElapsedTimer()
        self._ticker = Ticker(TICK_MS, self.tick, self)

    def start(self) -> None:
        self._ticker.start()

    def stop(self) -> None:
        self._ticker.stop()

    def mark(self, *names: str) -> None:
        """These panels have something new to show."""
        self._marks.update(names)

    def mark_all(self) -> None:
        """After a change of layout or engine."""
        self._marks.update(self._parts)

    def tick(self) -> None:
        """Refresh what is marked and visible; a hidden panel keeps its mark until it is shown."""
        self._clock.start()
        self._ticks += 1
        if self._ticks % SLOW == 0:
            self._marks.update(("health", "jobs", "signals", "watchlist"))
        for name in list(self._marks):
            part = self._parts[name]
            if part.made and part.slot.isVisible():
                self._marks.discard(name)
                part.refresh()
        self._worst_ms = max(self._worst_ms, self._clock.nsecsElapsed() / 1e6)
        if self._ticks % SLOW == 0:
            self._second()

    def _second(self) -> None:
        self._on_second(self._worst_ms)
        self._worst_ms = 0.0
