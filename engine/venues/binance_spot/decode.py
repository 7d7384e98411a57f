"""Binance Spot frames to messages."""

from __future__ import annotations

from engine.contracts.feed import Message
from engine.venues import frames, wire


def decode(frame: bytes | str) -> list[Message]:
    """Messages of one frame; never raises."""
    return frames.decode(frame, _accept)


def _accept(event: wire.Event) -> str | None:
    """Spot streams carry spot symbols only."""
    return None
