"""Stretches of time shaded behind the candles, labelled at the foot: windows of a walk-forward, a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from widgets import theme as look
from widgets.chart.draw import mix
from widgets.chart.items import PaneItem
from widgets.chart.model import BarSeries
from widgets.chart.view import Scale, TimeView
from widgets.theme import Theme

TRAIN, GOOD, BAD, MARK = "train", "good", "bad", "mark"
#: kind -> (token, share of it in the shade, in the strip); also the order of painting, later ones over earlier ones
KINDS = {TRAIN: ("info", 0.10, 0.42), GOOD: ("up", 0.13, 0.55), BAD: ("down", 0.13, 0.55), MARK: ("warn", 0.14, 0.6)}
STRIP_PX, LANES = 14, 3


class Band(NamedTuple):
    """[from_ms, to_ms); kind: train, good, bad or mark."""

    from_ms: int
    to_ms: int
    kind: str
    text: str = ""


def lanes(bands: Sequence[Band], most: int = LANES) -> list[int]:
    """The row of each band in the strip: the first that is free where it begins, the last when all are taken."""
    ends = [0] * most
    made = [0] * len(bands)
    for i in sorted(range(len(bands)), key=lambda i: bands[i].from_ms):
        free = next((k for k in range(most) if ends[k] <= bands[i].from_ms), most - 1)
        made[i], ends[free] = free, max(ends[free], bands[i].to_ms)
    return made


class BandItem(PaneItem):
    """Opaque shades below everything: overlapping bands do not darken, and cost no blending."""

    def __init__(self, time: TimeView, scale: Scale, theme: Theme, bars: Callable[[], BarSeries]) -> None:
        super().__init__(time, scale, -12)
        self._bars = bars
        self.bands: list[Band] = []
        self._lanes: list[int] = []
        self.strip = BandStrip(self, theme)
        self._shades = {k: mix(getattr(theme, token), theme.pane, share) for k, (token, share, _s) in KINDS.items()}

    def set_bands(self, bands: Sequence[Band]) -> None:
        self.bands = sorted((b for b in bands if b.to_ms > b.from_ms), key=lambda b: [*KINDS].index(b.kind))
        self._lanes = lanes(self.bands)

    def spans(self) -> list[tuple[Band, int, float, float]]:
        """(band, its row in the strip, left, right) of those in view, in pixels cut to the view."""
        bars, out = self._bars(), []
        if not len(bars) or not self.bands:
            return out
        width = float(self.time.width)
        for band, lane in zip(self.bands, self._lanes, strict=True):
            left = self.time.x(bars.index_at(band.from_ms) - 0.5)
            right = self.time.x(bars.index_at(band.to_ms) - 0.5)
            if right > 0 and left < width and right > left:
                out.append((band, lane, max(left, 0.0), min(right, width)))
        return out

    def draw(self, painter: QPainter) -> None:
        for band, _lane, left, right in self.spans():
            painter.fillRect(QRectF(left, 0, max(1.0, right - left), self.scale_.height), self._shades[band.kind])


class BandStrip(PaneItem):
    """The bands' names, over volume and below candles, which never reach the foot of the pane."""

    def __init__(self, bands: BandItem, theme: Theme) -> None:
        super().__init__(bands.time, bands.scale_, -4)
        self._of = bands
        self._fills = {k: mix(getattr(theme, token), theme.pane, share) for k, (token, _s, share) in KINDS.items()}
        self._text, self._edge = QColor(theme.text), QColor(theme.pane)
        self._font = look.font(10)
        self._metrics = QFontMetrics(self._font)

    def draw(self, painter: QPainter) -> None:
        painter.setFont(self._font)
        painter.setPen(self._text)
        for band, lane, left, right in self._of.spans():
            top = self.scale_.height - STRIP_PX * (lane + 1)
            box = QRectF(left, top, max(1.0, right - left), STRIP_PX - 1)
            painter.fillRect(box, self._fills[band.kind])
            painter.fillRect(QRectF(left, top, 1, STRIP_PX - 1), self._edge)
            room = box.width() - 8
            if band.text and room > 14:
                text = self._metrics.elidedText(band.text, Qt.TextElideMode.ElideRight, int(room))
                painter.drawText(box.adjusted(4, 0, -4, 0), Qt.AlignmentFlag.AlignCenter, text)
