"""Hosts, paths and documented limits. Every figure names its source."""

from __future__ import annotations

from engine.contracts.feed import VenueLimits

WS_HOST = "wss://stream.exchange.invalid"
REST_HOST = "https://api.exchange.invalid"

LIMITS = VenueLimits(
    streams_per_connection=200,
    control_messages_per_s=5.0,
    connects_per_5_min=300,
    ping_interval_s=20.0,
    lifetime_s=24 * 3600.0,
    rest_weight_per_min=600,
    klines_per_request=500,
)
