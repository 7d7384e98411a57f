"""Arrays of bars as the store handles them: merged by open time, checked, cut, moved from columns to records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import polars as pl

from engine.contracts.data import QUOTE_COLUMNS
from engine.contracts.dtypes import CANDLE_DTYPE, PRICE_COLUMNS
from engine.contracts.errors import BadInput
from engine.contracts.timeframes import grid_ms

COLUMNS: tuple[str, ...] = ("ts", *PRICE_COLUMNS)
#: rows copied at once from columns into records: the block's columns and records stay in the cache.
_BLOCK = 4096
#: 1990-01-01 and 2100-01-01: a stamp outside is in a wrong unit.
FIRST_MS, LAST_MS = 631_152_000_000, 4_102_444_800_000


def wide_dtype(extra: Iterable[str]) -> np.dtype:
    """Records of bars with these of QUOTE_COLUMNS behind the six; CANDLE_DTYPE itself without any."""
    chosen = set(extra)
    return np.dtype(CANDLE_DTYPE.descr + [(n, "<f8") for n in QUOTE_COLUMNS if n in chosen]) if chosen else CANDLE_DTYPE


def extra_of(dtype: np.dtype) -> tuple[str, ...]:
    """The columns of a record beside the six."""
    return tuple(n for n in dtype.names or () if n not in COLUMNS)


def widened(bars: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The bars as records of `dtype`: columns it lacks go, those it has more of are nan."""
    if bars.dtype == dtype:
        return bars
    out = np.empty(bars.size, dtype)
    for name in dtype.names or ():
        out[name] = bars[name] if name in (bars.dtype.names or ()) else np.nan
    return out


def records(frames: Sequence[pl.DataFrame]) -> np.ndarray:
    """Columns to records, block by block: one pass over memory instead of one per column."""
    out = np.empty(sum(f.height for f in frames), CANDLE_DTYPE)
    at = 0
    for frame in frames:
        # columns of one frame may be cut at other places
        if len({tuple(map(len, frame[c].get_chunks())) for c in COLUMNS}) > 1:
            frame = frame.rechunk()
        columns = [(out[c], [s.to_numpy() for s in frame[c].get_chunks()]) for c in COLUMNS]
        for i in range(len(columns[0][1])):
            size = len(columns[0][1][i])
            for low in range(0, size, _BLOCK):
                high = min(low + _BLOCK, size)
                for target, chunks in columns:
                    target[at + low : at + high] = chunks[i][low:high]
            at += size
    return out


def count_changed(old: np.ndarray, new: np.ndarray) -> int:
    """How many of the sorted bars `new` are not in the sorted `old` as they are."""
    if not old.size:
        return int(new.size)
    at = np.minimum(np.searchsorted(old["ts"], new["ts"]), old.size - 1)
    return int(np.count_nonzero(old[at] != new))


def by_year(bars: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    years = bars["ts"].astype("datetime64[ms]").astype("datetime64[Y]").astype(np.int64) + 1970
    borders = np.flatnonzero(np.diff(years)) + 1
    for block in np.split(np.arange(bars.size), borders):
        yield int(years[block[0]]), bars[block[0] : block[-1] + 1]


def checked(where: str, candles: np.ndarray, step: int) -> np.ndarray:
    """The bars sorted and unique; BadInput names the first that cannot be a bar of `step` ms."""
    if candles.dtype != CANDLE_DTYPE:
        raise BadInput("These bars are not CANDLE_DTYPE records.", where=where, fix=f"Give {', '.join(COLUMNS)}.")
    bars = newest_wins([candles])
    ts = bars["ts"]
    bad = (ts % grid_ms(step) != 0) | (ts < FIRST_MS) | (ts >= LAST_MS)
    if bad.any():
        raise BadInput(
            f"A bar opens at {int(ts[np.argmax(bad)])} ms, "
            f"which is no opening time of a bar of {step // 1000} s between 1990 and 2100.",
            where=where,
            fix="Check the unit and the grid of the time column.",
        )
    for column in PRICE_COLUMNS:
        wrong = ~np.isfinite(bars[column]) | (bars[column] < 0)
        if wrong.any():
            i = int(np.argmax(wrong))
            raise BadInput(
                f"The bar at {int(ts[i])} ms has {column} {bars[column][i]}.",
                where=where,
                fix="Leave out bars without a price.",
            )
    return bars


def cut(bars: np.ndarray, columns: Sequence[str], from_ms: int | None, to_ms: int | None) -> pl.DataFrame:
    ts = bars["ts"]
    low = 0 if from_ms is None else int(np.searchsorted(ts, from_ms))
    high = ts.size if to_ms is None else int(np.searchsorted(ts, to_ms))
    return pl.DataFrame({c: np.ascontiguousarray(bars[c][low:high]) for c in columns})


def empty_frame() -> pl.DataFrame:
    return pl.DataFrame({"ts": np.empty(0, np.int64)} | {c: np.empty(0, np.float64) for c in PRICE_COLUMNS})


def newest_wins(arrays: list[np.ndarray]) -> np.ndarray:
    """Sorted union of arrays of bars; of bars with one open time the one of the latest array (and row) stays."""
    dtype = wide_dtype({name for bars in arrays for name in extra_of(bars.dtype)})
    joined = np.concatenate([widened(bars, dtype) for bars in arrays]) if arrays else np.empty(0, dtype)
    ts = joined["ts"]
    if ts.size < 2 or bool((ts[1:] > ts[:-1]).all()):
        return joined
    order = np.argsort(ts, kind="stable")
    sorted_ts = ts[order]
    keep = np.append(sorted_ts[1:] != sorted_ts[:-1], True)
    return joined[order[keep]]
