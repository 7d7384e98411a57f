"""One shard: the symbols that share a connection, kept live for ever."""

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Callable, Iterable
from typing import Literal

from engine.contracts.errors import BadInput
from engine.contracts.events import ShardHealth
from engine.feeds.backoff import Backoff
from engine.feeds.link import Link, Oddities, Wiring
from engine.feeds.meters import Meters
from engine.feeds.watchdog import trouble

_log = logging.getLogger(__name__)

RowsHook = Callable[[list[int]], None]


class ShardState(enum.Enum):
    """The value is the word that people read."""

    IDLE = "idle"
    CONNECTING = "connecting"
    SUBSCRIBING = "subscribing"
    LIVE = "live"
    STALLED = "stalled"
    BACKING_OFF = "backing off"
    CLOSED = "closed"


class Shard:
    """Keeps its symbols subscribed until cancelled: `run` is the whole life.

    Lost connections come back after a delay that grows (Backoff), for ever. A connection that nears its lifetime, or
    whose server announces its shutdown, is replaced before it breaks: the new one must have all acknowledgements and
    data, then both run for overlap_s, then the old one goes.
    on_gap(rows): from now on these rows miss data: at the first subscription and at once when a connection is lost.
    on_live(rows): data flows again after a subscription: start to back-fill. After a replacement without loss on_live
    alone is called. Hooks must return quickly; what they raise is logged.
    """

    def __init__(
        self,
        index: int,
        symbols: list[str],
        wiring: Wiring,
        on_gap: RowsHook,
        on_live: RowsHook,
    ) -> None:
        settings, protocol = wiring.settings, wiring.protocol
        self.index = index
        self.market = wiring.market
        self.symbols = symbols
        self.rows = [wiring.table.row(symbol) for symbol in symbols]
        self.streams = protocol.stream_names(symbols, trades=settings.trades)
        if len(self.streams) > protocol.limits.streams_per_connection:
            raise BadInput(
                f"{len(self.streams)} streams are more than the {protocol.limits.streams_per_connection} that a"
                " connection may carry.",
                where=wiring.market,
                fix="Lower feeds.symbols_per_connection, or switch feeds.trades off.",
            )
        self.state = ShardState.IDLE
        self.detail = ""
        self.meters = Meters()
        self.oddities = Oddities(settings.kept_oddities)
        self.generation = 0
        self._wiring = wiring
        self._settings = settings
        self._table = wiring.table
        self._clock = wiring.clock
        self._server_clock = wiring.server_clock
        self._on_gap = on_gap
        self._on_live = on_live
        self._backoff = Backoff(settings.backoff_base_s, settings.backoff_cap_s, wiring.chance)
        self._event = asyncio.Event()
        self._tasks: dict[Link, asyncio.Task[None]] = {}
        self._link: Link | None = None
        self._heir: Link | None = None
        self._heir_ready_ns = 0
        self._retry_ns = 0
        self._renew_ns = 0
        self._restart = False
        self._live = False
        self._in_gap = False
        self._unfilled: set[int] = set()

    async def run(self) -> None:
        """Until cancelled; then every connection is closed."""
        try:
            while True:
                self._event.clear()
                self._step()
                await self._wait()
        finally:
            self.state = ShardState.CLOSED
            await self._close_all()

    def restart(self) -> None:
        """A fresh connection on request: where one is live, it stays until the new one is; else without waiting."""
        if self._live:
            self._restart = True
        else:
            self.abandon("restart requested")
        self._retry_ns = 0
        self._event.set()

    def abandon(self, why: str) -> None:
        """Cut what there is and connect anew: the computer slept, or the network changed."""
        for link, task in list(self._tasks.items()):
            link.fail(why)
            task.cancel()

    @property
    def live(self) -> bool:
        """All is subscribed and data flows."""
        return self._live

    def filled(self, rows: Iterable[int]) -> None:
        """The owner has back-filled these rows."""
        before = len(self._unfilled)
        self._unfilled.difference_update(rows)
        self.meters.gaps_filled += before - len(self._unfilled)

    def silent_symbols(self) -> list[str]:
        """Symbols without any frame since the current connection was opened (illiquid, or not delivered)."""
        link = self._link
        if link is None or not link.opened_ns:
            return []
        since = self._clock.now_ns() - (self._clock.monotonic_ns() - link.opened_ns)
        return [s for s, row in zip(self.symbols, self.rows, strict=True) if self._table.seen_ns[row] < since]

    def health(self) -> ShardHealth:
        """The shard as the feed-health panel shows it."""
        now = self._clock.now_ns()
        link = self._link
        last = max(self.meters.last_frame_ns, link.last_frame_ns if link else 0)
        lamp, detail = self._lamp()
        return ShardHealth(
            market=self.market,
            shard=self.index,
            lamp=lamp,
            state=self.state.value,
            symbols=len(self.symbols),
            frames_per_s=self.meters.frames_per_s(now),
            age_ms=(now - last) / 1e6 if last else -1.0,
            reconnects=self.meters.reconnects,
            gaps_open=len(self._unfilled),
            malformed=self.meters.malformed,
            detail=detail,
            gaps_filled=self.meters.gaps_filled,
            dropped=self.meters.outdated,
            handovers=self.meters.handovers,
            latency=self.meters.histogram(now),
        )

    def _step(self) -> None:
        """Look at everything once and act; called whenever something changed and every watch interval."""
        now = self._clock.monotonic_ns()
        for link in (self._link, self._heir):
            if link is not None and link.phase != "ended":
                self._watch(link, now)
        self._tend_heir(now)
        if self._link is not None and self._link.phase == "ended":
            self._lose(self._link, now)
        if self._link is None and now >= self._retry_ns:
            self._link = self._open()
            self._enter_gap()
            self._restart = False
        link = self._link
        if link is None:
            return
        if link.ready and not self._live:
            self._go_live(link)
        if self._live and self._heir is None and now >= self._retry_ns and self._should_renew(link, now):
            self._heir, self._heir_ready_ns = self._open(), 0
            self._restart = False
        self._name_state(link)

    def _tend_heir(self, now: int) -> None:
        heir = self._heir
        if heir is None:
            return
        if heir.phase == "ended":
            self.detail = f"replacement failed: {heir.ended}"
            self._heir = None
            self._retry_ns = now + int(self._backoff.next_s() * 1e9)
        elif heir.ready and self._link is not None and self._link.phase != "ended":
            self._heir_ready_ns = self._heir_ready_ns or now
            if now - self._heir_ready_ns >= self._settings.overlap_s * 1e9:
                self._hand_over(self._link, heir)

    def _hand_over(self, old: Link, heir: Link) -> None:
        old.retire()
        self.meters.handovers += 1
        self._link, self._heir = heir, None
        self._go_live(heir)

    def _should_renew(self, link: Link, now: int) -> bool:
        return link.shutdown_announced or self._restart or now >= self._renew_ns

    def _go_live(self, link: Link) -> None:
        s = self._settings
        share = s.renew_from + (s.renew_to - s.renew_from) * self._wiring.chance()
        self._renew_ns = link.opened_ns + int(share * self._wiring.protocol.limits.lifetime_s * 1e9)
        self._live = True
        self._in_gap = False
        self.detail = ""
        self._call(self._on_live)

    def _lose(self, link: Link, now: int) -> None:
        """A connection ended, or never came about: the rows are in a gap, and the next attempt waits."""
        if link.opened_ns:
            self.meters.reconnects += 1
        if link.first_data_ns and now - link.first_data_ns >= self._settings.stable_s * 1e9:
            self._backoff.reset()
        self.meters.last_frame_ns = max(self.meters.last_frame_ns, link.last_frame_ns)
        self.detail = link.ended
        self._live = False
        self._enter_gap()
        self._link, self._heir = self._heir, None
        if self._link is None:
            self._retry_ns = now + int(self._backoff.next_s() * 1e9)
            self.state = ShardState.BACKING_OFF

    def _enter_gap(self) -> None:
        if self._in_gap:
            return
        self._in_gap = True
        self._unfilled.update(self.rows)
        self._table.cut(self.rows)
        self._call(self._on_gap)

    def _open(self) -> Link:
        self.generation += 1
        link = Link(self.generation, self.streams, self._wiring, self.meters, self.oddities, self._event.set)
        task = asyncio.create_task(link.run(), name=f"{self.market} shard {self.index} connection {link.generation}")
        self._tasks[link] = task
        task.add_done_callback(lambda _: self._over(link))
        return link

    def _over(self, link: Link) -> None:
        """Its task is done, even if it was cancelled before its first step."""
        link.phase = "ended"
        self._tasks.pop(link, None)
        self._event.set()

    def _watch(self, link: Link, now: int) -> None:
        why = trouble(
            link,
            len(self.symbols),
            self._settings,
            monotonic_ns=now,
            wall_ns=self._clock.now_ns(),
            server_ms=self._server_clock.now_ms(),
        )
        if why:
            if link is self._link:
                self.state = ShardState.STALLED
            link.fail(why)

    def _name_state(self, link: Link) -> None:
        if link.phase == "live" and link.ready:
            self.state = ShardState.LIVE
        elif link.phase in ("subscribing", "live"):
            self.state = ShardState.SUBSCRIBING
        elif link.phase != "ended":
            self.state = ShardState.CONNECTING

    def _lamp(self) -> tuple[Literal["green", "amber", "red", "grey"], str]:
        link = self._link
        if self.state in (ShardState.IDLE, ShardState.CLOSED):
            return "grey", self.detail
        if self.state is not ShardState.LIVE or link is None:
            first = self.meters.reconnects == 0 and self._backoff.attempts == 0
            return "amber" if first else "red", self.detail
        late_s = self._server_clock.at_ms(link.last_frame_ns) / 1e3 - link.last_event_ms / 1e3
        if link.refused:
            return "amber", link.refused
        if self._server_clock.known and late_s > self._settings.late_s:
            return "amber", f"data is {late_s:.1f} s late"
        if self._unfilled:
            return "amber", f"{len(self._unfilled)} symbols wait for back-fill"
        if (self._clock.monotonic_ns() - link.subscribed_ns) / 1e9 > self._settings.first_frame_s:
            silent = self.silent_symbols()
            if silent:
                return "green", f"{len(silent)} symbols without a trade since it was opened, {silent[0]} among them"
        return "green", self.detail

    def _call(self, hook: RowsHook) -> None:
        try:
            hook(self.rows)
        except Exception:
            _log.exception("a hook of shard %s/%d failed", self.market, self.index)

    async def _wait(self) -> None:
        """Until something happens, at most until the next moment that matters."""
        now = self._clock.monotonic_ns()
        wait_s = self._settings.watch_interval_s
        if self._link is None:
            wait_s = min(wait_s, (self._retry_ns - now) / 1e9)
        if self._heir is not None and self._heir.ready:
            wait_s = min(wait_s, self._settings.overlap_s)
        timer = asyncio.get_running_loop().call_later(max(wait_s, 0.001), self._event.set)
        try:
            await self._event.wait()
        finally:
            timer.cancel()

    async def _close_all(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
