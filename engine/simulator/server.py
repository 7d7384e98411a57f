"""The simulated exchange as one object: `async with Simulator(config) as sim`, then connect to its URLs."""

from __future__ import annotations

import asyncio
from types import TracebackType

import numpy as np

from engine.clock import SYSTEM_CLOCK, Clock, now_ms
from engine.contracts.errors import BadInput, did_you_mean
from engine.simulator.archive import Archive
from engine.simulator.config import DIALECTS, FUTURES, SPOT, SimulatorConfig
from engine.simulator.exchange import Exchange
from engine.simulator.files import base_candles
from engine.simulator.oanda import OANDA, TOKEN, OandaRest
from engine.simulator.rest import Rest
from engine.simulator.simtime import SimTime
from engine.simulator.sockets import Sockets
from engine.simulator.source import MarketSource

__all__ = ["Simulator", "SimulatorConfig", "announce", "run"]

#: a stepped minute ends this long after the border: the finals are out, the next minute's first trade is not
_AFTER_MS = 50
_STEP_WAIT_S = 0.0005


class Simulator:
    """An exchange on loopback for spot and USD-M futures.

    `extra_series`: {(market, name): CANDLE_DTYPE array}, replayed exactly, minute by minute, rounded to the decimals
    they have; market "oanda" stands for OANDA's mid prices. Attributes while open: spot_ws, spot_rest, futures_ws,
    futures_rest, oanda_rest (base URLs), `exchanges` by market.
    """

    def __init__(
        self,
        config: SimulatorConfig,
        *,
        clock: Clock = SYSTEM_CLOCK,
        extra_series: dict[tuple[str, str], np.ndarray] | None = None,
    ) -> None:
        self.config = config
        self._clock = clock
        self.exchanges: dict[str, Exchange] = {}
        self._sockets: dict[str, Sockets] = {}
        self._rest: dict[str, Rest] = {}
        self._urls: dict[str, str] = {}
        self._loop_task: asyncio.Task[None] | None = None
        extra = extra_series or {}
        quoted = {name: candles for (m, name), candles in extra.items() if m == OANDA}
        extra = {key: candles for key, candles in extra.items() if key[0] != OANDA}
        for market in (*config.markets, *(market for market, _ in extra)):
            if market not in DIALECTS:
                guess = did_you_mean(market, DIALECTS)
                raise BadInput(
                    f'"{market}" cannot be simulated.{guess}',
                    fix=f"Known: {', '.join(DIALECTS)}.",
                )
        start = config.start_ms if config.start_ms is not None else now_ms(clock)
        self.time = SimTime(clock, start, config.speed)
        for market in config.markets:
            exact = {name: candles for (m, name), candles in extra.items() if m == market}
            wanted = config.symbols_per_market > len(exact)
            bases, invented = base_candles(config, market, start) if wanted else ({}, False)
            source = MarketSource(DIALECTS[market], config, start // 60_000, exact, bases, invented=invented)
            exchange = Exchange(DIALECTS[market], config, source, self.time)
            self.exchanges[market] = exchange
            self._sockets[market] = Sockets(exchange, config, clock)
            self._rest[market] = Rest(exchange, config, clock)
        first_ms = start - config.history_minutes * 60_000
        self.oanda: OandaRest | None = None
        if config.oanda or quoted:
            self.oanda = OandaRest(
                self.time, clock, host=config.host, first_ms=first_ms, seed=config.seed, series=quoted
            )

    async def __aenter__(self) -> Simulator:
        ports = {
            SPOT: (self.config.spot_ws_port, self.config.spot_rest_port),
            FUTURES: (self.config.futures_ws_port, self.config.futures_rest_port),
        }
        try:
            for market in self.exchanges:
                ws, rest = ports[market]
                self._urls[f"{market} ws"] = f"ws://{self.config.host}:{await self._sockets[market].start(ws)}"
                self._urls[f"{market} rest"] = f"http://{self.config.host}:{await self._rest[market].start(rest)}"
            if self.oanda is not None:
                port = await self.oanda.start(self.config.oanda_port)
                self._urls[f"{OANDA} rest"] = f"http://{self.config.host}:{port}"
        except BaseException:
            await self._stop()
            raise
        self._loop_task = asyncio.create_task(self._play(), name="simulator")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _stop(self) -> None:
        if self._loop_task is not None:
            self._loop_task.cancel()
            await asyncio.gather(self._loop_task, return_exceptions=True)
            self._loop_task = None
        for market in self.exchanges:
            await self._sockets[market].stop()
            await self._rest[market].stop()
        if self.oanda is not None:
            await self.oanda.stop()

    async def served(self) -> None:
        """Waits for as long as the exchange runs; raises what ended it if it fails."""
        if self._loop_task is not None:
            await asyncio.shield(self._loop_task)

    async def _play(self) -> None:
        """Real time or a multiple of it: a slice of events at each beat."""
        while True:
            if self.time.speed > 0:
                now = self.time.now_ms()
                for exchange in self.exchanges.values():
                    exchange.advance(now)
                    exchange.flush()
                    await asyncio.sleep(0)
            await asyncio.sleep(self.config.slice_ms / 1000)

    # -- addresses

    @property
    def spot_ws(self) -> str:
        return self._urls[f"{SPOT} ws"]

    @property
    def spot_rest(self) -> str:
        return self._urls[f"{SPOT} rest"]

    @property
    def futures_ws(self) -> str:
        return self._urls[f"{FUTURES} ws"]

    @property
    def futures_rest(self) -> str:
        return self._urls[f"{FUTURES} rest"]

    @property
    def oanda_rest(self) -> str:
        return self._urls[f"{OANDA} rest"]

    def archive(self, market: str) -> Archive:
        """The public archive of a market, which its REST address serves under /data."""
        return self._rest[market].archive

    def delist(self, symbol: str, market: str) -> None:
        """From now on REST does not know this name; its files in the archive stay."""
        self._rest[market].delisted.add(symbol)

    # -- time

    def set_speed(self, speed: float) -> None:
        """Simulated time per real time from now on; 0 stops it."""
        self.time.set_speed(speed)

    async def step_minutes(self, count: int) -> None:
        """With speed 0: play the next `count` minutes whole, each taken by the clients before the next begins.

        A client that does not read meanwhile holds it up once the buffers between are full, so read in another task.
        """
        if self.time.speed:
            raise BadInput("Only a simulator with speed 0 can be stepped.", fix="Call set_speed(0) first.")
        for _ in range(count):
            end = (self.time.now_ms() // 60_000 + 1) * 60_000 + _AFTER_MS
            self.time.move_to(end)
            for exchange in self.exchanges.values():
                exchange.advance(end)
                exchange.flush()
            await asyncio.sleep(0)
            await self._written()

    async def _written(self) -> None:
        """Until every connection has taken what was sent; the transport offers nothing to wait on but its size."""
        while any(who.waiting() for exchange in self.exchanges.values() for who in exchange.subscribers):  # noqa: ASYNC110
            await asyncio.sleep(_STEP_WAIT_S)

    # -- faults

    def _chosen(self, market: str | None) -> list[str]:
        return list(self.exchanges) if market is None else [market]

    async def drop_connections(self, market: str | None = None, *, abort: bool = True) -> None:
        """Cut the connections of a market (or all): aborted, or closed with 1012."""
        for name in self._chosen(market):
            await self._sockets[name].drop(abort=abort)

    def pause(self, market: str | None = None, *, on: bool = True) -> None:
        """Keep connections and pings, push nothing: what falls due meanwhile is lost. `on=False` goes on."""
        for name in self._chosen(market):
            self.exchanges[name].paused = on

    def silence(self, symbol: str, market: str | None = None, *, on: bool = True) -> None:
        """Push nothing of one symbol name (in every market that lists it, or one)."""
        for name in self._chosen(market):
            if symbol in self.exchanges[name].source.index:
                self.exchanges[name].silence(symbol, on=on)

    def send_raw(self, market: str, payload: bytes) -> None:
        """One text frame with these bytes to every connection of a market."""
        self.exchanges[market].send_raw(payload)

    def shutdown_notice(self, market: str | None = None) -> None:
        """serverShutdown to every connection."""
        for name in self._chosen(market):
            self.exchanges[name].shutdown_notice()


def announce(sim: Simulator) -> dict[str, dict[str, str]]:
    """Base URLs by market, for the command line: {"binance-spot": {"ws": ..., "rest": ...}, ...}."""
    urls = {SPOT: ("spot_ws", "spot_rest"), FUTURES: ("futures_ws", "futures_rest")}
    told = {
        market: {"ws": getattr(sim, urls[market][0]), "rest": getattr(sim, urls[market][1])} for market in sim.exchanges
    }
    if sim.oanda is not None:
        told[OANDA] = {"rest": sim.oanda_rest, "token": TOKEN}
    return told


async def run(config: SimulatorConfig, started: asyncio.Future[Simulator] | None = None) -> None:
    """Serve until cancelled. `started` gets the open simulator, so that its addresses can be announced."""
    async with Simulator(config) as sim:
        if started is not None:
            started.set_result(sim)
        await sim.served()
