"""The journal of signals: append without doubles, read in order, mark as revised. Works inside a given transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect, Row

from engine.contracts.signals import Signal
from engine.store.tables import signals as table

#: columns of a new row: seq, digest, and Signal's fields but for seq, which is its last.
_ORDER = ["seq", "digest", *Signal.__struct_fields__[:-1]]
_COLUMNS = [table.c[f] for f in Signal.__struct_fields__]
#: keys looked up per query: below every database's limit of bound parameters.
_CHUNK = 500


class Insertion:
    """The statement that adds signals and passes over those whose key is there, compiled once for its database.

    Rows go to the driver as they are: the usual way through SQLAlchemy's parameters takes twice as long as SQLite.
    """

    def __init__(self, insert: Callable[[sa.Table], Any], dialect: Dialect) -> None:
        statement = insert(table).on_conflict_do_nothing(index_elements=["digest"])
        compiled = statement.compile(dialect=dialect, column_keys=_ORDER)
        self.text = str(compiled)
        self._positional = compiled.positional
        assert not compiled.positional or compiled.positiontup == _ORDER

    def run(self, connection: Connection, rows: list[tuple[Any, ...]]) -> int:
        """Insert rows of _ORDER; how many were really inserted."""
        if self._positional:
            return int(connection.exec_driver_sql(self.text, rows).rowcount)
        return int(connection.exec_driver_sql(self.text, [dict(zip(_ORDER, row)) for row in rows]).rowcount)


def append(connection: Connection, insertion: Insertion, signals: Sequence[Signal]) -> list[Signal]:
    """Insert those that are new; returns them with seq, in order. Must run inside a writing transaction.

    Sequence numbers are given here, under the write lock, so that no answer has to be read back row by row.
    """
    unique: dict[bytes, Signal] = {}
    for signal in signals:
        unique.setdefault(digest(signal), signal)
    if not unique:
        return []
    first = 1 + (connection.execute(sa.select(sa.func.max(table.c.seq))).scalar() or 0)
    # Nearly always all are new: insert at once, and only if some were not, take it back and look which.
    attempt = connection.begin_nested()
    written, count = _insert(connection, insertion, unique, first)
    if count == len(unique):
        attempt.commit()
        return written
    attempt.rollback()
    known = _known(connection, list(unique))
    return _insert(connection, insertion, {key: s for key, s in unique.items() if key not in known}, first)[0]


def digest(signal: Signal) -> bytes:
    """16 bytes that stand for the key: 6 of the bar's time, 10 of a hash over all of it.

    The time in front keeps new rows together at one end of the index; unit separators keep ('ab', 'c') apart from
    ('a', 'bc').
    """
    text = "\x1f".join(map(str, signal.key))
    return signal.bar_ts.to_bytes(6, "big") + hashlib.blake2b(text.encode(), digest_size=10).digest()


def page(connection: Connection, after: int | None, limit: int, symbol: str) -> list[Signal]:
    """Newest `limit`, or the first `limit` after a sequence number; oldest first."""
    query = sa.select(*_COLUMNS).limit(max(limit, 0))
    if symbol:
        query = query.where(table.c.symbol == symbol)
    if after is not None:
        return _read(connection.execute(query.where(table.c.seq > after).order_by(table.c.seq)))
    return _read(connection.execute(query.order_by(table.c.seq.desc())))[::-1]


def between(connection: Connection, symbol: str, timeframe: str, from_ms: int, to_ms: int) -> list[Signal]:
    """Signals on bars with from_ms <= bar_ts < to_ms."""
    wanted = (table.c.symbol == symbol, table.c.bar_ts >= from_ms, table.c.bar_ts < to_ms)
    query = sa.select(*_COLUMNS).where(*wanted, table.c.timeframe == timeframe)
    return _read(connection.execute(query.order_by(table.c.seq)))


def mark_revised(connection: Connection, symbol: str, bars: Sequence[tuple[str, int]]) -> list[Signal]:
    """Mark the signals of these (timeframe, bar_ts); returns the ones that were not marked before."""
    of_bars = sa.or_(*(sa.and_(table.c.timeframe == name, table.c.bar_ts == ts) for name, ts in bars))
    in_reach = table.c.bar_ts.in_({ts for _, ts in bars})
    wanted = (table.c.symbol == symbol, in_reach, of_bars, table.c.revised.is_(False))
    found = _read(connection.execute(sa.select(*_COLUMNS).where(*wanted).order_by(table.c.seq)))
    if found:
        connection.execute(table.update().where(*wanted).values(revised=True))
    return [msgspec.structs.replace(s, revised=True) for s in found]


def _insert(
    connection: Connection, insertion: Insertion, unique: dict[bytes, Signal], first: int
) -> tuple[list[Signal], int]:
    """(the signals numbered from `first`, how many were really inserted)."""
    if not unique:
        return [], 0
    written = [msgspec.structs.replace(s, seq=first + i) for i, s in enumerate(unique.values())]
    rows = [(s.seq, key, *msgspec.structs.astuple(s)[:-1]) for key, s in zip(unique, written)]
    return written, insertion.run(connection, rows)


def _known(connection: Connection, keys: Sequence[bytes]) -> set[bytes]:
    known: set[bytes] = set()
    for low in range(0, len(keys), _CHUNK):
        chunk = keys[low : low + _CHUNK]
        known |= set(connection.execute(sa.select(table.c.digest).where(table.c.digest.in_(chunk))).scalars())
    return known


def _read(rows: Iterable[Row[Any]]) -> list[Signal]:
    return [Signal(**row._mapping) for row in rows]
