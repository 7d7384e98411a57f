"""Prepares what the chart benchmark opens: the files that the engine makes of a symbol's whole history.

In a process of its own: `python -m tests.benchmarks.chart_data FOLDER` prints one JSON object.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import numpy as np

from engine.clock import SYSTEM_CLOCK
from engine.contracts.commands import SeriesRequest
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.history import HistoryFiles
from tests import shared

BARS = 3_340_000
SYMBOL = "binance-spot:BTCUSDT"
REAL = "candles/binance-spot/BTCUSDT/1m.parquet"
SERIES = {
    "SMA 20": "SMA(20)",
    "SMA 50": "SMA(50)",
    "RSI 14": "RSI(14)",
    "MACD 12 26 9.line": "MACD(12, 26, 9).line",
    "MACD 12 26 9.signal": "MACD(12, 26, 9).signal",
    "MACD 12 26 9.histogram": "MACD(12, 26, 9).histogram",
}


class Prepared(msgspec.Struct, frozen=True):
    """cold_ms: making the files; warm_ms: finding them again, which is what an engine does when a chart is opened."""

    files: HistoryFiles
    data: str
    cold_ms: float
    warm_ms: float


def walk(n: int) -> np.ndarray:
    """A random walk of n minutes; the same each time."""
    rng = np.random.default_rng(7)
    close = 30_000 * np.exp(np.cumsum(rng.normal(0, 3e-4, n)))
    bars = np.empty(n, CANDLE_DTYPE)
    bars["ts"] = 1_500_000_000_000 // 60_000 * 60_000 + np.arange(n, dtype=np.int64) * 60_000
    bars["close"], bars["open"] = close, np.concatenate((close[:1], close[:-1]))
    reach = np.abs(rng.normal(0, 2e-4, n)) * close
    bars["high"] = np.maximum(bars["open"], close) + reach
    bars["low"] = np.minimum(bars["open"], close) - reach
    bars["volume"] = rng.exponential(20, n)
    return bars


def candles() -> tuple[np.ndarray, str]:
    """(bars, what they are): the real ones where the shared data are there, else the walk."""
    base = shared.root()
    path = base / "data" / REAL if base else None
    if path is None or not path.exists():
        return walk(BARS), f"a random walk of {BARS:,} minutes"
    import polars as pl

    from engine.candles.minutes import merge_minutes

    frame = pl.read_parquet(path)
    bars = np.empty(frame.height, CANDLE_DTYPE)
    for name in CANDLE_DTYPE.names or ():
        bars[name] = frame[name].to_numpy()
    bars = merge_minutes(bars)
    return bars, f"BTCUSDT, {len(bars):,} minutes of Binance Spot"


def prepare(folder: Path) -> Prepared:
    """A data folder with the history in its lake, and the chart's files in its cache."""
    from engine.runtime.chart_files import whole_history
    from engine.runtime.folder import DataFolder
    from engine.runtime.kept import TaskContext
    from engine.runtime.worker_wire import HistoryTask

    data = DataFolder(folder)
    data.prepare()
    context = TaskContext(data)
    bars, what = candles()
    context.lake.write(SYMBOL, "1m", bars)
    task = HistoryTask(
        id="benchmark",
        symbol=SYMBOL,
        timeframe="1m",
        series=[SeriesRequest(name=name, expression=text) for name, text in SERIES.items()],
    )
    taken = []
    for _ in range(4):
        began = SYSTEM_CLOCK.monotonic_ns()
        found = whole_history(task, context)
        taken.append((SYSTEM_CLOCK.monotonic_ns() - began) / 1e6)
    context.close()
    assert found.files is not None
    return Prepared(found.files, what, round(taken[0], 1), round(min(taken[1:]), 1))


if __name__ == "__main__":
    sys.stdout.write(msgspec.json.encode(prepare(Path(sys.argv[1]))).decode())
