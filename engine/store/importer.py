"""A person's own files into the lake: recognised, checked as a whole, then written; or refused with the place.

Known are the exchange's kline files (with or without header; seconds to nanoseconds), MetaTrader and TradingView
exports, and any CSV, Parquet or Feather file with columns for time, open, high, low, close and volume.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, Cancelled
from engine.contracts.markets import split_symbol
from engine.contracts.timeframes import TIMEFRAME_MS, timeframe_ms
from engine.store.bars import by_year, newest_wins
from engine.store.import_columns import Source, find_roles, floats, times
from engine.store.import_text import read_text
from engine.store.lake import Lake

Progress = Callable[[float], None]


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """rows: of the file. bars: what they came to. written: of these, new or changed in the lake. gaps: places where
    bars are missing. notes: one sentence for everything that was assumed or done."""

    symbol: str
    timeframe: str
    rows: int
    bars: int
    written: int
    first_ms: int
    last_ms: int
    gaps: int
    notes: list[str]


def import_file(
    path: Path,
    lake: Lake,
    symbol: str,
    timeframe: str = "1m",
    *,
    volume_column: str | None = "auto",
    zone: str = "UTC",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ImportReport:
    """Import one file as MARKET:NAME. Progress in 0..1. BadInput with file and line, and then nothing was written.

    volume_column: None imports without volume (0 in every bar). zone: of times that name none. Cancelled between
    years keeps those that were written.
    """
    told = progress or (lambda _: None)
    split_symbol(symbol)
    step = timeframe_ms(timeframe)
    source = _read(Path(path))
    told(0.3)
    bars, notes = _bars(source, step, volume_column, zone)
    told(0.6)
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
    )


def _read(path: Path) -> Source:
    try:
        with path.open("rb") as file:
            magic = file.read(6)
        if magic[:4] == b"PAR1":
            source = Source(path=path, frame=pl.read_parquet(path, hive_partitioning=False, glob=False))
        elif magic == b"ARROW1":
            source = Source(path=path, frame=pl.read_ipc(path))
        else:
            return read_text(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(f"This file cannot be opened: {reason}.", where=str(path), fix="Check the path.") from error
    except pl.exceptions.PolarsError as error:
        text = " ".join(str(error).split())[:160].rstrip(".")
        raise BadInput(f"This file is damaged: {text}.", where=str(path), fix="Fetch or export it again.") from error
    if not source.frame.height:
        raise BadInput("This file has no rows; nothing was imported.", where=str(path), fix="Choose another file.")
    return source


def _bars(source: Source, step: int, volume_column: str | None, zone: str) -> tuple[np.ndarray, list[str]]:
    roles = find_roles(source, volume_column)
    source, notes = _complete_only(source)
    stamps, more = times(source, roles, zone)
    notes += more
    bars = np.empty(stamps.size, CANDLE_DTYPE)
    bars["ts"] = stamps
    for field in ("open", "high", "low", "close"):
        bars[field] = floats(source, getattr(roles, field), price=True)
    bars["volume"] = 0.0 if roles.volume is None else floats(source, roles.volume, price=False)
    if roles.volume is None:
        notes.append("Imported without volume: it is 0 in every bar.")
    elif roles.volume.lower() != "volume":
        notes.append(f'"{roles.volume}" was taken as the volume.')
    _check_range(source, bars)
    _check_doubles(source, bars)
    if bool((np.diff(stamps) < 0).any()):
        notes.append("The rows were not in order of time; they were sorted.")
        bars = bars[np.argsort(bars["ts"], kind="stable")]
    _check_step(source, bars, step)
    return _on_grid(bars, step, notes), notes


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


def _check_step(source: Source, bars: np.ndarray, step: int) -> None:
    apart = np.diff(bars["ts"])
    if not apart.size:
        return
    lengths, counts = np.unique(apart, return_counts=True)
    usual = int(lengths[np.argmax(counts)])
    if usual == step or (usual > step and bool((apart == step).any())):
        return
    name = next((n for n, ms in TIMEFRAME_MS.items() if ms == usual), f"{usual / 1000:g} s")
    wanted = next(n for n, ms in TIMEFRAME_MS.items() if ms == step)
    raise BadInput(
        f"The bars are {name} apart, not {wanted}.",
        where=str(source.path),
        fix=f"Import them as {name}." if name in TIMEFRAME_MS else f"Choose a file of {wanted} bars.",
    )


def _on_grid(bars: np.ndarray, step: int, notes: list[str]) -> np.ndarray:
    off = bars["ts"] % step
    if not off.any():
        return bars
    moved = bars.copy()
    moved["ts"] -= off
    unique = newest_wins([moved])
    notes.append(f"{np.count_nonzero(off)} bars opened off the grid; their times were set back to the bar's opening.")
    if unique.size < moved.size:
        notes.append(f"{moved.size - unique.size} of them fell on a bar that was there; the later row was kept.")
    return unique
