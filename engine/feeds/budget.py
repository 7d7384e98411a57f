"""What one address may ask of a venue: connection attempts and REST weight, shared by everything in the process."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable

from engine.clock import Clock, iso, now_ms
from engine.contracts.errors import PyroError
from engine.contracts.timeframes import MINUTE_MS
from engine.feeds.backoff import Sleep

#: shares of the REST budget that may be spent in a minute, by purpose; the rest is kept for other programs
#: behind the same address
SHARE_WARMUP, SHARE_GAP, SHARE_URGENT = 0.5, 0.85, 0.95


class RestBlocked(PyroError):
    """The venue has stopped our requests. until_ms: when it may be asked again (local clock, ms)."""

    def __init__(self, host: str, until_ms: int, *, banned: bool) -> None:
        word = "has banned this internet address" if banned else "asked us to pause"
        super().__init__(
            f"The exchange {word} until {iso(until_ms)}.",
            where=host,
            fix="Nothing needs to be done: back-fill goes on then. Other programs on this address share the limit.",
        )
        self.until_ms = until_ms
        self.banned = banned

    def __reduce__(self) -> tuple[object, ...]:
        return (_blocked, (self.where, self.until_ms, self.banned))


def _blocked(host: str, until_ms: int, banned: bool) -> RestBlocked:
    return RestBlocked(host, until_ms, banned=banned)


class ConnectBudget:
    """Token bucket for connection attempts of all shards of all products behind one address.

    per_s: long-run rate; burst: attempts that may come at once; at most 0.8 * per_5_min in any five minutes.
    """

    WINDOW_S = 300.0

    def __init__(
        self,
        clock: Clock,
        *,
        per_s: float = 1.0,
        burst: int = 16,
        per_5_min: int = 300,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._per_s = per_s
        self._burst = float(burst)
        self._most = max(1, int(0.8 * per_5_min))
        self._sleep = sleep
        self._tokens = float(burst)
        self._filled_at = self._now()
        self._taken: deque[float] = deque()
        self._turn = asyncio.Lock()

    def delay_s(self) -> float:
        """Seconds until an attempt is allowed; 0 = now."""
        now = self._now()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._per_s)
        self._filled_at = now
        while self._taken and self._taken[0] <= now - self.WINDOW_S:
            self._taken.popleft()
        wait = 0.0 if self._tokens >= 1.0 - 1e-9 else (1.0 - self._tokens) / self._per_s
        if len(self._taken) >= self._most:
            wait = max(wait, self._taken[0] + self.WINDOW_S - now)
        return wait

    async def acquire(self) -> None:
        """Wait for a turn, first come first served, and take it."""
        async with self._turn:
            while (wait := self.delay_s()) > 0:
                await self._sleep(wait)
            self._tokens -= 1.0
            self._taken.append(self._now())

    def _now(self) -> float:
        return self._clock.monotonic_ns() / 1e9


class RestBudget:
    """Request weight per minute of one host and address, in the venue's clock-aligned windows.

    Trusts the used-weight header, so that other programs behind the same address count. on_ban(host, until_ms) is
    called when the venue bans us, for the caller to keep; banned_until_ms gives it back after a restart.
    """

    #: after the turn of the minute, in case the clocks differ a little
    SKEW_MS = 250

    def __init__(
        self,
        host: str,
        limit: int,
        clock: Clock,
        *,
        sleep: Sleep = asyncio.sleep,
        on_ban: Callable[[str, int], None] | None = None,
        banned_until_ms: int = 0,
    ) -> None:
        self.host = host
        self.limit = limit
        #: venue's clock minus ours: its minutes count
        self.offset_ms = 0.0
        self._clock = clock
        self._sleep = sleep
        self._on_ban = on_ban
        self._minute = 0
        self._used = 0
        self._blocked_until_ms = banned_until_ms
        self._banned = banned_until_ms > now_ms(clock)

    def used(self) -> tuple[int, int]:
        """(weight used in this minute, limit)."""
        self._roll()
        return self._used, self.limit

    def blocked_until_ms(self) -> int:
        """When requests may be made again, 0 = now."""
        return self._blocked_until_ms if self._blocked_until_ms > now_ms(self._clock) else 0

    def delay_s(self, weight: int, share: float) -> float:
        """Seconds until a request of this weight may be made within a share of the limit; 0 = now."""
        now = now_ms(self._clock)
        if self._blocked_until_ms > now:
            return (self._blocked_until_ms - now) / 1000
        self._banned = False
        self._roll()
        if self._used == 0 or self._used + weight <= self.limit * share:
            return 0.0
        return (MINUTE_MS - self._venue_ms() % MINUTE_MS + self.SKEW_MS) / 1000

    async def spend(self, weight: int, share: float = SHARE_URGENT, *, patience_s: float = 120.0) -> None:
        """Wait until the weight may be used, and take it. RestBlocked when the venue keeps us out for longer than
        `patience_s`."""
        while (wait := self.delay_s(weight, share)) > 0:
            if wait > patience_s:
                raise RestBlocked(self.host, now_ms(self._clock) + math.ceil(wait * 1000), banned=self._banned)
            await self._sleep(wait)
        self._used += weight

    def observe(self, used_weight: int | None, sent_ms: int | None = None) -> None:
        """What the venue says was used. An answer to a request that was sent (local ms) in an earlier minute tells
        nothing about this one."""
        self._roll()
        if used_weight is None or (sent_ms is not None and self._minute_of(sent_ms) != self._minute):
            return
        self._used = max(self._used, used_weight)

    def set_limit(self, limit: int) -> None:
        """The limit as the venue states it; values below 1 are ignored."""
        if limit >= 1:
            self.limit = limit

    def pause(self, retry_after_s: float) -> None:
        """429: nothing more for this long (at least to the end of the minute when the venue gives no time)."""
        now = now_ms(self._clock)
        if retry_after_s <= 0:
            retry_after_s = (MINUTE_MS - self._venue_ms() % MINUTE_MS + self.SKEW_MS) / 1000
        self._blocked_until_ms = max(self._blocked_until_ms, now + math.ceil(retry_after_s * 1000))

    def ban(self, retry_after_s: float) -> None:
        """418: likewise, and the caller is told so that a restart does not go on (2 minutes when no time is given)."""
        self.pause(retry_after_s if retry_after_s > 0 else 120.0)
        self._banned = True
        if self._on_ban is not None:
            self._on_ban(self.host, self._blocked_until_ms)

    def _roll(self) -> None:
        minute = self._minute_of(now_ms(self._clock))
        if minute != self._minute:
            self._minute = minute
            self._used = 0

    def _minute_of(self, local_ms: int) -> int:
        return int(local_ms + self.offset_ms) // MINUTE_MS

    def _venue_ms(self) -> int:
        return int(now_ms(self._clock) + self.offset_ms)
