"""What SQL sees of walk-forwards: a row a strategy of each, and the promoted parameter sets."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pyarrow as pa

from engine.store.state import State
from engine.store.streamed import Streamed

_TIME = pa.timestamp("ms")
#: figures that are columns; all are of the stitched test parts, after costs
FIGURES = (
    "sharpe", "sortino", "net_return", "cagr", "max_drawdown", "profit_factor", "trades", "exposure", "psr", "dsr",
    "luck", "pbo", "efficiency", "profitable_windows", "stability",
)  # fmt: skip
WALKS = pa.schema([
    ("job", pa.string()), ("symbol", pa.string()), ("strategy", pa.string()), ("timeframe", pa.string()),
    ("created", _TIME), ("passed", pa.bool_()), ("level", pa.string()), ("words", pa.string()), ("error", pa.string()),
    ("sets", pa.int64()), ("windows", pa.int64()), ("seconds", pa.float64()),
    *((name, pa.float64()) for name in FIGURES),
])  # fmt: skip
PROMOTIONS = pa.schema([
    ("number", pa.int64()), ("strategy", pa.string()), ("params", pa.string()), ("symbol", pa.string()),
    ("timeframe", pa.string()), ("since", _TIME), ("until", _TIME), ("job", pa.string()), ("note", pa.string()),
])  # fmt: skip


def walk_relations(state: State, check: Callable[[], None]) -> dict[str, Streamed]:
    """Name -> relation. check: called before every batch."""
    return {
        "walks": Streamed(WALKS, lambda asked: _walks(state, asked.equal.get("job"), check)),
        "promotions": Streamed(PROMOTIONS, lambda asked: _promotions(state, check)),
    }


def _walks(state: State, job: str | None, check: Callable[[], None]) -> Iterator[pa.RecordBatch]:
    for made in state.walkforwards.jobs(job):
        check()
        rows: list[dict[str, Any]] = []
        for row in state.walkforwards.rows(made.job):
            plain = {name: getattr(row, name) for name in row.__struct_fields__ if name != "metrics"}
            # what is not defined is null: a nan would be the greatest of all numbers
            known = {name: value for name, value in row.metrics.items() if math.isfinite(value)}
            figures = {name: known.get(name) for name in FIGURES}
            rows.append(plain | figures | {"job": made.job, "symbol": made.spec.symbol, "created": made.created_ms})
        yield pa.RecordBatch.from_pylist(rows, schema=WALKS)


def _promotions(state: State, check: Callable[[], None]) -> Iterator[pa.RecordBatch]:
    check()
    rows = []
    for item in state.walkforwards.promoted(history=True):
        plain = msgspec.structs.asdict(item) | {"params": msgspec.json.encode(item.params).decode()}
        rows.append(plain | {"since": item.since_ms, "until": item.until_ms or None})
    yield pa.RecordBatch.from_pylist(rows, schema=PROMOTIONS)
