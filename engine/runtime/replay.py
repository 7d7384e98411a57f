"""Replay sessions: the engine's side. The machine itself runs in a process of its own (replay_world), at a lower
priority, so that the live engine's kernels and loop do not wait for it; here is the clock that drives it, the charts
that follow it, and what clients hear of it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from engine.bus.server import Peer
from engine.clock import now_ms
from engine.contracts.alerts import AlertRule
from engine.contracts.commands import Candles, OpenChart
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.events import Alert, AnyEvent
from engine.contracts.markets import market, split_symbol
from engine.contracts.replay import ReplayAlert, ReplayBars, ReplayChunk, ReplaySignals, ReplayState, StartReplay
from engine.contracts.signals import SignalBatch
from engine.contracts.timeframes import MINUTE_MS
from engine.runtime.alerts import AlertBoard
from engine.runtime.parts import EngineParts
from engine.runtime.replay_charts import ReplayChart
from engine.runtime.strategies import built_in, day_of
from engine.runtime.worker import new_id
from engine.runtime.worker_wire import ReplayAdvanceTask, ReplayBarsTask, ReplayBeginTask, ReplayStepTask

log = logging.getLogger(__name__)
#: s between two messages about the clock while it plays, at least
TELL_S = 0.1
#: s of work that one task of a replay as fast as it goes shall take
WORK_S = 0.05
#: s over which its rate is measured
RATE_S = 3.0
#: s of the clock that are made good when the process was slow; more is let go
BEHIND_S = 0.25
#: signals that a chart which is opened later may still show
KEPT_SIGNALS = 200_000
#: bars run before those that a chart shows
WARM_BARS = 3_000

State = Literal["loading", "paused", "playing", "ended", "stopped", "failed"]


class ReplaySession:
    """One replay of one client. Its methods are of the engine's loop; all but `told` and `close` take turns."""

    def __init__(self, engine: EngineParts, peer: Peer, command: StartReplay, rules: Sequence[AlertRule]) -> None:
        self.peer = peer
        self.id = new_id("replay", os.getpid(), now_ms(engine.clock))
        self.state: State = "loading"
        self.text = ""
        self.ts = command.at_ms - command.at_ms % MINUTE_MS
        self.speed = 60.0
        self.charts: dict[str, ReplayChart | None] = dict.fromkeys(command.charts)
        self.symbols = list(dict.fromkeys(command.symbols))
        self._engine, self._provisional = engine, command.provisional
        self._worker = engine.worker("replay")
        self._turn = asyncio.Lock()
        self._pump: asyncio.Task[None] | None = None
        self._batches: list[SignalBatch] = []
        self._seq = self._alerted = 0
        #: (ns, minutes done since the start) of the last moments that it played
        self._done: deque[tuple[int, int]] = deque(maxlen=400)
        self._told_ns = 0
        self._next_ms = self._first_ms = self._last_ms = 0
        families = {s.id: s.family for s in built_in()}
        self._alerts = AlertBoard(rules, families, _AlertSink(self), engine.clock, engine.config.alerts_per_second)  # type: ignore[arg-type]

    # commands -------------------------------------------------------------------------------------------------------
    async def begin(self, at_ms: int) -> ReplayState:
        """Stand at a moment, paused; earlier signals are void. Where it cannot (BadInput) it stays where it was; what
        goes wrong otherwise leaves it failed, and is raised."""
        await self.pause()
        was = (self.state, self.ts)
        async with self._turn:
            try:
                await self._begin(at_ms)
            except BadInput:
                if self._first_ms:
                    self.state, self.ts = was
                    self.text = ""
                    self._tell(now=True)
                raise
        return self.told()

    async def play(self, speed: float) -> ReplayState:
        if speed < 0:
            raise BadInput(f"A replay cannot run at a speed of {speed:g}.", fix="0 = as fast as it goes.")
        self.speed = speed
        if self.state == "failed":
            await self.begin(self.ts)
        if self.state == "paused":
            self.state = "playing"
            self._pump = asyncio.create_task(self._run(), name=self.id)
        self._tell(now=True)
        return self.told()

    async def pause(self) -> ReplayState:
        pump, self._pump = self._pump, None
        if self.state == "playing":
            self.state = "paused"
        if pump is not None:
            await asyncio.gather(pump, return_exceptions=True)
        self._tell(now=True)
        return self.told()

    async def step(self, timeframe: str, bars: int) -> ReplayState:
        await self.pause()
        async with self._turn:
            if self.state == "failed":
                await self._begin(self.ts)
            task = ReplayStepTask(id=self._task(), timeframe=timeframe, bars=bars)
            self._take(await self._ask(task, ReplayChunk))
        self._tell(now=True)
        return self.told()

    async def open_chart(self, command: OpenChart) -> Candles:
        """Its bars up to the clock; they go on as the clock does."""
        day = day_of(market(split_symbol(command.symbol)[0]))
        chart = ReplayChart(command, command.series, day, WARM_BARS)
        async with self._turn:
            limit = command.limit + chart.before
            task = ReplayBarsTask(id=self._task(), symbol=command.symbol, timeframe=command.timeframe, limit=limit)
            found: ReplayBars = await self._ask(task, ReplayBars)
            if found.chunk is not None:
                self._take(found.chunk)
            if command.symbol not in self.symbols:
                self.symbols.append(command.symbol)
            self.charts[command.chart] = chart
            return chart.begin(found, SignalBatch.join(self._batches))

    async def close(self) -> ReplayState:
        """End it with its process."""
        pump, self._pump = self._pump, None
        self.state = "stopped"
        self._alerts.close()
        if pump is not None:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
        self._tell(now=True)
        await self._worker.close()
        return self.told()

    def told(self) -> ReplayState:
        """Where it stands."""
        return ReplayState(
            session=self.id,
            state=self.state,
            ts=self.ts,
            speed=self.speed,
            rate=self._rate(),
            first_ms=self._first_ms,
            last_ms=self._last_ms,
            symbols=list(self.symbols),
            charts=list(self.charts),
            signals=self._seq,
            alerts=self._alerted,
            provisional=self._provisional,
            text=self.text,
        )

    # work -----------------------------------------------------------------------------------------------------------
    async def _begin(self, at_ms: int) -> None:
        config = self._engine.config
        self.state, self.ts, self.text = "loading", at_ms - at_ms % MINUTE_MS, ""
        self._tell(now=True)
        task = ReplayBeginTask(
            id=self._task(),
            symbols=self.symbols,
            at_ms=at_ms,
            timeframes=list(config.timeframes),
            provisional=self._provisional,
            cooldown_bars=config.cooldown_bars,
            cooldowns=list(config.cooldowns),
        )
        chunk = await self._ask(task, ReplayChunk)
        self._batches, self._seq, self._alerted = [], 0, 0
        self._done.clear()
        # these charts are of another moment; each goes on when it is opened anew
        self.charts = dict.fromkeys(self.charts)
        self.state = "paused"
        self._take(chunk, reset=True)
        self._tell(now=True)

    async def _run(self) -> None:
        """Play until it is paused, ends or fails."""
        clock = self._engine.clock
        at, then, minutes = float(self.ts), clock.monotonic_ns(), 16.0
        self._done.clear()
        try:
            while self.state == "playing":
                now = clock.monotonic_ns()
                spent, then = min((now - then) / 1e9, BEHIND_S), now
                if self._next_ms < 0:
                    self.state, self.text = "ended", "No newer candle is kept."
                    break
                at = self._due(at, spent, minutes)
                if at < self._next_ms:
                    self.ts = int(at)
                    self._tell()
                    await asyncio.sleep(min((self._next_ms - at) / 1e3 / self.speed, TELL_S))
                    continue
                async with self._turn:
                    chunk = await self._ask(ReplayAdvanceTask(id=self._task(), to_ms=int(at)), ReplayChunk)
                    self._take(chunk)
                took = (clock.monotonic_ns() - now) / 1e9
                minutes = min(max(minutes * WORK_S / max(took, 1e-3), 1.0), 2_000.0)
                self._count(chunk.minutes)
                self._tell()
                await self._taken_up()
        except PyroError as error:
            log.warning("%s: %s", self.id, error)
        except Exception as error:
            log.exception("%s failed", self.id)
            self.state, self.text = "failed", f"internal error: {error!r}. See the log."
        self._tell(now=True)

    def _due(self, at: float, spent: float, minutes: float) -> float:
        """Up to where it shall be played now; what no candle is kept of is skipped."""
        if self.speed == 0:
            return max(self.ts, self._next_ms) + max(int(minutes), 1) * MINUTE_MS
        at = max(at + spent * self.speed * 1e3, float(self.ts))
        return float(self._next_ms) if self._next_ms - at > 2 * MINUTE_MS else at

    async def _taken_up(self) -> None:
        """Wait until the client has what it was told: newer bars of a chart would replace those that wait."""
        for _ in range(100):
            if not len(self.peer.outlet):
                return
            await asyncio.sleep(0.005)

    def _take(self, chunk: ReplayChunk, *, reset: bool = False) -> None:
        self.ts = max(chunk.ts, self.ts) if not reset else chunk.ts
        self._next_ms, self._first_ms, self._last_ms = chunk.next_ms, chunk.first_ms, chunk.last_ms
        hub, batch = self._engine.hub, chunk.block.batch
        if len(batch) or reset:
            rows = batch.rows.copy()
            rows["seq"] = np.arange(self._seq + 1, self._seq + 1 + len(rows))
            self._seq += len(rows)
            batch = SignalBatch(rows, batch.strategies, batch.symbols, batch.timeframes)
            self._batches.append(batch)
            while sum(map(len, self._batches)) > KEPT_SIGNALS and len(self._batches) > 1:
                del self._batches[0]
            hub.publish(ReplaySignals(session=self.id, block=batch.block(), reset=reset))
        none = np.empty(0, CANDLE_DTYPE)
        for chart in self.charts.values():
            if chart is None or chart.symbol not in chunk.running:
                continue
            minutes = chunk.bars.get(chart.symbol)
            running = np.frombuffer(chunk.running[chart.symbol], CANDLE_DTYPE)
            chart.feed(none if minutes is None else np.frombuffer(minutes, CANDLE_DTYPE), running)
            if (event := chart.event()) is not None:
                hub.publish(event)
        # what was said before the start is not told of again
        if not reset:
            self._alerts.hear(batch)

    async def _ask(self, task: Any, reply: Any) -> Any:
        """PyroError leaves the session failed unless the person asked for something that is not there."""
        try:
            return await self._worker.run(task, reply)
        except PyroError as error:
            if not isinstance(error, BadInput) or self.state == "loading":
                self.state, self.text = "failed", str(error)
            self._tell(now=True)
            raise

    def alert(self, alert: Alert) -> None:
        self._alerted += 1
        self._engine.hub.publish(
            ReplayAlert(
                session=self.id, ts=self.ts, signal=alert.signal, rule=alert.rule,
                sound=alert.sound, desktop=alert.desktop, more=alert.more,
            )
        )  # fmt: skip

    def _count(self, minutes: int) -> None:
        now = self._engine.clock.monotonic_ns()
        self._done.append((now, minutes))
        while now - self._done[0][0] > RATE_S * 1e9:
            self._done.popleft()

    def _rate(self) -> float:
        """Minutes of one symbol done in a second, over the last moments."""
        if self.state != "playing" or len(self._done) < 2:
            return 0.0
        spent = (self._done[-1][0] - self._done[0][0]) / 1e9
        return sum(n for _, n in list(self._done)[1:]) / max(len(self.symbols), 1) / max(spent, 1e-3)

    def _tell(self, *, now: bool = False) -> None:
        ns = self._engine.clock.monotonic_ns()
        if now or ns - self._told_ns > TELL_S * 1e9:
            self._told_ns = ns
            self._engine.hub.publish(self.told())

    def _task(self) -> str:
        return new_id("replay-task", os.getpid(), 0)


class _AlertSink:
    """Where the alerts of a replay go instead of to those who wait for live ones."""

    def __init__(self, session: ReplaySession) -> None:
        self._session = session

    def publish(self, event: AnyEvent) -> None:
        assert isinstance(event, Alert)
        self._session.alert(event)
