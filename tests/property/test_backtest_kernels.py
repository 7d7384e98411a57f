"""The simulation kernels equal the slow simulator: every trade, every bit, however the bars are cut into calls."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.costs import Funding
from engine.backtest.data import Window, bar_data
from engine.backtest.fills import Terms, scale_of
from engine.backtest.run import daily_equity
from engine.backtest.simulation import simulate
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.markets import market
from engine.signals import history
from engine.signals.history import decisions_of
from engine.signals.types import LIMIT_ORDER, MARKET, N_LEVELS, STOP_ORDER, Orders
from tests.property import backtest_reference as reference

Candle = namedtuple("Candle", CANDLE_DTYPE.names)
START = 1_700_006_400_000  # 00:00 UTC
MADE_UP = 0.15
KINDS = {"market": MARKET, "stop": STOP_ORDER, "limit": LIMIT_ORDER}
NAMES = {number: name for name, number in KINDS.items()}


def make_minutes(rng, count, holes, made_up):
    """Prices on a grid of 0.01 whose bodies, wicks and gaps are a few ticks, so that levels are touched exactly."""
    ts = START + 60_000 * np.flatnonzero(rng.random(count) >= holes)
    real = rng.random(len(ts)) >= made_up
    out = np.zeros(len(ts), CANDLE_DTYPE)
    close = 10_000
    for i in range(len(ts)):
        if not real[i]:
            out[i] = (ts[i], close / 100, close / 100, close / 100, close / 100, 0.0)
            continue
        start = max(close + int(rng.integers(-3, 4)) * int(rng.random() < 0.4), 200)
        close = max(start + int(rng.integers(-6, 7)), 200)
        high = max(start, close) + int(rng.integers(0, 4))
        low = min(start, close) - int(rng.integers(0, 4))
        out[i] = (ts[i], start / 100, high / 100, low / 100, close / 100, 1.0)
    return out, real


def aggregate(minutes, length):
    """Bars of `length` minutes, and the minutes of each."""
    keys = minutes["ts"] // (length * 60_000)
    groups = [list(np.flatnonzero(keys == key)) for key in np.unique(keys)]
    bars = np.zeros(len(groups), CANDLE_DTYPE)
    for bar, rows in zip(bars, groups):
        part = minutes[rows]
        ts = int(keys[rows[0]]) * length * 60_000
        volume = part["volume"].sum()
        values = (ts, part["open"][0], part["high"].max(), part["low"].min(), part["close"][-1], volume)
        for name, value in zip(CANDLE_DTYPE.names, values):
            bar[name] = value
    return bars, groups


def made_levels(draw, rng, bars):
    """Distances of a few ticks, and prices around the close; some missing, zero, negative or off the tick."""
    levels = rng.integers(1, 30, (N_LEVELS, len(bars))) / 100
    near = draw(st.sampled_from([2, 4, 12]))
    levels[6:] = bars["close"] + rng.integers(-near, near + 1, (2, len(bars))) / 100
    odd = rng.random(levels.shape) < 0.2
    levels[odd] = draw(st.sampled_from([np.nan, 0.0, -1.0, 0.055]))
    for row in range(6):
        if not draw(st.booleans()):
            levels[row] = np.nan
    return levels


@st.composite
def cases(draw):
    """Everything that a run takes, random but reproducible from a seed."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    length = draw(st.sampled_from([1, 5, 15]))
    count = int(rng.integers(*draw(st.sampled_from([(70, 160), (20, 70), (2, 8)])))) * length
    made_up = draw(st.sampled_from([0.0, MADE_UP, 0.5]))
    minutes, real = make_minutes(rng, count, draw(st.sampled_from([0.0, 0.1])), made_up)
    while len(minutes) < 2:
        minutes, real = make_minutes(rng, count, 0.0, made_up)
    bars, groups = aggregate(minutes, length)
    n = len(bars)
    density = draw(st.sampled_from([0.1, 0.3, 0.03]))
    masks = (rng.random((4, n)) < density).astype(np.uint8)
    straddle = draw(st.booleans())
    if straddle:
        # both entries on one bar and few exits: conflicts at the next open, straddles where both rest
        masks[2] |= masks[0]
        masks[[1, 3]] &= rng.random((2, n)) < 0.1
    levels = made_levels(draw, rng, bars)
    names = ["stop", "limit"] if straddle and draw(st.booleans()) else list(KINDS)
    kinds = draw(st.tuples(st.sampled_from(names), st.sampled_from(names)))
    if straddle and "market" not in kinds:
        # a few ticks away on the side from which the price must come
        for row, far in ((6, 1 if kinds[0] == "stop" else -1), (7, -1 if kinds[1] == "stop" else 1)):
            levels[row] = bars["close"] + far * rng.integers(0, 4, n) / 100
    orders = Orders(
        *(KINDS[k] for k in kinds), draw(st.sampled_from([1, 2, 3, 20])), draw(st.sampled_from([0, 0, 1, 2, 7]))
    )
    tick, lot = draw(st.sampled_from([0.01, 0.05, 0.0])), draw(st.sampled_from([0.001, 1.0, 0.0]))
    direction = draw(st.sampled_from(["both", "long", "short"]))
    terms = Terms(
        fee=draw(st.sampled_from([0.0, 0.0005, 0.01])),
        slip=draw(st.sampled_from([0.0, 0.0001, 0.003])),
        tick=tick,
        tick_scale=scale_of(tick),
        lot=lot,
        lot_scale=scale_of(lot),
        min_notional=draw(st.sampled_from([0.0, 0.0, 900.0])),
        by_fraction=draw(st.booleans()),
        size=0.0,
        long_ok=direction != "short",
        short_ok=direction != "long",
        inverse=draw(st.booleans()),
    )
    terms = terms._replace(size=draw(st.sampled_from([0.3, 1.0, 3.0])) if terms.by_fraction else 1000.0)
    first = int(rng.integers(0, max(n // 4, 1)))
    last = int(rng.integers(max(first, n // 2), n))
    due = np.flatnonzero(rng.random(len(minutes)) < 0.1)
    return length, minutes, real, bars, groups, masks, levels, orders, terms, direction, first, last, due, rng


def run_both(case):
    """(data, window, terms, kernel's Simulation, slow Simulator)."""
    length, minutes, real, bars, groups, masks, levels, orders, terms, direction, first, last, due, rng = case
    rates = rng.normal(0, 1e-3, len(due))
    name = f"{length}m"
    data = bar_data("demo-binance-futures:X", name, bars, minutes, real)
    window = Window(first, last)
    funding = Funding(ts=minutes["ts"][due].copy(), rate=rates)
    fast = simulate(data, window, decisions_of(masks, levels, orders), terms, 1000.0, funding)
    words = terms._asdict() | {
        "ticks_per_one": terms.tick_scale,
        "lots_per_one": terms.lot_scale,
        "direction": direction,
        "long_kind": NAMES[orders.long_kind],
        "short_kind": NAMES[orders.short_kind],
        "valid": orders.valid,
        "time_stop": orders.time_stop,
    }
    slow = reference.simulate(
        [Candle(*row.tolist()) for row in minutes],
        groups, first, last, real.tolist(), masks.T.tolist(), levels.T.tolist(),
        {m: (rate, -rate) for m, rate in zip(due.tolist(), rates.tolist())}, words, 1000.0,
    )  # fmt: skip
    return data, window, terms, fast, slow


@settings(max_examples=400, deadline=None)
@given(cases())
def test_every_trade_equals_the_slow_simulator(case):
    _, _, _, fast, slow = run_both(case)
    assert [reference.told(row) for row in fast.trades.tolist()] == slow.trades
    assert fast.cash == slow.cash
    assert fast.skipped == slow.skipped


@settings(max_examples=200, deadline=None)
@given(cases())
def test_equity_of_bars_and_days_equals_the_slow_simulator(case):
    data, window, terms, fast, slow = run_both(case)
    index, equity, down = fast.index, fast.equity, fast.drawdown
    by_bar = np.array(slow.equity_by_bar)
    peak = np.maximum.accumulate(np.append(1000.0, by_bar))[1:]
    assert index.tolist() == list(range(window.first, window.last + 1))
    assert equity.tolist() == by_bar.tolist()
    assert down.tolist() == (1.0 - by_bar / peak).tolist()
    days, daily = daily_equity(data, window, fast, terms, 1000.0, market("binance-spot"))
    last = {ts // 86_400_000: slow.equity_by_minute[m] for m, ts in enumerate(data.minutes["ts"].tolist())
            if m in slow.equity_by_minute}  # fmt: skip
    assert daily.tolist() == [1000.0, *last.values()]
    assert len(days) == len(last)


@settings(max_examples=150, deadline=None)
@given(cases(), st.integers(1, 9))
def test_decimated_curve_keeps_the_deepest_bar_of_each_bucket(case, width):
    data, window, terms, fast, slow = run_both(case)
    n = window.last - window.first + 1
    funding = Funding(ts=data.minutes["ts"][fast.tape.fund_minute], rate=fast.tape.fund_rate)
    sim = simulate(data, window, decisions_of(*case[5:8]), terms, 1000.0, funding, width=width)
    by_bar = np.array(slow.equity_by_bar)
    down = 1.0 - by_bar / np.maximum.accumulate(np.append(1000.0, by_bar))[1:]
    wanted = []
    for start in range(0, n, width):
        part = slice(start, min(start + width, n))
        wanted += sorted({start + int(down[part].argmax()), part.stop - 1})
    assert sim.index.tolist() == [window.first + at for at in wanted]
    assert sim.equity.tolist() == by_bar[wanted].tolist()
    assert sim.drawdown.tolist() == down[wanted].tolist()


@settings(max_examples=150, deadline=None)
@given(cases(), st.integers(1, 17))
def test_any_split_into_blocks_gives_the_same_bits(case, step):
    data, window, terms, whole, _ = run_both(case)
    funding = Funding(ts=data.minutes["ts"][whole.tape.fund_minute], rate=whole.tape.fund_rate)
    before = history.BLOCK
    history.BLOCK = step
    try:
        split = simulate(data, window, decisions_of(*case[5:8]), terms, 1000.0, funding)
    finally:
        history.BLOCK = before
    for mine, other in zip(split.ledger, whole.ledger, strict=True):
        assert mine.tobytes() == other.tobytes()
    for name in ("index", "equity", "drawdown"):
        assert getattr(split, name).tobytes() == getattr(whole, name).tobytes()
    assert (split.cash, split.funding, split.skipped) == (whole.cash, whole.funding, whole.skipped)


def held_or_flat(sim, n):
    """bool[n]: whether a position is open at each bar's close."""
    held = np.zeros(n, bool)
    for entry, leave in sim.ledger.where[:, 2:]:
        held[entry:leave] = True
    return held


@settings(max_examples=150, deadline=None)
@given(cases(), st.integers(1, 100))
def test_a_window_joins_the_continuous_run_at_the_first_bar_where_both_are_flat(case, percent):
    length, minutes, _, bars, _, masks, levels, orders, terms, *_ = case
    n = len(bars)
    terms = terms._replace(by_fraction=False, size=1000.0, min_notional=0.0)
    # nothing pending is carried over a flat bar when every bar can be filled
    data = bar_data("demo-binance-futures:X", f"{length}m", bars, minutes)
    start = min(n * percent // 101, n - 1)
    # an order that rests from before the window would outlive the meeting
    decisions = decisions_of(masks, levels, Orders(time_stop=orders.time_stop))
    whole = simulate(data, Window(0, n - 1), decisions, terms, 1e9)
    part = simulate(data, Window(start, n - 1), decisions, terms, 1e9)
    both_flat = ~(held_or_flat(whole, n) | held_or_flat(part, n))
    meet = np.flatnonzero(both_flat[start:])
    if len(meet) == 0:
        return
    bar = start + int(meet[0])
    rest_whole = whole.trades[whole.ledger.where[:, 2] > bar]
    rest_part = part.trades[part.ledger.where[:, 2] > bar]
    assert rest_whole.tobytes() == rest_part.tobytes()
