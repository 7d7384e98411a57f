"""Settings of the simulated exchange."""

from __future__ import annotations

import msgspec

SPOT, FUTURES = "binance-spot", "binance-futures"
DAY_MINUTES = 1440


class SimulatorConfig(msgspec.Struct, frozen=True, kw_only=True):
    """speed: simulated time per real time; 0 = time stands still until `step_minutes` moves it.

    start_ms: simulated "now" at start; None = the real wall clock. symbols_per_market counts real and generated names.
    history_minutes: how far back REST reaches. data: a folder holding <market>/<NAME>/1m.parquet (directly or under
    candles/), None = the bundled sample. trades_per_minute: mean aggregate trades of a generated symbol; the base
    symbols of the sample or folder trade `base_activity` times as often. updates_per_minute: running klines at most per
    symbol and minute, 0 = the documented speed (every 2 s spot, 250 ms futures). Ports 0 = free ones.
    """

    host: str = "127.0.0.1"
    spot_ws_port: int = 0
    spot_rest_port: int = 0
    futures_ws_port: int = 0
    futures_rest_port: int = 0
    oanda_port: int = 0
    #: whether OANDA's candles are served too
    oanda: bool = False
    markets: tuple[str, ...] = (SPOT, FUTURES)
    seed: int = 1
    speed: float = 1.0
    start_ms: int | None = None
    symbols_per_market: int = 500
    history_minutes: int = 180 * DAY_MINUTES
    data: str | None = None
    trades_per_minute: float = 20.0
    base_activity: float = 8.0
    updates_per_minute: int = 0
    slice_ms: int = 50
    enforce_limits: bool = True
    lifetime_s: float = 24 * 3600.0
    #: (server ping every, close without pong after) in s; None = as documented for the market
    ping_s: tuple[float, float] | None = None


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between the two markets, as documented."""

    market: str
    rest_base: str
    kline_ms: int
    ticker_ms: int
    ping_s: tuple[float, float]
    inbound_per_s: int
    weight_per_min: int
    klines_most: int
    #: categories of the WebSocket path; spot has none
    categories: bool
    #: decimals that every price and quantity is padded to; 0 = none
    padded: int


SPOT_DIALECT = Dialect(
    market=SPOT,
    rest_base="/api/v3",
    kline_ms=2000,
    ticker_ms=1000,
    ping_s=(20.0, 60.0),
    inbound_per_s=5,
    weight_per_min=6000,
    klines_most=1000,
    categories=False,
    padded=8,
)
FUTURES_DIALECT = Dialect(
    market=FUTURES,
    rest_base="/fapi/v1",
    kline_ms=250,
    ticker_ms=2000,
    ping_s=(180.0, 600.0),
    inbound_per_s=10,
    weight_per_min=2400,
    klines_most=1500,
    categories=True,
    padded=0,
)
DIALECTS = {SPOT: SPOT_DIALECT, FUTURES: FUTURES_DIALECT}
STREAMS_PER_CONNECTION = 1024
CONNECTS_PER_5_MIN = 300
