"""Every way to halve the history, for every parameter set: the heavy part of CSCV."""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

import math

from numba import njit

from engine.signals.compiling import KERNEL

#: columns of `found`
IN_SAMPLE, OUT_OF_SAMPLE, RANK, FOUND = range(4)


@njit(**KERNEL)
def subset_sums(returns, borders, first, sums, squares, counts):
    """Sums over every subset of some consecutive blocks.

    returns: float64[days, sets]; block b is its rows borders[b] up to borders[b + 1] (int64). sums, squares:
    float64[2^h, sets] of the subsets of the h blocks from `first` on, bit i of the row = block first + i; counts:
    int64[2^h], days in them. A subset's sum is that of the subset without its highest block plus that block.
    """
    sets = returns.shape[1]
    for k in range(sets):
        sums[0, k] = 0.0
        squares[0, k] = 0.0
    counts[0] = 0
    block, top = first, 1
    while top < sums.shape[0]:
        for k in range(sets):
            sums[top, k] = 0.0
            squares[top, k] = 0.0
        for day in range(borders[block], borders[block + 1]):
            for k in range(sets):
                r = returns[day, k]
                sums[top, k] += r
                squares[top, k] += r * r
        counts[top] = borders[block + 1] - borders[block]
        for mask in range(1, top):
            for k in range(sets):
                sums[top + mask, k] = sums[mask, k] + sums[top, k]
                squares[top + mask, k] = squares[mask, k] + squares[top, k]
            counts[top + mask] = counts[mask] + counts[top]
        block += 1
        top *= 2


@njit(**KERNEL)
def _sharpes(low_sum, low_square, high_sum, high_square, n, out):
    """Daily Sharpe (ddof 1) of every set over n days; 0 where there is no spread."""
    for k in range(out.shape[0]):
        total = low_sum[k] + high_sum[k]
        square = low_square[k] + high_square[k]
        mean = total / n
        # sums of squares cancel: a spread below this is rounding
        rest = square - total * mean
        spread = math.sqrt(max(rest, 1e-300) / (n - 1))
        out[k] = mean / spread if rest > 1e-12 * square else 0.0


@njit(**KERNEL)
def _best(values):
    at = 0
    for k in range(1, values.shape[0]):
        if values[k] > values[at]:
            at = k
    return at


@njit(**KERNEL)
def _rank(values, x):
    """Rank of x from below, 1 ... sets; equal ones share the mean of theirs."""
    less, same = 0, 0
    for k in range(values.shape[0]):
        less += values[k] < x
        same += values[k] == x
    return less + (same + 1) / 2


@njit(**KERNEL)
def halves(masks, low, high, low_counts, high_counts, work, stride, chosen, found, sample):
    """Choose in one half, look in the other, for both roles of both halves.

    masks: int64[c, 2], subsets of the lower and the upper blocks that make one half; the other half is what they leave.
    low, high: (sums, squares) of subset_sums. work: float64[2, sets], scratch. chosen: int64[c, 2], out: the best set
    of the half, and of the other one. found: float64[c, 2, FOUND], out: its Sharpe in sample, out of sample, and rank
    there. sample: float64[rows, sets], out: the Sharpes of all sets in the other half of every stride-th combination.
    """
    low_sum, low_square = low
    high_sum, high_square = high
    all_low, all_high = low_sum.shape[0] - 1, high_sum.shape[0] - 1
    one, other = work[0], work[1]
    for c in range(masks.shape[0]):
        a, b = masks[c, 0], masks[c, 1]
        x, y = all_low - a, all_high - b
        _sharpes(low_sum[a], low_square[a], high_sum[b], high_square[b], low_counts[a] + high_counts[b], one)
        _sharpes(low_sum[x], low_square[x], high_sum[y], high_square[y], low_counts[x] + high_counts[y], other)
        at = _best(one)
        chosen[c, 0] = at
        found[c, 0, IN_SAMPLE], found[c, 0, OUT_OF_SAMPLE], found[c, 0, RANK] = (
            one[at],
            other[at],
            _rank(other, other[at]),
        )
        at = _best(other)
        chosen[c, 1] = at
        found[c, 1, IN_SAMPLE], found[c, 1, OUT_OF_SAMPLE], found[c, 1, RANK] = other[at], one[at], _rank(one, one[at])
        if c % stride == 0 and c // stride < sample.shape[0]:
            for k in range(other.shape[0]):
                sample[c // stride, k] = other[k]
