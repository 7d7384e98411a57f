"""A lake behind any fsspec URL: its files as they stand, and a mirror of the series that were used on this disk.

Parts never change under their name unless their range is written anew, so a mirror is kept true by names, sizes and
stamps. Reading fetches what is new of one series; writing happens in the mirror, then the new parts are put beside the
old ones and only then these are removed: any reader elsewhere sees the one or both. One host writes a series at a time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.clock import SYSTEM_CLOCK
from engine.contracts.commands import SeriesStored
from engine.contracts.errors import BadInput, PyroError
from engine.store import lake_files as files
from engine.store import quotes
from engine.store.bars import COLUMNS
from engine.store.files import exclusive, publish
from engine.store.lake import Faults, Lake, Names, Paths, Stored

#: s for which a listing of the remote folder is taken as true for reading
FRESH_S = 2.0
#: file systems on which a file being written can be seen half; elsewhere an object appears whole
_IN_PLACE = {"file", "local", "sftp", "ssh", "ftp", "smb"}


class _Seen(msgspec.Struct, frozen=True):
    """A part as it was when mirror and remote were last the same: [size, stamp] there, [size, mtime ns] here."""

    remote: tuple[int, str]
    local: tuple[int, int]


_INDEX = msgspec.json.Decoder(dict[str, _Seen])


def open_lake(where: str | Path, mirrors: Path) -> Lake:
    """The lake of a folder, or of an fsspec URL with a mirror below `mirrors`. BadInput for a URL that is none."""
    text = str(where)
    if "://" not in text:
        return Lake(Path(where))
    name = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return RemoteLake(text, mirrors / f"lake-{name}")


class RemoteLake(Lake):
    """url: folder of the lake; mirror: local folder for copies, which may be deleted at any time."""

    def __init__(self, url: str, mirror: Path) -> None:
        self.url = url.rstrip("/")
        super().__init__(mirror)
        self._fs, self._base = _file_system(url)
        self._rows: dict[tuple[str, int, str], int] = {}
        self._synced: dict[str, int] = {}

    def _beside(self) -> Lake:
        return RemoteLake(self.url + quotes.ENDING, self.root.with_name(self.root.name + quotes.ENDING))

    # reading

    def read(
        self,
        symbol: str,
        timeframe: str,
        from_ms: int | None = None,
        to_ms: int | None = None,
        last: int | None = None,
    ) -> np.ndarray:
        self._sync(symbol, timeframe)
        return super().read(symbol, timeframe, from_ms, to_ms, last)

    def read_columns(
        self,
        symbol: str,
        timeframe: str,
        columns: Any = COLUMNS,
        from_ms: int | None = None,
        to_ms: int | None = None,
    ) -> dict[str, np.ndarray]:
        self._sync(symbol, timeframe)
        return super().read_columns(symbol, timeframe, columns, from_ms, to_ms)

    def has(self, symbol: str, timeframe: str) -> bool:
        self._sync(symbol, timeframe)
        return super().has(symbol, timeframe)

    def names(self) -> Names:
        return sorted({(symbol, timeframe) for symbol, timeframe, _ in self._remote_series()})

    def list(self) -> Stored:
        """From names and footers alone: no series is fetched for it."""
        return [self._stored(s, t, parts) for s, t, parts in self._remote_series()]

    def coverage(self, symbol: str, timeframe: str) -> SeriesStored | None:
        folder = self._folder(symbol, timeframe)
        found = self._listed(folder)
        return self._stored(symbol, timeframe, found) if found else None

    def fingerprint(self, symbol: str, timeframe: str) -> str:
        self._sync(symbol, timeframe)
        return super().fingerprint(symbol, timeframe)

    def examine(self, symbol: str, timeframe: str) -> tuple[np.ndarray, Faults]:
        self._sync(symbol, timeframe)
        return super().examine(symbol, timeframe)

    def check(self, symbol: str, timeframe: str) -> Faults:
        self._sync(symbol, timeframe)
        return super().check(symbol, timeframe)

    def here(self) -> None:
        """Fetch everything: SQL reads the mirror."""
        for symbol, timeframe in self.names():
            self._sync(symbol, timeframe)

    # writing

    def write(self, symbol: str, timeframe: str, candles: np.ndarray) -> int:
        with self._both_ways(symbol, timeframe):
            return super().write(symbol, timeframe, candles)

    def compact(self, symbol: str, timeframe: str) -> int:
        with self._both_ways(symbol, timeframe):
            return super().compact(symbol, timeframe)

    def delete(self, symbol: str, timeframe: str) -> None:
        with self._both_ways(symbol, timeframe):
            super().delete(symbol, timeframe)

    def repair(self, symbol: str, timeframe: str) -> Paths:
        with self._both_ways(symbol, timeframe):
            return super().repair(symbol, timeframe)

    # inside

    @contextlib.contextmanager
    def _both_ways(self, symbol: str, timeframe: str) -> Iterator[None]:
        self._sync(symbol, timeframe, fresh=True)
        yield
        self._sync(symbol, timeframe, fresh=True)

    def _folder(self, symbol: str, timeframe: str) -> str:
        return files.series_folder(self.root, symbol, timeframe).relative_to(self.root).as_posix()

    def _sync(self, symbol: str, timeframe: str, *, fresh: bool = False) -> None:
        """Make mirror and remote the same for one series: what changed on one side since they were goes to the other;
        where both have a part that neither has seen before, the remote's counts."""
        folder = self._folder(symbol, timeframe)
        now = SYSTEM_CLOCK.monotonic_ns()
        if not fresh and now - self._synced.get(folder, -(10**18)) < FRESH_S * 1e9:
            return
        index = self.root / ".remote" / f"{folder.replace('/', '+')}.json"
        with exclusive(self.root / ".locks" / f"remote-{folder.replace('/', '+')}"):
            known = _INDEX.decode(index.read_bytes()) if index.exists() else {}
            remote, local = self._listed(folder), self._local(folder)
            for name in sorted(remote.keys() | local.keys() | known.keys()):
                self._settle(f"{folder}/{name}", remote.get(name), local.get(name), known.get(name))
            remote, local = self._listed(folder), self._local(folder)
            seen = {name: _Seen(remote[name], local[name]) for name in remote.keys() & local.keys()}
            if seen != known:
                publish(index, msgspec.json.encode(seen))
        self._synced[folder] = now

    def _settle(
        self, path: str, remote: tuple[int, str] | None, local: tuple[int, int] | None, seen: _Seen | None
    ) -> None:
        target = self.root / path
        if remote and (not local or not seen or remote != seen.remote):
            if not local and seen and remote == seen.remote:
                self._guarded(lambda: self._fs.rm_file(f"{self._base}/{path}"))  # removed here since
            elif not (local and not seen and local[0] == remote[0]):
                publish(target, self._guarded(lambda: self._fs.cat_file(f"{self._base}/{path}")))
        elif local and ((not remote and not seen) or (remote and seen and local != seen.local)):
            self._put(f"{self._base}/{path}", target.read_bytes())
        elif local and not remote:
            target.unlink(missing_ok=True)  # removed there since

    def _put(self, path: str, data: bytes) -> None:
        protocol = self._fs.protocol if isinstance(self._fs.protocol, str) else self._fs.protocol[0]

        def put() -> None:
            self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)
            if protocol in _IN_PLACE:
                aside = f"{path.rpartition('/')[0]}/.{path.rpartition('/')[2]}.writing"
                self._fs.pipe_file(aside, data)
                self._fs.mv(aside, path)
            else:
                self._fs.pipe_file(path, data)

        self._guarded(put)

    def _listed(self, folder: str) -> dict[str, tuple[int, str]]:
        """year=.../part-....parquet -> (size, stamp) of the remote parts of a series."""
        return {
            path[len(folder) + 1 :]: about
            for path, about in self._find(folder).items()
            if files.is_part(path.rpartition("/")[2])
        }

    def _local(self, folder: str) -> dict[str, tuple[int, int]]:
        parts = files.parts_of(self.root / folder)
        stats = {p.path.relative_to(self.root / folder).as_posix(): p.path.stat() for p in parts}
        return {name: (s.st_size, s.st_mtime_ns) for name, s in stats.items()}

    def _find(self, folder: str) -> dict[str, tuple[int, str]]:
        """Path below the lake -> (size, stamp) of every file below one of its folders ('' = of all)."""
        start = f"{self._base}/{folder}" if folder else self._base

        def find() -> dict[str, Any]:
            self._fs.invalidate_cache()
            return dict(self._fs.find(start, detail=True))

        found = {}
        for path, info in self._guarded(find).items():
            stamp = next((info[k] for k in ("ETag", "etag", "mtime", "LastModified", "created") if info.get(k)), "")
            found[path[len(self._base) :].lstrip("/")] = (int(info.get("size") or 0), str(stamp))
        return found

    def _remote_series(self) -> Iterator[tuple[str, str, dict[str, tuple[int, str]]]]:
        by_folder: dict[str, dict[str, tuple[int, str]]] = {}
        for path, about in self._find("").items():
            folder, slash, rest = path.partition("/year=")
            if slash and files.is_part(path.rpartition("/")[2]):
                by_folder.setdefault(folder, {})[f"year={rest}"] = about
        for folder in sorted(by_folder):
            if name := files.series_name(folder):
                yield *name, by_folder[folder]

    def _stored(self, symbol: str, timeframe: str, parts: dict[str, tuple[int, str]]) -> SeriesStored:
        folder = self._folder(symbol, timeframe)
        spans = [files.part_span(path.rpartition("/")[2]) for path in parts]
        return SeriesStored(
            symbol=symbol,
            timeframe=timeframe,
            bars=sum(self._count(f"{folder}/{path}", *about) for path, about in parts.items()),
            first_ms=min(first for first, _ in spans),
            last_ms=max(last for _, last in spans),
            files=len(parts),
            bytes=sum(size for size, _ in parts.values()),
        )

    def _count(self, path: str, size: int, stamp: str) -> int:
        """Rows by the footer; a damaged part counts none."""
        key = (path, size, stamp)
        if key not in self._rows:
            try:
                with self._fs.open(f"{self._base}/{path}", "rb") as file:
                    self._rows[key] = pq.read_metadata(file).num_rows
            except (pa.ArrowException, OSError):
                return 0
        return self._rows[key]

    def _guarded(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except FileNotFoundError:
            return {}
        except (OSError, PermissionError, TimeoutError) as error:
            raise PyroError(
                f"The lake cannot be reached ({error}).",
                where=self.url,
                fix="Check the URL, the network and your rights; what is here already was kept.",
            ) from error


def _file_system(url: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError as error:
        raise PyroError(
            "A lake behind a URL needs fsspec, which is not installed.",
            where=url,
            fix='Install it: pip install "pyroquant[cloud]", and the driver of your storage (s3fs, gcsfs, adlfs ...).',
        ) from error
    try:
        fs, base = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise PyroError(
            f"The driver of this storage is not installed ({error}).", where=url, fix="Install it with pip."
        ) from error
    except ValueError as error:
        raise BadInput(f"This is no URL of a lake: {error}.", where=url, fix="Write e.g. s3://bucket/lake.") from error
    return fs, str(base).rstrip("/") if os.sep == "/" else str(base).rstrip("/\\")
