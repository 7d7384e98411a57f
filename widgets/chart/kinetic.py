"""A flick: what is panned goes on when it is let go in motion, and comes to rest. No Qt."""

from __future__ import annotations

import math
from collections import deque

#: ms of a drag's end that its speed is taken from; after this long without a move it stands still
RECENT_MS = 90
#: ms in which the speed falls to a third
DECAY_MS = 325.0
#: px a ms below which it rests, and above which a release is a flick at all
REST, FLICK = 0.02, 0.25


class Flick:
    """Positions of a drag in, pixels to go on by out."""

    def __init__(self) -> None:
        self._moves: deque[tuple[int, float]] = deque(maxlen=32)
        self.speed = 0.0

    def stop(self) -> None:
        self._moves.clear()
        self.speed = 0.0

    def moved(self, ms: int, x: float) -> None:
        self._moves.append((ms, x))

    def released(self, ms: int) -> bool:
        """True when it goes on by itself."""
        recent = [m for m in self._moves if ms - m[0] <= RECENT_MS]
        self._moves.clear()
        took = recent[-1][0] - recent[0][0] if len(recent) > 1 else 0
        self.speed = (recent[-1][1] - recent[0][1]) / took if took > 0 else 0.0
        if abs(self.speed) < FLICK:
            self.speed = 0.0
        return self.speed != 0.0

    def step(self, ms: float) -> float:
        """Pixels of the next `ms`; 0 once it rests."""
        before = self.speed
        self.speed = before * math.exp(-ms / DECAY_MS)
        if abs(self.speed) < REST:
            self.speed = 0.0
        return (before - self.speed) * DECAY_MS if self.speed else 0.0
