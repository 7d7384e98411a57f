"""The journal's numbers for strategies, symbols and timeframes."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.contracts.errors import PyroError
from engine.contracts.signals import SignalBatch, renumber
from engine.contracts.timeframes import MINUTE_MS, TIMEFRAME_MS
from engine.store.signal_keys import MOST
from engine.store.tables import signal_names as table

COLUMNS = ("strategy", "symbol", "timeframe")


class Names:
    """What is known of the table of names. Numbers are given once and never change."""

    def __init__(self) -> None:
        self._numbers: tuple[dict[Any, int], ...] = ({}, {}, {})
        self._lists: tuple[list[Any], ...] = ([], [], [])
        self.lengths = np.empty(0, np.int64)

    def load(self, connection: Connection) -> None:
        """Read what others have added."""
        for what, number, name in connection.execute(sa.select(table).order_by(table.c.what, table.c.number)):
            if number == len(self._lists[what]):
                self._add(what, msgspec.json.decode(name, type=tuple[str, str, str]) if what == 0 else name)

    def clear(self) -> None:
        for known, names in zip(self._numbers, self._lists, strict=True):
            known.clear()
            names.clear()
        self._measure()

    def number(self, what: int, name: Any) -> int | None:
        return self._numbers[what].get(name)

    @property
    def timeframes(self) -> list[str]:
        return self._lists[2]

    def numbered(self, connection: Connection, batch: SignalBatch) -> np.ndarray:
        """The batch's rows in the journal's numbers; names that are new are written. PyroError when there are too many
        of them to be told apart."""
        rows = batch.rows.copy()
        for what, names in enumerate((batch.strategies, batch.symbols, batch.timeframes)):
            known, first = self._numbers[what], len(self._lists[what])
            renumber(rows, COLUMNS[what], names, known)
            if len(known) == first:
                continue
            if len(known) > MOST[COLUMNS[what]]:
                raise PyroError(f"The journal cannot hold more than {MOST[COLUMNS[what]]} {COLUMNS[what]} names.")
            new = list(known)[first:]
            self._lists[what].extend(new)
            texts = [msgspec.json.encode(n).decode() if what == 0 else n for n in new]
            found = [{"what": what, "number": first + i, "name": text} for i, text in enumerate(texts)]
            connection.execute(table.insert(), found)
        if len(self.lengths) != len(self.timeframes):
            self._measure()
        return rows

    def batch(self, connection: Connection, rows: np.ndarray) -> SignalBatch:
        """Rows in the journal's numbers as a batch with tables of its own."""
        highest = [int(rows[c].max()) if len(rows) else -1 for c in COLUMNS]
        if any(h >= len(names) for h, names in zip(highest, self._lists, strict=True)):
            self.load(connection)
        strategies, symbols, timeframes = self._lists
        return SignalBatch(rows, strategies, symbols, timeframes).narrowed()

    def _add(self, what: int, name: Any) -> None:
        self._numbers[what][name] = len(self._lists[what])
        self._lists[what].append(name)
        if what == 2:
            self._measure()

    def _measure(self) -> None:
        self.lengths = np.array([TIMEFRAME_MS.get(t, MINUTE_MS) for t in self.timeframes], np.int64)
