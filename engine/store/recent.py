"""Bars on their way from the state to the lake, and the one history that both hold together."""

from __future__ import annotations

import numpy as np

from engine.store.bars import newest_wins
from engine.store.lake import Lake
from engine.store.state import State


def flush_to_lake(
    state: State, lake: Lake, symbol: str, timeframe: str = "1m", *, to_ms: int | None = None, keep: int = 0
) -> int:
    """Move a series' recent bars (those with ts < to_ms, but for the newest `keep`) to the lake; how many.

    The lake has them durably before the state forgets them, and writing them again changes nothing: a kill at any
    moment neither loses nor doubles a bar. Waits for the disk: not for the path of a signal.
    """
    bars = state.candles(symbol, timeframe, to_ms=to_ms)
    bars = bars[: max(bars.size - keep, 0)]
    if not bars.size:
        return 0
    lake.write(symbol, timeframe, bars)
    return state.drop_candles(symbol, timeframe, bars)


def history(
    state: State,
    lake: Lake,
    symbol: str,
    timeframe: str = "1m",
    last: int | None = None,
    from_ms: int | None = None,
    to_ms: int | None = None,
) -> np.ndarray:
    """CANDLE_DTYPE array of from_ms <= ts < to_ms (of these the newest `last`) from lake and state, none twice.

    A bar that both have is taken from the state: it is the later word. The state is read first, so that bars moved
    meanwhile are found in the lake.
    """
    recent = state.candles(symbol, timeframe, last=last, from_ms=from_ms, to_ms=to_ms)
    stored = lake.read(symbol, timeframe, from_ms, to_ms, last)
    if not recent.size:
        return stored
    merged = newest_wins([stored, recent]) if stored.size else recent
    return merged if last is None else merged[max(merged.size - last, 0) :]
