"""Alert lines against live prices: all lines of all symbols, checked with a whole batch of quotes at once. No Qt.

A line remembers on which side the price was; the first price on it or beyond it fires, however far it jumped, also when
nobody was looking for a while.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from engine.contracts.dtypes import QUOTE_DTYPE
from widgets.viewmodels.drawings import Drawing, DrawingBook


class Crossing(NamedTuple):
    symbol: str
    drawing: Drawing
    price: float
    rising: bool


class AlertLines:
    """symbols: row i = the instrument with id i of the quotes."""

    def __init__(self, book: DrawingBook) -> None:
        self._book = book
        self._symbols: list[str] = []
        self._row_of: dict[str, int] = {}
        self._last = np.empty(0)
        self._lines: list[tuple[str, int]] = []
        self._stale = True
        self._end = book.listen(self._changed)

    def close(self) -> None:
        self._end()

    def load(self, symbols: Sequence[str]) -> None:
        """Another engine's list; prices begin anew."""
        self._symbols = list(symbols)
        self._row_of = {s: k for k, s in enumerate(self._symbols)}
        self._last = np.full(len(self._symbols), np.nan)
        self._stale = True

    def price_of(self, symbol: str) -> float | None:
        row = self._row_of.get(symbol, -1)
        price = float(self._last[row]) if row >= 0 else np.nan
        return price if price > 0 else None

    def _changed(self, _symbol: str) -> None:
        self._stale = True

    def _refresh(self) -> None:
        self._stale = False
        armed = [(s, d) for s, d in self._book.armed() if s in self._row_of]
        self._lines = [(s, d.id) for s, d in armed]
        self._rows = np.array([self._row_of[s] for s, _d in armed], np.int64)
        self._prices = np.array([d.points[0][1] for _s, d in armed])
        self._sides = np.array([d.side for _s, d in armed], np.int8)

    def apply(self, rows: bytes, now_ms: int) -> list[Crossing]:
        """One batch of QUOTE_DTYPE rows. Lines that were crossed are noted as fired in the book and returned."""
        batch = np.frombuffer(rows, QUOTE_DTYPE)
        ids, last = batch["id"], batch["last"]
        good = (ids >= 0) & (ids < len(self._last)) & (last > 0)
        self._last[ids[good]] = last[good]
        if self._stale:
            self._refresh()
        if not len(self._rows):
            return []
        now = self._last[self._rows]
        side = np.sign(now - self._prices)
        side[np.isnan(side)] = self._sides[np.isnan(side)]
        changed = np.flatnonzero(side != self._sides)
        return self._settle(changed.tolist(), now, side, now_ms) if len(changed) else []

    def _settle(self, changed: list[int], now: np.ndarray, side: np.ndarray, now_ms: int) -> list[Crossing]:
        found: list[Crossing] = []
        for k in changed:
            symbol, number = self._lines[k]
            drawing = self._book.get(symbol, number)
            if drawing is None:
                continue
            before = int(self._sides[k])
            if before == 0:  # the first price since it was set tells on which side it waits
                self._book.settle(symbol, replace(drawing, side=int(side[k])))
                continue
            fired = replace(drawing, fired_ms=now_ms)
            self._book.settle(symbol, fired)
            found.append(Crossing(symbol, fired, float(now[k]), before < 0))
        return found
