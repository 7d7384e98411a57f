"""Follows the chart that was last clicked: which one it is, what it shows, and clicks on its bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.desk import Desk
from widgets.throttle import Ticker

if TYPE_CHECKING:
    from app.charts import ChartLink

LOOK_MS = 150


class ChartWatch(QObject):
    """changed(): another chart, symbol or timeframe. barClicked(ms) and whyRequested(ms) of the chart that is followed,
    rangeChanged() when its view moved, levelMoved as the chart's."""

    changed = Signal()
    barClicked = Signal(object)
    whyRequested = Signal(object)
    rangeChanged = Signal()
    levelMoved = Signal(str, float, bool)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.link: ChartLink | None = None
        self._seen = ("", "")
        self._ticker = Ticker(LOOK_MS, self.look, self)
        self._ticker.start()

    @property
    def symbol(self) -> str:
        return self.link.symbol if self.link is not None else ""

    @property
    def timeframe(self) -> str:
        return self.link.timeframe if self.link is not None else ""

    def look(self) -> None:
        """Take over what is shown now; called often, and costs nothing where nothing changed."""
        link = self._desk.chart
        if link is not self.link:
            self._leave()
            self.link = link
            if link is not None:
                self._join(link)
        seen = (self.symbol, self.timeframe)
        if seen != self._seen:
            self._seen = seen
            self.changed.emit()

    def stop(self) -> None:
        self._ticker.stop()
        self._leave()

    def _signals(self, link: ChartLink) -> list[tuple[object, object]]:
        panel = link.panel
        pairs: list[tuple[object, object]] = [
            (panel.barClicked, self.barClicked),
            (panel.levelMoved, self.levelMoved),
            (panel.visibleRangeChanged, self._on_range),
        ]
        if hasattr(panel, "whyRequested"):
            pairs.append((panel.whyRequested, self.whyRequested))
        return pairs

    def _on_range(self, _first: object, _last: object) -> None:
        self.rangeChanged.emit()

    def _join(self, link: ChartLink) -> None:
        for source, sink in self._signals(link):
            source.connect(sink)  # type: ignore[attr-defined]

    def _leave(self) -> None:
        if self.link is None:
            return
        link, self.link = self.link, None
        try:
            for source, sink in self._signals(link):
                source.disconnect(sink)  # type: ignore[attr-defined]
        except RuntimeError:
            # the chart was closed, and what it was made of is gone
            return
