"""SQL over what the state keeps: streamed, filtered at the source, closed to everything else, bounded."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.errors import BadInput, Cancelled, PyroError
from engine.contracts.signals import Signal, SignalBatch
from engine.store import query as query_module
from engine.store import relations
from engine.store.lake import Lake
from engine.store.query import RELATIONS, sql
from engine.store.state import State
from engine.store.streamed import Streamed, wanted

SYMBOL = "binance-spot:BTCUSDT"
OTHER = "binance-spot:ETHUSDT"
MINUTE, DAY = 60_000, 86_400_000
START = 1_704_067_200_000


def result(trades: int = 3, symbol: str = SYMBOL, sharpe: float = 1.25) -> BacktestResult:
    rows = np.zeros(trades, TRADE_DTYPE)
    rows["entry_ts"] = START + np.arange(trades) * MINUTE
    rows["exit_ts"] = rows["entry_ts"] + MINUTE
    rows["side"] = np.where(np.arange(trades) % 2 == 0, 1, -1)
    rows["reason"] = np.arange(trades) % 3
    rows["pnl"], rows["r"] = np.arange(trades) - 1.0, math.nan
    return BacktestResult(
        spec=BacktestSpec(strategy="rsi_cross", symbol=symbol, timeframe="1h", params={"n": 14.0}),
        strategy_text="long when cross", bars=10, first_ms=START, last_ms=START + 2 * DAY,
        metrics={"sharpe": sharpe, "sortino": math.nan, "trades": float(trades), "sharpe@vnpy": 0.5},
        convention="365 days", trade_hash="0123456789abcdef", data_fingerprint="f" * 32, code_version="0.1.0",
        assumptions=["fee 0.1 %"], seconds=0.5, trades=rows.tobytes(), equity_ts=b"", equity=b"", drawdown=b"",
        daily_ts=np.array([START + DAY, START + 2 * DAY]).tobytes(), daily=np.array([100.0, 120.0, 90.0]).tobytes(),
        daily_benchmark=np.array([100.0, 101.0, 102.0]).tobytes(), span_days=2.0,
        trade_values=np.full(trades, 50.0).tobytes(),
    )  # fmt: skip


@pytest.fixture
def stores(tmp_path):
    lake, state = Lake(tmp_path / "lake"), State(tmp_path / "state.db")
    yield lake, state
    state.close()


@pytest.fixture
def kept(stores):
    stores[1].save_run(result(), "one", START)
    stores[1].save_run(result(5, OTHER, 2.0), "two", START + 1000)
    return stores


def signals(count: int, symbol: str = SYMBOL, first: int = 0) -> SignalBatch:
    made = [
        Signal(
            strategy="s", version="v", params="", symbol=symbol, timeframe="1m", bar_ts=START + (first + i) * MINUTE,
            side="long", action="entry", kind="confirmed", price=float(i), event_ms=1, received_ns=2, emitted_ns=3,
        )
        for i in range(count)
    ]  # fmt: skip
    return SignalBatch.of(made)


def test_empty_stores_have_empty_relations(stores):
    for name in RELATIONS:
        assert sql(*stores, f"SELECT count(*) FROM {name}").rows == [[0]]


def test_runs_and_what_they_are_made_of(kept):
    found = sql(*kept, "SELECT job, strategy, symbol, created, params, direction, trade_hash FROM runs ORDER BY job")
    assert found.rows[0] == [
        "one", "rsi_cross", SYMBOL, "2024-01-01T00:00:00Z", '{"n":14.0}', "both", "0123456789abcdef",
    ]  # fmt: skip
    assert found.rows[1][2:4] == [OTHER, "2024-01-01T00:00:01Z"]
    assert sql(*kept, "SELECT CAST(json_extract(metrics, '$.sharpe') AS DOUBLE) FROM runs ORDER BY 1").rows == [
        [1.25],
        [2.0],
    ]


def test_trades_of_kept_runs(kept):
    found = sql(
        *kept, "SELECT number, side, reason, entry_time, pnl, value, r FROM trades WHERE job = 'one' ORDER BY number"
    )
    assert found.rows == [
        [1, "long", "signal", "2024-01-01T00:00:00Z", -1.0, 50.0, None],
        [2, "short", "stop", "2024-01-01T00:01:00Z", 0.0, 50.0, None],
        [3, "long", "target", "2024-01-01T00:02:00Z", 1.0, 50.0, None],
    ]
    grouped = "SELECT symbol, count(*) AS n, sum(pnl) AS p FROM trades GROUP BY symbol ORDER BY n"
    assert sql(*kept, grouped).rows == [[SYMBOL, 3, 0.0], [OTHER, 5, 5.0]]


def test_metrics_by_name_and_convention(kept):
    found = sql(*kept, "SELECT job, value FROM metrics WHERE name = 'sharpe' AND convention = 'pyroquant' ORDER BY job")
    assert found.rows == [["one", 1.25], ["two", 2.0]]
    assert sql(*kept, "SELECT DISTINCT value, unit FROM metrics WHERE convention = 'vnpy'").rows == [[0.5, "ratio"]]
    assert sql(*kept, "SELECT DISTINCT value FROM metrics WHERE name = 'sortino'").rows == [[None]]


def test_equity_by_day(kept):
    found = sql(*kept, "SELECT time, equity, round(drawdown, 6), benchmark FROM equity WHERE job = 'two' ORDER BY ts")
    assert found.rows == [
        ["2024-01-01T00:00:00Z", 100.0, 0.0, 100.0],
        ["2024-01-02T00:00:00Z", 120.0, 0.0, 101.0],
        ["2024-01-03T00:00:00Z", 90.0, 0.25, 102.0],
    ]


def test_relations_can_be_joined_with_each_other_and_with_themselves(kept):
    joined = (
        "SELECT count(*) FROM trades a JOIN trades b USING (job, number) JOIN runs USING (job) "
        "JOIN metrics m ON m.job = a.job AND m.name = 'trades'"
    )
    assert sql(*kept, joined).rows == [[8]]


def test_a_run_kept_without_daily_curve_has_the_one_that_was_drawn(stores):
    old = msgspec.structs.replace(
        result(), daily_ts=b"", daily=b"", daily_benchmark=b"", trade_values=b"",
        equity_ts=np.array([START, START + 1]).tobytes(), equity=np.array([5.0, 4.0]).tobytes(),
    )  # fmt: skip
    stores[1].save_run(old, "old", 1)
    assert sql(*stores, "SELECT equity, drawdown, benchmark FROM equity ORDER BY ts").rows == [
        [5.0, 0.0, None],
        [4.0, pytest.approx(0.2), None],
    ]


# streaming and filters


class Watched:
    """A state that tells how many signals it was asked to give, and for which symbol and bars."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.kept_runs = state.kept_runs
        self.asked: list[tuple[int, str, int, int]] = []
        self.given: list[int] = []

    def scan_signals(self, *asked):
        self.asked.append(asked)
        found = self.state.scan_signals(*asked)
        self.given.append(len(found[0]))
        return found


