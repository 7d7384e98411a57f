"""Stamp of the sender -> signal in another process, 960 symbols x 4 timeframes, all strategies there are."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np

from tests.benchmarks.harness import report
from tests.benchmarks.live import Bench, delays_ms, measure

RATES = {"latency": (4_000, 30.0), "latency_burst": (20_000, 60.0)}
#: s at full rate before stamps count
SETTLE_S = 3.0


def run(name: str = "latency", seconds: float = 0.0) -> dict[str, Any]:
    """value: p99 ms over all live signals. The span holds at least one minute's close when it is 60 s or longer."""
    rate, usual = RATES[name]
    span = seconds or usual

    async def work(bench: Bench) -> None:
        bench.tell(f"rate {rate}")
        # a minute's close must lie inside: its thousand signals at once are the hard part
        lead = max((span / 2 - SETTLE_S), 1.0)
        wait_ms = -(bench.venue_ms() + lead * 1000 + SETTLE_S * 1000) % 60_000
        await asyncio.sleep(SETTLE_S + wait_ms / 1000)
        bench.begin()
        await asyncio.sleep(span)

    seen = measure(work)
    by_kind = delays_ms(seen)
    late, between = by_kind.pop("late_ms"), by_kind.pop("between_closes")
    every = np.concatenate(list(by_kind.values()))
    p50, p99, p999 = np.percentile(every, [50, 99, 99.9]) if len(every) else (np.nan,) * 3
    figures: dict[str, Any] = {
        "p50_ms": round(float(p50), 2),
        "p99_ms": round(float(p99), 2),
        "p99_9_ms": round(float(p999), 2),
        "longest_ms": round(float(every.max()), 2) if len(every) else None,
        "signals": len(every),
        "signals_per_s": round(len(every) / span, 1),
        "sender_late_p99_ms": round(float(np.percentile(late, 99)), 2),
        "symbols": seen.health.symbols,
        "warming": seen.health.warming,
        "frames_per_s": rate,
        "seconds": span,
        "engine_cpu_percent": round(100 * seen.engine_cpu / span),
        "engine_rss_mb": round(seen.health.rss_mb),
        "engine_gc_pause_ms": round(seen.health.gc_pause_ms, 2),
        "engine_sweep_ms": round(seen.health.sweep_ms, 2),
        "steal_s": round(seen.steal_s, 2),
    }
    if len(between):
        figures["between_closes_p99_ms"] = round(float(np.percentile(between, 99)), 2)
        figures["between_closes"] = len(between)
    for kind, values in by_kind.items():
        if len(values):
            figures[f"{kind}_p99_ms"] = round(float(np.percentile(values, 99)), 2)
            figures[kind] = len(values)
    return report(name, float(p99), figures, "FerroQuant's published figure for signals: under 100 ms")
