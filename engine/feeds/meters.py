"""What a connection measures of itself, cheap enough for every frame."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque

import numpy as np

from engine.contracts.events import LATENCY_MS

#: s after which the older half of the latency's counts goes
HALF_NS = 30_000_000_000
#: one frame in so many is measured for latency and spacing
SAMPLE_EVERY = 16


class Meters:
    """Counters of a shard over all its connections. Times: ns since the epoch (local wall clock), latencies in ms."""

    def __init__(self, kept: int = 512) -> None:
        self.frames = 0
        self.bytes = 0
        self.reconnects = 0
        self.handovers = 0
        self.malformed = 0
        self.refusals = 0
        self.ignored = 0
        #: frames that came on a connection that was already given up
        self.outdated = 0
        self.last_frame_ns = 0
        self.last_event_ms = 0
        self.gaps_filled = 0
        self._latency: deque[float] = deque(maxlen=kept)
        self._counts, self._older = [0] * (len(LATENCY_MS) + 1), [0] * (len(LATENCY_MS) + 1)
        self._turned_ns = 0
        self._spacing: deque[float] = deque(maxlen=kept)
        self._rate_ns = 0
        self._rate_frames = 0
        self._rate = 0.0

    def sample(self, latency_ms: float, spacing_ms: float) -> None:
        """One measured frame: event time to receipt by the venue's clock, and time since the frame before."""
        self._latency.append(latency_ms)
        self._counts[bisect_left(LATENCY_MS, latency_ms)] += 1
        self._spacing.append(spacing_ms)

    def latency_ms(self) -> tuple[float, float]:
        """(p50, p99) of event time to receipt over the newest samples; nan without any."""
        return _quantiles(self._latency)

    def histogram(self, now_ns: int) -> bytes:
        """<u4[len(LATENCY_MS) + 1]: sampled frames of the last half to whole minute by latency."""
        if now_ns - self._turned_ns > HALF_NS:
            self._turned_ns, self._older = now_ns, self._counts
            self._counts = [0] * len(self._older)
        return (np.array(self._counts, "<u4") + np.array(self._older, "<u4")).tobytes()

    def spacing_ms(self) -> tuple[float, float]:
        """(p50, p99) of the time between frames."""
        return _quantiles(self._spacing)

    def frames_per_s(self, now_ns: int) -> float:
        """Mean rate since the last call that was at least half a second before."""
        elapsed = now_ns - self._rate_ns
        if elapsed >= 500_000_000:
            self._rate = (self.frames - self._rate_frames) / (elapsed / 1e9) if self._rate_ns else 0.0
            self._rate_ns, self._rate_frames = now_ns, self.frames
        return self._rate


def _quantiles(samples: deque[float]) -> tuple[float, float]:
    if not samples:
        return float("nan"), float("nan")
    ordered = sorted(samples)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
