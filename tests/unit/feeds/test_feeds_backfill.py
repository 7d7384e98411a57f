"""Back-fill through a real REST server on loopback; the clock is simulated and moves when the back-fill waits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.clock import SimulatedClock
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput
from engine.feeds.backfill import BULK, CHART, WATCHLIST, Backfill
from engine.feeds.budget import RestBudget
from engine.feeds.rest import RestClient
from engine.feeds.settings import FeedSettings
from tests.unit.feeds.loopback import RestServer, ToyProtocol, price_at, until

MINUTE = 60_000
NOW = 1_790_000_000_000 // MINUTE * MINUTE + 20_000
OPEN = NOW - NOW % MINUTE
QUICK = FeedSettings(
    backoff_base_s=0.01, backoff_cap_s=0.02, settle_s=0.05, rest_attempts=1, gap_workers=1, warmup_workers=1
)


class Bench:
    """A back-fill, its server, and what was delivered."""

    def __init__(self, server: RestServer, settings: FeedSettings = QUICK, limit: int = 100_000) -> None:
        assert isinstance(server.clock, SimulatedClock)
        self.server = server
        self.clock = server.clock
        self.delivered: list[tuple[int, str, NDArray[np.void], int]] = []
        self.slept: list[float] = []
        self.budget = RestBudget("toy", limit, self.clock, sleep=self.sleep)
        self.rest = RestClient(ToyProtocol(), server.base, self.budget, self.clock, settings=settings, sleep=self.sleep)
        self.backfill = Backfill(
            self.rest, lambda *filled: self.delivered.append(filled), settings, self.clock, sleep=self.sleep
        )

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance_ms(seconds * 1000)

    async def done(self) -> None:
        """Wait until nothing is dirty; time passes for delayed attempts."""
        async with asyncio.timeout(10):
            while self.backfill.dirty():
                self.clock.advance_ms(1)
                await asyncio.sleep(0.002)

    def order(self) -> list[str]:
        return [query["symbol"] for what, query in self.server.asked if what == "klines"]


@contextlib.asynccontextmanager
async def bench(**more: Any) -> AsyncIterator[Bench]:
    async with RestServer(SimulatedClock(NOW)) as server:
        made = Bench(server, **more)
        try:
            yield made
        finally:
            await made.backfill.stop()
            await made.rest.close()
            assert [t for t in asyncio.all_tasks() if t.get_name().startswith("back-fill")] == []


async def test_delivers_the_final_bars_and_how_far_all_is_known() -> None:
    async with bench() as b:
        b.backfill.request(3, "BTCUSDT", "1m", OPEN - 250 * MINUTE)
        b.backfill.start()
        await b.done()
        ((row, timeframe, candles, checked_to),) = b.delivered
        assert (row, timeframe, checked_to) == (3, "1m", OPEN)
        assert candles.dtype == CANDLE_DTYPE
        assert candles["ts"].tolist() == [OPEN - i * MINUTE for i in range(250, 0, -1)]
        assert candles["close"][-1] == price_at(OPEN - MINUTE)
        assert b.backfill.progress() == (1, 1)


async def test_most_urgent_first_and_one_request_a_key() -> None:
    async with bench() as b:
        start = OPEN - 3 * MINUTE
        b.backfill.request(0, "BULK9", "1m", start, BULK + 9)
        b.backfill.request(1, "BULK2", "1m", start, BULK + 2)
        b.backfill.request(2, "LIST", "1m", start, WATCHLIST)
        b.backfill.request(3, "CHART", "1m", start, CHART)
        b.backfill.request(4, "RAISED", "1m", start, BULK + 5)
        b.backfill.request(4, "RAISED", "1m", start - MINUTE, CHART)
        assert b.backfill.dirty() == 5
        b.backfill.start()
        await b.done()
        assert b.order() == ["CHART", "RAISED", "LIST", "BULK2", "BULK9"]
        assert len(b.delivered[1][2]) == 4
        assert b.backfill.progress() == (5, 5)


async def test_a_request_while_fetching_is_fetched_once_more_from_its_own_start() -> None:
    async with bench() as b:

        def again(*filled: Any) -> None:
            b.delivered.append(filled)
            if len(b.delivered) == 1:
                b.clock.advance_ms(2 * MINUTE)
                b.backfill.request(0, "A", "1m", OPEN)

        b.backfill._on_filled = again
        b.backfill.request(0, "A", "1m", OPEN - 5 * MINUTE)
        b.backfill.start()
        await b.done()
        assert [d[2]["ts"].tolist()[0] for d in b.delivered] == [OPEN - 5 * MINUTE, OPEN]
        assert [d[3] for d in b.delivered] == [OPEN, OPEN + 2 * MINUTE]


async def test_waits_until_some_time_after_the_close() -> None:
    async with bench(settings=msgspec.structs.replace(QUICK, settle_s=2.0)) as b:
        b.clock.set_ms(OPEN + 500)
        b.backfill.request(0, "A", "1m", OPEN - MINUTE)
        b.backfill.start()
        await until(lambda: b.delivered)
        assert b.slept == [1.5]


async def test_failures_stay_dirty_and_are_tried_again() -> None:
    async with bench() as b:
        b.server.script = [(500, "busy", {}), (500, "busy", {})]
        b.backfill.request(0, "A", "1m", OPEN - MINUTE)
        b.backfill.start()
        await until(lambda: b.backfill.failures())
        assert "HTTP 500: busy" in b.backfill.failures()[0, "1m"]
        assert b.backfill.dirty() == 1
        await b.done()
        assert b.backfill.failed_attempts == 2
        assert b.backfill.failures() == {}
        assert len(b.delivered) == 1


async def test_a_newest_bar_that_rest_does_not_show_yet_is_asked_for_again() -> None:
    async with bench() as b:
        b.server.newest_ms = OPEN - 2 * MINUTE
        b.backfill.request(0, "A", "1m", OPEN - 3 * MINUTE)
        b.backfill.start()
        await until(lambda: b.delivered)
        assert b.delivered[0][3] == OPEN - MINUTE
        assert b.backfill.dirty() == 1
        b.server.newest_ms = None
        await b.done()
        assert b.delivered[-1][2]["ts"].tolist() == [OPEN - MINUTE]
        assert b.delivered[-1][3] == OPEN


async def test_a_true_hole_at_the_end_counts_as_checked_after_some_attempts() -> None:
    async with bench() as b:
        b.server.holes = {OPEN - MINUTE, OPEN - 10 * MINUTE}
        b.backfill.request(0, "A", "1m", OPEN - 20 * MINUTE)
        b.backfill.start()
        await b.done()
        assert len(b.delivered[0][2]) == 18
        assert [d[3] for d in b.delivered] == [OPEN - MINUTE, OPEN - MINUTE, OPEN]


async def test_a_gap_does_not_wait_behind_warm_up_that_has_no_budget() -> None:
    async with bench(limit=20) as b:
        held = asyncio.Event()

        async def hold(seconds: float) -> None:
            await held.wait()

        b.budget._sleep = hold
        for row in range(10):
            b.backfill.request(row, f"WARM{row}", "1m", OPEN - 50 * MINUTE, warmup=True)
        b.backfill.start()
        await until(lambda: b.budget.used()[0] >= 9)
        assert b.backfill.progress()[0] < 10
        b.backfill.request(20, "GAP", "1m", OPEN - MINUTE, CHART)
        await until(lambda: "GAP" in b.order())
        assert sum(name.startswith("WARM") for name in b.order()) == 4


async def test_a_gap_on_a_key_that_waits_for_warm_up_takes_it_over() -> None:
    async with bench(settings=msgspec.structs.replace(QUICK, warmup_workers=1), limit=20) as b:
        held = asyncio.Event()

        async def hold(seconds: float) -> None:
            await held.wait()

        b.budget._sleep = hold
        for row in range(10):
            b.backfill.request(row, f"WARM{row}", "1m", OPEN - 50 * MINUTE, warmup=True)
        b.backfill.start()
        await until(lambda: b.budget.used()[0] >= 9)
        b.backfill.request(9, "WARM9", "1m", OPEN - MINUTE, CHART)
        await until(lambda: [d for d in b.delivered if d[0] == 9])
        assert len(b.delivered[-1][2]) == 50
        assert b.backfill.progress()[1] == 10


async def test_a_full_queue_refuses_and_says_so() -> None:
    async with bench(settings=msgspec.structs.replace(QUICK, max_fills=2)) as b:
        assert b.backfill.request(0, "A", "1m", OPEN)
        assert b.backfill.request(1, "A", "1m", OPEN)
        assert not b.backfill.request(2, "A", "1m", OPEN)
        assert b.backfill.request(1, "A", "1m", OPEN - MINUTE)
        assert (b.backfill.refused, b.backfill.dirty()) == (1, 2)


async def test_asking_again_and_again_does_not_grow_the_queue() -> None:
    async with bench() as b:
        for i in range(1000):
            for row in range(3):
                b.backfill.request(row, f"S{row}", "1m", OPEN - (1 + i % 7) * MINUTE, WATCHLIST)
        assert len(b.backfill._lanes[False].ready) == 3
        b.backfill.start()
        await b.done()
        assert [len(d[2]) for d in b.delivered] == [7, 7, 7]


async def test_a_failing_owner_keeps_the_key_dirty(caplog: pytest.LogCaptureFixture) -> None:
    async with bench() as b:
        calls = 0

        def fragile(*filled: Any) -> None:
            nonlocal calls
            calls += 1
            if calls == 1:
                raise RuntimeError("owner's bug")

        b.backfill._on_filled = fragile
        b.backfill.request(0, "A", "1m", OPEN - MINUTE)
        b.backfill.start()
        await b.done()
        assert calls == 2
        assert "owner's bug" in caplog.text


async def test_stopping_keeps_what_was_pending() -> None:
    async with bench() as b:
        b.server.script = [(500, "busy", {})] * 1000
        b.backfill.request(0, "A", "1m", OPEN - MINUTE)
        b.backfill.start()
        await until(lambda: b.backfill.failed_attempts)
        await b.backfill.stop()
        assert b.backfill.dirty() == 1
        b.server.script.clear()
        b.backfill.start()
        await b.done()
        assert len(b.delivered) == 1


def test_an_unknown_timeframe_is_refused_at_once() -> None:
    clock = SimulatedClock(NOW)
    rest = RestClient(ToyProtocol(), "http://127.0.0.1", RestBudget("toy", 10, clock), clock)
    with pytest.raises(BadInput, match="not a timeframe"):
        Backfill(rest, lambda *filled: None, QUICK, clock).request(0, "A", "7m", 0)
