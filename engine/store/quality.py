"""How good stored candles are: holes while the market was open, doubles, bars that cannot be, jumps; a score a year.

score = 100 less penalties, each of them bounded: 3 points for every percent of the expected bars that is missing;
impossible bars 5 and 10 a percent; doubles and stamps off the grid 2 and 10 a percent each; 0.2 for every percent of
bars without volume; 0.5 a spike and 0.1 a jump.

A jump is a close-to-close return of neighbouring bars beyond max(1 %, 30 x 1.4826 x median |return|, 12 x mean
|return|) of its block of BLOCK bars (1.4826 x median |x| estimates the deviation of normal noise; Rousseeuw & Croux
1993). A spike is a jump that the next bar undoes by four fifths, or a wick of twice that size.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from engine.contracts.data import SeriesQuality, YearQuality
from engine.contracts.markets import split_symbol
from engine.contracts.sessions import (
    always_open,
    closed_ranges,
    joined,
    own_pauses,
    skips_quiet_minutes,
    without,
)
from engine.contracts.timeframes import MINUTE_MS, grid_ms, stored_ms

BLOCK = 1440
GAPS_SHOWN = 50
#: holes of at most this many minutes say nothing where the source leaves out minutes without a tick
QUIET_MINUTES = 15
_JUMP_LEAST, _JUMP_DEVIATIONS, _JUMP_MEANS = 0.01, 30.0 * 1.4826, 12.0
_HOUR_MS = 60 * MINUTE_MS


class Holes(msgspec.Struct, frozen=True):
    """Half-open ranges of ms, int64[n, 2]: missing while the market was open; quiet minutes; known to be empty."""

    missing: np.ndarray
    quiet: np.ndarray
    empty: np.ndarray


class _Columns(msgspec.Struct, frozen=True):
    ts: np.ndarray
    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    volume: np.ndarray


def judge(
    symbol: str,
    timeframe: str,
    bars: np.ndarray,
    *,
    empty: Sequence[tuple[int, int]] = (),
    damaged: Sequence[str] = (),
    least: float = 80.0,
) -> SeriesQuality:
    """Judge one series. bars: CANDLE_DTYPE as stored, doubles and all; empty: ranges (ms) known to hold no bars."""
    step = stored_ms(timeframe)
    notes: list[str] = []
    columns = _Columns(*(np.ascontiguousarray(bars[n]) for n in ("ts", "open", "high", "low", "close", "volume")))
    if bool((np.diff(columns.ts) < 0).any()):
        notes.append("The rows were not in order of time.")
        order = np.argsort(columns.ts, kind="stable")
        columns = _Columns(*(getattr(columns, name)[order] for name in columns.__struct_fields__))
    ts = columns.ts
    found = holes(symbol, timeframe, ts, empty, notes)
    flags = _flags(columns, step)
    years = _years(ts, step, columns.volume, found, flags)
    if years and all(y.unpublished for y in years):
        notes.append("The source publishes no volume.")
    sizes = (found.missing[:, 1] - found.missing[:, 0]).tolist()
    longest = sorted(range(len(sizes)), key=lambda i: -sizes[i])[:GAPS_SHOWN]
    weight = [max(y.expected, 1) for y in years]
    score = sum(y.score * w for y, w in zip(years, weight)) / sum(weight) if years else 0.0
    wrong = any(y.impossible or y.duplicates or y.off_grid or y.score < least for y in years)
    return SeriesQuality(
        symbol=symbol,
        timeframe=timeframe,
        score=round(score, 1),
        first_ms=int(ts[0]) if ts.size else 0,
        last_ms=int(ts[-1]) if ts.size else 0,
        bars=int(ts.size),
        years=years,
        gap_count=len(sizes),
        gaps=[(int(found.missing[i, 0]), int(found.missing[i, 1])) for i in longest],
        impossible=ts[flags["impossible"][:GAPS_SHOWN]].tolist(),
        damaged=list(damaged),
        notes=notes,
        negative=bool(damaged) or bool(wrong) or not ts.size,
    )


def holes(
    symbol: str, timeframe: str, ts: np.ndarray, empty: Sequence[tuple[int, int]] = (), notes: list[str] | None = None
) -> Holes:
    """Where bars are missing between the first and the last of the ascending open times `ts`, by reason."""
    none = np.empty((0, 2), np.int64)
    step = stored_ms(timeframe)
    # a month is stored under its longest length; what is shorter than that by less than half is no hole
    wide = np.flatnonzero(np.diff(ts) > step + (step // 2 if step > _HOUR_MS else 0))
    if not wide.size:
        return Holes(none, none, none)
    ranges = np.stack([ts[wide] + step, ts[wide + 1]], 1)
    market, _ = split_symbol(symbol)
    if not always_open(market):
        first, last = int(ts[0]), int(ts[-1]) + step
        closed = closed_ranges(market, first, last)
        if step <= _HOUR_MS:
            pauses, hours = own_pauses(ts, first, last)
            extra = without(pauses, closed)
            if extra.size and notes is not None:
                notes.append(f"Never traded in {_hours(hours)} New York: taken as closed.")
            closed = joined(np.concatenate([closed, pauses]), first, last)
            ranges = without(ranges, closed)
        else:
            ranges = _half_open(ranges, closed, step)
    known = joined(np.array(list(empty), np.int64).reshape(-1, 2), int(ts[0]), int(ts[-1]))
    left = without(ranges, known)
    held = without(ranges, left)
    quiet = none
    if step == MINUTE_MS and skips_quiet_minutes(market):
        short = (left[:, 1] - left[:, 0]) <= QUIET_MINUTES * MINUTE_MS
        quiet, left = left[short], left[~short]
    return Holes(left, quiet, held)


def _half_open(ranges: np.ndarray, closed: np.ndarray, step: int) -> np.ndarray:
    """Of long bars those are missed that the market was open in for more than half of their time."""
    out = []
    for low, high in ranges.tolist():
        for at in range(low, high - step // 2, step):
            shut = joined(closed, at, at + step)
            if (shut[:, 1] - shut[:, 0]).sum() * 2 < step:
                out.append((at, at + step))
    return joined(np.array(out, np.int64).reshape(-1, 2), 0, 1 << 62)


def _flags(c: _Columns, step: int) -> dict[str, np.ndarray]:
    """Rows (indices, ascending) of every kind of oddity."""
    sound = (c.low > 0) & (c.low <= c.open) & (c.low <= c.close)
    sound &= (c.high >= c.open) & (c.high >= c.close) & (c.high < np.inf) & (c.volume >= 0)
    apart = np.diff(c.ts)
    same = np.flatnonzero(apart == 0) + 1
    jumps, spikes = _jumps(c, apart == step, sound)
    return {
        "impossible": np.flatnonzero(~sound),
        "duplicates": same,
        "off_grid": np.flatnonzero(c.ts % grid_ms(step) != 0),
        "zero_volume": np.flatnonzero(c.volume == 0),
        "jumps": jumps,
        "spikes": spikes,
    }


def _jumps(c: _Columns, neighbours: np.ndarray, sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if c.ts.size < 3:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    with np.errstate(all="ignore"):
        r = np.diff(np.log(c.close))
    r[~(neighbours & sound[1:] & sound[:-1])] = 0.0
    limit = _limits(np.abs(r))
    big = np.abs(r) > limit
    at = np.flatnonzero(big[:-1])
    undone = at[np.abs(r[at] + r[at + 1]) < 0.2 * np.abs(r[at])] + 1
    with np.errstate(all="ignore"):
        top, bottom = np.maximum(c.open, c.close), np.minimum(c.open, c.close)
        # a ratio first: the logarithm only where it can matter
        far = np.flatnonzero(((c.high > top * 1.02) | (c.low * 1.02 < bottom)) & sound)
        wick = np.maximum(np.log(c.high[far] / top[far]), np.log(bottom[far] / c.low[far]))
    wicks = far[wick > 2 * limit[np.minimum(far, limit.size - 1)]]
    return np.flatnonzero(big) + 1, np.unique(np.concatenate([undone, wicks]))


def _limits(size: np.ndarray) -> np.ndarray:
    """The size of a jump for each return, by blocks; the rest of the last block belongs to the one before."""
    count = max(size.size // BLOCK, 1)
    if size.size < BLOCK:
        one = max(_JUMP_LEAST, _JUMP_DEVIATIONS * float(np.median(size)), _JUMP_MEANS * float(size.mean()))
        return np.full(size.size, one)
    blocks = size[: count * BLOCK].reshape(count, BLOCK)
    middle = np.partition(blocks, BLOCK // 2, axis=1)[:, BLOCK // 2]
    limit = np.maximum(_JUMP_LEAST, np.maximum(_JUMP_DEVIATIONS * middle, _JUMP_MEANS * blocks.mean(axis=1)))
    return limit[np.minimum(np.arange(size.size) // BLOCK, count - 1)]


def _years(
    ts: np.ndarray, step: int, volume: np.ndarray, found: Holes, flags: dict[str, np.ndarray]
) -> list[YearQuality]:
    if not ts.size:
        return []
    first, last = (int(np.datetime64(int(t), "ms").astype("datetime64[Y]").astype(int)) for t in (ts[0], ts[-1]))
    borders = np.arange(first, last + 2).astype("datetime64[Y]").astype("datetime64[ms]").astype(np.int64)
    rows = np.searchsorted(ts, borders)
    counts = {name: np.diff(np.searchsorted(index, rows)) for name, index in flags.items()}
    bars = np.diff(rows)
    missing, gaps = split_ranges(found.missing, borders, step)
    quiet, _ = split_ranges(found.quiet, borders, step)
    empty, _ = split_ranges(found.empty, borders, step)
    out = []
    for i in range(bars.size):
        got = {name: int(count[i]) for name, count in counts.items()}
        if not bars[i] and not missing[i]:
            continue
        unpublished = got["zero_volume"] == int(bars[i])
        expected = int(bars[i]) - got["duplicates"] + int(missing[i])
        penalties = _penalties(int(bars[i]), expected, int(missing[i]), got, unpublished=unpublished)
        year = YearQuality(
            year=1970 + first + i,
            score=round(100.0 - sum(penalties.values()), 1) if bars[i] else 0.0,
            bars=int(bars[i]),
            expected=expected,
            missing=int(missing[i]),
            gaps=int(gaps[i]),
            known_empty=int(empty[i]),
            quiet=int(quiet[i]),
            unpublished=unpublished,
            penalties=penalties,
            **got,
        )
        out.append(year)
    return out


def split_ranges(ranges: np.ndarray, borders: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray]:
    """(bars, places) of half-open ranges between `borders`; a range over a border counts on both sides."""
    bars, places = np.zeros(borders.size - 1, np.int64), np.zeros(borders.size - 1, np.int64)
    for i in range(borders.size - 1):
        low, high = np.clip(ranges[:, 0], borders[i], borders[i + 1]), np.clip(ranges[:, 1], borders[i], borders[i + 1])
        held = -(-(high - low) // step)
        bars[i], places[i] = held.sum(), np.count_nonzero(held)
    return bars, places


def _penalties(bars: int, expected: int, missing: int, got: dict[str, int], *, unpublished: bool) -> dict[str, float]:
    """Points by what they are for; together at most 100."""
    percent = 100.0 / max(bars, 1)

    def points(name: str, once: float, each_percent: float, most: float) -> float:
        return min(most, once + each_percent * got[name] * percent) if got[name] else 0.0

    raw = {
        "missing": min(60.0, 300.0 * missing / max(expected, 1)),
        "impossible": points("impossible", 5.0, 10.0, 40.0),
        "duplicates": points("duplicates", 2.0, 10.0, 20.0),
        "off_grid": points("off_grid", 2.0, 10.0, 20.0),
        "zero_volume": 0.0 if unpublished else points("zero_volume", 0.0, 0.2, 10.0),
        "spikes": min(10.0, 0.5 * got["spikes"]),
        "jumps": min(5.0, 0.1 * got["jumps"]),
    }
    scale = min(1.0, 100.0 / max(sum(raw.values()), 1e-9))
    return {name: round(value * scale, 2) for name, value in raw.items() if value > 0}


def _hours(hours: list[int]) -> str:
    """Hours of the week in words: spans within days, the same span of several days once."""
    spans: dict[str, int] = {}
    start = before = -2
    for h in [*hours, 10_000]:
        if h != before + 1 or h % 24 == 0:
            if start >= 0:
                text = f"{start % 24:02d}:00-{(before % 24) + 1:02d}:00"
                spans[text] = spans.get(text, 0) + 1
            start = h
        before = h
    return ", ".join(f"{text} ({n} days)" if n > 1 else text for text, n in list(spans.items())[:6])
