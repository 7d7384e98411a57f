import math

import numpy as np
import pytest

from engine.contracts.backtests import BacktestResult, BacktestSpec, Costs, Sizing
from engine.contracts.commands import StrategyInfo
from engine.contracts.dtypes import EXIT_STOP, TRADE_DTYPE
from widgets.viewmodels import backtest as bt
from widgets.viewmodels import backtest_form as forms

SYMBOLS = {"binance-spot:BTCUSDT": 0, "binance-futures:BTCUSDT": 1, "binance-spot:ETHUSDT": 2}
STRATEGIES = {
    "rsi_revert": StrategyInfo(
        id="rsi_revert",
        title="RSI revert",
        family="mean reversion",
        idea="",
        source="",
        timeframe="1h",
        direction="both",
        params={"n": (14.0, [7.0, 14.0]), "low": (30.0, [20.0, 30.0])},
        text="",
        version="1",
    )
}


def form(**changes):
    return forms.Form(**{"strategy": "rsi_revert", "symbol": "ETHUSDT", **changes})


def test_a_good_form_becomes_a_spec():
    asked, errors = forms.check(
        form(from_text="2024-01-01", params={"n": "21"}, fee_text="0.05 %"), STRATEGIES, SYMBOLS
    )
    assert not errors
    spec = asked.specs[0]
    assert spec.symbol == "binance-spot:ETHUSDT"
    assert spec.params == {"n": 21.0, "low": 30.0}
    assert math.isclose(spec.costs.fee, 0.0005)
    assert spec.from_ms == 1_704_067_200_000
    assert spec.to_ms is None


def test_empty_fee_means_the_markets_own():
    asked, _ = forms.check(form(), STRATEGIES, SYMBOLS)
    assert asked.specs[0].costs.fee is None


def test_each_wrong_field_has_its_own_sentence():
    wrong = form(
        strategy="rsi_rever", symbol="BTCUSDT", from_text="soon", slippage_text="-1", cash_text="0", params={"n": "x"}
    )
    asked, errors = forms.check(wrong, STRATEGIES, SYMBOLS)
    assert asked is None
    assert 'Did you mean "rsi_revert"?' in errors["strategy"]
    assert "several markets" in errors["symbol"]
    assert "2024-01-31" in errors["from"]
    assert errors["slippage"] == "Must be at least 0."
    assert errors["cash"] == "Must be above 0."
    assert set(errors) == {
        "strategy",
        "symbol",
        "from",
        "slippage",
        "cash",
    }  # without a strategy no parameters are known


def test_parameters_are_checked_too():
    _, errors = forms.check(form(params={"n": "x", "low": "nan"}), STRATEGIES, SYMBOLS)
    assert set(errors) == {"param:n", "param:low"}


def test_a_range_that_ends_before_it_begins():
    _, errors = forms.check(form(from_text="2024-02-01", to_text="2024-01-01"), STRATEGIES, SYMBOLS)
    assert "swap" in errors["to"]


def test_unknown_symbol_is_answered_with_the_nearest():
    _, errors = forms.check(form(symbol="ETHUSD"), STRATEGIES, SYMBOLS)
    assert "ETHUSDT" in errors["symbol"]


def result(trades, metrics=None, costs=None):
    spec = BacktestSpec(strategy="rsi_revert", symbol="binance-spot:ETHUSDT", timeframe="1h", costs=costs or Costs())
    return BacktestResult(
        spec=spec,
        strategy_text="",
        bars=1000,
        first_ms=0,
        last_ms=86_400_000,
        metrics=metrics or {},
        convention="daily, 365 days",
        trade_hash="00ff",
        data_fingerprint="fp",
        code_version="0.1.0",
        assumptions=["taker fee"],
        seconds=0.5,
        trades=trades.tobytes(),
        equity_ts=b"",
        equity=b"",
        drawdown=b"",
    )


def trades():
    block = np.zeros(3, dtype=TRADE_DTYPE)
    block["side"] = [1, -1, 1]
    block["entry_price"] = [100, 100, 50]
    block["exit_price"] = [110, 90, 40]
    block["entry_ts"] = [0, 3_600_000, 7_200_000]
    block["pnl"] = [5, 8, -20]
    block["reason"] = EXIT_STOP
    return block


def test_trades_sort_and_read_back():
    t = bt.Trades(trades().tobytes())
    t.sort(6, True)
    assert [t.cells(k)[0] for k in range(3)] == ["2", "1", "3"]
    assert t.cells(0) == [
        "2",
        "SHORT",
        "1970-01-01 01:00",
        "1970-01-01 00:00",
        "100.00",
        "90.00",
        "+8.00",
        "+10.00 %",
        "0",
        "stop",
    ]


