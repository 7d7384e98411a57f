"""Request weight per clock minute, 429 above it and 418 for those who go on (rest-api.md, section IP limits)."""

from __future__ import annotations

from engine.clock import Clock

#: requests after the first 429 of a minute that are still answered 429 before the ban
_PATIENCE = 10
_BAN_MS = 120_000


class Budget:
    """The used weight of one IP address."""

    def __init__(self, clock: Clock, limit: int, *, enforced: bool) -> None:
        self._clock = clock
        self.limit = limit
        self._enforced = enforced
        self._minute = 0
        self.used = 0
        self._refused = 0
        self.banned_until_ms = 0

    def charge(self, weight: int) -> tuple[int, int]:
        """Take `weight`; (HTTP status 200, 429 or 418, seconds until it is worth asking again)."""
        now_ms = self._clock.now_ns() // 1_000_000
        minute = now_ms // 60_000
        if minute != self._minute:
            self._minute, self.used, self._refused = minute, 0, 0
        if now_ms < self.banned_until_ms:
            return 418, -(-(self.banned_until_ms - now_ms) // 1000)
        self.used += weight
        if not self._enforced or self.used <= self.limit:
            return 200, 0
        self._refused += 1
        if self._refused > _PATIENCE:
            self.banned_until_ms = now_ms + _BAN_MS
            return 418, _BAN_MS // 1000
        return 429, -(-((minute + 1) * 60_000 - now_ms) // 1000)
