"""A whole walk-forward: jobs handed out, rows as they come in, what was done kept, verdicts once all is known."""

from __future__ import annotations

import concurrent.futures
import hashlib
import logging
import math
import os
import shutil
import statistics
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path

import msgspec

from engine import __version__
from engine.backtest.costs import fee_and_slip
from engine.backtest.metrics import convention_text
from engine.clock import SYSTEM_CLOCK, now_ms
from engine.contracts.errors import BadInput, Cancelled, PyroError
from engine.contracts.markets import market, split_symbol
from engine.contracts.walkforward import (
    Estimate,
    Trials,
    WalkForwardResult,
    WalkForwardSpec,
    WalkPart,
    WalkResult,
    WalkSummary,
)
from engine.rules.strategy import Strategy
from engine.runtime import walk_jobs
from engine.runtime.executors import executor
from engine.runtime.kept import TaskContext
from engine.runtime.strategies import built_in, every, strategy
from engine.runtime.walk_jobs import WalkDone, WalkJob
from engine.runtime.worker_wire import EstimateTask, WalkTask
from engine.store.files import publish
from engine.walkforward.judge import Known, judged, together
from engine.walkforward.objectives import objective
from engine.walkforward.run import Ground
from engine.walkforward.sets import expected_sets
from engine.walkforward.verdict import checked_limits
from engine.walkforward.verdict import edited_limits as edited_limits

log = logging.getLogger(__name__)
#: one strategy is done: its walk as far as it can be judged now, and its trials for the ledger
OnWalk = Callable[[WalkResult, Trials | None], None]
#: core seconds of a parameter set, and of one on one bar, for estimates
SECONDS_PER_SET, SECONDS_PER_BAR_AND_SET = 2.4e-3, 3.5e-9
#: kept runs that tell how fast this computer is, and s from which on one does
PACE_RUNS, PACE_SECONDS = 5, 3.0


def walkforward(
    spec: WalkForwardSpec,
    context: TaskContext,
    report: Callable[[float], None],
    stopped: Callable[[], bool],
    on_walk: OnWalk,
    *,
    cluster: str = "",
    threads: int = 0,
) -> WalkForwardResult:
    """Walk every strategy of the spec; best first. spec.run_id names the run: one that was ended goes on where it was.

    Failures of single strategies are rows with an error. Cancelled: what was done by then is kept, and reported by
    on_walk before.
    """
    began = SYSTEM_CLOCK.monotonic_ns()
    spec = msgspec.structs.replace(spec, symbol=context.resolve(spec.symbol))
    fee_and_slip(spec.costs, market(split_symbol(spec.symbol)[0]))
    objective(spec.search.objective)
    checked_limits(spec.limits)
    chosen = [strategy(s) for s in spec.strategies] or list(every())
    jobs = jobs_of(spec, chosen, context)
    kept = _Kept(context.folder.cache / "walks", spec, jobs)
    # errors of the range or the windows are the caller's, before anything is begun
    ground, *_ = (walk_jobs.ground_of(job) for job in _one_each(jobs))
    before = context.state.walkforwards.trials(spec.symbol, *walk_jobs.range_of(ground))
    planned = sum(expected_sets(s, spec.search, len(ground.folds)) for s in chosen)
    known = Known(ground.market, before, planned)
    done: list[WalkDone] = []
    walk_jobs.stopped_runs.discard(spec.run_id)
    try:
        with executor(cluster, threads) as pool:
            for made in _results(pool, jobs, kept, stopped):
                done.append(made)
                if made.tried is not None:
                    known.add(made.tried)
                on_walk(judged(made.walk, known, spec.limits), made.tried)
                report(len(done) / len(jobs))
    except concurrent.futures.CancelledError as error:
        raise Cancelled("the walk-forward was stopped", where=spec.symbol) from error
    result = _result(spec, ground, known, done, on_walk)
    kept.forget()
    return msgspec.structs.replace(result, seconds=(SYSTEM_CLOCK.monotonic_ns() - began) / 1e9)