@pytest.fixture
def journal(stores, monkeypatch):
    monkeypatch.setattr("engine.store.journal._SCANNED", 100)
    lake, state = stores
    for k in range(20):
        state.append_signals(signals(50, first=50 * k))
        state.append_signals(signals(50, OTHER, first=50 * k))
    return lake, Watched(state)


def test_signals_come_in_pieces_and_no_further_than_needed(journal):
    lake, watched = journal
    assert sql(lake, watched, "SELECT count(*), min(seq), max(seq) FROM signals").rows == [[2000, 1, 2000]]
    assert max(watched.given) <= 150
    assert len(watched.given) > 10
    watched.given.clear()
    assert len(sql(lake, watched, "SELECT * FROM signals LIMIT 3").rows) == 3
    assert sum(watched.given) < 2000


def test_simple_filters_reach_the_journal(journal):
    lake, watched = journal
    where = f"symbol = '{OTHER}' AND bar_ts >= {START + 100 * MINUTE} AND bar_ts < {START + 110 * MINUTE}"
    assert sql(lake, watched, f"SELECT count(*), sum(price) FROM signals WHERE {where}").rows == [[10, 45.0]]
    assert sum(watched.given) == 10, "nothing else was made"
    assert {a[1:] for a in watched.asked} == {(OTHER, START + 100 * MINUTE, START + 110 * MINUTE - 1)}
    watched.given.clear()
    assert sql(lake, watched, "SELECT count(*) FROM signals WHERE seq > 1990").rows == [[10]]
    assert sum(watched.given) <= 150


