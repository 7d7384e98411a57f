"""The live side of the parity tests: simulator -> shards -> candles -> pipeline -> journal, wired as the engine wires
it, on the exchange's simulated time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.bus.hub import Hub
from engine.contracts.signals import CONFIRMED, Signal
from engine.contracts.timeframes import MINUTE_MS
from engine.feeds.settings import FeedSettings
from engine.rules.strategy import StrategyProgram
from engine.runtime import market as market_module
from engine.runtime.config import EngineConfig, VenueHosts
from engine.runtime.journal import Journal
from engine.runtime.live import LiveMarkets
from engine.runtime.market import MarketRuntime
from engine.runtime.storage import StorageThread
from engine.simulator.server import Simulator, SimulatorConfig, announce
from engine.store.lake import Lake
from engine.store.state import State
from tests.parity.series import FROM_MS, SPOT, TIMEFRAMES, TO_MS, Series, Spans, Word, word

#: minutes played at once, in turn: alone, and in bursts that cross the borders of bars
BURSTS = (1, 3, 7, 2, 13, 5)
#: minutes that a symbol may be behind before the exchange waits for it
BEHIND = 40
#: minutes that a stopped engine misses
AWAY = 45
#: what happens once the exchange has played this many minutes of the two days
Events = dict[int, Callable[[Simulator, LiveMarkets], Awaitable[None]]]


class PatientConfig(EngineConfig, frozen=True, kw_only=True):
    """Time runs a thousand times faster than the machine here, so that a stall is no sign of a fault and the venue's
    clock, which is ours, is measured once."""

    @property
    def feed(self) -> FeedSettings:
        return FeedSettings(
            symbols_per_connection=self.symbols_per_connection, max_shards=self.shards_per_market, trades=self.trades,
            stall_s=1e9, first_frame_s=1e9, ack_timeout_s=1e9, time_refresh_s=1e12, watch_interval_s=0.05,
            backoff_base_s=0.05, backoff_cap_s=0.2, settle_s=0.0, overlap_s=0.2,
        )  # fmt: skip


class ExchangeClock:
    """The exchange's time as everybody's time."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim

    def now_ns(self) -> int:
        return self._sim.time.now_ms() * 1_000_000

    def monotonic_ns(self) -> int:
        return self.now_ns()


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What the live engine left. signals: those of the journal on bars of the two days; stored: the minutes of these
    days that it kept; streams: their kinds; reconnects, handovers, backfilled:
    counted over all connections and symbols."""

    signals: list[Signal]
    stored: Series
    streams: set[str]
    shards: int
    reconnects: int
    handovers: int
    backfilled: int

    def confirmed(self) -> list[Word]:
        """One word a confirmed signal, in the journal's order."""
        return [word(s) for s in self.signals if s.kind == CONFIRMED]

    def keys(self, kind: str) -> list[tuple[object, ...]]:
        """The keys of the signals of a kind, without the kind."""
        return [s.key[:-1] for s in self.signals if s.kind == kind]


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One life of the engine."""

    streams: set[str]
    shards: int
    reconnects: int
    handovers: int
    backfilled: int


def replay(
    folder: Path,
    series: Series,
    programs: Sequence[StrategyProgram],
    spans: Spans,
    *,
    trades: bool,
    events: Events | None = None,
    restarts: Sequence[int] = (),
) -> Replay:
    """The two days through the live engine, whose history begins and ends elsewhere than the back-test's.

    programs: one a timeframe. restarts: minutes of the two days after which the engine stops; it is back AWAY minutes
    later.
    """
    for (market, name), minutes in series.items():
        Lake(folder / "lake").write(f"{market}:{name}", "1m", _known(minutes, spans))
    ends = [*(FROM_MS + minute * MINUTE_MS for minute in restarts), TO_MS + 10 * MINUTE_MS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(market_module, "FILL_POLL_S", 0.02)
        sessions = asyncio.run(_replay(folder, series, programs, trades, events or {}, ends))
    state = State(folder / "state.sqlite", readonly=True)
    try:
        signals = [s for m, n in series for t in TIMEFRAMES for s in _of(state, f"{m}:{n}", t)]
        stored = {(m, n): state.candles(f"{m}:{n}", "1m", from_ms=FROM_MS, to_ms=TO_MS) for m, n in series}
    finally:
        state.close()
    return Replay(
        signals=signals,
        stored=stored,
        streams=set().union(*(s.streams for s in sessions)),
        shards=sessions[0].shards,
        reconnects=sum(s.reconnects for s in sessions),
        handovers=sum(s.handovers for s in sessions),
        backfilled=sum(s.backfilled for s in sessions),
    )


async def _replay(
    folder: Path, series: Series, programs: Sequence[StrategyProgram], trades: bool, events: Events, ends: list[int]
) -> list[Session]:
    config = SimulatorConfig(
        speed=0.0, start_ms=FROM_MS + 50, symbols_per_market=0, enforce_limits=False,
        trades_per_minute=8.0, base_activity=1.0, updates_per_minute=3,
    )  # fmt: skip
    sessions = []
    async with Simulator(config, extra_series=series) as sim:
        for end_ms in ends:
            sessions.append(await _session(sim, folder, series, programs, trades, events, end_ms))
            if end_ms != ends[-1]:
                await sim.step_minutes(AWAY)
    assert not events, "the replay ended before all was done"
    return sessions


async def _session(
    sim: Simulator,
    folder: Path,
    series: Series,
    programs: Sequence[StrategyProgram],
    trades: bool,
    events: Events,
    end_ms: int,
) -> Session:
    """One life of the engine, up to a moment of the exchange's."""
    state, lake, storage, hub = State(folder / "state.sqlite"), Lake(folder / "lake"), StorageThread(), Hub()
    journal = Journal(storage, state, hub)
    urls = announce(sim)
    config = PatientConfig(
        markets=tuple(urls), hosts={m: VenueHosts(ws=u["ws"], rest=u["rest"]) for m, u in urls.items()},
        timeframes=TIMEFRAMES, trades=trades, symbols_per_connection=4,
    )  # fmt: skip
    live = LiveMarkets(
        config, config.hosts, {"utc": programs}, journal, storage, state, lake, hub, ExchangeClock(sim), demo=False
    )
    writer = asyncio.create_task(journal.run())
    try:
        await live.list_markets()
        await _begun(live, series, sim.time.now_ms())
        await _play(sim, live, series, events, end_ms)
        shards = [shard for m in live.markets for shard in m.feed.shards]
        return Session(
            streams={stream.rpartition("@")[2] for shard in shards for stream in shard.streams},
            shards=len(shards),
            reconnects=sum(shard.meters.reconnects for shard in shards),
            handovers=sum(shard.meters.handovers for shard in shards),
            backfilled=sum(m.core.book.counters()["backfilled"] for m in live.markets),
        )
    finally:
        await live.stop()
        await journal.drained()
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        await storage.close()
        state.close()


