"""How the time of a walk-forward grows with bars, parameter sets and symbols."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np

from engine.contracts.walkforward import SearchSpec, WindowSpec
from engine.rules.strategy import Strategy
from engine.runtime.strategies import built_in
from tests.benchmarks.backtest import minutes
from tests.benchmarks.harness import report
from tests.benchmarks.walkforward import answer, lake_of, question

FACTORS = (1, 2, 4, 8)
BARS, ROUNDS = 400_000, 3
#: every so many strategies
EVERY = 12


def chosen() -> list[Strategy]:
    return list(built_in()[::EVERY])


def seconds(bars: np.ndarray, sets: int, symbols: int = 1) -> float:
    """Shortest of some runs with so many sets of each strategy, by ranges where its own grid has fewer."""
    spec = msgspec.structs.replace(
        question("1m", strategies=[s.id for s in chosen()]),
        windows=WindowSpec(mode="easy", windows=6),
        search=SearchSpec(most_sets=sets),
    )
    with lake_of(bars) as context:
        answer(context, spec)
        return min(sum(answer(context, spec).seconds for _ in range(symbols)) for _ in range(ROUNDS))


def exponent(table: dict[int, float]) -> float:
    """Slope of log time against log size, least squares."""
    x = np.log(list(table))
    y = np.log(list(table.values()))
    return float(np.polyfit(x, y, 1)[0])


def run() -> dict[str, Any]:
    """value: the worst exponent of time against bars, sets and symbols."""
    everything, source = minutes()
    bars = {f: seconds(everything[-BARS * f :], 16) for f in FACTORS}
    sets = {f: seconds(everything[-2 * BARS :], 2 * f) for f in FACTORS}
    symbols = {f: seconds(everything[-BARS:], 8, f) for f in FACTORS}
    exponents = {"bars": exponent(bars), "sets": exponent(sets), "symbols": exponent(symbols)}
    worst = max(exponents.values())
    rounded = {
        name: {f: round(s, 3) for f, s in table.items()}
        for name, table in {"bars": bars, "sets": sets, "symbols": symbols}.items()
    }
    figures = {
        "seconds": rounded,
        "exponents": {name: round(value, 3) for name, value in exponents.items()},
        "base": {"bars": BARS, "sets": 2, "strategies": len(chosen())},
        "data": source,
    }
    if not math.isfinite(worst):
        raise ArithmeticError(f"no exponent of {rounded}")
    return report("growth", worst, figures, "linear growth is 1")
