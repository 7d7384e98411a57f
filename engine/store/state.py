"""The state: journal of signals, bars not yet in the lake, runs, and small facts, in one transactional database.

One process writes (from one storage thread); any number read. What a method has returned for survives kill -9.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from engine.contracts.backtests import BacktestResult
from engine.contracts.commands import RunSummary
from engine.contracts.dtypes import CANDLE_DTYPE, PRICE_COLUMNS
from engine.contracts.errors import BadInput
from engine.contracts.signals import NO_SIGNALS, Signal, SignalBatch
from engine.contracts.timeframes import TIMEFRAME_MS, bar_open
from engine.store import results, tables, tidy
from engine.store.database import clear_errors, open_engine, transaction
from engine.store.journal import SignalJournal
from engine.store.walkforwards import WalkForwards

#: INSERT ... ON CONFLICT of the two databases; each dialect has its own construct for the same words.
_INSERTS: dict[str, Callable[[sa.Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_CANDLES = tables.recent_candles
_COLUMNS = [_CANDLES.c[name] for name in ("ts", *PRICE_COLUMNS)]


class SeriesBars(msgspec.Struct, frozen=True):
    """Final bars of one series to be stored. candles: CANDLE_DTYPE array."""

    symbol: str
    timeframe: str
    candles: np.ndarray


class State:
    """where: a database URL or the path of an SQLite file, made if it does not exist (not when readonly)."""

    def __init__(self, where: str | Path, *, readonly: bool = False, timeout_s: float = 5.0) -> None:
        self._engine = open_engine(where, readonly=readonly, timeout_s=timeout_s)
        self._insert: Callable[[sa.Table], Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[
            self._engine.dialect.name
        ]
        self._save_candles = self._candle_upsert()
        self._journal = SignalJournal(self._insert, self._engine.dialect)
        self.kept_runs = results.Runs(self._engine, self._insert)
        self.walkforwards = WalkForwards(self._engine, self._insert)

    def close(self) -> None:
        """Close all connections; the state must not be used afterwards."""
        self._engine.dispose()

    def checkpoint(self) -> None:
        """Move SQLite's write-ahead log into the database; call it when idle, since it waits for the disk."""
        if self._engine.dialect.name == "sqlite":
            with clear_errors(self._engine), self._engine.connect() as connection:
                raw: Any = connection.connection.driver_connection
                connection.rollback()
                raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    # signals and bars

    def commit(self, bars: Sequence[SeriesBars], signals: SignalBatch) -> SignalBatch:
        """Store final bars and the signals they made in ONE transaction; the signals newly written, with seq: those
        already there by key are left out; ascending, in the order given."""
        try:
            with transaction(self._engine, write=True) as connection:
                self._upsert(connection, bars)
                return self._journal.append(connection, signals)
        except BaseException:
            self._journal.forget()
            raise

    def prepare_journal(self) -> None:
        """Load what the first append needs (compiled kernels, names, keys of the last hours): it shall not wait."""
        with transaction(self._engine, write=False) as connection:
            self._journal.prepare(connection)

    def append_signals(self, signals: SignalBatch) -> SignalBatch:
        """Write signals in one transaction; the answer as `commit` gives it."""
        return self.commit((), signals) if len(signals) else NO_SIGNALS

    def signal_page(self, after: int | None = None, limit: int = 500, symbol: str = "") -> SignalBatch:
        """Newest `limit`, or the first `limit` with seq > after; oldest first in both cases."""
        with transaction(self._engine, write=False) as connection:
            return self._journal.page(connection, after, limit, symbol)

    def signals(self, after: int | None = None, limit: int = 500, symbol: str = "") -> list[Signal]:
        """As `signal_page`, as objects."""
        return self.signal_page(after, limit, symbol).signals()

    def signals_between(self, symbol: str, timeframe: str, from_ms: int, to_ms: int) -> SignalBatch:
        """Signals of one series on bars with from_ms <= bar_ts < to_ms, in journal order."""
        with transaction(self._engine, write=False) as connection:
            return self._journal.between(connection, symbol, timeframe, from_ms, to_ms)

    def scan_signals(self, after: int, symbol: str, from_ms: int, to_ms: int) -> tuple[SignalBatch, int | None]:
        """A part of the journal after a sequence number, and where to go on: see SignalJournal.scan."""
        with transaction(self._engine, write=False) as connection:
            return self._journal.scan(connection, after, symbol, from_ms, to_ms)

    def mark_revised(self, symbol: str, minute_ms: int) -> SignalBatch:
        """The bar that holds this minute was restated: mark its signals of every timeframe; those newly marked."""
        bars = [(name, bar_open(minute_ms, length)) for name, length in TIMEFRAME_MS.items()]
        with transaction(self._engine, write=True) as connection:
            return self._journal.mark_revised(connection, symbol, bars)

    def plan_tidying(self, now_ms: int, confirmed_ms: int, provisional_ms: int) -> tidy.Step | None:
        """The journal's next step of housekeeping; may be made beside the writer. See engine.store.tidy."""
        with transaction(self._engine, write=False) as connection:
            return tidy.plan(connection, now_ms, confirmed_ms, provisional_ms)

    def tidy(self, step: tidy.Step) -> None:
        """Carry out a step, in one short transaction."""
        with transaction(self._engine, write=True) as connection:
            tidy.carry_out(connection, step)

    def save_candles(self, symbol: str, timeframe: str, candles: np.ndarray) -> None:
        """Upsert final bars (CANDLE_DTYPE); a bar that comes again with other figures is marked as revised."""
        self.save_bars([SeriesBars(symbol, timeframe, candles)])

    def save_bars(self, bars: Sequence[SeriesBars]) -> None:
        """Upsert final bars of many series in one transaction."""
        with transaction(self._engine, write=True) as connection:
            self._upsert(connection, bars)

    def candles(
        self,
        symbol: str,
        timeframe: str,
        last: int | None = None,
        from_ms: int | None = None,
        to_ms: int | None = None,
    ) -> np.ndarray:
        """CANDLE_DTYPE array of stored recent bars with from_ms <= ts < to_ms, oldest first; the newest `last`."""
        query = sa.select(*_COLUMNS).where(_CANDLES.c.symbol == symbol, _CANDLES.c.timeframe == timeframe)
        if from_ms is not None:
            query = query.where(_CANDLES.c.ts >= from_ms)
        if to_ms is not None:
            query = query.where(_CANDLES.c.ts < to_ms)
        query = query.order_by(_CANDLES.c.ts.desc() if last is not None else _CANDLES.c.ts)
        with transaction(self._engine, write=False) as connection:
            rows = connection.execute(query if last is None else query.limit(max(last, 0))).all()
        found = np.array([tuple(r) for r in rows], CANDLE_DTYPE)
        return found[::-1].copy() if last is not None else found

    def last_final(self, symbol: str = "", timeframe: str = "") -> dict[tuple[str, str], int]:
        """(symbol, timeframe) -> open time of the newest bar stored here, ms; narrowed by what is named."""
        query = sa.select(_CANDLES.c.symbol, _CANDLES.c.timeframe, sa.func.max(_CANDLES.c.ts))
        if symbol:
            query = query.where(_CANDLES.c.symbol == symbol)
        if timeframe:
            query = query.where(_CANDLES.c.timeframe == timeframe)
        with transaction(self._engine, write=False) as connection:
            rows = connection.execute(query.group_by(_CANDLES.c.symbol, _CANDLES.c.timeframe)).all()
        return {(row[0], row[1]): int(row[2]) for row in rows}

    def recent_counts(self) -> dict[tuple[str, str], int]:
        """(symbol, timeframe) -> bars waiting here for the lake."""
        query = sa.select(_CANDLES.c.symbol, _CANDLES.c.timeframe, sa.func.count())
        with transaction(self._engine, write=False) as connection:
            rows = connection.execute(query.group_by(_CANDLES.c.symbol, _CANDLES.c.timeframe)).all()
        return {(row[0], row[1]): int(row[2]) for row in rows}

    def drop_candles(self, symbol: str, timeframe: str, candles: np.ndarray) -> int:
        """Forget exactly these bars, unless one was restated since it was read. Returns how many went."""
        table = _CANDLES.delete().where(
            *(_CANDLES.c[name] == sa.bindparam(f"b_{name}") for name in ("symbol", "timeframe", "ts", *PRICE_COLUMNS))
        )
        rows = _rows(symbol, timeframe, candles, "b_")
        if not rows:
            return 0
        with transaction(self._engine, write=True) as connection:
            return int(connection.execute(table, rows).rowcount)

    # runs

    def save_run(self, result: BacktestResult, job: str, created_ms: int) -> None:
        """Store a finished back-test under its job id; the same id again replaces it."""
        self.kept_runs.save(result, job, created_ms)

    def run(self, job: str) -> BacktestResult:
        """The result of a job; BadInput when there is none."""
        return self.kept_runs.get(job)

    def runs(self, limit: int = 100) -> list[RunSummary]:
        """The newest runs, newest first."""
        return self.kept_runs.summaries(limit)

    # facts and empty ranges

    def put(self, key: str, value: Any) -> None:
        """Keep a JSON-able value under a name."""
        text = msgspec.json.encode(value).decode()
        statement = self._insert(tables.facts).values(key=key, value=text)
        update = statement.on_conflict_do_update(index_elements=["key"], set_={"value": statement.excluded.value})
        with transaction(self._engine, write=True) as connection:
            connection.execute(update)

    def get(self, key: str, default: Any = None) -> Any:
        """The value kept under a name, or `default`."""
        query = sa.select(tables.facts.c.value).where(tables.facts.c.key == key)
        with transaction(self._engine, write=False) as connection:
            text = connection.execute(query).scalar()
        return default if text is None else msgspec.json.decode(text)

    def mark_empty(self, symbol: str, timeframe: str, from_ms: int, to_ms: int) -> None:
        """The venue was asked for from_ms <= ts < to_ms and has no bars there; joined with ranges it touches."""
        table = tables.empty_ranges
        series = (table.c.symbol == symbol, table.c.timeframe == timeframe)
        touching = (*series, table.c.from_ms <= to_ms, table.c.to_ms >= from_ms)
        with transaction(self._engine, write=True) as connection:
            low, high = connection.execute(
                sa.select(sa.func.min(table.c.from_ms), sa.func.max(table.c.to_ms)).where(*touching)
            ).one()
            connection.execute(table.delete().where(*touching))
            first = from_ms if low is None else min(from_ms, low)
            end = to_ms if high is None else max(to_ms, high)
            connection.execute(table.insert().values(symbol=symbol, timeframe=timeframe, from_ms=first, to_ms=end))

    def empty_ranges(self, symbol: str, timeframe: str) -> list[tuple[int, int]]:
        """Half-open ranges (ms) confirmed to hold no bars, ascending and disjoint."""
        table = tables.empty_ranges
        query = sa.select(table.c.from_ms, table.c.to_ms).where(
            table.c.symbol == symbol, table.c.timeframe == timeframe
        )
        with transaction(self._engine, write=False) as connection:
            return [(int(a), int(b)) for a, b in connection.execute(query.order_by(table.c.from_ms))]

    # inside

    def _candle_upsert(self) -> Any:
        statement = self._insert(_CANDLES)
        new = statement.excluded
        differs = sa.or_(*(_CANDLES.c[name] != new[name] for name in PRICE_COLUMNS))
        values = {name: new[name] for name in PRICE_COLUMNS} | {"revised": _CANDLES.c.revised + 1}
        keys = ["symbol", "timeframe", "ts"]
        return statement.on_conflict_do_update(index_elements=keys, set_=values, where=differs)

    def _upsert(self, connection: Connection, bars: Sequence[SeriesBars]) -> None:
        rows = [row for series in bars for row in _rows(series.symbol, series.timeframe, series.candles)]
        if rows:
            connection.execute(self._save_candles, rows)


def _rows(symbol: str, timeframe: str, candles: np.ndarray, prefix: str = "") -> list[dict[str, Any]]:
    if candles.dtype != CANDLE_DTYPE:
        raise BadInput("These bars are not CANDLE_DTYPE records.", where=symbol)
    names = [prefix + name for name in ("symbol", "timeframe", "ts", *PRICE_COLUMNS)]
    return [dict(zip(names, (symbol, timeframe, *row))) for row in candles.tolist()]
