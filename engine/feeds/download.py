"""What to ask for so that a hole in the history is filled with few requests: months, days, or rows. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

import msgspec
import numpy as np

from engine.contracts.sessions import joined, without

_DAY_MS = 86_400_000
Unit = Literal["M", "D"]
#: an archive's file is worth fetching for this many missing bars: below it rows by REST are fewer bytes
WORTH_BARS = 2_000
#: a day's file is published some hours after the day's end
_DAILY_AFTER_MS = 6 * 3_600_000


class Piece(msgspec.Struct, frozen=True):
    """One thing to fetch for [from_ms, to_ms). period: YYYY-MM or YYYY-MM-DD of the archive, '' = rows by REST."""

    period: str
    from_ms: int
    to_ms: int


def plan(
    missing: np.ndarray, step: int, now_ms: int, *, archive: bool, rest: bool, tried: Iterable[str] = ()
) -> list[Piece]:
    """The pieces that cover `missing` (int64[n, 2], ascending, half-open), in order of time.

    archive, rest: what may be asked. tried: periods that are not there (or have nothing new); their days, or rows,
    take their place. Without REST every hole is worth a file.
    """
    gone = set(tried)
    left = joined(missing, 0, 1 << 62) if len(missing) else np.empty((0, 2), np.int64)
    pieces: list[Piece] = []
    worth = WORTH_BARS if rest else 1
    if archive:
        units: tuple[tuple[Unit, int], ...] = (("M", 0), ("D", _DAILY_AFTER_MS))
        for unit, lag in units:
            for period, low, high in _periods(left, unit):
                if high + lag > now_ms or period in gone:
                    continue
                held = joined(left, low, high)
                bars = int((-(-(held[:, 1] - held[:, 0]) // step)).sum())
                # a whole period that is missing is worth its file however few its bars are
                whole = bool(held.size) and int((held[:, 1] - held[:, 0]).sum()) == high - low
                if held.size and (bars >= worth or whole):
                    pieces.append(Piece(period, low, high))
            left = without(left, _covered(pieces))
    if rest:
        pieces += [Piece("", low, high) for low, high in left.tolist()]
    return sorted(pieces, key=lambda p: p.from_ms)


def _covered(pieces: list[Piece]) -> np.ndarray:
    ranges = np.array([(p.from_ms, p.to_ms) for p in pieces], np.int64).reshape(-1, 2)
    return joined(ranges, 0, 1 << 62)


def _periods(ranges: np.ndarray, unit: Unit) -> list[tuple[str, int, int]]:
    """(name, from, to) of every calendar month ('M') or day ('D') that the ranges touch, UTC."""
    found: dict[int, None] = {}
    for low, high in ranges.tolist():
        first, last = (int(np.datetime64(t, "ms").astype(f"datetime64[{unit}]").astype(int)) for t in (low, high - 1))
        for number in range(first, last + 1):
            found[number] = None
    out = []
    for number in sorted(found):
        begin, end = (np.datetime64(n, unit) for n in (number, number + 1))
        edges = [int(t.astype("datetime64[ms]").astype(np.int64)) for t in (begin, end)]
        out.append((str(begin), edges[0], edges[1]))
    return out


def bridged(ranges: np.ndarray, most_ms: int) -> np.ndarray:
    """The ascending ranges, those no more than most_ms apart as one."""
    if len(ranges) < 2:
        return ranges
    first = np.append(True, ranges[1:, 0] - ranges[:-1, 1] > most_ms)
    return np.stack([ranges[first, 0], ranges[np.append(first[1:], True), 1]], 1)


def month_start(period: str) -> int:
    """ms of a month YYYY-MM."""
    return int(dt.datetime.fromisoformat(f"{period}-01").replace(tzinfo=dt.UTC).timestamp()) * 1000


def holes_in(ts: np.ndarray, from_ms: int, to_ms: int, step: int) -> np.ndarray:
    """int64[n, 2]: half-open ranges of [from_ms, to_ms) without a bar. ts: open times on the grid, ascending."""
    inside = ts[np.searchsorted(ts, from_ms) : np.searchsorted(ts, to_ms)]
    edges = np.concatenate(([from_ms - step], inside, [to_ms]))
    wide = np.flatnonzero(np.diff(edges) > step)
    return np.stack([edges[wide] + step, edges[wide + 1]], 1)
