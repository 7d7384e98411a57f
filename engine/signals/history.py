"""The same pipeline over a whole history: what a back-test reads, and what live is checked against."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.contracts.timeframes import timeframe_ms
from engine.rules.fields import LEVELS
from engine.rules.machine import Machine
from engine.rules.strategy import Bound, StrategyProgram
from engine.signals.kernels import columns_of
from engine.signals.types import SLOTS

#: bars whose columns and outputs stay in the cache between the passes over them; any split gives the same bits
BLOCK = 16_384


class Decisions(NamedTuple):
    """Of one strategy over n bars: masks uint8[4, n], the edges of SLOTS in order, 0 while warming; distances
    float64[3, n]: stop, target and trail as price distances at each bar, nan where there is none."""

    masks: np.ndarray
    distances: np.ndarray


def decide(
    strategies: StrategyProgram, bars: np.ndarray, timeframe: str, funding: np.ndarray | None = None
) -> list[Decisions]:
    """Decisions of every strategy of the program over one series (CANDLE_DTYPE, final bars, oldest first).

    The program is bound to this timeframe. funding: float64[n], the last settled rate known at each bar's close."""
    machine, count, length = Machine(strategies.program, 1), len(bars), timeframe_ms(timeframe)
    conditions = np.empty((strategies.program.n_conditions, count), np.uint8)
    values = np.empty((strategies.program.n_values, count))
    # read-only whatever is given, so that the kernel is compiled once
    rows = np.ascontiguousarray(bars).view()
    rows.flags.writeable = False
    for start in range(0, count, BLOCK):
        part = rows[start : start + BLOCK]
        index, columns = np.empty(len(part), np.int64), np.empty((6, 1, len(part)))
        columns_of(part, length, index, columns)
        columns[5] = np.nan if funding is None else funding[start : start + BLOCK]
        stop = start + len(part)
        true, numbers = machine.run(None, index[None], columns, commit=True)
        conditions[:, start:stop], values[:, start:stop] = true[:, 0], numbers[:, 0]
    slots = len(SLOTS)
    return [
        Decisions(conditions[k * slots : (k + 1) * slots], values[[len(LEVELS) * k + r for r in _rows(bound)]])
        for k, bound in enumerate(strategies.bounds)
    ]


def _rows(bound: Bound) -> tuple[int, int, int]:
    """Of LEVELS: stop, target and trail of the side that there is."""
    side = "short" if bound.strategy.direction == "short" else "long"
    return LEVELS.index(f"{side}_stop"), LEVELS.index(f"{side}_target"), LEVELS.index("trail")
