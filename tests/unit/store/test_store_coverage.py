"""The map of the lake by month equals counting and is remembered until a file changes; a look at a file says enough."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput
from engine.store.coverage import by_month, coverage
from engine.store.lake import Lake
from engine.store.peek import peek

HOUR = 3_600_000
SPOT, FOREX = "binance-spot:BTCUSDT", "oanda-forex:EUR_USD"
START = int(dt.datetime(2023, 11, 20, tzinfo=dt.UTC).timestamp() * 1000)


def month_of(ms: int) -> int:
    moment = dt.datetime.fromtimestamp(ms / 1000, dt.UTC)
    return (moment.year - 1970) * 12 + moment.month - 1


def candles(ts: np.ndarray) -> np.ndarray:
    out = np.ones(len(ts), CANDLE_DTYPE)
    out["ts"] = ts
    return out


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=24, max_size=2400))
def test_months_count_what_is_there_and_what_is_not(there):
    ts = START + np.flatnonzero(there) * HOUR
    first, bars, missing = by_month(SPOT, "1h", ts)
    if not ts.size:
        assert (len(bars), len(missing)) == (0, 0)
        return
    assert first == month_of(int(ts[0]))
    slow_bars: dict[int, int] = {}
    slow_missing: dict[int, int] = {}
    have = set(ts.tolist())
    for at in range(int(ts[0]), int(ts[-1]) + 1, HOUR):
        found = slow_bars if at in have else slow_missing
        found[month_of(at)] = found.get(month_of(at), 0) + 1
    months = range(first, month_of(int(ts[-1])) + 1)
    assert bars.tolist() == [slow_bars.get(m, 0) for m in months]
    assert missing.tolist() == [slow_missing.get(m, 0) for m in months]


def test_what_the_source_does_not_have_and_closed_hours_are_not_missed():
    ts = START + np.r_[0:10, 20:30] * HOUR
    assert by_month(SPOT, "1h", ts)[2].sum() == 10
    assert by_month(SPOT, "1h", ts, [(START + 10 * HOUR, START + 18 * HOUR)])[2].sum() == 2
    week = START + np.arange(24 * 14) * HOUR
    weekday = ((week // 86_400_000 + 3) % 7) < 4
    assert by_month(FOREX, "1h", week[weekday])[2].sum() < (~weekday).sum() / 2


def test_the_map_is_remembered_until_the_files_change(tmp_path, monkeypatch):
    lake, cache = Lake(tmp_path / "lake"), tmp_path / "cache" / "coverage.msgpack"
    lake.write(SPOT, "1h", candles(START + np.arange(100) * HOUR))
    lake.write(FOREX, "1h", candles(START + np.arange(5) * HOUR))
    first = coverage(lake, cache, lambda _s, _t: [])
    assert [(s.symbol, s.total) for s in first] == [(SPOT, 100), (FOREX, 5)]
    assert sum(s.size for s in first) == sum(f.stat().st_size for f in (tmp_path / "lake").rglob("*.parquet"))
    reads = []
    real = Lake.read_columns
    monkeypatch.setattr(Lake, "read_columns", lambda self, *a, **k: (reads.append(a[0]), real(self, *a, **k))[1])
    assert coverage(Lake(tmp_path / "lake"), cache, lambda _s, _t: []) == first
    assert not reads
    lake.write(FOREX, "1h", candles(START + np.arange(5, 9) * HOUR))
    assert [s.total for s in coverage(lake, cache, lambda _s, _t: [])] == [100, 9]
    assert reads == [FOREX]
    cache.write_bytes(b"garbage")
    assert [s.total for s in coverage(lake, cache, lambda _s, _t: [])] == [100, 9]


def test_a_damaged_file_is_counted_and_the_rest_is_shown(tmp_path):
    lake = Lake(tmp_path / "lake")
    lake.write(SPOT, "1h", candles(START + np.arange(24 * 60) * HOUR))
    parts = sorted((tmp_path / "lake").rglob("*.parquet"))
    assert len(parts) == 2
    parts[0].write_bytes(parts[0].read_bytes()[:-200])
    found = coverage(Lake(tmp_path / "lake"), tmp_path / "c", lambda _s, _t: [])[0]
    assert found.damaged == 1
    assert 0 < found.total < 24 * 60


def test_a_look_tells_columns_roles_and_what_is_missing(tmp_path):
    plain = tmp_path / "binance-spot" / "BTCUSDT-1h.csv"
    plain.parent.mkdir()
    plain.write_text("time,open,high,low,close,volume\n2024-01-01T00:00:00Z,1,2,0.5,1.5,10\n")
    found = peek(plain)
    assert found.roles == {
        "time": "time",
        "open": "open",
        "high": "high",
        "low": "low",
        "close": "close",
        "volume": "volume",
    }
    assert (found.problem, found.symbol, found.timeframe) == ("", SPOT, "1h")
    odd = tmp_path / "odd.csv"
    odd.write_text("when,o1,h1,l1,c1\n2024-01-01,1,2,0.5,1\n")
    found = peek(odd)
    assert found.columns == ["when", "o1", "h1", "l1", "c1"]
    assert found.rows[0][1:3] == ["1", "2"]
    assert "no column for time" in found.problem
    assert peek(tmp_path).files == 2
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(BadInput, match="no table"):
        peek(empty)
