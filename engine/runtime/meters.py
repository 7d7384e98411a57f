"""The engine's pulse: latency, loop lag, garbage collection, memory. Small, bounded, cheap."""

from __future__ import annotations

import asyncio
import gc
import os
from collections import deque
from typing import Any

import numpy as np

from engine.clock import Clock


class Reservoir:
    """The last n samples of a duration, ms."""

    def __init__(self, size: int = 4096) -> None:
        self._samples: deque[float] = deque(maxlen=size)

    def add(self, ms: float) -> None:
        self._samples.append(ms)

    def extend(self, ms: np.ndarray) -> None:
        self._samples.extend(ms[-(self._samples.maxlen or 0) :].tolist())

    def percentiles(self, *p: float) -> tuple[float, ...]:
        """Values in ms; nan while empty."""
        if not self._samples:
            return tuple(float("nan") for _ in p)
        return tuple(float(v) for v in np.percentile(np.fromiter(self._samples, float), p))

    def clear(self) -> None:
        self._samples.clear()


class GcMeter:
    """Length of collections, and when they run: long-lived objects are frozen after start-up, the rest on idle."""

    #: s that the longest is remembered
    REMEMBERED = 60.0

    def __init__(self, clock: Clock) -> None:
        self.count = 0
        self._pauses: deque[tuple[int, float]] = deque(maxlen=2_000)
        self._clock = clock
        self._began = 0

    @property
    def longest_ms(self) -> float:
        """Of the last minute."""
        since = self._clock.monotonic_ns() - self.REMEMBERED * 1e9
        while self._pauses and self._pauses[0][0] < since:
            self._pauses.popleft()
        # a copy: a collection may add one while they are looked at
        return max((ms for _, ms in tuple(self._pauses)), default=0.0)

    def install(self) -> None:
        gc.callbacks.append(self._told)

    def remove(self) -> None:
        gc.callbacks.remove(self._told)

    def settle(self) -> None:
        """After start-up: what is alive now stays and is never looked at again. No collection before it: that would
        stop a live engine for longer than all later ones together."""
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        self._pauses.clear()

    def _told(self, phase: str, info: dict[str, Any]) -> None:
        now = self._clock.monotonic_ns()
        if phase == "start":
            self._began = now
        else:
            self.count += 1
            self._pauses.append((now, (now - self._began) / 1e6))


class LoopLag:
    """How late the event loop runs what was due: the longest since last asked, ms."""

    def __init__(self, clock: Clock, every_s: float = 0.05) -> None:
        self._clock = clock
        self._every = every_s
        self._longest = 0.0

    async def run(self) -> None:
        while True:
            began = self._clock.monotonic_ns()
            await asyncio.sleep(self._every)
            self._longest = max(self._longest, (self._clock.monotonic_ns() - began) / 1e6 - self._every * 1e3)

    def take(self) -> float:
        longest, self._longest = self._longest, 0.0
        return longest


class ProcessMeter:
    """Resident memory and processor share of this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = (clock.monotonic_ns(), sum(os.times()[:2]))

    def rss_mb(self) -> float:
        """Megabytes; nan where the system does not tell."""
        try:
            with open("/proc/self/statm", "rb") as file:
                return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        except (OSError, ValueError, AttributeError):
            return float("nan")

    def cpu_percent(self) -> float:
        """Of one core, since last asked."""
        now, used = self._clock.monotonic_ns(), sum(os.times()[:2])
        then, before = self._last
        self._last = (now, used)
        return 100.0 * (used - before) / max((now - then) / 1e9, 1e-9)
