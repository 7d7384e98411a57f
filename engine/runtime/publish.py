"""What the engine tells its clients at a steady beat: quotes, open charts, health."""

from __future__ import annotations

import asyncio
import logging

import numpy as np

from engine.bus.server import BusServer
from engine.clock import now_ms
from engine.contracts.dtypes import STATE_SETTLING, STATE_WARMING
from engine.contracts.events import AnyEvent, Freshness, Health, LogLine, Quotes
from engine.runtime.answers import Answers
from engine.runtime.charts import ChartStream
from engine.runtime.core import Outcome
from engine.runtime.market import MarketRuntime
from engine.runtime.meters import GcMeter, LoopLag, ProcessMeter
from engine.runtime.parts import EngineParts
from engine.runtime.quotes import quotes_event, sparks_event

log = logging.getLogger(__name__)
#: s
HEALTH_EVERY = 0.5
SPARKS_EVERY = 5.0


class Publisher:
    """Beats every publish_ms; also carries the log to whoever listens."""

    def __init__(self, engine: EngineParts, bus: BusServer, answers: Answers) -> None:
        self._engine = engine
        self._bus = bus
        self._answers = answers
        self._lag = LoopLag(engine.clock)
        self._gc = GcMeter(engine.clock)
        self._process = ProcessMeter(engine.clock)
        self._handler = BusLogHandler(engine)
        engine.hub.snapshot(Quotes.topic, self._all_quotes)
        engine.hub.snapshot(Health.topic, lambda: [self._health()] if engine.live else [])

    def install(self) -> None:
        """When the markets are there: hear of their bars."""
        assert self._engine.live
        self._engine.live.on_bars(self._bars)

    async def run(self) -> None:
        self._gc.install()
        logging.getLogger().addHandler(self._handler)
        lag = asyncio.create_task(self._lag.run(), name="loop lag")
        try:
            await self._beat()
        finally:
            lag.cancel()
            logging.getLogger().removeHandler(self._handler)
            self._gc.remove()

    async def _beat(self) -> None:
        clock, config = self._engine.clock, self._engine.config
        settled = False
        started = health = sparks = clock.monotonic_ns()
        while True:
            await asyncio.sleep(config.publish_ms / 1e3)
            now = clock.monotonic_ns()
            try:
                self._quotes()
                self._charts()
                if now - health > HEALTH_EVERY * 1e9:
                    health = now
                    self._states()
                    if self._engine.hub.wanted(Health.topic):
                        self._engine.hub.publish(self._health())
                        self._engine.hub.publish(self._freshness())
                if now - sparks > SPARKS_EVERY * 1e9:
                    sparks = now
                    self._sparks()
            except Exception:
                log.exception("publishing failed")
            if not settled and now - started > 20e9:
                settled = True
                self._gc.settle()

    @property
    def _markets(self) -> list[MarketRuntime]:
        return self._engine.live.markets if self._engine.live else []

    def _quotes(self) -> None:
        for market in self._markets:
            market.quotes.tickers(market.table.tickers())
        parts = [market.quotes.take() for market in self._markets]
        event = quotes_event(parts)
        if event:
            self._engine.hub.publish(event)

    def _states(self) -> None:
        for market in self._markets:
            market.quotes.states(market.states())
        if self._engine.state_word == "offline" and any(m.feed.connected().any() for m in self._markets):
            self._engine.state_word, self._engine.note = "live", ""

    def _sparks(self) -> None:
        event = sparks_event([market.quotes.take_sparks() for market in self._markets])
        if event:
            self._engine.hub.publish(event)

    def _all_quotes(self) -> list[AnyEvent]:
        quotes = quotes_event([m.quotes.table for m in self._markets])
        sparks = sparks_event([(m.quotes.table["id"], m.quotes.sparks) for m in self._markets])
        return [e for e in (quotes, sparks) if e]

    def _bars(self, market: MarketRuntime, outcome: Outcome) -> None:
        """Bars of open charts, out of what a sweep made."""
        if not self._answers.charts.charts:
            return
        count = len(market.core.timeframes)
        symbols = market.row_of
        for stream, _ in self._answers.charts.charts.values():
            for other in stream.series.others:
                self._other_bars(market, outcome, stream, other)
            row = symbols.get(stream.symbol)
            if row is None:
                continue
            closed = outcome.closed
            mine = closed[(closed["row"] == row) & (closed["tf"] == stream.lane % count)]
            for k in range(len(mine)):
                stream.close_bar(mine[k])
            at = outcome.dirty.searchsorted(stream.lane)
            if at < len(outcome.dirty) and outcome.dirty[at] == stream.lane:
                stream.run_bar(outcome.running[at])

    def _other_bars(self, market: MarketRuntime, outcome: Outcome, stream: ChartStream, symbol: str) -> None:
        """Bars of another symbol whose closes an open chart shows."""
        row, timeframes = market.row_of.get(symbol), market.core.timeframes
        if row is None or stream.timeframe not in timeframes:
            return
        tf = timeframes.index(stream.timeframe)
        closed = outcome.closed
        for bar in closed[(closed["row"] == row) & (closed["tf"] == tf)]:
            stream.other_bar(symbol, bar, final=True)
        lane = row * len(timeframes) + tf
        at = outcome.dirty.searchsorted(lane)
        if at < len(outcome.dirty) and outcome.dirty[at] == lane:
            stream.other_bar(symbol, outcome.running[at], final=False)

    def _charts(self) -> None:
        for stream, _ in tuple(self._answers.charts.charts.values()):
            event = stream.event(self._stale(stream.symbol))
            if event:
                self._engine.hub.publish(event)

    def _stale(self, symbol: str) -> str:
        found = self._engine.live.find(symbol) if self._engine.live else None
        if not found:
            return ""
        market, _, row = found
        if not market.feed.connected()[row]:
            return "connecting" if market.core.pipeline.warming()[row * len(market.core.timeframes)] else "reconnecting"
        return "a gap is being filled" if market.core.gapped()[row] else ""

    def _health(self) -> Health:
        e = self._engine
        shards = [shard for m in self._markets for shard in m.feed.health()]
        states = [m.quotes.table["state"] for m in self._markets]
        waits = [m.wait_ms.percentiles(50, 99) for m in self._markets]
        sweeps = [m.sweep_ms.percentiles(50)[0] for m in self._markets]
        return Health(
            ts=now_ms(e.clock),
            state=e.state_word,
            shards=shards,
            symbols=sum(len(m.instruments) for m in self._markets),
            warming=sum(int((s <= STATE_WARMING).sum()) for s in states),
            settling=sum(int((s == STATE_SETTLING).sum()) for s in states),
            frames_per_s=sum(s.frames_per_s for s in shards),
            sweep_ms=_worst(sweeps),
            latency_p50_ms=_worst([p50 for p50, _ in waits]),
            latency_p99_ms=_worst([p99 for _, p99 in waits]),
            loop_lag_ms=self._lag.take(),
            gc_pause_ms=self._gc.longest_ms,
            rss_mb=self._process.rss_mb(),
            cpu_percent=self._process.cpu_percent(),
            signals_total=e.journal.written,
            queues={
                "journal": e.journal.queue,
                "store": e.storage.queue,
                "bus": e.hub.waiting,
                "jobs": e.jobs.queue,
                "alerts": self._answers.alerts.sender.queue,
                **{
                    f"ticks {m.market.id}": (m.table.depth(), 256 * len(m.instruments), m.table.overflowed)
                    for m in self._markets
                },
            },
            rest_used={m.rest.host: m.rest.budget.used() for m in self._markets},
            note=e.note,
            gc_pauses=self._gc.count,
            uptime_s=(now_ms(e.clock) - e.started_ms) / 1e3,
        )

    def _freshness(self) -> Freshness:
        now = self._engine.clock.now_ns()
        seen = np.array([ns for m in self._markets for ns in m.table.seen_ns], np.float64)
        ages = np.where(seen > 0, np.maximum(now - seen, 0) / 1e9, -1.0).astype("<f4")
        return Freshness(ts=now // 1_000_000, ages=ages.tobytes())


class BusLogHandler(logging.Handler):
    """Log records as events; what is logged while it is being sent is not sent again."""

    def __init__(self, engine: EngineParts) -> None:
        super().__init__(logging.INFO)
        self._engine = engine
        self._loop = asyncio.get_running_loop()

    def emit(self, record: logging.LogRecord) -> None:
        line = LogLine(
            ts=int(record.created * 1000),
            level=record.levelname.lower(),
            source=record.name.removeprefix("engine."),
            text=record.getMessage(),
        )
        # records come from the kernel and storage threads too; the hub belongs to the loop
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._engine.hub.publish, line)


def _worst(values: list[float]) -> float:
    known = [v for v in values if v == v]
    return max(known, default=float("nan"))
