"""The exchange's own clock."""

from __future__ import annotations

from engine.clock import Clock


class SimTime:
    """Milliseconds since the epoch, `speed` times as fast as the clock; with speed 0 only `move_to` moves them."""

    def __init__(self, clock: Clock, start_ms: int, speed: float) -> None:
        self._clock = clock
        self._base_ms = float(start_ms)
        self._since_ns = clock.monotonic_ns()
        self.speed = speed

    def now_ms(self) -> int:
        return int(self._base_ms + (self._clock.monotonic_ns() - self._since_ns) * self.speed / 1e6)

    def set_speed(self, speed: float) -> None:
        """From now on; the time itself does not jump."""
        now, ns = self.now_ms(), self._clock.monotonic_ns()
        self._base_ms, self._since_ns, self.speed = float(now), ns, speed

    def move_to(self, ms: int) -> None:
        self._base_ms, self._since_ns = float(ms), self._clock.monotonic_ns()
