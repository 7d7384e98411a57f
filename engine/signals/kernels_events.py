"""Edges as bit masks -> the few bars on which something is decided, with the levels that hold there."""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

import numpy as np
from numba import njit

from engine.signals.types import LONG_ENTRY, LONG_EXIT, N_LEVELS, SHORT_ENTRY, SHORT_EXIT


@njit(cache=True, nogil=True)
def events_of(masks, values, columns, constants, first, events, edges, levels):
    """Bars with an edge, and the levels of those with an entry.

    masks: uint8[4, t], edges of SLOTS in order; values: float64[v, t]; columns: int64[N_LEVELS], row of `values` of
    each level or -1, then it is that of constants float64[N_LEVELS]. first: index of the first bar. events int64[t],
    edges uint8[t], levels float64[t, N_LEVELS]: out. Returns (number of events, number of entries).
    """
    count = 0
    entries = 0
    size = masks.shape[1]
    a, b, c, d = masks[0], masks[1], masks[2], masks[3]
    start = 0
    while start < size:
        stop = min(start + 64, size)
        seen = np.uint8(0)
        # unsigned, so that no index can count from the end: only then does the compiler use wide registers
        for i in range(np.uint64(start), np.uint64(stop)):
            seen |= a[i] | b[i] | c[i] | d[i]
        if seen:
            for i in range(start, stop):
                if a[i] | b[i] | c[i] | d[i]:
                    edges[count] = (
                        (LONG_ENTRY if a[i] else 0)
                        | (LONG_EXIT if b[i] else 0)
                        | (SHORT_ENTRY if c[i] else 0)
                        | (SHORT_EXIT if d[i] else 0)
                    )
                    events[count] = first + i
                    if a[i] | c[i]:
                        for level in range(N_LEVELS):
                            row = columns[level]
                            levels[entries, level] = values[row, i] if row >= 0 else constants[level]
                        entries += 1
                    count += 1
        start = stop
    return count, entries