def test_other_filters_are_still_right(journal):
    lake, watched = journal
    where = f"symbol = '{OTHER}' OR bar_ts < {START + MINUTE}"
    assert sql(lake, watched, f"SELECT count(*) FROM signals WHERE {where}").rows == [[1001]]
    assert sql(lake, watched, f"SELECT count(*) FROM signals WHERE symbol IN ('{SYMBOL}', 'x')").rows == [[1000]]
    assert sql(lake, watched, "SELECT count(*) FROM signals WHERE symbol = 'a and b'").rows == [[0]]
    assert sql(lake, watched, f"SELECT count(*) FROM signals WHERE NOT symbol = '{SYMBOL}'").rows == [[1000]]


def test_only_the_run_asked_for_is_read(kept, monkeypatch):
    lake, state = kept
    read: list[str] = []
    find = state.kept_runs.find
    monkeypatch.setattr(state.kept_runs, "find", lambda name: read.append(name) or find(name))
    assert sql(lake, state, "SELECT count(*) FROM trades WHERE job = 'two'").rows == [[5]]
    assert read == ["two"]


COLUMNS = pa.schema([("s", pa.string()), ("t", pa.string()), ("a", pa.int64()), ("b", pa.int64())])
words = st.sampled_from(["x", "y", "a and b", "or", "is_in", "(", "b >= 3", ""])
compares = st.one_of(
    st.builds(lambda c, v: pc.field(c) == v, st.sampled_from("st"), words),
    st.builds(lambda c, v: pc.field(c) != v, st.sampled_from("st"), words),
    st.builds(
        lambda c, o, v: getattr(pc.field(c), o)(v),
        st.sampled_from("ab"), st.sampled_from(["__eq__", "__ge__", "__le__", "__gt__", "__lt__", "__ne__"]),
        st.integers(-3, 6),
    ),
    st.builds(lambda c: pc.field(c).is_valid(), st.sampled_from("stab")),
    st.builds(lambda c, v: pc.field(c).isin([v]), st.sampled_from("st"), words),
)  # fmt: skip
expressions = st.recursive(
    compares,
    lambda inner: st.one_of(
        st.builds(lambda p, q: p & q, inner, inner), st.builds(lambda p, q: p | q, inner, inner),
        st.builds(lambda p: ~p, inner),
    ),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    expressions,
    st.lists(st.tuples(words, words, st.integers(-4, 7), st.integers(-4, 7)), max_size=12),
)
def test_what_is_read_off_a_filter_never_leaves_out_a_row_that_it_keeps(expression, rows):
    table = pa.Table.from_pylist([dict(zip("stab", row, strict=True)) for row in rows], schema=COLUMNS)
    asked = wanted(expression)
    for row in table.filter(expression).to_pylist():
        assert all(row[name] == value for name, value in asked.equal.items())
        assert all(row[name] >= value for name, value in asked.least.items())
        assert all(row[name] <= value for name, value in asked.most.items())


def test_a_plain_conjunction_is_read_off():
    both = (pc.field("s") == "a or b") & (pc.field("a") > 3) & (pc.field("a") <= 9) & pc.field("b").is_valid()
    assert wanted(both) == ({"s": "a or b"}, {"a": 4}, {"a": 9})
    assert wanted(None) == ({}, {}, {})


def test_a_relation_is_read_anew_each_time():
    calls = []

    def source(asked):
        calls.append(asked)
        yield pa.record_batch([["x"], ["y"], [1], [2]], schema=COLUMNS)

    relation = Streamed(COLUMNS, source)
    for _ in range(2):
        assert relation.scanner(columns=["a", "s"]).to_reader().read_all().to_pylist() == [{"a": 1, "s": "x"}]
    assert relation.scanner(filter=pc.field("b") > 2).to_reader().read_all().num_rows == 0
    assert len(calls) == 3


