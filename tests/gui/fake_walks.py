"""Walk-forwards of the small engine: real contract types, five windows, three by three parameter sets."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import msgspec
import numpy as np

from engine.contracts import commands as cmd
from engine.contracts import events as ev
from engine.contracts import walkforward as wf
from engine.contracts.errors import BadInput
from engine.contracts.robustness import Check, Limits, MonteCarloFan, Verdict
from engine.contracts.walk_views import GetFold, Judged, JudgeWalkForward

DAY = 86_400_000
#: 270 days before the small engine's now
START = (1_790_000_000_000 - 270 * DAY) // DAY * DAY
FOLDS, TRAIN, TEST = 5, 120, 30
SETS = [{"n": float(n), "k": k, "risk": 1.5} for n in (10, 20, 40) for k in (1.0, 2.0, 3.0)]


def judge(luck: float, sharpe: float, limits: Limits) -> Verdict:
    """Two checks are enough for a small engine."""
    checks = []
    for name, title, value, sense in (
        ("luck", "Chance that it is luck", luck, "at most"),
        ("sharpe", "Sharpe out of sample", sharpe, "at least"),
    ):
        limit = getattr(limits, name)
        if limit is not None:
            passed = value <= limit if sense == "at most" else value >= limit
            checks.append(
                Check(
                    name=name, title=title, value=value, limit=limit, sense=sense, passed=passed,  # type: ignore[arg-type]
                    must=name in limits.must, words=f"{title} is {value:.2f}.",
                )
            )  # fmt: skip
    passed = all(c.passed for c in checks if c.must)
    level = "pass" if passed else "fail"
    return Verdict(passed=passed, level=level, words=f"It has {level}ed.", checks=checks)  # type: ignore[arg-type]


def walk(strategy: str, luck: float = 0.5, limits: Limits | None = None, timeframe: str = "1h") -> wf.WalkResult:
    """One strategy; the same for the same name."""
    rng = np.random.default_rng(sum(map(ord, strategy)))
    values = rng.normal(0.8, 0.5, (FOLDS, len(SETS)))
    folds = []
    for w in range(FOLDS):
        test = START + (TRAIN + w * TEST) * DAY
        chosen, gain = int(values[w].argmax()), float(rng.normal(0.02, 0.08))
        folds.append(
            wf.FoldResult(
                train_from_ms=test - TRAIN * DAY,
                train_to_ms=test,
                test_from_ms=test,
                test_to_ms=test + TEST * DAY,
                chosen=chosen,
                params=SETS[chosen],
                value=float(values[w, chosen]),
                train={"sharpe": 1.4, "total_return": 0.3, "max_drawdown": 0.1, "trades": 40.0},
                test={"sharpe": gain * 20, "total_return": gain, "max_drawdown": 0.07, "trades": 9.0},
            )
        )
    days = folds[0].test_from_ms + DAY * np.arange(1, FOLDS * TEST + 1)
    returns = rng.normal(0.001, 0.02, len(days))
    sharpe = float(returns.mean() / returns.std(ddof=1) * math.sqrt(365))
    verdict = judge(luck, sharpe, limits or Limits())
    metrics = {
        "sharpe": sharpe, "net_return": float(np.prod(1 + returns) - 1), "max_drawdown": 0.2, "trades": 45.0,
        "profitable_windows": 0.6, "efficiency": 0.5, "dsr": 1 - luck, "pbo": 0.3, "luck": luck, "stability": 0.4,
    }  # fmt: skip
    return wf.WalkResult(
        summary=wf.WalkSummary(
            strategy=strategy,
            timeframe=timeframe,
            sets=len(SETS),
            windows=FOLDS,
            metrics=metrics,
            passed=verdict.passed,
            level=verdict.level,
            words=verdict.words,
        ),
        folds=folds,
        sets=SETS,
        verdict=verdict,
        day_ms=days.astype("<i8").tobytes(),
        returns=returns.astype("<f8").tobytes(),
        values=values.astype("<f8").tobytes(),
        test_values=(values - 0.3).astype("<f8").tobytes(),
    )


def result(job: str, spec: wf.WalkForwardSpec, walks: list[wf.WalkResult], *, complete: bool = True) -> Any:
    return wf.WalkForwardResult(
        job=job,
        spec=spec,
        created_ms=START,
        bars=6_480,
        first_ms=START,
        last_ms=START + 270 * DAY,
        rows=[w.summary for w in walks],
        trials=9 * len(walks),
        metrics={},
        convention="daily",
        data_fingerprint="a1b2",
        code_version="0.1.0",
        assumptions=[],
        seconds=1.0,
        complete=complete,
    )


class FakeWalks:
    """The answers; `hold_walks`: a run goes no further than a test drives it with `walk_row` and `walk_end`."""

    def __init__(self) -> None:
        self.walks: dict[str, dict[str, wf.WalkResult]] = {}
        self.walk_specs: dict[str, wf.WalkForwardSpec] = {}
        self.complete: set[str] = set()
        self.hold_walks = False
        self.promoted: list[wf.Promoted] = []
        self.walk_queue: list[wf.QueueEntry] = []
        self.walks_stopped = False

    def emit(self, event: ev.Event) -> None:
        raise NotImplementedError

    # what a test does
    def walk_row(self, job: str, strategy: str, luck: float = 0.5) -> None:
        """A strategy of a run is done."""
        made = walk(strategy, luck, self.walk_specs[job].limits)
        self.walks.setdefault(job, {})[strategy] = made
        self.emit(ev.WalkRow(job=job, symbol=self.walk_specs[job].symbol, row=made.summary))

    def walk_state(self, job: str, state: str, fraction: float = 0.0, error: str = "") -> None:
        if state == "done":
            self.complete.add(job)
        self.emit(
            ev.JobProgress(
                job=job, kind="walkforward", title="walk", state=state, fraction=fraction, eta_s=4.0, error=error
            )
        )

    def _whole(self, job: str) -> None:
        for k, name in enumerate(("rsi_revert", "macd_cross", "gap_fade")):
            self.walk_row(job, name, (0.01, 0.4, 0.8)[k])
        self.walk_state(job, "done", 1.0)

    # answers
    def _RunWalkForward(self, c: wf.RunWalkForward) -> cmd.JobStarted:
        job = c.spec.run_id
        self.walk_specs[job] = c.spec
        self.walk_state(job, "queued")
        if not self.hold_walks:
            asyncio.get_running_loop().call_soon(self._whole, job)
        return cmd.JobStarted(job=job)

    def _GetWalkForward(self, c: wf.GetWalkForward) -> wf.WalkForwardResult:
        if c.job not in self.walk_specs:
            raise BadInput(f'there is no walk-forward "{c.job}".')
        walks = sorted(self.walks.get(c.job, {}).values(), key=lambda w: w.summary.metrics["luck"])
        return result(c.job, self.walk_specs[c.job], walks, complete=c.job in self.complete)

    def _GetWalk(self, c: wf.GetWalk) -> wf.WalkResult:
        return self.walks[c.job][c.strategy]

    def _ListWalkForwards(self, _c: wf.ListWalkForwards) -> wf.WalkForwardList:
        runs = []
        for job in reversed(self.walks):
            r = self._GetWalkForward(wf.GetWalkForward(job=job))
            runs.append(
                wf.WalkForwardSummary(
                    job=job,
                    created_ms=r.created_ms,
                    spec=r.spec,
                    rows=len(r.rows),
                    passed=sum(row.passed for row in r.rows),
                    best=r.rows[0] if r.rows else None,
                    complete=r.complete,
                )
            )
        return wf.WalkForwardList(runs=runs)

    def _EstimateWalkForward(self, c: wf.EstimateWalkForward) -> wf.Estimate:
        count = len(c.spec.strategies) or 5
        if c.spec.windows.train == "90y":
            raise BadInput("A train part of 1080 months leaves no bar for a test.")
        return wf.Estimate(strategies=count, sets=9 * count, windows=5, bars=6_480, seconds=12.0, text="about 12 s")

    def _JudgeWalkForward(self, c: JudgeWalkForward) -> Judged:
        rows, verdicts = [], {}
        for name, made in self.walks[c.job].items():
            m = made.summary.metrics
            said = judge(m["luck"], m["sharpe"], c.limits)
            rows.append(msgspec.structs.replace(made.summary, passed=said.passed, level=said.level, words=said.words))
            if name in c.strategies:
                verdicts[name] = said
        return Judged(job=c.job, limits=c.limits, rows=rows, verdicts=verdicts)

    def _GetFold(self, c: GetFold) -> Any:
        from engine.contracts.backtests import BacktestSpec
        from tests.gui.fake_engine import result as run_result

        fold = self.walks[c.job][c.strategy].folds[c.fold]
        spec = BacktestSpec(
            strategy=c.strategy,
            symbol=self.walk_specs[c.job].symbol,
            timeframe="1h",
            from_ms=fold.test_from_ms,
            to_ms=fold.test_to_ms,
            params=fold.params,
        )
        return run_result(cmd.RunBacktest(spec=spec))

    def _GetMonteCarlo(self, c: wf.GetMonteCarlo) -> MonteCarloFan:
        steps = list(range(0, 151, 10))
        equity = [[1 + (q - 0.4) * s / 150 for s in steps] for q in (0.05, 0.25, 0.5, 0.75, 0.95)]
        return MonteCarloFan(
            kind=c.kind, paths=c.paths, seed=c.seed, block=5.0, quantiles=[0.05, 0.25, 0.5, 0.75, 0.95], steps=steps,
            equity=equity, original=[1 + s / 1_000 for s in steps], final=[row[-1] for row in equity],
            drawdown=[0.05, 0.1, 0.15, 0.2, 0.3], final_rank=0.6, drawdown_rank=0.4, loss=0.1,
        )  # fmt: skip

    def _GetWalkMatrix(self, c: wf.GetWalkMatrix) -> wf.WalkMatrix:
        cells = [
            [
                wf.MatrixCell(train=a, test=b, windows=4, metrics={"sharpe": 0.1 * i - 0.2 * j})
                if (i, j) != (0, 0)
                else wf.MatrixCell(train=a, test=b, note="too short")
                for j, b in enumerate(c.tests)
            ]
            for i, a in enumerate(c.trains)
        ]
        return wf.WalkMatrix(
            strategy=c.spec.strategies[0], symbol=c.spec.symbol, timeframe="1h", trains=c.trains, tests=c.tests,
            cells=cells,
        )  # fmt: skip

    def _GetWalkPage(self, c: wf.GetWalkPage) -> cmd.Ok:
        return cmd.Ok(text=c.path)

    def _Promote(self, c: wf.Promote) -> wf.PromotedList:
        for name in c.strategies:
            fold = self.walks[c.job][name].folds[-1]
            self.promoted.append(
                wf.Promoted(
                    number=len(self.promoted) + 1,
                    strategy=name,
                    params=fold.params,
                    job=c.job,
                    since_ms=START,
                    symbol=self.walk_specs[c.job].symbol,
                    timeframe="1h",
                    provenance={"sharpe": 1.0},
                )
            )
        return self._ListPromoted(wf.ListPromoted())

    def _Demote(self, c: wf.Demote) -> wf.PromotedList:
        self.promoted = [
            msgspec.structs.replace(p, until_ms=START + DAY) if p.number == c.number else p for p in self.promoted
        ]
        return self._ListPromoted(wf.ListPromoted())

    def _ListPromoted(self, c: wf.ListPromoted) -> wf.PromotedList:
        return wf.PromotedList(promoted=[p for p in self.promoted if c.history or not p.until_ms])

    def _queue(self) -> wf.WalkForwardQueue:
        return wf.WalkForwardQueue(entries=self.walk_queue, stopped=self.walks_stopped)

    def _ListWalkForwardQueue(self, _c: wf.ListWalkForwardQueue) -> wf.WalkForwardQueue:
        return self._queue()

    def _RunWalkForwardQueue(self, c: wf.RunWalkForwardQueue) -> wf.WalkForwardQueue:
        self.walk_queue = [
            wf.QueueEntry(job=f"walk-{k}", spec=msgspec.structs.replace(c.spec, symbol=s), state="waiting")
            for k, s in enumerate(c.symbols)
        ]
        return self._queue()

    def _SetWalkForwardQueue(self, c: wf.SetWalkForwardQueue) -> wf.WalkForwardQueue:
        self.walks_stopped = c.stopped
        if c.clear:
            self.walk_queue = []
        return self._queue()