def _result(
    spec: WalkForwardSpec, ground: Ground, known: Known, done: Sequence[WalkDone], on_walk: OnWalk
) -> WalkForwardResult:
    """The ranking, every strategy judged by all trials; each is told again. The same whichever was done first."""
    done = sorted(done, key=lambda d: d.walk.summary.strategy)
    rows = sorted((judged(d.walk, known, spec.limits) for d in done), key=_rank)
    for row in rows:
        on_walk(row, None)
    first, last = walk_jobs.range_of(ground)
    return WalkForwardResult(
        job=spec.run_id,
        spec=spec,
        created_ms=now_ms(SYSTEM_CLOCK),
        bars=len(ground.data.bars),
        first_ms=first,
        last_ms=last,
        rows=[r.summary for r in rows],
        trials=known.trials,
        metrics=together([d.returns() for d in done if d.tried is not None], known),
        convention=convention_text(ground.market),
        data_fingerprint=ground.data.fingerprint(len(ground.data.minutes)),
        code_version=__version__,
        assumptions=assumptions(spec, done),
        seconds=0.0,
    )


def perform_walk(
    task: WalkTask | EstimateTask,
    context: TaskContext,
    report: Callable[[float], None],
    stopped: Callable[[], bool],
    part: Callable[[WalkPart], None],
) -> WalkForwardResult | Estimate:
    """A worker's task; each strategy that is done is told by `part`."""
    if isinstance(task, EstimateTask):
        return estimate(task.spec, context, task.threads or cores())

    def told(walk: WalkResult, tried: Trials | None) -> None:
        part(WalkPart(walk=walk, tried=tried))

    return walkforward(task.spec, context, report, stopped, told, cluster=task.cluster, threads=task.threads)


def cores() -> int:
    """Of this machine."""
    return os.cpu_count() or 1


def jobs_of(spec: WalkForwardSpec, chosen: Sequence[Strategy], context: TaskContext) -> list[WalkJob]:
    """One job a strategy."""
    own = {s.id for s in chosen} - {s.id for s in built_in()}
    return [
        WalkJob(
            data_folder=str(context.folder.root),
            state=context.state_url,
            lake=context.lake_folder,
            spec=msgspec.structs.replace(spec, strategies=[s.id]),
            strategy=s.id,
            text=s.text() if s.id in own else "",
            timeframe=spec.timeframe or s.timeframe,
        )
        for s in chosen
    ]


def estimate(spec: WalkForwardSpec, context: TaskContext, cores: int) -> Estimate:
    """What it would cost; BadInput as the run itself would give it."""
    spec = msgspec.structs.replace(spec, symbol=context.resolve(spec.symbol))
    chosen = [strategy(s) for s in spec.strategies] or list(every())
    jobs = jobs_of(spec, chosen, context)
    grounds = {job.timeframe: walk_jobs.ground_of(job) for job in _one_each(jobs)}
    counts = [expected_sets(s, spec.search, len(grounds[job.timeframe].folds)) for s, job in zip(chosen, jobs)]
    work = sum(
        n * (SECONDS_PER_SET + len(grounds[job.timeframe].data.bars) * SECONDS_PER_BAR_AND_SET)
        for n, job in zip(counts, jobs)
    )
    windows = max(len(g.folds) for g in grounds.values())
    bars = max(len(g.data.bars) for g in grounds.values())
    seconds = work / max(cores, 1) * pace(context, cores)
    text = f"{len(jobs)} strategies x {sum(counts)} parameter sets x {windows} windows over {bars:,} bars: "
    return Estimate(
        strategies=len(jobs),
        sets=sum(counts),
        windows=windows,
        bars=bars,
        seconds=seconds,
        text=text + f"about {seconds:.0f} s on {cores} cores",
    )


def pace(context: TaskContext, cores: int) -> float:
    """How much longer than reckoned the last walk-forwards took on this computer; 1 where none is kept."""
    store = context.state.walkforwards
    found = []
    for summary in store.newest(PACE_RUNS):
        kept = store.result(summary.job) if summary.complete else None
        if kept is None or kept.seconds < PACE_SECONDS:
            continue
        sets = sum(row.sets for row in kept.rows)
        reckoned = sets * (SECONDS_PER_SET + kept.bars * SECONDS_PER_BAR_AND_SET) / max(cores, 1)
        if reckoned > 0:
            found.append(kept.seconds / reckoned)
    return min(max(statistics.median(found), 0.25), 50.0) if found else 1.0


