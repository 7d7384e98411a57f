"""The second opinion on real minutes: every built-in strategy, trade by trade and bar by bar in equity."""

from __future__ import annotations

import numpy as np
import pytest

from engine.backtest.costs import Funding, funding_events
from engine.backtest.data import Window, bar_data, frozen
from engine.backtest.more import KELLY, RISK_TO_STOP, VOLATILITY
from engine.backtest.simulation import simulate
from engine.backtest.sizing import annual_volatility
from engine.rules.strategy import compile_strategies
from engine.runtime.strategies import every
from engine.signals.history import decide
from tests.property import backtest_reference as reference
from tests.property.test_backtest_kernels import NAMES
from tests.property.test_backtest_more import NOTHING, words_of
from tests.property.test_backtest_real import TERMS, Candle, real_minutes

PARTS = 8
BARS = 50_000
CASH = 10_000.0


class Edges(dict):
    """Bars with an edge; the others have none."""

    def __missing__(self, bar):
        return (0, 0, 0, 0)


def slow_run(rows, groups, decisions, funding, words):
    """The slow simulator over one-minute bars."""
    orders, (events, edges, levels) = decisions.orders, decisions.found
    entries = [bar for bar, edge in zip(events.tolist(), edges.tolist()) if edge & 5]
    words = words | {
        "ticks_per_one": TERMS.tick_scale, "lots_per_one": TERMS.lot_scale, "direction": "both",
        "long_kind": NAMES[orders.long_kind], "short_kind": NAMES[orders.short_kind], "valid": orders.valid,
        "time_stop": orders.time_stop,
    }  # fmt: skip
    real, by_bar = [True] * len(rows), dict(zip(entries, levels.tolist()))
    masks = Edges((bar, [edge >> slot & 1 for slot in range(4)]) for bar, edge in zip(events.tolist(), edges.tolist()))
    return reference.simulate(rows, groups, 0, len(rows) - 1, real, masks, by_bar, funding, words, CASH)


def realistic(minutes):
    """(mode, More) in turn: each has some of what a real account has."""
    moves = frozen(annual_volatility(minutes["close"], 100, 525_600))
    quotes = frozen(np.round(np.random.default_rng(5).exponential(0.2, (2, len(minutes))), 1))
    base = NOTHING._replace(maker=0.0002, target_fee=0.0002, target_rests=True, cap=3.0)
    return [
        ("volatility", base._replace(mode=VOLATILITY, volatility=moves, offset=0.02, ask=quotes[0], bid=quotes[1])),
        ("risk", base._replace(mode=RISK_TO_STOP, leverage=50.0, cap=30.0, rates=frozen(np.array([0.004])), half=1e-5)),
        ("kelly", base._replace(mode=KELLY, range_share=0.05, entries=3)),
    ]


def compare(part, count):
    minutes = real_minutes(count)
    bounds = [strategy.bind({}, "1m") for strategy in every()[part::PARTS]]
    data = bar_data("binance-futures:BTCUSDT", "1m", minutes)
    groups = [[bar] for bar in range(len(minutes))]
    rows, window = [Candle(*row) for row in minutes.tolist()], Window(0, len(minutes) - 1)
    known = Funding(ts=minutes["ts"][::240].copy(), rate=np.linspace(-1e-3, 1e-3, len(minutes[::240])))
    events = funding_events(known, int(minutes["ts"][0]), int(minutes["ts"][-1]))
    at = np.searchsorted(minutes["ts"], events.ts).tolist()
    due = {m: (rate, -rate) for m, rate in zip(at, events.rate.tolist())}
    extra = realistic(minutes)
    traded = 0
    for number, (bound, made) in enumerate(zip(bounds, decide(compile_strategies(bounds), minutes, "1m"), strict=True)):
        choices = [(None, None)] + ([extra[(number // 4 + part) % 3]] if number % 4 == 0 else [])
        for mode, more in choices:
            terms = TERMS if more is None else TERMS._replace(by_fraction=False, size=0.5 if mode == "kelly" else 0.02)
            words = terms._asdict() | ({} if more is None else words_of(more, mode))
            fast = simulate(data, window, made, terms, CASH, events, more=more, width=1)
            slow = slow_run(rows, groups, made, due, words)
            told = [reference.told(row) for row in fast.trades.tolist()]
            assert told == slow.trades, (bound.strategy.id, mode)
            assert fast.equity.tolist() == slow.equity_by_bar, (bound.strategy.id, mode)
            traded += len(told)
    assert traded > 100 * len(bounds)


@pytest.mark.shared
@pytest.mark.parametrize("part", range(PARTS))
def test_every_strategy_on_real_bars(part):
    compare(part, BARS)


@pytest.mark.long
@pytest.mark.shared
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_strategy_on_a_whole_history(part):
    compare(part, None)
