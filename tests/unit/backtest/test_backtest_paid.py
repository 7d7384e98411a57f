"""What trades stood for, what fills lost to slippage, and what holding was worth, in the account's currency."""

from __future__ import annotations

import numpy as np
import pytest

from engine.contracts.backtests import Costs
from engine.contracts.dtypes import EXIT_TARGET, TRADE_DTYPE
from engine.contracts.instruments import Instrument
from engine.signals.types import LIMIT_ORDER, Orders
from tests.unit.backtest.test_backtest_run import FREE, SPOT, UNIT, Run, candles

YEN = Instrument(
    market="oanda-forex", name="USD_JPY", base="USD", quote="JPY", tick_size=0.001, lot_size=0.0, min_notional=0.0,
    kind="forex",
)  # fmt: skip
BARS = [(100, 101, 99, 100), (102, 103, 101, 103), (104, 106, 104, 105), (106, 112, 105, 110)]


def test_holding_dollars_in_yen_is_worth_its_profit_in_dollars():
    result = Run(candles(BARS), {"le": [0]}).result(instrument=YEN, costs=FREE)
    # 1,000 dollars buy 1,000 USD_JPY; the profit of 10 yen each is 10 / 110 dollars at the last price
    assert result.metrics["buy_hold_return"] == pytest.approx(10 / 110)
    assert np.frombuffer(result.daily_benchmark, "<f8")[-1] == pytest.approx(1000 * (1 + 10 / 110))
    assert np.frombuffer(result.benchmark, "<f8")[0] == pytest.approx(1000)
    assert np.frombuffer(result.trade_values, "<f8").tolist() == pytest.approx([100.0])


def test_holding_in_the_accounts_own_currency_is_the_price():
    result = Run(candles(BARS), {"le": [0]}).result(instrument=SPOT, costs=FREE)
    assert result.metrics["buy_hold_return"] == 110 / 100 - 1
    assert np.frombuffer(result.trade_values, "<f8").tolist() == pytest.approx([100.0])


@pytest.mark.parametrize(
    ("costs", "entry", "exit_"),
    [
        (FREE, 0.0, 0.0),
        (Costs(fee=0.0, slippage_bps=100.0), 1.02, 1.06),
        (Costs(fee=0.0, slippage_bps=0.0, slippage_ticks=25), 0.25, 0.25),
        # minutes of the fills: 103 - 101 and 112 - 105
        (Costs(fee=0.0, slippage_bps=0.0, slippage_range=0.25), 0.5, 1.75),
        (Costs(fee=0.0, slippage_bps=0.0, spread_bps=200.0), 1.02, 1.06),
        (Costs(fee=0.0, slippage_bps=100.0, slippage_ticks=25, slippage_range=0.25), 1.77, 3.06),
    ],
)
def test_slippage_is_told_back_from_the_fills(costs, entry, exit_):
    result = Run(candles(BARS), {"le": [0], "lx": [2]}).result(costs=costs)
    (trade,) = np.frombuffer(result.trades, TRADE_DTYPE)
    assert trade["entry_price"] == pytest.approx(102 + entry)
    assert trade["exit_price"] == pytest.approx(106 - exit_)
    assert result.metrics["slippage"] == pytest.approx((entry + exit_) * trade["quantity"], abs=1e-6)


def test_a_limit_order_has_no_slippage():
    bars = candles(
        [(100, 101, 99, 100), (100, 100, 97, 98), (98, 99, 97, 98), (98, 106, 98, 105), (105, 105, 105, 105)]
    )
    limits = Orders(long_kind=LIMIT_ORDER)
    made = Run(bars, {"le": [0]}, {"buy": {0: 98.5}, "target": {0: 4}}, orders=limits)
    bps = Costs(fee=0.0, slippage_bps=100.0)
    (trade,) = np.frombuffer(made.result(costs=bps).trades, TRADE_DTYPE)
    assert (trade["entry_price"], trade["reason"]) == (98.5, EXIT_TARGET)
    paid = made.result(costs=bps).metrics["slippage"]
    assert paid == pytest.approx((102.5 - trade["exit_price"]) * trade["quantity"], abs=0.02)
    assert paid > 0
    resting = Costs(fee=0.0, slippage_bps=100.0, maker="targets")
    assert made.result(costs=resting, sizing=UNIT).metrics["slippage"] == 0
