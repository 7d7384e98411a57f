"""Bars made by a seed: holes, flat stretches, missing values; and the ways in which a machine can be fed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.indicators import graph as g
from engine.indicators.graph import Node
from engine.rules.machine import Machine
from engine.rules.program import Program


def made_bars(seed: int, total: int, *, missing: bool = False) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """index (total,) with holes and bars (6, total) with flat stretches; nan in the volume when `missing`."""
    rng = np.random.default_rng(seed)
    steps = np.where(rng.random(total) < rng.choice([0.0, 0.1]), rng.integers(2, 40, total), 1)
    index = np.cumsum(steps) + int(rng.integers(0, 10_000_000))
    moves = rng.normal(0.0, 2e-3, total)
    for _ in range(int(rng.integers(0, 4))):
        start = int(rng.integers(0, total))
        moves[start : start + int(rng.integers(1, 200))] = 0.0
    close = np.round(rng.choice([0.1, 100.0, 60_000.0]) * np.exp(np.cumsum(moves)), 4)
    above, below = np.round(rng.random((2, total)) * close * 1e-3 * (moves != 0), 4)
    volume = np.round(rng.random(total) * 10.0, 2) * (moves != 0)
    if missing:
        volume[rng.random(total) < 0.1] = np.nan
    before = np.concatenate([close[:1], close[:-1]])
    funding = np.where(rng.random(total) < 0.5, np.nan, np.round(rng.normal(0.0, 1e-4, total), 6))
    return index.astype(np.int64), np.stack([before, close + above, close - below, close, volume, funding])


def run_blocks(
    program: Program, index: NDArray[np.int64], bars: NDArray[np.float64], sizes: list[int]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """One lane fed in blocks of these sizes, over and over; values as their bits."""
    machine = Machine(program, 1)
    conditions, values, start, turn = [], [], 0, 0
    while start < index.size:
        stop = min(index.size, start + sizes[turn % len(sizes)])
        block = np.ascontiguousarray(bars[:, None, start:stop])
        c, v = machine.run(None, index[None, start:stop], block, commit=True)
        conditions.append(c[:, 0])
        values.append(v[:, 0])
        start, turn = stop, turn + 1
    return np.concatenate(conditions, 1), bits(np.concatenate(values, 1))


def bits(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The 64 bits of each number, every nan alike (the sign of a nan says nothing)."""
    return np.where(np.isnan(values), np.nan, values).view(np.int64)


def made_graph(seed: int, size: int = 12, *, every: bool = False) -> tuple[list[Node], list[Node]]:
    """Some conditions and values out of the primitives, put together at random; every: with events and calendar,
    two-generation recursions and longer bars."""
    rng = np.random.default_rng(seed)
    numbers = [g.source(name) for name in ("open", "high", "low", "close", "volume", "funding")]
    truths = [g.greater(numbers[3], numbers[0])]

    def number() -> Node:
        return numbers[int(rng.integers(len(numbers)))]

    def truth() -> Node:
        return truths[int(rng.integers(len(truths)))]

    make_number = [
        lambda n: g.lag(number(), n),
        lambda n: g.ema(number(), n),
        lambda n: g.wilder(number(), n),
        lambda n: g.rolling_mean(number(), n),
        lambda n: g.rolling_std(number(), n),
        lambda n: g.highest(number(), n),
        lambda n: g.lowest(number(), n),
        lambda n: g.sub(number(), number()),
        lambda n: g.div(number(), number()),
        lambda n: g.maximum(number(), g.neg(number())),
        lambda n: g.minimum(g.absolute(number()), number()),
        lambda n: g.where(truth(), number(), number()),
    ]
    make_truth = [
        lambda n: g.rising(number(), 1 + n % 4),
        lambda n: g.falling(number(), 1 + n % 4),
        lambda n: g.crosses_above(number(), number()),
        lambda n: g.edge(truth()),
        lambda n: g.within(truth(), n),
        lambda n: g.either(truth(), g.negate(truth())),
        lambda n: g.both(truth(), truth()),
        lambda n: g.greater_equal(number(), number()),
    ]
    if every:
        make_number += _made_numbers(number, truth, rng)
        make_truth += [lambda n: g.hold(g.crosses_above(g.source("close", 4), g.lag(_longer(4, rng), 1)))]
    for _ in range(size):
        n = int(rng.integers(2, 30))
        numbers.append(make_number[int(rng.integers(len(make_number)))](n))
        truths.append(make_truth[int(rng.integers(len(make_truth)))](n))
    return truths[-6:], numbers[-6:]


def _longer(n: int, rng: np.random.Generator) -> Node:
    """Something on longer bars."""
    frame = (2, 4, 15)[n % 3] if n != 4 else 4
    x = [g.source(name, frame) for name in ("close", "high", "volume")]
    some = [*x, g.wilder(x[0], 2 + n % 3), g.highest(x[1], n), g.rolling_std(x[2], n), g.sub(x[0], g.ema(x[0], 3))]
    return some[int(rng.integers(len(some)))]


def _made_numbers(
    number: Callable[[], Node], truth: Callable[[], Node], rng: np.random.Generator
) -> list[Callable[[int], Node]]:
    hour = g.clock("hour", 300_000)
    return [
        lambda n: g.floor(number()),
        lambda n: g.value_at(truth(), number(), 3 * n, 1 + n % 3),
        lambda n: g.bars_since(truth(), n),
        lambda n: g.run_length(truth(), n),
        lambda n: g.anchored(g.ANCHORED[n % 6], number(), hour, 700, before=n % 4 == 0),
        lambda n: g.hold(_longer(n, rng)),
        lambda n: g.weighted_sum(number(), n),
        lambda n: (g.age_of_highest if n % 2 else g.age_of_lowest)(number(), n),
        lambda n: g.rank(number(), n),
        lambda n: g.quantile(number(), n, 1.0 / n),
        lambda n: g.adaptive(number(), g.div(g.const(1.0), g.add(g.const(1.0), g.absolute(number()))), 5 * n),
        lambda n: g.filter2(number(), 0.9, -0.2, 5 * n),
        lambda n: (g.ratchet if n % 2 else g.ratchet_side)(number(), number(), number(), 5 * n),
        lambda n: (g.sar if n % 2 else g.sar_side)(number(), number(), 0.02, 0.2, 5 * n),
        lambda n: (g.reversal if n % 2 else g.reversal_extreme)(number(), number(), number(), 5 * n),
    ]
