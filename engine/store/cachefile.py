"""Memory-mapped copies of series for charts and back-tests: opened in microseconds, shared by all processes."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.store.files import exclusive, publish
from engine.store.lake import Lake
from engine.store.lake_files import encode_name


def mapped(lake: Lake, folder: Path, symbol: str, timeframe: str) -> np.ndarray:
    """Read-only memory map of all bars of the series (an empty array when there are none).

    The file is <folder>/<symbol>-<timeframe>-<fingerprint>.npy, made anew when the lake's files have changed; older
    ones are removed (a process that has one mapped keeps it; where the system forbids that it stays until next time).
    """
    path = cache_path(lake, folder, symbol, timeframe)
    if not path.exists():
        with exclusive(folder / ".lock"):
            path = cache_path(lake, folder, symbol, timeframe)
            if not path.exists():
                _build(lake, path, symbol, timeframe)
    try:
        bars: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:
        bars = np.empty(0)
    if bars.dtype != CANDLE_DTYPE:
        path.unlink(missing_ok=True)
        return mapped(lake, folder, symbol, timeframe)
    return bars


def cache_path(lake: Lake, folder: Path, symbol: str, timeframe: str) -> Path:
    """Where the copy of the series as it is now lies or would lie."""
    return folder / f"{encode_name(symbol)}-{timeframe}-{lake.fingerprint(symbol, timeframe)}.npy"


def _build(lake: Lake, path: Path, symbol: str, timeframe: str) -> None:
    head = io.BytesIO()
    bars = lake.read(symbol, timeframe)
    np.lib.format.write_array_header_1_0(head, np.lib.format.header_data_from_array_1_0(bars))
    publish(path, head.getvalue(), bars.view(np.uint8).data)
    prefix = f"{encode_name(symbol)}-{timeframe}-"
    for old in path.parent.glob("*.npy"):
        if old.name.startswith(prefix) and old != path and len(old.name) == len(path.name):
            with contextlib.suppress(OSError):
                old.unlink()
