"""What the query worker runs: bars for charts, and SQL of a person over candles, signals and runs. Reads only.

A query sees three relations and nothing else: no file outside the lake, no network, no extension, no setting.
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re
import threading
import uuid
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from engine.clock import SYSTEM_CLOCK, Clock
from engine.contracts.commands import SqlResult
from engine.contracts.errors import BadInput, PyroError
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
from engine.store.lake import Lake
from engine.store.recent import history
from engine.store.state import State

_MEMORY = "1GB"
#: functions that take a raw pointer or reach back into Python: of no use in a query, and able to end the process.
_DENIED = re.compile(r"\b(arrow_scan\w*|pandas_scan|python_\w+|seq_scan|\w*external_resource\w*)\b", re.IGNORECASE)
_FLOATS = {"seconds"}
_INTEGERS = {"created_ms", "bars", "first_ms", "last_ms"}
_MARKS = {"late": F_LATE, "settling": F_SETTLING, "revised": F_REVISED, "quiet": F_QUIET, "backfilled": F_BACKFILLED}
_BARS = """CREATE VIEW candles AS
SELECT market || ':' || symbol AS symbol, market, symbol AS name, timeframe, ts, epoch_ms(ts) AS time,
       open, high, low, close, volume
FROM """
_EMPTY = """(SELECT '' AS market, '' AS symbol, '' AS timeframe, 0::BIGINT AS ts, 0.0::DOUBLE AS open,
0.0::DOUBLE AS high, 0.0::DOUBLE AS low, 0.0::DOUBLE AS close, 0.0::DOUBLE AS volume WHERE false)"""
_HIVE = "{'market': VARCHAR, 'timeframe': VARCHAR, 'symbol': VARCHAR, 'year': INTEGER}"


def chart_bars(
    state: State,
    lake: Lake,
    symbol: str,
    timeframe: str,
    limit: int,
    before_ms: int | None = None,
    from_ms: int | None = None,
) -> tuple[np.ndarray, bool]:
    """(bars, more) of a stored timeframe: the newest `limit` that open before before_ms, or the first from from_ms on.

    more: there are older bars than the first. Derived timeframes are the caller's: it asks for the minutes.
    """
    if from_ms is not None:
        bars = history(state, lake, symbol, timeframe, from_ms=from_ms, to_ms=before_ms)[:limit]
        return bars, history(state, lake, symbol, timeframe, last=1, to_ms=from_ms).size > 0
    bars = history(state, lake, symbol, timeframe, last=limit + 1, to_ms=before_ms)
    return bars[max(bars.size - limit, 0) :], bars.size > limit


def sql(
    lake: Lake,
    state: State | None,
    query: str,
    *,
    limit: int = 10_000,
    timeout_s: float = 30.0,
    threads: int = 2,
    clock: Clock = SYSTEM_CLOCK,
) -> SqlResult:
    """Run one SELECT over candles, signals and runs; at most `limit` rows, `truncated` when there were more.

    BadInput for anything but one SELECT and for mistakes in it, with the place; PyroError when it takes too long.
    """
    began = clock.monotonic_ns()
    connection = duckdb.connect(":memory:", config={"threads": threads, "memory_limit": _MEMORY})
    # The one timer thread of the store: DuckDB offers no statement timeout, and interrupt() is made for other threads.
    timer = threading.Timer(timeout_s, connection.interrupt)
    try:
        statement = _one_select(connection, query)
        _prepare(connection, lake, state, query)
        timer.start()
        try:
            cursor = connection.execute(statement)
            columns = [str(c[0]) for c in cursor.description or []]
            rows = cursor.fetchmany(limit + 1)
        finally:
            timer.cancel()
    except duckdb.InterruptException as error:
        raise PyroError(
            f"The query was stopped after {timeout_s:g} s.", fix="Narrow it by symbol, timeframe or time."
        ) from error
    except duckdb.Error as error:
        raise _explained(error) from error
    finally:
        connection.close()
    return SqlResult(
        columns=columns,
        rows=[[_plain(value) for value in row] for row in rows[:limit]],
        truncated=len(rows) > limit,
        seconds=(clock.monotonic_ns() - began) / 1e9,
    )


def _one_select(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    statements = connection.extract_statements(query)
    if len(statements) != 1:
        raise BadInput(f"Here are {len(statements)} statements.", where="query", fix="Write exactly one SELECT.")
    if statements[0].type != duckdb.StatementType.SELECT:
        kind = str(statements[0].type).rpartition(".")[2]
        raise BadInput(f"{kind} is not allowed: queries only read.", where="query", fix="Write a SELECT.")
    if denied := _DENIED.search(query):
        raise BadInput(f"{denied[0]} is not allowed in a query.", where="query", fix="Read candles, signals or runs.")
    return statements[0]


def _prepare(connection: duckdb.DuckDBPyConnection, lake: Lake, state: State | None, query: str) -> None:
    for name, rows in (("signals", _signals), ("runs", _runs)):
        if state is not None and re.search(rf"\b{name}\b", query, re.IGNORECASE):
            connection.register(name, rows(state))
    lake.here()
    root = lake.root.absolute()
    pattern = "market=*/timeframe=*/symbol=*/year=*/part-*.parquet"
    source = _EMPTY
    if next(root.glob(pattern), None) is not None:
        if re.search(r"[*?\[]", str(root)):
            raise PyroError(
                "DuckDB takes * ? and [ in the path of the lake for a pattern.",
                where=str(root),
                fix="Move the data to a folder without these characters in its path.",
            )
        files = _quoted(f"{root.as_posix()}/{pattern}")
        source = f"read_parquet({files}, hive_partitioning=true, hive_types={_HIVE})"
    for setting in (
        f"SET allowed_directories=[{_quoted(root.as_posix() + '/')}]",
        "SET python_enable_replacements=false",
        "SET temp_directory=''",
        "SET autoinstall_known_extensions=false",
        "SET autoload_known_extensions=false",
        "SET enable_external_access=false",
        "SET lock_configuration=true",
    ):
        connection.execute(setting)
    connection.execute(_BARS + source)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _runs(state: State) -> pa.Table:
    columns, rows = state.run_rows()
    arrays = []
    for i, column in enumerate(columns):
        kind = pa.float64() if column in _FLOATS else pa.int64() if column in _INTEGERS else pa.string()
        arrays.append(pa.array([row[i] for row in rows], kind))
    return pa.table(arrays, names=columns)


def _signals(state: State) -> pa.Table:
    batches = [_signal_columns(b) for b in state.all_signals()]
    return pa.concat_tables(batches or [_signal_columns(NO_SIGNALS)])


def _signal_columns(batch: SignalBatch) -> pa.Table:
    """The signals as a person knows them: names as dictionaries, marks as columns of their own."""
    rows = batch.rows

    def named(numbers: np.ndarray, names: Sequence[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), pa.array(list(names), pa.string()))

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


def _explained(error: duckdb.Error) -> PyroError:
    """DuckDB's message as one sentence, with line and column where it gives them."""
    text = str(error)
    head, _, tail = text.partition("\n\nLINE ")
    kind, _, sentence = head.partition(": ")
    sentence = " ".join((sentence or kind).split())
    where = "query"
    if match := re.match(r"(\d+): ([^\n]*)\n(\s*)\^", tail):
        column = len(match[3]) - len(f"LINE {match[1]}: ") + 1
        where = f"query, line {match[1]}, column {max(column, 1)}"
    if isinstance(error, duckdb.PermissionException):
        return BadInput("A query reads only candles, signals and runs.", where=where, fix="No other file, no network.")
    if isinstance(error, duckdb.OutOfMemoryException):
        return PyroError(f"The query needs more than {_MEMORY} of memory.", fix="Narrow it, or aggregate first.")
    if isinstance(error, duckdb.IOException | duckdb.InvalidInputException) and ".parquet" in sentence:
        return PyroError(
            f"A part of the lake cannot be read: {sentence}", fix="Repair the lake: pyroquant data repair."
        )
    return BadInput(sentence if sentence.endswith((".", "!", "?")) else sentence + ".", where=where)


def _plain(value: Any) -> Any:
    """The value as JSON knows it; times as ISO 8601, whole numbers beyond 64 bits and everything else as text."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, dt.datetime):
        text = value.isoformat()
        return text.replace("+00:00", "Z") if value.tzinfo else text + "Z"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, dt.timedelta | uuid.UUID):
        return str(value)
    return str(value)
