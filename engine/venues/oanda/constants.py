"""Hosts, paths and documented limits of OANDA v20 (oanda/v20-openapi 70324cf; developer.oanda.com)."""

from __future__ import annotations

REST_HOST = "https://api-fxtrade.oanda.com"
REST_HOST_PRACTICE = "https://api-fxpractice.oanda.com"
BASE = "/v3"

#: 100 requests/s on one connection are recommended, 120 are the limit; a minute's worth of the former
REQUESTS_PER_MIN = 6_000
CANDLES_PER_REQUEST = 5_000

#: timeframe -> granularity. There is no M3. From H2 on bars stand on 17:00 New York (dailyAlignment)
GRANULARITIES = {
    "1m": "M1",
    "5m": "M5",
    "15m": "M15",
    "30m": "M30",
    "1h": "H1",
    "2h": "H2",
    "4h": "H4",
    "6h": "H6",
    "8h": "H8",
    "12h": "H12",
    "1d": "D",
}
#: CFDs that are commodities; metals have a type of their own. Indices and bonds belong to neither market here
COMMODITY_CFDS = frozenset({"BCO", "WTICO", "NATGAS", "CORN", "WHEAT", "SOYBN", "SUGAR", "XCU"})
