"""960 symbols' final frames at once at the top of an hour: first frame sent -> last signal received elsewhere."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np

from engine.clock import SYSTEM_CLOCK
from engine.contracts.signals import K_PROVISIONAL
from tests.benchmarks.harness import report
from tests.benchmarks.live import Bench, columns, measure

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
    ns, _, signals = columns(seen)
    rows = signals.rows
    closing = (rows["kind"] != K_PROVISIONAL) & (ns >= seen.burst_ns) & (rows["bar_ts"] < hour)
    delays = (ns[closing] - seen.burst_ns) / 1e6
    counts = np.bincount(rows["timeframe"][closing], minlength=len(signals.timeframes)).tolist()
    by_timeframe = dict(zip(signals.timeframes, counts, strict=True))
    figures = {
        "last_ms": round(float(delays.max()), 2),
        "first_ms": round(float(delays.min()), 2),
        "median_ms": round(float(np.median(delays)), 2),
        "signals": len(delays),
        **{f"signals_{t}": n for t, n in by_timeframe.items()},
        "finals_sent": int(seen.stamps[:, 3].sum()),
        "batches": len({int(t) for t in ns[closing]}),
        "engine_rss_mb": round(seen.health.rss_mb),
        "steal_s": round(seen.steal_s, 2),
    }
    return report("minute_close", float(delays.max()), figures, "FerroQuant's published figure for signals: 100 ms")
