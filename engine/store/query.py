"""What the query worker runs: SQL of a person over candles, signals and runs. Reads only.

A query sees these relations and nothing else: no file outside the lake, no network, no extension, no setting.
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
import math
import re
import threading
import uuid
from collections.abc import Callable
from typing import Any

import duckdb

from engine.clock import SYSTEM_CLOCK, Clock
from engine.contracts.commands import SqlResult
from engine.contracts.errors import BadInput, Cancelled, PyroError
from engine.store.lake import Lake
from engine.store.relations import relations
from engine.store.state import State

_MEMORY = "1GB"
#: what an answer may hold at most, whatever its number of rows
ANSWER_BYTES = 64_000_000
MOST_ROWS = 1_000_000
_FETCH = 2_048
#: s between two looks at whether a query shall stop
_LOOK_S = 0.05
#: names that a query may read
RELATIONS = ("candles", "signals", "trades", "runs", "metrics", "equity", "walks", "promotions")
_READS = f"{', '.join(RELATIONS[:-1])} and {RELATIONS[-1]}"
#: functions that take a raw pointer or reach back into Python: of no use in a query, and able to end the process.
_DENIED = re.compile(
    r"\b(arrow_scan\w*|pandas_scan|python_\w+|seq_scan|\w*external_resource\w*|\w*_serialized_sql)\b", re.IGNORECASE
)
_BARS = """CREATE VIEW candles AS
SELECT market || ':' || symbol AS symbol, market, symbol AS name, timeframe, ts, epoch_ms(ts) AS time,
       open, high, low, close, volume
FROM """
_EMPTY = """(SELECT '' AS market, '' AS symbol, '' AS timeframe, 0::BIGINT AS ts, 0.0::DOUBLE AS open,
0.0::DOUBLE AS high, 0.0::DOUBLE AS low, 0.0::DOUBLE AS close, 0.0::DOUBLE AS volume WHERE false)"""
_PATTERN = "market=*/timeframe=*/symbol=*/year=*/part-*.parquet"
_HIVE = "{'market': VARCHAR, 'timeframe': VARCHAR, 'symbol': VARCHAR, 'year': INTEGER}"


def sql(
    lake: Lake,
    state: State | None,
    query: str,
    *,
    limit: int = 10_000,
    timeout_s: float = 30.0,
    threads: int = 2,
    clock: Clock = SYSTEM_CLOCK,
    stopped: Callable[[], bool] = lambda: False,
) -> SqlResult:
    """Run one SELECT over RELATIONS; at most `limit` rows, `truncated` when there were more.

    BadInput for anything but one SELECT and for mistakes in it, with the line, the column and a caret; PyroError when
    it takes too long or more than its memory; Cancelled once `stopped` says so, which is asked twenty times a second.
    """
    began = clock.monotonic_ns()
    limit = max(1, min(limit, MOST_ROWS))
    late = PyroError(f"The query was stopped after {timeout_s:g} s.", fix="Narrow it by symbol, timeframe or time.")

    halted = Cancelled("The query was stopped.", where="query")

    def check() -> None:
        if stopped():
            raise halted
        if clock.monotonic_ns() - began > timeout_s * 1e9:
            raise late

    connection = duckdb.connect(":memory:", config={"threads": threads, "memory_limit": _MEMORY})
    timer = _Watch(timeout_s, stopped, connection)
    try:
        # errors carry their position only as JSON
        connection.execute("SET errors_as_json=true")
        statement = _one_select(connection, query)
        for name, relation in (relations(state, check) if state is not None else {}).items():
            connection.register(name, relation)
        _lock(connection, lake)
        timer.start()
        try:
            columns, rows = _answer(connection.execute(statement), limit + 1)
        finally:
            timer.cancel()
    except duckdb.InterruptException as error:
        raise (halted if stopped() else late) from error
    except duckdb.Error as error:
        # what a relation raises comes back as DuckDB's error
        if stopped():
            raise halted from error
        if clock.monotonic_ns() - began > timeout_s * 1e9:
            raise late from error
        raise _explained(error, query) from error
    finally:
        connection.close()
    return SqlResult(
        columns=columns,
        rows=rows[:limit],
        truncated=len(rows) > limit,
        seconds=(clock.monotonic_ns() - began) / 1e9,
    )


class _Watch(threading.Thread):
    """The one thread of the store: DuckDB offers no statement timeout, and interrupt() is made for other threads."""

    def __init__(self, timeout_s: float, stopped: Callable[[], bool], connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(name="sql-watch", daemon=True)
        self._left, self._stopped, self._connection = timeout_s, stopped, connection
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(_LOOK_S):
            self._left -= _LOOK_S
            # again and again: an interrupt between two steps of a query is forgotten by the next one
            if self._left <= 0 or self._stopped():
                self._connection.interrupt()

    def cancel(self) -> None:
        self._done.set()
        self.join()


def _answer(cursor: Any, most: int) -> tuple[list[str], list[list[Any]]]:
    """(columns, rows as JSON-able values), fetched some at a time so that a huge answer is stopped on its way."""
    columns = [str(c[0]) for c in cursor.description or []]
    rows: list[list[Any]] = []
    size = 0
    while len(rows) < most and (found := cursor.fetchmany(min(_FETCH, most - len(rows)))):
        made = [[_plain(value) for value in row] for row in found]
        size += sum(_size(value) for row in made for value in row)
        if size > ANSWER_BYTES:
            raise PyroError(
                f"The answer is larger than {ANSWER_BYTES // 1_000_000} MB.",
                where="query",
                fix="Ask for fewer columns or rows, or aggregate.",
            )
        rows += made
    return columns, rows


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return 8 + sum(map(_size, value))
    return 8 + sum(map(_size, value.values())) if isinstance(value, dict) else 8


def _one_select(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    statements = connection.extract_statements(query)
    if len(statements) != 1:
        raise BadInput(f"Here are {len(statements)} statements.", where="query", fix="Write exactly one SELECT.")
    try:
        kind = str(statements[0].type).rpartition(".")[2]
    except ValueError:
        # a kind that this binding has no name for
        kind = "This"
    if kind != "SELECT":
        raise BadInput(f"{kind} is not allowed: queries only read.", where="query", fix="Write a SELECT.")
    if denied := _DENIED.search(query):
        raise BadInput(f"{denied[0]} is not allowed in a query.", where="query", fix=f"Read {_READS}.")
    return statements[0]


def _lock(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Let it see the lake's candles, and shut all doors for good."""
    lake.here()
    root = lake.root.absolute()
    source = _EMPTY
    if next(root.glob(_PATTERN), None) is not None:
        if re.search(r"[*?\[]", str(root)):
            raise PyroError(
                "DuckDB takes * ? and [ in the path of the lake for a pattern.",
                where=str(root),
                fix="Move the data to a folder without these characters in its path.",
            )
        files = _quoted(f"{root.as_posix()}/{_PATTERN}")
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


