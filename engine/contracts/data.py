"""Commands on candles: bring them in, judge them, mend them, hand them out; and the judgement itself."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from engine.contracts.commands_base import Command, JobStarted

#: columns that a series may have beside the six, all float64 and nan where a bar has none: the bars of bid and ask
#: (open..close are then their mid)
QUOTE_COLUMNS: tuple[str, ...] = tuple(f"{s}_{p}" for s in ("bid", "ask") for p in ("open", "high", "low", "close"))
#: where a download may come from: auto takes archives for closed months and days, REST for the rest
SOURCES: tuple[str, ...] = ("auto", "archive", "rest")


class YearQuality(msgspec.Struct, frozen=True, kw_only=True):
    """One calendar year (UTC) of one series. score: 0..100, 100 less the sum of `penalties` (points by what they are
    for). expected: bars between the first and the last of the year while the market was open and the source had some;
    missing: of these, not there, in `gaps` places. known_empty: bars that the source was asked for and has not; quiet:
    minutes without ticks in short holes (markets that leave them out). unpublished: no bar of the year has volume."""

    year: int
    score: float
    bars: int
    expected: int
    missing: int
    gaps: int
    known_empty: int
    quiet: int
    duplicates: int
    off_grid: int
    impossible: int
    zero_volume: int
    jumps: int
    spikes: int
    unpublished: bool
    penalties: dict[str, float]


class SeriesQuality(msgspec.Struct, frozen=True, kw_only=True):
    """score: that of all years together, by bars. gaps: (from, to) of holes, ms, half-open, the longest first, at most
    GAPS_SHOWN of `gap_count`. impossible: open times, ms, the first of them. damaged: a sentence for every file that
    cannot be read. notes: what was assumed."""

    symbol: str
    timeframe: str
    score: float
    first_ms: int
    last_ms: int
    bars: int
    years: list[YearQuality]
    gap_count: int
    gaps: list[tuple[int, int]]
    impossible: list[int]
    damaged: list[str]
    notes: list[str]
    negative: bool


class DataQuality(msgspec.Struct, frozen=True, kw_only=True):
    """negative: a file is damaged, a bar cannot be true, stands twice or off the grid, or a year's score is below
    `least`."""

    series: list[SeriesQuality]
    negative: bool
    least: float
    seconds: float = 0.0


class CheckData(Command, frozen=True, kw_only=True, tag="data_check"):
    """Judge stored candles; symbols [] = all, timeframe '' = every one stored. About a second for 3 million bars."""

    reply: ClassVar[Any] = DataQuality
    symbols: list[str] = []
    timeframe: str = ""
    least: float = 80.0


class DownloadData(Command, frozen=True, kw_only=True, tag="data_download"):
    """Fetch what the lake lacks of from_ms <= open time < to_ms (None = from the listing, up to now); a job, whose last
    step says what it came to. Asked again after Cancel or a kill it goes on where it stood."""

    reply: ClassVar[Any] = JobStarted
    symbols: list[str]
    timeframe: str = "1m"
    from_ms: int | None = None
    to_ms: int | None = None
    source: str = "auto"


class RepairData(Command, frozen=True, kw_only=True, tag="data_repair"):
    """Move damaged files aside, ask the venue again for holes and for bars that cannot be true, compact; a job.
    fetch False leaves the venue alone."""

    reply: ClassVar[Any] = JobStarted
    symbols: list[str] = []
    timeframe: str = ""
    fetch: bool = True


class ExportData(Command, frozen=True, kw_only=True, tag="data_export"):
    """Write bars to one CSV, Parquet or Feather file (by its ending), aggregated from minutes where the timeframe is
    not stored; a job."""

    reply: ClassVar[Any] = JobStarted
    symbol: str
    path: str
    timeframe: str = "1m"
    from_ms: int | None = None
    to_ms: int | None = None
    overwrite: bool = False


AnyDataCommand = CheckData | DownloadData | RepairData | ExportData
