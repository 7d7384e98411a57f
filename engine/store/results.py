"""Back-test results as rows of the table of runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.commands import RunSummary
from engine.contracts.dtypes import TRADE_DTYPE
from engine.store.tables import runs as table

#: trades as they were kept before they had an R
_WITHOUT_R = np.dtype([field for field in TRADE_DTYPE.descr if field[0] != "r"])
_JSON_FIELDS = ("spec", "metrics", "assumptions")


def to_row(result: BacktestResult, job: str, created_ms: int) -> dict[str, Any]:
    """Column values; metrics that are not finite are kept by name ('nan', 'inf', '-inf'), which JSON numbers cannot."""
    row: dict[str, Any] = {f: getattr(result, f) for f in result.__struct_fields__}
    row["metrics"] = {k: v if math.isfinite(v) else str(float(v)) for k, v in result.metrics.items()}
    for field in _JSON_FIELDS:
        row[field] = msgspec.json.encode(row[field]).decode()
    return row | {"job": job, "created_ms": created_ms}


def from_row(row: Mapping[Any, Any]) -> BacktestResult:
    """The result as it was stored."""
    fields = {f: row[f] for f in BacktestResult.__struct_fields__}
    fields["spec"] = msgspec.json.decode(row["spec"], type=BacktestSpec)
    fields["metrics"] = _metrics(row["metrics"])
    fields["assumptions"] = msgspec.json.decode(row["assumptions"], type=list[str])
    fields["trades"] = _trades(row["trades"], fields["metrics"].get("trades", math.nan))
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


def summaries(connection: Connection, limit: int) -> list[RunSummary]:
    """The newest runs, newest first."""
    query = sa.select(table.c.job, table.c.created_ms, table.c.spec, table.c.trade_hash, table.c.metrics)
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


def _metrics(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in msgspec.json.decode(text).items()}
