"""Bid and ask of a series: plain series of their own in a lake beside the lake, so that whoever reads the candles as
they stand meets the six columns only. They are written before the bars they belong to and found again by open time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from engine.contracts.data import QUOTE_COLUMNS
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.store.bars import wide_dtype, widened

#: what the name of such a lake's folder ends with
ENDING = ".quotes"
SIDES = ("bid", "ask")
_PRICES = ("open", "high", "low", "close")


class _Lake(Protocol):
    def has(self, symbol: str, timeframe: str) -> bool: ...
    def write(self, symbol: str, timeframe: str, candles: np.ndarray) -> int: ...
    def read_columns(
        self, symbol: str, timeframe: str, columns: Sequence[str], from_ms: int | None, to_ms: int | None
    ) -> dict[str, np.ndarray]: ...


def side_name(symbol: str, side: str) -> str:
    """The series of one side: MARKET:NAME.bid."""
    return f"{symbol}.{side}"


def split_off(bars: np.ndarray, lake: _Lake, symbol: str, timeframe: str) -> tuple[int, np.ndarray]:
    """Write the sides that are whole (four prices); (how many bars of them were new or changed, the six columns)."""
    changed = 0
    names = bars.dtype.names or ()
    for side in SIDES:
        columns = [f"{side}_{p}" for p in _PRICES]
        if not set(columns) <= set(names):
            continue
        known = np.all([np.isfinite(bars[c]) for c in columns], axis=0)
        out = np.zeros(np.count_nonzero(known), CANDLE_DTYPE)
        out["ts"] = bars["ts"][known]
        for column, price in zip(columns, _PRICES):
            out[price] = bars[column][known]
        changed = max(changed, lake.write(side_name(symbol, side), timeframe, out))
    return changed, widened(bars, CANDLE_DTYPE)


def joined_to(bars: np.ndarray, lake: _Lake, symbol: str, timeframe: str) -> np.ndarray:
    """The bars with QUOTE_COLUMNS behind them, nan where there is none; as they are where the series has no quotes."""
    if not any(lake.has(side_name(symbol, side), timeframe) for side in SIDES):
        return bars
    out = widened(bars, wide_dtype(QUOTE_COLUMNS))
    for name, values in columns(bars["ts"], lake, symbol, timeframe, QUOTE_COLUMNS).items():
        out[name] = values
    return out


def columns(ts: np.ndarray, lake: _Lake, symbol: str, timeframe: str, names: Sequence[str]) -> dict[str, np.ndarray]:
    """QUOTE_COLUMNS by name, aligned with the ascending open times; nan in every bar that has none."""
    out = {name: np.full(ts.size, np.nan) for name in names}
    for side in SIDES:
        wanted = [name for name in names if name.startswith(side)]
        if not wanted or not ts.size or not lake.has(side_name(symbol, side), timeframe):
            continue
        prices = ["ts", *(name[4:] for name in wanted)]
        found = lake.read_columns(side_name(symbol, side), timeframe, prices, int(ts[0]), int(ts[-1]) + 1)
        if not found["ts"].size:
            continue
        at = np.minimum(np.searchsorted(found["ts"], ts), found["ts"].size - 1)
        there = found["ts"][at] == ts
        for name in wanted:
            out[name][there] = found[name[4:]][at[there]]
    return out
