"""The data-quality ribbon: a thin strip at the foot of the price pane that shows where bars cannot be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from widgets import theme as look
from widgets.chart.draw import Rects, mix
from widgets.chart.items import PaneItem
from widgets.chart.model import MISSING, QUIET, BarSeries
from widgets.chart.pyramid import bucket_size
from widgets.chart.view import Scale, TimeView
from widgets.texts import tr
from widgets.theme import Theme

if TYPE_CHECKING:
    from widgets.chart.pane import Pane

HEIGHT = 3
#: px above the foot of the pane within which the pointer asks what the ribbon says
NEAR = 9
#: bars that are looked at one by one for the words about them
MOST_BARS = 20_000
#: ms of a market whose source leaves out minutes without a tick: shorter holes say nothing
QUIET_MS = 15 * 60_000


class RibbonItem(PaneItem):
    """Red where bars are missing though the market was open, grey where nothing was traded (made-up bars among them),
    blue where a final bar was told anew since the chart was opened. Where all is well there is nothing."""

    def __init__(self, time: TimeView, scale: Scale, theme: Theme, bars: Callable[[], BarSeries]) -> None:
        super().__init__(time, scale, 12)
        self.bars = bars
        self._colours = (QColor(theme.down), mix(theme.dim, theme.pane, 0.55), QColor(theme.info))
        self._ground = QColor(theme.pane)
        self._rects = Rects()

    def flags(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(x of the left edge, ms missing, 1 where nothing was traded) of the groups of bars in view."""
        bars = self.bars()
        lo, hi = self.time.span(len(bars))
        if hi <= lo:
            return np.empty(0), np.empty(0), np.empty(0)
        size = bucket_size(self.time.px_per_bar, 1.0)
        pyramid = bars.quality
        first, (missing, quiet) = pyramid.buckets(lo, hi, size)
        least = QUIET_MS if "oanda" in bars.market else 0
        if not self._published():
            quiet = np.zeros_like(quiet)
        x = self.time.xs(pyramid.centres(first, len(missing), size) - size / 2)
        return x, np.where(missing > least, missing, 0.0), quiet

    def _published(self) -> bool:
        """Whether the source of these bars tells volumes at all."""
        bars = self.bars()
        return bars.max_volume(0, len(bars)) > 0

    def draw(self, painter: QPainter) -> None:
        x, missing, quiet = self.flags()
        if not len(x):
            return
        painter.setPen(Qt.PenStyle.NoPen)
        size = bucket_size(self.time.px_per_bar, 1.0)
        wide = max(1.0, size * self.time.px_per_bar)
        # a hole lies before its bar; zoomed out it is in the bar's own column
        shift, least = (1.5, 3.0) if size == 1 else (0.0, max(wide, 2.0))
        again = self._restated()
        marks = (
            (self._colours[1], x[quiet > 0], wide),
            (self._colours[0], x[missing > 0] - shift, least),
            (self._colours[2], again, max(wide, 2.0)),
        )
        if any(len(left) for _, left, _ in marks):
            # apart from the volume's feet
            painter.fillRect(QRectF(0, self.scale_.height - HEIGHT - 1, self.time.width, HEIGHT + 1), self._ground)
        for colour, left, width in marks:
            n = len(left)
            if n:
                rects = self._rects.room(n)
                rects[:, 0], rects[:, 1] = np.floor(left), self.scale_.height - HEIGHT
                rects[:, 2], rects[:, 3] = math.ceil(width), HEIGHT
                painter.setBrush(colour)
                self._rects.draw(painter, n)

    def _restated(self) -> np.ndarray:
        bars = self.bars()
        if not bars.restated:
            return np.empty(0)
        index = bars.bars_at(np.array(sorted(bars.restated)))
        return self.time.xs(index[(index >= self.time.left) & (index <= self.time.right)] - 0.5)

    def text_at(self, x: float) -> str:
        """What is said of the bars within two pixels of x; '' where all is well."""
        bars = self.bars()
        reach = max(0.5, 2.0 / self.time.px_per_bar)
        lo = max(0, math.floor(self.time.index_at(x) - reach + 0.5))
        hi = min(len(bars), math.floor(self.time.index_at(x) + reach + 0.5) + 1)
        if hi <= lo:
            return ""
        if hi - lo <= MOST_BARS:
            missing, quiet = bars.quality_of(lo, hi)
            hole, holes, none = float(missing.max()), int((missing > 0).sum()), int(quiet.sum())
        else:
            hole, none = bars.quality.extreme(MISSING, lo, hi), int(bars.quality.extreme(QUIET, lo, hi))
            holes = 2 if hole > 0 else 0
        said = []
        if hole > (QUIET_MS if "oanda" in bars.market else 0):
            text = tr("longest hole {time}") if holes > 1 else tr("{time} missing")
            said.append(text.format(time=_length(hole)))
        if none and self._published():
            known = hi - lo <= MOST_BARS
            said.append(tr("{n} bars without trades").format(n=none) if known else tr("bars without trades"))
        if bars.restated and any(bars.ts_at(lo) <= ts <= bars.ts_at(hi - 1) for ts in bars.restated):
            said.append(tr("restated by the venue"))
        return " · ".join(said)


class RibbonText:
    """Overlay of the price pane: what the ribbon says under the pointer."""

    def __init__(self, item: RibbonItem, theme: Theme, pointer: Callable[[Pane], tuple[float, float] | None]) -> None:
        self._item, self._pointer = item, pointer
        self._font = look.font(11)
        self._fill, self._text = QColor(theme.raised), QColor(theme.text)

    def __call__(self, painter: QPainter, pane: Pane) -> None:
        at = self._pointer(pane)
        if at is None or not self._item.isVisible() or at[1] < pane.yscale.height - NEAR or at[0] >= pane.plot_width:
            return
        text = self._item.text_at(at[0])
        if not text:
            return
        painter.setFont(self._font)
        width = painter.fontMetrics().horizontalAdvance(text) + 16
        left = min(max(4.0, at[0] - width / 2), max(4.0, pane.plot_width - width - 4.0))
        box = QRectF(left, pane.yscale.height - NEAR - 22.0, width, 20)
        painter.fillRect(box, self._fill)
        painter.setPen(self._text)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _length(ms: float) -> str:
    """1 min, 3 h 20 min, 2 d 4 h."""
    minutes = max(1, round(ms / 60_000))
    if minutes < 60:
        return tr("{n} min").format(n=minutes)
    if minutes < 2880:
        return tr("{h} h {m} min").format(h=minutes // 60, m=minutes % 60)
    return tr("{d} d {h} h").format(d=minutes // 1440, h=minutes % 1440 // 60)
