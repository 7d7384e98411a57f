"""How long the window was kept from answering: a heart that beats every 20 ms and notes each beat that came late.

The budget of one piece of work is 5 ms, of a paint 16 ms; a block of 50 ms can be felt and counts as an alarm.
"""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QElapsedTimer, QObject

from widgets.throttle import Ticker

BEAT_MS = 20
ALARM_MS = 50.0


class Watchdog(QObject):
    """worst_ms: longest block since `take`. alarms: how many reached ALARM_MS. blocks: the last of them, ms."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.worst_ms = 0.0
        self.alarms = 0
        self.blocks: deque[float] = deque(maxlen=50)
        self._clock = QElapsedTimer()
        self._ticker = Ticker(BEAT_MS, self._beat, self, precise=True)

    def start(self) -> None:
        self._clock.start()
        self._ticker.start()

    def stop(self) -> None:
        self._ticker.stop()

    def take(self) -> float:
        """The longest block since the last call, ms."""
        worst, self.worst_ms = self.worst_ms, 0.0
        return worst

    def _beat(self) -> None:
        late = self._clock.nsecsElapsed() / 1e6 - BEAT_MS
        self._clock.restart()
        self.worst_ms = max(self.worst_ms, late)
        if late >= ALARM_MS:
            self.alarms += 1
            self.blocks.append(late)
