"""Older state databases, brought to today's tables in one transaction: all of it or nothing."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.contracts.signals import Signal, SignalBatch
from engine.store import journal, tables
from engine.store.signal_names import Names

#: signals of a batch made out of rows
_ROWS = 16_384


def migrate(connection: Connection, version: int) -> None:
    """From `version` (1 or more) to SCHEMA_VERSION, step by step."""
    if version < 2:
        _batches_of_rows(connection)
    # 2 -> 3: tables that were not there
    tables.metadata.create_all(connection)
    connection.execute(tables.schema_info.update().values(version=tables.SCHEMA_VERSION))


def _batches_of_rows(connection: Connection) -> None:
    """1 -> 2: the journal's rows become batches; numbers, order and marks stay."""
    tables.metadata.create_all(connection)
    old = sa.Table("signals", sa.MetaData(), autoload_with=connection)
    fields = [name for name in Signal.__struct_fields__ if name in old.c]
    query = sa.select(*(old.c[name] for name in fields)).order_by(old.c.seq).limit(_ROWS)
    names, last = Names(), 0
    while rows := connection.execute(query.where(old.c.seq > last)).all():
        batch = SignalBatch.of(Signal(**row._mapping) for row in rows)
        last = int(batch.rows["seq"][-1])
        numbered = names.numbered(connection, batch)
        connection.execute(tables.signal_batches.insert(), journal.record(numbered, names.lengths, settled=True))
    old.drop(connection)
