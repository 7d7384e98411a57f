"""What one engine is told when it starts: the settings that concern it, resolved and typed."""

from __future__ import annotations

import msgspec

from engine.contracts.alerting import AlertChannels
from engine.feeds.settings import FeedSettings


class VenueHosts(msgspec.Struct, frozen=True, kw_only=True):
    """Base URLs of one market."""

    ws: str
    rest: str


class EngineConfig(msgspec.Struct, frozen=True, kw_only=True):
    """markets: real market ids (the demo serves their twins). demo: True/False force it, None = the demo only where the
    venues are out of reach and this installation was never live. owned: started by a window; ends `idle_minutes` after
    the last client left. catch_up_minutes: a longer pause than this since the last kept bar begins a new history."""

    markets: tuple[str, ...] = ("binance-futures", "binance-spot")
    hosts: dict[str, VenueHosts] = {}
    timeframes: tuple[str, ...] = ("1m", "5m", "15m", "1h")
    symbols_per_connection: int = 30
    shards_per_market: int = 16
    trades: bool = True
    proxy: str = ""
    #: where history comes from beside the hosts above
    archive_url: str = ""
    oanda_rest: str = ""
    demo: bool | None = None
    owned: bool = False
    idle_minutes: float = 10.0
    publish_ms: int = 50
    bus_port: int = 0
    #: shortest time between two sweeps of a market; updates between them are taken together
    sweep_ms: float = 2.0
    #: s; the venue's time to answer at start before the demo market is offered
    reach_s: float = 1.0
    catch_up_minutes: int = 1_500
    #: bars that every timeframe starts from, as far as they are kept; more where the strategies' memory is longer
    history_bars: int = 1_500
    warmup_workers: int = 6
    #: s between two looks of the upkeep; bars of a series in the state that make a move to the lake worth while, those
    #: that stay there for quick reading, and parts of a series in the lake that make a compaction worth while
    upkeep_s: float = 60.0
    flush_bars: int = 1_440
    keep_bars: int = 240
    compact_parts: int = 40
    #: days of 1-minute history fetched for a back-test on a symbol that has none
    backtest_days: int = 30
    #: bars in which a strategy does not alert again, and by strategy as id=bars; alert rules, and alerts a second
    cooldown_bars: int = 0
    cooldowns: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    alerts_per_second: int = 20
    alert_channels: AlertChannels = AlertChannels()
    #: days that confirmed, and provisional or withdrawn signals are kept
    confirmed_days: int = 30
    provisional_days: int = 2
    simulator_speed: float = 1.0
    simulator_data: str = ""
    state_url: str = ""
    lake_folder: str = ""
    #: Dask scheduler for walk-forwards, "" = here; threads of one, 0 = as many as there are cores
    cluster: str = ""
    job_threads: int = 0

    @property
    def feed(self) -> FeedSettings:
        """As engine.feeds wants it."""
        return FeedSettings(
            symbols_per_connection=self.symbols_per_connection,
            max_shards=self.shards_per_market,
            trades=self.trades,
            proxy=self.proxy,
        )
