"""Opening the state database: checked before anything is changed, real transactions, clear errors."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url

from engine.contracts.errors import BadInput, PyroError
from engine.store import tables
from engine.store.migrate import migrate

#: pages of 4 KiB that the write-ahead log may reach before a commit must move it into the database itself (64 MiB).
#: `State.checkpoint` does that in idle moments, so that no signal waits for it.
_WAL_PAGES = 16_384
_MOVE = "Move the file aside to let PyroQuant begin a new one; it was left as it is."


def as_url(where: str | Path) -> URL:
    """URL of a database; anything without '://' is the path of an SQLite file."""
    text = str(where)
    return make_url(text) if "://" in text else URL.create("sqlite", database=text)


def open_engine(where: str | Path, *, readonly: bool, timeout_s: float) -> Engine:
    """An engine on a database of this schema, made where there is none yet. PyroError when it cannot be used as is.

    SQLite runs with a write-ahead log and synchronous=NORMAL: a commit survives every end of the process, kill -9
    included, and never waits for the disk; a power cut may take the last commits but leaves the file sound.
    """
    url = _known_url(where)
    sqlite = url.get_backend_name() == "sqlite"
    file = Path(url.database) if sqlite and url.database and url.database != ":memory:" else None
    if file is not None:
        _prepare_file(file, readonly)
    arguments: dict[str, Any] = {"timeout": timeout_s} if sqlite else {}
    try:
        engine = sa.create_engine(url, connect_args=arguments)
    except ModuleNotFoundError as error:
        raise PyroError(
            f"The driver of this database is not installed ({error.name}).",
            where=url.render_as_string(),
            fix="Install it, or leave out the setting to use SQLite.",
        ) from error
    if sqlite:
        sa.event.listen(engine, "connect", _on_connect(readonly))
        sa.event.listen(engine, "begin", _on_begin)
    try:
        with clear_errors(engine):
            _check_schema(engine, readonly, sqlite)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextlib.contextmanager
def transaction(engine: Engine, *, write: bool) -> Iterator[Connection]:
    """One transaction: all of it or nothing. A writing one takes the write lock at once, so it cannot fail half-way."""
    with clear_errors(engine), engine.connect() as plain:
        connection = plain.execution_options(pyro_write=write)
        with connection.begin():
            yield connection


@contextlib.contextmanager
def clear_errors(engine: Engine) -> Iterator[None]:
    """Turn the database's errors into one clear sentence with the place and a way out."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _explained(engine, str(error.orig)) from error
    except sqlite3.Error as error:
        raise _explained(engine, str(error)) from error


def _known_url(where: str | Path) -> URL:
    with contextlib.suppress(sa.exc.ArgumentError, sa.exc.NoSuchModuleError):
        url = as_url(where)
        if url.get_backend_name() in ("sqlite", "postgresql"):
            url.get_dialect()
            return url
    raise BadInput(
        "This is not the URL of a database that can hold the state.",
        where=str(where).rpartition("@")[2],
        fix="Give the path of a file, or postgresql+psycopg://user:password@host/name.",
    )


def _prepare_file(file: Path, readonly: bool) -> None:
    if readonly and not file.exists():
        raise PyroError("There is no state database here.", where=str(file), fix="Start the engine once to make it.")
    if file.is_dir():
        raise PyroError("The state database must be a file, but this is a folder.", where=str(file), fix="Name a file.")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PyroError(
            f"The folder of the state database cannot be made: {error.strerror}.",
            where=str(file.parent),
            fix="Choose another data folder with --data.",
        ) from error


def _on_connect(readonly: bool) -> Any:
    def configure(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling starts one late and only for writes; `_on_begin` does it instead.
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint={_WAL_PAGES}")
        if readonly:
            connection.execute("PRAGMA query_only=ON")

    return configure


def _on_begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("pyro_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _check_schema(engine: Engine, readonly: bool, sqlite: bool) -> None:
    where = str(engine.url.database)
    with engine.connect() as connection:
        known = set(sa.inspect(connection).get_table_names())
        version = None
        if tables.schema_info.name in known:
            version = connection.execute(sa.select(sa.func.max(tables.schema_info.c.version))).scalar()
    if version is not None and version > tables.SCHEMA_VERSION:
        raise PyroError(
            f"This state database was written by a newer version (schema {version}, known {tables.SCHEMA_VERSION}).",
            where=where,
            fix="Update PyroQuant, or choose another data folder with --data; the file was left as it is.",
        )
    if version is None and known - {tables.schema_info.name} and not known <= set(tables.metadata.tables):
        raise PyroError("This database belongs to another program.", where=where, fix="Name another file.")
    if readonly or version is not None:
        if version is None:
            raise PyroError("This state database is empty.", where=where, fix="Start the engine once to fill it.")
        if version < tables.SCHEMA_VERSION:
            _bring_up(engine, readonly, where)
        return
    if sqlite:
        with engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            connection.rollback()
            raw.execute("PRAGMA journal_mode=WAL")
    with transaction(engine, write=True) as connection:
        tables.metadata.create_all(connection)
        # Another process may have made the tables while this one waited for the lock.
        if connection.execute(sa.select(tables.schema_info.c.version)).first() is None:
            connection.execute(tables.schema_info.insert().values(version=tables.SCHEMA_VERSION))


def _bring_up(engine: Engine, readonly: bool, where: str) -> None:
    if readonly:
        raise PyroError(
            "This state database is of an older version.", where=where, fix="Start the engine once to bring it up."
        )
    with transaction(engine, write=True) as connection:
        # another process may have done it while this one waited for the lock
        version = connection.execute(sa.select(sa.func.max(tables.schema_info.c.version))).scalar_one()
        if version < tables.SCHEMA_VERSION:
            migrate(connection, version)


def _explained(engine: Engine, text: str) -> PyroError:
    where = str(engine.url.database or engine.url.host or "")
    low = text.lower()
    if "locked" in low or "busy" in low:
        return PyroError(
            "Another program is writing to the state database and did not finish in time; nothing was changed.",
            where=where,
            fix="Close the other PyroQuant (or the tool that has the file open) and try again.",
        )
    if "not a database" in low or "malformed" in low:
        return PyroError(f"The state database is damaged ({text}).", where=where, fix=_MOVE)
    if "readonly" in low or "read-only" in low:
        return PyroError(
            "The state database may not be written to; nothing was changed.",
            where=where,
            fix="Give yourself write permission on the file and its folder, or choose another one with --data.",
        )
    if "full" in low:
        return PyroError(
            "There is no room left for the state database; nothing was changed.",
            where=where,
            fix="Free some space on this disk and try again.",
        )
    if "unable to open" in low:
        return PyroError("The state database cannot be opened.", where=where, fix="Check the path and its permissions.")
    return PyroError(f"The state database refused: {text}.", where=where, fix="Nothing was changed.")