def test_csv_has_every_trade_and_column():
    lines = bt.trades_csv(trades(), ["binance-spot:ETHUSDT"]).splitlines()
    assert len(lines) == 4
    assert lines[0].split(",") == ["symbol", *TRADE_DTYPE.names]
    assert lines[2].startswith("binance-spot:ETHUSDT,1970-01-01T01:00Z")


def test_figures_not_defined_are_said_to_be_so():
    shown = {f.name: f for f in bt.figures({"sharpe": math.nan, "total_return": -0.2, "trades": 3.0})}
    assert len(shown) == 10
    assert shown["Sharpe"].text == "n/a"
    assert (shown["Net profit"].text, shown["Net profit"].tone) == ("−20.0 %", "bad")
    assert shown["Trades"].text == "3"


def test_few_trades_and_free_costs_are_warned_about():
    assert len(bt.warnings(result(trades(), costs=Costs(fee=0.0, slippage_bps=0.0)))) == 2
    assert "never true" in bt.warnings(result(trades()[:0]))[0]


def test_the_copied_report_holds_convention_assumptions_and_hash():
    text = bt.as_text(bt.shown_of(result(trades())))
    for part in ("daily, 365 days", "Assumed: taker fee", "00ff", "Only 3 trades"):
        assert part in text


def test_several_symbols_are_several_runs_or_one_account():
    several = form(symbol="ETHUSDT, binance-spot:BTCUSDT;ETHUSDT")
    asked, errors = forms.check(several, STRATEGIES, SYMBOLS)
    assert not errors
    assert [s.symbol for s in asked.specs] == ["binance-spot:ETHUSDT", "binance-spot:BTCUSDT"]
    several.together, several.positions_text, several.account = "account", "1", "usdt"
    asked, errors = forms.check(several, STRATEGIES, SYMBOLS)
    assert not errors
    assert not asked.specs
    assert [lane.symbol for lane in asked.portfolio.lanes] == ["binance-spot:ETHUSDT", "binance-spot:BTCUSDT"]
    assert (asked.portfolio.max_positions, asked.portfolio.account) == (1, "USDT")


def test_every_field_of_the_spec_can_be_asked_for_and_comes_back():
    spec = BacktestSpec(
        strategy="rsi_revert",
        symbol="binance-spot:ETHUSDT",
        timeframe="4h",
        from_ms=1_704_067_200_000,
        to_ms=1_706_787_660_000,
        params={"n": 7.0, "low": 20.0},
        costs=Costs(
            fee=0.0004, maker_fee=-0.0001, maker="targets", slippage_bps=2.5, slippage_ticks=1.0, slippage_range=0.1,
            spread_bps=3.0, funding=0.0002, financing=True, financing_long=-0.03, financing_short=0.01,
        ),
        sizing=Sizing(
            mode="kelly", value=0.5, cash=5000.0, cap=0.7, bars=50, min_trades=10, start=0.2, leverage=3.0,
            maintenance=0.005,
        ),
        direction="long",
        pyramiding=3,
        account="EUR",
    )  # fmt: skip
    asked, errors = forms.check(forms.form_of(spec), STRATEGIES, SYMBOLS)
    assert not errors
    made = asked.specs[0]
    for name in spec.__struct_fields__:
        if name not in ("costs", "sizing"):
            assert getattr(made, name) == getattr(spec, name), name
    for whole in ("costs", "sizing"):
        for name in getattr(spec, whole).__struct_fields__:
            got, wanted = getattr(getattr(made, whole), name), getattr(getattr(spec, whole), name)
            assert got == pytest.approx(wanted) if isinstance(wanted, float) else got == wanted, name


def test_the_form_remembers_itself_and_refuses_garbage():
    mine = form(params={"n": "21"}, leverage_text="2")
    assert forms.Form.read(mine.kept()) == mine
    assert forms.Form.read({"symbol": 3, "params": [1], "cash_text": None}) == forms.Form()
    assert forms.Form.read("nonsense") == forms.Form()


def test_filters_and_sort_work_together():
    t = bt.Trades(trades().tobytes())
    t.sort(6, True)
    t.filter("long")
    assert [t.cells(k)[0] for k in range(len(t))] == ["1", "3"]
    assert t.place_of(1) == -1
    assert t.totals() == "2 trades, −15.00, 50.0 % won"
    t.filter("lost")
    assert [int(n) for n in t.order] == [2]
    t.filter("all", 0)
    assert not len(t)
    assert t.reasons() == [(EXIT_STOP, "stop", 3)]


def test_all_figures_are_found_by_letters_of_their_formula():
    rows = bt.all_figures({"sharpe": 1.5, "calmar": -0.2, "trades": 12.0}, "largest daily drawdown")
    assert [r.name for r in rows] == ["", "calmar"]
    assert rows[1].tone == "bad"
    assert "Young 1991" in rows[1].tip
