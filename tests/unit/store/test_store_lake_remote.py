"""A lake behind a URL is the same lake: two hosts with mirrors of their own see what the other wrote."""

from __future__ import annotations

import uuid
from pathlib import Path

import fsspec
import numpy as np
import polars as pl
import pytest

from engine.contracts.data import QUOTE_COLUMNS
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, PyroError
from engine.store.bars import wide_dtype
from engine.store.lake import Lake
from engine.store.lake_remote import RemoteLake, open_lake
from engine.store.query import sql

SYMBOL, MINUTE, START = "binance-spot:BTCUSDT", 60_000, 1_704_052_800_000  # 2023-12-31T20:00Z


@pytest.fixture(params=["memory", "file"])
def url(request, tmp_path) -> str:
    return f"memory://{uuid.uuid4().hex}/lake" if request.param == "memory" else (tmp_path / "far" / "lake").as_uri()


def bars(first: int, count: int, price: float = 1.0) -> np.ndarray:
    out = np.full(count, price, CANDLE_DTYPE)
    out["ts"] = START + (first + np.arange(count)) * MINUTE
    return out


def fresh(lake: Lake) -> Lake:
    """What a listing some seconds ago said is forgotten."""
    assert isinstance(lake, RemoteLake)
    lake._synced.clear()
    return lake


def test_two_hosts_write_and_read_in_turn(url, tmp_path):
    a, b = (open_lake(url, tmp_path / name) for name in "ab")
    assert a.names() == b.list() == []
    assert a.coverage(SYMBOL, "1m") is None
    assert a.write(SYMBOL, "1m", bars(0, 500)) == 500
    assert np.array_equal(b.read(SYMBOL, "1m"), bars(0, 500)), "over the new year: two folders"
    assert b.write(SYMBOL, "1m", bars(100, 100, 2.0)) == 100
    want = bars(0, 500)
    want[100:200] = bars(100, 100, 2.0)
    assert np.array_equal(fresh(a).read(SYMBOL, "1m"), want)
    for i in range(5):
        a.write(SYMBOL, "1m", bars(500 + 10 * i, 10))
    assert a.compact(SYMBOL, "1m") > 0
    assert fresh(b).read(SYMBOL, "1m").size == 550
    stored = b.list()
    assert [(s.symbol, s.timeframe, s.bars, s.files) for s in stored] == [(SYMBOL, "1m", 550, 2)]
    assert stored == [fresh(a).coverage(SYMBOL, "1m")]
    assert fresh(a).fingerprint(SYMBOL, "1m") != ""
    assert a.check(SYMBOL, "1m") == b.check(SYMBOL, "1m") == []
    a.delete(SYMBOL, "1m")
    assert fresh(b).read(SYMBOL, "1m").size == 0
    assert b.names() == []


def test_the_mirror_may_be_lost_and_polars_reads_the_url(url, tmp_path):
    first = open_lake(url, tmp_path / "a")
    first.write(SYMBOL, "1m", bars(0, 300))
    assert np.array_equal(open_lake(url, tmp_path / "new").read(SYMBOL, "1m", last=7), bars(293, 7))
    assert sql(open_lake(url, tmp_path / "sql"), None, "select count(*) from candles").rows == [[300]]
    fs, base = fsspec.core.url_to_fs(url)
    parts = [p for p in fs.find(base) if p.endswith(".parquet")]
    assert sum(pl.read_parquet(fs.cat_file(p)).height for p in parts) == 300
    assert not [p for p in fs.find(base) if "writing" in p]


def test_quotes_lie_beside_it(url, tmp_path):
    wide = np.zeros(50, wide_dtype(QUOTE_COLUMNS))
    for name in CANDLE_DTYPE.names:
        wide[name] = bars(0, 50)[name]
    for name in QUOTE_COLUMNS:
        wide[name] = 1.5
    a, b = (open_lake(url, tmp_path / name) for name in "ab")
    a.write(SYMBOL, "1m", wide)
    assert np.array_equal(b.read_wide(SYMBOL, "1m"), wide)
    assert b.names() == [(SYMBOL, "1m")]


def test_a_kill_between_mirror_and_remote_is_made_good(url, tmp_path):
    a = open_lake(url, tmp_path / "a")
    a.write(SYMBOL, "1m", bars(0, 100))
    Lake(a.root).write(SYMBOL, "1m", bars(50, 100, 3.0))  # as if it ended before the upload
    assert a.write(SYMBOL, "1m", bars(150, 10)) == 10
    found = open_lake(url, tmp_path / "b").read(SYMBOL, "1m")
    assert found["close"].tolist() == [1.0] * 50 + [3.0] * 100 + [1.0] * 10


def test_what_cannot_be_opened_says_why(tmp_path):
    assert type(open_lake(tmp_path / "x", tmp_path)) is Lake
    assert open_lake(str(tmp_path / "x"), tmp_path).root == tmp_path / "x"
    with pytest.raises(BadInput, match="no URL of a lake"):
        open_lake("nothing://bucket/lake", tmp_path)
    with pytest.raises(PyroError, match="driver of this storage is not installed"):
        open_lake("s3://bucket/lake", tmp_path)
    blocked = tmp_path / "file"
    blocked.write_text("")
    lake = open_lake(Path(blocked).as_uri() + "/lake", tmp_path / "m")
    with pytest.raises(PyroError, match="cannot be reached"):
        lake.write(SYMBOL, "1m", bars(0, 3))
