"""The kernels equal the slow simulator on real minutes, and a whole history runs through with sensible figures."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
import polars as pl
import pytest

from engine.backtest.costs import NO_FUNDING
from engine.backtest.data import Window, bar_data
from engine.backtest.fills import Terms
from engine.backtest.simulation import simulate
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.signals.history import decisions_of
from engine.signals.types import LIMIT_ORDER, MARKET, STOP_ORDER, Orders
from tests import shared
from tests.property import backtest_reference as reference

Candle = namedtuple("Candle", CANDLE_DTYPE.names)
TERMS = Terms(
    fee=0.0005, slip=1e-4, tick=0.01, tick_scale=100.0, lot=1e-5, lot_scale=1e5, min_notional=5.0, by_fraction=True,
    size=1.0, long_ok=True, short_ok=True, inverse=False,
)  # fmt: skip


def real_minutes(count):
    frame = pl.read_parquet(shared.data("candles/binance-um/BTCUSDT/1m.parquet"))
    frame = frame if count is None else frame.head(count)
    out = np.empty(len(frame), CANDLE_DTYPE)
    for name in CANDLE_DTYPE.names:
        out[name] = frame[name].to_numpy()
    return out


def bars_of(minutes, length):
    keys = minutes["ts"] // (length * 60_000)
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    ends = np.append(starts[1:], len(minutes))
    out = np.empty(len(starts), CANDLE_DTYPE)
    out["ts"] = keys[starts] * length * 60_000
    out["open"], out["close"] = minutes["open"][starts], minutes["close"][ends - 1]
    out["high"] = np.maximum.reduceat(minutes["high"], starts)
    out["low"] = np.minimum.reduceat(minutes["low"], starts)
    out["volume"] = np.add.reduceat(minutes["volume"], starts)
    return out, [list(range(a, b)) for a, b in zip(starts.tolist(), ends.tolist())]


def crossings(close, fast, slow):
    """Edges of a crossing of two means, always in the market."""
    total = np.cumsum(np.insert(close, 0, 0.0))
    spread = np.zeros(len(close))
    spread[slow:] = (total[slow + 1 :] - total[slow + 1 - fast : -fast]) / fast - (
        total[slow + 1 :] - total[1:-slow]
    ) / slow
    up, down = spread > 0, spread < 0
    rise, fall = up & ~np.roll(up, 1), down & ~np.roll(down, 1)
    return np.array([rise, fall, fall, rise], np.uint8)


@pytest.mark.shared
@pytest.mark.parametrize("kinds", [(MARKET, MARKET), (STOP_ORDER, STOP_ORDER), (LIMIT_ORDER, LIMIT_ORDER)])
@pytest.mark.parametrize("length", [1, 15])
def test_real_minutes_trade_for_trade(length, kinds):
    minutes = real_minutes(30_000)
    bars, groups = bars_of(minutes, length)
    masks = crossings(bars["close"], 5, 20)
    # both sides at once now and then: a straddle around the bar, where they rest
    masks[[0, 2], ::17] = 1
    span = np.convolve(bars["high"] - bars["low"], np.ones(14) / 14)[: len(bars)]
    near = 0.2 * span
    levels = np.array([
        2.0 * span, 1.5 * span, 5.0 * span, 4.0 * span, 3.0 * span, 1.2 * span,
        *((bars["high"] + near, bars["low"] - near) if kinds[0] == STOP_ORDER else (bars["low"], bars["high"])),
    ])  # fmt: skip
    levels[4, ::2] = np.nan
    levels[5, ::3] = np.nan
    data = bar_data("binance-futures:BTCUSDT", f"{length}m", bars, minutes)
    orders = Orders(*kinds, valid=3, time_stop=12)
    fast = simulate(data, Window(30, len(bars) - 5), decisions_of(masks, levels, orders), TERMS, 1e4, NO_FUNDING)
    kind = ("market", "stop", "limit")[kinds[0]]
    words = TERMS._asdict() | {
        "ticks_per_one": 100.0, "lots_per_one": 1e5, "direction": "both", "long_kind": kind, "short_kind": kind,
        "valid": 3, "time_stop": 12,
    }  # fmt: skip
    slow = reference.simulate(
        [Candle(*row) for row in minutes.tolist()], groups, 30, len(bars) - 5, [True] * len(minutes), masks.T.tolist(),
        levels.T.tolist(), {}, words, 1e4,
    )  # fmt: skip
    assert [reference.told(row) for row in fast.trades.tolist()] == slow.trades
    assert len(slow.trades) > 50
    # every way of leaving but signal and end of data occurs, so the comparison has met them all
    assert set(fast.trades["reason"].tolist()) >= set(range(8)) - {0, 5}
