"""Which signals the journal has: a set of their keys for the hours that are written to.

A key is exact, not a hash: within the hour in which its bar closes a signal is told apart by 60 bits of its numbers in
the journal's tables of names, so two different signals can never be taken for one. Sets of hours are made from the
journal when they are first needed, after a restart as well as for bars that come late; those not used for long go.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.contracts.errors import BadInput
from engine.contracts.timeframes import MINUTE_MS
from engine.store.kernels import add_keys, move_keys

HOUR_MS = 3_600_000
#: numbers that fit a key: strategies with their parameters, symbols, timeframes
MOST = {"strategy": 1 << 24, "symbol": 1 << 20, "timeframe": 1 << 6}
#: keys kept in memory at most (8 bytes each, 16 with the free places), but always the newest hours
MOST_KEYS = 8_000_000
LEAST_HOURS = 3
_SMALLEST = 1 << 12


class KeySets:
    """load(hour): keys that the journal has of the bars that close in this hour (uint64, without doubles)."""

    def __init__(self, load: Callable[[int], np.ndarray]) -> None:
        self._load = load
        self._tables: dict[int, np.ndarray] = {}
        self._counts: dict[int, int] = {}

    def load(self, hours: np.ndarray) -> None:
        """Make the sets of these hours, and compile what making and asking them takes."""
        for hour in hours.tolist():
            self._table(hour, 0)
        move_keys(np.zeros(2, np.uint64), np.zeros(2, np.uint64))

    def clear(self) -> None:
        """Know nothing any more: after a transaction that failed, or another process has written."""
        self._tables.clear()
        self._counts.clear()

    def add(self, keys: np.ndarray, hours: np.ndarray) -> np.ndarray:
        """bool[n]: keys that were not there before, each once. hours: int64[n]."""
        fresh = np.zeros(len(keys), np.bool_)
        first, last = (int(hours.min()), int(hours.max())) if len(hours) else (0, -1)
        # nearly always one or two; sorting them would take longer than the rest
        for hour in range(first, last + 1) if last - first < 48 else np.unique(hours).tolist():
            chosen = np.flatnonzero(hours == hour)
            if not len(chosen):
                continue
            table = self._table(hour, len(chosen))
            self._counts[hour] += add_keys(table, keys, chosen, fresh)
        self._let_go()
        return fresh

    def __len__(self) -> int:
        return sum(self._counts.values())

    def _table(self, hour: int, more: int) -> np.ndarray:
        """The hour's set with room for `more`; it counts as the one used last."""
        table = self._tables.pop(hour, None)
        if table is None:
            known = self._load(hour)
            table = np.zeros(_size(len(known) + more), np.uint64)
            add_keys(table, known, np.arange(len(known)), np.zeros(len(known), np.bool_))
            self._counts[hour] = len(known)
        elif 2 * (self._counts[hour] + more) > len(table):
            wider = np.zeros(_size(self._counts[hour] + more), np.uint64)
            move_keys(table, wider)
            table = wider
        self._tables[hour] = table
        return table

    def _let_go(self) -> None:
        while len(self._tables) > LEAST_HOURS and len(self) > MOST_KEYS:
            hour = next(iter(self._tables))
            del self._tables[hour], self._counts[hour]


def keys_of(rows: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(key uint64[n], hour int64[n]) of SIGNAL_DTYPE rows in the journal's numbers. lengths: ms by timeframe number.

    BadInput for a bar that does not open at a whole minute: there is none.
    """
    if (rows["bar_ts"] % MINUTE_MS != 0).any():
        raise BadInput("A signal's bar must open at a whole minute.", where="bar_ts")
    hour, rest = np.divmod(rows["bar_ts"] + lengths[rows["timeframe"]], HOUR_MS)
    key = rows["strategy"].astype(np.uint64)
    for part, bits in (
        (rows["symbol"], 20), (rows["timeframe"], 6), (rest // MINUTE_MS, 6), (rows["slot"], 2), (rows["kind"], 2),
    ):  # fmt: skip
        key = (key << np.uint64(bits)) | part.astype(np.uint64)
    # 0 stands for a free place
    return key + np.uint64(1), hour


def _size(keys: int) -> int:
    """A power of two that leaves at least half of the places free, and some time until it must grow."""
    return max(_SMALLEST, 1 << (4 * keys - 1).bit_length())
