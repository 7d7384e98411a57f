"""The judgement of candles: each oddity is counted where it is, and nothing else is."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.sessions import closed_ranges
from engine.store.importer import import_file
from engine.store.lake import Lake
from engine.store.quality import judge
from tests import shared

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
SPOT, FOREX, GOLD = "binance-spot:BTCUSDT", "oanda-forex:EUR_USD", "oanda-commodities:XAU_USD"


def ms(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp() * 1000)


def bars(start: str = "2024-01-01", count: int = 6000, step: int = MINUTE) -> np.ndarray:
    out = np.empty(count, CANDLE_DTYPE)
    out["ts"] = ms(start) + np.arange(count) * step
    out["close"] = 100 * np.exp(np.cumsum(np.random.default_rng(2).normal(0, 0.0005, count)))
    out["open"] = np.concatenate(([100.0], out["close"][:-1]))
    out["high"] = np.maximum(out["open"], out["close"]) * 1.0001
    out["low"] = np.minimum(out["open"], out["close"]) / 1.0001
    out["volume"] = 5.0
    return out


def year(found, number=2024):
    return next(y for y in found.years if y.year == number)


def test_a_clean_series_has_the_whole_score():
    found = judge(SPOT, "1m", bars())
    assert (found.score, found.negative, found.gap_count, found.notes) == (100.0, False, 0, [])
    assert year(found).penalties == {}
    assert (year(found).bars, year(found).expected, year(found).missing) == (6000, 6000, 0)


def test_holes_are_counted_by_year_and_known_ones_are_not_missing():
    whole = bars("2023-12-30", 4 * 1440)
    low, high = 2 * 1440 - 30, 2 * 1440 + 60  # over the new year
    found = judge(SPOT, "1m", np.delete(whole, np.arange(low, high)))
    assert [(y.year, y.missing, y.gaps) for y in found.years] == [(2023, 30, 1), (2024, 60, 1)]
    assert found.gaps == [(int(whole["ts"][low]), int(whole["ts"][high]))]
    assert year(found).penalties == {"missing": round(300 * 60 / 2880, 2)}
    known = judge(SPOT, "1m", np.delete(whole, np.arange(low, high)), empty=[found.gaps[0]])
    assert known.score == 100.0
    assert [(y.missing, y.known_empty) for y in known.years] == [(0, 30), (0, 60)]
    part = judge(SPOT, "1m", np.delete(whole, np.arange(low, high)), empty=[(0, int(whole["ts"][low + 20]))])
    assert [(y.missing, y.known_empty) for y in part.years] == [(10, 20), (60, 0)]


def test_doubles_stamps_off_the_grid_and_disorder():
    whole = bars()
    twice = np.concatenate([whole[:100], whole[99:]])
    found = judge(SPOT, "1m", twice)
    assert (year(found).duplicates, found.negative) == (1, True)
    assert year(found).expected == 6000
    off = whole.copy()
    off["ts"][50:53] += 7_000
    found = judge(SPOT, "1m", off)
    assert (year(found).off_grid, found.negative) == (3, True)
    found = judge(SPOT, "1m", whole[::-1])
    assert (found.score, found.notes) == (100.0, ["The rows were not in order of time."])


@pytest.mark.parametrize(
    ("field", "value"),
    [("high", 1.0), ("low", 1e6), ("open", 1e9), ("close", -1.0), ("low", 0.0), ("high", np.inf), ("close", np.nan),
     ("volume", -1.0), ("volume", np.nan)],
)  # fmt: skip
def test_bars_that_cannot_be(field, value):
    whole = bars()
    whole[field][3000] = value
    found = judge(SPOT, "1m", whole)
    assert year(found).impossible == 1
    assert found.impossible == [int(whole["ts"][3000])]
    assert found.negative
    assert (year(found).jumps, year(found).spikes) == (0, 0), "what cannot be is no jump besides"


def test_jumps_and_spikes():
    whole = bars()
    for field in ("open", "high", "low", "close"):
        whole[field][2000:] *= 1.2
    whole["open"][2000] /= 1.2
    whole["low"][2000] /= 1.2
    found = judge(SPOT, "1m", whole)
    assert (year(found).jumps, year(found).spikes) == (1, 0)
    spike = bars()
    spike["close"][4000] *= 1.3
    spike["high"][4000] *= 1.3
    spike["open"][4001] *= 1.3
    spike["high"][4001] *= 1.3
    found = judge(SPOT, "1m", spike)
    assert (year(found).jumps, year(found).spikes) == (2, 1)
    assert year(found).penalties == {"spikes": 0.5, "jumps": 0.2}
    wick = bars()
    wick["low"][4000] /= 1.3
    assert (year(judge(SPOT, "1m", wick)).jumps, year(judge(SPOT, "1m", wick)).spikes) == (0, 1)
    wild = bars()
    wild["close"] = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.02, wild.size)))
    wild["open"] = np.concatenate(([100.0], wild["close"][:-1]))
    wild["high"], wild["low"] = np.maximum(wild["open"], wild["close"]), np.minimum(wild["open"], wild["close"])
    assert year(judge(SPOT, "1m", wild)).jumps == 0, "a wild market is no row of jumps"


def test_volume():
    whole = bars()
    whole["volume"][:600] = 0
    found = judge(SPOT, "1m", whole)
    assert (year(found).zero_volume, year(found).penalties) == (600, {"zero_volume": 2.0})
    whole["volume"] = 0
    found = judge(SPOT, "1m", whole)
    assert (found.score, year(found).unpublished, found.notes) == (100.0, True, ["The source publishes no volume."])


def test_weekends_breaks_and_quiet_minutes_are_no_gaps():
    for symbol in (FOREX, GOLD):
        whole = bars("2024-02-05", 30 * 1440)
        shut = closed_ranges(symbol.partition(":")[0], int(whole["ts"][0]), int(whole["ts"][-1]))
        open_ = np.ones(whole.size, bool)
        for low, high in shut.tolist():
            open_ &= (whole["ts"] < low) | (whole["ts"] >= high)
        series = whole[open_]
        assert judge(symbol, "1m", series).score == 100.0
        assert judge(SPOT, "1m", series).years[0].missing >= 8 * 1440, "the same in crypto is a hole"
        quiet = judge(symbol, "1m", np.delete(series, np.arange(500, 510)))
        assert (year(quiet).missing, year(quiet).quiet, quiet.score) == (0, 10, 100.0)
        hole = judge(symbol, "1m", np.delete(series, np.arange(500, 530)))
        assert (year(hole).missing, year(hole).gaps) == (30, 1)
        assert hole.gaps == [(int(series["ts"][500]), int(series["ts"][530]))]


def test_long_bars_are_missed_only_while_the_market_was_open():
    days = bars("2024-01-01", 60, DAY)
    weekday = (days["ts"] // DAY + 3) % 7
    week = days[weekday < 5]
    assert judge(FOREX, "1d", week).score == 100.0
    found = judge(FOREX, "1d", np.delete(week, 10))
    assert (year(found).missing, year(found).gaps) == (1, 1)
    months = bars("2023-01-01", 24, DAY)
    months["ts"] = [ms(f"{2023 + i // 12}-{1 + i % 12:02d}-01") for i in range(24)]
    assert judge(SPOT, "1mo", months).gap_count == 0
    assert judge(SPOT, "1mo", np.delete(months, 5)).gap_count == 1


def test_the_score_never_leaves_its_range_and_nothing_is_bad():
    found = judge(SPOT, "1m", np.empty(0, CANDLE_DTYPE), damaged=["x"])
    assert (found.score, found.negative, found.years) == (0.0, True, [])
    worst = bars()[::7].copy()
    worst["high"] = 0
    worst["ts"] += 1
    found = judge(SPOT, "1m", np.concatenate([worst, worst]))
    assert 0 <= found.score < 10
    assert sum(year(found).penalties.values()) <= 100.1
    assert judge(SPOT, "1m", np.delete(bars(), np.arange(100, 500)), least=99).negative
    assert not judge(SPOT, "1m", np.delete(bars(), np.arange(100, 500)), least=50).negative


@pytest.mark.shared
def test_the_known_holes_of_a_real_history(tmp_path):
    """34 holes of 8,560 minutes (and the two at its ends of the shifted stretch) as the data's notes have them."""
    lake = Lake(tmp_path)
    import_file(shared.data("candles/binance-spot/BTCUSDT/1m.parquet"), lake, SPOT)
    found = judge(SPOT, "1m", lake.examine(SPOT, "1m")[0])
    assert found.gap_count == 34
    assert sum(y.missing for y in found.years) == pytest.approx(8_560, abs=2)
    assert found.gaps[0] == (ms("2018-02-08T00:29"), ms("2018-02-09T09:59"))
    assert not found.negative
    assert all(y.impossible == y.duplicates == y.off_grid == 0 for y in found.years)
    assert year(found, 2022).penalties.keys() <= {"jumps"}


@pytest.mark.shared
def test_real_forex_and_metals(tmp_path):
    lake = Lake(tmp_path)
    import_file(shared.data("candles/histdata/AUD_USD/1m.parquet"), lake, "oanda-forex:AUD_USD")
    import_file(shared.data("candles/histdata/EUR_USD/1m.parquet"), lake, "oanda-forex:EUR_USD")
    good = judge("oanda-forex:AUD_USD", "1m", lake.examine("oanda-forex:AUD_USD", "1m")[0])
    assert good.score > 99
    bad = judge("oanda-forex:EUR_USD", "1m", lake.examine("oanda-forex:EUR_USD", "1m")[0])
    assert bad.negative, "its source lost an hour about three times a day"
    assert year(bad, 2023).gaps > 550
