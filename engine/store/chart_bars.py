"""Stored bars for a chart; a module of its own, since the first chart shall not wait for what SQL needs."""

from __future__ import annotations

import numpy as np

from engine.store.lake import Lake
from engine.store.recent import history
from engine.store.state import State


def chart_bars(
    state: State,
    lake: Lake,
    symbol: str,
    timeframe: str,
    limit: int,
    before_ms: int | None = None,
    from_ms: int | None = None,
) -> tuple[np.ndarray, bool]:
    """(bars, more) of a stored timeframe: the newest `limit` that open before before_ms, or the first from from_ms on.

    more: there are older bars than the first. Derived timeframes are the caller's: it asks for the minutes.
    """
    if from_ms is not None:
        bars = history(state, lake, symbol, timeframe, from_ms=from_ms, to_ms=before_ms)[:limit]
        return bars, history(state, lake, symbol, timeframe, last=1, to_ms=from_ms).size > 0
    bars = history(state, lake, symbol, timeframe, last=limit + 1, to_ms=before_ms)
    return bars[max(bars.size - limit, 0) :], bars.size > limit
