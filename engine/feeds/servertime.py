"""The venue's clock, as far as ours knows it."""

from __future__ import annotations

from engine.clock import Clock


class ServerClock:
    """offset_ms = server time - local midpoint of the request, kept from the last measurement; 0 before the first."""

    #: wall and monotonic clock apart by more than this since the last measurement = the computer slept or was set
    JUMP_MS = 2000.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.offset_ms = 0.0
        #: half the round trip of the measurement: the offset is no surer than this
        self.error_ms = 0.0
        self.known = False
        self._wall_ns = 0
        self._monotonic_ns = 0

    def now_ms(self) -> int:
        """Server time, ms since the epoch."""
        return int(self._clock.now_ns() / 1e6 + self.offset_ms)

    def take(self, server_ms: int, sent_ns: int, received_ns: int) -> None:
        """Take in an answer of the venue; the moments are wall time in ns."""
        self.offset_ms = server_ms - (sent_ns + received_ns) / 2e6
        self.error_ms = (received_ns - sent_ns) / 2e6
        self.known = True
        self._wall_ns = self._clock.now_ns()
        self._monotonic_ns = self._clock.monotonic_ns()

    def jumped(self) -> bool:
        """Whether the wall clock moved otherwise than the monotonic one since the measurement."""
        if not self.known:
            return False
        wall = self._clock.now_ns() - self._wall_ns
        return abs(wall - (self._clock.monotonic_ns() - self._monotonic_ns)) > self.JUMP_MS * 1e6

    def due(self, refresh_s: float) -> bool:
        """Whether it should be measured again."""
        if not self.known or self.jumped():
            return True
        return self._clock.monotonic_ns() - self._monotonic_ns > refresh_s * 1e9
