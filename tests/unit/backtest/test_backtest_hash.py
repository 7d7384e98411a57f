"""The trade hash and the fingerprint of candles."""

from __future__ import annotations

import numpy as np
import pytest

from engine.backtest.data import bar_data
from engine.backtest.fills import scale_of
from engine.backtest.hash import SPAN, fingerprint, trade_hash
from engine.contracts.dtypes import CANDLE_DTYPE, TRADE_DTYPE

MASK = (1 << 64) - 1


def plain_hash(trades, tick, lot):
    """splitmix64's finaliser over the integers, in Python."""
    state = 0x9E3779B97F4A7C15
    for row in trades:
        words = [row["entry_ts"], row["exit_ts"], row["side"], row["reason"]]
        words += [round(row["entry_price"] / tick), round(row["exit_price"] / tick), round(row["quantity"] / lot)]
        for word in words:
            z = ((state ^ (int(word) & MASK)) + 0x9E3779B97F4A7C15) & MASK
            z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
            state = z ^ (z >> 31)
    return f"{state:016x}"


@pytest.fixture
def trades():
    out = np.zeros(3, TRADE_DTYPE)
    out["entry_ts"] = [60_000, 180_000, 300_000]
    out["exit_ts"] = [120_000, 240_000, 360_000]
    out["side"] = [1, -1, 1]
    out["reason"] = [0, 1, 5]
    out["entry_price"] = [100.01, 99.5, 0.07]
    out["exit_price"] = [101.0, 99.75, 64_000.33]
    out["quantity"] = [0.001, 12.5, 3.0]
    return out


def test_hash_equals_its_plain_form(trades):
    assert trade_hash(trades, 0.01, 0.001) == plain_hash(trades, 0.01, 0.001)
    assert trade_hash(trades, 0.0, 0.0) == plain_hash(trades, 1e-8, 1e-8)
    assert len(trade_hash(trades[:0], 0.01, 0.001)) == 16


@pytest.mark.parametrize("field", ["entry_ts", "exit_ts", "side", "reason", "entry_price", "exit_price", "quantity"])
def test_every_field_counts(trades, field):
    before = trade_hash(trades, 0.01, 0.001)
    trades[field][1] += 1
    assert trade_hash(trades, 0.01, 0.001) != before


def test_rounding_noise_and_money_do_not_count(trades):
    before = trade_hash(trades, 0.01, 0.001)
    trades["entry_price"] = np.nextafter(trades["entry_price"], 1e9)
    trades["pnl"] += 1
    trades["mae"] += 1
    assert trade_hash(trades, 0.01, 0.001) == before


def test_order_of_trades_counts(trades):
    assert trade_hash(trades[::-1].copy(), 0.01, 0.001) != trade_hash(trades, 0.01, 0.001)


def test_one_changed_bit_of_any_candle_changes_the_fingerprint():
    candles = np.zeros(5, CANDLE_DTYPE)
    candles["close"] = [1, 2, 3, 4, 5]
    seen = {fingerprint(candles), fingerprint(candles[:4])}
    for row in range(5):
        for name in CANDLE_DTYPE.names:
            changed = candles.copy()
            changed[name][row] += 1
            seen.add(fingerprint(changed))
    assert len(seen) == 2 + 5 * 6


@pytest.mark.parametrize("count", [1, 5, SPAN - 1, SPAN, SPAN + 1, 3 * SPAN + 7])
def test_a_fingerprint_goes_on_from_the_states_that_the_check_left(count):
    rng = np.random.default_rng(count)
    rows = np.zeros(count, CANDLE_DTYPE)
    rows["ts"] = np.arange(count) * 60_000
    rows["open"] = rows["close"] = rows["high"] = rows["low"] = 1 + rng.random(count)
    data = bar_data("demo-binance-spot:X", "1m", rows)
    for stop in {1, count // 2, count - 1, count} - {0}:
        assert data.fingerprint(stop) == fingerprint(rows[:stop])


@pytest.mark.parametrize(
    ("step", "scale"), [(0.01, 100), (0.05, 20), (1e-8, 1e8), (1.0, 1), (0.0, 0), (5.0, 0), (0.3, 0)]
)
def test_scale_of_decimal_steps(step, scale):
    assert scale_of(step) == scale
