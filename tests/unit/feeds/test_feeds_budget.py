"""Budgets with a simulated clock: sleeping moves the clock."""

from __future__ import annotations

import asyncio
import pickle

import pytest

from engine.clock import SimulatedClock
from engine.feeds.backoff import Backoff
from engine.feeds.budget import SHARE_GAP, SHARE_WARMUP, ConnectBudget, RestBlocked, RestBudget

START = 1_790_000_000_000 // 60_000 * 60_000


class Sleeper:
    """Moves the clock by what is slept, and adds it up."""

    def __init__(self, clock: SimulatedClock) -> None:
        self.clock = clock
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance_ms(seconds * 1000)


def rest(limit: int = 100, **more: object) -> tuple[RestBudget, SimulatedClock, Sleeper]:
    clock = SimulatedClock(START)
    sleeper = Sleeper(clock)
    return RestBudget("api.test", limit, clock, sleep=sleeper, **more), clock, sleeper  # type: ignore[arg-type]


async def test_connects_come_in_a_burst_and_then_one_a_second() -> None:
    clock = SimulatedClock(START)
    sleeper = Sleeper(clock)
    budget = ConnectBudget(clock, burst=3, sleep=sleeper)
    for _ in range(6):
        await budget.acquire()
    assert sum(sleeper.slept) == pytest.approx(3.0)
    assert budget.delay_s() == pytest.approx(1.0)


async def test_connects_stay_below_the_share_of_five_minutes() -> None:
    clock = SimulatedClock(START)
    sleeper = Sleeper(clock)
    budget = ConnectBudget(clock, per_s=1.0, burst=5, per_5_min=50, sleep=sleeper)
    for _ in range(41):
        await budget.acquire()
    assert clock.now_ns() / 1e6 - START == pytest.approx(300_000)


async def test_connects_are_first_come_first_served() -> None:
    clock = SimulatedClock(START)
    budget = ConnectBudget(clock, burst=1, sleep=Sleeper(clock))
    order: list[int] = []

    async def one(number: int) -> None:
        await budget.acquire()
        order.append(number)

    await asyncio.gather(*(one(i) for i in range(5)))
    assert order == [0, 1, 2, 3, 4]


async def test_weight_is_spent_by_clock_aligned_minutes() -> None:
    budget, clock, sleeper = rest()
    clock.advance_ms(30_000)
    await budget.spend(50, SHARE_GAP)
    await budget.spend(30, SHARE_GAP)
    assert sleeper.slept == []
    assert budget.used() == (80, 100)
    await budget.spend(10, SHARE_GAP)
    assert sleeper.slept == [30.25]
    assert budget.used() == (10, 100)


async def test_warm_up_leaves_half_of_the_budget_to_gaps() -> None:
    budget, _, sleeper = rest()
    await budget.spend(50, SHARE_WARMUP)
    assert budget.delay_s(1, SHARE_WARMUP) == pytest.approx(60.25)
    assert budget.delay_s(35, SHARE_GAP) == 0
    assert budget.delay_s(36, SHARE_GAP) > 0
    assert sleeper.slept == []


async def test_the_header_is_trusted_when_others_use_the_address() -> None:
    budget, clock, _ = rest()
    await budget.spend(1)
    budget.observe(94)
    assert budget.used() == (94, 100)
    budget.observe(None)
    budget.observe(3)
    assert budget.used() == (94, 100)
    assert budget.delay_s(2, 0.95) > 0
    clock.advance_ms(60_000)
    assert budget.used() == (0, 100)


async def test_a_late_answer_of_the_minute_before_does_not_count() -> None:
    budget, clock, _ = rest()
    clock.advance_ms(60_010)
    budget.observe(94, START + 59_990)
    assert budget.used() == (0, 100)
    budget.observe(94, START + 60_001)
    assert budget.used() == (94, 100)


async def test_the_minutes_are_the_venues() -> None:
    budget, clock, _ = rest()
    budget.offset_ms = 10_000.0
    clock.advance_ms(40_000)
    await budget.spend(90)
    assert budget.delay_s(50, 0.95) == pytest.approx(10.25)
    clock.advance_ms(10_000)
    assert budget.used() == (0, 100)


async def test_a_request_larger_than_a_share_goes_through_in_an_empty_minute() -> None:
    budget, _, _ = rest(limit=10)
    assert budget.delay_s(20, SHARE_WARMUP) == 0


async def test_a_pause_stops_everything_for_the_time_given() -> None:
    budget, _, sleeper = rest()
    budget.pause(7.5)
    await budget.spend(1)
    assert sleeper.slept == [7.5]
    budget.pause(0)
    assert budget.delay_s(1, 1.0) == pytest.approx(52.75)


async def test_a_ban_is_told_kept_and_restored() -> None:
    told: list[tuple[str, int]] = []
    budget, clock, _ = rest(on_ban=lambda host, until: told.append((host, until)))
    budget.ban(3600)
    assert told == [("api.test", START + 3_600_000)]
    assert budget.blocked_until_ms() == START + 3_600_000
    restarted = RestBudget("api.test", 100, clock, banned_until_ms=told[0][1])
    with pytest.raises(RestBlocked, match="banned this internet address until 20") as caught:
        await restarted.spend(1)
    assert caught.value.until_ms == START + 3_600_000
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    clock.advance_ms(3_600_001)
    await restarted.spend(1)
    assert restarted.blocked_until_ms() == 0


def test_backoff_grows_to_the_cap_and_is_never_nothing() -> None:
    highest = Backoff(1.0, 60.0, chance=lambda: 1.0)
    assert [highest.next_s() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    highest.reset()
    assert highest.next_s() == 1
    assert Backoff(1.0, 60.0, chance=lambda: 0.0).next_s() == 0.1
    tired = Backoff(1.0, 60.0)
    tired.attempts = 100_000
    assert tired.next_s() <= 60
