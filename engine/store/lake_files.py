"""The lake's files: names, footers, and how one comes into being without ever being seen half written.

Layout: market=<id>/timeframe=<tf>/symbol=<percent-encoded>/year=<yyyy>/part-<first>-<last>.parquet, first and last
being open times of bars in ms UTC. Parts are zstd Parquet sorted by ts with statistics and page checksums. The footer
carries the schema version, a generation (the higher one wins where parts overlap) and the names of what it replaces.
"""

from __future__ import annotations

import contextlib
import os
import re
import urllib.parse
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.contracts.dtypes import CANDLE_DTYPE, PRICE_COLUMNS
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.markets import split_symbol, symbol_id
from engine.contracts.timeframes import STORED_MS, stored_ms
from engine.store.bars import COLUMNS
from engine.store.files import publish

SCHEMA_VERSION = 1
#: rows of a row group: small enough that a short range decodes little, big enough to compress well.
ROW_GROUP = 1 << 17
_PART = re.compile(r"part-(\d{1,15})-(\d{1,15})\.parquet")
_SCHEMA = pa.schema([("ts", pa.int64())] + [(name, pa.float64()) for name in PRICE_COLUMNS])
_ZSTD_LEVEL = 3


class Part(msgspec.Struct, frozen=True):
    """One file of a series. first/last: open times of its bars, ms."""

    first: int
    last: int
    path: Path


class Footer(msgspec.Struct, frozen=True):
    """What a part says of itself. replaces: names in the same folder that this part made obsolete."""

    rows: int
    generation: int
    replaces: tuple[str, ...]


class NewerPart(PyroError):
    """A part that a later version wrote: refused, and never moved or replaced."""


def encode_name(name: str) -> str:
    """A symbol's name as one folder name; lower and upper case, dots and slashes survive on every file system."""
    quoted = urllib.parse.quote(name, safe="")
    return quoted.replace(".", "%2E") if quoted.strip(".") == "" else quoted


def series_folder(root: Path, symbol: str, timeframe: str) -> Path:
    """Folder of a series; BadInput for an unknown market or timeframe."""
    market, name = split_symbol(symbol)
    stored_ms(timeframe)
    if not market:
        raise BadInput(f'"{symbol}" names no market.', fix="Write MARKET:NAME, as binance-spot:BTCUSDT.")
    return root / f"market={market}" / f"timeframe={timeframe}" / f"symbol={encode_name(name)}"


def all_series(root: Path) -> list[tuple[str, str, Path]]:
    """(symbol, timeframe, folder) of every series folder, sorted; foreign folders are passed over."""
    found = []
    for market, market_dir in _keyed(root, "market"):
        for timeframe, timeframe_dir in _keyed(market_dir, "timeframe"):
            if timeframe in STORED_MS:
                for name, folder in _keyed(timeframe_dir, "symbol"):
                    found.append((symbol_id(market, urllib.parse.unquote(name)), timeframe, folder))
    return sorted(found)


def year_folders(series: Path) -> list[tuple[int, Path]]:
    """(year, folder), oldest first."""
    return sorted((int(year), folder) for year, folder in _keyed(series, "year") if year.isdigit())


def parts_in(folder: Path) -> list[Part]:
    """The parts of one year's folder by first bar; anything that is not named like a part is passed over."""
    parts = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if match := _PART.fullmatch(entry.name):
                    parts.append(Part(int(match[1]), int(match[2]), Path(entry.path)))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(parts, key=lambda p: (p.first, p.last))


def parts_of(series: Path, from_ms: int | None = None, to_ms: int | None = None) -> list[Part]:
    """Parts that may hold bars with from_ms <= ts < to_ms, oldest first."""
    parts = [part for _, folder in year_folders(series) for part in parts_in(folder)]
    return [p for p in parts if (from_ms is None or p.last >= from_ms) and (to_ms is None or p.first < to_ms)]


def is_part(name: str) -> bool:
    """Whether a file is named like a part."""
    return _PART.fullmatch(name) is not None


def part_span(name: str) -> tuple[int, int]:
    """(first, last) open time of a part by its name."""
    match = _PART.fullmatch(name)
    assert match is not None
    return int(match[1]), int(match[2])


