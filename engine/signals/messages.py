"""Edges of the pipeline as columns of signals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.contracts.signals import (
    F_BACKFILLED,
    F_LATE,
    F_QUIET,
    F_SETTLING,
    LATE_AFTER_MS,
    NO_SIGNALS,
    SIGNAL_DTYPE,
    SignalBatch,
    StrategyKey,
)
from engine.contracts.timeframes import timeframe_ms
from engine.rules.strategy import Bound
from engine.signals.cooldown import CoolDown, CoolDowns
from engine.signals.types import K_CONFIRMED, SLOTS


class SignalWriter:
    """bounds: by timeframe, in the order in which their outputs are numbered; symbols: MARKET:NAME by row.

    cooldown: bars of a strategy id.
    """

    def __init__(
        self,
        bounds: Sequence[Sequence[Bound]],
        symbols: Sequence[str],
        timeframes: Sequence[str],
        cooldown: CoolDowns | None = None,
    ) -> None:
        self._symbols = tuple(symbols)
        self._timeframes = tuple(timeframes)
        self._lengths = np.array([timeframe_ms(t) for t in timeframes], np.int64)
        numbers: dict[StrategyKey, int] = {}
        widest = max(map(len, bounds), default=0)
        #: number in the table of strategies, by timeframe and place in its program
        self._numbers = np.zeros((len(bounds), widest), np.uint32)
        pauses = np.zeros((len(bounds), widest * len(SLOTS)), np.int64)
        for tf, of_timeframe in enumerate(bounds):
            for place, b in enumerate(of_timeframe):
                key = (b.strategy.id, b.strategy.version, b.params_text)
                self._numbers[tf, place] = numbers.setdefault(key, len(numbers))
                pauses[tf, place * len(SLOTS) : (place + 1) * len(SLOTS)] = cooldown(b.strategy.id) if cooldown else 0
        self._strategies = tuple(numbers)
        self._cooldown = CoolDown(pauses, len(symbols)) if pauses.any() else None

    def batch(self, edges: np.ndarray, strength: np.ndarray, now_ns: int, server_ms: int) -> SignalBatch:
        """The edges (EDGE_DTYPE) in order. strength: float[n]. now_ns: the local clock; server_ms: the venue's, which
        alone can say whether a confirmed one comes more than 5 s after its bar's close and so is late."""
        if not len(edges):
            return NO_SIGNALS
        rows = np.zeros(len(edges), SIGNAL_DTYPE)
        row, tf = np.divmod(edges["lane"], len(self._timeframes))
        place, slot = np.divmod(edges["out"], len(SLOTS))
        for name in ("bar_ts", "price", "event_ms", "kind"):
            rows[name] = edges[name]
        rows["received_ns"], rows["emitted_ns"] = edges["recv_ns"], now_ns
        rows["strength"], rows["strategy"] = strength, self._numbers[tf, place]
        rows["symbol"], rows["timeframe"], rows["slot"] = row, tf, slot
        lengths = self._lengths[tf]
        confirmed = edges["kind"] == K_CONFIRMED
        late = confirmed & (server_ms - edges["bar_ts"] - lengths > LATE_AFTER_MS)
        flags = late * F_LATE + edges["settling"] * F_SETTLING + edges["backfilled"] * F_BACKFILLED
        if self._cooldown:
            speaks = confirmed & ~late & (edges["settling"] == 0)
            flags += F_QUIET * self._cooldown.quiet(edges["lane"], tf, edges["out"], edges["bar_ts"] // lengths, speaks)
        rows["flags"] = flags
        return SignalBatch(rows, self._strategies, self._symbols, self._timeframes).narrowed()
