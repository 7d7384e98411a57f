"""How the feed behaves. Every value has a default that suits the documented limits of the venues."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import msgspec

from engine.contracts.errors import BadInput


class FeedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Times end in _s (seconds), sizes in _bytes. Checked by `checked()`; BadInput names the setting."""

    #: symbols that share one connection, and connections a market may have
    symbols_per_connection: int = 30
    max_shards: int = 16
    #: subscribe aggregate trades besides klines
    trades: bool = True
    #: proxy URL for WebSocket and REST; empty = the system's proxy settings. Never used on loopback
    proxy: str = ""

    #: a connection attempt, handshake included
    open_timeout_s: float = 10.0
    close_timeout_s: float = 2.0
    #: our own pings. The timeout is generous since pongs queue behind unread data
    ping_interval_s: float = 20.0
    ping_timeout_s: float = 40.0
    max_frame_bytes: int = 20 * 1024 * 1024
    #: frames buffered by the library before it stops reading the socket
    max_queued_frames: int = 1024
    #: acknowledgement of a subscription, and first kline or trade after all of them
    ack_timeout_s: float = 10.0
    first_frame_s: float = 30.0
    #: no kline or trade for this long and an event time older than this = stalled
    stall_s: float = 30.0
    #: with fewer symbols than this on a connection, silence is allowed for longer in proportion
    stall_symbols: int = 10
    #: event time behind the venue's clock by more than this = late (amber)
    late_s: float = 5.0
    #: how often the shard looks at its clocks
    watch_interval_s: float = 1.0
    #: both connections are kept this long when one takes over from the other (klines may come every 2 s)
    overlap_s: float = 3.0

    #: reconnect delays: full jitter below base * 2^n, at most cap; counted anew after `stable_s` of data
    backoff_base_s: float = 1.0
    backoff_cap_s: float = 60.0
    stable_s: float = 60.0
    #: planned renewal at a random share of the connection's documented lifetime (22 to 23 of 24 hours)
    renew_from: float = 22 / 24
    renew_to: float = 23 / 24
    #: malformed frames and refusals kept for inspection, each
    kept_oddities: int = 16

    #: connect attempts of the whole process: long-run rate, and how many may come at once
    connects_per_s: float = 1.0
    connect_burst: int = 32

    #: one REST request, all included
    rest_timeout_s: float = 15.0
    rest_attempts: int = 4
    #: server time is asked again after this
    time_refresh_s: float = 300.0

    #: concurrent back-fill requests of gaps, and of warm-up
    gap_workers: int = 3
    warmup_workers: int = 2
    #: back-fill asks no earlier than this after a bar's close
    settle_s: float = 2.0
    #: back-fill keys that may wait at once
    max_fills: int = 16384
    #: how often a newest bar that REST does not show is asked for again before it counts as checked empty
    recheck_empty: int = 2

    def checked(self) -> FeedSettings:
        """Itself; BadInput for a value that cannot work."""
        for name in ("symbols_per_connection", "max_shards", "connect_burst", "gap_workers", "warmup_workers"):
            self._need(name, getattr(self, name) >= 1, "at least 1")
        for name in ("connects_per_s", "watch_interval_s", "stall_s", "first_frame_s", "rest_timeout_s", "stable_s"):
            self._need(name, getattr(self, name) > 0, "more than 0")
        self._need("backoff_base_s", 0 < self.backoff_base_s <= self.backoff_cap_s, "more than 0, at most the cap")
        self._need("renew_from", 0 < self.renew_from <= self.renew_to <= 1, "0 < renew_from <= renew_to <= 1")
        return self

    def _need(self, name: str, good: bool, rule: str) -> None:
        if not good:
            raise BadInput(f"feeds.{name} is {getattr(self, name)!r}.", where="settings", fix=f"It must be {rule}.")


def on_loopback(url: str) -> bool:
    """Whether a URL leads to this computer, where no proxy must come between."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
