"""What could have happened: paths of resampled trades, days and candles.

Random numbers are drawn by a counter of their own for each path, so any split into chunks gives the same paths.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

import numpy as np
from numba import njit, uint64

from engine.signals.compiling import INLINED, KERNEL

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_A, _MIX_B = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_27, _30, _31, _32 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)


@njit(**INLINED)
def _mixed(x):
    """The finaliser of SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014)."""
    x = (x ^ (x >> _30)) * _MIX_A
    x = (x ^ (x >> _27)) * _MIX_B
    return x ^ (x >> _31)


@njit(**INLINED)
def _start(seed, path):
    """State of the generator of one path."""
    return _mixed(uint64(seed) * _GOLDEN + _mixed(uint64(path) + _GOLDEN))


@njit(**INLINED)
def _below(state, n):
    """A whole number below n (at most 2^32), from the upper half of the mixed state."""
    return np.int64(((_mixed(state) >> _32) * uint64(n)) >> _32)


@njit(**KERNEL)
def trade_paths(gains, seed, first, shuffle, order, steps, equity, final, fall):
    """Trades in another order, or drawn with repetition.

    gains: float64[n], fractions of the equity. Path p of this chunk has the number first + p. order: int64[n], scratch.
    steps: int64[k], ascending numbers of trades, the last is n; equity: float64[paths, k], out; final, fall:
    float64[paths], out: equity at the end and the largest fall from a peak. Start at 1; an equity that is gone stays 0.
    """
    n = gains.shape[0]
    for p in range(final.shape[0]):
        state = _start(seed, first + p)
        for i in range(n):
            order[i] = i
        value, peak, deepest, k = 1.0, 1.0, 0.0, 0
        while k < steps.shape[0] and steps[k] == 0:
            equity[p, k] = value
            k += 1
        for i in range(n):
            state += _GOLDEN
            if shuffle:
                j = i + _below(state, n - i)
                pick, order[j] = order[j], order[i]
            else:
                pick = _below(state, n)
            value = max(0.0, value * (1.0 + gains[pick]))
            peak = max(peak, value)
            deepest = max(deepest, 1.0 - value / peak)
            if k < steps.shape[0] and steps[k] == i + 1:
                equity[p, k] = value
                k += 1
        final[p] = value
        fall[p] = deepest


@njit(**KERNEL)
def bootstrap_paths(returns, seed, first, leave, steps, equity, final, fall):
    """Stationary bootstrap: blocks of days that begin anywhere, wrap around, and end with the chance leave / 2^32.

    returns: float64[n]; leave: int64. The rest as in trade_paths, with days in place of trades.
    """
    n = returns.shape[0]
    for p in range(final.shape[0]):
        state = _start(seed, first + p)
        value, peak, deepest, k, at = 1.0, 1.0, 0.0, 0, 0
        while k < steps.shape[0] and steps[k] == 0:
            equity[p, k] = value
            k += 1
        for i in range(n):
            state += _GOLDEN
            if i == 0 or np.int64(_mixed(state) >> _32) < leave:
                state += _GOLDEN
                at = _below(state, n)
            else:
                at = at + 1 if at + 1 < n else 0
            value = max(0.0, value * (1.0 + returns[at]))
            peak = max(peak, value)
            deepest = max(deepest, 1.0 - value / peak)
            if k < steps.shape[0] and steps[k] == i + 1:
                equity[p, k] = value
                k += 1
        final[p] = value
        fall[p] = deepest


@njit(**KERNEL)
def made_candles(candles, follows, seed, path, leave, out):
    """Candles that never were: each stands to the close before it as some real one stood to its own.

    candles, out: CANDLE_DTYPE[n]; follows: bool[n], whether a candle comes right after the one before it (the jump over
    a hole is not repeated: there a candle opens where the last one closed). Blocks as in bootstrap_paths. The first
    candle is the real one, and all times are those of the real candles.
    """
    n = candles.shape[0]
    state = _start(seed, path)
    out[0] = candles[0]
    close, at = candles[0].close, 0
    for i in range(1, n):
        state += _GOLDEN
        if i == 1 or np.int64(_mixed(state) >> _32) < leave or at + 1 >= n:
            state += _GOLDEN
            at = 1 + _below(state, n - 1)
        else:
            at += 1
        row = candles[at]
        before = candles[at - 1].close if follows[at] else row.open
        scale = close / before
        out[i].ts = candles[i].ts
        out[i].open = row.open * scale
        out[i].high = row.high * scale
        out[i].low = row.low * scale
        out[i].close = row.close * scale
        out[i].volume = row.volume
        close = row.close * scale
