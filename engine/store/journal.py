"""The journal of signals: append without doubles, read in order, mark as revised. Works inside a given transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from engine.contracts.signals import Signal
from engine.store.tables import signals as table

_FIELDS = [f for f in Signal.__struct_fields__ if f != "seq"]
_COLUMNS = [table.c[f] for f in Signal.__struct_fields__]
#: keys looked up per query: below every database's limit of bound parameters.
_CHUNK = 500


def insertion(insert: Callable[[sa.Table], Any]) -> Any:
    """The statement that adds signals and passes over those whose key is there."""
    return insert(table).on_conflict_do_nothing(index_elements=["digest"])


def append(connection: Connection, statement: Any, signals: Sequence[Signal]) -> list[Signal]:
    """Insert those that are new; returns them with seq, in order. Must run inside a writing transaction.

    Sequence numbers are given here, under the write lock, so no answer has to be read back row by row.
    """
    unique = {digest(s): s for s in signals}
    if not unique:
        return []
    known = _known(connection, list(unique))
    fresh = [(key, signal) for key, signal in unique.items() if key not in known]
    if not fresh:
        return []
    first = 1 + (connection.execute(sa.select(sa.func.max(table.c.seq))).scalar() or 0)
    written = [msgspec.structs.replace(signal, seq=first + i) for i, (_, signal) in enumerate(fresh)]
    rows = [{f: getattr(s, f) for f in _FIELDS} | {"seq": s.seq, "digest": key} for (key, _), s in zip(fresh, written)]
    connection.execute(statement, rows)
    return written


def digest(signal: Signal) -> bytes:
    """16 bytes over the key; unit separators keep ('ab', 'c') apart from ('a', 'bc')."""
    return hashlib.blake2b("\x1f".join(map(str, signal.key)).encode(), digest_size=16).digest()


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


def _known(connection: Connection, keys: Sequence[bytes]) -> set[bytes]:
    known: set[bytes] = set()
    for low in range(0, len(keys), _CHUNK):
        chunk = keys[low : low + _CHUNK]
        known |= set(connection.execute(sa.select(table.c.digest).where(table.c.digest.in_(chunk))).scalars())
    return known


def _read(rows: Iterable[Row[Any]]) -> list[Signal]:
    return [Signal(**row._mapping) for row in rows]
