"""Signals and bars on their way to the store, in order: journal first, then the bus."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import deque
from collections.abc import Callable
from typing import TypeVar

import msgspec

from engine.bus.hub import Hub
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.events import Notice, Signals
from engine.contracts.signals import NO_SIGNALS, SignalBatch
from engine.runtime.storage import StorageThread
from engine.store.state import SeriesBars, State

log = logging.getLogger(__name__)
T = TypeVar("T")
#: outcomes that may wait; a sweep that finds it full waits, and the feed's table coalesces meanwhile
QUEUE_LIMIT = 512
#: series of bars in one transaction: what new signals wait behind at most (about 1 ms)
BARS_AT_ONCE = 32
#: bars and marks that may wait for a quiet moment; above it they go before further signals
LATER_LIMIT = 20_000
#: signals of one transaction and one event: the first of very many are out while the last are still being written
SIGNALS_AT_ONCE = 16_384
#: s between the beginnings of two commits of signals: each costs about 0.5 ms whatever it holds
COMMIT_EVERY_S = 0.0005
#: s between two attempts while the store refuses (full disk, locked file)
RETRY_S = 1.0


class Entry(msgspec.Struct, frozen=True):
    """What one sweep leaves to be stored. Signals are written before the bars that made them: a bar lost in a crash is
    fetched again and its signals are found again, and the journal knows those it has by their key."""

    signals: SignalBatch
    bars: list[SeriesBars]
    revised: list[tuple[str, int]] = []


#: what waits behind the signals: bars, (symbol, minute) restated, None = the entry ends here
Later = SeriesBars | tuple[str, int] | None


class Journal:
    """One task writes; what piles up meanwhile goes into one transaction.

    Signals overtake the bars of earlier entries, never those of their own: a minute's close stores a thousand bars, and
    the next signals do not wait for them. Bars are written while there are no signals, or none may be committed yet.
    """

    def __init__(self, storage: StorageThread, state: State, hub: Hub) -> None:
        self.written = 0
        self._storage = storage
        self._state = state
        self._hub = hub
        self._queue: asyncio.Queue[Entry] = asyncio.Queue(QUEUE_LIMIT)
        self._later: deque[Later] = deque()
        self._listeners: list[Callable[[SignalBatch], None]] = []
        self._failing = False
        self._due = 0.0

    def on_written(self, listener: Callable[[SignalBatch], None]) -> None:
        """Told of newly journaled signals, on the loop."""
        self._listeners.append(listener)

    async def put(self, entry: Entry) -> None:
        if len(entry.signals) or entry.bars or entry.revised:
            await self._queue.put(entry)

    @property
    def queue(self) -> tuple[int, int, int]:
        return self._queue.qsize(), QUEUE_LIMIT, 0

    async def drained(self) -> None:
        """Wait until all that was put is stored."""
        await self._queue.join()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if self._later and (self._queue.empty() or len(self._later) > LATER_LIMIT or loop.time() < self._due):
                await self._store_some()
                continue
            entries = [await self._queue.get()]
            if not self._later and (wait := self._due - loop.time()) > 0:
                # what comes meanwhile goes with them
                await asyncio.sleep(wait)
            while not self._queue.empty():
                entries.append(self._queue.get_nowait())
            await self._store_signals([e.signals for e in entries if len(e.signals)])
            for entry in entries:
                self._later.extend((*entry.bars, *entry.revised, None))

    async def _store_signals(self, batches: list[SignalBatch]) -> None:
        """Journal, then bus; all that came together, unless it is very much."""
        if not batches:
            return
        signals = SignalBatch.join(batches)
        self._due = asyncio.get_running_loop().time() + COMMIT_EVERY_S
        for start in range(0, len(signals), SIGNALS_AT_ONCE):
            part = signals.take(slice(start, start + SIGNALS_AT_ONCE))
            written = await self._insist(functools.partial(self._state.append_signals, part), NO_SIGNALS)
            if len(written):
                self.written += len(written)
                self._hub.publish(Signals(block=written.block()))
                for listener in self._listeners:
                    listener(written)

    async def _store_some(self) -> None:
        """One transaction of bars, or one mark; then the entries that are complete with it count as stored."""
        bars: list[SeriesBars] = []
        ends = 0
        while self._later and len(bars) < BARS_AT_ONCE and not isinstance(self._later[0], tuple):
            item = self._later.popleft()
            if isinstance(item, SeriesBars):
                bars.append(item)
            else:
                ends += 1
        if bars:
            await self._insist(lambda: self._state.save_bars(bars), None)
        for _ in range(ends):
            self._queue.task_done()
        if not bars and self._later and isinstance(self._later[0], tuple):
            symbol, minute_ms = self._later.popleft()  # type: ignore[misc]
            marked = await self._insist(functools.partial(self._state.mark_revised, symbol, minute_ms), NO_SIGNALS)
            if len(marked):
                self._hub.publish(Signals(block=marked.block()))

    async def _insist(self, write: Callable[[], T], nothing: T) -> T:
        """Write until it succeeds: nothing is lost while the disk is full, and the person is told once. What can never
        be written is logged and left out, since the signals after it must not wait for ever."""
        while True:
            try:
                done = await self._storage.run(write)
            except BadInput as error:
                log.error("what cannot be stored is left out: %s", error)
                return nothing
            except PyroError as error:
                if not self._failing:
                    log.error("the store refuses: %s", error)
                    self._hub.publish(
                        Notice(
                            level="error", code="store", text=f"{error} New bars and signals wait in memory until then."
                        )
                    )
                self._failing = True
                await asyncio.sleep(RETRY_S)
            else:
                if self._failing:
                    self._failing = False
                    self._hub.publish(Notice(level="info", code="store", text="The store accepts writes again."))
                return done
