"""The same pipeline over a whole history: what a back-test reads, and what live is checked against."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.contracts.dtypes import PRICE_COLUMNS
from engine.contracts.timeframes import timeframe_ms
from engine.rules.machine import Machine
from engine.rules.strategy import StrategyProgram
from engine.signals.pipeline import BLOCK
from engine.signals.types import SLOTS


class Decisions(NamedTuple):
    """Of one strategy over n bars: masks uint8[4, n], the edges of SLOTS in order, 0 while warming; distances
    float64[3, n]: stop, target and trail as price distances at each bar, nan where there is none."""

    masks: np.ndarray
    distances: np.ndarray


def decide(strategies: StrategyProgram, bars: np.ndarray, timeframe: str) -> list[Decisions]:
    """Decisions of every strategy of the program over one series (CANDLE_DTYPE, final bars, oldest first)."""
    program = strategies.program
    n = len(bars)
    conditions = np.empty((len(program.condition_warmup), n), np.uint8)
    values = np.empty((len(program.value_warmup), n), np.float64)
    machine = Machine(program, 1)
    lanes = np.zeros(1, np.int64)
    index = np.asarray(bars["ts"]) // timeframe_ms(timeframe)
    columns = np.stack([bars[c] for c in PRICE_COLUMNS])
    for start in range(0, n, BLOCK):
        part = slice(start, min(start + BLOCK, n))
        c, v = machine.run(lanes, index[None, part], np.ascontiguousarray(columns[:, None, part]), commit=True)
        conditions[:, part] = c[:, 0, :]
        values[:, part] = v[:, 0, :]
    for out, warmup in enumerate(program.condition_warmup):
        # bar i is the (i + 1)-th that the lane has seen
        conditions[out, : max(0, int(warmup) - 1)] = 0
    slots = len(SLOTS)
    return [
        Decisions(conditions[k * slots : (k + 1) * slots], values[k * 3 : (k + 1) * 3])
        for k in range(len(strategies.bounds))
    ]
