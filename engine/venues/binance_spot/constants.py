"""Hosts, paths and documented limits of Binance Spot (binance-spot-api-docs, 2026-07-21)."""

from __future__ import annotations

from engine.contracts.feed import VenueLimits

WS_HOST = "wss://stream.binance.com:9443"
REST_HOST = "https://api.binance.com"
#: the same market data where the main hosts are blocked
WS_HOST_PUBLIC = "wss://data-stream.binance.vision"
REST_HOST_PUBLIC = "https://data-api.binance.vision"
REST_BASE = "/api/v3"

EXCHANGE_INFO_WEIGHT = 20
KLINES_WEIGHT = 2
TIME_WEIGHT = 1

LIMITS = VenueLimits(
    streams_per_connection=1024,
    control_messages_per_s=5.0,
    connects_per_5_min=300,
    ping_interval_s=20.0,
    lifetime_s=24 * 3600.0,
    rest_weight_per_min=6000,
    klines_per_request=1000,
)
