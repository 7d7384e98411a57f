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

#: 1: a row a signal; 2: a row a batch of signals
SCHEMA_VERSION = 2

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
