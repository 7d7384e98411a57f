"""What worker processes (and the command line without an engine) do: back-tests, imports, chart reads, SQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine import __version__
from engine.backtest.data import bar_data
from engine.backtest.run import run_backtest
from engine.candles.minutes import aggregate
from engine.clock import SYSTEM_CLOCK, iso
from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.commands import Candles, DataList, Ok, SqlResult
from engine.contracts.dtypes import PRICE_COLUMNS
from engine.contracts.errors import BadInput, did_you_mean
from engine.contracts.instruments import Instrument
from engine.contracts.markets import market, split_symbol
from engine.contracts.timeframes import timeframe_ms
from engine.rules.strategy import Bound, compile_strategies
from engine.runtime.facts import INSTRUMENTS_KEY
from engine.runtime.folder import DataFolder
from engine.runtime.strategies import day_of, strategy
from engine.runtime.worker_wire import (
    AnyTask,
    BacktestTask,
    ChartTask,
    CompactTask,
    ImportTask,
    ListTask,
    SqlTask,
)
from engine.signals.history import decide
from engine.store.cachefile import mapped
from engine.store.importer import import_file
from engine.store.lake import Lake
from engine.store.query import chart_bars, sql
from engine.store.recent import history
from engine.store.state import State

Report = Callable[[float], None]
Stopped = Callable[[], bool]
#: decimals looked at when the tick size of an unlisted symbol is guessed from its prices
GUESS_ROWS = 5_000


class TaskContext:
    """The stores of one data folder, opened when first needed. The state is opened for reading only."""

    def __init__(self, folder: DataFolder, state_url: str = "", lake_folder: str = "") -> None:
        self.folder = folder
        self.lake = Lake(Path(lake_folder) if lake_folder else folder.lake)
        self._state_url = state_url
        self._state: State | None = None

    @property
    def state(self) -> State:
        if self._state is None:
            if not self._state_url and not self.folder.state.exists():
                State(self.folder.state).close()
            self._state = State(self._state_url or self.folder.state, readonly=True)
        return self._state

    def close(self) -> None:
        if self._state is not None:
            self._state.close()
            self._state = None

    def resolve(self, symbol: str) -> str:
        """MARKET:NAME of a symbol that may lack its market; BadInput when it is unknown or stands in several."""
        market_id, name = split_symbol(symbol)
        stored = sorted({s.symbol for s in self.lake.list()} | {s for s, _ in self.state.last_final()})
        if market_id:
            if symbol not in stored:
                raise BadInput(
                    f"there are no candles of {symbol}.{did_you_mean(symbol, stored)}",
                    where=str(self.lake.root),
                    fix="See: pyroquant data list; or bring some: pyroquant data import FILE --symbol MARKET:NAME",
                )
            return symbol
        found = [s for s in stored if s.partition(":")[2] == name]
        if len(found) == 1:
            return found[0]
        if found:
            raise BadInput(f"{name} stands in several markets.", fix=f"Write one of {', '.join(found)}.")
        names = {s.partition(":")[2] for s in stored}
        raise BadInput(f"there are no candles of {name}.{did_you_mean(name, names)}", fix="See: pyroquant data list")

    def instrument(self, symbol: str, bars: np.ndarray) -> Instrument:
        """As the venue listed it; for a symbol that no venue listed, steps read off its prices."""
        market_id, name = split_symbol(symbol)
        listed = self.state.get(INSTRUMENTS_KEY.format(market_id)) or []
        for instrument in msgspec.convert(listed, list[Instrument]):
            if instrument.name == name:
                return instrument
        return guessed_instrument(market_id, name, bars)


def guessed_instrument(market_id: str, name: str, bars: np.ndarray) -> Instrument:
    """Tick size = the coarsest power of ten that all the newest closes stand on; no lot size."""
    closes = np.asarray(bars["close"][-GUESS_ROWS:], float)
    tick = next((10.0**-d for d in range(9) if np.allclose(closes, np.round(closes, d), rtol=0, atol=1e-10)), 1e-8)
    kind = "perpetual" if "futures" in market_id else "spot"
    return Instrument(market=market_id, name=name, base=name, quote="", tick_size=tick, lot_size=0.0, kind=kind)


def perform(task: AnyTask, context: TaskContext, report: Report, stopped: Stopped) -> Any:
    """Do one task; returns its reply type. Raises PyroError, BadInput or Cancelled."""
    if isinstance(task, BacktestTask):
        return backtest(task.spec, context, report, stopped)
    if isinstance(task, ImportTask):
        done = import_file(
            Path(task.path), context.lake, task.symbol, task.timeframe, progress=report, cancelled=stopped
        )
        return Ok(text=msgspec.json.encode(done).decode())
    if isinstance(task, ChartTask):
        return chart(task, context)
    if isinstance(task, SqlTask):
        return query(task.query, task.limit, context)
    if isinstance(task, ListTask):
        return DataList(series=list(context.lake.list()))
    if isinstance(task, CompactTask):
        context.lake.compact(task.symbol, task.timeframe)
        return Ok()
    raise BadInput(f"{type(task).__name__} is not a task for a worker")


def query(text: str, limit: int, context: TaskContext) -> SqlResult:
    return sql(context.lake, context.state, text, limit=limit)


def backtest(spec: BacktestSpec, context: TaskContext, report: Report, stopped: Stopped) -> BacktestResult:
    """One run over what lake and state hold; indicators warm from all earlier bars.

    The same function serves the window, the command line and tests, so their trade hashes are equal.
    """
    if spec.from_ms is not None and spec.to_ms is not None and spec.from_ms >= spec.to_ms:
        raise BadInput(
            f"the range from {iso(spec.from_ms)} to {iso(spec.to_ms)} is empty.", fix="The end must be after the start."
        )
    symbol = context.resolve(spec.symbol)
    bound = _bound(spec, symbol)
    length = timeframe_ms(spec.timeframe)
    minutes = all_minutes(context, symbol)
    if not len(minutes):
        return _backtest_native(spec, symbol, context, report, stopped)
    # everything after the window's end is out of sight, down to the bar that would still be forming there
    if spec.to_ms is not None:
        first = int(minutes["ts"][0])
        minutes = minutes[: np.searchsorted(minutes["ts"], spec.to_ms)]
        if not len(minutes):
            raise BadInput(
                f"There are no candles before {iso(spec.to_ms)}.",
                where=symbol,
                fix=f"They begin at {iso(first)}: choose a later range, or import older ones.",
            )
    bars = aggregate(minutes, spec.timeframe)
    if length != 60_000 and len(bars):
        minutes = minutes[: np.searchsorted(minutes["ts"], int(bars["ts"][-1]) + length)]
    report(0.1)
    program = compile_strategies([bound])
    (decisions,) = decide(program, bars, spec.timeframe)
    report(0.3)
    market_id, _ = split_symbol(symbol)
    return run_backtest(
        msgspec.structs.replace(spec, symbol=symbol, params=dict(bound.params)),
        data=bar_data(symbol, spec.timeframe, bars, minutes),
        decisions=decisions,
        instrument=context.instrument(symbol, bars),
        market=market(market_id),
        strategy_text=bound.strategy.text(),
        code_version=__version__,
        clock=SYSTEM_CLOCK,
        warmup=program.program.warmup,
        progress=lambda f: report(0.3 + 0.7 * f),
        cancelled=stopped,
    )


def _bound(spec: BacktestSpec, symbol: str) -> Bound:
    day = day_of(market(split_symbol(symbol)[0]))
    return strategy(spec.strategy).bind(spec.params, spec.timeframe, day)


def _backtest_native(
    spec: BacktestSpec, symbol: str, context: TaskContext, report: Report, stopped: Stopped
) -> BacktestResult:
    """A symbol of which only higher bars were imported: stops are resolved on those, and the result says so."""
    bars = history(context.state, context.lake, symbol, spec.timeframe, to_ms=spec.to_ms)
    if not len(bars):
        have = sorted({s.timeframe for s in context.lake.list() if s.symbol == symbol})
        raise BadInput(
            f"there are no 1-minute or {spec.timeframe} bars of {symbol}.",
            fix=f"It has {', '.join(have)}."
            if have
            else "Import some: pyroquant data import FILE --symbol MARKET:NAME",
        )
    bound = _bound(spec, symbol)
    program = compile_strategies([bound])
    (decisions,) = decide(program, bars, spec.timeframe)
    return run_backtest(
        msgspec.structs.replace(spec, symbol=symbol, params=dict(bound.params)),
        data=bar_data(symbol, spec.timeframe, bars, None),
        decisions=decisions,
        instrument=context.instrument(symbol, bars),
        market=market(split_symbol(symbol)[0]),
        strategy_text=bound.strategy.text(),
        code_version=__version__,
        clock=SYSTEM_CLOCK,
        warmup=program.program.warmup,
        progress=report,
        cancelled=stopped,
    )


def all_minutes(context: TaskContext, symbol: str) -> np.ndarray:
    """Every final 1-minute bar of a symbol: the lake's by memory map, the newest from the state."""
    stored = mapped(context.lake, context.folder.cache, symbol, "1m")
    recent = context.state.candles(symbol, "1m")
    if not len(recent):
        return stored
    if not len(stored) or recent["ts"][0] > stored["ts"][-1]:
        return np.concatenate([stored, recent]) if len(stored) else recent
    return history(context.state, context.lake, symbol, "1m")


