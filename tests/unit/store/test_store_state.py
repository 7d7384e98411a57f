"""The state database: the journal's promises, revisions, runs, facts, and databases that must not be touched."""

from __future__ import annotations

import math
import sqlite3

import msgspec
import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.dtypes import CANDLE_DTYPE, TRADE_DTYPE
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.signals import Signal, SignalBatch
from engine.store import tables
from engine.store.state import SeriesBars, State

SYMBOL = "binance-spot:BTCUSDT"
MINUTE = 60_000
START = 1_704_067_200_000


def make(number: int, **changes) -> Signal:
    base = Signal(
        strategy="rsi_cross",
        version="abc",
        params="n=14",
        symbol=SYMBOL,
        timeframe="1m",
        bar_ts=START + number * MINUTE,
        side="long",
        action="entry",
        kind="confirmed",
        price=42.5,
        event_ms=1,
        received_ns=2,
        emitted_ns=3,
        late=True,
    )
    return msgspec.structs.replace(base, **changes)


def put(state: State, signals: list[Signal]) -> list[Signal]:
    return state.append_signals(SignalBatch.of(signals)).signals()


def bars(count: int, value: float = 1.0, first: int = 0) -> np.ndarray:
    out = np.full(count, value, CANDLE_DTYPE)
    out["ts"] = START + (first + np.arange(count)) * MINUTE
    return out


@pytest.fixture
def state(tmp_path):
    state = State(tmp_path / "state.db")
    yield state
    state.close()


def test_signals_come_back_as_written_with_seq_in_order(state):
    given = [make(i) for i in range(1200)]
    written = put(state, given)
    assert [s.seq for s in written] == list(range(1, 1201))
    assert [msgspec.structs.replace(s, seq=0) for s in written] == given
    assert state.signals(limit=3) == written[-3:]
    assert state.signals(after=100, limit=5) == written[100:105]
    assert state.signals(after=1200) == []
    assert state.signals(limit=0) == []
    assert state.signals_between(SYMBOL, "1m", START + 5 * MINUTE, START + 7 * MINUTE).signals() == written[5:7]


def test_a_signal_is_never_written_twice(state):
    first = put(state, [make(0), make(1), make(0)])
    assert [s.seq for s in first] == [1, 2]
    again = put(state, [make(1, price=9.0), make(2), make(0), make(2)])
    assert [(s.bar_ts, s.seq) for s in again] == [(START + 2 * MINUTE, 3)]
    assert put(state, [make(1)]) == []
    assert put(state, []) == []
    assert [s.price for s in state.signals()] == [42.5] * 3


@pytest.mark.parametrize(
    ("field", "value"),
    [("strategy", "other"), ("version", "other"), ("params", "n=15"), ("symbol", "binance-spot:X"), ("timeframe", "3m"),
     ("side", "short"), ("action", "exit"), ("kind", "provisional"), ("bar_ts", START + 60 * MINUTE)],
)  # fmt: skip
def test_every_field_of_the_key_makes_another_signal(state, field, value):
    put(state, [make(0)])
    other = make(0, **{field: value})
    assert len(put(state, [other])) == 1
    assert put(state, [other, make(0)]) == []


def test_fields_do_not_run_together_in_the_key(state):
    assert len(put(state, [make(0, strategy="ab", version="c"), make(0, strategy="a", version="bc")])) == 2


def test_a_bar_between_two_minutes_is_refused_and_the_journal_goes_on(state):
    with pytest.raises(BadInput, match="whole minute"):
        put(state, [make(0), make(1, bar_ts=START + 1)])
    assert [s.seq for s in put(state, [make(0)])] == [1]


def test_signals_of_one_symbol(state):
    put(state, [make(i, symbol=f"binance-spot:S{i % 3}") for i in range(9)])
    assert [s.seq for s in state.signals(symbol="binance-spot:S1")] == [2, 5, 8]
    assert [s.seq for s in state.signals(symbol="binance-spot:S1", after=2, limit=1)] == [5]


def test_a_restated_minute_marks_the_signals_of_all_bars_that_hold_it(state):
    put(state, [make(0, timeframe="1h"), make(0), make(7), make(60, timeframe="1h"), make(5, timeframe="5m")])
    marked = state.mark_revised(SYMBOL, START + 7 * MINUTE).signals()
    assert [(s.timeframe, s.seq, s.revised) for s in marked] == [("1h", 1, True), ("1m", 3, True), ("5m", 5, True)]
    assert [s.revised for s in state.signals()] == [True, False, True, False, True]
    assert not len(state.mark_revised(SYMBOL, START + 7 * MINUTE))


