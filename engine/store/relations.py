"""What SQL sees of the state: signals, and the kept runs as runs, trades, equity and metrics; each streamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.dtypes import EXIT_NAMES, TRADE_DTYPE
from engine.contracts.metrics import metric
from engine.contracts.signals import (
    F_BACKFILLED,
    F_LATE,
    F_QUIET,
    F_REVISED,
    F_SETTLING,
    KINDS,
    NO_SIGNALS,
    SLOTS,
    SignalBatch,
)
from engine.store.relations_walks import walk_relations
from engine.store.state import State
from engine.store.streamed import Streamed, Wanted

#: rows of a batch at most
BATCH = 65_536
_MARKS = {"late": F_LATE, "settling": F_SETTLING, "revised": F_REVISED, "quiet": F_QUIET, "backfilled": F_BACKFILLED}
_TIME = pa.timestamp("ms")
_OF_RUN = [("job", pa.string()), ("strategy", pa.string()), ("symbol", pa.string()), ("timeframe", pa.string())]
_NUMBERS = [name for name in TRADE_DTYPE.names or () if name not in ("entry_ts", "exit_ts", "side", "reason")]
#: called before every batch; raises when the query's time is up
Check = Callable[[], None]

RUNS = pa.schema([
    *_OF_RUN, ("created", _TIME), ("direction", pa.string()), ("params", pa.string()), ("spec", pa.string()),
    ("metrics", pa.string()), ("assumptions", pa.string()), ("strategy_text", pa.string()), ("convention", pa.string()),
    ("trade_hash", pa.string()), ("data_fingerprint", pa.string()), ("code_version", pa.string()),
    ("created_ms", pa.int64()), ("bars", pa.int64()), ("first_ms", pa.int64()), ("last_ms", pa.int64()),
    ("seconds", pa.float64()),
])  # fmt: skip
TRADES = pa.schema([
    *_OF_RUN, ("number", pa.int64()), ("side", pa.string()), ("reason", pa.string()), ("entry_time", _TIME),
    ("exit_time", _TIME), ("entry_ts", pa.int64()), ("exit_ts", pa.int64()), ("value", pa.float64()),
    *((name, pa.from_numpy_dtype(TRADE_DTYPE[name])) for name in _NUMBERS),
])  # fmt: skip
EQUITY = pa.schema([
    *_OF_RUN, ("time", _TIME), ("ts", pa.int64()), ("equity", pa.float64()), ("drawdown", pa.float64()),
    ("benchmark", pa.float64()),
])  # fmt: skip
METRICS = pa.schema([
    *_OF_RUN, ("name", pa.string()), ("convention", pa.string()), ("value", pa.float64()), ("unit", pa.string()),
    ("title", pa.string()),
])  # fmt: skip


def relations(state: State, check: Check) -> dict[str, Streamed]:
    """Name -> relation. check: called before every batch."""

    def of_runs(schema: pa.Schema, columns: Callable[[BacktestResult], dict[str, Any]]) -> Streamed:
        def source(asked: Wanted) -> Iterator[pa.RecordBatch]:
            for job, _, result in state.kept_runs.stream(asked.equal.get("job")):
                check()
                if all(asked.equal.get(name, value) == value for name, value in _keys(result.spec).items()):
                    yield from _batches(schema, job, result, columns(result))

        return Streamed(schema, source)

    return {
        "signals": Streamed(SIGNALS, lambda asked: _signals(state, asked, check)),
        "runs": Streamed(RUNS, lambda asked: _runs(state, check)),
        "trades": of_runs(TRADES, _trade_columns),
        "equity": of_runs(EQUITY, _equity_columns),
        "metrics": of_runs(METRICS, _metric_columns),
        **walk_relations(state, check),
    }


def _keys(spec: BacktestSpec) -> dict[str, str]:
    return {"strategy": spec.strategy, "symbol": spec.symbol, "timeframe": spec.timeframe}


def _batches(schema: pa.Schema, job: str, result: BacktestResult, columns: dict[str, Any]) -> Iterator[pa.RecordBatch]:
    count = len(next(iter(columns.values())))
    for start in range(0, count, BATCH):
        part = {name: values[start : start + BATCH] for name, values in columns.items()}
        size = len(next(iter(part.values())))
        same = {name: pa.repeat(pa.scalar(v), size) for name, v in ({"job": job} | _keys(result.spec)).items()}
        arrays = [same[f.name] if f.name in same else pa.array(part[f.name], f.type) for f in schema]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _trade_columns(result: BacktestResult) -> dict[str, Any]:
    rows = np.frombuffer(result.trades, TRADE_DTYPE)
    worth = np.frombuffer(result.trade_values, "<f8") if result.trade_values else rows["quantity"] * rows["entry_price"]
    return {
        "number": np.arange(1, len(rows) + 1),
        "side": np.where(rows["side"] > 0, "long", "short").astype(object),
        "reason": np.array(EXIT_NAMES, object)[rows["reason"]],
        "entry_time": rows["entry_ts"].astype("datetime64[ms]"),
        "exit_time": rows["exit_ts"].astype("datetime64[ms]"),
        "entry_ts": np.ascontiguousarray(rows["entry_ts"]),
        "exit_ts": np.ascontiguousarray(rows["exit_ts"]),
        "value": worth,
        **{name: np.ascontiguousarray(rows[name]) for name in _NUMBERS},
    }


def _equity_columns(result: BacktestResult) -> dict[str, Any]:
    """By day, the first row being the start; of a run kept without its daily curve the points that were drawn."""
    if result.daily:
        ts = np.append(result.first_ms, np.frombuffer(result.daily_ts, "<i8"))
        equity, held = np.frombuffer(result.daily, "<f8"), np.frombuffer(result.daily_benchmark, "<f8")
    else:
        ts, equity = np.frombuffer(result.equity_ts, "<i8"), np.frombuffer(result.equity, "<f8")
        held = np.frombuffer(result.benchmark, "<f8")
    held = held if len(held) == len(ts) else np.full(len(ts), np.nan)
    under = 1.0 - equity / np.maximum.accumulate(equity)
    return {"time": ts.astype("datetime64[ms]"), "ts": ts, "equity": equity, "drawdown": under, "benchmark": held}


def _metric_columns(result: BacktestResult) -> dict[str, Any]:
    names = [name.partition("@") for name in result.metrics]
    told = [metric(plain) for plain, _, _ in names]
    return {
        "name": [plain for plain, _, _ in names],
        "convention": [convention or "pyroquant" for _, _, convention in names],
        "value": list(result.metrics.values()),
        "unit": [m.unit for m in told],
        "title": [m.title for m in told],
    }


def _runs(state: State, check: Check) -> Iterator[pa.RecordBatch]:
    for rows in state.kept_runs.pages():
        check()
        made = []
        for row in rows:
            spec = msgspec.json.decode(row["spec"], type=BacktestSpec)
            params = msgspec.json.encode(spec.params).decode()
            more = {"created": row["created_ms"], "direction": spec.direction, "params": params}
            made.append(dict(row) | _keys(spec) | more)
        yield pa.RecordBatch.from_pylist(made, schema=RUNS)


def _signals(state: State, asked: Wanted, check: Check) -> Iterator[pa.RecordBatch]:
    """The journal in order, some batches of it at a time."""
    after: int | None = max(asked.least.get("seq", 1) - 1, 0)
    reach = asked.least.get("bar_ts", 0), asked.most.get("bar_ts", 1 << 62)
    while after is not None:
        check()
        found, after = state.scan_signals(after, asked.equal.get("symbol", ""), *reach)
        if len(found):
            yield from _signal_columns(found).to_batches(max_chunksize=BATCH)


def _signal_columns(batch: SignalBatch) -> pa.Table:
    """The signals as a person knows them: names in words, marks as columns of their own."""
    rows = batch.rows

    def named(numbers: np.ndarray, names: Sequence[str]) -> pa.Array:
        indices = pa.array(numbers.astype(np.int32))
        return pa.DictionaryArray.from_arrays(indices, pa.array(list(names), pa.string())).dictionary_decode()

    keys = batch.strategies
    columns = {"seq": pa.array(rows["seq"])}
    for i, name in enumerate(("strategy", "version", "params")):
        columns[name] = named(rows["strategy"], [key[i] for key in keys])
    columns["symbol"] = named(rows["symbol"], batch.symbols)
    columns["timeframe"] = named(rows["timeframe"], batch.timeframes)
    columns["bar_ts"] = pa.array(rows["bar_ts"])
    columns["side"] = named(rows["slot"], [side for side, _ in SLOTS])
    columns["action"] = named(rows["slot"], [action for _, action in SLOTS])
    columns["kind"] = named(rows["kind"], KINDS)
    for name in ("price", "strength", "event_ms", "received_ns", "emitted_ns"):
        columns[name] = pa.array(rows[name])
    for name, flag in _MARKS.items():
        columns[name] = pa.array(batch.flagged(flag))
    return pa.table(columns)


SIGNALS = _signal_columns(NO_SIGNALS).schema
