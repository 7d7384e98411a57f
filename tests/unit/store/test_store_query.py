"""SQL reads candles, signals and runs, and nothing else; and the memory-mapped cache."""

from __future__ import annotations

import numpy as np
import pytest

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.signals import Signal, SignalBatch
from engine.store.cachefile import mapped
from engine.store.chart_bars import chart_bars
from engine.store.lake import Lake
from engine.store.query import sql
from engine.store.recent import flush_to_lake
from engine.store.state import State

SYMBOL = "binance-spot:BTCUSDT"
MINUTE = 60_000
START = 1_704_067_200_000


def bars(count: int, first: int = 0) -> np.ndarray:
    out = np.ones(count, CANDLE_DTYPE)
    out["ts"] = START + (first + np.arange(count)) * MINUTE
    out["close"] = first + np.arange(count)
    return out


@pytest.fixture
def stores(tmp_path):
    # A quote in the folder's name must not end the literal in which DuckDB is given it.
    lake, state = Lake(tmp_path / "it's the lake"), State(tmp_path / "state.db")
    yield lake, state
    state.close()


@pytest.fixture
def filled(stores):
    lake, state = stores
    lake.write(SYMBOL, "1m", bars(100))
    lake.write("binance-futures:币安USDT", "1m", bars(10))
    signal = Signal(
        strategy="s",
        version="v",
        params="",
        symbol=SYMBOL,
        timeframe="1m",
        bar_ts=START,
        side="long",
        action="entry",
        kind="confirmed",
        price=1.5,
        event_ms=1,
        received_ns=2,
        emitted_ns=3,
    )
    state.append_signals(SignalBatch.of([signal]))
    return stores


def test_an_empty_lake_has_an_empty_table(stores):
    assert sql(*stores, "SELECT count(*) AS n FROM candles").rows == [[0]]
    assert sql(stores[0], None, "SELECT * FROM candles").columns[:3] == ["symbol", "market", "name"]


def test_candles_signals_and_runs(filled):
    found = sql(*filled, "SELECT symbol, count(*) AS n, max(time) AS t FROM candles GROUP BY symbol ORDER BY n")
    assert found.columns == ["symbol", "n", "t"]
    assert found.rows == [
        ["binance-futures:币安USDT", 10, "2024-01-01T00:09:00Z"],
        [SYMBOL, 100, "2024-01-01T01:39:00Z"],
    ]
    joined = "SELECT s.price, c.close, s.late FROM signals s JOIN candles c ON c.symbol = s.symbol AND c.ts = s.bar_ts"
    assert sql(*filled, joined).rows == [[1.5, 0.0, False]]
    assert sql(*filled, "SELECT count(*) FROM runs").rows == [[0]]
    assert found.seconds > 0


def test_rows_are_bounded(filled):
    found = sql(*filled, "SELECT ts FROM candles ORDER BY ts DESC", limit=5)
    assert len(found.rows) == 5
    assert found.truncated
    assert found.rows[0] == [START + 99 * MINUTE]
    assert not sql(*filled, "SELECT ts FROM candles", limit=110).truncated
    assert len(sql(*filled, "SELECT * FROM range(100000000000)", limit=3).rows) == 3


def test_time_is_bounded(filled):
    endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE (a.range * b.range) % 7 = 3"
    with pytest.raises(PyroError, match=r"stopped after 0\.2 s"):
        sql(*filled, endless, timeout_s=0.2)


def test_values_become_json(filled):
    query = (
        "SELECT 1::HUGEINT << 100, 1.5::DECIMAL(4, 2), DATE '2024-01-02', 'nan'::DOUBLE, {'a': [1, NULL]}, 'x'::BLOB"
    )
    assert sql(*filled, query).rows == [[str(1 << 100), 1.5, "2024-01-02", None, {"a": [1, None]}, "78"]]


