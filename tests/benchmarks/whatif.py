"""A stop is dragged: every step is a back-test over the whole history of BTCUSDT, asked of the study process."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path
from typing import Any

from engine.clock import SYSTEM_CLOCK
from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.studio import Followed, WhatIf
from engine.runtime.folder import DataFolder
from engine.runtime.worker import WorkerProcess
from engine.runtime.worker_wire import BacktestTask, StudyTask
from engine.store.lake import Lake
from tests.benchmarks.backtest import SYMBOL, minutes
from tests.benchmarks.harness import report

#: steps of one drag; strategies: few trades and many, with and without a stop of its own
STEPS = 25
STRATEGIES = ("rsi_reversion", "turtle_slow", "sma_cross")
PEERS = "the plain way, RunBacktest in the jobs process with everything that is kept of a run: plain_ms"


async def _drag(worker: WorkerProcess, strategy: str, timeframe: str) -> list[float]:
    """ms of each step; the stop where there is one, else a period, is another at every step."""
    spec = BacktestSpec(strategy=strategy, symbol=SYMBOL, timeframe=timeframe)
    first: Followed = await worker.run(StudyTask(id="0", ask=WhatIf(spec=spec, knobs=True)), Followed)
    knob = first.knobs[0]
    view = first.last_ms - 3 * 86_400_000, first.last_ms
    taken = []
    for step in range(STEPS):
        value = knob.value + (step + 1) * knob.step
        if knob.param:
            changed = BacktestSpec(strategy=strategy, symbol=SYMBOL, timeframe=timeframe, params={knob.param: value})
        else:
            rules = {knob.rule: knob.form.replace("{}", repr(value))}
            changed = BacktestSpec(strategy=strategy, symbol=SYMBOL, timeframe=timeframe, rules=rules)
        ask = WhatIf(spec=changed, from_ms=view[0], to_ms=view[1])
        began = SYSTEM_CLOCK.monotonic_ns()
        await worker.run(StudyTask(id=str(step + 1), ask=ask), Followed)
        taken.append((SYSTEM_CLOCK.monotonic_ns() - began) / 1e6)
    return taken


async def _plain(worker: WorkerProcess) -> float:
    """Median ms of the command that keeps its run."""
    taken = []
    for number in range(6):
        spec = BacktestSpec(
            strategy=STRATEGIES[0], symbol=SYMBOL, timeframe="1m", rules={"stop": f"{2 + number} * ATR(14)"}
        )
        began = SYSTEM_CLOCK.monotonic_ns()
        await worker.run(BacktestTask(id=str(number), spec=spec), BacktestResult)
        taken.append((SYSTEM_CLOCK.monotonic_ns() - began) / 1e6)
    return statistics.median(taken[1:])


async def _measured(bars: Any) -> tuple[dict[str, list[float]], float]:
    with tempfile.TemporaryDirectory() as name:
        folder = DataFolder(Path(name))
        folder.prepare()
        Lake(folder.lake).write(SYMBOL, "1m", bars)
        study, jobs = WorkerProcess("study", name), WorkerProcess("jobs", name)
        try:
            steps = {f"{s} 1m": await _drag(study, s, "1m") for s in STRATEGIES}
            steps["turtle_slow 1h"] = await _drag(study, "turtle_slow", "1h")
            return steps, await _plain(jobs)
        finally:
            await study.close()
            await jobs.close()


def run() -> dict[str, Any]:
    """value: ms of one step, from the request to its figures, equity line and trades in view, median of the slowest of
    the strategies on 1-minute bars; *_p95_ms: 95 of 100 steps."""
    bars, source = minutes()
    steps, plain = asyncio.run(_measured(bars))
    medians = {name: statistics.median(taken) for name, taken in steps.items()}
    value = max(ms for name, ms in medians.items() if name.endswith("1m"))
    figures: dict[str, Any] = {"plain_ms": round(plain, 1), "bars": len(bars), "data": source}
    for name, taken in steps.items():
        figures[f"{name} median"] = round(medians[name], 1)
        figures[f"{name} p95"] = round(sorted(taken)[int(0.95 * len(taken))], 1)
    return report("whatif", value, figures, PEERS)
