"""One pass over all windows says of each what kernels.simulate says of it alone: every trade, and the money."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest import onepass_alone, onepass_sets
from engine.backtest.costs import Funding
from engine.backtest.data import Window, bar_data
from engine.backtest.days import trading_days
from engine.backtest.fills import Terms, scale_of
from engine.backtest.onepass import SUMS, PassSpec, WindowSeries, _layout
from engine.backtest.simulation import simulate
from engine.backtest.windows_arrays import F_CUT, MERGED
from engine.contracts.dtypes import EXIT_END
from engine.contracts.markets import market
from engine.signals.history import Levels, Plan, decisions_of
from engine.signals.types import N_LEVELS, Orders
from tests.property.test_backtest_kernels import KINDS, aggregate, made_levels, make_minutes


def bits_of(masks):
    """uint8[m, t] as words uint64[m, w]."""
    packed = np.zeros((len(masks), -(-masks.shape[1] // 64) * 8), np.uint8)
    small = np.packbits(masks, axis=1, bitorder="little")
    packed[:, : small.shape[1]] = small
    return packed.view("<u8")


class Case(NamedTuple):
    """Made-up sets over a made-up market. masks uint8[4 s, n], levels float64[8 s, n]."""

    spec: PassSpec
    masks: np.ndarray
    levels: np.ndarray
    orders: list[Orders]
    size: int

    def __repr__(self):
        return f"Case({self.spec.data.timeframe}, {len(self.spec.data.bars)} bars, {self.spec.windows.tolist()})"

    def own(self, number):
        """The decisions of one set."""
        masks, levels = self.masks[4 * number : 4 * number + 4], self.levels[8 * number : 8 * number + 8]
        return decisions_of(masks, levels, self.orders[number])


@st.composite
def markets(draw):
    """Sets, their masks and levels, and everything that a pass takes."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    length = draw(st.sampled_from([1, 1, 5, 60]))
    count = int(rng.integers(*draw(st.sampled_from([(60, 200), (300, 900), (2, 8)])))) * (length if length < 60 else 20)
    made_up = draw(st.sampled_from([0.0, 0.0, 0.0, 0.2]))
    minutes, real = make_minutes(rng, max(count, 2), draw(st.sampled_from([0.0, 0.1])), made_up)
    if draw(st.booleans()):
        # days of few minutes, and holes of whole days
        minutes["ts"] = (
            minutes["ts"][0]
            + (minutes["ts"] - minutes["ts"][0])
            // (60_000 * length)
            * (60_000 * length)
            * draw(st.sampled_from([7, 60]))
            + (minutes["ts"] - minutes["ts"][0]) % (60_000 * length)
        )
    bars, _ = aggregate(minutes, length)
    n, sets = len(bars), draw(st.integers(1, 3))
    density = draw(st.sampled_from([0.1, 0.3, 0.03]))
    masks = (rng.random((4 * sets, n)) < density).astype(np.uint8)
    if draw(st.booleans()):
        # much the same sets, of which some are always in the market
        masks[4:] = masks[: 4 * sets - 4]
        masks[1::4] = 0
        masks[3::4] = 0
    resting = draw(st.booleans())
    if resting and draw(st.booleans()):
        # both entries on one bar: straddles
        masks[2::4] |= masks[0::4]
    levels = np.concatenate([made_levels(draw, rng, bars) for _ in range(sets)])
    names = st.sampled_from(list(KINDS) if resting else ["market"])
    orders = [
        Orders(
            KINDS[draw(names)],
            KINDS[draw(names)],
            draw(st.sampled_from([1, 3])),
            draw(st.sampled_from([0, 0, 1, 2, 7])),
        )
        for _ in range(sets)
    ]
    tick = draw(st.sampled_from([0.01, 0.05, 0.0]))
    direction = draw(st.sampled_from(["both", "both", "long", "short"]))
    terms = Terms(
        fee=draw(st.sampled_from([0.0, 0.0005, 0.01])), slip=draw(st.sampled_from([0.0, 0.0001, 0.003])), tick=tick,
        tick_scale=scale_of(tick), lot=0.0, lot_scale=0.0, min_notional=0.0, by_fraction=True,
        size=draw(st.sampled_from([0.3, 1.0, 8.0])), long_ok=direction != "short", short_ok=direction != "long",
        inverse=draw(st.booleans()),
    )  # fmt: skip
    due = np.flatnonzero(rng.random(len(minutes)) < draw(st.sampled_from([0.0, 0.1])))
    rates = rng.normal(0, 1e-3, len(due))
    borders = np.sort(rng.integers(0, n + 1, (draw(st.integers(1, 7)), 2)), axis=1)
    borders[:, 1] = np.minimum(np.maximum(borders[:, 1], borders[:, 0] + 1), n)
    borders[:, 0] = np.minimum(borders[:, 0], n - 1)
    if draw(st.booleans()):
        borders[0] = (0, n)
    name = {1: "1m", 5: "5m", 60: "1h"}[length]
    spec = PassSpec(
        data=bar_data("demo-binance-futures:X", name, bars, minutes, real if made_up else None), bounds=[],
        terms=terms, cash=1000.0,
        market=market(draw(st.sampled_from(["binance-spot", "oanda-forex"]))), windows=borders,
        funding=Funding(ts=minutes["ts"][due].copy(), rate=rates),
    )  # fmt: skip
    return Case(spec, masks, levels, orders, draw(st.sampled_from([64, 128, 1024])))


