"""Housekeeping of the journal in small steps: batches of some milliseconds become large ones with a segment a symbol,
and what is older than it need be goes.

A step is made beside the writer, out of a snapshot, and carried out by it in a short transaction; the newest batch is
never touched, so that sequence numbers go on from it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.contracts.errors import PyroError
from engine.contracts.signals import K_CONFIRMED
from engine.store import signal_codec
from engine.store.journal import record
from engine.store.signal_names import Names
from engine.store.tables import signal_batches as table
from engine.store.tables import signal_revisions as revisions

#: signals of a settled batch, about; batches that one is made of at most
SETTLED, MOST_BATCHES = 65_536, 1_000
#: ms after which batches are settled though they are few, and after which they may be when they are many
SETTLE_MS, QUIET_MS = 900_000, 60_000
#: batches deleted in one step
_DELETED = 200


class Step(NamedTuple):
    """Batches (by first_seq) to be replaced by one, or by none; bars before forget_ms need no marks any more."""

    replaced: list[int]
    made: dict[str, Any] | None
    forget_ms: int = 0


def plan(connection: Connection, now_ms: int, confirmed_ms: int, provisional_ms: int) -> Step | None:
    """The next step, None when there is nothing to do. confirmed_ms, provisional_ms: how long signals are kept."""
    newest = connection.execute(sa.select(sa.func.max(table.c.first_seq))).scalar()
    if newest is None:
        return None
    old = sa.select(table.c.first_seq).where(table.c.first_seq < newest).order_by(table.c.first_seq)
    gone = connection.execute(old.where(table.c.emitted_ms < now_ms - confirmed_ms).limit(_DELETED)).scalars().all()
    if gone:
        return Step(list(gone), None, now_ms - confirmed_ms)
    stale = table.c.emitted_ms < now_ms - provisional_ms
    first = connection.execute(old.where(stale, table.c.pruned.is_(False)).limit(1)).scalar()
    if first is not None:
        return _made(connection, [first], pruned=True)
    return _settled(connection, newest, now_ms)


def carry_out(connection: Connection, step: Step) -> None:
    """Put the new batch in the place of the old ones. PyroError, and nothing changes, when they are no longer there."""
    found = connection.execute(table.delete().where(table.c.first_seq.in_(step.replaced))).rowcount
    if found != len(step.replaced):
        raise PyroError("The journal was tidied by another process at the same time; nothing was changed.")
    if step.made is not None:
        connection.execute(table.insert(), step.made)
    if step.forget_ms:
        connection.execute(revisions.delete().where(revisions.c.bar_ts < step.forget_ms))


def _settled(connection: Connection, newest: int, now_ms: int) -> Step | None:
    """The oldest batches that lie in a row, as one: when they are enough, or old enough."""
    query = sa.select(table.c.first_seq, table.c.signals, table.c.emitted_ms)
    fresh = (table.c.settled.is_(False), table.c.first_seq < newest, table.c.emitted_ms < now_ms - QUIET_MS)
    rows = connection.execute(query.where(*fresh).order_by(table.c.first_seq).limit(MOST_BATCHES)).all()
    chosen: list[int] = []
    count = 0
    for first, signals, _ in rows:
        if chosen and count + signals > SETTLED:
            break
        chosen.append(first)
        count += signals
    enough = len(chosen) < len(rows) or len(chosen) == MOST_BATCHES
    if not chosen or not (enough or rows[0][2] < now_ms - SETTLE_MS):
        return None
    return _made(connection, chosen, pruned=False)


def _made(connection: Connection, chosen: list[int], *, pruned: bool) -> Step:
    names = Names()
    names.load(connection)
    columns = sa.select(table.c.last_seq, table.c.pruned, table.c.directory, table.c.data)
    parts = connection.execute(columns.where(table.c.first_seq.in_(chosen)).order_by(table.c.first_seq)).all()
    rows = np.concatenate([signal_codec.decode(directory, data) for _, _, directory, data in parts])
    if pruned:
        rows = rows[rows["kind"] == K_CONFIRMED]
    if not len(rows):
        return Step(chosen, None)
    made = record(rows, names.lengths, settled=True, pruned=pruned or all(p for _, p, _, _ in parts))
    # the range of the numbers stays, so that no order changes
    return Step(chosen, made | {"first_seq": chosen[0], "last_seq": parts[-1][0]})
