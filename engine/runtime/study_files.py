"""The person's folder of strategies as an editor sees it: list, read, write, rename, delete. The folder is watched, so
what is written here is live within a second."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from engine.contracts.commands import Ok
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.studio import (
    DeleteStrategyFile,
    FileText,
    ReadStrategyFile,
    RenameStrategyFile,
    SaveStrategyFile,
    StrategyFile,
    StrategyFiles,
)
from engine.runtime.strategies import user_files
from engine.runtime.user_files import LONGEST_FILE, MOST_FILES, PYTHON, TEXT

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}\.(txt|py)")


class StrategyFolder:
    """Every method raises BadInput with a way out, and leaves the folder as it was then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list(self) -> StrategyFiles:
        """By name; with what each holds, or why it is refused."""
        files = []
        for file in user_files():
            try:
                stat, raw = file.path.stat(), file.path.read_bytes()
            except OSError:
                continue
            files.append(
                StrategyFile(
                    name=file.path.name,
                    size=stat.st_size,
                    changed_ms=stat.st_mtime_ns // 1_000_000,
                    stamp=stamp(raw),
                    strategies=[s.id for s in file.strategies],
                    error=str(file.error) if file.error else "",
                )
            )
        return StrategyFiles(folder=str(self.folder), files=files)

    def read(self, ask: ReadStrategyFile) -> FileText:
        path = self._there(ask.name)
        raw = _bytes(path)
        return FileText(name=ask.name, text=raw.decode("utf-8", errors="replace"), stamp=stamp(raw))

    def save(self, ask: SaveStrategyFile) -> FileText:
        """Aside, synced, renamed; a file that is another one by now is not overwritten."""
        path = self._path(ask.name)
        raw = ask.text.encode()
        if len(raw) > LONGEST_FILE:
            raise BadInput(f"the text is longer than {LONGEST_FILE // 1000} kB.", where=ask.name)
        if not ask.force:
            now = stamp(_bytes(path)) if path.exists() else ""
            if now != ask.stamp and now != stamp(raw):
                what = "has been changed by another program" if ask.stamp and now else "exists already"
                if not now:
                    what = "is gone"
                raise BadInput(
                    f"{ask.name} {what}; it was not overwritten.", fix="Save under another name, or overwrite it."
                )
        if not path.exists() and len(self.list().files) >= MOST_FILES:
            raise BadInput(f"the folder holds {MOST_FILES} files, which is the most it may.", where=str(self.folder))
        aside = path.with_name(f".{path.name}.new")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with aside.open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise PyroError(f"{ask.name} cannot be written: {error.strerror}.", where=str(self.folder)) from error
        return FileText(name=ask.name, text=ask.text, stamp=stamp(raw))

    def rename(self, ask: RenameStrategyFile) -> Ok:
        path, to = self._there(ask.name), self._path(ask.to)
        if to.exists():
            raise BadInput(f"{ask.to} exists already.", fix="Choose another name.")
        if to.suffix != path.suffix:
            raise BadInput(f"{ask.to} must end with {path.suffix} too.")
        path.rename(to)
        return Ok()

    def delete(self, ask: DeleteStrategyFile) -> Ok:
        """Its strategies are no longer live; what they signalled stays in the journal."""
        self._there(ask.name).unlink()
        return Ok()

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name) or ".." in name:
            raise BadInput(
                f'"{name[:80]}" cannot name a file of strategies.',
                fix=f"Use letters, digits, - and _, and end it with {TEXT} or {PYTHON}.",
            )
        return self.folder / name

    def _there(self, name: str) -> Path:
        path = self._path(name)
        if not path.is_file():
            raise BadInput(f"{name} is gone.", where=str(self.folder))
        return path


def stamp(raw: bytes) -> str:
    """Of a content."""
    return hashlib.blake2b(raw, digest_size=8).hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PyroError(f"{path.name} cannot be read: {error.strerror}.") from error
