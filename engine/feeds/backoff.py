"""Delays between attempts: exponential with full jitter."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable

#: how the shells wait; tests hand in their own
Sleep = Callable[[float], Awaitable[None]]
#: uniform in [0, 1)
Chance = Callable[[], float]


class Backoff:
    """delay n is uniform below min(cap, base * 2^n), and at least a tenth of the base: nothing is retried
    at once."""

    def __init__(self, base_s: float, cap_s: float, chance: Chance = random.random) -> None:
        self.attempts = 0
        self._base_s = base_s
        self._cap_s = cap_s
        self._chance = chance

    def next_s(self) -> float:
        """Seconds to wait before the next attempt; each call counts as a failed attempt."""
        ceiling = min(self._cap_s, self._base_s * 2.0 ** min(self.attempts, 40))
        self.attempts += 1
        return max(0.1 * self._base_s, ceiling * self._chance())

    def reset(self) -> None:
        """Data flowed well: start from the base again."""
        self.attempts = 0
