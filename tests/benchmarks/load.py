"""Reading a series of 3.34 million minutes: the lake against polars on the same files, and from the mapped cache."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from engine.clock import SYSTEM_CLOCK
from engine.store.cachefile import mapped
from engine.store.lake import Lake
from tests.benchmarks.backtest import SYMBOL, minutes
from tests.benchmarks.harness import report

COLUMNS, ROUNDS = ("ts", "close"), 9


def _ms(work: Callable[[], Any]) -> float:
    began = SYSTEM_CLOCK.monotonic_ns()
    work()
    return (SYSTEM_CLOCK.monotonic_ns() - began) / 1e6


def run() -> dict[str, Any]:
    """value: median of the lake's times / median of polars', taken in turns; files in the system's cache for both."""
    bars, source = minutes()
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "lake")
        lake.write(SYMBOL, "1m", bars)
        files = sorted((Path(folder) / "lake").rglob("*.parquet"))
        cache = Path(folder) / "cache"
        cache.mkdir()

        def ours() -> None:
            lake.read_columns(SYMBOL, "1m", COLUMNS)

        def theirs() -> None:
            frame = pl.scan_parquet(files).select(COLUMNS).collect().rechunk()
            for name in COLUMNS:
                frame[name].to_numpy()

        def from_cache() -> None:
            mapped(lake, cache, SYMBOL, "1m")["close"].sum()

        for work in (ours, theirs, from_cache):
            work()
        pairs = [(_ms(ours), _ms(theirs)) for _ in range(ROUNDS)]
        first, second = (statistics.median(p[k] for p in pairs) for k in (0, 1))
        figures = {
            "ratio": round(first / second, 3),
            "lake_ms": round(first, 1),
            "polars_ms": round(second, 1),
            "mapped_ms": round(statistics.median(_ms(from_cache) for _ in range(ROUNDS)), 1),
            "rows": len(bars),
            "files": len(files),
            "data": source,
        }
    return report(
        "load", first / second, figures, f"polars {pl.__version__} scanning the same columns of the same files"
    )
