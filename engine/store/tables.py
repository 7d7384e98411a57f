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

SCHEMA_VERSION = 1

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

#: the journal. digest: see journal.digest; uniqueness costs 16 bytes a row instead of nine columns.
signals = Table(
    "signals",
    metadata,
    Column("seq", _ID, primary_key=True, autoincrement=True),
    Column("digest", LargeBinary(16), nullable=False, unique=True),
    Column("strategy", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("timeframe", Text, nullable=False),
    Column("bar_ts", BigInteger, nullable=False),
    Column("side", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("price", Float(53), nullable=False),
    Column("event_ms", BigInteger, nullable=False),
    Column("received_ns", BigInteger, nullable=False),
    Column("emitted_ns", BigInteger, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("settling", Boolean, nullable=False),
    Column("revised", Boolean, nullable=False),
    Index("signals_by_bar", "symbol", "bar_ts"),
    sqlite_autoincrement=True,
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
