"""Back-test results in the state database: kept whole, listed, read back, deleted."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.commands import RunSummary
from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.errors import BadInput, did_you_mean
from engine.store.database import transaction
from engine.store.tables import run_parts as parts
from engine.store.tables import runs as table

#: trades as they were kept before they had an R
_WITHOUT_R = np.dtype([field for field in TRADE_DTYPE.descr if field[0] != "r"])
_JSON_FIELDS = ("spec", "metrics", "assumptions")
#: fields with a column of their own; what a result has beyond them is kept together in run_parts
_COLUMNS = tuple(f for f in BacktestResult.__struct_fields__ if f in table.c)
_PARTS = tuple(f for f in BacktestResult.__struct_fields__ if f not in table.c)
#: stands for the newest run wherever one is named
LAST = "last"


class Runs:
    """The kept runs of one database. insert: the database's INSERT that knows ON CONFLICT."""

    def __init__(self, engine: Engine, insert: Callable[[sa.Table], Any]) -> None:
        self._engine, self._insert = engine, insert

    def save(self, result: BacktestResult, job: str, created_ms: int) -> None:
        """Store a finished back-test under its job id, in one transaction; the same id again replaces it."""
        rows = (
            (table, to_row(result, job, created_ms)),
            (parts, {"job": job, "data": msgspec.msgpack.encode({f: getattr(result, f) for f in _PARTS})}),
        )
        with transaction(self._engine, write=True) as connection:
            for into, row in rows:
                statement = self._insert(into).values(row)
                others = {name: statement.excluded[name] for name in row if name != "job"}
                connection.execute(statement.on_conflict_do_update(index_elements=["job"], set_=others))

    def get(self, job: str) -> BacktestResult:
        """The result of a job; BadInput when there is none."""
        return self.find(job)[2]

    def find(self, name: str) -> tuple[str, int, BacktestResult]:
        """(job, created_ms, result) of a job's id, of an unmistakable beginning or end of it, or of LAST."""
        with transaction(self._engine, write=False) as connection:
            job = self._job(connection, name)
            query = sa.select(table, parts.c.data).join(parts, parts.c.job == table.c.job, isouter=True)
            row = connection.execute(query.where(table.c.job == job)).mappings().one()
        return job, int(row["created_ms"]), from_row(row)

    def job(self, name: str) -> str:
        """The whole id of a run that may be named as in `find`."""
        with transaction(self._engine, write=False) as connection:
            return self._job(connection, name)

    def _job(self, connection: Connection, name: str) -> str:
        newest = table.c.created_ms.desc(), table.c.job
        known = list(connection.execute(sa.select(table.c.job).order_by(*newest)).scalars())
        if name in known:
            return name
        if name == LAST and known:
            return known[0]
        like = [job for job in known if name and (job.startswith(name) or job.endswith(name))]
        if len(like) == 1:
            return like[0]
        if like:
            raise BadInput(f'"{name}" may be one of {len(like)} runs.', fix=f"Write more of it, as {like[0]}.")
        fix = "See: pyroquant runs list" if known else "No run is kept yet; make one: pyroquant backtest"
        raise BadInput(f'There is no result of a job "{name}".{did_you_mean(name, known)}', fix=fix)

    def delete(self, name: str) -> str:
        """Forget a run, named as in `find`; its id."""
        with transaction(self._engine, write=True) as connection:
            job = self._job(connection, name)
            for each in (parts, table):
                connection.execute(each.delete().where(each.c.job == job))
        return job

    def summaries(self, limit: int) -> list[RunSummary]:
        """The newest runs, newest first."""
        query = sa.select(table.c.job, table.c.created_ms, table.c.spec, table.c.trade_hash, table.c.metrics)
        with transaction(self._engine, write=False) as connection:
            rows = connection.execute(query.order_by(table.c.created_ms.desc(), table.c.job).limit(max(limit, 0)))
            return [
                RunSummary(
                    job=row.job,
                    created_ms=row.created_ms,
                    spec=msgspec.json.decode(row.spec, type=BacktestSpec),
                    trade_hash=row.trade_hash,
                    metrics=_metrics(row.metrics),
                )
                for row in rows
            ]

    def stream(self, job: str | None = None) -> Iterator[tuple[str, int, BacktestResult]]:
        """(job, created_ms, result) of every run, or of one id, a run at a time; each read in its own transaction."""
        with transaction(self._engine, write=False) as connection:
            query = sa.select(table.c.job).order_by(table.c.job)
            jobs = list(connection.execute(query if job is None else query.where(table.c.job == job)).scalars())
        for name in jobs:
            try:
                yield self.find(name)
            except BadInput:
                # deleted in the meantime
                continue

    def pages(self, size: int = 200) -> Iterator[list[dict[str, Any]]]:
        """Columns of all runs but their blobs, in the order of their ids, some runs at a time."""
        columns = [c for c in table.c if not isinstance(c.type, sa.LargeBinary)]
        last = ""
        while True:
            query = sa.select(*columns).where(table.c.job > last).order_by(table.c.job).limit(size)
            with transaction(self._engine, write=False) as connection:
                rows = [dict(row) for row in connection.execute(query).mappings()]
            if not rows:
                return
            yield rows
            last = rows[-1]["job"]


def to_row(result: BacktestResult, job: str, created_ms: int) -> dict[str, Any]:
    """Column values; metrics that are not finite are kept by name ('nan', 'inf', '-inf'), which JSON numbers cannot."""
    row: dict[str, Any] = {f: getattr(result, f) for f in _COLUMNS}
    row["metrics"] = {k: v if math.isfinite(v) else str(float(v)) for k, v in result.metrics.items()}
    for field in _JSON_FIELDS:
        row[field] = msgspec.json.encode(row[field]).decode()
    return row | {"job": job, "created_ms": created_ms}


def from_row(row: Mapping[Any, Any]) -> BacktestResult:
    """The result as it was stored; parts that an older version did not keep are empty."""
    fields = {f: row[f] for f in _COLUMNS}
    fields["spec"] = msgspec.json.decode(row["spec"], type=BacktestSpec)
    fields["metrics"] = _metrics(row["metrics"])
    fields["assumptions"] = msgspec.json.decode(row["assumptions"], type=list[str])
    fields["trades"] = _trades(row["trades"], fields["metrics"].get("trades", math.nan))
    if row.get("data") is not None:
        kept = msgspec.msgpack.decode(row["data"])
        fields |= {name: kept[name] for name in _PARTS if name in kept}
    return BacktestResult(**fields)


def _trades(block: bytes, count: float) -> bytes:
    """As they were kept, or as TRADE_DTYPE has them now; an R that was not kept is nan."""
    if not count or len(block) != count * _WITHOUT_R.itemsize:
        return block
    made = np.zeros(int(count), TRADE_DTYPE)
    made["r"] = math.nan
    for name in _WITHOUT_R.names or ():
        made[name] = np.frombuffer(block, _WITHOUT_R)[name]
    return made.tobytes()


def _metrics(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in msgspec.json.decode(text).items()}