def assumptions(spec: WalkForwardSpec, done: Sequence[WalkDone]) -> list[str]:
    """What was taken for granted, one sentence each."""
    lines = [
        "Parameters are chosen in the train part alone; every bar of a test part is out of sample exactly once.",
        "Each window begins flat and is closed with costs at its last bar; indicators warm from all earlier bars.",
        *dict.fromkeys(line for d in done for line in d.sentences),
    ]
    if not spec.rounded:
        lines.append("Other than in a single back-test quantities are not rounded, and no order is too small.")
    lines += sorted({f"Each window was run on its own: {d.reason}." for d in done if d.reason})
    return lines


def _results(pool: Executor, jobs: Sequence[WalkJob], kept: _Kept, stopped: Callable[[], bool]) -> Iterator[WalkDone]:
    """As they come in; those of a run that was ended before first."""
    yield from kept.done()
    waiting: dict[Future[bytes], WalkJob] = {
        pool.submit(walk_jobs.compute, msgspec.json.encode(job)): job for job in jobs if not kept.has(job)
    }
    try:
        while waiting:
            ready, _ = concurrent.futures.wait(waiting, timeout=0.1, return_when=concurrent.futures.FIRST_COMPLETED)
            if stopped():
                raise Cancelled("the walk-forward was stopped", where=jobs[0].spec.symbol)
            for future in ready:
                job = waiting.pop(future)
                body = future.result()
                kept.keep(job, body)
                yield msgspec.msgpack.decode(body, type=WalkDone)
    finally:
        walk_jobs.stopped_runs.add(jobs[0].spec.run_id)
        for future in waiting:
            future.cancel()


class _Kept:
    """Strategies that are done, as files beside the data until the run is over: an ended run goes on from them.

    They are for the same spec, version of the program and strategies only; whatever else lies there is left alone.
    """

    def __init__(self, root: Path, spec: WalkForwardSpec, jobs: Sequence[WalkJob]) -> None:
        self._root = root
        plain = msgspec.json.encode(spec) + __version__.encode()
        digest = hashlib.blake2b(plain, digest_size=8).hexdigest()
        self._folder = root / f"{spec.run_id}-{digest}" if spec.run_id else None
        self._jobs = {job.strategy: job for job in jobs}

    def _path(self, name: str) -> Path | None:
        return self._folder / f"{name}.msgpack" if self._folder else None

    def has(self, job: WalkJob) -> bool:
        path = self._path(job.strategy)
        return path is not None and path.exists()

    def done(self) -> Iterator[WalkDone]:
        for name in self._jobs:
            path = self._path(name)
            if path is None or not path.exists():
                continue
            try:
                yield msgspec.msgpack.decode(path.read_bytes(), type=WalkDone)
            except (OSError, msgspec.DecodeError):
                path.unlink(missing_ok=True)

    def keep(self, job: WalkJob, body: bytes) -> None:
        path = self._path(job.strategy)
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            publish(path, body)
        except (OSError, PyroError) as error:
            log.warning("an ended run could not go on from %s: %s", job.strategy, error)

    def forget(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _one_each(jobs: Sequence[WalkJob]) -> list[WalkJob]:
    """One job of each timeframe."""
    if not jobs:
        raise BadInput("There is no strategy to walk.", fix="See: pyroquant strategies list")
    return list({job.timeframe: job for job in jobs}.values())


def _rank(walk: WalkResult) -> tuple[bool, bool, float, float]:
    """Passed ones first, failed ones last; between them by the deflated, then by the plain Sharpe ratio."""
    summary: WalkSummary = walk.summary
    figures = [summary.metrics.get(name, math.nan) for name in ("dsr", "sharpe")]
    deflated, plain = (-f if math.isfinite(f) else math.inf for f in figures)
    return bool(summary.error), not summary.passed, deflated, plain


def market_symbols(context: TaskContext, market_id: str) -> list[str]:
    """Every symbol of a market that the lake holds."""
    market(market_id)
    found = sorted({s.symbol for s in context.lake.list() if split_symbol(s.symbol)[0] == market_id})
    if not found:
        raise BadInput(f"The lake holds no candles of {market_id}.", fix="See: pyroquant data list")
    return found
