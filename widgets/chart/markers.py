"""Signals on the price pane."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from engine.contracts.signals import (
    EXIT,
    K_CONFIRMED,
    K_PROVISIONAL,
    K_WITHDRAWN,
    LONG,
    NO_SIGNALS,
    SLOTS,
    Signal,
    SignalBatch,
)
from widgets import theme as look
from widgets.chart.draw import fade, mix, pen
from widgets.chart.items import PaneItem
from widgets.chart.model import BarSeries
from widgets.chart.view import Scale, TimeView
from widgets.theme import Theme

#: px a bar below which labels, then single marks, give way
LABEL_PX, MARK_PX = 4.0, 1.0
#: more bars and sides with marks in view than this are drawn as a strip of their numbers
MOST_MARKS = 800
#: marks of one bar and side that are stacked; more are one mark with their number
MOST_STACKED = 2
#: px within which a mark is under the mouse, and width of a column of the strip
REACH_PX, COLUMN_PX = 8.0, 3
_LONG = np.array([side == LONG for side, _ in SLOTS])
#: which row of a bar, strategy and slot counts: the lowest
_WEIGHT = np.zeros(3, np.int8)
_WEIGHT[[K_CONFIRMED, K_WITHDRAWN, K_PROVISIONAL]] = 0, 1, 2


class Mark(NamedTuple):
    """A triangle's middle. row: of its signal; -1 when it stands for all of its bar and side. gone: withdrawn."""

    x: float
    y: float
    long: bool
    bar_ts: int
    row: int
    kind: int
    many: int
    gone: bool = False


def _bar_and_side(rows: np.ndarray) -> np.ndarray:
    """int64[n]: equal where rows belong to one bar and side."""
    return np.asarray(rows["bar_ts"] * 2 + _LONG[rows["slot"]])


