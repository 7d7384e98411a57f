"""The first start ever: every kernel of the live path and of a back-test compiled into an empty cache."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import Any

import msgspec

from engine.clock import SYSTEM_CLOCK
from tests.benchmarks.harness import report

#: what a fresh process computes, each step with the s since its start
STEPS = """
import json, numpy as np
from engine.clock import SYSTEM_CLOCK
began = SYSTEM_CLOCK.monotonic_ns()
said = {}
def done(what):
    said[what] = round((SYSTEM_CLOCK.monotonic_ns() - began) / 1e9, 2)
import tempfile
from pathlib import Path
from engine.runtime.first_start import compile_side_by_side
from engine.runtime.folder import DataFolder
with tempfile.TemporaryDirectory() as folder:
    assert compile_side_by_side(DataFolder(Path(folder)))
done("children_s")
from tests.benchmarks import backtest, sweep
from engine.runtime.strategies import built_in, market_programs
import engine.runtime.engine
done("imports_s")
programs = market_programs(built_in(), sweep.TIMEFRAMES)
core, price = sweep.warm_core(programs, 32, lambda tasks: [task() for task in tasks])
done("warm_s")
core.sweep(sweep._ticks(price, 1))
ticks = sweep._ticks(price, 2)
ticks["kind"] = 1
core.sweep(ticks)
done("live_s")
backtest.RUNS = 1
backtest.minutes = lambda: (backtest.walk(20_000), "random walk")
backtest.run()
done("backtest_s")
print(json.dumps(said))
"""

#: a later start: s from numba's import until the machine's kernels are there, from the cache
KERNELS = """
import numba
from engine.clock import SYSTEM_CLOCK
began = SYSTEM_CLOCK.monotonic_ns()
import engine.rules.machine, engine.rules.preview, engine.signals.pipeline
print((SYSTEM_CLOCK.monotonic_ns() - began) / 1e9)
"""


def run() -> dict[str, Any]:
    """value: s from spawn until the live path and a back-test have run once with nothing compiled before."""
    with tempfile.TemporaryDirectory() as folder:
        began = SYSTEM_CLOCK.monotonic_ns()
        env = os.environ | {"NUMBA_CACHE_DIR": folder}
        done = subprocess.run([sys.executable, "-c", STEPS], env=env, check=True, stdout=subprocess.PIPE)
        value = (SYSTEM_CLOCK.monotonic_ns() - began) / 1e9
        later = subprocess.run([sys.executable, "-c", KERNELS], env=env, check=True, stdout=subprocess.PIPE)
    figures: dict[str, Any] = {"cold_s": round(value, 2), **msgspec.json.decode(done.stdout.splitlines()[-1])}
    figures["kernels_of_a_later_start_s"] = round(float(later.stdout), 2)
    return report("cold", value, figures, "none")
