"""The look-ahead detector: honest deciders pass, and every kind of leak is caught."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.candles.minutes import aggregate
from engine.rules.strategy import compile_strategies
from engine.rules.text import parse_strategy
from engine.signals.repaint import Decider, cut_points, decider, find_leaks, made_up_minutes

MINUTES = made_up_minutes("5m", 700)
CUTS = cut_points(len(MINUTES), 5, 24)
STRATEGY = parse_strategy(
    "strategy mean\nlong entry: crosses_above(close, SMA(20))\nshort entry: crosses_below(close, SMA(20))\n"
)


def from_bars(said: Callable[[np.ndarray], np.ndarray]) -> Decider:
    def decide(minutes: np.ndarray) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        bars = aggregate(minutes, "5m")
        return bars["ts"].astype(np.int64), said(bars)[None].astype(np.uint8)

    return decide


def test_an_honest_strategy_is_clean_and_is_really_compared() -> None:
    program = compile_strategies([STRATEGY.bind(timeframe="5m")])
    leaks, compared = find_leaks(decider(program, "5m"), MINUTES, CUTS)
    assert leaks == []
    assert compared[0] > 50
    assert compared[2] > 50
    assert compared[1] == compared[3] == 0


def test_a_look_at_the_next_bar_is_caught() -> None:
    peek = from_bars(lambda bars: np.append(bars["close"][1:] > bars["close"][:-1], False))
    ((leak,), _) = find_leaks(peek, MINUTES, CUTS)
    assert leak.cut_ms > leak.bar_ts


def test_a_figure_of_the_whole_history_is_caught() -> None:
    assert find_leaks(from_bars(lambda bars: bars["close"] > bars["close"].mean()), MINUTES, CUTS)[0]


def test_a_pivot_told_before_it_is_confirmed_is_caught() -> None:
    def pivots(bars: np.ndarray) -> np.ndarray:
        high = bars["high"]
        return np.array([high[i] == high[max(0, i - 3) : i + 4].max() for i in range(len(high))])

    assert find_leaks(from_bars(pivots), MINUTES, CUTS)[0]


def test_a_higher_bar_used_before_it_closes_is_caught() -> None:
    def hourly(bars: np.ndarray) -> np.ndarray:
        hour = bars["ts"] // 3_600_000
        last = np.append(np.flatnonzero(np.diff(hour)), len(bars) - 1)
        return bars["close"][last][np.searchsorted(last, np.arange(len(bars)))] > bars["open"]

    assert find_leaks(from_bars(hourly), MINUTES, CUTS)[0]


def test_a_bar_that_is_still_forming_is_caught() -> None:
    def unfinished(minutes: np.ndarray) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        starts = np.append(0, np.flatnonzero(np.diff(minutes["ts"] // 300_000)) + 1)
        ends = np.append(starts[1:], len(minutes)) - 1
        rising = minutes["close"][ends] > minutes["open"][starts]
        return (minutes["ts"][starts] // 300_000 * 300_000).astype(np.int64), rising[None].astype(np.uint8)

    assert find_leaks(unfinished, MINUTES, CUTS)[0]


def test_cuts_fall_on_borders_and_inside_bars() -> None:
    assert {c % 5 == 0 for c in CUTS} == {True, False}
    assert len(CUTS) > 15
