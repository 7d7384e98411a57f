"""What the makers of kline rows see of an exchange: its candles, its clock, its texts."""

from __future__ import annotations

from typing import Protocol

import msgspec

from engine.simulator.payloads import Payloads
from engine.simulator.simtime import SimTime
from engine.simulator.source import MarketSource


class Running(msgspec.Struct, frozen=True):
    """The bar of the present minute so far, in ticks and lots; value in the quote currency."""

    minute: int
    o: int
    h: int
    l: int  # noqa: E741 - as everywhere on the wire
    c: int
    v: int
    n: int
    value: float


class MarketView(Protocol):
    """An Exchange, as far as histories need it."""

    source: MarketSource
    time: SimTime
    payloads: Payloads

    def running(self, row: int) -> Running | None:
        """The open minute's bar of a symbol from the trades so far; None before its first."""
        ...