class SignalItem(PaneItem):
    """Triangles below (long) and above (short) their bars: filled when confirmed, hollow while provisional, faint and
    crossed when withdrawn. Names from 4 pixels a bar on; below one pixel a bar, and where there are too many, the
    number of signals in a column is a strip at the foot (long) and at the top (short).
    """

    def __init__(self, time: TimeView, scale: Scale, theme: Theme) -> None:
        super().__init__(time, scale, 10)
        self.bars: BarSeries | None = None
        self._colours = {True: QColor(theme.buy), False: QColor(theme.sell)}
        self._pens = {True: pen(theme.buy), False: pen(theme.sell)}
        self._text, self._pane = QColor(theme.dim), QColor(theme.pane)
        self._veil = fade(theme.pane, 0.75)
        self._font = look.font(10)
        self._faint = {True: pen(mix(theme.buy, theme.pane, 0.45)), False: pen(mix(theme.sell, theme.pane, 0.45))}
        #: sorted by bar, at most one row of a strategy, side and action at each
        self._known = self._shown = self._gone = NO_SIGNALS
        self._ts = np.empty(0, np.int64)
        #: what the last picture shows, for the mouse
        self.marks: list[Mark] = []
        self.labels: list[QRectF] = []
        self.columns_shown = False

    def clear(self) -> None:
        self._show(NO_SIGNALS)

    def add(self, batch: SignalBatch) -> None:
        """More signals of this chart's series. A confirmed or withdrawn one takes the place of the provisional one of
        its bar."""
        if not len(batch):
            return
        both = SignalBatch.join([self._known, batch])
        rows = both.rows
        what = rows["strategy"].astype(np.int64) * len(SLOTS) + rows["slot"]
        order = np.lexsort((_WEIGHT[rows["kind"]], what, rows["bar_ts"]))
        rows, what = rows[order], what[order]
        first = np.r_[True, (rows["bar_ts"][1:] != rows["bar_ts"][:-1]) | (what[1:] != what[:-1])]
        self._show(both.take(order[first]))

    def _show(self, batch: SignalBatch) -> None:
        withdrawn = batch.rows["kind"] == K_WITHDRAWN
        self._known, self._shown, self._gone = batch, batch.take(~withdrawn), batch.take(withdrawn)
        self._ts = np.ascontiguousarray(self._shown.rows["bar_ts"])

    def of_bar(self, index: int) -> list[Signal]:
        """The signals of one bar, for the legend."""
        if self.bars is None or not 0 <= index < len(self.bars):
            return []
        ts = self.bars.ts_at(index)
        return self.between(ts, ts + self.bars.length_ms).signals()

    def between(self, start: int, end: int) -> SignalBatch:
        """Those of the bars that open in [start, end) and were not withdrawn."""
        a, b = np.searchsorted(self._ts, [start, end])
        return self._shown.take(slice(int(a), int(b)))

    def of_mark(self, mark: Mark) -> list[Signal]:
        """The signals that a mark stands for, the confirmed first."""
        source = self._gone if mark.gone else self._shown
        rows = source.rows
        mine = np.flatnonzero((rows["bar_ts"] == mark.bar_ts) & (_LONG[rows["slot"]] == mark.long))
        if mark.row >= 0:
            mine = np.array([mark.row])
        return source.take(mine[np.argsort(_WEIGHT[rows["kind"][mine]], kind="stable")]).signals()

    def mark_at(self, x: float, y: float) -> Mark | None:
        """The mark under the mouse."""
        near = [(math.hypot(m.x - x, m.y - y), k) for k, m in enumerate(self.marks)]
        best = min(near, default=(math.inf, 0))
        return self.marks[best[1]] if best[0] <= REACH_PX else None

    def neighbour(self, ts: int, way: int) -> int | None:
        """Bar time of the nearest signal after (way 1) or before (-1) the bar opened at ts."""
        if way > 0:
            at = int(np.searchsorted(self._ts, ts, "right"))
        else:
            at = int(np.searchsorted(self._ts, ts)) - 1
        return int(self._ts[at]) if 0 <= at < len(self._ts) else None

    def draw(self, painter: QPainter) -> None:
        bars = self.bars
        self.marks, self.labels, self.columns_shown = [], [], False
        if bars is None or not len(bars) or not len(self._known):
            return
        lo, hi = self.time.span(len(bars))
        if hi <= lo:
            return
        start, end = bars.ts_at(lo), bars.ts_at(hi - 1) + bars.length_ms
        a, b = np.searchsorted(self._ts, [start, end])
        shown = self._shown.rows[a:b]
        alike = _bar_and_side(shown)
        if self.time.px_per_bar < MARK_PX or len(np.unique(alike)) > MOST_MARKS:
            self._density(painter, bars, shown)
            return
        if self.time.px_per_bar >= LABEL_PX:
            self._place_gone(bars, start, end, alike)
        self._place(bars, shown, alike, int(a))
        self._paint(painter)

    def _density(self, painter: QPainter, bars: BarSeries, shown: np.ndarray) -> None:
        self.columns_shown = True
        height = self.scale_.height
        x = self.time.xs(bars.bars_at(shown["bar_ts"])).astype(np.int64) // COLUMN_PX
        seen = (x >= 0) & (x * COLUMN_PX < self.time.width)
        for long in (True, False):
            count = np.bincount(x[seen & (_LONG[shown["slot"]] == long)])
            if not len(count):
                continue
            used = np.flatnonzero(count)
            tall = 3 + np.round(9 * count[used] / count.max())
            for left, t in zip((used * COLUMN_PX).tolist(), tall.tolist(), strict=True):
                painter.fillRect(QRectF(left, height - t if long else 0, COLUMN_PX - 1, t), self._colours[long])

    # marks ----------------------------------------------------------------------------------------------------------
    def _place(self, bars: BarSeries, rows: np.ndarray, alike: np.ndarray, offset: int) -> None:
        """Where each mark stands: two of a bar and side are stacked, more are one mark with their number."""
        if not len(rows):
            return
        order = np.lexsort((_WEIGHT[rows["kind"]], alike))
        _, first, place, count = np.unique(alike[order], return_index=True, return_inverse=True, return_counts=True)
        crowd, level = count[place], np.arange(len(order)) - first[place]
        # of a crowd only the first is drawn, a confirmed one where there is any
        drawn = (crowd <= MOST_STACKED) | (level == 0)
        chosen, crowd, level = order[drawn], crowd[drawn], level[drawn]
        self._stand(bars, rows[chosen], level, crowd, np.where(crowd > MOST_STACKED, -1, chosen + offset), gone=False)

    def _place_gone(self, bars: BarSeries, start: int, end: int, alike: np.ndarray) -> None:
        """Withdrawn ones stand only where nothing else does, one for a bar and side."""
        a, b = np.searchsorted(self._gone.rows["bar_ts"], [start, end])
        rows = self._gone.rows[a:b]
        own, first = np.unique(_bar_and_side(rows), return_index=True)
        first = first[~np.isin(own, alike)]
        if len(first):
            zero = np.zeros(len(first), np.int64)
            self._stand(bars, rows[first], zero, zero + 1, zero - 1, gone=True)

    def _stand(
        self, bars: BarSeries, rows: np.ndarray, level: np.ndarray, crowd: np.ndarray, row: np.ndarray, *, gone: bool
    ) -> None:
        index, long = bars.bars_at(rows["bar_ts"]), _LONG[rows["slot"]]
        first = int(index.min())
        prices = bars.rows(first, int(index.max()) + 1)
        size = self._size()
        step = 7.0 + level * (2 * size + 2)
        low, high = self.scale_.ys(prices["low"][index - first]), self.scale_.ys(prices["high"][index - first])
        # on an inverted scale the high is below
        foot, head = np.maximum(low, high), np.minimum(low, high)
        y = np.where(long, foot + step, head - step)
        x = self.columns(index) + 0.5
        columns = (x, y, long, rows["bar_ts"], row, rows["kind"], crowd)
        self.marks += [Mark(*values, gone) for values in zip(*(c.tolist() for c in columns), strict=True)]

    def _size(self) -> float:
        return 4.0 if self.time.px_per_bar >= LABEL_PX else 3.0

    def _paint(self, painter: QPainter) -> None:
        size = self._size()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for m in self.marks:
            tip, base = (-size, size) if m.long else (size, -size)
            corners = [QPointF(m.x, m.y + tip), QPointF(m.x - size, m.y + base), QPointF(m.x + size, m.y + base)]
            painter.setPen(self._faint[m.long] if m.gone else self._pens[m.long])
            painter.setBrush(self._colours[m.long] if m.kind == K_CONFIRMED else self._pane)
            painter.drawPolygon(QPolygonF(corners))
            if m.gone:
                painter.drawLine(QPointF(m.x - size - 1, m.y - size - 1), QPointF(m.x + size + 1, m.y + size + 1))
                painter.drawLine(QPointF(m.x - size - 1, m.y + size + 1), QPointF(m.x + size + 1, m.y - size - 1))
        if self.time.px_per_bar >= LABEL_PX:
            self._labels(painter, size)

    def _labels(self, painter: QPainter, size: float) -> None:
        """A name beyond the outermost mark of its bar and side, where it covers neither marks nor other names."""
        painter.setFont(self._font)
        metrics = painter.fontMetrics()
        outer = {(m.bar_ts, m.long): m for m in self.marks if not m.gone}
        inner = {(m.bar_ts, m.long): m for m in reversed(self.marks) if not m.gone}
        boxes = np.array([(m.x - size, m.y - size, m.x + size, m.y + size) for m in self.marks])
        for key, m in outer.items():
            text = self._name(inner[key], m is not inner[key])
            wide = metrics.horizontalAdvance(text) / 2 + 2
            middle = m.y + (size + 9 if m.long else -size - 9)
            box = (m.x - wide, middle - 6, m.x + wide, middle + 6)
            apart = (
                (boxes[:, 0] >= box[2]) | (boxes[:, 2] <= box[0]) | (boxes[:, 1] >= box[3]) | (boxes[:, 3] <= box[1])
            )
            if not apart.all():
                continue
            boxes = np.vstack((boxes, box))
            area = QRectF(box[0], box[1], 2 * wide, 12)
            self.labels.append(area)
            painter.fillRect(area, self._veil)
            painter.setPen(self._text)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    def _name(self, mark: Mark, pair: bool) -> str:
        if mark.many > MOST_STACKED:
            return str(mark.many)
        row = self._shown.rows[mark.row]
        name = str(self._shown.strategies[row["strategy"]][0]) + (" exit" if SLOTS[row["slot"]][1] == EXIT else "")
        return f"{name} +1" if pair else name

    # density --------------------------------------------------------------------------------------------------------
    def column_at(self, x: float) -> tuple[int, int] | None:
        """(start, end) in ms of the strip's column under x; None while there are marks."""
        if not self.columns_shown or self.bars is None:
            return None
        left = int(x) // COLUMN_PX * COLUMN_PX
        a, b = (math.ceil(self.time.index_at(v)) for v in (left, left + COLUMN_PX))
        return self.bars.ts_at(a), self.bars.ts_at(b)
