"""The map of the lake: bars that are there and bars that are missing, by month, of every series."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from engine.contracts.coverage import SeriesCoverage
from engine.contracts.errors import PyroError
from engine.contracts.timeframes import stored_ms
from engine.store.lake import Lake
from engine.store.quality import holes, split_ranges

#: raised when the columns below change their meaning
VERSION = 1


class _Kept(msgspec.Struct):
    version: int
    #: symbol, timeframe -> (fingerprint, what was found)
    series: dict[str, tuple[str, SeriesCoverage]]


def by_month(
    symbol: str, timeframe: str, ts: np.ndarray, empty: Sequence[tuple[int, int]] = ()
) -> tuple[int, np.ndarray, np.ndarray]:
    """(first month since 1970-01, bars <i4[m], missing <i4[m]) of ascending open times, ms. A month without a bar
    between two with some is among them."""
    if not ts.size:
        return 0, np.empty(0, "<i4"), np.empty(0, "<i4")
    first, last = (int(np.datetime64(int(t), "ms").astype("datetime64[M]").astype(int)) for t in (ts[0], ts[-1]))
    borders = np.arange(first, last + 2).astype("datetime64[M]").astype("datetime64[ms]").astype(np.int64)
    bars = np.diff(np.searchsorted(ts, borders))
    missing, _ = split_ranges(holes(symbol, timeframe, ts, empty).missing, borders, stored_ms(timeframe))
    return first, bars.astype("<i4"), missing.astype("<i4")


def coverage(
    lake: Lake,
    cache: Path,
    empty: Callable[[str, str], Sequence[tuple[int, int]]],
    stopped: Callable[[], bool] = lambda: False,
) -> list[SeriesCoverage]:
    """Every series; cache: a file that remembers those whose files stayed the same. empty: half-open ranges (ms) of a
    series that its source does not have."""
    known = _read(cache)
    found: dict[str, tuple[str, SeriesCoverage]] = {}
    for symbol, timeframe in lake.names():
        if stopped():
            break
        gone = empty(symbol, timeframe)
        key, mark = f"{symbol} {timeframe}", f"{lake.fingerprint(symbol, timeframe)}{hash_of(gone)}"
        if (old := known.get(key)) is not None and old[0] == mark:
            found[key] = old
        elif (made := _one(lake, symbol, timeframe, gone)) is not None:
            found[key] = mark, made
    if found != known:
        cache.parent.mkdir(parents=True, exist_ok=True)
        aside = cache.with_suffix(".new")
        aside.write_bytes(msgspec.msgpack.encode(_Kept(VERSION, found)))
        aside.replace(cache)
    return [made for _, made in found.values()]


def hash_of(ranges: Sequence[tuple[int, int]]) -> str:
    """A short mark of ranges; '' for none."""
    return f"-{len(ranges)}-{sum(b - a for a, b in ranges):x}" if ranges else ""


def _one(lake: Lake, symbol: str, timeframe: str, empty: Sequence[tuple[int, int]]) -> SeriesCoverage | None:
    stored = lake.coverage(symbol, timeframe)
    if stored is None:
        return None
    damaged = 0
    try:
        ts = lake.read_columns(symbol, timeframe, ("ts",))["ts"]
    except PyroError:
        bars, faults = lake.examine(symbol, timeframe)
        ts, damaged = bars["ts"], len(faults)
    first, bars, missing = by_month(symbol, timeframe, np.asarray(ts), empty)
    return SeriesCoverage(
        symbol=symbol,
        timeframe=timeframe,
        total=int(np.asarray(ts).size),
        first_ms=stored.first_ms,
        last_ms=stored.last_ms,
        files=stored.files,
        size=stored.bytes,
        first_month=first,
        bars=bars.tobytes(),
        missing=missing.tobytes(),
        damaged=damaged,
    )


def _read(cache: Path) -> dict[str, tuple[str, SeriesCoverage]]:
    """What the cache remembers; nothing where it cannot be used."""
    try:
        kept = msgspec.msgpack.decode(cache.read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError):
        return {}
    return kept.series if kept.version == VERSION else {}
