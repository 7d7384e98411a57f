"""Binance USD-M Futures frames to messages. Merged streams carry COIN-M events too: st says whose (1 = USD-M)."""

from __future__ import annotations

from engine.contracts.feed import Message
from engine.venues import frames, wire


def decode(frame: bytes | str) -> list[Message]:
    """Messages of one frame; never raises."""
    return frames.decode(frame, _accept)


def _accept(event: wire.Event) -> str | None:
    return None if event.st == wire.USD_M else "not a USD-M symbol"
