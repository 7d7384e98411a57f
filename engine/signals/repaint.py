"""The look-ahead and repaint detector: what was said on a history must not change when the history goes on.

A signal of a closed bar may depend on that bar and earlier ones only. So whatever decides is run on the whole history
and on the same history cut off at many minutes, also inside bars of higher timeframes; each time everything said on a
bar that was closed by then must be the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.candles.minutes import aggregate
from engine.contracts.checks import Leak
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms
from engine.rules.strategy import StrategyProgram
from engine.signals.history import decide

#: final 1-minute bars -> (open times int64[n] of the closed bars, what is said on them uint8[outputs, n])
Decider = Callable[[np.ndarray], tuple[NDArray[np.int64], NDArray[np.uint8]]]


def decider(strategies: StrategyProgram, timeframe: str) -> Decider:
    """All edges of a program on one timeframe, rows as its conditions are numbered."""

    def edges(minutes: np.ndarray) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        bars = aggregate(minutes, timeframe)
        masks = [d.masks for d in decide(strategies, bars, timeframe)]
        return np.ascontiguousarray(bars["ts"]), np.concatenate(masks)

    return edges


def find_leaks(decide: Decider, minutes: np.ndarray, cuts: Sequence[int]) -> tuple[list[Leak], NDArray[np.int64]]:
    """(at most one leak per output, edges compared per output). cuts: numbers of minutes that are left."""
    whole_ts, whole = decide(minutes)
    leaks: dict[int, Leak] = {}
    compared = np.zeros(len(whole), np.int64)
    for cut in cuts:
        ts, said = decide(minutes[:cut])
        ends_ms = int(minutes["ts"][cut - 1]) + MINUTE_MS
        there = np.searchsorted(whole_ts, ts)
        known = (there < len(whole_ts)) & (whole_ts[np.minimum(there, len(whole_ts) - 1)] == ts)
        later = np.zeros_like(said)
        later[:, known] = whole[:, there[known]]
        compared += np.count_nonzero(said | later, axis=1)
        for out, at in zip(*np.nonzero(said != later)):
            leak = Leak(output=int(out), bar_ts=int(ts[at]), cut_ms=ends_ms, said=bool(said[out, at]))
            leaks.setdefault(int(out), leak)
    return list(leaks.values()), compared


def cut_points(minutes: int, bar_minutes: int, count: int, seed: int = 7) -> list[int]:
    """Numbers of minutes to leave: spread over the history, at bar borders as well as inside bars."""
    random = np.random.default_rng(seed)
    borders = np.unique(random.integers(1, max(2, minutes // bar_minutes), count // 2)) * bar_minutes
    inside = random.integers(1, minutes, count - count // 2)
    return sorted({int(c) for c in (*borders, *inside) if 0 < c < minutes})


def made_up_minutes(timeframe: str, bars: int, seed: int = 11) -> np.ndarray:
    """CANDLE_DTYPE: minutes for so many bars of a timeframe, of a market that trends, rests and jumps; with holes.

    The movement is the same in bars of every timeframe, so that all strategies find something to say.
    """
    per_bar = timeframe_ms(timeframe) // MINUTE_MS
    count = bars * per_bar
    random = np.random.default_rng(seed)
    wave = np.sin(np.arange(count) / per_bar / 37.0) + 0.6 * np.sin(np.arange(count) / per_bar / 11.0)
    calm = 0.4 + 1.2 * (np.sin(np.arange(count) / per_bar / 83.0) > 0.2)
    steps = calm * random.standard_t(4, count) * 0.004 / np.sqrt(per_bar) + np.gradient(wave) * 0.02
    steps[random.random(count) < 2e-3 / per_bar] *= 8.0
    close = np.round(100.0 * np.exp(np.cumsum(steps) - np.cumsum(steps)[-1] * np.linspace(0, 1, count)), 4)
    out = np.empty(count, CANDLE_DTYPE)
    # a Tuesday at 00:00 UTC, so that sessions, days and weeks begin where they are expected
    out["ts"] = 1_704_153_600_000 + np.arange(count) * MINUTE_MS
    out["close"] = close
    out["open"] = np.concatenate(([100.0], close[:-1]))
    spread = np.abs(random.standard_normal((2, count))) * 0.0015 / np.sqrt(per_bar)
    out["high"] = np.round(np.maximum(out["open"], close) * (1 + spread[0]), 4)
    out["low"] = np.round(np.minimum(out["open"], close) * (1 - spread[1]), 4)
    out["volume"] = np.round(np.exp(random.standard_normal(count) * 0.7 + 40 * np.abs(steps)) * 50, 3)
    # minutes that never were: single ones, and one gap of several bars
    keep = random.random(count) > 0.002
    keep[count // 3 : count // 3 + 5 * per_bar] = False
    return out[keep]
