"""The coverage map's rows: states of months, filters, sorting and words."""

from __future__ import annotations

import numpy as np

from engine.contracts.coverage import SeriesCoverage
from engine.contracts.data import SeriesQuality, YearQuality
from widgets.viewmodels import coverage as vm

JANUARY_2024 = (2024 - 1970) * 12


def series(
    symbol: str, timeframe: str = "1m", bars=(100, 90, 0, 50), missing=(0, 1, 0, 50), size=1000
) -> SeriesCoverage:
    return SeriesCoverage(
        symbol=symbol,
        timeframe=timeframe,
        total=sum(bars),
        first_ms=vm.month_ms(JANUARY_2024),
        last_ms=vm.month_ms(JANUARY_2024 + len(bars)) - 60_000,
        files=1,
        size=size,
        first_month=JANUARY_2024,
        bars=np.array(bars, "<i4").tobytes(),
        missing=np.array(missing, "<i4").tobytes(),
    )


def model() -> vm.CoverageModel:
    made = vm.CoverageModel()
    made.load(
        [
            series("binance-spot:BTCUSDT"),
            series("binance-spot:ETHUSDT", "1h", (10, 10), (0, 0)),
            series("oanda-forex:EUR_USD", "4h", (500,), (0,)),
        ]
    )
    return made


def test_states_say_how_much_is_missing():
    bars, missing = np.array([100, 100, 100, 10, 0]), np.array([0, 1, 5, 90, 0])
    assert vm.states_of(bars, missing).tolist() == [vm.FULL, vm.FEW, vm.MANY, vm.BAD, vm.NONE]
    assert vm.runs_of(np.array([1, 1, 0, 2, 2, 1], np.uint8)) == [(0, 2, 1), (3, 5, 2), (5, 6, 1)]
    assert vm.runs_of(np.empty(0, np.uint8)) == []


def test_rows_keep_their_own_months():
    rows = {r.name: r for r in model().every}
    assert rows["BTCUSDT"].states.tolist() == [vm.FULL, vm.FEW, vm.NONE, vm.BAD]
    assert rows["ETHUSDT"].states.tolist() == [vm.FULL, vm.FULL]
    assert model().span() == (JANUARY_2024, JANUARY_2024 + 4)


def test_filters_and_sorting():
    m = model()
    assert [r.name for r in m.rows] == ["EUR_USD", "BTCUSDT", "ETHUSDT"], "most bars first"
    m.sorted_by = (2, False)
    m.arrange()
    assert [r.found.timeframe for r in m.rows] == ["1m", "1h", "4h"], "by length, not by letters"
    m.market = "binance-spot"
    m.arrange()
    assert len(m.rows) == 2
    m.only_faulty = True
    m.arrange()
    assert [r.name for r in m.rows] == ["BTCUSDT"]
    m.wanted, m.only_faulty = "eth 1H", False
    m.arrange()
    assert [r.name for r in m.rows] == ["ETHUSDT"]
    assert m.markets() == [("binance-spot", 2), ("oanda-forex", 1)]


def test_a_month_in_words():
    row = next(r for r in model().every if r.name == "BTCUSDT")
    assert vm.month_text(row, JANUARY_2024).endswith("2024-01\n100 bars, complete")
    assert "90 bars, 1 missing (1.10 %)" in vm.month_text(row, JANUARY_2024 + 1)
    assert "begins 2024-01-01" in vm.month_text(row, JANUARY_2024 - 1)
    assert "ends" in vm.month_text(row, JANUARY_2024 + 9)


def test_quality_is_kept_while_the_bars_are_the_same_and_faults_are_told():
    m = model()
    year = YearQuality(
        year=2024, score=81.0, bars=240, expected=291, missing=51, gaps=2, known_empty=0, quiet=0, duplicates=0,
        off_grid=0, impossible=1, zero_volume=0, jumps=3, spikes=0, unpublished=False, penalties={},
    )  # fmt: skip
    at = vm.month_ms(JANUARY_2024 + 2)
    quality = SeriesQuality(
        symbol="binance-spot:BTCUSDT", timeframe="1m", score=81.0, first_ms=0, last_ms=0, bars=240, years=[year],
        gap_count=2, gaps=[(at, at + 3_600_000)], impossible=[at], damaged=["part-1 is broken"],
        notes=[], negative=True,
    )  # fmt: skip
    m.take_quality([quality])
    row = m.find(("binance-spot:BTCUSDT", "1m"))
    faults = vm.faults_of(row)
    assert [f.kind for f in faults] == ["damaged file", "impossible bar", "gap", "year 81"]
    assert faults[2].text == "2024-03-01 00:00 to 2024-03-01 01:00: 1h 00m"
    assert "51 bars missing" in faults[3].text
    assert "3 jumps" in faults[3].text
    m.load([series("binance-spot:BTCUSDT")])
    assert m.every[0].quality is quality
    m.load([series("binance-spot:BTCUSDT", bars=(100, 91, 0, 50))])
    assert m.every[0].quality is None, "other bars were not judged"
    assert vm.faults_of(m.every[0])[0].kind == "holes"
