"""Wider costs, other sizes, margin, several entries, conversions: the kernels equal the slow simulator, bit for bit."""

from __future__ import annotations

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st

from engine.backtest.costs import Funding
from engine.backtest.data import Window, bar_data, frozen
from engine.backtest.more import AMOUNT, FRACTION, KELLY, RISK_TO_STOP, VOLATILITY, More
from engine.backtest.run import daily_equity
from engine.backtest.simulation import simulate
from engine.contracts.dtypes import EXIT_LIQUIDATION, EXIT_NAMES
from engine.contracts.markets import market
from engine.signals import history
from engine.signals.history import decisions_of
from tests.property import backtest_reference as reference
from tests.property.test_backtest_kernels import NAMES, Candle, cases

NONE = frozen(np.empty(0))
MODES = {"amount": AMOUNT, "fraction": FRACTION, "volatility": VOLATILITY, "risk": RISK_TO_STOP, "kelly": KELLY}
#: nothing beyond the terms but the way that sizes are found
NOTHING = More(
    offset=0.0, range_share=0.0, half=0.0, ask=NONE, bid=NONE, maker=0.0, target_fee=0.0, target_rests=False,
    mode=FRACTION, cap=np.inf, volatility=NONE, kelly_trades=5, kelly_start=0.2, leverage=0.0, most=np.inf,
    floors=frozen(np.zeros(1)), rates=frozen(np.zeros(1)), amounts=frozen(np.zeros(1)), entries=1, conversion=NONE,
    short_rate=NONE,
)  # fmt: skip


@st.composite
def wide(draw):
    """A case of the kernels with its More, the mode's name and what short positions pay."""
    case = draw(cases())
    minutes, bars, terms, rng = case[1], case[3], case[8], case[13]
    mode = draw(st.sampled_from(list(MODES)))
    size = {"amount": 1000.0, "fraction": draw(st.sampled_from([0.3, 1.0, 30.0])), "volatility": 0.2, "risk": 0.01}
    leverage = draw(st.sampled_from([0.0, 0.0, 1.0, 100.0, 400.0]))
    terms = terms._replace(by_fraction=mode == "fraction", size=size.get(mode, 0.5))
    rest = draw(st.booleans())
    more = NOTHING._replace(
        offset=draw(st.sampled_from([0.0, 0.02])),
        range_share=draw(st.sampled_from([0.0, 0.1])),
        half=draw(st.sampled_from([0.0, 1e-4])),
        maker=draw(st.sampled_from([terms.fee, -0.0001, 0.0002])),
        target_fee=0.0001 if rest else terms.fee,
        target_rests=rest,
        mode=MODES[mode],
        cap=draw(st.sampled_from([0.5, 5.0, 40.0])),
        leverage=leverage,
        entries=draw(st.sampled_from([1, 1, 2, 5])),
    )
    if draw(st.booleans()):
        quotes = rng.integers(0, 5, (2, len(minutes))) / 200
        quotes[rng.random(quotes.shape) < 0.1] = np.nan
        more = more._replace(ask=frozen(quotes[0]), bid=frozen(quotes[1]))
    if mode == "volatility":
        moves = rng.random(len(bars))
        moves[rng.random(len(bars)) < 0.2] = np.nan
        more = more._replace(volatility=frozen(moves))
    if leverage and draw(st.booleans()):
        more = more._replace(
            floors=frozen(np.array([0.0, 500.0, 20_000.0])), rates=frozen(np.array([0.0004, 0.0005, 0.0008])),
            amounts=frozen(np.array([0.0, 0.05, 6.05])), most=draw(st.sampled_from([np.inf, 30_000.0])),
        )  # fmt: skip
    if draw(st.booleans()):
        more = more._replace(conversion=frozen(rng.uniform(0.5, 2.0, len(minutes))))
    if more.entries > 1:
        case[5][[0, 2]] |= rng.random((2, len(bars))) < 0.2
    return case[:8] + (terms,) + case[9:], more, mode, rng.normal(0, 1e-3, len(case[12]))


def words_of(more, mode):
    """A More as the slow simulator takes it."""
    words = {n: v for n, v in more._asdict().items() if not isinstance(v, np.ndarray)} | {"mode": mode}
    for name in ("ask", "bid", "volatility", "conversion"):
        column = getattr(more, name)
        words[name] = column.tolist() if len(column) else None
    words["brackets"] = list(zip(more.floors.tolist(), more.rates.tolist(), more.amounts.tolist()))
    return words


