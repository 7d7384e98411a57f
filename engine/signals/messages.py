"""Edges of the pipeline as Signal messages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.contracts.signals import LATE_AFTER_MS, Signal
from engine.contracts.timeframes import timeframe_ms
from engine.rules.strategy import StrategyProgram
from engine.signals.types import K_CONFIRMED, KINDS, SLOTS


class SignalWriter:
    """programs: one a timeframe, as the pipeline has them; symbols: MARKET:NAME by row."""

    def __init__(self, programs: Sequence[StrategyProgram], symbols: Sequence[str], timeframes: Sequence[str]) -> None:
        self._strategies = [
            [(b.strategy.id, b.strategy.version, b.params_text) for b in program.bounds] for program in programs
        ]
        self._symbols = list(symbols)
        self._timeframes = list(timeframes)
        self._lengths = [timeframe_ms(t) for t in timeframes]

    def signals(self, edges: np.ndarray, now_ns: int, server_ms: int) -> list[Signal]:
        """One Signal an edge, in order. now_ns: the local clock; server_ms: the venue's, which alone can say whether a
        confirmed one comes more than 5 s after its bar's close and so is late."""
        count = len(self._timeframes)
        made = []
        for lane, out, kind, settling, _, bar_ts, price, event_ms, recv_ns in edges.tolist():
            row, tf = divmod(lane, count)
            strategy, version, params = self._strategies[tf][out // len(SLOTS)]
            side, action = SLOTS[out % len(SLOTS)]
            close_ms = bar_ts + self._lengths[tf]
            made.append(
                Signal(
                    strategy=strategy,
                    version=version,
                    params=params,
                    symbol=self._symbols[row],
                    timeframe=self._timeframes[tf],
                    bar_ts=bar_ts,
                    side=side,
                    action=action,
                    kind=KINDS[kind],
                    price=price,
                    event_ms=event_ms,
                    received_ns=recv_ns,
                    emitted_ns=now_ns,
                    late=kind == K_CONFIRMED and server_ms - close_ms > LATE_AFTER_MS,
                    settling=bool(settling),
                )
            )
        return made
