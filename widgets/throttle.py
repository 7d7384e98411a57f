"""One throttled callback: the only place in the widgets where a timer is made."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer


class Throttle(QObject):
    """Calls `callback` at most once in `interval_ms`: the first request at once, later ones collapse into one call
    at the end of the interval. Requests made inside the callback are served after the interval, never recursively."""

    def __init__(self, interval_ms: int, callback: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._interval = interval_ms
        self._callback = callback
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._run)
        self._running = False

    @property
    def pending(self) -> bool:
        """A call is still to come."""
        return self._timer.isActive()

    def request(self) -> None:
        """Ask for a call; cheap, may be called for every message."""
        if self._timer.isActive():
            return
        left = self._interval - self._since.elapsed() if self._since.isValid() else 0
        if left <= 0 and not self._running:
            self._run()
        else:
            self._timer.start(max(int(left), 0) if left > 0 else self._interval)

    def after_pause(self) -> None:
        """Ask for a call once nothing has asked for the whole interval."""
        self._timer.start(self._interval)

    def flush(self) -> None:
        """Make a pending call now."""
        if self._timer.isActive():
            self._timer.stop()
            self._run()

    def cancel(self) -> None:
        """Forget a pending call."""
        self._timer.stop()

    def _run(self) -> None:
        self._since.restart() if self._since.isValid() else self._since.start()
        self._running = True
        try:
            self._callback()
        finally:
            self._running = False


class Ticker(QObject):
    """A regular call, for clocks and count-downs; it only runs while started."""

    def __init__(
        self, interval_ms: int, callback: Callable[[], object], parent: QObject | None = None, *, precise: bool = False
    ) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(interval_ms)
        if precise:
            self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(callback)

    def start(self) -> None:
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
