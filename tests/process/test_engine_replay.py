"""A replay on the bus of a real engine: in a process of its own that may be killed, and it goes with its client."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from engine.contracts.commands import Candles, GetCandles, ListSignals, OpenChart, SeriesRequest, SignalPage
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.events import Bars
from engine.contracts.replay import (
    JumpReplay,
    PauseReplay,
    PlayReplay,
    ReplaySignals,
    ReplayState,
    StartReplay,
    StepReplay,
    StopReplay,
)
from engine.runtime.client import EngineClient
from tests.process.test_engine_life import client, engine  # noqa: F401 - a fixture

pytestmark = [pytest.mark.timeout(300), pytest.mark.long]
MINUTE = 60_000


async def bars_of(c: EngineClient, symbol: str) -> np.ndarray:
    """Kept minutes of a symbol, once there are enough to go back."""
    async with asyncio.timeout(120):
        while True:
            page: Candles = await c.ask(GetCandles(symbol=symbol, timeframe="1m", limit=600))
            bars = np.frombuffer(page.bars, CANDLE_DTYPE)
            if len(bars) >= 600:
                return bars
            await asyncio.sleep(0.5)


class Heard:
    """What came of one session, over all its moments."""

    def __init__(self, c: EngineClient) -> None:
        self.bars: dict[int, tuple[float, ...]] = {}
        self.values: list[float] = []
        self.keys: list[tuple[Any, ...]] = []
        self.states: list[ReplayState] = []
        c.on(Bars, self._bars)
        c.on(ReplaySignals, self._signals)
        c.on(ReplayState, self.states.append)

    def _bars(self, event: Bars) -> None:
        if event.chart != "past":
            return
        for bar in np.frombuffer(event.bars, CANDLE_DTYPE):
            self.bars[int(bar["ts"])] = tuple(bar.tolist())
        self.values += np.frombuffer(event.series["close"]).tolist()

    def _signals(self, event: ReplaySignals) -> None:
        if event.reset:
            self.keys.clear()
        self.keys += [(s.key, s.price) for s in event.batch.signals()]


async def open_past(c: EngineClient, symbol: str) -> np.ndarray:
    series = [SeriesRequest(name="close", expression="close")]
    found: Candles = await c.ask(OpenChart(chart="past", symbol=symbol, timeframe="5m", limit=50, series=series))
    assert np.frombuffer(found.series["close"]).tolist() == np.frombuffer(found.bars, CANDLE_DTYPE)["close"].tolist()
    return np.frombuffer(found.bars, CANDLE_DTYPE)


async def test_it_plays_steps_jumps_and_ends_with_its_client(engine) -> None:  # noqa: F811
    folder, process = engine
    async with client(folder) as c:
        symbol = c.info.instruments[0].symbol
        minutes = await bars_of(c, symbol)
        await c.subscribe()
        heard = Heard(c)
        start = int(minutes["ts"][-240])
        told: ReplayState = await c.ask(StartReplay(at_ms=start, symbols=[symbol], charts=["past"]))
        assert (told.state, told.ts) == ("paused", start)
        shown = await open_past(c, symbol)
        assert int(shown["ts"][-1]) + 5 * MINUTE <= start

        await c.ask(PlayReplay(session=told.session, speed=0.0))
        async with asyncio.timeout(60):
            while heard.states[-1].ts < start + 60 * MINUTE:
                await asyncio.sleep(0.01)
        paused: ReplayState = await c.ask(PauseReplay(session=told.session))
        assert paused.state == "paused"
        stepped: ReplayState = await c.ask(StepReplay(session=told.session, timeframe="1h"))
        assert stepped.ts % (60 * MINUTE) == 0
        assert stepped.ts > paused.ts
        await asyncio.sleep(0.3)
        known = {int(b["ts"]): b for b in minutes}
        for ts, (_, opened, high, low, close, _) in heard.bars.items():
            if ts + 5 * MINUTE <= stepped.ts:
                mine = [known[t] for t in range(ts, ts + 5 * MINUTE, MINUTE) if t in known]
                assert (opened, close) == (mine[0]["open"], mine[-1]["close"])
                assert (high, low) == (max(b["high"] for b in mine), min(b["low"] for b in mine))
        played = list(heard.keys)
        assert played

        # its own process dies: it can be gone on with, and says the same again
        family = psutil.Process(process.pid).children(recursive=True)
        worker = next(p for p in family if '"kind":"replay"' in p.cmdline()[-1])
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(PyroError, match="process ended"):
            await c.ask(StepReplay(session=told.session))
        await asyncio.sleep(0.3)
        assert heard.states[-1].state == "failed"
        again: ReplayState = await c.ask(JumpReplay(session=told.session, at_ms=start))
        assert (again.state, again.ts) == ("paused", start)
        for _ in range(5):
            await c.ask(StepReplay(session=told.session, timeframe="15m", bars=3))
        await asyncio.sleep(0.3)
        both = min(len(played), len(heard.keys))
        assert both > 50
        assert heard.keys[:both] == played[:both]

        with pytest.raises(BadInput, match="cannot be replayed from"):
            await c.ask(JumpReplay(session=told.session, at_ms=MINUTE))
        async with client(folder) as other:
            with pytest.raises(BadInput, match="Another window"):
                await other.ask(StartReplay(at_ms=start, symbols=[symbol]))
        # nothing of it is in the journal
        page: SignalPage = await c.ask(ListSignals(limit=100_000, symbol=symbol))
        emitted = {s.emitted_ns // 1_000_000 for s in page.signals}
        assert not emitted & {s.ts for s in heard.states}
        assert all(s.emitted_ns // 1_000_000 > start + 200 * MINUTE for s in page.signals if not s.late)
        await c.ask(StopReplay(session=told.session))
        with pytest.raises(BadInput, match="has ended"):
            await c.ask(StepReplay(session=told.session))
        live = await open_past(c, symbol)
        assert int(live["ts"][-1]) > stepped.ts
        await c.ask(StartReplay(at_ms=start, symbols=[symbol]))
    # a client that goes takes its session with it
    async with client(folder) as c:
        told = await c.ask(StartReplay(at_ms=start, symbols=[symbol]))
        await c.ask(StopReplay(session=told.session))


async def test_after_the_engine_was_killed_it_goes_on_from_where_it_was(tmp_path: Path) -> None:
    from tests.process.test_engine_life import SMALL, start

    keys: list[list[tuple[Any, ...]]] = []
    begin = 0
    for _ in range(2):
        process = start(tmp_path, *SMALL, "--demo", "--headless")
        try:
            async with client(tmp_path) as c:
                symbol = c.info.instruments[0].symbol
                minutes = await bars_of(c, symbol)
                begin = begin or int(minutes["ts"][-240])
                await c.subscribe()
                heard = Heard(c)
                told = await c.ask(StartReplay(at_ms=begin, symbols=[symbol]))
                await c.ask(StepReplay(session=told.session, timeframe="15m", bars=4))
                await asyncio.sleep(0.3)
                keys.append(list(heard.keys))
        finally:
            process.kill()
            process.wait()
    assert len(keys[0]) > 50
    assert keys[0] == keys[1]
