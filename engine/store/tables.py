"""The tables of the state database, for SQLite and PostgreSQL alike. A change needs a new SCHEMA_VERSION."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
)

#: 1: a row a signal; 2: a row a batch of signals; 3: walk-forwards, their queue, the ledger of trials, promotions,
#: parts of runs
SCHEMA_VERSION = 3

metadata = MetaData()
_ID = BigInteger().with_variant(Integer, "sqlite")

#: one row: the version of these tables.
schema_info = Table("schema_info", metadata, Column("version", Integer, primary_key=True, autoincrement=False))

#: final bars that are not in the lake yet. revised: times that the venue restated the bar with other figures.
recent_candles = Table(
    "recent_candles",
    metadata,
    Column("symbol", Text, primary_key=True),
    Column("timeframe", Text, primary_key=True),
    Column("ts", BigInteger, primary_key=True, autoincrement=False),
    Column("open", Float(53), nullable=False),
    Column("high", Float(53), nullable=False),
    Column("low", Float(53), nullable=False),
    Column("close", Float(53), nullable=False),
    Column("volume", Float(53), nullable=False),
    Column("revised", SmallInteger, nullable=False, default=0),
    sqlite_with_rowid=False,
)

#: what the numbers in the journal stand for. what: 0 strategy (id, version and parameters as JSON), 1 symbol,
#: 2 timeframe.
signal_names = Table(
    "signal_names",
    metadata,
    Column("what", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
)

#: the journal: one row a batch, with the range of its sequence numbers, of its bars' open and close times, and when the
#: last of it was emitted. pruned: only its confirmed signals are left. directory and data: see signal_codec.
signal_batches = Table(
    "signal_batches",
    metadata,
    Column("first_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("signals", Integer, nullable=False),
    Column("min_ts", BigInteger, nullable=False),
    Column("max_ts", BigInteger, nullable=False),
    Column("min_close", BigInteger, nullable=False),
    Column("max_close", BigInteger, nullable=False),
    Column("emitted_ms", BigInteger, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("pruned", Boolean, nullable=False),
    Column("directory", LargeBinary, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("signal_batches_by_bar", "max_ts"),
    Index("signal_batches_by_close", "max_close"),
)

#: bars that were restated: signals on them up to this sequence number are marked when they are read.
signal_revisions = Table(
    "signal_revisions",
    metadata,
    Column("bar_ts", BigInteger, primary_key=True, autoincrement=False),
    Column("symbol", Integer, primary_key=True, autoincrement=False),
    Column("timeframe", Integer, primary_key=True, autoincrement=False),
    Column("upto_seq", BigInteger, nullable=False),
)

#: finished back-tests. spec, metrics (null = not defined) and assumptions are JSON.
runs = Table(
    "runs",
    metadata,
    Column("job", Text, primary_key=True),
    Column("created_ms", BigInteger, nullable=False, index=True),
    Column("spec", Text, nullable=False),
    Column("strategy_text", Text, nullable=False),
    Column("bars", BigInteger, nullable=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("metrics", Text, nullable=False),
    Column("convention", Text, nullable=False),
    Column("trade_hash", Text, nullable=False),
    Column("data_fingerprint", Text, nullable=False),
    Column("code_version", Text, nullable=False),
    Column("assumptions", Text, nullable=False),
    Column("seconds", Float(53), nullable=False),
    Column("trades", LargeBinary, nullable=False),
    Column("equity_ts", LargeBinary, nullable=False),
    Column("equity", LargeBinary, nullable=False),
    Column("drawdown", LargeBinary, nullable=False),
    Column("benchmark", LargeBinary, nullable=False),
)

#: what a result has beyond the columns of runs. data: msgpack of field -> value.
run_parts = Table(
    "run_parts", metadata, Column("job", Text, primary_key=True), Column("data", LargeBinary, nullable=False)
)

#: small facts that outlive the process, as JSON: banned-until, ever live, anchors of lanes.
facts = Table("facts", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

#: half-open ranges of open times that the venue was asked for and had no bars in.
empty_ranges = Table(
    "empty_ranges",
    metadata,
    Column("symbol", Text, primary_key=True),
    Column("timeframe", Text, primary_key=True),
    Column("from_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("to_ms", BigInteger, nullable=False),
)

#: walk-forwards, finished or under way. result: msgpack of WalkForwardResult (of what there is).
walkforwards = Table(
    "walkforwards",
    metadata,
    Column("job", Text, primary_key=True),
    Column("created_ms", BigInteger, nullable=False, index=True),
    Column("symbol", Text, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("result", LargeBinary, nullable=False),
)

#: one strategy of a walk-forward. summary: JSON of WalkSummary; data: msgpack of WalkResult.
walks = Table(
    "walks",
    metadata,
    Column("job", Text, primary_key=True),
    Column("strategy", Text, primary_key=True),
    Column("summary", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

#: every parameter set ever tried. One row a (symbol, timeframe, strategy version, range of bars): keys: <u8, a hash of
#: each set; sharpes: <f8, its Sharpe ratio by trading day over the whole range, nan = never traded.
trials = Table(
    "trials",
    metadata,
    Column("symbol", Text, primary_key=True),
    Column("timeframe", Text, primary_key=True),
    Column("strategy", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("from_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("to_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("keys", LargeBinary, nullable=False),
    Column("sharpes", LargeBinary, nullable=False),
    Column("correlation", Float(53), nullable=True),
)

#: walk-forwards asked for and not finished, in order; they go on after a restart. state: waiting, running, failed.
walk_queue = Table(
    "walk_queue",
    metadata,
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("job", Text, nullable=False, unique=True),
    Column("spec", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("error", Text, nullable=False),
)

#: parameter sets made live. until_ms 0: active. params and provenance: JSON.
promotions = Table(
    "promotions",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("strategy", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("timeframe", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("job", Text, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("note", Text, nullable=False),
)
