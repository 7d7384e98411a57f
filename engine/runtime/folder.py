"""The data folder: where everything of one installation lies, who runs on it, and how to reach that engine."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path
from typing import IO

import msgspec
import platformdirs

from engine.contracts.errors import BadInput, PyroError

DEMO = "demo"


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach a running engine. Only its user can read the file that this is kept in."""

    host: str
    port: int
    token: str
    pid: int
    demo: bool
    version: str


class DataFolder:
    """Paths below one root; `prepare` makes sure that it can be written."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def default(cls) -> DataFolder:
        return cls(Path(platformdirs.user_data_dir("pyroquant", appauthor=False)))

    @property
    def demo(self) -> DataFolder:
        """The demo market's own folder: invented candles never mix with real ones."""
        return DataFolder(self.root / DEMO)

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def state(self) -> Path:
        return self.root / "state.sqlite"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def strategies(self) -> Path:
        """Where the person's own strategies lie; the demo market runs the same ones."""
        return (self.root.parent if self.root.name == DEMO else self.root) / "strategies"

    @property
    def endpoint(self) -> Path:
        return self.root / "engine.json"

    def prepare(self) -> None:
        """Create it and try a write; PyroError says what stands in the way."""
        try:
            for folder in (self.root, self.lake, self.cache, self.logs, self.strategies):
                folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root) as probe:
                probe.write(b"x")
        except OSError as error:
            raise BadInput(
                f"the data folder cannot be written ({error.strerror or error})",
                where=str(self.root),
                fix="Free the disk or mend its rights, or choose another with --data DIR.",
            ) from error

    def write_endpoint(self, endpoint: Endpoint) -> None:
        temporary = self.endpoint.with_suffix(".tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(endpoint))
        os.replace(temporary, self.endpoint)

    def read_endpoint(self) -> Endpoint | None:
        """The engine said to run here, or None; a broken file counts as none."""
        try:
            return msgspec.json.decode(self.endpoint.read_bytes(), type=Endpoint)
        except (OSError, msgspec.DecodeError):
            return None

    def remove_endpoint(self) -> None:
        with contextlib.suppress(OSError):
            self.endpoint.unlink()


class FolderLock:
    """Held by the one engine that writes a data folder; the system frees it however the process ends."""

    def __init__(self, folder: DataFolder) -> None:
        self._path = folder.root / "engine.lock"
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """PyroError, naming the other engine's pid, when one runs already."""
        file = open(self._path, "a+", encoding="utf-8")  # noqa: SIM115 - held until release
        try:
            _lock(file)
        except OSError:
            file.seek(0)
            pid = file.read().strip() or "?"
            file.close()
            raise PyroError(
                f"another engine (process {pid}) already runs on this data folder",
                where=str(self._path.parent),
                fix="Attach to it (start without --headless), stop it, or choose another folder with --data DIR.",
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


def _lock(file: IO[str]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
