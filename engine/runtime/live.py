"""The live side of an engine: connecting its markets, listing what they trade, and warming them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np

from engine.bus.hub import Hub
from engine.clock import Clock
from engine.contracts.alerts import parse_cooldowns
from engine.contracts.errors import PyroError
from engine.contracts.events import Notice, WarmupProgress
from engine.contracts.instruments import Instrument
from engine.contracts.markets import DEMO_PREFIX, Market, market
from engine.feeds.budget import ConnectBudget, RestBudget
from engine.feeds.rest import RestClient
from engine.rules.strategy import LiveProgram
from engine.runtime.config import EngineConfig, VenueHosts
from engine.runtime.facts import BANNED_KEY, EVER_LIVE_KEY, INSTRUMENTS_KEY
from engine.runtime.journal import Journal
from engine.runtime.market import BarsHook, MarketRuntime
from engine.runtime.promotions import OwnPlan
from engine.runtime.storage import StorageThread
from engine.runtime.strategies import day_of
from engine.runtime.warmup import Warmup
from engine.signals.cooldown import CoolDowns
from engine.store.lake import Lake
from engine.store.state import State
from engine.venues.registry import protocol

log = logging.getLogger(__name__)
#: s between attempts to reach a market that could not be listed at start
RETRY_S = 15.0


class LiveMarkets:
    """The markets of one engine, in the order of their ids' first instrument."""

    def __init__(
        self,
        config: EngineConfig,
        hosts: dict[str, VenueHosts],
        programs: Mapping[str, Sequence[LiveProgram]],
        journal: Journal,
        storage: StorageThread,
        state: State,
        lake: Lake,
        hub: Hub,
        clock: Clock,
        *,
        demo: bool,
    ) -> None:
        """programs: one a timeframe, by the day calendar (`day_of`) of the markets."""
        self.markets: list[MarketRuntime] = []
        self.warmups: list[Warmup] = []
        self.instruments: list[Instrument] = []
        self.unreachable: dict[str, str] = {}
        self._config = config
        self._hosts = hosts
        self._programs = programs
        self._own: Mapping[str, OwnPlan] = {}
        self._journal = journal
        self._storage = storage
        self._state = state
        self._lake = lake
        self._hub = hub
        self._clock = clock
        self._demo = demo
        self._hooks: list[BarsHook] = []
        single = parse_cooldowns(config.cooldowns)
        self._cooldown: CoolDowns = lambda strategy: single.get(strategy, config.cooldown_bars)
        self._connects = ConnectBudget(clock, per_s=config.feed.connects_per_s, burst=config.feed.connect_burst)

    async def list_markets(self) -> int:
        """Ask the venues of all markets not built yet what they trade (or take what they said last) and start those
        that answer; returns how many markets were added."""
        built = {m.market.id for m in self.markets}
        missing = [m for m in self._config.markets if (DEMO_PREFIX + m if self._demo else m) not in built]
        before = len(self.markets)
        for market_id, rest, instruments in await asyncio.gather(*(self._listed(m) for m in missing)):
            if not instruments:
                await rest.close()
                continue
            m = market(market_id)
            runtime = MarketRuntime(
                m,
                instruments,
                rest.protocol,
                self._hosts[_real(m)],
                rest,
                self._config,
                self._programs[day_of(m)],
                self._journal,
                self._clock,
                self._connects,
                len(self.instruments),
                self._cooldown,
            )
            if self._own:
                runtime.core.use_own(*self._own_of(runtime))
            self.instruments += instruments
            self.markets.append(runtime)
            warmup = Warmup(runtime, self._storage, self._state, self._lake, self._progress(market_id))
            self.warmups.append(warmup)
            for hook in self._hooks:
                runtime.on_bars(hook)
            runtime.start()
            warmup.start()
        return len(self.markets) - before

    async def use_own(self, plans: Mapping[str, OwnPlan]) -> None:
        """Replace the person's own strategies and the promoted sets, by day calendar; the signals of the built-in
        strategies go on."""
        self._own = plans
        for runtime, warmup in zip(self.markets, self.warmups, strict=True):
            await runtime.kernel(runtime.core.use_own, *self._own_of(runtime))
            warmup.renew()

    def _own_of(self, runtime: MarketRuntime) -> tuple[Sequence[LiveProgram], np.ndarray | None]:
        """(programs, what is muted) of one market."""
        day = day_of(runtime.market)
        symbols = [i.symbol for i in runtime.instruments]
        made = self._own[day]
        return made.programs, made.muted(self._config.timeframes, symbols, self._programs[day])

    def on_bars(self, hook: BarsHook) -> None:
        """Tell the hook what every market's sweeps make, also of markets that are added later."""
        self._hooks.append(hook)
        for runtime in self.markets:
            runtime.on_bars(hook)

    @property
    def complete(self) -> bool:
        """Every market of the settings is there."""
        return len(self.markets) == len(self._config.markets)

    async def stop(self) -> None:
        for warmup in self.warmups:
            await warmup.stop()
        await asyncio.gather(*(m.stop() for m in self.markets))

    def find(self, symbol: str) -> tuple[MarketRuntime, Warmup, int] | None:
        """(market, its warm-up, row) of a live symbol."""
        for runtime, warmup in zip(self.markets, self.warmups, strict=True):
            row = runtime.row_of.get(symbol)
            if row is not None:
                return runtime, warmup, row
        return None

    async def _listed(self, real_id: str) -> tuple[str, RestClient, list[Instrument]]:
        market_id = DEMO_PREFIX + real_id if self._demo else real_id
        m = market(market_id)
        rest = await self._rest(m)
        key = INSTRUMENTS_KEY.format(market_id)
        try:
            everything = await rest.instruments(market_id)
            await self._storage.run(self._state.put, key, msgspec.to_builtins(everything))
            await self._storage.run(self._state.put, EVER_LIVE_KEY, True)
            self.unreachable.pop(market_id, None)
        except PyroError as error:
            if market_id not in self.unreachable:
                log.warning("%s: %s", m.title, error)
                self._hub.publish(Notice(level="warning", code="unreachable", text=f"{m.title}: {error}"))
            self.unreachable[market_id] = str(error)
            kept = await self._storage.run(self._state.get, key)
            everything = msgspec.convert(kept or [], list[Instrument])
        return market_id, rest, self._chosen(m, everything)

    def _chosen(self, m: Market, everything: list[Instrument]) -> list[Instrument]:
        """What fits into the shards: traded, in dollars first, in the venue's order."""
        room = self._config.feed.symbols_per_connection * self._config.feed.max_shards
        traded = [i for i in everything if i.status == "trading"]
        dollars = ("USDT", "USDC", "USD", "FDUSD")
        ranked = sorted(traded, key=lambda i: dollars.index(i.quote) if i.quote in dollars else len(dollars))
        if len(ranked) > room:
            log.info("%s: %d of %d symbols fit the shards", m.title, room, len(ranked))
        return ranked[:room]

    async def _rest(self, m: Market) -> RestClient:
        spoken = protocol(m.venue)
        host = self._hosts[_real(m)].rest
        key = BANNED_KEY.format(host)
        banned = int(await self._storage.run(self._state.get, key) or 0)

        def keep(_: str, until_ms: int) -> None:
            self._keeping = asyncio.ensure_future(self._storage.run(self._state.put, key, until_ms))

        budget = RestBudget(host, spoken.limits.rest_weight_per_min, self._clock, banned_until_ms=banned, on_ban=keep)
        return RestClient(spoken, host, budget, self._clock, settings=self._config.feed)

    def _progress(self, market_id: str) -> Callable[[int, int], None]:
        def tell(done: int, total: int) -> None:
            self._hub.publish(WarmupProgress(market=market_id, done=done, total=total))

        return tell


def _real(m: Market) -> str:
    return m.id.removeprefix(DEMO_PREFIX)
