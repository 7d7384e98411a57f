"""Signals: the product's word. One frozen record each, and what identifies it."""

from __future__ import annotations

import msgspec

CONFIRMED, PROVISIONAL, WITHDRAWN = "confirmed", "provisional", "withdrawn"
LONG, SHORT = "long", "short"
ENTRY, EXIT = "entry", "exit"


class Signal(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A false-to-true edge of a strategy's condition at one bar.

    version: hash of the strategy's canonical text. params: canonical 'a=1,b=2', sorted by name. bar_ts: open time of
    the bar, ms. price: the bar's close (running close for a provisional one). kind: confirmed, provisional or
    withdrawn. action: entry or exit. event_ms: the exchange's stamp of the frame that made it; received_ns and
    emitted_ns: local, since the epoch. late: more than 5 s after its close; settling: memory not yet filled;
    revised: its bar was restated later. seq: number in the journal, 0 before it is written.
    """

    strategy: str
    version: str
    params: str
    symbol: str
    timeframe: str
    bar_ts: int
    side: str
    action: str
    kind: str
    price: float
    event_ms: int
    received_ns: int
    emitted_ns: int
    late: bool = False
    settling: bool = False
    revised: bool = False
    seq: int = 0

    @property
    def key(self) -> tuple[str, str, str, str, str, int, str, str, str]:
        """Unique in the journal: the same signal is never written twice."""
        return (
            self.strategy,
            self.version,
            self.params,
            self.symbol,
            self.timeframe,
            self.bar_ts,
            self.side,
            self.action,
            self.kind,
        )


#: a signal more than this after its bar's close is late: shown, never alerting, never trading.
LATE_AFTER_MS = 5_000
