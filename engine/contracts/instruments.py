"""What is traded: one frozen record a symbol, as the venue lists it."""

from __future__ import annotations

import msgspec


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """tick_size and lot_size are the steps of price and quantity (0 = no step). min_notional in the quote currency.

    status: 'trading' or the venue's own word in lower case. generated: invented by the simulator.
    """

    market: str
    name: str
    base: str
    quote: str
    tick_size: float
    lot_size: float
    min_notional: float = 0.0
    status: str = "trading"
    kind: str = "spot"
    listed_ms: int = 0
    generated: bool = False

    @property
    def symbol(self) -> str:
        """MARKET:NAME."""
        return f"{self.market}:{self.name}"

    @property
    def decimals(self) -> int:
        """Decimals of a price, from the tick size."""
        return decimals_of(self.tick_size)


def decimals_of(step: float) -> int:
    """Number of decimals that a step such as 0.05 or 1e-8 has (0 for whole steps and for 0)."""
    if step <= 0:
        return 0
    text = f"{step:.12f}".rstrip("0")
    return len(text.partition(".")[2])
