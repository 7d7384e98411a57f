"""Signals are written before they are told, and a store that refuses loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.bus import wire
from engine.bus.hub import Hub, Outlet
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import PyroError
from engine.contracts.events import AnyEvent, Notice, Signals
from engine.contracts.signals import NO_SIGNALS, Signal, SignalBatch
from engine.runtime import journal as journal_module
from engine.runtime.journal import Entry, Journal
from engine.runtime.storage import StorageThread
from engine.store.state import SeriesBars, State

SYMBOL = "binance-spot:BTCUSDT"


def signal(bar_ts: int, kind: str = "confirmed") -> Signal:
    return Signal(
        strategy="s", version="v", params="", symbol=SYMBOL, timeframe="1m", bar_ts=bar_ts, side="long", action="entry",
        kind=kind, price=1.5, event_ms=1, received_ns=2, emitted_ns=3,
    )  # fmt: skip


def bars(*minutes: int) -> SeriesBars:
    rows = np.zeros(len(minutes), CANDLE_DTYPE)
    rows["ts"] = np.array(minutes) * 60_000
    for name in ("open", "high", "low", "close"):
        rows[name] = 10.0
    return SeriesBars(SYMBOL, "1m", rows)


class Ear:
    """What a subscriber hears."""

    def __init__(self, hub: Hub) -> None:
        self.outlet = Outlet("ear", lambda: None)
        hub.attach(self.outlet)
        hub.subscribe(self.outlet, frozenset({"signals", "notice"}))

    def heard(self) -> list[AnyEvent]:
        messages = [wire.from_server(frame[4:]) for frame in self.outlet.take()[0]]
        return [m.event for m in messages if isinstance(m, wire.Publish)]


@contextlib.asynccontextmanager
async def running(state: State) -> AsyncIterator[tuple[Journal, Ear]]:
    hub, storage = Hub(), StorageThread()
    journal, ear = Journal(storage, state, hub), Ear(hub)
    task = asyncio.create_task(journal.run())
    try:
        yield journal, ear
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await storage.close()
        state.close()


async def test_what_is_told_is_in_the_journal_and_nothing_is_told_twice(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite")
    async with running(state) as (journal, ear):
        await journal.put(Entry(SignalBatch.of([signal(0), signal(60_000)]), [bars(0, 1)]))
        await journal.put(Entry(SignalBatch.of([signal(60_000), signal(120_000)]), [bars(1, 2)]))
        await journal.drained()
        told = [s for e in ear.heard() if isinstance(e, Signals) for s in e.batch.signals()]
        assert [s.bar_ts for s in told] == [0, 60_000, 120_000]
        assert [s.seq for s in told] == sorted(s.seq for s in told)
        assert [s.seq for s in state.signals()] == [s.seq for s in told]
        assert state.candles(SYMBOL, "1m")["ts"].tolist() == [0, 60_000, 120_000]


async def test_a_full_disk_is_told_once_and_all_is_written_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "RETRY_S", 0.01)

    class Full(State):
        refusals = 3

        def append_signals(self, signals: SignalBatch) -> SignalBatch:
            if self.refusals:
                self.refusals -= 1
                raise PyroError("the disk is full", where="state.sqlite", fix="Free some room.")
            return super().append_signals(signals)

    state = Full(tmp_path / "state.sqlite")
    async with running(state) as (journal, ear):
        await journal.put(Entry(SignalBatch.of([signal(0)]), []))
        await journal.drained()
        heard = ear.heard()
        notices = [e for e in heard if isinstance(e, Notice)]
        assert [n.level for n in notices] == ["error", "info"]
        assert "the disk is full" in notices[0].text
        assert [s.bar_ts for s in state.signals()] == [0]
        assert sum(isinstance(e, Signals) for e in heard) == 1


async def test_a_restated_bar_marks_its_signals_and_tells_them_again(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite")
    async with running(state) as (journal, ear):
        await journal.put(Entry(SignalBatch.of([signal(0)]), []))
        await journal.put(Entry(NO_SIGNALS, [], [(SYMBOL, 0)]))
        await journal.drained()
        told = [s for e in ear.heard() if isinstance(e, Signals) for s in e.batch.signals()]
        assert [s.revised for s in told] == [False, True]
        assert msgspec.structs.replace(told[0], revised=True) == told[1]
