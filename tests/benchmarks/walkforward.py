"""Every strategy through a walk-forward of one symbol: the whole history of minutes, 16 sets each, minute bars."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.clock import SYSTEM_CLOCK
from engine.contracts.walkforward import SearchSpec, WalkForwardResult, WalkForwardSpec, WindowSpec
from engine.runtime.folder import DataFolder
from engine.runtime.kept import TaskContext
from engine.runtime.strategies import built_in
from engine.runtime.tasks_walkforward import walkforward
from engine.runtime.worker import WorkerProcess
from engine.runtime.worker_wire import WalkTask
from engine.signals.history import plan, run_bits
from engine.store.lake import Lake
from engine.walkforward.sets import sets_to_try
from tests.benchmarks.backtest import SYMBOL, minutes
from tests.benchmarks.harness import report

SETS, TRAIN, TEST = 16, "12mo", "3mo"
#: seven years over the length of the history
SEVEN_YEARS = 1.10
#: bars on which the share of the rules is measured
SAMPLE = 400_000
FERRO = (
    "FerroQuant publishes about 45 s for all its strategies on one symbol over seven years, and 720-900 s for Python"
    " (its machine, grid and bar size are not published)"
)


@contextlib.contextmanager
def lake_of(bars: np.ndarray) -> Iterator[TaskContext]:
    """A data folder whose lake holds these minutes."""
    with tempfile.TemporaryDirectory() as folder:
        root = DataFolder(Path(folder))
        root.prepare()
        Lake(root.lake).write(SYMBOL, "1m", bars)
        context = TaskContext(root)
        try:
            yield context
        finally:
            context.close()


def question(timeframe: str, sets: int = SETS, **other: Any) -> WalkForwardSpec:
    return WalkForwardSpec(
        symbol=SYMBOL,
        timeframe=timeframe,
        windows=WindowSpec(train=TRAIN, test=TEST),
        search=SearchSpec(most_sets=sets),
        **other,
    )


def answer(context: TaskContext, spec: WalkForwardSpec, threads: int = 0) -> WalkForwardResult:
    """The whole run but for the state database: choice, statistics of all trials and verdicts included."""
    return walkforward(spec, context, lambda _: None, lambda: False, lambda *_: None, threads=threads)


async def asked(folder: Path, specs: list[WalkForwardSpec]) -> tuple[list[WalkForwardResult], float]:
    """The same as the engine asks it of its jobs process, one after the other; and the most memory it ever had, MB."""
    worker = WorkerProcess("jobs", str(folder))
    try:
        results = [
            await worker.run(WalkTask(id=str(number), spec=spec), WalkForwardResult)
            for number, spec in enumerate(specs)
        ]
        return results, peak_mb(worker.pid or 0)
    finally:
        await worker.close()


def peak_mb(pid: int) -> float:
    """Largest resident memory of a process since it began, MB; nan where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return math.nan
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def rules_seconds(bars: np.ndarray) -> float:
    """Core seconds that indicators and rules of all sets take alone, from a part of the bars."""
    part, total = bars[-SAMPLE:], 0.0
    for one in built_in():
        made = plan([one.bind(params, "1m") for params in sets_to_try(one, SearchSpec(most_sets=SETS))])
        began = SYSTEM_CLOCK.monotonic_ns()
        for _ in run_bits(made, part, "1m"):
            pass
        total += (SYSTEM_CLOCK.monotonic_ns() - began) / 1e9
    return total * len(bars) / len(part)


def run() -> dict[str, Any]:
    """value: seconds from the question to all verdicts in a warm jobs process: kernels compiled, bars in the mapped
    cache before. peak_mb: of that process."""
    bars, source = minutes()
    cores = os.cpu_count() or 1
    with lake_of(bars) as context:
        names = [s.id for s in built_in()]
        # kernels that are not in numba's cache yet are compiled here, whose memory is no part of the figure
        answer(context, question("1m", strategies=names[::8]))
        specs = [question("1m", strategies=names[:4]), question("1m")]
        (_, result), memory = asyncio.run(asked(context.folder.root, specs))
        value = result.seconds
        others, _ = asyncio.run(asked(context.folder.root, [question(tf) for tf in ("15m", "1h", "4h")]))
        higher = {made.spec.timeframe: round(made.seconds, 2) for made in others}
        rules = rules_seconds(bars)
    sets = sum(row.sets for row in result.rows)
    trades = sum(row.metrics.get("trades", 0.0) for row in result.rows)
    figures = {
        "seconds": round(value, 2),
        "scaled_to_seven_years_s": round(value * SEVEN_YEARS, 2),
        "strategies": len(result.rows),
        "failed": sum(bool(row.error) for row in result.rows),
        "sets": sets,
        "windows": result.rows[0].windows,
        "bars": len(bars),
        "ns_per_bar_and_set": round(value * cores * 1e9 / (len(bars) * sets), 3),
        "core_seconds": {"all": round(value * cores, 1), "indicators_and_rules": round(rules, 1)},
        "peak_mb": memory if math.isnan(memory) else round(memory),
        "trades_out_of_sample": int(trades),
        "passed": sum(row.passed for row in result.rows),
        "trials": result.trials,
        "pbo_of_all": round(result.metrics["pbo"], 3),
        "higher_timeframes_s": higher,
        "data": source,
        "windows_spec": msgspec.to_builtins(result.spec.windows),
    }
    return report("walkforward", value, figures, FERRO)
