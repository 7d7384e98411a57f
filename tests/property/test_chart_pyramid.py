"""The pyramid and the series against plain twins that look at every value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts import levels as lv
from engine.contracts import sessions
from engine.contracts.dtypes import CANDLE_DTYPE
from widgets.chart.model import BarSeries, LineSeries
from widgets.chart.pyramid import FACTOR, bucket_size, reduce_by

MINUTE = 60_000
VALUES = st.one_of(st.floats(-1e9, 1e9), st.just(math.nan))


def plain(op: str, values: list[float]) -> float:
    if op == "first":
        return values[0]
    if op == "last":
        return values[-1]
    good = [v for v in values if not math.isnan(v)]
    return (max(good) if op == "max" else min(good)) if good else math.nan


def make(n: int, seed: int, start: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = np.zeros(n, CANDLE_DTYPE)
    rows["ts"] = (start + np.arange(n, dtype=np.int64)) * MINUTE
    for name in ("open", "high", "low", "close", "volume"):
        rows[name] = rng.normal(100, 5, n)
    return rows


@given(st.lists(VALUES, min_size=1, max_size=60), st.integers(1, 9), st.sampled_from(["first", "last", "max", "min"]))
def test_reduce_equals_plain(values, size, op):
    got = reduce_by(op, np.array(values), size)
    want = [plain(op, values[i : i + size]) for i in range(0, len(values), size)]
    np.testing.assert_array_equal(got, want)


@given(st.floats(1e-4, 50), st.floats(0.5, 8))
def test_bucket_is_wide_enough_and_not_more_than_needed(px_per_bar, min_px):
    size = bucket_size(px_per_bar, min_px)
    assert size * px_per_bar >= min_px * (1 - 1e-6)
    power = FACTOR ** int(math.log(size, FACTOR) + 1e-9)
    assert size % power == 0
    if size > 1:
        assert (size - power if size > power else size - max(1, power // FACTOR)) * px_per_bar < min_px * (1 + 1e-6)


def check(series: BarSeries, rows: np.ndarray, lo: int, hi: int, size: int) -> None:
    first, columns = series.pyramid.buckets(lo, hi, size)
    assert first == lo // size
    ops = ("first", "max", "min", "last", "max")
    for op, name, got in zip(ops, ("open", "high", "low", "close", "volume"), columns, strict=True):
        last = min(-(-hi // size) * size, len(rows))
        want = [plain(op, rows[name][i : min(i + size, last)].tolist()) for i in range(first * size, last, size)]
        np.testing.assert_array_equal(got, want)
    low, high = series.extent(lo, hi)
    assert (low, high) == (rows["low"][lo:hi].min(), rows["high"][lo:hi].max())
    assert series.max_volume(lo, hi) == rows["volume"][lo:hi].max()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_series_equal_their_twin_while_they_grow(data):
    rows = make(data.draw(st.integers(1, 1500)), 1)
    series = BarSeries(rows, MINUTE)
    for step in range(data.draw(st.integers(0, 4))):
        kind = data.draw(st.sampled_from(["replace", "append", "revise", "prepend"]))
        if kind == "prepend":
            older = make(data.draw(st.integers(1, 100)), step + 10, int(rows["ts"][0]) // MINUTE - 100)
            older = older[older["ts"] < rows["ts"][0]]
            assert series.prepend(older) == len(older)
            rows = np.concatenate((older, rows))
            continue
        if kind == "append":
            fresh = make(data.draw(st.integers(1, 400)), step + 20, int(rows["ts"][-1]) // MINUTE + 1)
            rows = np.concatenate((rows, fresh))
        else:
            at = len(rows) - 1 if kind == "replace" else data.draw(st.integers(0, len(rows) - 1))
            fresh = make(1, step + 30, int(rows["ts"][at]) // MINUTE)
            rows = rows.copy()
            rows[at] = fresh[0]
        series.update(fresh)
    assert len(series) == len(rows)
    lo = data.draw(st.integers(0, len(rows) - 1))
    hi = data.draw(st.integers(lo + 1, len(rows)))
    for size in (1, 3, 8, 24, 64, 320):
        check(series, rows, lo, hi, size)
    np.testing.assert_array_equal(series.rows(lo, hi), rows[lo:hi])


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, min_size=0, max_size=300), st.lists(VALUES, min_size=1, max_size=100), st.data())
def test_lines_equal_their_twin_while_they_grow(first, later, data):
    line, plain_values = LineSeries(np.array(first, np.float64)), list(first)
    start = data.draw(st.integers(0, len(first)))
    count = max(len(first), start + len(later)) + data.draw(st.integers(0, 20))
    line.update(start, np.array(later), count)
    plain_values += [math.nan] * (count - len(plain_values))
    plain_values[start : start + len(later)] = later
    np.testing.assert_array_equal(line.values(0, count), plain_values)
    lo = data.draw(st.integers(0, count - 1))
    hi = data.draw(st.integers(lo + 1, count))
    np.testing.assert_array_equal(
        line.extent(lo, hi), [plain("min", plain_values[lo:hi]), plain("max", plain_values[lo:hi])]
    )


@given(st.lists(st.integers(1, 5), min_size=1, max_size=200), st.integers(-100, 1200))
def test_index_and_time_are_inverse_over_holes(steps, at):
    rows = make(len(steps), 3)
    rows["ts"] = np.cumsum(steps) * MINUTE
    series = BarSeries(rows, MINUTE)
    for index in range(-3, len(steps) + 3):
        if index >= 0:
            assert series.index_at(series.ts_at(index)) == index
    ts = at * MINUTE
    if ts <= rows["ts"][-1]:
        assert series.index_at(ts) == int(np.searchsorted(rows["ts"], ts))
        assert series.index_at(ts, "right") == int(np.searchsorted(rows["ts"], ts, "right"))
    held = [i for i, t in enumerate(rows["ts"]) if t <= ts]
    assert series.bar_at(ts) == (held[-1] if held else 0)


def test_a_read_only_history_is_not_written():
    rows = make(500, 5)
    rows.flags.writeable = False
    series = BarSeries(rows, MINUTE)
    series.update(make(1, 6, 10))
    assert series.rows(10, 11)["close"][0] == make(1, 6, 10)["close"][0]
    assert rows["close"][10] == make(500, 5)["close"][10]
    assert series.extent(0, 500)[1] == pytest.approx(series.rows(0, 500)["high"].max())


def levels_of(rows: np.ndarray) -> list[np.ndarray]:
    """As the engine packs them into a file."""
    packed = np.empty((lv.LEVEL_ROWS, sum(lv.level_sizes(len(rows)))))
    for k, (op, name) in enumerate(zip(lv.BAR_OPS, lv.BAR_COLUMNS, strict=True)):
        lv.fill_levels(op, rows[name], packed[k])
    flags = lv.quality(rows["ts"], rows["volume"], MINUTE)
    for k, op in enumerate(lv.QUALITY_OPS):
        lv.fill_levels(op, flags[k], packed[len(lv.BAR_OPS) + k])
    lv.fill_levels("first", rows["ts"], packed[lv.TIME_ROW])
    packed.flags.writeable = False
    return lv.split_levels(packed, len(rows))


def check_mapped(series: BarSeries, rows: np.ndarray, lo: int, hi: int, size: int) -> None:
    """Buckets begin at the first mapped bar, wherever that stands by now."""
    first, columns = series.pyramid.buckets(lo, hi, size)
    origin = series.pyramid.origin
    assert first == (lo - origin) // size
    begins = [origin + b * size for b in range(first, first + len(columns[0]))]
    assert begins[-1] < hi <= begins[-1] + size
    np.testing.assert_allclose(series.pyramid.centres(first, len(begins), size), np.array(begins) + (size - 1) / 2)
    for op, name, got in zip(lv.BAR_OPS, lv.BAR_COLUMNS, columns, strict=True):
        want = [plain(op, rows[name][max(0, b) : b + size].tolist()) for b in begins]
        np.testing.assert_array_equal(got, want)
    low, high = series.extent(lo, hi)
    assert (low, high) == (rows["low"][lo:hi].min(), rows["high"][lo:hi].max())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_mapped_history_equals_its_twin_with_what_comes_before_and_behind(data):
    rows = make(data.draw(st.integers(65, 3000)), 1)
    rows["volume"][data.draw(st.integers(0, 60)) :: 17] = 0.0
    rows["ts"][data.draw(st.integers(1, 60)) :] += data.draw(st.integers(0, 50)) * MINUTE
    mapped = rows.copy()
    mapped.flags.writeable = False
    newer = make(data.draw(st.integers(0, 90)), 2, int(rows["ts"][-1]) // MINUTE + 1)
    series = BarSeries(mapped, MINUTE, newer, levels_of(rows))
    rows = np.concatenate((rows, newer))
    for step in range(data.draw(st.integers(0, 4))):
        kind = data.draw(st.sampled_from(["append", "revise", "prepend"]))
        if kind == "prepend":
            older = make(data.draw(st.integers(1, 200)), step + 10, int(rows["ts"][0]) // MINUTE - 200)
            assert series.prepend(older) == len(older)
            rows = np.concatenate((older, rows))
            continue
        if kind == "append":
            fresh = make(data.draw(st.integers(1, 90)), step + 20, int(rows["ts"][-1]) // MINUTE + 1)
            rows = np.concatenate((rows, fresh))
        else:
            at = data.draw(st.integers(0, len(rows) - 1))
            fresh = make(1, step + 30)
            fresh["ts"] = rows["ts"][at]
            rows[at] = fresh[0]
        series.update(fresh)
    assert len(series) == len(rows)
    lo = data.draw(st.integers(0, len(rows) - 1))
    hi = data.draw(st.integers(lo + 1, len(rows)))
    for size in (1, 3, 8, 24, 64, 320):
        check_mapped(series, rows, lo, hi, size)
    np.testing.assert_array_equal(series.rows(lo, hi), rows[lo:hi])
    moments = np.concatenate((rows["ts"][lo:hi], rows["ts"][lo:hi] + 1, rows["ts"][lo:hi] - 1))
    want = np.clip(np.searchsorted(rows["ts"], moments, "right") - 1, 0, len(rows) - 1)
    np.testing.assert_array_equal(series.bars_at(moments), want)
    for ts in moments[:: max(1, len(moments) // 40)].tolist():
        assert series.index_at(min(ts, int(rows["ts"][-1]))) == np.searchsorted(rows["ts"], min(ts, rows["ts"][-1]))
    holes = np.maximum(np.diff(rows["ts"], prepend=rows["ts"][0] - MINUTE) - MINUTE, 0)
    np.testing.assert_array_equal(series.quality_of(lo, hi), [holes[lo:hi], rows["volume"][lo:hi] == 0])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_mapped_line_equals_its_twin_with_what_comes_before_and_behind(data):
    rng = np.random.default_rng(4)
    values = np.where(rng.random(n := data.draw(st.integers(1, 1500))) < 0.2, np.nan, rng.normal(size=n))
    packed = np.empty(lv.line_room(n))
    lv.fill_line(values, packed)
    packed.flags.writeable = False
    line = LineSeries(*(lambda v, levels: (v, rng.normal(size=3), levels))(*lv.read_line(packed, n)))
    twin = np.concatenate((values, line.values(n, n + 3)))
    for _ in range(data.draw(st.integers(0, 4))):
        if data.draw(st.booleans()):
            older = rng.normal(size=data.draw(st.integers(1, 100)))
            line.prepend(older)
            twin = np.concatenate((older, twin))
        else:
            start = data.draw(st.integers(len(twin) - min(len(twin), 20), len(twin)))
            later = rng.normal(size=data.draw(st.integers(1, 30)))
            count = max(len(twin), start + len(later))
            line.update(start, later, count)
            twin = np.concatenate((twin, np.full(count - len(twin), np.nan)))
            twin[start : start + len(later)] = later
    lo = data.draw(st.integers(0, len(twin) - 1))
    hi = data.draw(st.integers(lo + 1, len(twin)))
    np.testing.assert_array_equal(line.values(lo, hi), twin[lo:hi])
    part = twin[lo:hi].tolist()
    np.testing.assert_array_equal(line.extent(lo, hi), [plain("min", part), plain("max", part)])


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(1, 30)), max_size=6), st.lists(st.integers(1, 6), min_size=2))
def test_closed_hours_are_no_holes(ranges, steps):
    closed = sessions.joined(np.array([(a, a + n) for a, n in ranges], np.int64).reshape(-1, 2), 0, 200)
    ts = np.cumsum(steps)
    volume = np.ones(len(ts))
    got = lv.quality(ts, volume, 1, closed)[0]
    shut = {t for a, b in closed.tolist() for t in range(a, b)}
    want = [0] + [sum(t not in shut for t in range(a + 1, b)) for a, b in zip(ts.tolist(), ts[1:].tolist())]
    np.testing.assert_array_equal(got, want)
