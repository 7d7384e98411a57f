"""How strong a signal is, out of nothing but closes: the move of its bar against the usual move of a bar.

strength = sign x (close - previous close) / mean, where mean is Wilder's average over 14 of |close - previous close|
of the bars before, and sign is +1 for what speaks for higher prices (long entry, short exit), else -1. 1.0 = the bar
moved as far as bars usually do, in the signal's direction; a signal against the move is negative; 0 = not known.
It is a hint to sort by and is not part of what live and back-test must agree on bit for bit.
"""

from __future__ import annotations

import numpy as np

from engine.signals.kernels import moves

#: closes that a lane's mean starts from: Wilder(14) forgets what is older
HISTORY = 200
#: by slot
_SIGN = np.array([1.0, -1.0, -1.0, 1.0])


class MoveMeter:
    """Last close and mean move of every lane. The market's kernel thread owns it."""

    def __init__(self, lanes: int) -> None:
        self._ts = np.full(lanes, -1, np.int64)
        self._last = np.full(lanes, np.nan)
        self._mean = np.full(lanes, np.nan)

    def warm(self, lane: int, bars: np.ndarray) -> None:
        """Begin a lane anew with its history (CANDLE_DTYPE)."""
        self._ts[lane], self._last[lane], self._mean[lane] = -1, np.nan, np.nan
        bars = bars[-HISTORY:]
        self.closed(np.full(len(bars), lane, np.int64), bars["ts"], bars["close"])

    def closed(self, lanes: np.ndarray, ts: np.ndarray, close: np.ndarray) -> np.ndarray:
        """Take in closed bars, in order; float64[2, n]: last close and mean before each; nan for bars seen before."""
        before = np.empty((2, len(lanes)))
        moves(
            np.ascontiguousarray(lanes), np.ascontiguousarray(ts), np.ascontiguousarray(close),
            self._ts, self._last, self._mean, before,
        )  # fmt: skip
        return before

    def now(self, lanes: np.ndarray) -> np.ndarray:
        """The same before the bars that are running."""
        return np.stack([self._last[lanes], self._mean[lanes]])


def strength_of(price: np.ndarray, before: np.ndarray, slot: np.ndarray) -> np.ndarray:
    """float64[n]. before: float64[2, n] as MoveMeter gives it."""
    last, mean = before
    known = mean > 0
    return np.where(known, _SIGN[slot] * (price - last) / np.where(known, mean, 1.0), 0.0)


def at_closed(lanes: np.ndarray, ts: np.ndarray, before: np.ndarray, of: np.ndarray) -> np.ndarray:
    """float64[2, edges]: `before` of the closed bar (lanes, ts) that each edge (EDGE_DTYPE) is about."""
    keys = (lanes << 40) + ts // 1000
    order = np.argsort(keys, kind="stable")
    wanted = (of["lane"].astype(np.int64) << 40) + of["bar_ts"] // 1000
    return before[:, order[np.searchsorted(keys[order], wanted)]]
