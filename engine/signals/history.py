"""The same pipeline over a whole history: what a back-test reads, and what live is checked against."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.contracts.dtypes import PRICE_COLUMNS
from engine.contracts.timeframes import timeframe_ms
from engine.rules.machine import run_series
from engine.rules.strategy import StrategyProgram
from engine.signals.types import SLOTS


class Decisions(NamedTuple):
    """Of one strategy over n bars: masks uint8[4, n], the edges of SLOTS in order, 0 while warming; distances
    float64[3, n]: stop, target and trail as price distances at each bar, nan where there is none."""

    masks: np.ndarray
    distances: np.ndarray


def decide(strategies: StrategyProgram, bars: np.ndarray, timeframe: str) -> list[Decisions]:
    """Decisions of every strategy of the program over one series (CANDLE_DTYPE, final bars, oldest first)."""
    index = np.asarray(bars["ts"]) // timeframe_ms(timeframe)
    conditions, values = run_series(strategies.program, index, np.stack([bars[c] for c in PRICE_COLUMNS]))
    slots = len(SLOTS)
    return [
        Decisions(conditions[k * slots : (k + 1) * slots], values[k * 3 : (k + 1) * 3])
        for k in range(len(strategies.bounds))
    ]
