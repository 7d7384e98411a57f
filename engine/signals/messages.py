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
from engine.rules.strategy import Named
from engine.signals.cooldown import CoolDown, CoolDowns
from engine.signals.kernels import fill_rows
from engine.signals.strength import MoveMeter
from engine.signals.types import K_CONFIRMED, SLOTS


class SignalWriter:
    """bounds: by timeframe, in the order in which their outputs are numbered; symbols: MARKET:NAME by row.

    cooldown: bars of a strategy id.
    """

    def __init__(
        self,
        bounds: Sequence[Sequence[Named]],
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

    def batch(self, edges: np.ndarray, moves: MoveMeter, now_ns: int, server_ms: int) -> SignalBatch:
        """The edges (EDGE_DTYPE) in order. now_ns: the local clock; server_ms: the venue's, which alone can say whether
        a confirmed one comes more than 5 s after its bar's close and so is late."""
        if not len(edges):
            return NO_SIGNALS
        rows = np.empty(len(edges), SIGNAL_DTYPE)
        fill_rows(
            edges, self._numbers, self._lengths, moves.seen, moves.state, now_ns, server_ms - LATE_AFTER_MS,
            F_LATE, F_SETTLING, F_BACKFILLED, rows,
        )  # fmt: skip
        if self._cooldown:
            speaks = (edges["kind"] == K_CONFIRMED) & ((rows["flags"] & (F_LATE | F_SETTLING)) == 0)
            tf = rows["timeframe"]
            index = rows["bar_ts"] // self._lengths[tf]
            rows["flags"] |= self._cooldown.quiet(edges["lane"], tf, edges["out"], index, speaks) * np.uint8(F_QUIET)
        return SignalBatch(rows, self._strategies, self._symbols, self._timeframes).narrowed(own=True)
