"""run_backtest: hand-checked trades, windows, costs, funding, provenance, bad input, cancelling."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from engine.backtest.costs import DEFAULT_FUNDING, Funding, funding_events
from engine.backtest.data import bar_data
from engine.backtest.run import run_backtest
from engine.clock import SimulatedClock, parse_iso
from engine.contracts.backtests import BacktestSpec, Costs, Sizing
from engine.contracts.dtypes import (
    CANDLE_DTYPE,
    EXIT_END,
    EXIT_REVERSE,
    EXIT_SIGNAL,
    EXIT_STOP,
    EXIT_TARGET,
    EXIT_TRAIL,
    TRADE_DTYPE,
)
from engine.contracts.errors import BadInput, Cancelled
from engine.contracts.instruments import Instrument
from engine.contracts.markets import market
from engine.signals.history import decisions_of
from engine.signals.types import (
    AT_MARKET,
    EVEN_AFTER,
    LONG_AT,
    LONG_STOP,
    LONG_TARGET,
    N_LEVELS,
    SHORT_AT,
    SHORT_STOP,
    SHORT_TARGET,
    TRAIL_BY,
)

START = parse_iso("2023-03-01")
FREE = Costs(fee=0.0, slippage_bps=0.0)
UNIT = Sizing(mode="amount", value=100.0, cash=1000.0)
SPOT = Instrument(
    market="binance-spot", name="XUSDT", base="X", quote="USDT", tick_size=0.01, lot_size=0.0, min_notional=0.0
)
PERPETUAL = msgspec.structs.replace(SPOT, market="binance-futures", kind="perpetual")


def candles(rows, start=START, step=60_000):
    """Candles from (open, high, low, close)."""
    out = np.zeros(len(rows), CANDLE_DTYPE)
    out["ts"] = start + step * np.arange(len(rows))
    for name, column in zip(("open", "high", "low", "close"), np.array(rows, float).T):
        out[name] = column
    out["volume"] = 1.0
    return out


def flat(n, price=100.0):
    return [(price, price, price, price)] * n


#: rows of the levels by the names used here
LEVELS = {
    "stop": [LONG_STOP, SHORT_STOP], "target": [LONG_TARGET, SHORT_TARGET], "trail": TRAIL_BY, "even": EVEN_AFTER,
    "long stop": LONG_STOP, "short stop": SHORT_STOP, "long target": LONG_TARGET, "short target": SHORT_TARGET,
    "buy": LONG_AT, "sell": SHORT_AT,
}  # fmt: skip


class Run:
    """One strategy by hand: edges as {row name: [bars]}, levels as {name: {bar: distance or price}}."""

    def __init__(self, bars, edges, levels=(), minutes=None, timeframe="1m", real=None, orders=AT_MARKET):
        self.data = bar_data("binance-spot:XUSDT", timeframe, bars, minutes, real)
        self.masks = np.zeros((4, len(bars)), np.uint8)
        for row, where in edges.items():
            self.masks[("le", "lx", "se", "sx").index(row), where] = 1
        self.levels = np.full((N_LEVELS, len(bars)), np.nan)
        for row, values in dict(levels).items():
            for bar, value in values.items():
                self.levels[LEVELS[row], bar] = value
        self.timeframe, self.orders = timeframe, orders

    def result(self, instrument=SPOT, costs=FREE, sizing=UNIT, clock=None, **kw):
        window = {key: kw.pop(key) for key in ("from_ms", "to_ms", "direction", "pyramiding", "account") if key in kw}
        spec = BacktestSpec(
            strategy="hand", symbol=instrument.symbol, timeframe=self.timeframe, costs=costs, sizing=sizing, **window
        )
        return run_backtest(
            spec, data=self.data, decisions=decisions_of(self.masks, self.levels, self.orders), instrument=instrument,
            market=market(instrument.market), strategy_text="hand", code_version="1",
            clock=clock or SimulatedClock(), **kw,
        )  # fmt: skip

    def trades(self, **kw):
        return np.frombuffer(self.result(**kw).trades, TRADE_DTYPE)


def test_decided_on_the_close_filled_at_the_next_open():
    bars = candles([(100, 101, 99, 100), (102, 103, 101, 103), (104, 106, 104, 105), (106, 107, 105, 106)])
    (trade,) = Run(bars, {"le": [0], "lx": [2]}).trades()
    assert (trade["entry_price"], trade["exit_price"], trade["reason"]) == (102, 106, EXIT_SIGNAL)
    assert trade["entry_ts"] == START + 60_000
    assert trade["exit_ts"] == START + 180_000
    assert trade["bars"] == 2
    assert trade["pnl"] == pytest.approx(100 / 102 * 4)
    # the exit fills at the open, so the last bar's high was never seen
    assert trade["mfe"] == pytest.approx((106 - 102) / 102)
    assert trade["mae"] == pytest.approx((102 - 101) / 102)


def test_stop_wins_where_both_could_have_been_hit():
    bars = candles([*flat(2), (100, 105, 95, 100), *flat(2)])
    (trade,) = Run(bars, {"le": [0]}, {"stop": {0: 4}, "target": {0: 4}}).trades()
    assert (trade["exit_price"], trade["reason"]) == (96, EXIT_STOP)


def test_minutes_tell_which_came_first():
    minutes = candles([*flat(5), *flat(2), (100, 104, 100, 104), (104, 104, 95, 95), (95, 95, 95, 95)])
    bars = candles([(100, 100, 100, 100), (100, 104, 95, 95)], step=300_000)
    (trade,) = Run(bars, {"le": [0]}, {"stop": {0: 4}, "target": {0: 4}}, minutes, "5m").trades()
    assert (trade["exit_price"], trade["reason"]) == (104, EXIT_TARGET)
    assert trade["exit_ts"] == START + 7 * 60_000


def test_a_gap_beyond_a_level_fills_at_the_open():
    bars = candles([*flat(2), (90, 91, 89, 90), *flat(1)])
    (trade,) = Run(bars, {"le": [0]}, {"stop": {0: 4}}).trades()
    assert (trade["exit_price"], trade["reason"]) == (90, EXIT_STOP)
    bars = candles([*flat(2), (110, 111, 89, 90), *flat(1)])
    (trade,) = Run(bars, {"le": [0]}, {"stop": {0: 4}, "target": {0: 4}}).trades()
    assert (trade["exit_price"], trade["reason"]) == (110, EXIT_TARGET)


def test_stop_acts_on_the_entry_bar():
    bars = candles([*flat(1), (100, 100, 95, 96), *flat(2)])
    (trade,) = Run(bars, {"le": [0]}, {"stop": {0: 4}}).trades()
    assert (trade["exit_price"], trade["bars"]) == (96, 1)


def test_trailing_stop_moves_on_closed_minutes_only():
    # the high of 110 and the low of 101 lie in one minute: the stop that follows 110 acts from the next
    bars = candles([*flat(2), (101, 110, 101, 108), (108, 109, 106, 107), *flat(1, 107)])
    (trade,) = Run(bars, {"le": [0]}, {"trail": {0: 3}}).trades()
    assert (trade["exit_price"], trade["reason"]) == (107, EXIT_TRAIL)
    assert trade["exit_ts"] == START + 3 * 60_000


def test_an_opposite_entry_reverses_at_the_open_before_the_stops():
    bars = candles([*flat(2), (90, 90, 90, 90), *flat(1, 90)])
    first, second = Run(bars, {"le": [0], "se": [1]}, {"stop": {0: 4}}).trades()
    assert (first["exit_price"], first["reason"]) == (90, EXIT_REVERSE)
    assert (second["side"], second["entry_ts"], second["reason"]) == (-1, first["exit_ts"], EXIT_END)
    (only,) = Run(bars, {"le": [0], "se": [1]}, {"stop": {0: 4}}).trades(direction="long")
    assert only["reason"] == EXIT_REVERSE


def test_no_new_trade_after_a_stop_without_a_new_edge():
    bars = candles([*flat(2), (100, 100, 90, 100), *flat(5)])
    assert len(Run(bars, {"le": [0]}, {"stop": {0: 4}}).trades()) == 1
    assert len(Run(bars, {"le": [0, 3]}, {"stop": {0: 4}}).trades()) == 2


def test_conflicting_edges():
    bars = candles(flat(4))
    assert len(Run(bars, {"le": [0], "se": [0]}).trades()) == 0
    assert len(Run(bars, {"le": [0], "lx": [0]}).trades()) == 0


def test_a_made_up_minute_fills_nothing():
    bars = candles([*flat(3), (101, 101, 101, 101), *flat(1, 101)])
    (trade,) = Run(bars, {"le": [0]}, real=np.array([True, False, False, True, True])).trades()
    assert trade["entry_ts"] == START + 3 * 60_000
    assert trade["entry_price"] == 101


def test_costs_are_against_the_trader_on_both_sides():
    bars = candles(flat(4))
    costs = Costs(fee=0.001, slippage_bps=0.5)
    result = Run(bars, {"le": [0], "se": [1]}).result(costs=costs)
    long, short = np.frombuffer(result.trades, TRADE_DTYPE)
    # half a basis point of 100 is half a tick, and the tick is rounded against the trader
    assert (long["entry_price"], long["exit_price"]) == (100.01, 99.99)
    assert (short["entry_price"], short["exit_price"]) == (99.99, 100.01)
    quantity = 100 / (100.01 * 1.001)
    assert long["quantity"] == pytest.approx(quantity)
    assert long["fees"] == pytest.approx(quantity * 200 * 0.001)
    assert result.metrics["final_equity"] == pytest.approx(1000 + long["pnl"] + short["pnl"])
    assert result.metrics["fees"] == pytest.approx(long["fees"] + short["fees"])


def test_fee_defaults_to_the_market_and_is_stated():
    result = Run(candles(flat(4)), {"le": [0]}).result(costs=Costs())
    assert np.frombuffer(result.trades, TRADE_DTYPE)["fees"][0] == pytest.approx(0.2, rel=2e-3)
    assert any("0.1000%" in line and "Binance Spot" in line for line in result.assumptions)


def test_lot_and_smallest_order():
    lots = msgspec.structs.replace(SPOT, lot_size=0.3, min_notional=50.0)
    bars = candles(flat(4))
    (trade,) = Run(bars, {"le": [0]}).trades(instrument=lots)
    assert trade["quantity"] == pytest.approx(0.9)
    result = Run(bars, {"le": [0]}).result(instrument=lots, sizing=Sizing(mode="amount", value=40.0))
    assert result.metrics["trades"] == 0
    assert result.metrics["skipped_entries"] == 1
    assert any("1 entries were not taken" in line for line in result.assumptions)


def test_account_in_the_base_currency():
    yen = Instrument(market="oanda-forex", name="USD_JPY", base="USD", quote="JPY", tick_size=0.001, lot_size=1.0)
    bars = candles([*flat(2, 150.0), *flat(2, 165.0)])
    result = Run(bars, {"le": [0]}).result(instrument=yen, sizing=Sizing(mode="amount", value=1000.0))
    (trade,) = np.frombuffer(result.trades, TRADE_DTYPE)
    assert trade["quantity"] == 1000
    assert trade["pnl"] == pytest.approx(1000 * 15 / 165)
    assert any("converted to USD" in line for line in result.assumptions)


def test_funding_is_charged_at_its_time_and_marked_assumed():
    bars = candles(flat(1000))
    run = Run(bars, {"le": [0], "lx": [500]})
    assumed = run.result(instrument=PERPETUAL)
    assert assumed.metrics["funding"] == pytest.approx(100 * DEFAULT_FUNDING)
    assert any("assumed" in line for line in assumed.assumptions)
    known = Funding(ts=np.array([START, START + 480 * 60_000, START + 960 * 60_000]), rate=np.array([0.5, -0.01, 0.5]))
    paid = run.result(instrument=PERPETUAL, funding=known)
    assert paid.metrics["funding"] == pytest.approx(-1.0)
    assert np.frombuffer(paid.trades, TRADE_DTYPE)["pnl"][0] == pytest.approx(1.0)
    assert not any("assumed" in line for line in paid.assumptions)
    assert run.result().metrics["funding"] == 0


def test_funding_history_is_completed_at_both_ends():
    hour = 3_600_000
    known = Funding(ts=np.array([START + 8 * hour + 5, START + 12 * hour]), rate=np.array([0.002, 0.003]))
    events = funding_events(known, START, START + 24 * hour)
    assert events.ts.tolist() == [START + h * hour + (5 if h == 8 else 0) for h in (8, 12, 16, 24)]
    assert events.rate.tolist() == [0.002, 0.003, DEFAULT_FUNDING, DEFAULT_FUNDING]
    assert events.assumed == 2


def test_window_starts_flat_and_takes_only_its_own_signals():
    bars = candles([*flat(5), *flat(5, 110)])
    run = Run(bars, {"le": [1, 6]})
    whole, part = run.trades(), run.trades(from_ms=START + 120_000, to_ms=START + 540_000)
    assert [t["entry_ts"] for t in whole] == [START + 120_000]
    (trade,) = part
    assert trade["entry_ts"] == START + 7 * 60_000
    assert (trade["exit_ts"], trade["reason"]) == (START + 8 * 60_000, EXIT_END)
    result = run.result(from_ms=START + 120_000, to_ms=START + 540_000)
    assert (result.bars, result.first_ms, result.last_ms) == (7, START + 120_000, START + 480_000)


def test_daily_equity_marks_open_positions_to_market():
    day = 1440
    bars = candles([*flat(day, 100), *flat(day, 110), *flat(day, 121)])
    result = Run(bars, {"le": [0]}).result(sizing=Sizing(mode="fraction", value=1.0, cash=1000.0))
    assert result.metrics["days"] == 3
    assert result.metrics["total_return"] == pytest.approx(0.21)
    assert result.metrics["best_day"] == pytest.approx(0.1)
    assert result.metrics["worst_day"] == pytest.approx(0.0)
    assert result.metrics["cagr"] == pytest.approx(1.21 ** (365.25 / 3) - 1)
    assert result.metrics["buy_hold_return"] == pytest.approx(0.21)
    assert result.metrics["exposure"] == pytest.approx(1 - 1 / len(bars))
    assert result.convention == "pyroquant: daily UTC, ddof 1, 365 days, rf 0, CAGR calendar/365.25"


def test_curve_for_drawing_is_small_and_keeps_the_largest_drawdown():
    rng = np.random.default_rng(3)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 1e-3, 50_000)))
    rows = np.round(np.column_stack([close, close * 1.001, close * 0.999, close]), 2)
    result = Run(candles(rows), {"le": [10]}).result()
    equity, down = np.frombuffer(result.equity), np.frombuffer(result.drawdown)
    ts = np.frombuffer(result.equity_ts, np.int64)
    assert len(ts) == len(equity) == len(down) == len(np.frombuffer(result.benchmark)) <= 4000
    assert (np.diff(ts) > 0).all()
    assert equity[-1] == result.metrics["final_equity"]
    held = 1000 + 100 / rows[11, 0] * (rows[11:, 3] - rows[11, 0])
    expected = (1 - held / np.maximum.accumulate(np.append(1000, held))[1:]).max()
    assert down.max() == pytest.approx(expected)
    assert result.metrics["max_drawdown_bar"] == down.max() >= result.metrics["max_drawdown"]


def test_oanda_days_without_bars_do_not_count():
    euro = Instrument(market="oanda-forex", name="EUR_USD", base="EUR", quote="USD", tick_size=1e-5, lot_size=1.0)
    friday, sunday = parse_iso("2023-03-03T12:00"), parse_iso("2023-03-05T22:00")
    bars = np.concatenate([candles(flat(30, 1.05), friday), candles(flat(30, 1.05), sunday)])
    assert Run(bars, {"le": [0]}).result(instrument=euro).metrics["days"] == 2
    assert Run(bars, {"le": [0]}).result().metrics["days"] == 3


def test_provenance_changes_with_what_it_covers():
    bars = candles(flat(20))
    first = Run(bars, {"le": [0], "lx": [5]}).result()
    again = Run(bars.copy(), {"le": [0], "lx": [5]}).result()
    assert (first.trade_hash, first.data_fingerprint) == (again.trade_hash, again.data_fingerprint)
    assert Run(bars, {"le": [1], "lx": [5]}).result().trade_hash != first.trade_hash
    bars["volume"][3] += 1
    assert Run(bars, {"le": [0], "lx": [5]}).result().data_fingerprint != first.data_fingerprint


def test_result_travels_on_the_bus_and_as_json():
    result = Run(candles(flat(20)), {"le": [0]}).result()
    back = msgspec.msgpack.decode(msgspec.msgpack.encode(result), type=type(result))
    assert back.trades == result.trades
    assert back.metrics == pytest.approx(result.metrics, nan_ok=True)
    # JSON has no nan: an undefined figure is null there
    words = msgspec.json.decode(msgspec.json.encode(result))
    assert words["metrics"]["sharpe"] is None
    assert words["metrics"]["trades"] == 1


@pytest.mark.parametrize(
    ("kw", "word"),
    [
        ({"from_ms": START + 10**9}, "2023-03-01T00:00:00Z"),
        ({"to_ms": START}, "2023-03-01T00:09:00Z"),
        ({"from_ms": START + 60_000, "to_ms": START + 60_000}, "is not before"),
        ({"warmup": 50}, "50"),
        ({"costs": Costs(fee=0.5)}, "fee"),
        ({"costs": Costs(fee=float("nan"))}, "fee"),
        ({"costs": Costs(slippage_bps=-1.0)}, "slippage"),
        ({"sizing": Sizing(cash=0.0)}, "cash"),
        ({"sizing": Sizing(value=-1.0)}, "size"),
    ],
)
def test_bad_input_names_the_trouble_and_a_way_out(kw, word):
    with pytest.raises(BadInput) as caught:
        Run(candles(flat(10)), {"le": [0]}).result(**kw)
    assert word in str(caught.value)
    assert caught.value.fix


def test_bad_bars_are_refused():
    bars = candles(flat(10))
    for change in ({"ts": START}, {"high": 50.0}, {"low": 0.0}, {"close": np.nan}, {"high": np.inf}):
        broken = bars.copy()
        for name, value in change.items():
            broken[name][4] = value
        with pytest.raises(BadInput, match="bar 4"):
            bar_data("binance-spot:XUSDT", "1m", broken)
    with pytest.raises(BadInput, match="no 1m bars"):
        bar_data("binance-spot:XUSDT", "1m", bars[:0])
    with pytest.raises(BadInput, match="not the aggregate"):
        bar_data("binance-spot:XUSDT", "5m", candles([(100, 101, 100, 100)] * 2, step=300_000), bars)


def test_edges_of_other_bars_are_refused():
    run = Run(candles(flat(10)), {"le": [0]})
    run.masks = run.masks[:, :-1]
    with pytest.raises(BadInput, match="masks"):
        run.result()


def test_stopped_on_request_and_progress_reaches_the_end(monkeypatch):
    monkeypatch.setattr("engine.signals.history.BLOCK", 100)
    run = Run(candles(flat(1000)), {"le": [0, 250, 500], "lx": [240, 490, 800]})
    seen: list[float] = []
    result = run.result(progress=seen.append, cancelled=lambda: False)
    assert seen == sorted(seen)
    assert len(seen) == 10
    assert seen[-1] == 1.0
    assert result.trade_hash == run.result().trade_hash
    with pytest.raises(Cancelled):
        run.result(cancelled=lambda: len(seen) > 0)


def test_seconds_come_from_the_clock():
    clock = SimulatedClock()
    result = Run(candles(flat(10)), {}).result(clock=clock, progress=lambda _: clock.advance_ms(1500))
    assert result.seconds == 1.5
    assert result.metrics["trades"] == 0


def test_bars_of_a_mapped_file_run_as_they_are(tmp_path):
    bars = candles(flat(50))
    np.save(tmp_path / "bars.npy", bars)
    mapped = np.load(tmp_path / "bars.npy", mmap_mode="r")
    run = Run(mapped, {"le": [0], "lx": [9]})
    assert np.shares_memory(run.data.bars, mapped)
    assert run.result().trade_hash == Run(bars, {"le": [0], "lx": [9]}).result().trade_hash
    assert not run.data.bars.flags.writeable
    assert bars.flags.writeable
