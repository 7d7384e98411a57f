"""The journal of signals: a row a batch. Append without doubles, read in order, mark as revised.

Everything works inside a given transaction. After one that failed, `forget` must be called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect

from engine.contracts.signals import F_REVISED, NO_SIGNALS, SIGNAL_DTYPE, SignalBatch
from engine.contracts.timeframes import MINUTE_MS
from engine.store import signal_codec
from engine.store.signal_keys import HOUR_MS, KeySets, keys_of
from engine.store.signal_names import Names
from engine.store.tables import signal_batches as table
from engine.store.tables import signal_revisions as revisions

#: batches fetched at once while a page is gathered
_FETCH = 64
#: rows unpacked for one answer of a scan, after which it is given
_SCANNED = 65_536
_NO_ROWS = np.empty(0, SIGNAL_DTYPE)


class SignalJournal:
    """insert: the database's INSERT that knows ON CONFLICT."""

    def __init__(self, insert: Callable[[sa.Table], Any], dialect: Dialect) -> None:
        self.names = Names()
        self._insert = insert
        #: what every append runs, as text: SQLAlchemy's usual way takes longer than the database
        self._newest = "SELECT last_seq FROM signal_batches ORDER BY first_seq DESC LIMIT 1"
        self._add = table.insert().compile(dialect=dialect)
        self._last_seq = -1
        self._keys: KeySets | None = None
        self._connection: Connection | None = None

    def forget(self) -> None:
        """Know nothing of what is stored: the next append reads it anew."""
        self._last_seq = -1
        self.names.clear()
        if self._keys is not None:
            self._keys.clear()

    # writing

    def append(self, connection: Connection, batch: SignalBatch) -> SignalBatch:
        """Write those that are new, in order; returns them with seq. Must run inside a writing transaction.

        Numbers are given here, under the write lock, without holes.
        """
        if not len(batch):
            return NO_SIGNALS
        last = self._synchronise(connection)
        rows = self.names.numbered(connection, batch)
        self._connection = connection
        fresh = self._key_sets().add(*keys_of(rows, self.names.lengths))
        written = batch if fresh.all() else batch.take(fresh)
        count = len(written)
        if not count:
            return NO_SIGNALS
        rows = rows[fresh]
        rows["seq"] = np.arange(last + 1, last + 1 + count)
        made = record(rows, self.names.lengths)
        values = [made[name] for name in self._add.positiontup] if self._add.positiontup else made
        connection.exec_driver_sql(str(self._add), tuple(values) if isinstance(values, list) else values)
        self._last_seq = last + count
        numbered = written.rows.copy() if written is batch else written.rows
        numbered["seq"] = rows["seq"]
        written = SignalBatch(numbered, written.strategies, written.symbols, written.timeframes)
        return written if fresh.all() else written.narrowed()

    def prepare(self, connection: Connection) -> None:
        """Know the newest hours before the first append."""
        self._synchronise(connection)
        self._connection = connection
        newest = connection.execute(sa.select(sa.func.max(table.c.max_close))).scalar() or 0
        hours = np.arange(newest // HOUR_MS - 1, newest // HOUR_MS + 1)
        self._key_sets().load(hours)

    def _key_sets(self) -> KeySets:
        if self._keys is None:
            self._keys = KeySets(self._stored_keys)
        return self._keys

    def _synchronise(self, connection: Connection) -> int:
        """The newest sequence number; what is known goes when another process has written since."""
        last = connection.exec_driver_sql(self._newest).scalar() or 0
        if last != self._last_seq:
            self.forget()
            self.names.load(connection)
            self._last_seq = last
        return int(last)

    def _stored_keys(self, hour: int) -> np.ndarray:
        assert self._connection is not None
        start = hour * HOUR_MS
        query = sa.select(table.c.directory, table.c.data).where(
            table.c.max_close >= start, table.c.min_close < start + HOUR_MS
        )
        found = []
        for directory, data in self._connection.execute(query):
            keys, hours = keys_of(signal_codec.decode(directory, data), self.names.lengths)
            found.append(keys[hours == hour])
        return np.concatenate(found) if found else np.empty(0, np.uint64)

    def mark_revised(self, connection: Connection, symbol: str, bars: Sequence[tuple[str, int]]) -> SignalBatch:
        """Mark the signals of these (timeframe, bar_ts); returns the ones that were not marked before."""
        last = self._synchronise(connection)
        number = self.names.number(1, symbol)
        known = [(self.names.number(2, name), ts) for name, ts in bars]
        wanted = [(tf, ts) for tf, ts in known if tf is not None]
        if number is None or not wanted:
            return NO_SIGNALS
        first, end = min(ts for _, ts in wanted), max(ts for _, ts in wanted)
        rows = self._range(connection, number, first, end + 1)
        of_bars = np.zeros(len(rows), np.bool_)
        for tf, ts in wanted:
            of_bars |= (rows["timeframe"] == tf) & (rows["bar_ts"] == ts)
        rows = rows[of_bars & ((rows["flags"] & F_REVISED) == 0)]
        if not len(rows):
            return NO_SIGNALS
        marks = np.unique(rows[["timeframe", "bar_ts"]]).tolist()
        statement = self._insert(revisions)
        statement = statement.on_conflict_do_update(
            index_elements=["bar_ts", "symbol", "timeframe"], set_={"upto_seq": statement.excluded.upto_seq}
        )
        connection.execute(
            statement, [{"bar_ts": ts, "symbol": number, "timeframe": tf, "upto_seq": last} for tf, ts in marks]
        )
        rows["flags"] |= F_REVISED
        return self.names.batch(connection, rows)

    # reading

    def page(self, connection: Connection, after: int | None, limit: int, symbol: str) -> SignalBatch:
        """Newest `limit`, or the first `limit` after a sequence number; oldest first."""
        number = self._symbol(connection, symbol)
        if limit <= 0 or number == -1:
            return NO_SIGNALS
        parts, count = [], 0
        for directory, data in self._batches(connection, after):
            rows = signal_codec.decode(directory, data, number)
            rows = rows[rows["seq"] > after] if after is not None else rows
            parts.append(rows)
            count += len(rows)
            if count >= limit:
                break
        rows = np.concatenate(parts if after is not None else parts[::-1]) if parts else _NO_ROWS
        rows = rows[:limit] if after is not None else rows[-limit:]
        return self.names.batch(connection, self._marked(connection, rows))

    def between(self, connection: Connection, symbol: str, timeframe: str, from_ms: int, to_ms: int) -> SignalBatch:
        """Signals on bars with from_ms <= bar_ts < to_ms."""
        number = self._symbol(connection, symbol)
        if self.names.number(2, timeframe) is None:
            self.names.load(connection)
        tf = self.names.number(2, timeframe)
        if number is None or number == -1 or tf is None:
            return NO_SIGNALS
        rows = self._range(connection, number, from_ms, to_ms)
        return self.names.batch(connection, rows[rows["timeframe"] == tf])

    def scan(
        self, connection: Connection, after: int, symbol: str, from_ms: int, to_ms: int
    ) -> tuple[SignalBatch, int | None]:
        """Signals with seq > after on bars with from_ms <= bar_ts <= to_ms, some batches of them in order, and the
        number after which to go on, None at the end. Nothing else of the journal is unpacked or kept."""
        number = self._symbol(connection, symbol)
        if number == -1:
            return NO_SIGNALS, None
        columns = table.c.last_seq, table.c.directory, table.c.data
        holds = sa.select(sa.func.max(table.c.first_seq)).where(table.c.first_seq <= after).scalar_subquery()
        query = sa.select(*columns).where(table.c.first_seq >= sa.func.coalesce(holds, 0), table.c.last_seq > after)
        query = query.where(table.c.max_ts >= from_ms, table.c.min_ts <= to_ms)
        parts, unpacked = [_NO_ROWS], 0
        for last, directory, data in connection.execute(query.order_by(table.c.first_seq).limit(_FETCH)):
            rows = signal_codec.decode(directory, data, number)
            unpacked += len(rows)
            parts.append(rows[(rows["seq"] > after) & (rows["bar_ts"] >= from_ms) & (rows["bar_ts"] <= to_ms)])
            after = int(last)
            if unpacked >= _SCANNED:
                break
        if len(parts) == 1:
            return NO_SIGNALS, None
        return self.names.batch(connection, self._marked(connection, np.concatenate(parts))), after

    def _symbol(self, connection: Connection, symbol: str) -> int | None:
        """Its number; None for no symbol, -1 for one that has no signals."""
        if not symbol:
            return None
        if self.names.number(1, symbol) is None:
            self.names.load(connection)
        found = self.names.number(1, symbol)
        return -1 if found is None else found

    def _batches(self, connection: Connection, after: int | None) -> Iterator[tuple[bytes, bytes]]:
        """(directory, data) of all batches with signals after a number in order, or all, the newest first."""
        query = sa.select(table.c.first_seq, table.c.directory, table.c.data).limit(_FETCH)
        if after is None:
            query = query.order_by(table.c.first_seq.desc())
        else:
            # ranges do not overlap, and only first_seq is an index
            holds = sa.select(sa.func.max(table.c.first_seq)).where(table.c.first_seq <= after).scalar_subquery()
            query = query.where(table.c.first_seq >= sa.func.coalesce(holds, 0)).order_by(table.c.first_seq)
        at: int | None = None
        while True:
            beyond = () if at is None else (table.c.first_seq < at if after is None else table.c.first_seq > at,)
            found = connection.execute(query.where(*beyond)).all()
            for _, directory, data in found:
                yield directory, data
            if len(found) < _FETCH:
                return
            at = found[-1][0]

    def _range(self, connection: Connection, symbol: int, from_ms: int, to_ms: int) -> np.ndarray:
        """A symbol's rows on bars that open in the range, in order and with their marks."""
        query = sa.select(table.c.directory, table.c.data).where(table.c.max_ts >= from_ms, table.c.min_ts < to_ms)
        parts = [_NO_ROWS]
        for directory, data in connection.execute(query.order_by(table.c.first_seq)):
            rows = signal_codec.decode(directory, data, symbol)
            parts.append(rows[(rows["bar_ts"] >= from_ms) & (rows["bar_ts"] < to_ms)])
        return self._marked(connection, np.concatenate(parts))

    def _marked(self, connection: Connection, rows: np.ndarray) -> np.ndarray:
        """The rows, those on restated bars marked."""
        if not len(rows):
            return rows
        reach = revisions.c.bar_ts.between(int(rows["bar_ts"].min()), int(rows["bar_ts"].max()))
        found = connection.execute(sa.select(revisions).where(reach)).all()
        if not found:
            return rows
        marks = np.array([(_bar(symbol, tf, ts), upto) for ts, symbol, tf, upto in found], np.int64)
        marks = marks[np.argsort(marks[:, 0])]
        bars = _bar(rows["symbol"].astype(np.int64), rows["timeframe"].astype(np.int64), rows["bar_ts"])
        at = np.minimum(np.searchsorted(marks[:, 0], bars), len(marks) - 1)
        hit = (marks[at, 0] == bars) & (rows["seq"] <= marks[at, 1])
        rows["flags"][hit] |= F_REVISED
        return rows


def record(rows: np.ndarray, lengths: np.ndarray, *, settled: bool = False, pruned: bool = False) -> dict[str, Any]:
    """A row of signal_batches. rows: at least one, in the journal's numbers, in ascending seq."""
    directory, data = signal_codec.encode(rows, by_symbol=settled)
    close = rows["bar_ts"] + lengths[rows["timeframe"]]
    return {
        "first_seq": int(rows["seq"][0]),
        "last_seq": int(rows["seq"][-1]),
        "signals": len(rows),
        "min_ts": int(rows["bar_ts"].min()),
        "max_ts": int(rows["bar_ts"].max()),
        "min_close": int(close.min()),
        "max_close": int(close.max()),
        "emitted_ms": int(rows["emitted_ns"].max()) // 1_000_000,
        "settled": settled,
        "pruned": pruned,
        "directory": directory,
        "data": data,
    }


def _bar(symbol: Any, timeframe: Any, ts: Any) -> Any:
    """One number for (symbol, timeframe, open time)."""
    return (symbol << 38) | (timeframe << 32) | (ts // MINUTE_MS)
