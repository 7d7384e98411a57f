"""The journal's order: signals before their bars, and past the bars of earlier entries; nothing is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from engine.bus.hub import Hub
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.signals import Signal, SignalBatch
from engine.runtime.journal import BARS_AT_ONCE, Entry, Journal
from engine.runtime.storage import StorageThread
from engine.store.state import SeriesBars, State

MINUTE = 60_000
SERIES = 4 * BARS_AT_ONCE


def signal(number: int) -> Signal:
    return Signal(
        strategy="s", version="1", params="", symbol="binance-spot:BTCUSDT", timeframe="1m", bar_ts=number * MINUTE,
        side="long", action="entry", kind="confirmed", price=1.0, event_ms=0, received_ns=0, emitted_ns=0, late=False,
        settling=False,
    )  # fmt: skip


def bars(number: int) -> SeriesBars:
    return SeriesBars(f"binance-spot:S{number}", "1m", np.array([(MINUTE, 1.0, 1.0, 1.0, 1.0, 1.0)], CANDLE_DTYPE))


async def test_signals_overtake_the_bars_of_an_earlier_entry_and_all_is_stored(tmp_path: Path) -> None:
    storage = StorageThread()
    state = await storage.run(State, tmp_path / "state.sqlite")
    journal = Journal(storage, state, Hub())
    stored_then: list[int] = []
    journal.on_written(lambda _: stored_then.append(len(state.last_final())))
    await journal.put(Entry(SignalBatch.of([signal(1)]), [bars(n) for n in range(SERIES)]))
    task = asyncio.create_task(journal.run())
    while not stored_then:
        await asyncio.sleep(0)
    await journal.put(Entry(SignalBatch.of([signal(2)]), []))
    await journal.drained()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert stored_then[0] == 0
    assert stored_then[1] < SERIES
    assert len(state.last_final()) == SERIES
    assert [s.bar_ts for s in state.signals()] == [MINUTE, 2 * MINUTE]
    await storage.run(state.close)
    await storage.close()


async def test_marks_of_restated_minutes_come_after_the_signals_they_mark(tmp_path: Path) -> None:
    storage = StorageThread()
    state = await storage.run(State, tmp_path / "state.sqlite")
    journal = Journal(storage, state, Hub())
    await journal.put(Entry(SignalBatch.of([signal(1)]), [bars(0)], [("binance-spot:BTCUSDT", MINUTE)]))
    task = asyncio.create_task(journal.run())
    await journal.drained()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [s.revised for s in state.signals()] == [True]
    await storage.run(state.close)
    await storage.close()
