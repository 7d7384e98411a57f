"""960 symbols' final frames at once at the top of an hour: first frame sent -> last signal received elsewhere."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np

from engine.clock import SYSTEM_CLOCK
from tests.benchmarks.harness import report
from tests.benchmarks.live import Bench, measure

HOUR_MS = 3_600_000
#: s of venue time from its start to the hour: the engine's warm-up fits in
LEAD_S = 75
RATE = 1_000


def run() -> dict[str, Any]:
    """value: ms until the last confirmed or withdrawn signal of the bars that closed then."""
    now_ms = SYSTEM_CLOCK.now_ns() // 1_000_000
    hour = (now_ms // HOUR_MS + 2) * HOUR_MS

    async def work(bench: Bench) -> None:
        bench.tell(f"rate {RATE}")
        left = (hour - bench.venue_ms()) / 1000
        if left < 2:
            raise RuntimeError("the engine was not warm before the hour")
        bench.begin()
        await asyncio.sleep(left + 3.0)

    seen = measure(work, start_ms=hour - LEAD_S * 1000, hold_finals=True)
    closing = [
        (ns, s) for ns, s in seen.arrivals if s.kind != "provisional" and ns >= seen.burst_ns and s.bar_ts < hour
    ]
    delays = np.array([(ns - seen.burst_ns) / 1e6 for ns, _ in closing])
    by_timeframe = {t: sum(s.timeframe == t for _, s in closing) for t in ("1m", "5m", "15m", "1h")}
    figures = {
        "last_ms": round(float(delays.max()), 2),
        "first_ms": round(float(delays.min()), 2),
        "median_ms": round(float(np.median(delays)), 2),
        "signals": len(closing),
        **{f"signals_{t}": n for t, n in by_timeframe.items()},
        "finals_sent": int(seen.stamps[:, 3].sum()),
        "steal_s": round(seen.steal_s, 2),
    }
    return report("minute_close", float(delays.max()), figures, "FerroQuant's published figure for signals: 100 ms")
