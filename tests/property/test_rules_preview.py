"""A preview says what the machine would, to the bit: any program, any lanes, holes, missing values, chunk borders."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.indicators import graph as g
from engine.indicators.graph import CONDITION, Node
from engine.rules.kernels_preview import WIDTH
from engine.rules.machine import Machine
from engine.rules.preview import Preview
from engine.rules.preview_program import compile_preview
from engine.rules.program import compile_program
from tests.property.rules_support import made_bars, made_graph

KINDS = ("sum", "first", "count")
SEEDS = st.integers(0, 2**32 - 1)


def made_conditions(seed: int) -> list[Node]:
    """Conditions and, by comparison with their own past and with one another, the bits of all values."""
    conditions, values = made_graph(seed, 16)
    close, volume, low = g.source("close"), g.source("volume"), g.source("low")
    for a, b in zip(values, [*values[1:], close], strict=True):
        conditions += [g.edge(g.greater(a, b)), g.greater_equal(a, g.lag(a, 1)), g.crosses_below(a, g.lag(b, 2))]
    extra = g.lag(g.ema(close, 5), 3)
    conditions += [g.greater(g.ema(extra, 4), g.lag(close, 1)), g.truth(False), conditions[0]]
    day = g.clock("hour", 600_000)
    bars = g.sub(g.anchored("count", close, day, 300), g.const(3.0))
    conditions += [g.greater(bars, g.const(0.0)), g.greater(close, g.anchored("max", close, day, 300, before=True))]
    two = g.const(2.0)
    turning = [g.reversal(close, two, two, 90), g.ratchet(close, g.add(close, two), g.sub(close, two), 90)]
    turning += [g.adaptive(close, g.const(0.5), 90), g.filter2(close, 0.4, 0.3, 90), g.sar(close, close, 0.02, 0.2, 90)]
    turning += [g.rank(close, 7), g.quantile(close, 9, 0.3), g.age_of_highest(close, 6), g.weighted_sum(close, 5)]
    conditions += [g.greater(node, g.lag(close, 1)) for node in turning]
    # of two sizes of price, so that there are turns; the volume may be nan
    for size in (0.002 * 100.0, 0.002 * 60_000.0, 0.0005):
        by = g.const(size)
        bands = (close, g.add(close, by), g.sub(close, by))
        sides = [g.reversal(close, by, g.add(by, by), 60), g.ratchet_side(*bands, 60)]
        sides += [g.sar_side(close, low, 0.02, 0.2, 60)]
        sides += [g.reversal(volume, by, by, 40), g.ratchet_side(volume, g.add(volume, by), g.sub(volume, by), 40)]
        conditions += [g.greater(side, g.const(0.0)) for side in sides]
        conditions += [g.greater(close, g.adaptive(volume, by, 40)), g.greater_equal(g.const(0.0), sides[3])]
    slow = g.source("close", 3)
    conditions += [
        g.greater(g.hold(g.ema(slow, 4)), g.hold(g.lag(slow, 2))),
        g.hold(g.edge(g.greater(slow, g.lag(slow, 1)))),
    ]
    conditions += [
        g.greater(close, g.anchored(kind, close, g.floor(g.div(volume, g.const(2.0))), 300)) for kind in KINDS
    ]
    return [c for c in conditions if c.kind == CONDITION]


class Rig:
    """A machine whose lanes are fed bar by bar, and its preview beside it."""

    def __init__(self, seed: int, lanes: int, total: int, parts: int = 1, conditions: list[Node] | None = None) -> None:
        self.rng = np.random.default_rng(seed)
        self.conditions = made_conditions(seed) if conditions is None else conditions
        self.machine = Machine(compile_program(self.conditions), lanes)
        self.preview = Preview(self.machine, compile_preview(self.machine.program, self.conditions), parts)
        made = [made_bars(seed + lane, total, missing=(seed + lane) % 3 == 0) for lane in range(lanes)]
        self.index = np.stack([m[0] for m in made])
        self.bars = np.stack([m[1] for m in made], axis=1)
        self.at = np.zeros(lanes, np.int64)
        self.seen_true = 0
        self.reported = np.zeros((len(self.conditions), lanes), np.uint8)

    def bar(self, lanes: np.ndarray, moved: bool) -> tuple[np.ndarray, np.ndarray]:
        """Slots and prices of the running bars: the final ones, or others in the same slots or somewhat later ones."""
        index, prices = self.index[lanes, self.at[lanes]], self.bars[:, lanes, self.at[lanes]]
        if moved:
            close = prices[3] * np.exp(self.rng.normal(0, 3e-3, lanes.size))
            prices = np.stack(
                [prices[0], np.maximum(close, prices[1]), np.minimum(close, prices[2]), close, *prices[4:]]
            )
        return index, np.ascontiguousarray(prices)

    def check(self, lanes: np.ndarray, index: np.ndarray, prices: np.ndarray) -> None:
        before, seen = self.machine.state().copy(), self.machine.bars_seen.copy()
        true = self.machine.run(lanes, index[:, None], prices[:, :, None], commit=False)[0][:, :, 0]
        expected = (true != 0) & (self.reported[:, lanes] == 0)
        positions, outs = self.preview.run(lanes, index, prices)
        assert np.array_equal(before, self.machine.state(), equal_nan=True)
        assert np.array_equal(seen, self.machine.bars_seen)
        where, which = np.nonzero(expected.T)
        assert positions.tolist() == where.tolist()
        assert outs.tolist() == which.tolist()
        self.seen_true += int(expected.sum())
        self.reported[:, lanes] |= expected.astype(np.uint8)
        assert np.array_equal(self.preview.given(lanes), self.reported[:, lanes])

    def commit(self, lanes: np.ndarray) -> None:
        index, prices = self.bar(lanes, moved=False)
        self.machine.run(lanes, index[:, None], prices[:, :, None], commit=True)
        self.preview.forget(lanes, index + 1 if self.rng.random() < 0.5 else None)
        self.preview.set_given(lanes)
        self.reported[:, lanes] = 0
        self.at[lanes] += 1


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_a_preview_says_what_the_machine_says(seed: int) -> None:
    total = 160
    rig = Rig(seed, 7, total)
    while rig.at.min() < total:
        lanes = np.flatnonzero((rig.rng.random(7) < 0.7) & (rig.at < total))
        rig.rng.shuffle(lanes)
        if lanes.size == 0:
            continue
        for moved in (True, False):
            rig.check(lanes, *rig.bar(lanes, moved))
        rig.commit(lanes)


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.integers(1, 3))
def test_whole_tiles_and_single_lanes_agree_with_the_machine(seed: int, parts: int) -> None:
    lanes, total = 2 * WIDTH + 40, 70
    rig = Rig(seed, lanes, total, parts)
    everyone = np.arange(lanes)
    for _ in range(60):
        rig.commit(everyone)
    for share in (1.0, 0.6, 0.1, 0.5, 0.02):
        some = np.flatnonzero(rig.rng.random(lanes) < share)
        rig.rng.shuffle(some)
        if some.size:
            rig.check(some, *rig.bar(some, moved=True))
    rig.commit(everyone)
    rig.check(everyone, *rig.bar(everyone, moved=False))


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_another_slot_than_the_one_prepared_for_is_prepared_anew(seed: int) -> None:
    rig = Rig(seed, 5, 90)
    everyone = np.arange(5)
    for _ in range(80):
        rig.commit(everyone)
    for ahead in (0, 1, 7, 33, 0, 200):
        index, prices = rig.bar(everyone, moved=True)
        rig.check(everyone, index + ahead, prices)


def test_missing_values_and_extremes_do_not_part_them() -> None:
    close, volume = g.source("close"), g.source("volume")
    nodes = [g.ema(volume, 4), g.wilder(close, 3), g.rolling_sum(volume, 5), g.rolling_squares(close, 6)]
    nodes += [g.highest(volume, 4), g.lowest(close, 3), g.log(close), g.exp(g.sub(close, close)), g.sqrt(g.neg(close))]
    conditions = [g.greater(a, b) for a in nodes for b in nodes if a is not b]
    conditions += [g.within(c, 4) for c in conditions[:8]] + [g.rising(n, 2) for n in nodes]
    rig = Rig(5, 6, 200, conditions=conditions)
    rig.bars[4][rig.rng.random(rig.bars[4].shape) < 0.2] = np.nan
    rig.bars[3][rig.rng.random(rig.bars[3].shape) < 0.05] = np.inf
    rig.bars[3][rig.rng.random(rig.bars[3].shape) < 0.1] = 0.0
    rig.bars[3][:, 60:90] = 1e200
    everyone = np.arange(6)
    for _ in range(199):
        rig.check(everyone, *rig.bar(everyone, moved=False))
        rig.commit(everyone)
    assert rig.seen_true > 1000
