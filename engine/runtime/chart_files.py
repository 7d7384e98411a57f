"""Whole histories for charts: bars of a timeframe, their levels, and series over them, as files that a window maps.

All lie in <cache>/charts and carry in their names what they were made of: they are made and removed, never changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from engine import __version__
from engine.candles.minutes import aggregate
from engine.contracts import markets
from engine.contracts.commands import SeriesRequest
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import Cancelled
from engine.contracts.history import HistoryFiles
from engine.contracts.levels import (
    BAR_COLUMNS,
    BAR_OPS,
    LEVEL_ROWS,
    QUALITY_OPS,
    TIME_ROW,
    fill_levels,
    fill_line,
    level_sizes,
    line_room,
    quality,
)
from engine.contracts.sessions import closed_ranges
from engine.contracts.timeframes import timeframe_ms
from engine.runtime.charts import NO_BARS, SeriesSet
from engine.runtime.kept import TaskContext
from engine.runtime.strategies import day_of
from engine.runtime.worker_wire import HistoryFound, HistoryTask
from engine.store.cachefile import cache_path, mapped
from engine.store.files import clear_errors, make_folder
from engine.store.lake_files import encode_name
from engine.store.recent import history

#: fewer bars than this travel as bytes
WORTH_FILES = 20_000
#: what the files of all charts may take; those that were not used for longest go first
KEEP_BYTES = 4_000_000_000
#: the length of what tells one state of a series in the lake from another, in the names of files
STAMP = "0123456789abcdef"
#: bars whose series are computed at once
BLOCK = 1 << 18
Stopped = Callable[[], bool]


class _Missing(Exception):
    """A file that is not there, while only those that are there are asked for."""


def whole_history(task: HistoryTask, context: TaskContext, stopped: Stopped = lambda: False) -> HistoryFound:
    """See HistoryTask and HistoryFound. Cancelled between two steps; BadInput for a series that cannot be read."""
    work = _Work(context, stopped, task.ready)
    try:
        return work.found(task)
    except _Missing:
        return HistoryFound(found=False)


def day_calendar(symbol: str) -> str:
    """The day calendar of a symbol's market; a bare name counts as crypto."""
    market_id, _ = markets.split_symbol(symbol)
    return day_of(markets.market(market_id)) if market_id else "utc"