def chart(task: ChartTask, context: TaskContext) -> Candles:
    """Final bars as asked; timeframes that are not stored are aggregated from the minutes."""
    length = timeframe_ms(task.timeframe)
    if task.timeframe == "1m":
        bars, more = chart_bars(
            context.state, context.lake, task.symbol, "1m", task.limit, task.before_ms, task.from_ms
        )
    else:
        factor = length // 60_000
        before = None if task.before_ms is None else task.before_ms - task.before_ms % length
        start = None if task.from_ms is None else task.from_ms - task.from_ms % length
        minutes, more = chart_bars(
            context.state, context.lake, task.symbol, "1m", (task.limit + 1) * factor, before, start
        )
        bars = aggregate(minutes, task.timeframe)
        if len(bars) and bars["ts"][0] < minutes["ts"][0]:
            bars = bars[1:]
        more = more or len(bars) > task.limit
        bars = bars[: task.limit] if task.from_ms is not None else bars[-task.limit :]
        if not len(bars):
            bars, more = chart_bars(
                context.state, context.lake, task.symbol, task.timeframe, task.limit, task.before_ms, task.from_ms
            )
    assert set(PRICE_COLUMNS) <= set(bars.dtype.names or ())
    return Candles(symbol=task.symbol, timeframe=task.timeframe, bars=np.ascontiguousarray(bars).tobytes(), more=more)