def test_bars_and_their_signals_are_one_transaction(state):
    wrong = make(1, bar_ts=START + 1)  # refused after the bars are in
    with pytest.raises(BadInput):
        state.commit([SeriesBars(SYMBOL, "1m", bars(3))], SignalBatch.of([make(0), wrong]))
    assert state.candles(SYMBOL, "1m").size == 0
    assert state.signals() == []
    assert len(state.commit([SeriesBars(SYMBOL, "1m", bars(3))], SignalBatch.of([make(0)]))) == 1
    assert state.candles(SYMBOL, "1m").tolist() == bars(3).tolist()


def test_candles_are_upserted_and_revisions_counted(state, tmp_path):
    state.save_candles(SYMBOL, "1m", bars(5))
    state.save_candles(SYMBOL, "1m", bars(5))
    state.save_candles(SYMBOL, "1m", bars(2, 2.0, 3))
    state.save_candles("binance-spot:ETHUSDT", "5m", bars(1))
    assert state.candles(SYMBOL, "1m")["close"].tolist() == [1, 1, 1, 2, 2]
    assert state.candles(SYMBOL, "1m", last=2).tolist() == bars(2, 2.0, 3).tolist()
    assert state.candles(SYMBOL, "1m", from_ms=START + MINUTE, to_ms=START + 3 * MINUTE).size == 2
    assert state.last_final() == {(SYMBOL, "1m"): START + 4 * MINUTE, ("binance-spot:ETHUSDT", "5m"): START}
    assert state.last_final(symbol=SYMBOL, timeframe="5m") == {}
    assert state.recent_counts() == {(SYMBOL, "1m"): 5, ("binance-spot:ETHUSDT", "5m"): 1}
    with sqlite3.connect(tmp_path / "state.db") as raw:
        assert [r[0] for r in raw.execute("SELECT revised FROM recent_candles WHERE timeframe='1m'")] == [0, 0, 0, 1, 1]
    raw.close()


def test_a_bar_restated_since_it_was_read_is_not_dropped(state):
    state.save_candles(SYMBOL, "1m", bars(3))
    seen = state.candles(SYMBOL, "1m")
    state.save_candles(SYMBOL, "1m", bars(1, 2.0, 1))
    assert state.drop_candles(SYMBOL, "1m", seen) == 2
    assert state.candles(SYMBOL, "1m").tolist() == bars(1, 2.0, 1).tolist()


def result(**changes) -> BacktestResult:
    values = {
        "spec": BacktestSpec(strategy="rsi_cross", symbol=SYMBOL, timeframe="1h", params={"n": 14.0}),
        "strategy_text": "long when cross",
        "bars": 10,
        "first_ms": START,
        "last_ms": START + 1,
        "metrics": {"sharpe": 1.25, "sortino": math.nan, "profit_factor": math.inf, "worst": -math.inf},
        "convention": "365 days",
        "trade_hash": "0123456789abcdef",
        "data_fingerprint": "fedcba9876543210",
        "code_version": "0.1.0",
        "assumptions": ["fee 0.1 %"],
        "seconds": 0.5,
        "trades": b"\x00\x01\xff",
        "equity_ts": b"1",
        "equity": b"2",
        "drawdown": b"3",
    }
    return BacktestResult(**values | changes)


def test_trades_kept_before_they_had_an_r_are_read(state):
    old = np.zeros(2, [field for field in TRADE_DTYPE.descr if field[0] != "r"])
    old["pnl"] = (1.5, -2.0)
    state.save_run(result(trades=old.tobytes(), metrics={"trades": 2.0}), "old", 1)
    found = np.frombuffer(state.run("old").trades, TRADE_DTYPE)
    assert found["pnl"].tolist() == [1.5, -2.0]
    assert np.isnan(found["r"]).all()
    state.save_run(result(trades=found.tobytes(), metrics={"trades": 2.0}), "new", 1)
    assert state.run("new").trades == found.tobytes()


def test_runs_come_back_as_stored(state):
    state.save_run(result(), "job-1", 1000)
    state.save_run(result(trade_hash="b" * 16), "job-2", 2000)
    found = state.run("job-1")
    assert math.isnan(found.metrics["sortino"])
    assert msgspec.structs.replace(found, metrics={}) == msgspec.structs.replace(result(), metrics={})
    assert {k: v for k, v in found.metrics.items() if k != "sortino"} == {
        "sharpe": 1.25,
        "profit_factor": math.inf,
        "worst": -math.inf,
    }
    assert [(r.job, r.created_ms, r.trade_hash) for r in state.runs()] == [
        ("job-2", 2000, "b" * 16),
        ("job-1", 1000, "0123456789abcdef"),
    ]
    assert state.runs(limit=1)[0].spec == result().spec
    state.save_run(result(trade_hash="c" * 16), "job-1", 3000)
    assert [r.job for r in state.runs()] == ["job-1", "job-2"]
    with pytest.raises(BadInput, match='Did you mean "job-1"'):
        state.run("job1")


