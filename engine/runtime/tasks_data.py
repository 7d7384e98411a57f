"""What worker processes and the command line do with candles: bring them in, judge them, mend them, hand them out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from engine.candles.minutes import aggregate
from engine.clock import SYSTEM_CLOCK
from engine.contracts.commands import ImportData, Ok
from engine.contracts.coverage import Coverage, FilePeek, PeekFile
from engine.contracts.data import CheckData, DataQuality, ExportData, RepairData
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.markets import market, split_symbol
from engine.contracts.timeframes import MINUTE_MS, TIMEFRAME_MS, stored_ms
from engine.runtime.download import DownloadReport, download
from engine.runtime.download_symbol import ASKED_KEY
from engine.runtime.kept import Report, TaskContext
from engine.runtime.repair import RepairReport, repair
from engine.runtime.worker_wire import DataCheckTask, DataTask, DownloadTask, ExportTask, ImportTask, RepairTask, Sites
from engine.store.bars import newest_wins
from engine.store.coverage import coverage
from engine.store.export import export_bars
from engine.store.import_folder import FolderReport, Naming, identify, import_folder
from engine.store.importer import ImportReport, Layout, import_file
from engine.store.peek import peek
from engine.store.quality import judge
from engine.store.recent import history

Stopped = Callable[[], bool]


def import_data(ask: ImportData, context: TaskContext, report: Report, stopped: Stopped) -> ImportReport | FolderReport:
    """A file or a folder into the lake."""
    path = Path(ask.path)
    said = Layout(
        columns=ask.columns,
        zone=ask.zone,
        delimiter={"tab": "\t", "\\t": "\t"}.get(ask.delimiter, ask.delimiter),
        volume_column=None if ask.no_volume else "auto",
    )
    naming = Naming(market=ask.market, symbol=ask.symbol, timeframe=ask.timeframe, pattern=ask.pattern)
    if path.is_dir():
        return import_folder(path, context.lake, naming, said, progress=report, cancelled=stopped)
    symbol, timeframe = ask.symbol, ask.timeframe
    if ask.market and symbol and not split_symbol(symbol)[0]:
        symbol = f"{market(ask.market).id}:{symbol}"
    if symbol and not split_symbol(symbol)[0]:
        raise BadInput(
            f'"{symbol}" names no market.', where="--symbol", fix="Write MARKET:NAME, as binance-spot:BTCUSDT."
        )
    if not symbol:
        symbol, hint = identify(Path(*path.parts[-3:]), naming)
        timeframe = timeframe or hint
    return import_file(path, context.lake, symbol, timeframe, layout=said, progress=report, cancelled=stopped)


def check(ask: CheckData, context: TaskContext, report: Report, stopped: Stopped) -> DataQuality:
    """Judge what is stored. BadInput for a symbol that is not."""
    began = SYSTEM_CLOCK.monotonic_ns()
    wanted = chosen(context, ask.symbols, ask.timeframe)
    judged = []
    for i, (symbol, timeframe) in enumerate(wanted):
        if stopped():
            break
        bars, faults = context.lake.examine(symbol, timeframe)
        recent = context.state.candles(symbol, timeframe)
        judged.append(
            judge(
                symbol,
                timeframe,
                newest_wins([bars, recent]) if recent.size else bars,
                empty=known_empty(context, symbol, timeframe),
                damaged=[str(fault) for fault in faults],
                least=ask.least,
            )
        )
        report((i + 1) / len(wanted), symbol)
    return DataQuality(
        series=judged,
        negative=any(s.negative for s in judged),
        least=ask.least,
        seconds=(SYSTEM_CLOCK.monotonic_ns() - began) / 1e9,
    )


def map_of_lake(context: TaskContext, stopped: Stopped) -> Coverage:
    """Bars by month of every series."""
    began = SYSTEM_CLOCK.monotonic_ns()
    found = coverage(
        context.lake,
        context.folder.cache / "coverage.msgpack",
        lambda symbol, timeframe: known_empty(context, symbol, timeframe),
        stopped,
    )
    return Coverage(series=found, seconds=(SYSTEM_CLOCK.monotonic_ns() - began) / 1e9)


def peek_file(ask: PeekFile) -> FilePeek:
    """The head of a file that may be imported."""
    return peek(Path(ask.path).expanduser(), ask.delimiter)


def known_empty(context: TaskContext, symbol: str, timeframe: str) -> list[tuple[int, int]]:
    """Half-open ranges (ms) that the venue was asked for: what is missing in them it does not have."""
    asked = context.state.get(ASKED_KEY.format(symbol, timeframe)) or []
    return [*context.state.empty_ranges(symbol, timeframe), *((int(a), int(b)) for a, b in asked)]


def chosen(context: TaskContext, symbols: list[str], timeframe: str) -> list[tuple[str, str]]:
    """(symbol, timeframe) of the stored series that were named; all of them when none was."""
    stored = context.lake.names()
    if not symbols:
        found = [(s, t) for s, t in stored if timeframe in ("", t)]
    else:
        names = {context.resolve(s) for s in symbols}
        found = [(s, t) for s, t in stored if s in names and timeframe in ("", t)]
    if not found:
        raise BadInput(
            "There is nothing of that in the lake.",
            where=str(context.lake.root),
            fix="See: pyroquant data list; or bring some: pyroquant data import FILE --symbol MARKET:NAME",
        )
    return found


def repair_data(ask: RepairData, context: TaskContext, sites: Sites, report: Report, stopped: Stopped) -> RepairReport:
    """Mend what is stored. BadInput for a symbol that is not."""
    wanted = chosen(context, ask.symbols, ask.timeframe)
    return repair(ask, wanted, context, sites, report, stopped, known_empty)


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    symbol: str
    timeframe: str
    path: str
    bars: int
    bytes: int
    first_ms: int
    last_ms: int
    note: str = ""


def export(ask: ExportData, context: TaskContext) -> Exported:
    """Bars into one file, with bid and ask where the series has them."""
    symbol = context.resolve(ask.symbol)
    length = stored_ms(ask.timeframe)
    note = ""
    bars = context.lake.read_wide(symbol, ask.timeframe, ask.from_ms, ask.to_ms)
    recent = context.state.candles(symbol, ask.timeframe, from_ms=ask.from_ms, to_ms=ask.to_ms)
    bars = newest_wins([bars, recent]) if recent.size else bars
    if not bars.size and ask.timeframe in TIMEFRAME_MS and length > MINUTE_MS:
        # whole bars only: from the one that opens at or after from_ms to the one that closes at or before to_ms
        low = None if ask.from_ms is None else -(-ask.from_ms // length) * length
        high = None if ask.to_ms is None else ask.to_ms // length * length
        minutes = history(context.state, context.lake, symbol, "1m", from_ms=low, to_ms=high)
        bars = aggregate(minutes, ask.timeframe)
        note = "aggregated from minutes"
    size = export_bars(Path(ask.path), bars, overwrite=ask.overwrite)
    return Exported(
        symbol=symbol, timeframe=ask.timeframe, path=ask.path, bars=int(bars.size), bytes=size,
        first_ms=int(bars["ts"][0]), last_ms=int(bars["ts"][-1]), note=note,
    )  # fmt: skip


def export_words(done: Exported) -> str:
    """What an export came to, in a sentence."""
    tail = f" ({done.note})" if done.note else ""
    return f"{done.bars:,} bars of {done.symbol} {done.timeframe}{tail} in {done.path}, {done.bytes:,} bytes"


def repair_words(done: RepairReport) -> str:
    """What a repair came to, in a sentence."""
    aside = sum(len(s.aside) for s in done.series)
    text = f"{sum(s.written for s in done.series):,} of {sum(s.asked for s in done.series):,} bars came anew"
    text += f"; {sum(s.empty for s in done.series):,} are not there at the source"
    text += f"; {aside} damaged files moved aside" if aside else ""
    errors = [s.error for s in done.series if s.error]
    return text + (f"; {len(errors)} series not mended: {errors[0]}" if errors else "")


def words(done: ImportReport | FolderReport) -> str:
    """What an import came to, in a sentence."""
    if isinstance(done, ImportReport):
        return f"{done.bars:,} bars, {done.written:,} of them new or changed, {done.gaps:,} gaps"
    text = f"{done.imported:,} files with {done.bars:,} bars, {done.written:,} of them new or changed"
    skipped = f"; {done.funding} of funding rates" if done.funding else ""
    skipped += f"; {done.skipped} skipped" if done.skipped else ""
    return text + skipped + (f"; {done.failed} failed" if done.failed else "")


def download_words(done: DownloadReport) -> str:
    """What a download came to, in a sentence."""
    text = f"{done.written:,} bars new or changed in {len(done.symbols):,} symbols"
    holes = sum(s.holes for s in done.symbols)
    text += f"; {sum(s.empty for s in done.symbols):,} in {holes:,} holes are not there at the source" if holes else ""
    return text + (f"; {len(done.failed)} failed: {done.failed[0].error}" if done.failed else "")


def perform(task: DataTask, context: TaskContext, report: Report, stopped: Stopped) -> DataQuality | Ok:
    """Do one task. All but the check answer with a sentence of what they did."""
    if isinstance(task, ImportTask):
        return Ok(text=words(import_data(task.ask, context, report, stopped)))
    if isinstance(task, DataCheckTask):
        return check(task.ask, context, report, stopped)
    if isinstance(task, DownloadTask):
        done = download(task.ask, context, task.sites, report, stopped)
        if done.failed and len(done.failed) == len(done.symbols):
            raise PyroError(done.failed[0].error)
        return Ok(text=download_words(done))
    if isinstance(task, RepairTask):
        return Ok(text=repair_words(repair_data(task.ask, context, task.sites, report, stopped)))
    if isinstance(task, ExportTask):
        return Ok(text=export_words(export(task.ask, context)))
    raise BadInput(f"{type(task).__name__} is not a task for a worker")
