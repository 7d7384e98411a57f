"""Bars on which certainly nothing happens to a position or to orders that rest, passed over sixteen at a step."""

# mypy: allow-untyped-defs, allow-incomplete-defs, disable-error-code="call-arg, var-annotated"
from __future__ import annotations

import math

from numba import njit

from engine.backtest.fills import (
    ARM,
    BUY_AT,
    HIGH,
    LIQUIDATED,
    LOW,
    POS,
    REST_LONG,
    REST_SHORT,
    SELL_AT,
    STOP,
    TARGET,
    TRAIL,
)
from engine.backtest.kernels_wide import LANES, highest, lowest, touched
from engine.signals.compiling import INLINED
from engine.signals.types import LIMIT_ORDER, STOP_ORDER


@njit(**INLINED)
def _one_by_one(i, stop, low, high, side, trail, up, down, highs, lows):
    """(first bar of i .. stop-1 inside which something may happen, or stop; lowest and highest price before it)."""
    if side == 0 or math.isnan(trail):
        while i < stop and highs[i] < up and lows[i] > down:
            low, high = min(low, lows[i]), max(high, highs[i])
            i += 1
    elif side > 0:
        while i < stop and highs[i] < up and lows[i] > max(down, max(high, highs[i]) - trail):
            low, high = min(low, lows[i]), max(high, highs[i])
            i += 1
    else:
        while i < stop and highs[i] < min(up, min(low, lows[i]) + trail) and lows[i] > down:
            low, high = min(low, lows[i]), max(high, highs[i])
            i += 1
    return i, low, high


@njit(**INLINED)
def quiet(ints, floats, bar, until, highs, lows, base, tick, more):
    """Pass over the bars bar..until on which certainly no order fills and no stop moves to the entry.

    highs, lows: those of bar `base` and after. Returns (bar, hit): the first bar inside which something may happen,
    its range not yet counted, or (until, False). The highest trailing level inside a bar is that of its own high, so a
    low above that, rounded to a tick, cannot have met it.
    """
    side = ints[POS]
    up, down = math.inf, -math.inf
    if (side > 0 and floats[HIGH] >= floats[ARM]) or (side < 0 and floats[LOW] <= floats[ARM]):
        # a distance of less than half a tick: the first minute's end moves the stop
        return bar, True
    if side > 0:
        up, down = min(floats[TARGET], floats[ARM]), floats[STOP]
    elif side < 0:
        up, down = floats[STOP], max(floats[TARGET], floats[ARM])
    if more is not None and side > 0:
        down = max(down, floats[LIQUIDATED])
    elif more is not None and side < 0:
        up = min(up, floats[LIQUIDATED])
    if ints[REST_LONG] == STOP_ORDER:
        up = min(up, floats[BUY_AT])
    elif ints[REST_LONG] == LIMIT_ORDER:
        down = max(down, floats[BUY_AT])
    if ints[REST_SHORT] == STOP_ORDER:
        down = max(down, floats[SELL_AT])
    elif ints[REST_SHORT] == LIMIT_ORDER:
        up = min(up, floats[SELL_AT])
    low, high = floats[LOW], floats[HIGH]
    trail = floats[TRAIL] - tick
    hit = False
    i, end = bar - base, until - base
    while i <= end and not hit:
        if i + LANES <= min(end + 1, highs.shape[0]) and touched(highs, lows, i, up, down) == 0:
            top, bottom = highest(highs, i), lowest(lows, i)
            far = side == 0 or math.isnan(trail)
            far = far or (side > 0 and bottom > max(high, top) - trail) or (side < 0 and top < min(low, bottom) + trail)
            if far:
                low, high = min(low, bottom), max(high, top)
                i += LANES
                continue
        stop = min(i + LANES, end + 1)
        i, low, high = _one_by_one(i, stop, low, high, side, trail, up, down, highs, lows)
        hit = i < stop
    floats[LOW], floats[HIGH] = low, high
    return (i + base, True) if hit else (until, False)
