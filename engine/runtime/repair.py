"""Mending what `check` finds: damaged files aside, holes and impossible bars fetched again, parts compacted."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from engine.contracts.data import DownloadData, RepairData, SeriesQuality
from engine.contracts.errors import Cancelled, PyroError
from engine.contracts.markets import split_symbol
from engine.contracts.timeframes import TIMEFRAME_MS, stored_ms
from engine.runtime.download import download
from engine.runtime.kept import Report, TaskContext
from engine.runtime.worker_wire import Sites
from engine.store import lake_files
from engine.store.quality import holes, judge


class SeriesRepair(msgspec.Struct, frozen=True, kw_only=True):
    """aside: damaged files moved to .corrupt. asked: bars asked of the venue; written: of these, new or changed;
    empty: that it has not. left: impossible bars that are still there. error: why it was not asked."""

    symbol: str
    timeframe: str
    score_before: float
    score_after: float
    aside: list[str]
    asked: int = 0
    written: int = 0
    empty: int = 0
    left: int = 0
    compacted: int = 0
    error: str = ""


class RepairReport(msgspec.Struct, frozen=True, kw_only=True):
    series: list[SeriesRepair]

    @property
    def failed(self) -> list[SeriesRepair]:
        return [s for s in self.series if s.error or s.left]


def repair(
    ask: RepairData,
    wanted: list[tuple[str, str]],
    context: TaskContext,
    sites: Sites,
    report: Report,
    stopped: Callable[[], bool],
    known_empty: Callable[[TaskContext, str, str], list[tuple[int, int]]],
) -> RepairReport:
    """Mend the series one by one; one that fails stops no other. Cancelled keeps what was mended."""
    done: list[SeriesRepair] = []
    for i, (symbol, timeframe) in enumerate(wanted):
        if stopped():
            raise Cancelled("The repair was cancelled.", fix=f"{len(done)} series are mended.")

        def told(fraction: float, step: str = "", at: int = i, name: str = symbol) -> None:
            report((at + fraction) / len(wanted), step or name)

        done.append(_one(symbol, timeframe, context, sites, told, stopped, known_empty, fetch=ask.fetch))
        report((i + 1) / len(wanted), symbol)
    return RepairReport(series=done)


def _one(
    symbol: str,
    timeframe: str,
    context: TaskContext,
    sites: Sites,
    report: Report,
    stopped: Callable[[], bool],
    known_empty: Callable[[TaskContext, str, str], list[tuple[int, int]]],
    *,
    fetch: bool,
) -> SeriesRepair:
    def look() -> tuple[SeriesQuality, np.ndarray]:
        bars, faults = context.lake.examine(symbol, timeframe)
        empty = known_empty(context, symbol, timeframe)
        return judge(symbol, timeframe, bars, empty=empty, damaged=[str(f) for f in faults]), bars

    before, _ = look()
    try:
        aside = context.lake.repair(symbol, timeframe)
    except PyroError as error:
        return SeriesRepair(
            symbol=symbol, timeframe=timeframe, score_before=before.score, score_after=before.score, aside=[],
            error=str(error),
        )  # fmt: skip
    lost = [(p.first, p.last + stored_ms(timeframe)) for p in map(lake_files.aside_range, aside) if p]
    _, bars = look()
    ts = np.unique(bars["ts"])
    missing = holes(symbol, timeframe, ts, known_empty(context, symbol, timeframe)).missing if ts.size else None
    wanted = [] if missing is None else [(int(a), int(b)) for a, b in missing]
    step = stored_ms(timeframe)
    wanted += lost + [(t, t + step) for t in _impossible(bars)]
    out = SeriesRepair(
        symbol=symbol, timeframe=timeframe, score_before=before.score, score_after=before.score,
        aside=[str(path) for path in aside],
    )  # fmt: skip
    if wanted and fetch and timeframe in TIMEFRAME_MS:
        out = _fetched(out, wanted, context, sites, report, stopped)
    elif wanted and not fetch:
        out = msgspec.structs.replace(out, error="The venue was not asked.")
    compacted = context.lake.compact(symbol, timeframe)
    after, bars = look()
    return msgspec.structs.replace(out, score_after=after.score, left=len(_impossible(bars)), compacted=compacted)


def _impossible(bars: np.ndarray) -> list[int]:
    low, high = bars["low"], bars["high"]
    sound = (low > 0) & (low <= bars["open"]) & (low <= bars["close"]) & (high < np.inf) & (bars["volume"] >= 0)
    sound &= (high >= bars["open"]) & (high >= bars["close"])
    return [int(t) for t in bars["ts"][~sound]]


def _fetched(
    out: SeriesRepair,
    wanted: list[tuple[int, int]],
    context: TaskContext,
    sites: Sites,
    report: Report,
    stopped: Callable[[], bool],
) -> SeriesRepair:
    asked = DownloadData(symbols=[out.symbol], timeframe=out.timeframe, source="rest")
    step = stored_ms(out.timeframe)
    count = sum((b - a) // step for a, b in wanted)
    try:
        if split_symbol(out.symbol)[0] not in sites.rest:
            raise PyroError("No venue is known for this market.", where=out.symbol, fix="Import the bars from a file.")
        found = download(asked, context, sites, report, stopped, only={out.symbol: wanted}).symbols[0]
    except Cancelled:
        raise
    except PyroError as error:
        return msgspec.structs.replace(out, asked=count, error=str(error))
    return msgspec.structs.replace(out, asked=count, written=found.written, empty=found.empty, error=found.error)
