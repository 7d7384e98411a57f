"""One strategy of a walk-forward as a job that any worker can do: JSON in, msgpack out, the same lake.

The result is the same on every worker, so it does not matter where a job runs, nor how often.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
from pathlib import Path

import msgspec
import numpy as np

from engine.backtest.costs import known_rates
from engine.backtest.data import BarData, bar_data
from engine.candles.minutes import aggregate
from engine.clock import SYSTEM_CLOCK, iso
from engine.contracts.backtests import BacktestSpec
from engine.contracts.errors import BadInput, Cancelled, PyroError
from engine.contracts.instruments import Instrument
from engine.contracts.markets import market, split_symbol
from engine.contracts.timeframes import timeframe_ms
from engine.contracts.walkforward import Trials, WalkForwardSpec, WalkResult, WalkSummary
from engine.rules.strategy import Strategy
from engine.rules.text import parse_strategy
from engine.runtime.folder import DataFolder
from engine.runtime.kept import TaskContext, all_minutes
from engine.runtime.known import known_of
from engine.runtime.strategies import day_of, strategy
from engine.store.recent import history
from engine.walkforward.run import Ground, Walked, walk_strategy
from engine.walkforward.sets import sets_to_try
from engine.walkforward.statistics import average_correlation, daily_sharpes
from engine.walkforward.windows import cut

log = logging.getLogger(__name__)
#: runs that were told to stop, in this process
stopped_runs: set[str] = set()


class WalkJob(msgspec.Struct, frozen=True, kw_only=True):
    """data_folder, state, lake: where the stores are, as settings have them. spec: with symbol and one strategy, whose
    text is given where it is not built in."""

    data_folder: str
    state: str = ""
    lake: str = ""
    spec: WalkForwardSpec
    strategy: str
    text: str = ""
    timeframe: str


class WalkDone(msgspec.Struct, frozen=True, kw_only=True):
    """walk: its verdict is not made yet. tried: its trials, None when it failed. whole: <f8 [sets, days], daily returns
    over the whole range. reason: why the windows had to be run one by one, "" where they had not. sentences:
    what was assumed of costs and sizes."""

    walk: WalkResult
    tried: Trials | None = None
    whole: bytes = b""
    reason: str = ""
    sentences: list[str] = []

    def returns(self) -> np.ndarray:
        """float64[sets, days]."""
        return np.frombuffer(self.whole, "<f8").reshape(self.walk.summary.sets, -1)


def compute(job: bytes) -> bytes:
    """Do one WalkJob (JSON); WalkDone as msgpack. What is wrong with the strategy is its row's error, not a failure of
    the run; Cancelled when its run was stopped."""
    return msgspec.msgpack.encode(walk(msgspec.json.decode(job, type=WalkJob)))


def walk(job: WalkJob) -> WalkDone:
    began = SYSTEM_CLOCK.monotonic_ns()
    try:
        made = _walk(job)
    except Cancelled:
        raise
    except PyroError as error:
        return _failed(job, str(error))
    except Exception as error:
        log.exception("the walk-forward of %s failed", job.strategy)
        return _failed(job, f"internal error ({type(error).__name__}): see the log")
    seconds = (SYSTEM_CLOCK.monotonic_ns() - began) / 1e9
    summary = msgspec.structs.replace(made.walk.summary, seconds=seconds)
    return msgspec.structs.replace(made, walk=msgspec.structs.replace(made.walk, summary=summary))


def _walk(job: WalkJob) -> WalkDone:
    chosen = parse_strategy(job.text) if job.text else strategy(job.strategy)
    ground = ground_of(job)
    check_warmup(chosen, ground)
    sets = sets_to_try(chosen, job.spec.search)
    run = job.spec.run_id
    made: Walked = walk_strategy(chosen, sets, ground, job.spec.search, lambda: run in stopped_runs)
    first, last = range_of(ground)
    tried = Trials(
        symbol=job.spec.symbol,
        timeframe=ground.timeframe,
        strategy=chosen.id,
        version=chosen.version,
        from_ms=first,
        to_ms=last,
        keys=made.keys.astype("<u8").tobytes(),
        sharpes=daily_sharpes(np.nan_to_num(made.whole)).astype("<f8").tobytes(),
        correlation=average_correlation(np.nan_to_num(made.whole)),
    )
    return WalkDone(
        walk=made.walk,
        tried=tried,
        whole=made.whole.astype("<f8").tobytes(),
        reason=made.reason,
        sentences=made.sentences,
    )


def range_of(ground: Ground) -> tuple[int, int]:
    """Open time of the first bar that is walked, and the end of the last."""
    ts = ground.data.bars["ts"]
    return int(ts[ground.folds[0].train]), int(ground.data.minutes["ts"][-1]) + ground.data.minute_length


def check_warmup(chosen: Strategy, ground: Ground) -> None:
    """BadInput where the first train part is over before the strategy can speak."""
    warmup = chosen.bind(None, ground.timeframe, ground.day).warmup
    if ground.folds[0].train_stop <= warmup + 1:
        raise BadInput(
            f"{chosen.id} needs {warmup} {ground.timeframe} bars to warm up; "
            f"the first train part ends after {ground.folds[0].train_stop}.",
            where="windows",
            fix="Take a longer train part, more history, or a shorter timeframe.",
        )


def _failed(job: WalkJob, error: str) -> WalkDone:
    return WalkDone(
        walk=WalkResult(summary=WalkSummary(strategy=job.strategy, timeframe=job.timeframe, error=error)),
    )


def ground_of(job: WalkJob) -> Ground:
    """Bars, windows and terms of the job; kept, since the jobs of a run share them."""
    plain = msgspec.structs.replace(job.spec, strategies=[], run_id="")
    with _lock:
        return _ground(job.data_folder, job.state, job.lake, job.timeframe, msgspec.json.encode(plain))


_lock = threading.Lock()


@functools.lru_cache(maxsize=4)
def _ground(data_folder: str, state: str, lake: str, timeframe: str, spec_json: bytes) -> Ground:
    spec = msgspec.json.decode(spec_json, type=WalkForwardSpec)
    with contextlib.closing(TaskContext(DataFolder(Path(data_folder)), state, lake)) as context:
        return _ground_in(context, spec, timeframe)


def _ground_in(context: TaskContext, spec: WalkForwardSpec, timeframe: str) -> Ground:
    data, instrument = _series(context, spec, timeframe)
    place = market(split_symbol(spec.symbol)[0])
    ts = data.bars["ts"]
    first = 0 if spec.from_ms is None else int(np.searchsorted(ts, spec.from_ms))
    if first >= len(ts):
        raise BadInput(f"There are no bars from {iso(spec.from_ms or 0)} on.", where=spec.symbol)
    folds = cut(spec.windows, ts, first, len(ts), place)
    costs = BacktestSpec(
        strategy="",
        symbol=spec.symbol,
        timeframe=timeframe,
        costs=spec.costs,
        sizing=spec.sizing,
        direction=spec.direction,
    )
    known = known_of(context, costs, data, instrument)
    rates = None if known.funding is None else known_rates(known.funding, data.bars, timeframe_ms(timeframe))
    return Ground(
        data=data,
        folds=folds,
        spec=costs,
        instrument=instrument,
        market=place,
        day=day_of(place),
        known=known,
        rates=rates,
        rounded=spec.rounded,
    )


def _series(context: TaskContext, spec: WalkForwardSpec, timeframe: str) -> tuple[BarData, Instrument]:
    """The bars with the minutes they are made of; a symbol with no minutes by its own bars of the timeframe."""
    minutes = all_minutes(context, spec.symbol)
    if not len(minutes):
        bars = history(context.state, context.lake, spec.symbol, timeframe, to_ms=spec.to_ms)
        return bar_data(spec.symbol, timeframe, bars), context.instrument(spec.symbol, bars)
    if spec.to_ms is not None:
        minutes = minutes[: np.searchsorted(minutes["ts"], spec.to_ms)]
    bars = aggregate(minutes, timeframe)
    length = timeframe_ms(timeframe)
    if length != 60_000 and len(bars):
        minutes = minutes[: np.searchsorted(minutes["ts"], int(bars["ts"][-1]) + length)]
    return bar_data(spec.symbol, timeframe, bars, minutes), context.instrument(spec.symbol, bars)
