"""One chart while it shows the past: its badge, its clock, and what it hears of the session."""

from __future__ import annotations

from collections.abc import Callable

from app.charts import ChartLink
from engine.contracts.signals import SignalBatch
from widgets.chart.replay_badge import ReplayBadge


class ReplayView:
    """Made when the chart goes back, closed when it is live again; the chart is loaded anew both times."""

    def __init__(self, link: ChartLink, now_ms: Callable[[], int]) -> None:
        self.link = link
        self._badge = ReplayBadge(link.panel.stack, lambda: int(link.panel.stack.price.plot_width))
        link.replaying = True
        link.clock.past = now_ms

    @property
    def symbol(self) -> str:
        return self.link.symbol

    def show_clock(self, text: str) -> None:
        self._badge.say(text)

    def take(self, batch: SignalBatch, *, reset: bool) -> None:
        """What the session said, newest last; the chart shows what is of its series."""
        if reset:
            self.link.panel.set_signals(batch)
        else:
            self.link.panel.add_signals(batch)

    def reopen(self) -> None:
        """Load the chart's bars as they are known now, with the newest one in view."""
        self.link.panel.forget()
        self.link.reload()

    def close(self) -> None:
        """Live again."""
        self.link.replaying = False
        self.link.clock.past = None
        self._badge.say("")
        self._badge.deleteLater()
        self.reopen()
