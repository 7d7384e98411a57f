"""When a connection counts as dead although its socket is open. Pure.

An acknowledgement is no proof of data, an answered ping is no proof of data, and data is no proof of fresh data.
"""

from __future__ import annotations

from typing import Protocol

from engine.feeds.settings import FeedSettings


class Pulse(Protocol):
    """What is known of a connection. *_ns are monotonic but for last_frame_ns (wall); 0 = not yet."""

    @property
    def phase(self) -> str: ...

    subscribed_ns: int
    first_data_ns: int
    last_frame_ns: int
    last_event_ms: int
    refused: str


def trouble(
    pulse: Pulse, symbols: int, settings: FeedSettings, *, monotonic_ns: int, wall_ns: int, server_ms: int
) -> str:
    """Why the connection should be given up, in words; '' = it is well.

    A stall needs both: no kline or trade for stall_s, and a newest event time as old. Streams push nothing when
    nothing is traded, so a connection of fewer than stall_symbols symbols may be quiet for longer in proportion.
    """
    since_s = (monotonic_ns - pulse.subscribed_ns) / 1e9 if pulse.subscribed_ns else 0.0
    patience = max(1.0, settings.stall_symbols / max(symbols, 1))
    if pulse.phase == "subscribing" and since_s > settings.ack_timeout_s:
        return f"the subscription was not acknowledged within {settings.ack_timeout_s:g} s"
    if pulse.phase != "live":
        return ""
    if not pulse.first_data_ns:
        if since_s <= settings.first_frame_s * patience:
            return ""
        cause = pulse.refused or "check the category in the URL (market, public) and the symbol names"
        return f"no data within {settings.first_frame_s * patience:g} s of subscribing: {cause}"
    allowed_s = settings.stall_s * patience
    quiet_s = (wall_ns - pulse.last_frame_ns) / 1e9
    stale_s = (server_ms - pulse.last_event_ms) / 1e3
    if quiet_s > allowed_s and stale_s > allowed_s:
        return f"stalled: no data for {quiet_s:.0f} s although the connection is open"
    return ""
