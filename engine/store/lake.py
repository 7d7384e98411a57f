"""The lake: years of candles as Hive-partitioned Parquet that DuckDB and polars read as it stands.

Every method is synchronous. Any number of processes may read; writers of one series exclude each other by a lock file.
A kill at any moment loses no bar that `write` had returned for and leaves none doubled for `read`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

from engine.contracts.commands import SeriesStored
from engine.contracts.data import QUOTE_COLUMNS
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.timeframes import stored_ms
from engine.store import lake_files as files
from engine.store import quotes
from engine.store.bars import (
    COLUMNS,
    by_year,
    checked,
    count_changed,
    cut,
    empty_frame,
    extra_of,
    newest_wins,
    records,
)
from engine.store.files import clear_errors, exclusive, remove_temps, sync_folder
from engine.store.lake_files import Footer, Part

T = TypeVar("T")
#: `list` is a method of Lake, so inside it the type needs other names.
Stored = list[SeriesStored]
Faults = list[PyroError]
Names = list[tuple[str, str]]
Sides = list[tuple["Lake", str]]
Paths = list[Path]
Parts = list[Part]
Frames = list[pl.DataFrame]
#: a reader that found a part replaced under its hands lists again; a writer cannot replace faster than this often.
_RETRIES = 50


class Lake:
    """Candles on disk under `root`. Opening it touches nothing; the first write to a series clears what a kill left."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        #: the lake of bid and ask beside this one; None in that one itself
        self.quotes: Lake | None = None if str(root).endswith(quotes.ENDING) else self._beside()
        self._footers: dict[Path, tuple[int, int, Footer]] = {}

    def _beside(self) -> Lake:
        return Lake(self.root.with_name(self.root.name + quotes.ENDING))

    # reading

    def read(
        self,
        symbol: str,
        timeframe: str,
        from_ms: int | None = None,
        to_ms: int | None = None,
        last: int | None = None,
    ) -> np.ndarray:
        """CANDLE_DTYPE array of bars with from_ms <= ts < to_ms, oldest first; of these the newest `last`.

        PyroError names a damaged file that the range needs. An unknown series is an empty array.
        """
        return self._retry(lambda: records(self._frames(symbol, timeframe, COLUMNS, from_ms, to_ms, last)))

    def read_columns(
        self,
        symbol: str,
        timeframe: str,
        columns: Sequence[str] = COLUMNS,
        from_ms: int | None = None,
        to_ms: int | None = None,
    ) -> dict[str, np.ndarray]:
        """Name -> contiguous array of only the columns asked for; the rest is not read from disk. QUOTE_COLUMNS may
        be asked for too: nan in every bar that has none."""
        if unknown := [c for c in columns if c not in (*COLUMNS, *QUOTE_COLUMNS)]:
            known = ", ".join((*COLUMNS, *QUOTE_COLUMNS))
            raise BadInput(f'Candles have no column "{unknown[0]}".', fix=f"Use {known}.")

        def once() -> dict[str, np.ndarray]:
            plain = [name for name in columns if name in COLUMNS]
            asked = [name for name in columns if name not in COLUMNS]
            wanted = plain if not asked or "ts" in plain else ["ts", *plain]
            frames = self._frames(symbol, timeframe, wanted, from_ms, to_ms, None)
            whole = (pl.concat(frames) if frames else empty_frame()).rechunk()
            found = {name: whole[name].to_numpy() for name in wanted}
            if asked and self.quotes is not None:
                found |= quotes.columns(found["ts"], self.quotes, symbol, timeframe, asked)
            return {name: found[name] for name in columns}

        return self._retry(once)

    def read_wide(
        self, symbol: str, timeframe: str, from_ms: int | None = None, to_ms: int | None = None
    ) -> np.ndarray:
        """As `read`, with QUOTE_COLUMNS behind the six (nan in bars that have none) where the series has any."""
        bars = self.read(symbol, timeframe, from_ms, to_ms)
        return quotes.joined_to(bars, self.quotes, symbol, timeframe) if self.quotes is not None else bars

    def list(self) -> Stored:
        """Every series from file names and footers; no bar is read. A damaged part counts as a file without bars."""
        return [s for symbol, timeframe, _ in files.all_series(self.root) if (s := self.coverage(symbol, timeframe))]

    def names(self) -> Names:
        """(symbol, timeframe) of every series, sorted, from the folders alone."""
        return [(symbol, timeframe) for symbol, timeframe, _ in files.all_series(self.root)]

    def here(self) -> None:
        """All files are on this disk, for whoever reads them by their paths."""

    def coverage(self, symbol: str, timeframe: str) -> SeriesStored | None:
        """What is stored of one series, or None."""
        return self._retry(lambda: self._coverage(symbol, timeframe))

    def fingerprint(self, symbol: str, timeframe: str) -> str:
        """16 hex digits over names, sizes and mtimes of the series' files: changes whenever they do."""
        digest = hashlib.blake2b(digest_size=8)
        for part in files.parts_of(files.series_folder(self.root, symbol, timeframe)):
            with contextlib.suppress(FileNotFoundError):
                stat = part.path.stat()
                digest.update(f"{part.path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
        return digest.hexdigest()

    # writing

    def write(self, symbol: str, timeframe: str, candles: np.ndarray) -> int:
        """Merge bars in (any order); a bar that is there already is replaced. Returns how many were new or changed.

        One part per year touched, unless it overlaps parts: these are merged into a new one, which is durable
        before they are removed. Nothing is written when nothing changes. BadInput for bars that cannot be.
        QUOTE_COLUMNS behind the six go to the lake beside this one first.
        """
        changed = 0
        if extra_of(candles.dtype) and self.quotes is not None:
            changed, candles = quotes.split_off(candles, self.quotes, symbol, timeframe)
            return max(changed, self.write(symbol, timeframe, candles))
        bars = checked(symbol, candles, stored_ms(timeframe))
        if not bars.size:
            return 0
        with self._writing(symbol, timeframe) as series:
            for year, block in by_year(bars):
                changed += self._merge(series / f"year={year}", block)
        return changed

    def compact(self, symbol: str, timeframe: str) -> int:
        """Make one part of the parts that lie within one month (and of overlapping ones); how many files went."""
        removed = sum(side.compact(name, timeframe) for side, name in self._sides(symbol, timeframe))
        with self._writing(symbol, timeframe) as series:
            for _, folder in files.year_folders(series):
                for group in _months(files.parts_in(folder)):
                    self._replace(folder, group, self._cluster(group))
                    removed += len(group) - 1
        return removed

    def delete(self, symbol: str, timeframe: str) -> None:
        """Remove a series; at once for every reader, even if killed while the files go."""
        for side, name in self._sides(symbol, timeframe):
            side.delete(name, timeframe)
        with self._writing(symbol, timeframe) as series, clear_errors(series):
            if series.is_dir():
                doomed = _doomed(series)
                shutil.rmtree(doomed, ignore_errors=True)
                os.replace(series, doomed)
                sync_folder(series.parent)
                shutil.rmtree(doomed)

    # after a kill or a fault

    def recover(self) -> int:
        """Clear what killed writers left anywhere: temporary files, replaced parts. Returns how many files went."""
        count = self.quotes.recover() if self.quotes is not None else 0
        for symbol, timeframe, folder in files.all_series(self.root):
            with self._locked(symbol, timeframe):
                count += self._clear(folder)
        for doomed in self.root.glob("market=*/timeframe=*/.deleted-*"):
            shutil.rmtree(doomed, ignore_errors=True)
            count += 1
        return count

    def examine(self, symbol: str, timeframe: str) -> tuple[np.ndarray, Faults]:
        """(every bar as it lies in the files, doubles and all; one error per part that cannot be read). Checksums are
        verified; parts that overlap after a kill count as readers see them."""
        series = files.series_folder(self.root, symbol, timeframe)

        def once() -> tuple[np.ndarray, Faults]:
            blocks: list[np.ndarray] = [np.empty(0, CANDLE_DTYPE)]
            faults: Faults = [e for side, name in self._sides(symbol, timeframe) for e in side.check(name, timeframe)]
            for group in files.clusters(files.parts_of(series)):
                read = []
                for part in group:
                    try:
                        read.append((self._footer(part).generation, files.read_verified(part.path)))
                    except PyroError as error:
                        faults.append(error)
                rows = [bars for _, bars in sorted(read, key=lambda r: r[0])]
                blocks += rows if len(rows) < 2 else [newest_wins(rows)]
            return np.concatenate(blocks), faults

        return self._retry(once)

    def check(self, symbol: str, timeframe: str) -> Faults:
        """Read every part with its checksums; one error per damaged or foreign one, in order."""
        found = [e for side, name in self._sides(symbol, timeframe) for e in side.check(name, timeframe)]
        for part in files.parts_of(files.series_folder(self.root, symbol, timeframe)):
            with contextlib.suppress(FileNotFoundError):
                if error := self._fault(part, stored_ms(timeframe)):
                    found.append(error)
        return found

    def repair(self, symbol: str, timeframe: str) -> Paths:
        """Move the damaged parts of a series aside to <name>.corrupt (never deleting one); returns the new paths.
        NewerPart for one that a later version wrote: it is sound, and stays."""
        moved = [path for side, name in self._sides(symbol, timeframe) for path in side.repair(name, timeframe)]
        with self._writing(symbol, timeframe) as series:
            for part in files.parts_of(series):
                if error := self._fault(part, stored_ms(timeframe)):
                    if isinstance(error, files.NewerPart):
                        raise error
                    aside = part.path.with_name(f"{part.path.name}.corrupt")
                    with clear_errors(aside):
                        os.replace(part.path, aside)
                        sync_folder(aside.parent)
                    moved.append(aside)
        return moved

    # inside

    def _sides(self, symbol: str, timeframe: str) -> Sides:
        """The series of bid and ask that belong to this one, where there are any."""
        if self.quotes is None:
            return []
        sides = [(self.quotes, quotes.side_name(symbol, side)) for side in quotes.SIDES]
        return [(lake, name) for lake, name in sides if lake.has(name, timeframe)]

    def has(self, symbol: str, timeframe: str) -> bool:
        """Whether there is such a series."""
        return files.series_folder(self.root, symbol, timeframe).is_dir()

    def _frames(
        self,
        symbol: str,
        timeframe: str,
        columns: Sequence[str],
        from_ms: int | None,
        to_ms: int | None,
        last: int | None,
    ) -> Frames:
        parts = files.parts_of(files.series_folder(self.root, symbol, timeframe), from_ms, to_ms)
        groups = files.clusters(parts)
        if last is not None:
            return self._tail(groups, columns, from_ms, to_ms, last)
        frames: Frames = []
        run: Parts = []
        for group in groups:
            if len(group) == 1:
                run += group
                continue
            frames += self._scan(run, columns, from_ms, to_ms)
            frames.append(cut(self._cluster(group), columns, from_ms, to_ms))
            run = []
        return frames + self._scan(run, columns, from_ms, to_ms)

    def _tail(
        self, groups: Sequence[Sequence[Part]], columns: Sequence[str], from_ms: int | None, to_ms: int | None, n: int
    ) -> Frames:
        frames: Frames = []
        for group in reversed(groups):
            if n <= 0:
                break
            if len(group) > 1:
                frame = cut(self._cluster(group), columns, from_ms, to_ms).tail(n)
            else:
                frame = pl.concat(self._scan(group, columns, from_ms, to_ms, n))
            frames.append(frame)
            n -= frame.height
        return frames[::-1]

    def _scan(
        self,
        parts: Sequence[Part],
        columns: Sequence[str],
        from_ms: int | None,
        to_ms: int | None,
        last: int | None = None,
    ) -> Frames:
        if not parts:
            return []
        before = [_identity(part.path) for part in parts]
        for part in parts:
            self._footer(part)
        plan = pl.scan_parquet([p.path for p in parts], hive_partitioning=False, glob=False)
        if from_ms is not None and parts[0].first < from_ms:
            plan = plan.filter(pl.col("ts") >= from_ms)
        if to_ms is not None and parts[-1].last >= to_ms:
            plan = plan.filter(pl.col("ts") < to_ms)
        plan = plan.select(columns)
        try:
            frame = (plan if last is None else plan.tail(last)).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            _same(parts, before)
            for part in parts:
                files.read_verified(part.path)
            raise files.damaged(parts[0].path, error) from error
        _same(parts, before)
        return [frame]

    def _footer(self, part: Part) -> Footer:
        stat = part.path.stat()
        known = self._footers.get(part.path)
        if known and known[:2] == (stat.st_size, stat.st_mtime_ns):
            return known[2]
        footer = files.read_footer(part.path)
        self._footers[part.path] = (stat.st_size, stat.st_mtime_ns, footer)
        return footer

    def _cluster(self, group: Sequence[Part]) -> np.ndarray:
        ordered = sorted(group, key=lambda p: self._footer(p).generation)
        return newest_wins([records(self._scan([p], COLUMNS, None, None)) for p in ordered])

    def _coverage(self, symbol: str, timeframe: str) -> SeriesStored | None:
        parts = files.parts_of(files.series_folder(self.root, symbol, timeframe))
        if not parts:
            return None
        bars = 0
        for group in files.clusters(parts):
            try:
                bars += self._footer(group[0]).rows if len(group) == 1 else self._cluster(group).size
            except PyroError:
                continue
        return SeriesStored(
            symbol=symbol,
            timeframe=timeframe,
            bars=bars,
            first_ms=parts[0].first,
            last_ms=max(p.last for p in parts),
            files=len(parts),
            bytes=sum(p.path.stat().st_size for p in parts),
        )

    def _fault(self, part: Part, step: int) -> PyroError | None:
        try:
            files.read_footer(part.path)
            bars = files.read_verified(part.path)
            checked(part.path.name, bars, step)
        except PyroError as error:
            return error
        ts = bars["ts"]
        if not ts.size or (ts[0], ts[-1]) != (part.first, part.last) or bool((ts[1:] <= ts[:-1]).any()):
            return files.damaged(part.path, "its bars are not those that its name promises")
        return None

    def _merge(self, folder: Path, new: np.ndarray) -> int:
        first, last = int(new["ts"][0]), int(new["ts"][-1])
        touched = [p for p in files.parts_in(folder) if p.first <= last and p.last >= first]
        old = self._cluster(touched)
        merged = newest_wins([old, new])
        changed = count_changed(old, new)
        if changed or len(touched) > 1:
            self._replace(folder, touched, merged)
        return changed

    def _replace(self, folder: Path, old: Sequence[Part], bars: np.ndarray) -> None:
        generation = 1 + max((self._footer(p).generation for p in old), default=0)
        new = files.write_part(folder, bars, generation, [p.path.name for p in old])
        with clear_errors(new):
            for part in old:
                if part.path != new:
                    part.path.unlink(missing_ok=True)
                    self._footers.pop(part.path, None)
            sync_folder(folder)

    def _clear(self, series: Path) -> int:
        count = 0
        for _, folder in files.year_folders(series):
            count += remove_temps(folder)
            for group in files.clusters(files.parts_in(folder)):
                if len(group) > 1:
                    count += self._finish(folder, group)
        return count

    def _finish(self, folder: Path, group: Sequence[Part]) -> int:
        """Complete a replacement that was cut off: remove the parts that a newer one says it replaces."""
        count = 0
        for part in group:
            with contextlib.suppress(PyroError, FileNotFoundError):
                footer = self._footer(part)
                for name in footer.replaces:
                    target = next((p for p in group if p.path.name == name), None)
                    if target and target.path.exists() and self._footer(target).generation < footer.generation:
                        target.path.unlink()
                        count += 1
        sync_folder(folder)
        return count

    @contextlib.contextmanager
    def _locked(self, symbol: str, timeframe: str) -> Iterator[None]:
        series = files.series_folder(self.root, symbol, timeframe)
        with exclusive(self.root / ".locks" / "-".join(p.partition("=")[2] for p in series.parts[-3:])):
            yield

    @contextlib.contextmanager
    def _writing(self, symbol: str, timeframe: str) -> Iterator[Path]:
        series = files.series_folder(self.root, symbol, timeframe)
        with self._locked(symbol, timeframe), clear_errors(series):
            self._clear(series)
            yield series

    def _retry(self, attempt: Callable[[], T]) -> T:
        for _ in range(_RETRIES):
            try:
                return attempt()
            except FileNotFoundError:
                continue
        return attempt()


def _identity(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _same(parts: Sequence[Part], before: Sequence[tuple[int, int, int]]) -> None:
    """A reader opens a file more than once; if it was replaced in between, what was read may be of both."""
    if [_identity(part.path) for part in parts] != before:
        raise FileNotFoundError("replaced while it was read")


def _doomed(series: Path) -> Path:
    return series.with_name(f".deleted-{series.name}")


def _month(ts_ms: int) -> int:
    return int(np.datetime64(ts_ms, "ms").astype("datetime64[M]").astype(int))


def _months(parts: Sequence[Part]) -> list[list[Part]]:
    """Groups of two or more: neighbouring parts that lie wholly in one month, and parts that overlap."""
    groups: list[list[Part]] = []
    key: int | None = None
    for cluster in files.clusters(parts):
        span = {
            int(np.datetime64(t, "ms").astype("datetime64[M]").astype(int)) for p in cluster for t in (p.first, p.last)
        }
        month = span.pop() if len(span) == 1 else None
        if groups and month is not None and month == key:
            groups[-1] += cluster
        else:
            groups.append(list(cluster))
        key = month
    return [g for g in groups if len(g) > 1]
