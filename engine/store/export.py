"""Bars into one file that other programs read: CSV, Parquet or Feather by its ending, whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import polars as pl

from engine.contracts.errors import BadInput
from engine.store.files import publish

ENDINGS = (".csv", ".parquet", ".feather", ".arrow")


def export_bars(path: Path, bars: np.ndarray, *, overwrite: bool = False) -> int:
    """Write bars (records with ts in ms and the columns of the lake) to `path`; returns the file's size in bytes.

    CSV has `time` as ISO 8601 UTC, the others `ts` in ms. BadInput for another ending, no bars, or a file that is
    there already; PyroError when there is no room, and then nothing is left behind.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        known = ", ".join(ENDINGS)
        raise BadInput(f'"{path.name}" ends in no format that is known.', where=str(path), fix=f"Use {known}.")
    if path.is_dir() or (path.exists() and not overwrite):
        raise BadInput("This file is there already.", where=str(path), fix="Name another, or add --overwrite.")
    if not bars.size:
        raise BadInput("There are no bars to write.", where=str(path), fix="Choose another range or timeframe.")
    frame = pl.DataFrame({name: np.ascontiguousarray(bars[name]) for name in bars.dtype.names or ()})
    sink = io.BytesIO()
    if ending == ".csv":
        whole = bool((bars["ts"] % 1000 == 0).all())
        form = "%Y-%m-%dT%H:%M:%SZ" if whole else "%Y-%m-%dT%H:%M:%S%.3fZ"
        time = pl.from_epoch("ts", time_unit="ms").dt.strftime(form).alias("time")
        frame.select(time, pl.exclude("ts").fill_nan(None)).write_csv(sink)
    elif ending == ".parquet":
        frame.write_parquet(sink, compression="zstd", statistics=True)
    else:
        frame.write_ipc(sink, compression="uncompressed")
    publish(path.absolute(), sink.getbuffer())
    return path.stat().st_size
