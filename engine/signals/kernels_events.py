"""Edges as bit masks -> the few bars on which something is decided, with the levels that hold there."""

# mypy: allow-untyped-defs, allow-incomplete-defs, disable-error-code="call-arg, var-annotated"
from __future__ import annotations

import numpy as np
from numba import njit

from engine.rules.kernels_words import trailing
from engine.signals.compiling import KERNEL
from engine.signals.types import ANY_ENTRY, LONG_ENTRY, LONG_EXIT, N_LEVELS, SHORT_ENTRY, SHORT_EXIT


@njit(**KERNEL)
def events_of(masks, values, columns, constants, first, events, edges, levels):
    """Bars with an edge, and the levels of those with an entry.

    masks: uint8[4, t], 0 or 1, edges of SLOTS in order; values: float64[v, t]; columns: int64[N_LEVELS], row of
    `values` of each level or -1, then it is that of constants float64[N_LEVELS]. first: index of the first bar. events
    int64[t], edges uint8[t], levels float64[t, N_LEVELS]: out. Returns (number of events, number of entries).
    """
    a, b, c, d = masks[0], masks[1], masks[2], masks[3]
    size = masks.shape[1]
    # unsigned, so that no index can count from the end: only then does the compiler use wide registers
    for i in range(np.uint64(size)):
        edges[i] = a[i] * LONG_ENTRY | b[i] * LONG_EXIT | c[i] * SHORT_ENTRY | d[i] * SHORT_EXIT
    count = 0
    for i in range(size):
        # no branch: where edges lie cannot be foreseen
        flags = edges[i]
        edges[count] = flags
        events[count] = first + i
        count += flags != 0
    entries = 0
    for k in range(count):
        if edges[k] & ANY_ENTRY:
            i = events[k] - first
            for level in range(N_LEVELS):
                row = columns[level]
                levels[entries, level] = values[row, i] if row >= 0 else constants[level]
            entries += 1
    return count, entries


@njit(**KERNEL)
def events_of_bits(bits, values, columns, constants, first, events, edges, levels):
    """events_of of masks as bits uint64[4, words]: bit i of word w is bar first + 64 w + i of that edge. events, edges
    and levels have room for every bit that is set."""
    count, entries = 0, 0
    for word in range(bits.shape[1]):
        a, b, c, d = bits[0, word], bits[1, word], bits[2, word], bits[3, word]
        left = a | b | c | d
        while left != 0:
            shift = trailing(left)
            left &= left - np.uint64(1)
            at = 64 * word + np.int64(shift)
            one = np.uint64(1)
            flags = a >> shift & one | (b >> shift & one) << 1 | (c >> shift & one) << 2 | (d >> shift & one) << 3
            events[count], edges[count] = first + at, np.uint8(flags)
            count += 1
            if flags & ANY_ENTRY:
                for level in range(N_LEVELS):
                    row = columns[level]
                    levels[entries, level] = values[row, at] if row >= 0 else constants[level]
                entries += 1
    return count, entries