def both(made):
    """(data, window, terms, funding, kernel's Simulation, slow Simulator)."""
    case, more, mode, shorts = made
    length, minutes, real, bars, groups, masks, levels, orders, terms, direction, first, last, due, rng = case
    longs = rng.normal(0, 1e-3, len(due))
    data = bar_data("demo-binance-futures:X", f"{length}m", bars, minutes, real)
    funding = Funding(ts=minutes["ts"][due].copy(), rate=longs, short_rate=shorts)
    window, decisions = Window(first, last), decisions_of(masks, levels, orders)
    fast = simulate(data, window, decisions, terms, 1000.0, funding, more=more)
    words = terms._asdict() | words_of(more, mode) | {
        "ticks_per_one": terms.tick_scale, "lots_per_one": terms.lot_scale, "direction": direction,
        "long_kind": NAMES[orders.long_kind], "short_kind": NAMES[orders.short_kind], "valid": orders.valid,
        "time_stop": orders.time_stop,
    }  # fmt: skip
    slow = reference.simulate(
        [Candle(*row.tolist()) for row in minutes], groups, first, last, real.tolist(), masks.T.tolist(),
        levels.T.tolist(), dict(zip(due.tolist(), zip(longs.tolist(), shorts.tolist()))), words, 1000.0,
    )  # fmt: skip
    return data, window, terms, funding, fast, slow


@settings(max_examples=500, deadline=None)
@given(wide())
def test_every_trade_equals_the_slow_simulator(made):
    *_, fast, slow = both(made)
    for reason in set(fast.trades["reason"].tolist()):
        event(f"{made[2]}: {EXIT_NAMES[reason]}")
    assert [reference.told(row) for row in fast.trades.tolist()] == slow.trades
    assert fast.cash == slow.cash
    assert fast.skipped == slow.skipped


@settings(max_examples=200, deadline=None)
@given(wide())
def test_equity_of_bars_and_days_equals_the_slow_simulator(made):
    data, window, terms, _, fast, slow = both(made)
    by_bar = np.array(slow.equity_by_bar)
    peak = np.maximum.accumulate(np.append(1000.0, by_bar))[1:]
    assert fast.index.tolist() == list(range(window.first, window.last + 1))
    assert fast.equity.tolist() == by_bar.tolist()
    assert fast.drawdown.tolist() == (1.0 - by_bar / peak).tolist()
    _, daily = daily_equity(data, window, fast, terms, 1000.0, market("binance-spot"))
    last = {ts // 86_400_000: slow.equity_by_minute[m] for m, ts in enumerate(data.minutes["ts"].tolist())
            if m in slow.equity_by_minute}  # fmt: skip
    assert daily.tolist() == [1000.0, *last.values()]


@settings(max_examples=150, deadline=None)
@given(wide(), st.integers(1, 17), st.integers(1, 9))
def test_any_split_into_blocks_gives_the_same_bits(made, step, width):
    case, more, *_ = made
    data, window, terms, funding, whole, _ = both(made)
    decisions = decisions_of(*case[5:8])
    before = history.BLOCK
    history.BLOCK = step
    try:
        split = simulate(data, window, decisions, terms, 1000.0, funding, more=more, width=width)
    finally:
        history.BLOCK = before
    for mine, other in zip(split.ledger, whole.ledger, strict=True):
        assert mine.tobytes() == other.tobytes()
    assert (split.cash, split.funding, split.skipped) == (whole.cash, whole.funding, whole.skipped)
    # of each bucket of the curve the deepest bar and the last
    n, wanted = len(whole.index), []
    for start in range(0, n, width):
        part = slice(start, min(start + width, n))
        wanted += sorted({start + int(whole.drawdown[part].argmax()), part.stop - 1})
    assert split.index.tolist() == whole.index[wanted].tolist()
    assert split.equity.tolist() == whole.equity[wanted].tolist()
    assert split.drawdown.tolist() == whole.drawdown[wanted].tolist()


@settings(max_examples=200, deadline=None)
@given(cases())
def test_a_more_that_says_nothing_changes_nothing(case):
    _, minutes, real, bars, _, masks, levels, orders, terms, _, first, last, due, rng = case
    data = bar_data("demo-binance-futures:X", f"{case[0]}m", bars, minutes, real)
    funding = Funding(ts=minutes["ts"][due].copy(), rate=rng.normal(0, 1e-3, len(due)))
    decisions = decisions_of(masks, levels, orders)
    more = NOTHING._replace(maker=terms.fee, target_fee=terms.fee, mode=FRACTION if terms.by_fraction else AMOUNT)
    plain, same = (
        simulate(data, Window(first, last), decisions, terms, 1000.0, funding, more=extra) for extra in (None, more)
    )
    assert plain.trades.tobytes() == same.trades.tobytes()
    for name in ("index", "equity", "drawdown"):
        assert getattr(plain, name).tolist() == getattr(same, name).tolist()
    assert (plain.cash, plain.funding, plain.skipped) == (same.cash, same.funding, same.skipped)


def test_what_is_new_happens_in_these_cases():
    met, grown = set(), []

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(wide())
    def look(made):
        fast = both(made)[4]
        met.update(fast.trades["reason"].tolist())
        grown.append(len(fast.ledger.legs) - len(fast.trades))

    look()
    assert EXIT_LIQUIDATION in met
    assert max(grown) > 2
