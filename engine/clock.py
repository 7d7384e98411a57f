"""The only reader of system time. Everything else is handed a Clock, so that a test or a replay can hold it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """now_ns: wall time, ns since the epoch, UTC. monotonic_ns: never goes back, for durations."""

    def now_ns(self) -> int: ...
    def monotonic_ns(self) -> int: ...


class SystemClock:
    """The computer's clock."""

    def now_ns(self) -> int:
        return time.time_ns()

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()


class SimulatedClock:
    """Stands still until it is moved."""

    def __init__(self, start_ms: int = 0) -> None:
        self._ns = start_ms * 1_000_000

    def now_ns(self) -> int:
        return self._ns

    def monotonic_ns(self) -> int:
        return self._ns

    def set_ms(self, ms: int) -> None:
        self._ns = ms * 1_000_000

    def advance_ms(self, ms: float) -> None:
        self._ns += int(ms * 1_000_000)


SYSTEM_CLOCK = SystemClock()


def now_ms(clock: Clock) -> int:
    """Wall time in whole milliseconds."""
    return clock.now_ns() // 1_000_000


def iso(ms: int) -> str:
    """ISO 8601 UTC of ms since the epoch, to the second unless there is a fraction."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds" if ms % 1000 else "seconds").replace("+00:00", "Z")


def parse_iso(text: str) -> int:
    """ms since the epoch of an ISO 8601 date or time (UTC where no zone is written); ValueError when it is neither."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)