def series_name(folder: str) -> tuple[str, str] | None:
    """(symbol, timeframe) of the folder market=.../timeframe=.../symbol=... below the lake; None for another."""
    keys = dict(part.split("=", 1) for part in folder.split("/") if "=" in part)
    if set(keys) != {"market", "timeframe", "symbol"} or keys["timeframe"] not in STORED_MS:
        return None
    return symbol_id(keys["market"], urllib.parse.unquote(keys["symbol"])), keys["timeframe"]


def aside_range(path: Path) -> Part | None:
    """The range that the name of a part moved aside says it held; None for another file."""
    match = _PART.fullmatch(path.name.removesuffix(".corrupt"))
    return Part(int(match[1]), int(match[2]), path) if match else None


def clusters(parts: Iterable[Part]) -> list[list[Part]]:
    """Parts in order, those that overlap in time together. More than one in a cluster is the trace of a kill."""
    groups: list[list[Part]] = []
    end = -1
    for part in parts:
        if groups and part.first <= end:
            groups[-1].append(part)
        else:
            groups.append([part])
        end = max(end, part.last)
    return groups


def read_footer(path: Path) -> Footer:
    """Footer of a part. PyroError names the file when it is damaged, foreign or of a newer version."""
    try:
        meta = pq.read_metadata(path)
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, error) from error
    names = [meta.schema.column(i).name for i in range(meta.num_columns)]
    if missing := [name for name in COLUMNS if name not in names]:
        raise damaged(path, f"it has no column {missing[0]}")
    extra = meta.metadata or {}
    version = int(extra.get(b"pyroquant.schema", b"1"))
    if version > SCHEMA_VERSION:
        raise NewerPart(
            f"This part of the lake was written by a newer version (schema {version}, known {SCHEMA_VERSION}).",
            where=str(path),
            fix="Update PyroQuant; the file was left as it is.",
        )
    replaces = tuple(extra.get(b"pyroquant.replaces", b"").decode().split())
    return Footer(meta.num_rows, int(extra.get(b"pyroquant.generation", b"0")), replaces)


def write_part(folder: Path, candles: np.ndarray, generation: int, replaces: Iterable[str] = ()) -> Path:
    """Write sorted CANDLE_DTYPE bars as one new part of `folder`, durable and complete before it has its name."""
    name = f"part-{candles['ts'][0]}-{candles['ts'][-1]}.parquet"
    metadata = {
        "pyroquant.schema": str(SCHEMA_VERSION),
        "pyroquant.generation": str(generation),
        "pyroquant.replaces": " ".join(r for r in replaces if r != name),
    }
    table = pa.table([np.ascontiguousarray(candles[c]) for c in COLUMNS], schema=_SCHEMA.with_metadata(metadata))
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        compression_level=_ZSTD_LEVEL,
        row_group_size=ROW_GROUP,
        use_dictionary=False,
        write_statistics=True,
        write_page_checksum=True,
        sorting_columns=[pq.SortingColumn(0)],
    )
    return publish(folder / name, memoryview(sink.getvalue()))


def read_verified(path: Path) -> np.ndarray:
    """All bars of a part with every page's checksum checked; PyroError names the file."""
    try:
        table = pq.read_table(path, columns=list(COLUMNS), page_checksum_verification=True, partitioning=None)
        out = np.empty(table.num_rows, CANDLE_DTYPE)
        for column in COLUMNS:
            out[column] = table.column(column).to_numpy()
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise damaged(path, error) from error
    return out


def damaged(path: Path, reason: object) -> PyroError:
    """The one sentence about a part that cannot be used."""
    text = " ".join(str(reason).split())
    return PyroError(
        f"This part of the lake is damaged ({text[:160].rstrip('.')}).",
        where=str(path),
        fix="The other parts are readable. Repair the lake (pyroquant data repair) to move the file aside as "
        f"{path.name}.corrupt, then download its range again.",
    )


def _keyed(folder: Path, key: str) -> list[tuple[str, Path]]:
    prefix = f"{key}="
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        return [(e.name[len(prefix) :], Path(e.path)) for e in entries if e.name.startswith(prefix) and e.is_dir()]
    return []
