"""Files that appear whole or not at all, and one writer at a time for what belongs together."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.contracts.errors import PyroError

#: what a file being written ends with; no reader's pattern matches it, and whoever holds the lock may remove it.
TEMP_SUFFIX = ".writing"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}


def publish(path: Path, *blocks: bytes | memoryview) -> Path:
    """Write the blocks aside, sync, give the file its name, sync the folder. PyroError for no room or no right."""
    temp = path.with_name(f".{path.name}{TEMP_SUFFIX}")
    with clear_errors(path):
        make_folder(path.parent)
        try:
            with temp.open("wb") as file:
                for block in blocks:
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temp, path)
        except BaseException:
            with contextlib.suppress(OSError):
                temp.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    return path


@contextlib.contextmanager
def clear_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals about `path` into one clear sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise PyroError(
                "There is no room left to write this file; what was there before is kept.",
                where=str(path),
                fix="Free some space on this disk, or choose another data folder with --data, and try again.",
            ) from error
        if error.errno in _NO_RIGHT:
            raise PyroError(
                "This folder may not be written to; what was there before is kept.",
                where=str(path.parent),
                fix="Give yourself write permission, or choose another data folder with --data.",
            ) from error
        if error.errno is None or isinstance(error, FileNotFoundError):
            raise
        raise PyroError(
            f"Could not write this file: {error.strerror}.", where=str(path), fix="Check the disk and try again."
        ) from error


def make_folder(folder: Path) -> None:
    """Create the folder and its parents durably: each new entry's parent is synced."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
        sync_folder(new.parent)


def sync_folder(folder: Path) -> None:
    """Make the folder's entries durable; Windows has no such call and needs none."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_temps(folder: Path) -> int:
    """Remove what a killed writer left in this folder; only the holder of its lock may. Returns how many."""
    count = 0
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for name in os.listdir(folder):
            if name.startswith(".") and name.endswith(TEMP_SUFFIX):
                (folder / name).unlink(missing_ok=True)
                count += 1
    return count


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file `path` against other processes and other holders here; a killed holder's lock is free."""
    with clear_errors(path):
        make_folder(path.parent)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        locking: Any = msvcrt.locking
        locking(handle, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)
