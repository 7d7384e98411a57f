"""Keeps what people drew: one JSON file in the configuration folder, written aside and renamed after every change."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from widgets.texts import tr
from widgets.viewmodels.drawings import DrawingBook

MAX_BYTES = 50_000_000


def path_in(config_folder: Path) -> Path:
    return config_folder / "drawings.json"


def load(config_folder: Path, book: DrawingBook) -> str:
    """Fill the book with what was kept. Returns '' or one sentence on what could not be used; the file is kept then."""
    path = path_in(config_folder)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(tr("it is far too large"))
        bad = book.load(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ""
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OSError) as error:
        kept = _set_aside(path)
        reason = tr("The saved drawings could not be used ({error}); the charts start without them.").format(
            error=error
        )
        return f"{reason} " + tr("The old file was kept as {name}.").format(name=kept) if kept else reason
    if not bad:
        return ""
    kept = _set_aside(path)
    reason = tr("{n} saved drawings could not be read and were left out.").format(n=bad)
    return f"{reason} " + tr("The old file was kept as {name}.").format(name=kept) if kept else reason


def save(config_folder: Path, book: DrawingBook) -> None:
    """Write it whole or not at all; OSError when it cannot be written."""
    config_folder.mkdir(parents=True, exist_ok=True)
    path = path_in(config_folder)
    aside = path.with_suffix(".json.new")
    aside.write_text(book.saved(), encoding="utf-8")
    os.replace(aside, path)


def keep(config_folder: Path, book: DrawingBook, failed: Callable[[str], None]) -> Callable[[], None]:
    """Save after every change from now on, so that a crash loses nothing; a failure is told once until it works
    again. Returns what ends it."""
    told = False

    def changed(_symbol: str) -> None:
        nonlocal told
        try:
            save(config_folder, book)
            told = False
        except OSError as error:
            if not told:
                failed(tr("Drawings cannot be saved: {error}. They stay until the window closes.").format(error=error))
            told = True

    return book.listen(changed)


def _set_aside(path: Path) -> str:
    broken = path.with_suffix(".json.broken")
    try:
        os.replace(path, broken)
    except OSError:
        return ""
    return broken.name
