"""A portfolio: one lane is a single run, and several lanes equal slow simulators that share their money."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.data import bar_data
from engine.backtest.portfolio import LaneInput, correlation, run_portfolio
from engine.backtest.run import conditions, run_backtest
from engine.clock import SimulatedClock
from engine.contracts.backtests import BacktestSpec, Costs, Sizing
from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.errors import BadInput
from engine.contracts.instruments import Instrument
from engine.contracts.markets import market
from engine.contracts.portfolios import Lane, PortfolioSpec
from engine.signals.history import decisions_of
from tests.property import backtest_reference as reference
from tests.property.test_backtest_kernels import NAMES, Candle, cases
from tests.property.test_backtest_more import words_of

MARKET = market("demo-binance-futures")
COSTS = Costs(fee=0.0005, slippage_bps=1.0, slippage_range=0.05)


def lane_of(case, name):
    """(LaneInput, the case) of a made-up market."""
    length, minutes, real, bars, _, masks, levels, orders, terms, direction, *_ = case
    timeframe = f"{length}m"
    symbol = f"demo-binance-futures:{name}"
    instrument = Instrument(
        market="demo-binance-futures", name=name, base=name, quote="USDT", tick_size=terms.tick, lot_size=terms.lot,
        min_notional=terms.min_notional, kind="perpetual",
    )  # fmt: skip
    lane = Lane(strategy="hand", symbol=symbol, timeframe=timeframe, direction=direction)
    return LaneInput(
        lane=lane, data=bar_data(symbol, timeframe, bars, minutes, real), instrument=instrument, market=MARKET,
        decisions=decisions_of(masks, levels, orders),
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(cases(), st.sampled_from([Sizing(value=0.5), Sizing(mode="kelly", value=0.5), Sizing(value=9.0, leverage=20.0)]))
def test_one_lane_is_a_single_run(case, sizing):
    lane = lane_of(case, "A")
    spec = BacktestSpec(strategy="hand", symbol=lane.lane.symbol, timeframe=lane.lane.timeframe, costs=COSTS,
                        sizing=sizing, direction=lane.lane.direction)  # fmt: skip
    alone = run_backtest(spec, data=lane.data, decisions=lane.decisions, instrument=lane.instrument, market=MARKET,
                         strategy_text="", code_version="1", clock=SimulatedClock())  # fmt: skip
    whole = run_portfolio(
        PortfolioSpec(lanes=[lane.lane], costs=COSTS, sizing=sizing, gross_cap=999.0, symbol_cap=999.0), [lane],
        code_version="1", clock=SimulatedClock(),
    )  # fmt: skip
    assert whole.trades == alone.trades
    assert whole.skipped == alone.metrics["skipped_entries"]
    assert np.frombuffer(whole.equity, "<f8").tolist() == np.frombuffer(alone.daily, "<f8")[1:].tolist()
    assert whole.metrics["final_equity"] == alone.metrics["final_equity"]


class Account:
    """Slow simulators in one purse: minute by minute, closes, then opens, then the insides."""

    def __init__(self, spec, lanes, all_cases):
        self.spec, self.cash, self.sims = spec, spec.sizing.cash, []
        self.lanes, self.cases, self.owner, self.trades = lanes, all_cases, [], []
        self.held = [(0.0, 0.0)] * len(lanes)
        for lane, case in zip(lanes, all_cases):
            single = BacktestSpec(strategy="hand", symbol=lane.lane.symbol, timeframe=lane.lane.timeframe,
                                  costs=spec.costs, sizing=spec.sizing, direction=lane.lane.direction)  # fmt: skip
            window = lane.data.window(single)
            made = conditions(single, lane.data, window, lane.decisions, lane.instrument, MARKET, always=True)
            orders = case[7]
            words = made.terms._asdict() | words_of(made.more, spec.sizing.mode) | {
                "ticks_per_one": made.terms.tick_scale, "lots_per_one": made.terms.lot_scale,
                "direction": lane.lane.direction, "long_kind": NAMES[orders.long_kind],
                "short_kind": NAMES[orders.short_kind], "valid": orders.valid, "time_stop": orders.time_stop,
            }  # fmt: skip
            sim = reference.Simulator(words, self.cash, [Candle(*row.tolist()) for row in case[1]])
            tape = lane.data.tape(made.events)
            sim.due = dict(zip(tape.fund_minute.tolist(), tape.fund_rate.tolist()))
            self.sims.append(sim)

    def lend(self, number):
        sim, spec = self.sims[number], self.spec
        others = [n for n, s in enumerate(self.sims) if n != number and s.position is not None]
        sim.beside = gross = same = 0.0
        for n in others:
            sim.beside += self.held[n][0]
            gross += self.held[n][1]
            same += self.held[n][1] if self.lanes[n].lane.symbol == self.lanes[number].lane.symbol else 0.0
        equity = self.cash + sim.beside + (self.held[number][0] if sim.position is not None else 0.0)
        full = len(others) >= (spec.max_positions or len(self.sims))
        sim.room = 0.0 if full else min(spec.gross_cap * equity - gross, spec.symbol_cap * equity - same)
        sim.cash = self.cash

    def give_back(self, number, price, m):
        sim = self.sims[number]
        new = sim.trades[len([o for o in self.owner if o == number]) :]
        self.trades += new
        self.owner += [number] * len(new)
        self.cash = sim.cash
        if sim.position is not None:
            p, rate = sim.position, sim.conversion(price, m)
            gain = p.side * p.quantity * (price - p.price) * rate
            self.held[number] = (gain - p.fee - p.paid, p.quantity * price * rate)

    def run(self):
        where = sorted((int(ts), n, m) for n, case in enumerate(self.cases) for m, ts in enumerate(case[1]["ts"]))
        for ts in sorted({ts for ts, _, _ in where}):
            now = [(n, m) for t, n, m in where if t == ts]
            for phase in range(3):
                for n, m in now:
                    self.lend(n)
                    self.give_back(n, self.step(phase, n, m), m)
        return self

    def step(self, phase, n, m):
        sim, case = self.sims[n], self.cases[n]
        candle, real, levels = sim.minutes[m], bool(case[2][m]), case[6].T.tolist()
        groups, stamps = case[4], [c.ts for c in sim.minutes]
        bar = next(b for b, rows in enumerate(groups) if m in rows)
        inside = 0 if m == groups[bar][0] else 1
        if phase == 0:
            if m in sim.due and sim.position is not None:
                p = sim.position
                rate = sim.due[m] if p.side > 0 else -sim.due[m]
                p.paid += p.quantity * candle.open * sim.conversion(candle.open, m) * rate
            if real and sim.position is not None and sim.close_reason is not None:
                sim.close(candle.open, sim.close_reason, bar, m, inside, stamps)
            return candle.open if real and sim.close_reason is not None else self.marked(n, m)
        if phase == 1:
            if real and sim.enter is not None:
                side, decided = sim.enter
                sim.open(side, bar, m, candle.open, levels[decided], decided)
            if real:
                sim.close_reason = sim.enter = None
            return candle.open if sim.position is not None and sim.position.minute == m else self.marked(n, m)
        if real:
            sim.fill_at_open(bar, m, inside, candle, levels, stamps)
        done = real and sim.inside(bar, m, candle, levels, stamps)
        if sim.position is not None and not done:
            sim.end_minute(candle.low, candle.high)
        if m == groups[bar][-1]:
            sim.decide(bar, case[5].T.tolist()[bar], levels)
        if m == len(stamps) - 1 and sim.position is not None:
            sim.close(candle.close, reference.END, bar, m, 1, stamps)
        return candle.close

    def marked(self, n, m):
        """What stands open is still worth its last close."""
        return self.sims[n].minutes[m - 1].close if m else self.sims[n].minutes[m].open


@settings(max_examples=60, deadline=None)
@given(
    st.lists(cases(), min_size=2, max_size=4),
    st.sampled_from([0, 1, 2]),
    st.sampled_from([0.7, 3.0]),
    st.sampled_from([0.3, 1.0]),
    st.sampled_from([Sizing(value=0.4, cash=1000.0), Sizing(mode="amount", value=500.0, cash=1000.0)]),
)
def test_lanes_share_their_money_as_the_slow_simulators_do(many, most, gross, own, sizing):
    many = [(*case[:4], case[4], *case[5:]) for case in many if len(case[1]) < 500] or many[:1]
    lanes = [lane_of(case, "AAB"[n % 3]) for n, case in enumerate(many)]
    spec = PortfolioSpec(lanes=[lane.lane for lane in lanes], costs=COSTS, sizing=sizing, max_positions=most,
                         gross_cap=gross, symbol_cap=own)  # fmt: skip
    fast = run_portfolio(spec, lanes, code_version="1", clock=SimulatedClock())
    slow = Account(spec, lanes, many).run()
    owner = np.frombuffer(fast.trade_lanes, "<i4").tolist()
    told = [reference.told(row) for row in np.frombuffer(fast.trades, TRADE_DTYPE).tolist()]
    assert [row[:5] for row in told] == [row[:5] for row in slow.trades]
    assert owner == slow.owner
    for mine, theirs in zip(told, slow.trades, strict=True):
        numbers = [(a, b) for a, b in zip(mine, theirs) if a != "nan"]
        assert [a for a, _ in numbers] == pytest.approx([b for _, b in numbers], rel=1e-9, abs=1e-9)
    assert fast.skipped == sum(sim.skipped for sim in slow.sims)
    assert np.frombuffer(fast.equity, "<f8")[-1] == pytest.approx(slow.cash)


def test_correlation():
    moves = np.array([[1.0, -1.0, 0.0], [2.0, -2.0, 0.0], [0.0, 0.0, 0.0]])
    found = correlation(moves)
    assert found[:2, :2].tolist() == pytest.approx(np.array([[1.0, -1.0], [-1.0, 1.0]]))
    assert np.isnan(found[2]).all()


def test_impossible_portfolios_are_refused():
    spec = PortfolioSpec(lanes=[])
    with pytest.raises(BadInput, match="needs a lane"):
        run_portfolio(spec, [], code_version="1", clock=SimulatedClock())
    some = Lane(strategy="x", symbol="binance-spot:X")
    with pytest.raises(BadInput, match="gross_cap"):
        run_portfolio(msgspec.structs.replace(spec, lanes=[some], gross_cap=0.0), [None], code_version="1",
                      clock=SimulatedClock())  # fmt: skip
