"""Hosts, paths and documented limits of Binance USD-M Futures (developers.binance.com, connector 29da329)."""

from __future__ import annotations

from engine.contracts.feed import VenueLimits

WS_HOST = "wss://fstream.binance.com"
REST_HOST = "https://fapi.binance.com"
REST_BASE = "/fapi/v1"

EXCHANGE_INFO_WEIGHT = 1
TIME_WEIGHT = 1
#: (rows up to, weight); above the last row count the weight is KLINES_WEIGHT_ABOVE
KLINES_WEIGHTS = ((99, 1), (499, 2), (1000, 5))
KLINES_WEIGHT_ABOVE = 10
#: dated contracts and those not yet typed are left out: their history ends
CONTRACT_TYPES = frozenset({"PERPETUAL", "TRADIFI_PERPETUAL"})

#: connects: not documented for USD-M, the figure of spot is taken
LIMITS = VenueLimits(
    streams_per_connection=1024,
    control_messages_per_s=10.0,
    connects_per_5_min=300,
    ping_interval_s=180.0,
    lifetime_s=24 * 3600.0,
    rest_weight_per_min=2400,
    klines_per_request=1500,
)
