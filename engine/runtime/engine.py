"""The engine process: what it starts, in which order, and how it ends.

Start: data folder and its lock, the bus (so that a window can attach at once), the stores, the compiled strategies,
the venues or the demo market, their candles. End, in reverse: no more data, what is computed is stored, the bus closes
last, so that clients hear of all of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from engine import __version__
from engine.bus.server import BusServer
from engine.clock import SYSTEM_CLOCK, Clock
from engine.contracts.alerts import parse_cooldowns, parse_rule
from engine.contracts.backtests import BacktestSpec
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.events import Notice
from engine.contracts.markets import market
from engine.contracts.timeframes import MINUTE_MS
from engine.feeds.budget import SHARE_GAP
from engine.feeds.rest import to_candles
from engine.runtime.answers import Answers
from engine.runtime.badges import Badges
from engine.runtime.compile_ahead import compile_later
from engine.runtime.config import EngineConfig, VenueHosts
from engine.runtime.demo import SimulatorProcess, reachable
from engine.runtime.facts import EVER_LIVE_KEY
from engine.runtime.folder import DataFolder, Endpoint, FolderLock
from engine.runtime.jobs import JobBoard
from engine.runtime.journal import Journal
from engine.runtime.live import RETRY_S, LiveMarkets
from engine.runtime.own import OwnStrategies, programs_by_day
from engine.runtime.parts import EngineParts
from engine.runtime.publish import Publisher
from engine.runtime.spreads import SpreadPoll
from engine.runtime.strategies import built_in
from engine.runtime.upkeep import Upkeep
from engine.runtime.warmup import HEAD_START_S
from engine.store.lake_remote import open_lake
from engine.store.state import State

log = logging.getLogger(__name__)
#: minutes fetched for a back-test between two writes
FETCH_MS = 6_000 * MINUTE_MS
#: s that a busy Python thread may keep the interpreter: with the usual 5 ms a 2 ms kernel's answer waits 7-10 ms
SWITCH_S = 1e-4


class Engine(EngineParts):
    """One engine on one data folder. `run` is its whole life and returns the exit code."""

    def __init__(
        self,
        root: DataFolder,
        config: EngineConfig,
        clock: Clock = SYSTEM_CLOCK,
        simulator: SimulatorProcess | None = None,
    ) -> None:
        """simulator: the demo market's, where it was begun ahead."""
        super().__init__(root, config, clock)
        self._simulator = simulator
        self._exit_code = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self) -> int:
        sys.setswitchinterval(SWITCH_S)
        self.root.prepare()
        lock = FolderLock(self.root)
        lock.acquire()
        answers = Answers(self)
        bus = BusServer(self.hub, secrets.token_hex(16), answers, on_leave=lambda peer, _: answers.left(peer))
        try:
            await bus.start(port=self.config.bus_port)
            self._signals()
            await self._choose_market()
            await self._open_stores(answers)
            demo_hosts = self.demo_hosts = await self._simulator.hosts() if self._simulator else {}
            publisher = Publisher(self, bus, answers)
            self._announce(bus)
            await self._connect(demo_hosts)
            publisher.install()
            self._spawn(publisher.run(), "publish")
            self._spawn(Upkeep(self).run(), "upkeep")
            self._spawn(OwnStrategies(self).run(), "own strategies")
            self._spawn(self.badges.run(), "badges")
            self._spawn(answers.walks.run(), "walk-forwards")
            self._spawn(answers.watch.run(), "watch")
            self._spawn(SpreadPoll(self).run(), "bid and ask")
            self._spawn(answers.alerts.sender.run(), "alerts")
            self._spawn(answers.study.run(), "study")
            self._spawn(compile_later(str(self.folder.root)), "kernels of back-tests")
            self._spawn(self._watch_idle(bus), "idle")
            self._spawn(self._list_again(bus), "list again")
            self._spawn(self._begin_query(), "query process")
            await self._stop.wait()
            return self._exit_code
        finally:
            self.root.remove_endpoint()
            await answers.replays.close()
            await self._shut(bus, answers)
            lock.release()

    def _signals(self) -> None:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            if sys.platform == "win32":
                signal.signal(name, lambda *_: loop.call_soon_threadsafe(self.stop))
            else:
                loop.add_signal_handler(name, self.stop)

    def _announce(self, bus: BusServer) -> None:
        self.root.write_endpoint(
            Endpoint(
                host="127.0.0.1", port=bus.port, token=bus.token, pid=os.getpid(), demo=self.demo, version=__version__
            )
        )
        log.info("engine %s listens on 127.0.0.1:%d, data in %s", __version__, bus.port, self.folder.root)

    async def _choose_market(self) -> None:
        """Decide between the venues and the demo, whose simulator then gets ready.

        By itself the demo starts only where this installation has never been live.
        """
        if self.config.demo is False:
            return
        if self.config.demo is None:
            if await asyncio.to_thread(_ever_live, self.root):
                return
            whys = await asyncio.gather(
                *(reachable(self.config.hosts[m].rest, self.config.reach_s) for m in self.config.markets)
            )
            if not all(whys):
                return
            self.note = f"{whys[0]}. Prices are invented: this is the demo market."
            log.warning("no venue is in reach (%s): starting the demo market", "; ".join(whys))
        self.demo = True
        self.folder = self.root.demo
        self.folder.prepare()
        self._simulator = self._simulator or SimulatorProcess(self.config)

    async def _open_stores(self, answers: Answers) -> None:
        where = self.config.state_url or self.folder.state
        self.state = await self.storage.run(State, where)
        self.lake = open_lake(self.config.lake_folder or self.folder.lake, self.folder.cache)
        recovering = asyncio.ensure_future(self.storage.run(self.lake.recover))
        families = {s.id: s.family for s in built_in()}
        await recovering
        alerts = await answers.alerts.open(families)
        self.journal = Journal(self.storage, self.state, self.hub)
        self.journal.on_written(alerts.hear)
        self._spawn(self.journal.run(), "journal")
        self.badges = Badges(str(self.folder.root), self.storage, self.state)
        self.query = self.worker("query")
        self.study = self.worker("study")
        self.jobs = JobBoard(
            self.worker("jobs"),
            self.storage,
            self.state,
            self.hub,
            self.clock,
            self._fetch_history,
            self.worker("data"),
        )

    async def _connect(self, demo_hosts: dict[str, VenueHosts]) -> None:
        self.state_word = "compiling"
        programs = await asyncio.to_thread(programs_by_day, built_in(), self.config, self.folder.cache)
        self.state_word = "connecting"
        live = LiveMarkets(
            self.config,
            demo_hosts or self.config.hosts,
            programs,
            self.journal,
            self.storage,
            self.state,
            self.lake,
            self.hub,
            self.clock,
            demo=self.demo,
        )
        await live.list_markets()
        self.live = live
        if live.unreachable and not self.demo:
            self.note = "; ".join(live.unreachable.values())
        self.state_word = (
            "demo" if self.demo else "offline" if len(live.unreachable) == len(self.config.markets) else "live"
        )
        self.listed.set()
        self._spawn(self._prepare_journal(), "preparing the journal")
        if self._simulator:
            self._spawn(self._watch_simulator(self._simulator), "simulator")

    async def _begin_query(self) -> None:
        """A window asks for stored bars soon, but its first chart comes out of the warm-up and needs the processor."""
        if self.config.owned:
            await asyncio.sleep(HEAD_START_S / 2)
        self.first_chart.set()
        if self.config.owned:
            await self.query.begin()

    async def _prepare_journal(self) -> None:
        """What the first signal needs, which is written by the same thread; the window's first chart comes before."""
        if self.config.owned:
            await asyncio.sleep(HEAD_START_S / 2)
        await self.storage.run(self.state.prepare_journal)

    async def _fetch_history(self, spec: BacktestSpec, report: Callable[[float], None]) -> None:
        """Before a back-test: the minutes that the venue has and the lake lacks, at most `backtest_days` of them."""
        found = self.live.find(spec.symbol) if self.live else None
        if found is None:
            return
        runtime, _, row = found
        have = self.lake.coverage(spec.symbol, "1m")
        now = runtime.rest.server_clock.now_ms()
        wanted = now - self.config.backtest_days * 1440 * MINUTE_MS
        start = max(wanted, spec.from_ms) if spec.from_ms is not None else wanted
        end = have.first_ms if have else now
        if spec.to_ms is not None and have is None:
            end = min(end, spec.to_ms)
        # newest first, so that what is kept never has a hole, whenever this is cancelled
        for at in range(end, start, -FETCH_MS):
            first = max(at - FETCH_MS, start)
            klines = await runtime.rest.klines(runtime.instruments[row].name, "1m", first, at, priority=SHARE_GAP)
            minutes = to_candles([k for k in klines if k.final])
            if len(minutes):
                await self.storage.run(self.lake.write, spec.symbol, "1m", minutes)
            report((end - first) / max(end - start, 1))

    async def _list_again(self, bus: BusServer) -> None:
        """Venues that were out of reach at start are asked again; clients attach anew when a market has come, since
        the instruments they were told are no longer all."""
        assert self.live
        while not self.live.complete:
            await asyncio.sleep(RETRY_S)
            if await self.live.list_markets():
                self.note = "; ".join(self.live.unreachable.values())
                self.state_word = "live"
                log.info("%s in reach now", ", ".join(m.market.title for m in self.live.markets))
                bus.drop_clients()

    async def _watch_simulator(self, simulator: SimulatorProcess) -> None:
        code = await simulator.ended()
        self.note = f"The demo market's process ended with code {code}."
        log.error(self.note)
        self.hub.publish(
            Notice(level="error", code="simulator", text=f"{self.note} Restart the engine to bring it back.")
        )

    async def _watch_idle(self, bus: BusServer) -> None:
        """An engine that a window started ends some minutes after the last client has left."""
        if not self.config.owned:
            return
        alone_since = self.clock.monotonic_ns()
        while True:
            await asyncio.sleep(1.0)
            if bus.clients:
                alone_since = self.clock.monotonic_ns()
            elif (self.clock.monotonic_ns() - alone_since) / 60e9 > self.config.idle_minutes:
                log.info("no client for %g minutes: stopping", self.config.idle_minutes)
                self.stop()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run beside the others until the end. One that fails ends the engine: half of one must not go on unnoticed."""
        task = asyncio.create_task(work, name=name)
        self._tasks.append(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("the engine's %s failed: it stops", task.get_name(), exc_info=error)
            self._exit_code = 1
            self.stop()

    async def _shut(self, bus: BusServer, answers: Answers) -> None:
        self.state_word = "stopping"
        if self.live:
            await self.live.stop()
        if hasattr(self, "journal"):
            answers.alerts.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.journal.drained(), 5.0)
            await self.jobs.close()
            await self.query.close()
            await self.study.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if hasattr(self, "state"):
            await self.storage.run(self.state.close)
        await self.storage.close()
        await bus.close()
        if self._simulator:
            await self._simulator.stop()


def _ever_live(folder: DataFolder) -> bool:
    if not folder.state.exists():
        return False
    try:
        state = State(folder.state, readonly=True)
    except PyroError:
        return True
    try:
        return bool(state.get(EVER_LIVE_KEY))
    finally:
        state.close()


def check_config(config: EngineConfig) -> EngineConfig:
    """The config itself; BadInput for markets that this version cannot connect to."""
    for market_id in config.markets:
        if market(market_id).venue not in ("binance_spot", "binance_futures"):
            raise BadInput(f"{market_id} cannot be connected to yet.", where="feeds.markets", fix="Leave it out.")
    for rule in config.alerts:
        parse_rule(rule)
    parse_cooldowns(config.cooldowns)
    if "1m" not in config.timeframes:
        raise BadInput("candles.timeframes must hold 1m: all others are built from it.", where="candles.timeframes")
    return config
