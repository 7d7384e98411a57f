"""A reply about bars as series that a chart shows: from its bytes, or from the files that it names, mapped."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable

import numpy as np

from engine.contracts.commands import Candles
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import PyroError
from engine.contracts.history import HistoryFiles
from engine.contracts.levels import LEVEL_ROWS, level_sizes, line_room, read_line, split_levels
from engine.contracts.timeframes import timeframe_ms
from widgets.chart.model import BarSeries, LineSeries
from widgets.texts import tr


def read(candles: Candles) -> tuple[BarSeries, dict[str, LineSeries]]:
    """The bars and lines of a reply. PyroError where a file that it names cannot be read here."""
    length, market = timeframe_ms(candles.timeframe), candles.symbol.rpartition(":")[0]
    if candles.history is None:
        lines = {name: LineSeries(read_values(raw)) for name, raw in candles.series.items()}
        return BarSeries(read_bars(candles), length, market=market), lines
    files, newer = candles.history, np.frombuffer(candles.bars, CANDLE_DTYPE)
    try:
        bars, levels = _mapped_bars(files)
        series = BarSeries(bars, length, newer, levels, market)
        maps: list[np.ndarray] = [bars, levels[0]]
        lines = {}
        for name, raw in candles.series.items():
            if name in files.series:
                values, steps = read_line(_mapped(files.series[name], line_room(files.count)), files.count)
                lines[name] = LineSeries(values, read_values(raw), steps)
                maps.append(values)
        series.release = Release(maps)
    except (OSError, ValueError) as error:
        raise PyroError(
            tr("The files of this chart's history cannot be read here."),
            where=files.bars,
            fix=tr("The history comes page by page instead."),
        ) from error
    return series, lines


class Release:
    """Gives back the memory of mapped pages that were looked at: those that are needed again are mapped again."""

    def __init__(self, arrays: Iterable[np.ndarray]) -> None:
        self._maps = [m for a in arrays if (m := _map_of(a)) is not None]

    def __call__(self) -> None:
        for mapped in self._maps:
            if hasattr(mapped, "madvise"):
                mapped.madvise(mmap.MADV_DONTNEED)


def _map_of(array: np.ndarray) -> mmap.mmap | None:
    """The map that a view of a mapped file looks at."""
    base: object = array
    while isinstance(base, np.ndarray):
        if isinstance(found := getattr(base, "_mmap", None), mmap.mmap):
            return found
        base = base.base
    return base if isinstance(base, mmap.mmap) else None


def readable(files: HistoryFiles | None) -> bool:
    """Whether this process can read what a reply names; an engine elsewhere has its files on its own disks."""
    if files is None:
        return True
    return all(os.access(path, os.R_OK) for path in (files.bars, files.levels, *files.series.values()))


def _mapped_bars(files: HistoryFiles) -> tuple[np.ndarray, list[np.ndarray]]:
    bars = np.load(files.bars, mmap_mode="r")
    levels = np.load(files.levels, mmap_mode="r")
    shape = (LEVEL_ROWS, sum(level_sizes(files.count)))
    if bars.dtype != CANDLE_DTYPE or bars.shape != (files.count,) or levels.shape != shape:
        raise ValueError("the files do not fit together")
    _spare(bars)
    return np.asarray(bars), split_levels(np.asarray(levels), files.count)


def _mapped(path: str, least: int) -> np.ndarray:
    values = np.load(path, mmap_mode="r")
    if values.dtype != np.float64 or values.ndim != 1 or len(values) < least:
        raise ValueError("this is no line of this chart")
    _spare(values)
    return np.asarray(values)


def _spare(mapped: np.ndarray) -> None:
    """A chart looks at a few pages here and there: reading ahead would fill the memory with what nobody sees."""
    handle = getattr(mapped, "_mmap", None)
    if handle is not None and hasattr(handle, "madvise"):
        handle.madvise(mmap.MADV_RANDOM)


def carry_over(old: tuple[BarSeries, dict[str, LineSeries]], new: tuple[BarSeries, dict[str, LineSeries]]) -> None:
    """Put the bars that came while `new` was asked for behind it, with their values: the running one at least."""
    before, lines = old
    bars, series = new
    if not len(before) or not len(bars):
        return
    rows = before.rows(before.index_at(bars.ts_at(len(bars) - 1), "right"), len(before))
    if not len(rows):
        return
    bars.update(rows)
    start = bars.index_at(int(rows["ts"][0]))
    for name, line in series.items():
        known = lines.get(name)
        values = known.values(len(before) - len(rows), len(before)) if known is not None else np.empty(0)
        line.update(start if len(values) else len(line), values, len(bars))


def complete(bars: BarSeries, lines: Iterable[LineSeries]) -> None:
    """Lines that end before the bars go on as nan."""
    for line in lines:
        if len(line) < len(bars):
            line.update(len(line), np.empty(0), len(bars))


def read_bars(candles: Candles) -> np.ndarray:
    """The bars of a reply: its bytes, or the file it names, mapped and not copied."""
    if candles.file:
        return np.asarray(np.load(candles.file, mmap_mode="r"))
    return np.frombuffer(candles.bars, CANDLE_DTYPE)


def read_values(raw: bytes) -> np.ndarray:
    return np.frombuffer(raw, np.float64)


def place(old: BarSeries, new: BarSeries, right: float) -> float:
    """The right border of the view on `new` that shows what was in view on `old`, with the same room behind the newest
    bar where that was in view."""
    if right >= len(old) - 1:
        return right - len(old) + len(new)
    index = max(int(right), 0)
    return right + new.index_at(old.ts_at(index)) - index
