"""The tags on the price axis: last price with count-down, the close of the day before, high and low of the view, bid
and ask. They push each other apart; the last price stays where it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from widgets import theme as look
from widgets.chart.axes import TAG_HEIGHT
from widgets.chart.draw import fade, pen
from widgets.chart.pane import Pane
from widgets.chart.scales import AxisTag, axis_text, spread
from widgets.chart.sessions import previous_close_index
from widgets.chart.ticks import countdown_text
from widgets.texts import mark, tr

if TYPE_CHECKING:
    from widgets.chart.price import PriceStack

UNDER_PX = 13
LAST = 100
#: width of a pane below which tags have no names beside them
NAMES_PX = 560
#: names beside the tags
HIGH, LOW, PREVIOUS, BID, ASK = mark("High"), mark("Low"), mark("Prev close"), mark("Bid"), mark("Ask")


class PriceTags:
    """An overlay of the price pane. `arrange` is called when data or view changed, painting uses what it found.

    sources: more tags from elsewhere, asked for at each `arrange`.
    """

    def __init__(self, stack: PriceStack, now_ms: Callable[[], int] | None) -> None:
        self._stack = stack
        self._now_ms = now_ms
        self.sources: list[Callable[[], list[AxisTag]]] = []
        self._found: list[AxisTag] = []
        self._placed: list[tuple[AxisTag, float, float]] = []
        self._font = look.font(11)
        self._colours: dict[str, QColor] = {}
        self._veil = fade(stack.theme.pane, 0.6)

    def _colour(self, token: str) -> QColor:
        return self._colours.setdefault(token, QColor(getattr(self._stack.theme, token, token)))

    def texts(self) -> list[str]:
        """What the axis must be wide enough for."""
        return [tag.text for tag in self._found]

    def _written(self, value: float) -> str:
        stack = self._stack
        return axis_text(stack.price.yscale, value, 2 if stack.price.yscale.relative else stack.decimals)

    def _collect(self) -> list[AxisTag]:
        stack, n = self._stack, len(self._stack.bars)
        if not n:
            return []
        options = stack.options
        bar = stack.bars.rows(n - 1, n)[0]
        price = float(bar["close"])
        rising = price >= float(bar["open"])
        under = " " if options.countdown and self._now_ms is not None else ""
        found = [AxisTag(price, self._written(price), "up" if rising else "down", LAST, "tag_text", under, (1, 3))]
        if options.quote and stack.quote is not None:
            bid, ask = stack.quote
            found.append(AxisTag(ask, self._written(ask), "down_fill", 60, "text", "", (2, 6), tr(ASK)))
            found.append(AxisTag(bid, self._written(bid), "up_fill", 61, "text", "", (2, 6), tr(BID)))
        if options.previous_close:
            before = previous_close_index(stack.bars, stack.zone, n)
            if before >= 0:
                value = float(stack.bars.column("close", before, before + 1)[0])
                name = tr(PREVIOUS)
                found.append(AxisTag(value, self._written(value), "raised", 40, "dim", "", (4, 4), name))
        if options.high_low:
            low, high = stack.bars.extent(math.floor(stack.time.left + 0.5), math.ceil(stack.time.right + 0.5))
            if math.isfinite(high):
                found.append(AxisTag(high, self._written(high), "raised", 31, "dim", "", (), tr(HIGH)))
                found.append(AxisTag(low, self._written(low), "raised", 30, "dim", "", (), tr(LOW)))
        for source in self.sources:
            found += source()
        return found

    def arrange(self, pane: Pane) -> None:
        """Place the tags for the scale as it is now; the axis leaves out labels that they would cover."""
        height = float(pane.yscale.height)
        tags = []
        self._found = self._collect()
        for tag in self._found:
            y = pane.yscale.y(tag.value)
            # only the last price is shown at the border when it is out of view
            if math.isfinite(y) and (tag.weight == LAST or -1 <= y <= height + 1):
                tags.append((tag, y))
        tall = [float(TAG_HEIGHT + (UNDER_PX if tag.under else 0)) for tag, _y in tags]
        tops = spread([(y, h, tag.weight) for (tag, y), h in zip(tags, tall, strict=True)], height)
        self._placed = [(t, top, h) for (t, _y), h, top in zip(tags, tall, tops, strict=True) if top is not None]
        pane.axis.taken = [(top, top + h) for _t, top, h in self._placed]

    def count_down(self) -> str:
        """What is left of the running bar, '' when it is over or nothing tells the time."""
        stack, n = self._stack, len(self._stack.bars)
        if self._now_ms is None or not n:
            return ""
        left = stack.bars.ts_at(n - 1) + stack.bars.length_ms - self._now_ms()
        return countdown_text(left) if 0 <= left <= stack.bars.length_ms else ""

    def __call__(self, painter: QPainter, pane: Pane) -> None:
        painter.setFont(self._font)
        left = pane.plot_width + 1
        for tag, top, tall in sorted(self._placed, key=lambda p: p[0].weight):
            y, fill = pane.yscale.y(tag.value), self._colour(tag.fill)
            if tag.line and math.isfinite(y) and 0 <= y <= pane.yscale.height:
                strong = fill if tag.weight == LAST else self._colour(_line_token(tag.fill))
                painter.setPen(pen(strong, 1.0, tag.line))
                painter.drawLine(0, int(y), pane.plot_width, int(y))
            if tag.name and pane.plot_width >= NAMES_PX:
                self._name(painter, pane, tag, top)
            under = self.count_down() if tag.under else ""
            painter.fillRect(QRectF(left, top, pane.axis_width - 1, tall if under else TAG_HEIGHT), fill)
            painter.setPen(self._colour(tag.ink))
            painter.drawText(QPointF(left + 8, top + 13), tag.text)
            if under:
                painter.drawText(QPointF(left + 8, top + 27), under)

    def _name(self, painter: QPainter, pane: Pane, tag: AxisTag, top: float) -> None:
        """Beside the tag, over the pane's right margin."""
        wide = painter.fontMetrics().horizontalAdvance(tag.name) + 8
        box = QRectF(pane.plot_width - wide, top, wide, TAG_HEIGHT)
        painter.fillRect(box, self._veil)
        painter.setPen(self._colour("faint" if tag.ink == "dim" else tag.ink))
        painter.drawText(QPointF(box.left() + 4, top + 13), tag.name)


def _line_token(fill: str) -> str:
    return {"raised": "faint", "up_fill": "up", "down_fill": "down"}.get(fill, fill)
