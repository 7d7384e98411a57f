"""A chart's whole history: its files against plain twins, and what becomes of them when the lake changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.candles.minutes import aggregate
from engine.contracts import levels as lv
from engine.contracts.commands import SeriesRequest
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, Cancelled
from engine.runtime import chart_files
from engine.runtime.chart_files import whole_history
from engine.runtime.charts import SeriesSet
from engine.runtime.folder import DataFolder
from engine.runtime.kept import TaskContext
from engine.runtime.worker_wire import HistoryFound, HistoryTask
from engine.store.state import State

SYMBOL, OTHER = "binance-spot:BTCUSDT", "binance-spot:ETHUSDT"
START, MINUTE = 1_704_067_200_000, 60_000
RSI = SeriesRequest(name="rsi", expression="RSI(14)")
OBV = SeriesRequest(name="obv", expression="OBV()")
ETH = SeriesRequest(name="eth", expression="close", symbol=OTHER)


def minutes(first: int, count: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = np.zeros(count, CANDLE_DTYPE)
    rows["ts"] = START + (first + np.arange(count)) * MINUTE
    rows["close"] = 100 + np.cumsum(rng.normal(0, 0.1, count))
    rows["open"] = np.concatenate(([100.0], rows["close"][:-1]))
    rows["high"], rows["low"] = np.fmax(rows["open"], rows["close"]) + 0.1, np.fmin(rows["open"], rows["close"]) - 0.1
    rows["volume"] = np.where(rng.random(count) < 0.1, 0.0, rng.exponential(5, count))
    return rows


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TaskContext]:
    monkeypatch.setattr(chart_files, "WORTH_FILES", 500)
    monkeypatch.setattr(chart_files, "BLOCK", 700)
    folder = DataFolder(tmp_path)
    folder.prepare()
    made = TaskContext(folder)
    yield made
    made.close()


def keep(context: TaskContext, symbol: str, bars: np.ndarray) -> None:
    """Newest bars that are not in the lake yet."""
    state = State(context.folder.state)
    state.save_candles(symbol, "1m", bars)
    state.close()


def ask(
    context: TaskContext, timeframe: str = "1m", *series: SeriesRequest, ready: bool = False, stop: bool = False
) -> HistoryFound:
    task = HistoryTask(id="h", symbol=SYMBOL, timeframe=timeframe, series=list(series), ready=ready)
    return whole_history(task, context, lambda: stop)


def line(found: HistoryFound, name: str) -> tuple[np.ndarray, list[np.ndarray]]:
    assert found.files is not None
    return lv.read_line(np.load(found.files.series[name]), found.files.count)


def test_files_hold_all_bars_their_levels_and_the_series_over_all_of_them(context: TaskContext) -> None:
    rows = np.delete(minutes(0, 3000), np.r_[40:45, 900:960])
    context.lake.write(SYMBOL, "1m", rows[:2500])
    keep(context, SYMBOL, rows[2500:])
    found = ask(context, "1m", RSI, OBV)
    files = found.files
    assert files is not None
    assert files.count == 2500
    assert np.array_equal(np.load(files.bars), rows[:2500])
    assert np.array_equal(np.frombuffer(found.bars, CANDLE_DTYPE), rows[2500:])
    assert (found.first_ms, found.last_ms) == (rows["ts"][0], rows["ts"][-1])

    packed = lv.split_levels(np.load(files.levels), 2500)
    assert len(packed[0]) == lv.LEVEL_ROWS
    missing = np.concatenate(([0], np.diff(rows["ts"][:2500]) - MINUTE))
    for level, size in zip(packed, (8, 64, 512), strict=False):
        for k, at in enumerate(range(0, 2500, size)):
            group = rows[at : min(at + size, 2500)]
            assert level[:5, k].tolist() == [
                group["open"][0], group["high"].max(), group["low"].min(), group["close"][-1], group["volume"].max(),
            ]  # fmt: skip
            assert level[5, k] == missing[at : min(at + size, 2500)].max()
            assert level[6, k] == (group["volume"] == 0).any()
            assert level[lv.TIME_ROW, k] == group["ts"][0]

    whole = SeriesSet([RSI, OBV], "1m").values(rows, commit=True)
    for k, name in enumerate(("rsi", "obv")):
        values, levels = line(found, name)
        assert np.array_equal(values, whole[k, :2500], equal_nan=True)
        assert levels[0][0, 20] == values[160:168].min()
        assert levels[0][1, 20] == values[160:168].max()
    # the stream goes on from the state at the end of the files, also where all of the past counts
    going_on = SeriesSet([RSI, OBV], "1m")
    going_on.resume(found.states)
    assert np.array_equal(going_on.values(rows[2500:], commit=True), whole[:, 2500:])


def test_longer_bars_are_those_of_the_minutes_and_few_travel_as_bytes(context: TaskContext) -> None:
    rows = minutes(0, 6000)
    context.lake.write(SYMBOL, "1m", rows[:5001])
    keep(context, SYMBOL, rows[5001:])
    found = ask(context, "5m", RSI)
    fives = aggregate(rows, "5m")
    assert found.files is not None
    bars = np.concatenate([np.load(found.files.bars), np.frombuffer(found.bars, CANDLE_DTYPE)])
    assert np.array_equal(bars, fives)
    values, _ = line(found, "rsi")
    want = SeriesSet([RSI], "5m").values(fives, commit=True)[0]
    assert np.array_equal(values, want[: found.files.count], equal_nan=True)

    hours = ask(context, "1h", RSI)
    assert hours.files is None
    assert np.array_equal(np.frombuffer(hours.bars, CANDLE_DTYPE), aggregate(rows, "1h"))


def test_another_symbol_is_aligned_by_time_and_nan_where_it_has_no_bar(context: TaskContext) -> None:
    rows, theirs = minutes(0, 2000), np.delete(minutes(300, 1900, 7), np.r_[100:150])
    context.lake.write(SYMBOL, "1m", rows[:1500])
    context.lake.write(OTHER, "1m", theirs[:1000])
    keep(context, SYMBOL, rows[1500:])
    keep(context, OTHER, theirs[1000:])
    found = ask(context, "1m", ETH)
    closes = dict(zip(theirs["ts"].tolist(), theirs["close"].tolist(), strict=True))
    want = np.array([closes.get(t, np.nan) for t in rows["ts"].tolist()])
    values, _ = line(found, "eth")
    assert np.array_equal(values, want[:1500], equal_nan=True)
    assert np.array_equal(np.frombuffer(found.aligned["eth"]), want[1500:], equal_nan=True)
    assert np.isnan(want[:300]).all()
    assert np.isnan(want[400:450]).all()

    hours = ask(context, "1h", ETH)
    by_hour = aggregate(theirs, "1h")
    closes = dict(zip(by_hour["ts"].tolist(), by_hour["close"].tolist(), strict=True))
    stamps = np.frombuffer(hours.bars, CANDLE_DTYPE)["ts"].tolist()
    got = np.frombuffer(hours.aligned["eth"])
    assert np.array_equal(got, [closes.get(t, np.nan) for t in stamps], equal_nan=True)


def test_a_symbol_without_bars_is_all_nan(context: TaskContext) -> None:
    context.lake.write(SYMBOL, "1m", minutes(0, 800))
    found = ask(context, "1m", ETH)
    assert np.isnan(line(found, "eth")[0]).all()
    assert ask(context, "1h", ETH).aligned["eth"]


def test_ready_gives_only_what_is_in_files_already(context: TaskContext) -> None:
    context.lake.write(SYMBOL, "1m", minutes(0, 1000))
    assert not ask(context, "1m", RSI, ready=True).found
    made = ask(context, "1m", RSI)
    assert ask(context, "1m", RSI, ready=True) == made
    assert not ask(context, "1m", RSI, OBV, ready=True).found
    stamps = {p: p.stat().st_ino for p in (context.folder.cache / "charts").iterdir()}
    both = ask(context, "1m", RSI, OBV)
    assert both.files is not None
    # only what was missing was made
    assert all(p.stat().st_ino == inode for p, inode in stamps.items())


def test_files_of_other_bars_go(context: TaskContext) -> None:
    context.lake.write(SYMBOL, "1m", minutes(0, 1000))
    context.lake.write(OTHER, "1m", minutes(0, 1000))
    first = ask(context, "1m", RSI).files
    other = whole_history(HistoryTask(id="h", symbol=OTHER, timeframe="1m", series=[RSI]), context).files
    assert first is not None
    assert other is not None
    mapped = np.load(first.series["rsi"], mmap_mode="r")
    context.lake.write(SYMBOL, "1m", minutes(1000, 500))
    assert not ask(context, "1m", RSI, ready=True).found
    second = ask(context, "1m", RSI).files
    assert second is not None
    assert second.count == 1500
    assert not Path(first.levels).exists()
    assert not Path(first.series["rsi"]).exists()
    assert Path(other.levels).exists()
    # who had it open keeps it
    assert len(mapped) > 1000


def test_too_many_files_go_by_age(context: TaskContext, monkeypatch: pytest.MonkeyPatch) -> None:
    context.lake.write(SYMBOL, "1m", minutes(0, 1000))
    ask(context, "1m", RSI)
    folder = context.folder.cache / "charts"
    monkeypatch.setattr(chart_files, "KEEP_BYTES", sum(p.stat().st_size for p in folder.iterdir()))
    ask(context, "1m", OBV)
    assert not ask(context, "1m", RSI, ready=True).found
    assert ask(context, "1m", OBV, ready=True).found


def test_what_nobody_waits_for_is_stopped_and_mistakes_are_told(context: TaskContext) -> None:
    context.lake.write(SYMBOL, "1m", minutes(0, 1000))
    with pytest.raises(Cancelled):
        ask(context, "1m", RSI, stop=True)
    with pytest.raises(BadInput, match="Did you mean"):
        ask(context, "1m", SeriesRequest(name="x", expression="RIS(14)"))
    assert not [p for p in (context.folder.cache / "charts").iterdir() if p.name.startswith(".")]
