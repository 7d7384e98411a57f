"""Months and days of klines out of Binance's public archive: checked against their checksum, read row by row for units,
headers and stamps off the grid, as the archive's known defects ask for."""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile
import zlib

import msgspec
import numpy as np
import polars as pl

from engine.clock import Clock
from engine.contracts.dtypes import CANDLE_DTYPE, PRICE_COLUMNS
from engine.contracts.errors import PyroError
from engine.contracts.timeframes import timeframe_ms
from engine.feeds.backoff import Sleep
from engine.feeds.budget import RestBudget
from engine.feeds.host import RestHost
from engine.feeds.settings import FeedSettings
from engine.venues import archive

#: no limit is documented; this keeps one program from asking more than five times a second for long
_REQUESTS_PER_MIN = 300
#: a zip of one month of minutes has about 3 MB, its table 6; one of more than this is no such file
_MOST_BYTES = 512 * 1024 * 1024
_SPAN = (631_152_000_000, 4_102_444_800_000)


class UnsoundFile(PyroError):
    """A file that does not fit its checksum or cannot be read; nothing of it was taken."""


class ArchiveFile(msgspec.Struct, frozen=True):
    """One file. bars: CANDLE_DTYPE, sorted, unique, on the grid, all of them possible; dropped: rows that were not;
    moved: rows whose stamp was off the grid and was set back to the bar's opening."""

    sha256: str
    bars: np.ndarray
    dropped: int
    moved: int


class ArchiveClient(RestHost):
    """One archive host."""

    def __init__(
        self, base_url: str, clock: Clock, *, settings: FeedSettings | None = None, sleep: Sleep = asyncio.sleep
    ) -> None:
        budget = RestBudget(base_url, _REQUESTS_PER_MIN, clock, sleep=sleep)
        super().__init__(archive, base_url, budget, clock, settings=settings, sleep=sleep)

    async def fetch(
        self, venue: str, name: str, timeframe: str, period: str, known_sha256: str = ""
    ) -> ArchiveFile | None:
        """The file of a period (YYYY-MM or YYYY-MM-DD); None when its checksum is known_sha256. Missing where there is
        none; UnsoundFile when what came does not match its checksum twice."""
        file = archive.path(venue, name, timeframe, period)
        for _ in range(2):
            line = await self.get(archive.request(file, checksum=True), 1.0)
            wanted = archive.parse_checksum(line.body, file)
            if wanted == known_sha256:
                return None
            body = (await self.get(archive.request(file), 1.0)).body
            if hashlib.sha256(body).hexdigest() == wanted:
                return ArchiveFile(wanted, *await asyncio.to_thread(read_zip, body, file, timeframe_ms(timeframe)))
            # the file may have been replaced between the two requests: once more
        raise UnsoundFile(
            "What came does not match its checksum; nothing of it was kept.",
            where=f"{self.host}{file}",
            fix="Download again later, or with --source rest.",
        )


def read_zip(body: bytes, where: str, step: int) -> tuple[np.ndarray, int, int]:
    """(bars, rows dropped, rows moved to the grid) of a zip with one CSV of klines; PyroError when it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            names = packed.infolist()
            if len(names) != 1 or names[0].file_size > _MOST_BYTES:
                raise zipfile.BadZipFile(f"{len(names)} files in it")
            text = packed.read(names[0])
        frame = _table(text)
    except (zipfile.BadZipFile, zlib.error, EOFError, pl.exceptions.PolarsError, ValueError) as error:
        raise UnsoundFile(
            f"This archive file cannot be read: {' '.join(str(error).split())[:120]}.",
            where=where,
            fix="Download again later, or with --source rest.",
        ) from error
    return _sound(frame, step)


def _table(text: bytes) -> pl.DataFrame:
    """The first six columns as floats, the time as whole number; a first row that is no number is a header."""
    if not text.strip():
        return pl.DataFrame({n: [] for n in CANDLE_DTYPE.names or ()})
    header = not text.lstrip()[:1].isdigit()
    frame = pl.read_csv(io.BytesIO(text), has_header=header, infer_schema=False, truncate_ragged_lines=True)
    if frame.width < 6:
        raise ValueError(f"{frame.width} columns")
    frame = frame.select(frame.columns[:6])
    frame.columns = list(CANDLE_DTYPE.names or ())
    return frame.with_columns(
        pl.col("ts").str.strip_chars().cast(pl.Int64, strict=False),
        *(pl.col(c).str.strip_chars().cast(pl.Float64, strict=False) for c in PRICE_COLUMNS),
    )


def _sound(frame: pl.DataFrame, step: int) -> tuple[np.ndarray, int, int]:
    rows = frame.height
    frame = frame.drop_nulls()
    bars = np.empty(frame.height, CANDLE_DTYPE)
    for name in CANDLE_DTYPE.names or ():
        bars[name] = frame[name].to_numpy()
    stamp = bars["ts"]
    # per value: a file joined over years changes its unit; spot has microseconds from 2025 on
    factor = np.array([1, 1, 1000, 1_000_000])[np.searchsorted([10**11, 10**14, 10**17], stamp, side="right")]
    bars["ts"] = np.where(stamp < 10**11, stamp * 1000, stamp // factor)
    good = (bars["ts"] >= _SPAN[0]) & (bars["ts"] < _SPAN[1]) & (bars["low"] > 0) & (bars["volume"] >= 0)
    good &= (bars["low"] <= np.minimum(bars["open"], bars["close"])) & (bars["high"] < np.inf)
    good &= bars["high"] >= np.maximum(bars["open"], bars["close"])
    bars = bars[good]
    off = bars["ts"] % step
    bars["ts"] -= off
    # one that stands on the grid is better than one that was moved there; of two alike the later row
    order = np.lexsort((np.arange(bars.size), off == 0, bars["ts"]))
    bars = bars[order]
    keep = np.append(bars["ts"][1:] != bars["ts"][:-1], True)[: bars.size]
    return bars[keep], rows - int(keep.sum()), int(np.count_nonzero(off))
