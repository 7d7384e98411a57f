"""Flooring and resampling of 1-minute bars; Binance's own hourly klines as the oracle."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from engine.candles.minutes import floor_minutes, merge_minutes, resample
from engine.clock import iso, parse_iso
from engine.contracts.dtypes import CANDLE_DTYPE, PRICE_COLUMNS
from engine.contracts.errors import BadInput
from tests import shared

M = 60_000


def read(path) -> np.ndarray:
    frame = pl.read_parquet(path)
    out = np.empty(len(frame), CANDLE_DTYPE)
    for name in CANDLE_DTYPE.names:
        out[name] = frame[name].to_numpy()
    return out


def test_completeness_and_what_closes_a_bar():
    candles = np.zeros(6, CANDLE_DTYPE)
    candles["ts"] = np.array([0, 1, 4, 6, 12, 13]) * M
    candles["close"] = range(6)
    out = resample(candles, "5m")
    assert out.bars["ts"].tolist() == [0, 5 * M, 10 * M]
    assert out.bars["close"].tolist() == [2.0, 3.0, 5.0]
    assert out.complete.tolist() == [True, True, False]
    assert out.closed_at.tolist() == [2, 4, 6]


def test_no_bars_give_no_bars():
    out = resample(np.zeros(0, CANDLE_DTYPE), "1h")
    assert len(out.bars) == len(out.complete) == len(out.closed_at) == 0


def test_duplicates_after_flooring_are_refused_with_their_place():
    with pytest.raises(BadInput) as caught:
        floor_minutes(np.array([0, 60_000, 80_799]), "prices.csv")
    assert caught.value.where == "prices.csv, bar 3"
    assert "1970-01-01T00:01:00Z is there twice" in str(caught.value)


@pytest.mark.shared
def test_real_off_minute_stamps_are_floored_and_their_one_collision_is_named():
    candles = read(shared.data("candles/binance-spot/BTCUSDT/1m.parquet"))
    assert int((candles["ts"] % M != 0).sum()) == 21_602
    with pytest.raises(BadInput, match="2017-12-04T06:00:00Z is there twice"):
        floor_minutes(candles["ts"], "BTCUSDT")
    merged = merge_minutes(candles)
    assert len(merged) == len(candles) - 1
    assert np.array_equal(floor_minutes(merged["ts"], "BTCUSDT"), merged["ts"])
    assert merged["volume"].sum() == pytest.approx(candles["volume"].sum(), rel=1e-12)


@pytest.mark.shared
@pytest.mark.parametrize("timeframe", ["1h", "2h", "4h", "6h", "8h", "12h", "1d"])
def test_binances_own_klines_are_the_oracle(timeframe):
    """Prices to the bit, volume to 1e-9. Binance gives the open of the halt of 2023-03-24 a cent lower in its klines
    of 4 to 12 hours than in its minutes and hours."""
    start = parse_iso("2022-07-01")
    minutes = read(shared.data("candles/binance-spot/BTCUSDT/1m.parquet"))
    minutes = minutes[minutes["ts"] >= start]
    theirs = read(shared.data(f"candles/binance-spot/BTCUSDT/{timeframe}.parquet"))
    ours = resample(minutes, timeframe)
    bars = ours.bars[ours.complete]
    theirs = theirs[np.isin(theirs["ts"], bars["ts"])]
    assert np.array_equal(theirs["ts"], bars["ts"])
    assert len(bars) >= 540
    for name in PRICE_COLUMNS[:4]:
        wrong = [iso(int(ts)) for ts in bars["ts"][bars[name] != theirs[name]]]
        halt = ["2023-03-24T12:00:00Z"] if timeframe in ("4h", "6h", "12h") and name == "open" else []
        assert wrong == halt, name
    assert (np.abs(bars["volume"] - theirs["volume"]) <= 1e-9 * np.maximum(theirs["volume"], 1.0)).all()
