"""The watchlist's figures: one row an instrument over all markets, sent as the rows that changed."""

from __future__ import annotations

import numpy as np

from engine.contracts.dtypes import QUOTE_DTYPE, STATE_NO_DATA
from engine.contracts.events import Quotes, Sparks
from engine.contracts.feed import MiniTicker

#: closes in a small trend line, and the timeframe they are of
SPARK_POINTS = 48


class QuoteTable:
    """Rows of one market: ids begin at `base` in the engine's instrument table. For the loop's thread."""

    def __init__(self, base: int, rows: int) -> None:
        self.base = base
        self.table = np.zeros(rows, QUOTE_DTYPE)
        self.table["id"] = np.arange(base, base + rows)
        self.table["state"] = STATE_NO_DATA
        for name in ("last", "open24", "high24", "low24", "volume24"):
            self.table[name] = np.nan
        self.sparks = np.full((rows, SPARK_POINTS), np.nan, np.float32)
        self._changed = np.zeros(rows, np.bool_)
        self._spark_changed = np.zeros(rows, np.bool_)

    def tickers(self, tickers: dict[int, MiniTicker]) -> None:
        for row, t in tickers.items():
            q = self.table[row]
            q["open24"], q["high24"], q["low24"], q["volume24"] = t.open, t.high, t.low, t.quote_volume
            if np.isnan(q["last"]):
                q["last"], q["ts"] = t.last, t.event_ms
            self._changed[row] = True

    def prices(self, rows: np.ndarray, last: np.ndarray, ts: np.ndarray) -> None:
        """New running closes of rows; nan is no price."""
        known = ~np.isnan(last)
        rows = rows[known]
        self.table["last"][rows] = last[known]
        self.table["ts"][rows] = ts[known]
        self._changed[rows] = True

    def states(self, states: np.ndarray) -> None:
        """STATE_* of every row."""
        different = self.table["state"] != states
        self.table["state"] = states
        self._changed |= different

    def spark(self, row: int, closes: np.ndarray) -> None:
        """The whole trend line of a row, newest last."""
        part = closes[-SPARK_POINTS:]
        self.sparks[row] = np.nan
        if len(part):
            self.sparks[row, -len(part) :] = part
        self._spark_changed[row] = True

    def spark_close(self, row: int, close: float) -> None:
        """One more closed bar."""
        self.sparks[row, :-1] = self.sparks[row, 1:]
        self.sparks[row, -1] = close
        self._spark_changed[row] = True

    def take(self) -> np.ndarray:
        """Rows that changed since the last take."""
        changed, self._changed = self._changed, np.zeros_like(self._changed)
        return self.table[changed]

    def take_sparks(self) -> tuple[np.ndarray, np.ndarray]:
        """(ids, closes) of trend lines that changed since the last take."""
        rows = np.flatnonzero(self._spark_changed)
        self._spark_changed[:] = False
        return (rows + self.base).astype("<i4"), self.sparks[rows]


def quotes_event(parts: list[np.ndarray]) -> Quotes | None:
    """One event of all markets' changed rows, None when there are none."""
    rows = np.concatenate(parts) if parts else np.empty(0, QUOTE_DTYPE)
    return Quotes(rows=rows.tobytes()) if len(rows) else None


def sparks_event(parts: list[tuple[np.ndarray, np.ndarray]]) -> Sparks | None:
    """One event of all markets' changed trend lines, None when there are none."""
    ids = np.concatenate([i for i, _ in parts]) if parts else np.empty(0, "<i4")
    if not len(ids):
        return None
    closes = np.concatenate([c for _, c in parts]).astype("<f4")
    return Sparks(ids=ids.tobytes(), points=SPARK_POINTS, closes=closes.tobytes())
