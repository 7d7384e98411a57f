"""A strategy's pause after a signal: what comes within it does not alert. Nothing is left out of the journal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.signals.kernels import quiet_of

#: bars of the pause of a strategy, by its id
CoolDowns = Callable[[str], int]


class CoolDown:
    """pauses: int64[timeframes, outputs], bars in which an output that has spoken stays quiet on the same lane; 0 none.

    A pause counts from the last signal that was not quiet. It is for alerts only and begins anew with the engine.
    """

    def __init__(self, pauses: np.ndarray, rows: int) -> None:
        self._pauses = np.ascontiguousarray(pauses)
        self._spoke = np.full((rows * pauses.shape[0], pauses.shape[1]), np.iinfo(np.int64).min // 2, np.int64)

    def quiet(
        self, lanes: np.ndarray, timeframes: np.ndarray, outs: np.ndarray, index: np.ndarray, speaks: np.ndarray
    ) -> np.ndarray:
        """bool[n]: within the pause. index: number of each one's bar; speaks: bool[n], only these are looked at."""
        return quiet_of(
            lanes.astype(np.int64), timeframes.astype(np.int64), outs.astype(np.int64), index.astype(np.int64),
            np.ascontiguousarray(speaks), self._pauses, self._spoke,
        )  # fmt: skip