def test_facts_and_empty_ranges(state):
    assert state.get("ever live", default=False) is False
    state.put("ever live", value=True)
    state.put("anchor", value={"a": [1, 2.5, None]})
    state.put("anchor", value={"a": [1, 2.5, "x"]})
    assert state.get("ever live") is True
    assert state.get("anchor") == {"a": [1, 2.5, "x"]}
    for low, high in ((0, 10), (20, 30), (10, 15), (40, 50), (28, 41)):
        state.mark_empty(SYMBOL, "1m", low, high)
    state.mark_empty("binance-spot:X", "1m", 0, 100)
    assert state.empty_ranges(SYMBOL, "1m") == [(0, 15), (20, 50)]


def test_everything_is_there_after_reopening_and_for_a_reader(tmp_path, state):
    written = put(state, [make(i) for i in range(5)])
    reader = State(tmp_path / "state.db", readonly=True)
    assert reader.signals() == written
    put(state, [make(9)])
    assert len(reader.signals()) == 6
    with pytest.raises(PyroError, match="may not be written"):
        reader.put("x", value=1)
    reader.close()
    state.checkpoint()
    state.close()
    again = State(tmp_path / "state.db")
    assert [s.seq for s in put(again, [make(10)])] == [7]
    again.close()


def test_a_database_of_a_newer_version_is_left_alone(tmp_path, state):
    state.put("x", value=1)
    state.close()
    with sqlite3.connect(tmp_path / "state.db") as raw:
        raw.execute("UPDATE schema_info SET version = 99")
    raw.close()
    data = (tmp_path / "state.db").read_bytes()
    with pytest.raises(PyroError, match="newer version") as caught:
        State(tmp_path / "state.db")
    assert "Update PyroQuant" in caught.value.fix
    assert (tmp_path / "state.db").read_bytes() == data


@pytest.mark.parametrize(
    "content", [b"this is no database, but long enough to be looked at " * 50, b"SQLite format 3\0" * 300]
)
def test_a_damaged_database_is_left_alone(tmp_path, content):
    path = tmp_path / "state.db"
    path.write_bytes(content)
    with pytest.raises(PyroError, match="damaged") as caught:
        State(path)
    assert caught.value.where == str(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE recipes (name)")
    raw.close()
    data = path.read_bytes()
    with pytest.raises(PyroError, match="another program"):
        State(path)
    assert path.read_bytes() == data


def test_a_locked_database_says_so_and_keeps_what_it_has(tmp_path, state):
    state.put("x", value=1)
    state.close()
    holder = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    other = State(tmp_path / "state.db", timeout_s=0.05)
    with pytest.raises(PyroError, match="Another program is writing"):
        put(other, [make(0)])
    holder.execute("ROLLBACK")
    holder.close()
    assert len(put(other, [make(0)])) == 1
    assert other.get("x") == 1
    other.close()


def test_a_new_database_that_another_holds(tmp_path):
    holder = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(PyroError, match="Another program is writing"):
        State(tmp_path / "state.db", timeout_s=0.05)
    holder.execute("ROLLBACK")
    holder.close()
    both = [State(tmp_path / "state.db"), State(tmp_path / "state.db")]
    assert [len(put(s, [make(i)])) for i, s in enumerate(both)] == [1, 1]
    for one in both:
        one.close()


def test_paths_that_cannot_be_a_database(tmp_path):
    with pytest.raises(PyroError, match="folder"):
        State(tmp_path)
    with pytest.raises(PyroError, match="no state database"):
        State(tmp_path / "missing.db", readonly=True)
    (tmp_path / "file").write_text("x")
    for url in ("mysql://someone:secret@host/name", "://", "postgresql+nothing://x"):
        with pytest.raises(PyroError) as caught:
            State(url)
        assert "secret" not in str(caught.value)
    with pytest.raises(PyroError, match="cannot be made"):
        State(tmp_path / "file" / "state.db")
    deep = State(tmp_path / "new" / "folder" / "state.db")
    deep.close()
    assert (tmp_path / "new" / "folder" / "state.db").exists()


def test_every_table_and_upsert_is_also_postgresql():
    dialect = postgresql.dialect()
    for table in tables.metadata.sorted_tables:
        assert "CREATE TABLE" in str(sa.schema.CreateTable(table).compile(dialect=dialect))
