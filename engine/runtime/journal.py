"""Signals and bars on their way to the store, in order: journal first, then the bus."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import deque
from collections.abc import Callable

import msgspec

from engine.bus.hub import Hub
from engine.contracts.errors import PyroError
from engine.contracts.events import Notice, Signals
from engine.contracts.signals import Signal
from engine.runtime.storage import StorageThread
from engine.store.state import SeriesBars, State

log = logging.getLogger(__name__)
#: outcomes that may wait; a sweep that finds it full waits, and the feed's table coalesces meanwhile
QUEUE_LIMIT = 512
#: series of bars in one transaction: what new signals wait behind at most (about 2 ms)
BARS_AT_ONCE = 96
#: bars and marks that may wait for a quiet moment; above it they go before further signals
LATER_LIMIT = 20_000
#: signals of one transaction and one event
SIGNALS_AT_ONCE = 256
#: s between two attempts while the store refuses (full disk, locked file)
RETRY_S = 1.0


class Entry(msgspec.Struct, frozen=True):
    """What one sweep leaves to be stored. Signals are written before the bars that made them: a bar lost in a crash is
    fetched again and its signals are found again, and the journal knows those it has by their key."""

    signals: list[Signal]
    bars: list[SeriesBars]
    revised: list[tuple[str, int]] = []


#: what waits behind the signals: bars, (symbol, minute) restated, None = the entry ends here
Later = SeriesBars | tuple[str, int] | None


class Journal:
    """One task writes; what piles up meanwhile goes into one transaction.

    Signals overtake the bars of earlier entries, never those of their own: a minute's close stores a thousand bars, and
    the next signals do not wait for them.
    """

    def __init__(self, storage: StorageThread, state: State, hub: Hub) -> None:
        self.written = 0
        self._storage = storage
        self._state = state
        self._hub = hub
        self._queue: asyncio.Queue[Entry] = asyncio.Queue(QUEUE_LIMIT)
        self._later: deque[Later] = deque()
        self._listeners: list[Callable[[list[Signal]], None]] = []
        self._failing = False

    def on_written(self, listener: Callable[[list[Signal]], None]) -> None:
        """Told of newly journaled signals, on the loop."""
        self._listeners.append(listener)

    async def put(self, entry: Entry) -> None:
        if entry.signals or entry.bars or entry.revised:
            await self._queue.put(entry)

    @property
    def queue(self) -> tuple[int, int, int]:
        return self._queue.qsize(), QUEUE_LIMIT, 0

    async def drained(self) -> None:
        """Wait until all that was put is stored."""
        await self._queue.join()

    async def run(self) -> None:
        while True:
            if not self._later or not self._queue.empty():
                entries = [await self._queue.get()]
                while not self._queue.empty():
                    entries.append(self._queue.get_nowait())
                await self._store_signals([s for e in entries for s in e.signals])
                for entry in entries:
                    self._later.extend((*entry.bars, *entry.revised, None))
            await self._store_some()
            while len(self._later) > LATER_LIMIT:
                await self._store_some()

    async def _store_signals(self, signals: list[Signal]) -> None:
        """In small transactions: at a busy close the first are out while the last are still being written."""
        for start in range(0, len(signals), SIGNALS_AT_ONCE):
            part = signals[start : start + SIGNALS_AT_ONCE]
            written = await self._insist(functools.partial(self._state.append_signals, part))
            if written:
                self.written += len(written)
                self._hub.publish(Signals(signals=written))
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
            await self._insist(lambda: self._state.save_bars(bars))
        for _ in range(ends):
            self._queue.task_done()
        if not bars and self._later and isinstance(self._later[0], tuple):
            symbol, minute_ms = self._later.popleft()  # type: ignore[misc]
            marked = await self._insist(functools.partial(self._state.mark_revised, symbol, minute_ms))
            if marked:
                self._hub.publish(Signals(signals=marked))

    async def _insist(self, write: Callable[[], list[Signal] | None]) -> list[Signal]:
        """Write until it succeeds: nothing is lost while the disk is full, and the person is told once."""
        while True:
            try:
                done = await self._storage.run(write)
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
                return done or []