# bounds


def test_time_is_bounded_while_a_relation_is_made(kept, monkeypatch):
    lake, state = kept

    def endless(state, asked, check):
        while True:
            check()
            yield pa.RecordBatch.from_pylist([], schema=relations.SIGNALS)

    monkeypatch.setattr(relations, "_signals", endless)
    with pytest.raises(PyroError, match=r"stopped after 0\.3 s"):
        sql(lake, state, "SELECT count(*) FROM signals", timeout_s=0.3)


def test_memory_is_bounded(kept):
    with pytest.raises(PyroError, match=r"more than 1GB of memory|larger than"):
        sql(*kept, "SELECT list(a.range) FROM range(200000000) a", timeout_s=60)


def test_the_size_of_an_answer_is_bounded(kept, monkeypatch):
    monkeypatch.setattr(query_module, "ANSWER_BYTES", 1_000_000)
    with pytest.raises(PyroError, match="The answer is larger than 1 MB"):
        sql(*kept, "SELECT repeat('x', 1000) FROM range(5000)")
    assert len(sql(*kept, "SELECT repeat('x', 100) FROM range(5000)").rows) == 5000


def test_rows_are_bounded_whatever_is_asked(kept):
    assert len(sql(*kept, "SELECT 1 FROM range(10)", limit=0).rows) == 1
    assert sql(*kept, "SELECT 1 FROM range(10)", limit=-5).truncated


# mistakes


MISTAKES = [
    ("SELECT nope FROM runs", 1, 8, "SELECT nope FROM runs"),
    ("SELECT job,\n  nope\nFROM runs", 2, 3, "  nope"),
    ("SELECT 'ä€', nope FROM runs", 1, 14, "SELECT 'ä€', nope FROM runs"),
    ("SELECT * FROM rums", 1, 15, "SELECT * FROM rums"),
    ("SELEC 1", 1, 1, "SELEC 1"),
    ("SELECT 1 +", 1, 11, "SELECT 1 +"),
    ("SELECT foo(1)", 1, 8, "SELECT foo(1)"),
    ("SELECT\tnope FROM runs", 1, 8, "SELECT nope FROM runs"),
]


@pytest.mark.parametrize(("query", "line", "column", "shown"), MISTAKES)
def test_a_mistake_is_told_with_line_column_and_a_caret(kept, query, line, column, shown):
    with pytest.raises(BadInput) as caught:
        sql(*kept, query)
    if " +" in query:
        assert caught.value.where.startswith("query")
        return
    assert caught.value.where == f"query, line {line}, column {column}"
    _, told, caret = caught.value.what.split("\n")
    assert told == f"  {shown}"
    assert caret.index("^") == column + 1


def test_the_caret_of_a_long_line_is_at_its_place(kept):
    query = "SELECT " + "1 AS one, " * 60 + "nope FROM runs"
    with pytest.raises(BadInput) as caught:
        sql(*kept, query)
    _, told, caret = caught.value.what.split("\n")
    assert told[caret.index("^") :].startswith("nope")
    assert len(told) < 110


def test_a_conversion_that_fails_at_run_time_is_one_sentence(kept):
    with pytest.raises(BadInput, match="Could not convert string"):
        sql(*kept, "SELECT CAST(job AS INTEGER) FROM runs")