def passed(case):
    """(result, the pass, what it leaves to a run of its own)."""
    spec, masks, levels, orders, size = case
    sets = len(orders)
    given_levels = ~np.isnan(levels).all(axis=1)
    rows = np.arange(sets * N_LEVELS).reshape(sets, N_LEVELS)
    columns = np.where(given_levels[rows], rows, -1)
    plan = Plan((), (), tuple(Levels(c, np.full(N_LEVELS, np.nan)) for c in columns), tuple(orders))
    days = trading_days(spec.data.minutes["ts"], spec.market)
    offsets, day_ts = _layout(spec, days)
    w = len(spec.windows)
    out = WindowSeries(
        offsets, day_ts, np.zeros((sets, offsets[-1])), np.zeros((sets, w), np.int64), np.zeros((sets, w, SUMS)),
        days.ts, np.zeros((sets, len(days.ts))), "",
    )  # fmt: skip
    run = onepass_sets.Pass(spec, plan, days, out, trace=100_000)
    n = len(spec.data.bars)
    for start in range(0, n, size):
        part = slice(start, min(start + size, n))
        run.block(start, part.stop, bits_of(masks[:, part]), np.ascontiguousarray(levels[:, part]))
    return out, run, run.finish()


def trades_of(left, number, window, spec):
    """The trades of a window that the pass found, but for the one that its end closes."""
    rows, prices = left.trace.rows[: left.trace.made[0]], left.trace.prices[: left.trace.made[0]]
    fork = left.borders.window_fork[window]
    first_cut = 0 if fork < 0 else None
    mine = np.zeros(len(rows), bool)
    if fork >= 0:
        mine |= (rows[:, 0] == number) & (rows[:, 1] == fork)
        if left.states.mode[number, fork] == MERGED:
            first_cut = int(left.states.merged[number, fork, F_CUT])
    if first_cut is not None:
        mine |= (rows[:, 0] == number) & (rows[:, 1] == -1) & (rows[:, 2] >= first_cut)
    mine &= rows[:, 4] <= spec.data.first_of(int(spec.windows[window, 1])) - 1
    ts = spec.data.minutes["ts"]
    return [
        (ts[row[3]], ts[row[4]], row[5], row[6], *price, row[7])
        for row, price in zip(rows[mine], prices[mine], strict=True)
    ]


@settings(max_examples=250, deadline=None)
@given(markets())
def test_every_window_of_every_set_equals_a_run_of_its_own(case):
    spec = case.spec
    out, left, given = passed(case)
    w, sets = len(spec.windows), len(case.orders)
    twin = out._replace(
        returns=np.zeros_like(out.returns), trades=np.zeros_like(out.trades), sums=np.zeros_like(out.sums),
        whole=np.zeros_like(out.whole),
    )  # fmt: skip
    gone = set(given)
    for number in range(sets):
        own = case.own(number)
        for window in range(-1, w):
            onepass_alone.one(spec, twin, number, window, own, None)
            if (number, window) in gone:
                continue
            if window < 0:
                np.testing.assert_allclose(out.whole[number], twin.whole[number], rtol=1e-9, atol=1e-9)
                continue
            first, stop = spec.windows[window].tolist()
            sim = simulate(spec.data, Window(first, stop - 1), own, spec.terms, spec.cash, spec.funding)
            names = ["entry_ts", "exit_ts", "side", "reason", "entry_price", "exit_price", "bars"]
            wanted = [tuple(row[name] for name in names) for row in sim.trades if row["reason"] != EXIT_END]
            assert trades_of(left, number, window, spec) == wanted
            assert out.trades[number, window] == twin.trades[number, window]
            np.testing.assert_allclose(out.of(window)[number], twin.of(window)[number], rtol=1e-9, atol=1e-9)
            scale = 1.0 + np.abs(twin.sums[number, window]).max()
            columns = [0, 1, 2, 3, 5]
            np.testing.assert_allclose(
                out.sums[number, window, columns], twin.sums[number, window, columns], rtol=1e-9, atol=1e-9 * scale
            )


@settings(max_examples=60, deadline=None)
@given(markets())
def test_a_set_is_left_to_a_run_of_its_own_only_where_its_equity_was_gone(case):
    spec = case.spec
    for number, window in passed(case)[2]:
        own = case.own(number)
        first, stop = (0, len(spec.data.bars)) if window < 0 else spec.windows[window].tolist()
        sim = simulate(spec.data, Window(first, stop - 1), own, spec.terms, spec.cash, spec.funding)
        assert min(sim.equity.min(), sim.cash) <= 1e-9 * spec.cash


def test_made_up_markets_have_meetings_and_every_reason():
    """The property is about something: forks meet the main state, and all ways of leaving occur."""
    reasons, modes = set(), set()

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(markets())
    def look(case):
        left = passed(case)[1]
        reasons.update(left.trace.rows[: left.trace.made[0], 6].tolist())
        modes.update(left.states.mode.ravel().tolist())

    look()
    assert reasons >= {0, 1, 2, 3, 4, 6, 7}
    assert MERGED in modes


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(onepass_sets, "SIZE", 1024)
