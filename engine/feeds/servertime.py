"""The venue's clock, as far as ours knows it."""

from __future__ import annotations

from engine.clock import Clock


class ServerClock:
    """offset_ms = server time - local midpoint of the request, kept from the last measurement; 0 before the first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.offset_ms = 0.0
        #: half the round trip of the measurement: the offset is no surer than this
        self.error_ms = 0.0
        self.known = False
        self._measured_ns = 0

    def now_ms(self) -> int:
        """Server time, ms since the epoch."""
        return self.at_ms(self._clock.now_ns())

    def at_ms(self, local_ns: int) -> int:
        """Server time at a moment of the local wall clock (ns)."""
        return int(local_ns / 1e6 + self.offset_ms)

    def take(self, server_ms: int, sent_ns: int, received_ns: int) -> None:
        """Take in an answer of the venue; the moments are wall time in ns."""
        self.offset_ms = server_ms - (sent_ns + received_ns) / 2e6
        self.error_ms = (received_ns - sent_ns) / 2e6
        self.known = True
        self._measured_ns = self._clock.monotonic_ns()

    def forget(self) -> None:
        """The local clock was changed: the offset is only a guess until it is measured again."""
        self.known = False

    def due(self, refresh_s: float) -> bool:
        """Whether it should be measured again."""
        return not self.known or self._clock.monotonic_ns() - self._measured_ns > refresh_s * 1e9