def _of(state: State, symbol: str, timeframe: str) -> list[Signal]:
    return state.signals_between(symbol, timeframe, FROM_MS, TO_MS).signals()


def _known(minutes: np.ndarray, spans: Spans) -> np.ndarray:
    """What the lake holds when the engine starts."""
    before = int(np.searchsorted(minutes["ts"], FROM_MS))
    return minutes[spans.later : before - spans.missed]


def _rows(live: LiveMarkets, series: Series) -> Iterator[tuple[MarketRuntime, int, np.ndarray]]:
    for (market, name), minutes in series.items():
        found = live.find(f"{market}:{name}")
        assert found is not None, f"{market}:{name} is not live"
        yield found[0], found[2], minutes


async def until(condition: Callable[[], bool], what: Callable[[], str]) -> None:
    try:
        async with asyncio.timeout(60.0):
            while not condition():
                await asyncio.sleep(0.002)
    except TimeoutError:
        pytest.fail(what(), pytrace=False)


async def _begun(live: LiveMarkets, series: Series, now_ms: int) -> None:
    """Every symbol is warm, has caught up, and its connection is live."""

    def ready() -> bool:
        warm = all(w.progress[0] == w.progress[1] for w in live.warmups)
        return warm and all(link.state.value in ("live", "subscribing") for m in live.markets for link in m.feed.shards)

    await until(ready, lambda: f"not live: {[w.failures for w in live.warmups]}")
    await _caught_up(live, series, now_ms - now_ms % MINUTE_MS)


async def _caught_up(live: LiveMarkets, series: Series, to_ms: int) -> None:
    """All minutes that exist before to_ms are final in the engine."""
    wanted = []
    for market, row, minutes in _rows(live, series):
        last = int(np.searchsorted(minutes["ts"], to_ms)) - 1
        wanted.append((market.core.book, row, int(minutes["ts"][last])))

    def behind() -> list[tuple[int, int]]:
        return [(row, last) for book, row, last in wanted if int(book.next_ms()[row]) <= last]

    await until(lambda: not behind(), lambda: f"the engine stays behind {to_ms}: {behind()}")


async def _play(sim: Simulator, live: LiveMarkets, series: Series, events: Events, end_ms: int) -> None:
    """Up to a moment in bursts, with what is due to happen on the way."""
    bursts = itertools.cycle(BURSTS)
    while sim.time.now_ms() < end_ms:
        await sim.step_minutes(next(bursts))
        due = [minute for minute in events if sim.time.now_ms() >= FROM_MS + minute * MINUTE_MS]
        for minute in due:
            await events.pop(minute)(sim, live)
        await _caught_up(live, series, sim.time.now_ms() - BEHIND * MINUTE_MS)
    await _caught_up(live, series, min(end_ms, TO_MS))


async def cut(sim: Simulator, live: LiveMarkets) -> None:
    """Every connection is torn, and the exchange goes on for a quarter of an hour before they are back."""
    shards = [shard for m in live.markets for shard in m.feed.shards]
    before = [shard.meters.reconnects for shard in shards]
    await sim.drop_connections()
    await sim.step_minutes(15)

    def back() -> bool:
        lost = all(shard.meters.reconnects > n for shard, n in zip(shards, before, strict=True))
        return lost and all(shard.state.value in ("live", "subscribing") for shard in shards)

    await until(back, lambda: "the connections did not come back")


async def announce_shutdown(sim: Simulator, live: LiveMarkets) -> None:
    """The exchange says that it will close its connections; new ones take over meanwhile."""
    shards = [shard for m in live.markets for shard in m.feed.shards]
    before = [shard.meters.handovers for shard in shards]
    sim.shutdown_notice()

    def over() -> bool:
        return all(shard.meters.handovers > n for shard, n in zip(shards, before, strict=True))

    for _ in range(20):
        await sim.step_minutes(1)
        await asyncio.sleep(0.05)
        if over():
            return
    pytest.fail("the connections were not renewed", pytrace=False)


async def lose_frames(sim: Simulator, live: LiveMarkets) -> None:
    """The connections stay, but twenty minutes of one market are never sent."""
    sim.pause(SPOT)
    await sim.step_minutes(20)
    sim.pause(SPOT, on=False)