class _Work:
    def __init__(self, context: TaskContext, stopped: Stopped, ready: bool) -> None:
        self._context, self._stopped, self._ready = context, stopped, ready
        self._folder = context.folder.cache / "charts"
        self._used: set[Path] = set()

    def found(self, task: HistoryTask) -> HistoryFound:
        stored, path, key = self.bars(task.symbol, task.timeframe)
        newer = self._newer(task.symbol, task.timeframe, stored)
        if len(stored) < WORTH_FILES:
            bars = np.concatenate([stored, newer])
            aligned = {r.name: self._closes(r.symbol, task.timeframe, bars["ts"]) for r in task.series if r.symbol}
            return _dated(HistoryFound(bars=bars.tobytes(), aligned=_packed(aligned)), bars)
        levels = self._made(key, f".levels{LEVEL_ROWS}", lambda p: self._levels(p, stored, task))
        states, series, aligned = {}, {}, {}
        for request in task.series:
            if request.symbol:
                series[request.name] = str(self._other(request, task, key, stored["ts"]))
                aligned[request.name] = self._closes(request.symbol, task.timeframe, newer["ts"])
                continue

            def draw(path: Path, request: SeriesRequest = request) -> None:
                self._line(path, stored, request, task)

            made = self._made(key, f".{_hash(request.expression)}", draw)
            series[request.name] = str(made)
            packed = np.load(made, mmap_mode="r")[line_room(len(stored)) :]
            states[request.name] = (packed[1:].tobytes(), int(packed[0]))
        files = HistoryFiles(count=len(stored), bars=str(path), levels=str(levels), series=series)
        found = HistoryFound(files=files, bars=newer.tobytes(), states=states, aligned=_packed(aligned))
        return _dated(found, stored[:1], newer if len(newer) else stored[-1:])

    def bars(self, symbol: str, timeframe: str) -> tuple[np.ndarray, Path, str]:
        """(all bars of the lake by memory map, the path of their file, the key of what is made of them)."""
        lake, cache = self._context.lake, self._context.folder.cache
        source = "1m" if lake.has(symbol, "1m") else timeframe
        path = cache_path(lake, cache, symbol, source)
        if self._ready and not path.exists():
            raise _Missing
        self._go_on()
        stored = mapped(lake, cache, symbol, source)
        path = cache_path(lake, cache, symbol, source)
        key = f"{encode_name(symbol)}-{timeframe}-{path.stem[-len(STAMP) :]}"
        if source != timeframe:
            path = self._made(key, "", lambda p: self._save(p, aggregate(stored, timeframe)))
            stored = np.load(path, mmap_mode="r")
        return stored, path, key

    def _newer(self, symbol: str, timeframe: str, stored: np.ndarray) -> np.ndarray:
        """Kept bars that follow those of the file."""
        start = int(stored["ts"][-1]) + timeframe_ms(timeframe) if len(stored) else None
        c = self._context
        if c.lake.has(symbol, "1m") or not c.lake.has(symbol, timeframe):
            return aggregate(history(c.state, c.lake, symbol, "1m", from_ms=start), timeframe)
        return history(c.state, c.lake, symbol, timeframe, from_ms=start)

    def _closes(self, symbol: str, timeframe: str, ts: np.ndarray) -> np.ndarray:
        """The closes of another symbol at these open times; nan where it has no bar."""
        out = np.full(len(ts), np.nan)
        if not len(ts):
            return out
        stored, _, _ = self._theirs(symbol, timeframe)
        for bars in (stored, self._newer(symbol, timeframe, stored)):
            if len(bars):
                theirs = np.ascontiguousarray(bars["ts"])
                at = np.minimum(np.searchsorted(theirs, ts), len(bars) - 1)
                same = theirs[at] == ts
                out[same] = bars["close"][at[same]]
        return out

    def _theirs(self, symbol: str, timeframe: str) -> tuple[np.ndarray, Path, str]:
        """`bars` of another symbol, which may have none in the lake."""
        lake = self._context.lake
        if lake.has(symbol, "1m") or lake.has(symbol, timeframe):
            return self.bars(symbol, timeframe)
        return NO_BARS, self._folder, symbol

    # files

    def _made(self, key: str, kind: str, make: Callable[[Path], None]) -> Path:
        """The file of this kind that belongs to the bars `key`, made when it is not there."""
        path = self._folder / f"{key}{kind}.npy"
        self._used.add(path)
        if path.exists():
            with contextlib.suppress(OSError):
                os.utime(path)
            return path
        if self._ready:
            raise _Missing
        self._go_on()
        with clear_errors(path):
            make_folder(self._folder)
            aside = path.with_name(f".{path.name}.{os.getpid()}")
            try:
                make(aside)
                os.replace(aside, path)
            finally:
                aside.unlink(missing_ok=True)
        self._tidy(key)
        return path

    def _go_on(self) -> None:
        if self._stopped():
            raise Cancelled("the chart shows something else by now")

    def _save(self, path: Path, bars: np.ndarray) -> None:
        out = _room(path, CANDLE_DTYPE, (len(bars),))
        out[:] = bars
        out.flush()

    def _levels(self, path: Path, bars: np.ndarray, task: HistoryTask) -> None:
        out = _room(path, np.dtype("<f8"), (LEVEL_ROWS, sum(level_sizes(len(bars)))))
        for k, (op, name) in enumerate(zip(BAR_OPS, BAR_COLUMNS, strict=True)):
            fill_levels(op, bars[name], out[k])
        ts = np.ascontiguousarray(bars["ts"])
        market_id, _ = markets.split_symbol(task.symbol)
        closed = closed_ranges(market_id, int(ts[0]), int(ts[-1]) + 1)
        flags = quality(ts, bars["volume"], timeframe_ms(task.timeframe), closed)
        for k, op in enumerate(QUALITY_OPS):
            fill_levels(op, flags[k], out[len(BAR_OPS) + k])
        fill_levels("first", ts, out[TIME_ROW])
        out.flush()

    def _line(self, path: Path, bars: np.ndarray, request: SeriesRequest, task: HistoryTask) -> None:
        series = SeriesSet([request], task.timeframe, day_calendar(task.symbol))
        values = np.empty(len(bars))
        for lo in range(0, len(bars), BLOCK):
            self._go_on()
            values[lo : lo + BLOCK] = series.values(bars[lo : lo + BLOCK], commit=True)[0]
        state, seen = series.states()[request.name]
        room = line_room(len(bars))
        out = _room(path, np.dtype("<f8"), (room + 1 + len(state) // 8,))
        fill_line(values, out[:room])
        out[room], out[room + 1 :] = seen, np.frombuffer(state)
        out.flush()

    def _other(self, request: SeriesRequest, task: HistoryTask, key: str, ts: np.ndarray) -> Path:
        """The file of another symbol's closes at these bars."""
        _, _, theirs = self._theirs(request.symbol, task.timeframe)

        def make(path: Path) -> None:
            out = _room(path, np.dtype("<f8"), (line_room(len(ts)),))
            fill_line(self._closes(request.symbol, task.timeframe, np.ascontiguousarray(ts)), out)
            out.flush()

        return self._made(key, f".{_hash(theirs)}", make)

    def _tidy(self, key: str) -> None:
        """Remove what was made of other bars of this series, and what nobody used for long where there is too much."""
        series, found = key[: -len(STAMP)], []
        for old in self._folder.glob("*.npy"):
            with contextlib.suppress(OSError):
                if old.name.startswith(series) and not old.name.startswith(key):
                    old.unlink()
                    continue
                stat = old.stat()
                found.append((stat.st_mtime_ns, stat.st_size, old))
        left = sum(size for _, size, _ in found)
        for _, size, old in sorted(found):
            if left <= KEEP_BYTES or old in self._used:
                continue
            with contextlib.suppress(OSError):
                old.unlink()
                left -= size


def _room(path: Path, dtype: np.dtype, shape: tuple[int, ...]) -> np.memmap:
    return np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)


def _hash(text: str) -> str:
    return hashlib.blake2b(f"{__version__} {text}".encode(), digest_size=8).hexdigest()


def _packed(series: dict[str, np.ndarray]) -> dict[str, bytes]:
    return {name: values.tobytes() for name, values in series.items()}


def _dated(found: HistoryFound, *parts: np.ndarray) -> HistoryFound:
    """With the open times of the first and the last bar of these parts."""
    if not len(parts[0]):
        return found
    return msgspec.structs.replace(found, first_ms=int(parts[0]["ts"][0]), last_ms=int(parts[-1]["ts"][-1]))