def _explained(error: duckdb.Error, query: str) -> PyroError:
    """DuckDB's message as one sentence, with line, column and a caret where it gives the place."""
    sentence, position = _message(error)
    where, caret = "query", ""
    if position is not None:
        line, column, caret = _place(query, position)
        where = f"query, line {line}, column {column}"
    if isinstance(error, duckdb.PermissionException):
        return BadInput(f"A query reads only {_READS}.", where=where, fix="No other file, no network.")
    if isinstance(error, duckdb.OutOfMemoryException):
        return PyroError(f"The query needs more than {_MEMORY} of memory.", fix="Narrow it, or aggregate first.")
    if isinstance(error, duckdb.IOException | duckdb.InvalidInputException) and ".parquet" in sentence:
        return PyroError(
            f"A part of the lake cannot be read: {sentence}", fix="Repair the lake: pyroquant data repair."
        )
    return BadInput((sentence if sentence.endswith((".", "!", "?")) else sentence + ".") + caret, where=where)


def _message(error: duckdb.Error) -> tuple[str, int | None]:
    """(sentence, bytes before the place or None)."""
    kind, _, rest = str(error).partition(": ")
    try:
        told = json.loads(rest)
        text, position = str(told["exception_message"]), told.get("position")
    except (ValueError, KeyError, TypeError):
        text, position = rest.partition("\n\nLINE ")[0] or kind, None
    return " ".join(text.split()), None if position is None else int(position)


def _place(query: str, position: int) -> tuple[int, int, str]:
    """(line, column, both from 1, and two lines more for a person: the place in the query, a caret below it)."""
    before = query.encode()[:position].decode(errors="ignore")
    start = before.rfind("\n") + 1
    line = query[start:].partition("\n")[0]
    at = len(before) - start
    # of a long line the part around the place
    cut = max(0, at - 60)
    shown, gap = line[cut : cut + 100].replace("\t", " "), at - cut
    return before.count("\n") + 1, at + 1, f"\n  {shown}\n  {' ' * gap}^"


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