ESCAPES = [
    "ATTACH '{secret}' AS x",
    "COPY (SELECT 1) TO '{inside}'",
    "COPY (SELECT 1) TO '{secret}'",
    "EXPORT DATABASE '{inside}'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{inside}'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "PRAGMA database_list",
    "SET enable_external_access = true",
    "RESET enable_external_access",
    "CALL enable_logging(storage = 'file', storage_path = '{inside}')",
    "SELECT * FROM enable_logging(storage = 'file', storage_path = '{inside}')",
    "CREATE TABLE t AS SELECT 1",
    "DROP VIEW candles",
    "SELECT 1; COPY (SELECT 1) TO '{inside}'",
    "SELECT 1; SELECT 2",
    "SELECT * FROM '{secret}'",
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM read_text('{lake}/../secret.csv')",
    "SELECT * FROM glob('{lake}/../*')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM query('SELECT * FROM read_text(''{secret}'')')",
    "SELECT * FROM sniff_csv('{secret}')",
    "SELECT * FROM parquet_metadata('{secret}')",
    "SELECT * FROM 'https://127.0.0.1:1/x.parquet'",
    "SELECT * FROM query_table('{secret}')",
    "SELECT getenv('HOME')",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM local_array",
    "",
]


@pytest.mark.parametrize("query", ESCAPES)
def test_no_way_out(filled, tmp_path, query):
    secret, inside = tmp_path / "secret.csv", filled[0].root / "written.csv"
    secret.write_text("a,b\n1,2\n")
    before = sorted(tmp_path.rglob("*"))
    local_array = np.arange(3)  # DuckDB looks for tables among its caller's variables unless told not to
    with pytest.raises(BadInput):
        sql(*filled, query.format(secret=secret, inside=inside, lake=filled[0].root))
    assert local_array.size == 3
    assert [p for p in sorted(tmp_path.rglob("*")) if "state.db" not in p.name] == [
        p for p in before if "state.db" not in p.name
    ]


def test_mistakes_are_told_with_their_place(filled):
    with pytest.raises(BadInput, match="nope") as caught:
        sql(*filled, "SELECT ts,\n       nope\nFROM candles")
    assert caught.value.where == "query, line 2, column 8"
    with pytest.raises(BadInput, match="syntax error"):
        sql(*filled, "SELEC 1")


def test_a_damaged_part_is_named(filled):
    part = next(filled[0].root.rglob("part-*.parquet"))
    part.write_bytes(b"nothing of use")
    with pytest.raises(PyroError, match="cannot be read") as caught:
        sql(*filled, "SELECT sum(close) FROM candles")
    assert part.name in str(caught.value)


def test_chart_bars_come_from_lake_and_state(filled):
    lake, state = filled
    state.save_candles(SYMBOL, "1m", bars(20, 95))
    found, more = chart_bars(state, lake, SYMBOL, "1m", 30)
    assert (found["close"].tolist(), more) == (list(range(85, 115)), True)
    found, more = chart_bars(state, lake, SYMBOL, "1m", 30, before_ms=START + 10 * MINUTE)
    assert (found["close"].tolist(), more) == (list(range(10)), False)
    found, more = chart_bars(state, lake, SYMBOL, "1m", 5, from_ms=START + 97 * MINUTE)
    assert (found["close"].tolist(), more) == (list(range(97, 102)), True)


def test_the_cache_follows_the_lake(filled, tmp_path):
    lake, state = filled
    folder = tmp_path / "cache"
    first = mapped(lake, folder, SYMBOL, "1m")
    assert isinstance(first, np.memmap)
    assert first.tolist() == bars(100).tolist()
    assert not first.flags.writeable
    again = mapped(lake, folder, SYMBOL, "1m")
    assert len(list(folder.glob("*.npy"))) == 1
    state.save_candles(SYMBOL, "1m", bars(5, 100))
    flush_to_lake(state, lake, SYMBOL)
    longer = mapped(lake, folder, SYMBOL, "1m")
    assert (longer.size, first.size, again.size) == (105, 100, 100)
    assert mapped(lake, folder, "binance-futures:币安USDT", "1m").size == 10
    assert len(list(folder.glob("*.npy"))) == 2
    assert mapped(lake, folder, "binance-spot:NONE", "1m").size == 0


def test_a_broken_cache_file_is_made_anew(filled, tmp_path):
    mapped(filled[0], tmp_path / "cache", SYMBOL, "1m")
    path = next((tmp_path / "cache").glob("*.npy"))
    path.write_bytes(b"\x93NUMPY broken")
    assert mapped(filled[0], tmp_path / "cache", SYMBOL, "1m").size == 100
