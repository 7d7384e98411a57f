"""Costs, sizes, margin, funding, interest and conversion by hand: each number can be checked with a pencil."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import polars as pl
import pytest

from engine.backtest.costs import DEFAULT_FUNDING, financing_events, funding_events, funding_history, known_rates
from engine.backtest.data import bar_data
from engine.backtest.margin import brackets_of
from engine.backtest.realism import Conversion, Known, quotes_of
from engine.backtest.sizing import annual_volatility
from engine.clock import parse_iso
from engine.contracts.backtests import Costs, Sizing
from engine.contracts.dtypes import EXIT_DELISTED, EXIT_END, EXIT_LIQUIDATION, EXIT_STOP, EXIT_TARGET, TRADE_DTYPE
from engine.contracts.errors import BadInput
from engine.contracts.instruments import Instrument
from engine.signals.types import LIMIT_ORDER, Orders
from tests import shared
from tests.unit.backtest.test_backtest_run import FREE, PERPETUAL, START, Run, candles, flat

HOUR = 3_600_000
RANGE = [(100, 102, 98, 100)]
HALF = Sizing(mode="fraction", value=0.5, cash=1000.0)


def only(result):
    (trade,) = np.frombuffer(result.trades, TRADE_DTYPE)
    return trade


def said(result, *words):
    return any(all(word in line for word in words) for line in result.assumptions)


def test_slippage_in_ticks_and_by_range_add_up_to_the_basis_points():
    run = Run(candles(RANGE * 4), {"le": [0], "lx": [1]})
    costs = Costs(fee=0.0, slippage_bps=1.0, slippage_ticks=2, slippage_range=0.1)
    result = run.result(costs=costs, sizing=HALF)
    # 100 x 0.0001 + 2 x 0.01 + 0.1 x 4
    assert (only(result)["entry_price"], only(result)["exit_price"]) == (100.43, 99.57)
    assert said(result, "2 ticks")
    assert said(result, "0.1 of the range")


def test_limit_orders_pay_the_maker_fee_and_no_slippage_but_the_spread():
    bars = candles([*flat(1), (100, 101, 98, 100), (100, 106, 100, 105), *flat(1, 105)])
    limit = Orders(LIMIT_ORDER, LIMIT_ORDER)
    run = Run(bars, {"le": [0]}, {"buy": {0: 99}, "target": {0: 5}}, orders=limit)
    costs = Costs(fee=0.001, maker_fee=0.0002, slippage_bps=10.0, spread_bps=2.0)
    first = only(run.result(costs=costs, sizing=HALF))
    # limit at 99, half the spread of 2 bp above; the target at its level of 104.01, 10.01 bp and the half below
    assert (first["entry_price"], first["exit_price"], first["reason"]) == (99.01, 103.89, EXIT_TARGET)
    assert first["fees"] == pytest.approx(first["quantity"] * 0.001 * (99.01 + 103.89))
    entries = only(run.result(costs=msgspec.structs.replace(costs, maker="entries"), sizing=HALF))
    assert entries["fees"] == pytest.approx(entries["quantity"] * (0.0002 * 99.01 + 0.001 * 103.89))
    both = run.result(costs=msgspec.structs.replace(costs, maker="targets"), sizing=HALF)
    assert only(both)["exit_price"] == 103.99
    assert only(both)["fees"] == pytest.approx(only(both)["quantity"] * 0.0002 * (99.01 + 103.99))
    assert said(both, "0.0200%", "as given")


def test_bought_at_the_ask_and_sold_at_the_bid():
    bars = candles(flat(4))
    opens = bars["open"]
    known = Known(quotes=quotes_of(opens, opens - 0.02, np.array([100.5, 100.03, np.nan, 100.05])))
    run = Run(bars, {"le": [0], "se": [1]})
    long, short = np.frombuffer(
        run.result(costs=msgspec.structs.replace(FREE, spread_bps=20.0), sizing=HALF, known=known).trades, TRADE_DTYPE
    )
    assert (long["entry_price"], long["exit_price"]) == (100.03, 99.98)
    assert (short["entry_price"], short["exit_price"]) == (99.98, 100.05)
    # a bar without an ask takes half of the spread that was given
    late = only(Run(bars, {"le": [1]}).result(costs=Costs(fee=0, slippage_bps=0, spread_bps=20.0), known=known))
    assert late["entry_price"] == 100.1
    # a series of bids has no bid beside it: it is the bid
    bids = quotes_of(opens, None, opens + 0.04)
    assert (bids.bid.tolist(), bids.ask.round(9).tolist()) == ([0.0] * 4, [0.04] * 4)
    with pytest.raises(BadInput, match="outside bid and ask"):
        quotes_of(opens, opens + 1, opens + 2)


def test_risk_to_the_stop_and_what_a_trade_made_of_it():
    bars = candles([*flat(2), (100, 100, 90, 95), *flat(1, 95)])
    risk = Sizing(mode="risk", value=0.01, cash=1000.0, cap=10.0)
    run = Run(bars, {"le": [0]}, {"stop": {0: 4}})
    result = run.result(costs=FREE, sizing=risk)
    trade = only(result)
    assert (trade["quantity"], trade["reason"]) == (2.5, EXIT_STOP)
    assert (trade["pnl"], trade["r"]) == (pytest.approx(-10.0), pytest.approx(-1.0))
    assert said(result, "loses 0.01 of the equity at its stop")
    assert only(run.result(costs=FREE, sizing=msgspec.structs.replace(risk, cap=0.1)))["quantity"] == 1.0
    # the trailing stop is the nearer one
    nearer = Run(bars, {"le": [0]}, {"stop": {0: 4}, "trail": {0: 2}}).result(costs=FREE, sizing=risk)
    assert only(nearer)["quantity"] == 5.0
    with pytest.raises(BadInput, match="needs a stop"):
        Run(bars, {"le": [0]}).result(costs=FREE, sizing=risk)


def test_volatility_target():
    close = np.array([100.0, 101.0, 100.0, 101.0, 100.0, 100.0])
    found = annual_volatility(close, 2, 365 * 24 * 60)
    returns = close[1:] / close[:-1] - 1
    assert np.isnan(found[:2]).all()
    wanted = [returns[i - 2 : i].std(ddof=1) * np.sqrt(525_600) for i in range(2, 6)]
    assert found[2:].tolist() == pytest.approx(wanted)
    assert np.isnan(annual_volatility(np.full(50, 7.0), 5, 1.0)).all()
    bars = candles([(c, c, c, c) for c in close])
    sizing = Sizing(mode="volatility", value=0.2, cash=1000.0, bars=2, cap=5.0)
    trade = only(Run(bars, {"le": [3]}).result(costs=FREE, sizing=sizing))
    assert trade["quantity"] * trade["entry_price"] == pytest.approx(1000 * 0.2 / wanted[1])


def test_kelly_of_the_trades_closed_so_far():
    # two wins of 10 % and a loss of 5 %: 2/3 - (1/3) / (10 / 5) = 1/2
    prices = [100, 100, 110, 100, 110, 100, 95, 100, 100]
    bars = candles([(p, p, p, p) for p in prices])
    sizing = Sizing(mode="kelly", value=0.5, cash=1000.0, start=0.1, min_trades=3)
    run = Run(bars, {"le": [0, 2, 4, 6], "lx": [1, 3, 5]})
    result = run.result(costs=FREE, sizing=sizing)
    trades = np.frombuffer(result.trades, TRADE_DTYPE)
    assert len(trades) == 4
    cash = 1000 + trades["pnl"][:3].sum()
    assert trades["quantity"][:3].tolist() == pytest.approx([1.0, 1.01, 0.1 * 1020.1 / 100])
    assert trades["quantity"][3] * 100 == pytest.approx(0.25 * cash, rel=1e-3)
    assert said(result, "0.5 x Kelly's fraction", "until 3 trades")


def test_liquidation_at_the_worst_price_but_not_below_the_margin():
    sizing = Sizing(mode="fraction", value=10.0, cash=1000.0, leverage=10.0, maintenance=0.05)
    # margin 10 %, maintenance 5 %: (100 - 10) / 0.95 = 94.74
    held = Run(candles([*flat(2), (100, 100, 94.8, 96), *flat(1, 96)]), {"le": [0]})
    assert only(held.result(costs=FREE, sizing=sizing))["reason"] == EXIT_END
    hit = Run(candles([*flat(2), (100, 100, 93, 96), *flat(1, 96)]), {"le": [0]}).result(costs=FREE, sizing=sizing)
    assert (only(hit)["exit_price"], only(hit)["reason"]) == (93.0, EXIT_LIQUIDATION)
    gone = Run(candles([*flat(2), (80, 80, 70, 75), *flat(1, 75)]), {"le": [0]}).result(costs=FREE, sizing=sizing)
    assert (only(gone)["exit_price"], only(gone)["reason"]) == (90.0, EXIT_LIQUIDATION)
    assert only(gone)["pnl"] == pytest.approx(-1000)
    short = Run(candles([*flat(2), (100, 104.8, 100, 100), *flat(1)]), {"se": [0]}).result(costs=FREE, sizing=sizing)
    assert (only(short)["exit_price"], only(short)["reason"]) == (104.8, EXIT_LIQUIDATION)
    # a stop before the level takes the trade out first
    stopped = Run(candles([*flat(2), (100, 100, 90, 96), *flat(1, 96)]), {"le": [0]}, {"stop": {0: 3}})
    assert (only(stopped.result(costs=FREE, sizing=sizing))["exit_price"]) == 97.0
    assert said(hit, "5.00%", "as given", "worst price")


def test_leverage_limits_a_trade_and_is_refused_where_it_cannot_be():
    run = Run(candles(flat(4)), {"le": [0]})
    sizing = Sizing(mode="amount", value=50_000.0, cash=1000.0, leverage=5.0)
    result = run.result(costs=FREE, sizing=sizing)
    assert only(result)["quantity"] == pytest.approx(50.0)
    assert said(result, "1.00%", "assumed")
    for bad, match in ((0.5, "not possible"), (200.0, "leaves nothing")):
        with pytest.raises(BadInput, match=match):
            run.result(costs=FREE, sizing=msgspec.structs.replace(sizing, leverage=bad))


@pytest.mark.shared
def test_the_venues_own_brackets():
    tiers = json.loads(shared.data("messages/binance/futures_leverage_tiers.json").read_text())
    for symbol, rows in tiers.items():
        brackets = brackets_of(rows, symbol)
        told = [float(row["info"]["cum"]) for row in rows]
        assert [b.amount for b in brackets] == told
        # without the venue's word the amounts follow from the rates
        bare = brackets_of([{k: v for k, v in row.items() if k != "info"} for row in rows])
        assert [b.amount for b in bare] == pytest.approx(told, rel=1e-6, abs=0.02)
    known = Known(brackets=tuple(brackets_of(tiers["BTC/USDT:USDT"])))
    first = known.brackets[0]
    run = Run(candles(flat(4)), {"le": [0]})
    sizing = Sizing(mode="amount", value=1e12, cash=1e10, leverage=first.leverage)
    result = run.result(costs=FREE, sizing=sizing, known=known, instrument=PERPETUAL)
    assert only(result)["quantity"] * 100 == pytest.approx(first.cap, rel=1e-3)
    assert said(result, f"{len(known.brackets)} brackets")
    with pytest.raises(BadInput, match="above the venue's"):
        run.result(costs=FREE, sizing=msgspec.structs.replace(sizing, leverage=first.leverage + 1), known=known)
    with pytest.raises(BadInput, match="hole"):
        brackets_of([tiers["BTC/USDT:USDT"][0], tiers["BTC/USDT:USDT"][2]])


def test_several_entries_add_up_at_their_mean_price():
    bars = candles([(p, p, p, p) for p in (100, 100, 110, 120, 120)])
    spec = {"costs": FREE, "sizing": Sizing(mode="amount", value=100.0, cash=1000.0)}
    run = Run(bars, {"le": [0, 1, 2]}, {"stop": {0: 5, 1: 50, 2: 1}})
    assert only(run.result(**spec))["quantity"] == 1.0
    result = run.result(pyramiding=2, **spec)
    trade = only(result)
    assert trade["quantity"] == pytest.approx(1 + 100 / 110)
    assert trade["entry_price"] == pytest.approx(200 / (1 + 100 / 110))
    assert trade["pnl"] == pytest.approx(20 + 10 / 110 * 100)
    # 5 at risk by the first entry, 110 down to the same stop by the second
    assert trade["r"] == pytest.approx(trade["pnl"] / (5 + 15 * 100 / 110))
    assert said(result, "Up to 2 market entries")


def test_conversion_takes_the_last_close_known_then():
    pounds = Instrument(market="oanda-forex", name="EUR_GBP", base="EUR", quote="GBP", tick_size=0.00001, lot_size=1.0)
    bars = candles([(p, p, p, p) for p in (0.8, 0.8, 0.9, 0.9)])
    run = Run(bars, {"le": [0], "lx": [1]})
    ts = START + 60_000 * np.array([0, 2])
    rates = Conversion(ts=ts, rate=np.array([1.25, 1.5]), symbol="oanda-forex:GBP_USD 1m")
    sizing = Sizing(mode="amount", value=1000.0, cash=1000.0)
    result = run.result(instrument=pounds, costs=FREE, sizing=sizing, account="USD", known=Known(conversion=rates))
    trade = only(result)
    # bought at 0.8 GBP of 1.25 USD each, sold at 0.9 when a pound was worth 1.5
    assert trade["quantity"] == 1000
    assert trade["pnl"] == pytest.approx(1000 * 0.1 * 1.5)
    assert said(result, "converted to USD", "GBP_USD")
    assert only(run.result(instrument=pounds, costs=FREE, sizing=sizing))["pnl"] == pytest.approx(1250 * 0.1)
    with pytest.raises(BadInput, match="cannot be converted to USD"):
        run.result(instrument=pounds, costs=FREE, sizing=sizing, account="USD")


def test_interest_on_weekdays_at_17_new_york_and_thrice_on_wednesday():
    # Monday 2023-03-06 to Tuesday 2023-03-14; daylight saving began on the 12th
    events = financing_events(parse_iso("2023-03-06"), parse_iso("2023-03-15"), -0.0365, 0.0)
    days = [22, 46, 70, 94, 118, 7 * 24 + 21, 8 * 24 + 21]
    assert events.ts.tolist() == [parse_iso("2023-03-06") + h * HOUR for h in days]
    assert events.rate.tolist() == pytest.approx([1e-4, 1e-4, 3e-4, 1e-4, 1e-4, 1e-4, 1e-4])
    assert events.short_rate.tolist() == [0.0] * 7
    euro = Instrument(market="oanda-forex", name="EUR_USD", base="EUR", quote="USD", tick_size=0.00001, lot_size=1.0)
    bars = candles(flat(5 * 24, 1.0), start=parse_iso("2023-03-06"), step=HOUR)
    sizing = Sizing(mode="amount", value=1000.0, cash=1000.0)
    costs = msgspec.structs.replace(FREE, financing=True, financing_long=-0.0365, financing_short=0.073)
    for side, paid in (("le", 0.7), ("se", -1.4)):
        run = Run(bars, {side: [0]}, timeframe="1h")
        result = run.result(instrument=euro, costs=costs, sizing=sizing)
        assert result.metrics["funding"] == pytest.approx(paid)
        assert said(result, "17:00 New York", "-3.65% a year on long", "as given")
    assumed = run.result(instrument=euro, costs=msgspec.structs.replace(FREE, financing=True), sizing=sizing)
    assert assumed.metrics["funding"] == pytest.approx(1000 * 0.025 / 365 * 7)
    assert said(assumed, "an assumption")
    with pytest.raises(BadInput, match="OANDA's"):
        run.result(costs=costs, sizing=sizing)


def test_a_series_that_ends_before_the_range_was_delisted():
    run = Run(candles(flat(4)), {"le": [0]})
    end = START + 4 * 60_000
    delisted = run.result(to_ms=end + 25 * HOUR)
    assert only(delisted)["reason"] == EXIT_DELISTED
    assert said(delisted, "taken as delisted", "closed at its last close")
    assert only(run.result(to_ms=end + 23 * HOUR))["reason"] == EXIT_END
    gone = msgspec.structs.replace(PERPETUAL, status="settling")
    assert only(run.result(instrument=gone))["reason"] == EXIT_DELISTED
    late = run.result(from_ms=START - 48 * HOUR)
    assert said(late, "begins at", "nothing was traded before")
    assert said(late, "survivorship")


def test_funding_at_any_interval_at_its_exact_time():
    # stamps some milliseconds late; the interval changes from 8 to 4 to 1 hours; 08:00 of the second day is missing
    hours = [0, 8, 16, 20, 24, 28, 36, 40, 41, 42]
    ts = START + np.array(hours) * HOUR + np.array([7, 0, 12, 3, 0, 1, 0, 9, 2, 0])
    known = funding_history(ts, np.full(len(ts), 0.001))
    events = funding_events(known, START, START + 42 * HOUR)
    assert [(t - START) // HOUR for t in events.ts.tolist()] == [8, 16, 20, 24, 28, 32, 36, 40, 41, 42]
    assert (events.assumed, events.rate[5]) == (1, DEFAULT_FUNDING)
    bars = candles(flat(43 * 60))
    # entered with the open of 08:00, so that one is not paid; left with the open of 41:00, which is
    run = Run(bars, {"le": [8 * 60 - 1], "lx": [41 * 60 - 1]})
    result = run.result(instrument=PERPETUAL, known=Known(funding=known), costs=FREE)
    assert result.metrics["funding"] == pytest.approx(100 * (7 * 0.001 + DEFAULT_FUNDING))
    assert said(result, "1 of them assumed")
    rates = known_rates(funding_history(ts, np.arange(10) / 1000), bars, 60_000)
    assert np.isnan(rates[0]) == (ts[0] > bars["ts"][0] + 60_000)
    assert rates[8 * 60 - 1] == 0.001
    assert rates[16 * 60 - 1] == 0.001
    assert rates[16 * 60] == 0.002
    with pytest.raises(BadInput, match="not possible"):
        funding_history(ts, np.full(len(ts), 3.0))


@pytest.mark.shared
def test_funding_of_the_freqtrade_fixtures():
    """Their sum of rate x mark x amount over the settlements inside the trade, on their bars."""
    folder = shared.data("fixtures/freqtrade")
    rates = pl.read_ipc(folder / "XRP_USDT_USDT-8h-funding_rate.feather")
    frame = pl.read_ipc(folder / "XRP_USDT_USDT-1h-futures.feather").sort("date")
    bars = np.zeros(len(frame), bar_data("x", "1m", candles(flat(2))).bars.dtype)
    bars["ts"] = frame["date"].dt.epoch("ms")
    for name in ("open", "high", "low", "close"):
        bars[name] = frame[name]
    known = funding_history(rates["date"].dt.epoch("ms").to_numpy(), rates["open"].to_numpy())
    enter, leave = 40, len(bars) - 10
    run = Run(bars, {"se": [enter], "sx": [leave]}, timeframe="1h")
    result = run.result(instrument=msgspec.structs.replace(PERPETUAL, tick_size=0.00001), costs=FREE,
                        known=Known(funding=known))  # fmt: skip
    trade = only(result)
    due = 0.0
    for at, rate in zip(rates["date"].dt.epoch("ms").to_list(), rates["open"].to_list()):
        hour = at // HOUR * HOUR
        if trade["entry_ts"] < hour <= trade["exit_ts"]:
            due += rate * bars["open"][bars["ts"] == hour][0] * trade["quantity"]
    assert due != 0
    assert result.metrics["funding"] == pytest.approx(-due, rel=1e-12)
    inside = [t for t in known.ts.tolist() if bars["ts"][0] < t <= bars["ts"][-1]]
    assert said(result, f"{len(inside)} times") == (not said(result, "assumed"))


@pytest.mark.parametrize(
    "change, where",
    [
        ({"costs": Costs(slippage_ticks=-1)}, "costs.slippage_ticks"),
        ({"costs": Costs(slippage_range=1.5)}, "costs.slippage_range"),
        ({"costs": Costs(spread_bps=-1)}, "costs.spread_bps"),
        ({"costs": Costs(maker_fee=0.5)}, "costs.maker_fee"),
        ({"sizing": Sizing(mode="volatility", value=0.2, bars=1)}, "sizing.bars"),
        ({"sizing": Sizing(mode="kelly", value=0.5, cap=0)}, "sizing.cap"),
        ({"sizing": Sizing(mode="kelly", value=0.5, min_trades=0)}, "sizing.min_trades"),
        ({"sizing": Sizing(leverage=float("nan"))}, "sizing.leverage"),
        ({"pyramiding": 0}, "pyramiding"),
    ],
)
def test_impossible_costs_and_sizes_are_refused(change, where):
    with pytest.raises(BadInput) as caught:
        Run(candles(flat(4)), {"le": [0]}).result(**change)
    assert caught.value.where == where
    assert caught.value.fix
