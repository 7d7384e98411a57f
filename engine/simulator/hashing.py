"""Counter-based random numbers: any symbol, minute or block can be asked for alone, in any order, and repeats."""

from __future__ import annotations

import numpy as np

IntArray = np.ndarray
_STEP = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)


def mix(*keys: np.ndarray | int) -> IntArray:
    """64-bit hash of the broadcast keys (splitmix64, Steele et al. 2014), uint64."""
    out: np.ndarray = np.zeros(1, np.uint64)
    with np.errstate(over="ignore"):
        for key in keys:
            out = out ^ np.asarray(key).astype(np.int64).view(np.uint64)
            out = out + _STEP
            out = (out ^ (out >> np.uint64(30))) * _M1
            out = (out ^ (out >> np.uint64(27))) * _M2
            out = out ^ (out >> np.uint64(31))
    return out


def uniform(*keys: np.ndarray | int) -> np.ndarray:
    """Uniform in [0, 1) from the keys, float64."""
    return (mix(*keys) >> np.uint64(11)).astype(np.float64) * 2.0**-53
