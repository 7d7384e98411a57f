"""How strong a signal is, out of nothing but closes: the move of its bar against the usual move of a bar.

strength = sign x (close - previous close) / mean, where mean is Wilder's average over 14 of |close - previous close|
of the bars before, and sign is +1 for what speaks for higher prices (long entry, short exit), else -1. 1.0 = the bar
moved as far as bars usually do, in the signal's direction; a signal against the move is negative; 0 = not known (no
history, or an older one of several bars of a lane that closed at once). It is a hint to sort by and is not part of
what live and back-test must agree on bit for bit.
"""

from __future__ import annotations

import numpy as np

from engine.signals.kernels import moves

#: closes that a lane's mean starts from: Wilder(14) forgets what is older
HISTORY = 200


class MoveMeter:
    """Last close and mean move of every lane, now and before its newest bar. The market's kernel thread owns it.

    seen: int64[lanes], open time of the newest bar; state: float64[lanes, 4] (see kernels.moves).
    """

    def __init__(self, lanes: int) -> None:
        self.seen = np.full(lanes, -1, np.int64)
        self.state = np.full((lanes, 4), np.nan)

    def warm(self, lane: int, bars: np.ndarray) -> None:
        """Begin a lane anew with its history (CANDLE_DTYPE)."""
        self.seen[lane], self.state[lane] = -1, np.nan
        bars = bars[-HISTORY:]
        self.closed(np.full(len(bars), lane, np.int64), bars["ts"], bars["close"])

    def closed(self, lanes: np.ndarray, ts: np.ndarray, close: np.ndarray) -> None:
        """Take in closed bars, in order; those seen before change nothing."""
        moves(lanes, np.ascontiguousarray(ts), np.ascontiguousarray(close), self.seen, self.state)
