"""The engine alone: no window, no Qt. SIGTERM or Ctrl-C ends it in order, with exit code 0."""

from __future__ import annotations

import asyncio
import logging

import msgspec

from app.context import Context
from engine.contracts.alerting import AlertChannels
from engine.contracts.errors import BadInput
from engine.contracts.settings import Alerts, Settings
from engine.runtime.config import EngineConfig, VenueHosts
from engine.runtime.demo import SimulatorProcess

log = logging.getLogger(__name__)


def engine_config(settings: Settings, *, demo: bool | None, owned: bool) -> EngineConfig:
    """The part of the settings that an engine needs, in its own types; BadInput names the setting that does not fit."""
    from engine.runtime.engine import check_config

    return check_config(_made(settings, demo=demo, owned=owned))


def _made(settings: Settings, *, demo: bool | None, owned: bool) -> EngineConfig:
    feeds = settings.feeds
    return EngineConfig(
        markets=feeds.markets,
        hosts={
            "binance-spot": VenueHosts(ws=feeds.spot_ws, rest=feeds.spot_rest),
            "binance-futures": VenueHosts(ws=feeds.futures_ws, rest=feeds.futures_rest),
        },
        timeframes=settings.candles.timeframes,
        symbols_per_connection=feeds.symbols_per_connection,
        shards_per_market=feeds.shards_per_market,
        trades=feeds.trades,
        proxy=feeds.proxy,
        archive_url=feeds.archive_url,
        oanda_rest=feeds.oanda_rest,
        demo=demo,
        owned=owned,
        idle_minutes=settings.engine.idle_minutes,
        publish_ms=settings.bus.publish_ms,
        bus_port=_port(settings.bus.address),
        history_bars=settings.warmup.history_bars,
        cooldown_bars=settings.signals.cooldown_bars,
        cooldowns=settings.signals.cooldowns,
        alerts=settings.alerts.rules,
        alerts_per_second=settings.alerts.per_second,
        alert_channels=_channels(settings.alerts),
        confirmed_days=settings.journal.confirmed_days,
        provisional_days=settings.journal.provisional_days,
        state_url=settings.store.state,
        lake_folder=settings.store.lake,
        cluster=settings.jobs.cluster,
        job_threads=settings.jobs.threads,
    )


def run_headless(context: Context, *, owned: bool = False) -> int:
    """Run until told to stop; returns the exit code."""
    from engine.runtime.first_start import compile_side_by_side

    # the demo market gets ready while this process loads the engine; it ends with it, whatever happens
    simulator = SimulatorProcess(_made(context.settings, demo=True, owned=owned)) if context.demo else None
    compile_side_by_side(context.folder)
    from engine.runtime.engine import Engine
    from engine.runtime.strategies import use_folder

    use_folder(context.folder)
    if context.loaded.notice:
        log.warning(context.loaded.notice)
    config = engine_config(context.settings, demo=context.demo, owned=owned)

    async def main() -> int:
        return await Engine(context.folder, config, simulator=simulator).run()

    return asyncio.run(main())


def _channels(alerts: Alerts) -> AlertChannels:
    names = AlertChannels.__struct_fields__
    return msgspec.convert({name: getattr(alerts, name) for name in names}, AlertChannels)


def _port(address: str) -> int:
    text = address.rpartition(":")[2]
    if not text:
        return 0
    if not text.isdigit() or not 0 <= int(text) <= 65_535:
        raise BadInput(
            f'"{address}" is not a port.', where="bus.address", fix="Write a port such as 7777, or 0 for any free one."
        )
    return int(text)