HOSTILE = [
    "COPY runs TO '{inside}'",
    "COPY (SELECT 1) TO '{inside}' (FORMAT parquet)",
    "COPY runs FROM '{secret}'",
    "INSERT INTO runs VALUES (1)",
    "UPDATE runs SET job = 'x'",
    "DELETE FROM runs",
    "TRUNCATE runs",
    "ALTER TABLE runs RENAME TO x",
    "CREATE VIEW v AS SELECT 1",
    "CREATE MACRO m() AS 1",
    "CREATE SECRET s (TYPE s3)",
    "CREATE TEMP TABLE t AS SELECT 1",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "DEALLOCATE p",
    "BEGIN",
    "CHECKPOINT",
    "VACUUM",
    "USE memory",
    "DETACH memory",
    "ATTACH ':memory:' AS other",
    "SET VARIABLE x = 1",
    "SET memory_limit = '100GB'",
    "SET lock_configuration = false",
    "PRAGMA enable_profiling",
    "PRAGMA disable_object_cache",
    "FORCE INSTALL httpfs",
    "UPDATE EXTENSIONS",
    "SELECT 1;-- \n SET threads = 1",
    "/* SELECT 1 */ COPY (SELECT 1) TO '{inside}'",
    "SELECT * FROM read_parquet('{secret}')",
    "SELECT * FROM parquet_scan(['{secret}'])",
    "SELECT * FROM read_json('{secret}')",
    "SELECT * FROM read_json_objects('{secret}')",
    "SELECT * FROM read_ndjson('{secret}')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_blob('{secret}')",
    "SELECT * FROM parquet_schema('{secret}')",
    "SELECT * FROM parquet_kv_metadata('{secret}')",
    "SELECT * FROM '/etc/hostname.csv'",
    "SELECT * FROM '/dev/stdin'",
    "SELECT * FROM glob('{lake}/../../*')",
    "SELECT * FROM glob('~/*')",
    "SELECT * FROM query('COPY (SELECT 1) TO ''{inside}''')",
    "SELECT * FROM query('SET threads = 1')",
    "SELECT * FROM read_csv('http://127.0.0.1:1/x')",
    "SELECT * FROM read_text('s3://bucket/x')",
    "SELECT * FROM sqlite_scan('{state}', 'runs')",
    "SELECT * FROM postgres_scan('', '', '')",
    "SELECT * FROM duckdb_logs_parsed('x')",
    "SELECT json_execute_serialized_sql('{{}}')",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "SELECT * FROM pandas_scan(140000000)",
    "SELECT * FROM ARROW_SCAN_DUMB(1, 2, 3)",
    "SELECT * FROM python_map_function(1)",
    "SELECT getenv('PATH')",
    "SELECT * FROM hostile_local",
    "WITH x AS (INSERT INTO runs VALUES (1) RETURNING *) SELECT * FROM x",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_queries_are_refused_and_leave_nothing(kept, tmp_path, query):
    secret, inside = tmp_path / "secret.csv", kept[0].root / "written.csv"
    secret.write_text("a,b\n1,2\n")
    before = {p: p.stat().st_size for p in tmp_path.rglob("*") if "state.db" not in p.name}
    hostile_local = np.arange(3)  # DuckDB looks for tables among its caller's variables unless told not to
    with pytest.raises(BadInput):
        sql(
            *kept,
            query.format(secret=secret, inside=inside, lake=kept[0].root, state=tmp_path / "state.db"),
            timeout_s=20,
        )
    assert hostile_local.size == 3
    assert {p: p.stat().st_size for p in tmp_path.rglob("*") if "state.db" not in p.name} == before
    assert sql(*kept, "SELECT count(*) FROM runs").rows == [[2]]


TELLING = [
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_databases()",
    "SELECT * FROM pragma_database_list()",
    "SELECT current_setting('allowed_directories')",
]


@pytest.mark.parametrize("query", TELLING)
def test_what_a_query_may_see_of_the_database_itself_is_harmless(kept, tmp_path, query):
    try:
        found = sql(*kept, query)
    except BadInput:
        return
    assert str(tmp_path / "state.db") not in str(found.rows)


@pytest.mark.parametrize("after", [0, 3])
def test_a_query_is_stopped_when_somebody_says_so(stores, after):
    asked = []

    def stopped():
        asked.append(1)
        return len(asked) > after

    with pytest.raises(Cancelled, match="stopped"):
        sql(
            *stores,
            "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b",
            timeout_s=60,
            stopped=stopped,
        )
    assert len(asked) > after
    assert sql(*stores, "SELECT 1 AS one").rows == [[1]]
