"""A person's own files into the lake: recognised, checked as a whole, then written; or refused with the place.

Known are the exchange's kline files (with or without header, zipped or not; seconds to nanoseconds), MetaTrader,
HistData and TradingView exports, and any CSV, Parquet or Feather file with columns for time, open, high, low, close and
volume. Columns bid_open .. ask_close are kept beside them.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from engine.contracts.data import QUOTE_COLUMNS
from engine.contracts.errors import BadInput, Cancelled
from engine.contracts.markets import split_symbol
from engine.contracts.timeframes import MINUTE_MS, STORED_MS, grid_ms, stored_ms
from engine.store.bars import by_year, newest_wins, wide_dtype
from engine.store.import_columns import Roles, Source, find_quotes, find_roles, floats, times
from engine.store.import_text import read_text
from engine.store.lake import Lake

Progress = Callable[[float], None]

_DAY_MS = 1440 * MINUTE_MS


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """What the person says of a file. columns: role (time, clock, open, high, low, close, volume) -> column of the
    file, by name, or by number from 1 where it has no header. zone: of times that name none. delimiter: '' = found
    out. volume_column: 'auto', a name, or None to import without volume (0 in every bar)."""

    columns: dict[str, str] = {}
    zone: str = "UTC"
    delimiter: str = ""
    volume_column: str | None = "auto"


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """rows: of the file. bars: what they came to. written: of these, new or changed in the lake. gaps: places where
    bars are missing. notes: one sentence for everything that was assumed or done. quotes: columns of bid and ask that
    were kept."""

    symbol: str
    timeframe: str
    rows: int
    bars: int
    written: int
    first_ms: int
    last_ms: int
    gaps: int
    notes: list[str]
    quotes: list[str] = []


def import_file(
    path: Path,
    lake: Lake,
    symbol: str,
    timeframe: str = "1m",
    *,
    volume_column: str | None = "auto",
    zone: str = "UTC",
    layout: Layout | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ImportReport:
    """Import one file as MARKET:NAME. Progress in 0..1. BadInput with file and line, and then nothing was written.

    timeframe '' = as far apart as the bars are. layout: what is said of the file; volume_column and zone are short for
    it. Cancelled between years keeps those that were written.
    """
    told = progress or (lambda _: None)
    said = layout or Layout(zone=zone, volume_column=volume_column)
    split_symbol(symbol)
    step = stored_ms(timeframe) if timeframe else 0
    source = read_table(Path(path), said)
    told(0.3)
    bars, step, notes = _bars(source, step, said)
    told(0.6)
    timeframe = next(name for name, ms in STORED_MS.items() if ms == step)
    blocks = list(by_year(bars))
    written = 0
    for i, (_, block) in enumerate(blocks):
        if cancelled is not None and cancelled():
            raise Cancelled("The import was cancelled.", where=str(path), fix=f"{written} bars are in the lake.")
        written += lake.write(symbol, timeframe, block)
        told(0.6 + 0.4 * (i + 1) / len(blocks))
    return ImportReport(
        symbol=symbol,
        timeframe=timeframe,
        rows=source.frame.height,
        bars=int(bars.size),
        written=written,
        first_ms=int(bars["ts"][0]),
        last_ms=int(bars["ts"][-1]),
        gaps=int(np.count_nonzero(np.diff(bars["ts"]) > step)),
        notes=notes,
        quotes=[name for name in QUOTE_COLUMNS if name in (bars.dtype.names or ())],
    )


def read_table(path: Path, said: Layout) -> Source:
    """The file's rows and columns as they are; BadInput when it is no table."""
    numbered = any(name.isdigit() for name in said.columns.values())
    try:
        with path.open("rb") as file:
            magic = file.read(6)
        if magic[:4] == b"PAR1":
            source = Source(path=path, frame=pl.read_parquet(path, hive_partitioning=False, glob=False))
        elif magic == b"ARROW1":
            source = Source(path=path, frame=pl.read_ipc(path))
        else:
            raw = _unpacked(path, magic)
            return read_text(path, raw, delimiter=said.delimiter, numbered=numbered)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(f"This file cannot be opened: {reason}.", where=str(path), fix="Check the path.") from error
    except (pl.exceptions.PolarsError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        text = " ".join(str(error).split())[:160].rstrip(".")
        raise BadInput(f"This file is damaged: {text}.", where=str(path), fix="Fetch or export it again.") from error
    if not source.frame.height:
        raise BadInput("This file has no rows; nothing was imported.", where=str(path), fix="Choose another file.")
    return source


def _unpacked(path: Path, magic: bytes) -> bytes | None:
    """The bytes of the one table in a zip or gzip; None for a file that is neither."""
    if magic[:2] == b"\x1f\x8b":
        return gzip.decompress(path.read_bytes())
    if magic[:4] != b"PK\x03\x04":
        return None
    with zipfile.ZipFile(path) as archive:
        names = [i.filename for i in archive.infolist() if i.filename.lower().endswith((".csv", ".tsv"))]
        names = names or [i.filename for i in archive.infolist() if i.filename.lower().endswith(".txt")]
        if len(names) != 1:
            raise BadInput(
                f"This archive holds {len(names)} tables, not one.", where=str(path), fix="Unpack it and choose one."
            )
        return archive.read(names[0])


def _bars(source: Source, step: int, said: Layout) -> tuple[np.ndarray, int, list[str]]:
    quotes = find_quotes(source)
    source, roles, notes = _mid_of(source, quotes, said)
    source, more = _complete_only(source)
    stamps, also = times(source, roles, said.zone)
    notes += more + also
    bars = np.empty(stamps.size, wide_dtype(quotes))
    bars["ts"] = stamps
    for field in ("open", "high", "low", "close"):
        bars[field] = floats(source, getattr(roles, field), price=True)
    bars["volume"] = 0.0 if roles.volume is None else floats(source, roles.volume, price=False)
    if roles.volume is None:
        notes.append("Imported without volume: it is 0 in every bar.")
    elif roles.volume.lower() != "volume":
        notes.append(f'"{roles.volume}" was taken as the volume.')
    for name, column in quotes.items():
        bars[name] = floats(source, column, price=True)
    _check_range(source, bars)
    bars = _quotes_whole(bars, notes)
    _check_doubles(source, bars)
    if bool((np.diff(stamps) < 0).any()):
        notes.append("The rows were not in order of time; they were sorted.")
        bars = bars[np.argsort(bars["ts"], kind="stable")]
    step = _check_step(source, bars, step)
    used = {v for v in (*(getattr(roles, f) for f in roles.__struct_fields__), *quotes.values()) if v}
    if left := [c for c in source.frame.columns if c not in used]:
        notes.append(f"Columns not kept: {', '.join(left[:12])}.")
    return _on_grid(bars, step, notes), step, notes


def _mid_of(source: Source, quotes: Mapping[str, str], said: Layout) -> tuple[Source, Roles, list[str]]:
    """The roles of the columns; where there are only bid and ask, their mid becomes open to close."""
    prices = ("open", "high", "low", "close")
    whole = all(f"{side}_{p}" in quotes for side in ("bid", "ask") for p in prices)
    if not whole or any(p in said.columns for p in prices):
        return source, find_roles(source, said.volume_column, said.columns), []
    try:
        return source, find_roles(source, said.volume_column, said.columns), []
    except BadInput as error:
        if not error.what.startswith("There is no column for open"):
            raise
    mids = [
        (
            pl.col(quotes[f"bid_{p}"]).cast(pl.Float64, strict=False)
            + pl.col(quotes[f"ask_{p}"]).cast(pl.Float64, strict=False)
        ).truediv(2).alias(p)
        for p in prices
    ]  # fmt: skip
    source = msgspec.structs.replace(source, frame=source.frame.with_columns(mids))
    note = "Open to close are the mid of bid and ask."
    return source, find_roles(source, said.volume_column, said.columns), [note]


def _quotes_whole(bars: np.ndarray, notes: list[str]) -> np.ndarray:
    """Where a file has one side only, open to close are the other: both are kept, and their mid is what open to close
    say in the lake, as of every series with bid and ask."""
    have = {name[:3] for name in bars.dtype.names or () if name in QUOTE_COLUMNS}
    if len(have) != 1:
        return bars
    side = have.pop()
    other = "bid" if side == "ask" else "ask"
    prices = [p for p in ("open", "high", "low", "close") if f"{side}_{p}" in (bars.dtype.names or ())]
    out = np.empty(bars.size, wide_dtype([f"{s}_{p}" for s in ("bid", "ask") for p in prices]))
    for name in bars.dtype.names or ():
        out[name] = bars[name]
    for p in prices:
        out[f"{other}_{p}"] = bars[p]
        out[p] = (bars[p] + bars[f"{side}_{p}"]) / 2
    notes.append(f"The file has {side}_*, so open to close were taken as the {other}; in the lake they are the mid.")
    return out


def _complete_only(source: Source) -> tuple[Source, list[str]]:
    """Rows that say of themselves that their bar is not complete are left out."""
    name = next((c for c in source.frame.columns if c.strip().lower() == "complete"), None)
    if name is None:
        return source, []
    done = source.frame[name].cast(pl.String).str.to_lowercase().is_in(["true", "1"]).fill_null(value=False)
    if done.all():
        return source, []
    if not done.any():
        raise BadInput("No bar of this file is complete.", where=str(source.path), fix="Export it again later.")
    numbers = None if source.numbers is None else [n for n, keep in zip(source.numbers, done) if keep]
    kept = msgspec.structs.replace(source, frame=source.frame.filter(done), numbers=numbers)
    return kept, [f"{int((~done).sum())} bars that were not complete were left out."]


def _check_range(source: Source, bars: np.ndarray) -> None:
    top = np.maximum(bars["open"], bars["close"])
    bottom = np.minimum(bars["open"], bars["close"])
    wrong = (bars["high"] < top) | (bars["low"] > bottom)
    if wrong.any():
        row = int(np.argmax(wrong))
        bar = bars[row]
        raise BadInput(
            f"Open {bar['open']:g} or close {bar['close']:g} is outside low {bar['low']:g} to high {bar['high']:g}.",
            where=source.where(row),
            fix="Check the order of the columns; nothing was imported.",
        )


def _check_doubles(source: Source, bars: np.ndarray) -> None:
    order = np.argsort(bars["ts"], kind="stable")
    same = np.flatnonzero(np.diff(bars["ts"][order]) == 0)
    if same.size:
        rows = order[same + 1]
        at = int(np.argmin(rows))
        moment = np.datetime64(int(bars["ts"][rows[at]]), "ms").astype("datetime64[s]")
        raise BadInput(
            f"The bar of {moment}Z is there twice, first at {source.where(int(order[same[at]]))}.",
            where=source.where(int(rows[at])),
            fix="Remove one, or split a file that holds several symbols; nothing was imported.",
        )


def _check_step(source: Source, bars: np.ndarray, step: int) -> int:
    """The length of the bars, ms: as asked, or as they are apart where nothing was asked."""
    apart = np.diff(bars["ts"])
    if not apart.size:
        if not step:
            raise BadInput("One bar does not say how long it is.", where=str(source.path), fix="Name its timeframe.")
        return step
    lengths, counts = np.unique(apart, return_counts=True)
    usual = int(lengths[np.argmax(counts)])
    if step and (usual == step or (usual > step and bool((apart == step).any()))):
        return step
    name = next((n for n, ms in STORED_MS.items() if ms == usual), "")
    if not step and name:
        return usual
    words = name or f"{usual / 1000:g} s"
    wanted = next((n for n, ms in STORED_MS.items() if ms == step), "one of " + ", ".join(STORED_MS))
    raise BadInput(
        f"The bars are {words} apart, not {wanted}.",
        where=str(source.path),
        fix=f"Import them as {name}." if name else "Choose a file of such bars.",
    )


def _on_grid(bars: np.ndarray, step: int, notes: list[str]) -> np.ndarray:
    off = bars["ts"] % grid_ms(step)
    if not off.any():
        if step <= _DAY_MS and (bars["ts"] % step).any():
            hours = sorted(set((bars["ts"] % _DAY_MS // 3_600_000).tolist()))
            text = ", ".join(f"{h:02d}:00" for h in hours[:8])
            notes.append(f"The bars open at {text}{' ...' if len(hours) > 8 else ''} UTC; these times were kept.")
        return bars
    moved = bars.copy()
    moved["ts"] -= off
    unique = newest_wins([moved])
    notes.append(f"{np.count_nonzero(off)} bars opened off the grid; their times were set back to the bar's opening.")
    if unique.size < moved.size:
        notes.append(f"{moved.size - unique.size} of them fell on a bar that was there; the later row was kept.")
    return unique
