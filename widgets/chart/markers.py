"""Signals and trades on the price pane."""

from __future__ import annotations

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
from widgets.chart.draw import fade, pen
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
_LONG = np.array([side == LONG for side, _ in SLOTS])
#: which row of a bar, strategy and slot counts: the lowest
_WEIGHT = np.zeros(3, np.int8)
_WEIGHT[[K_CONFIRMED, K_WITHDRAWN, K_PROVISIONAL]] = 0, 1, 2


def _bar_and_side(rows: np.ndarray) -> np.ndarray:
    """int64[n]: equal where rows belong to one bar and side."""
    return np.asarray(rows["bar_ts"] * 2 + _LONG[rows["slot"]])


class SignalItem(PaneItem):
    """Triangles below (long) and above (short) their bars: filled when confirmed, hollow while provisional.

    Below one pixel a bar the number of signals in a column is shown as a strip at the foot (long) and top (short).
    """

    def __init__(self, time: TimeView, scale: Scale, theme: Theme) -> None:
        super().__init__(time, scale, 10)
        self.bars: BarSeries | None = None
        self._colours = {True: QColor(theme.buy), False: QColor(theme.sell)}
        self._pens = {True: pen(theme.buy), False: pen(theme.sell)}
        self._text, self._pane = QColor(theme.dim), QColor(theme.pane)
        self._veil = fade(theme.pane, 0.75)
        self._font = look.font(10)
        #: sorted by bar, at most one row of a strategy, side and action at each
        self._shown = NO_SIGNALS
        self._ts = np.empty(0, np.int64)

    def clear(self) -> None:
        self._show(NO_SIGNALS)

    def add(self, batch: SignalBatch) -> None:
        """More signals of this chart's series. A confirmed or withdrawn one takes the place of the provisional one of
        its bar."""
        if not len(batch):
            return
        both = SignalBatch.join([self._shown, batch])
        rows = both.rows
        what = rows["strategy"].astype(np.int64) * len(SLOTS) + rows["slot"]
        order = np.lexsort((_WEIGHT[rows["kind"]], what, rows["bar_ts"]))
        rows, what = rows[order], what[order]
        first = np.r_[True, (rows["bar_ts"][1:] != rows["bar_ts"][:-1]) | (what[1:] != what[:-1])]
        self._show(both.take(order[first & (rows["kind"] != K_WITHDRAWN)]))

    def _show(self, batch: SignalBatch) -> None:
        self._shown = batch
        self._ts = np.ascontiguousarray(batch.rows["bar_ts"])

    def of_bar(self, index: int) -> list[Signal]:
        """The signals of one bar, for the legend."""
        if self.bars is None or not 0 <= index < len(self.bars):
            return []
        ts = self.bars.ts_at(index)
        a, b = np.searchsorted(self._ts, [ts, ts + self.bars.length_ms])
        return self._shown.take(slice(int(a), int(b))).signals()

    def neighbour(self, ts: int, way: int) -> int | None:
        """Bar time of the nearest signal after (way 1) or before (-1) the bar opened at ts."""
        if way > 0:
            at = int(np.searchsorted(self._ts, ts, "right"))
        else:
            at = int(np.searchsorted(self._ts, ts)) - 1
        return int(self._ts[at]) if 0 <= at < len(self._ts) else None

    def draw(self, painter: QPainter) -> None:
        bars = self.bars
        if bars is None or not len(bars) or not len(self._ts):
            return
        lo, hi = self.time.span(len(bars))
        if hi <= lo:
            return
        a, b = np.searchsorted(self._ts, [bars.ts_at(lo), bars.ts_at(hi - 1) + bars.length_ms])
        shown = self._shown.take(slice(int(a), int(b)))
        if self.time.px_per_bar < MARK_PX or len(np.unique(_bar_and_side(shown.rows))) > MOST_MARKS:
            self._density(painter, bars, shown.rows)
        else:
            self._triangles(painter, bars, shown)

    def _density(self, painter: QPainter, bars: BarSeries, shown: np.ndarray) -> None:
        height = self.scale_.height
        ts, at = np.unique(shown["bar_ts"], return_inverse=True)
        index = np.array([bars.index_at(t) for t in ts.tolist()])[at] if len(ts) else np.empty(0, np.int64)
        for long in (True, False):
            mine = index[_LONG[shown["slot"]] == long]
            if not len(mine):
                continue
            column, count = np.unique(self.time.xs(mine).astype(np.int64) // 3 * 3, return_counts=True)
            most = int(count.max())
            for x, n in zip(column.tolist(), count.tolist(), strict=True):
                tall = 3 + round(9 * n / most)
                painter.fillRect(QRectF(x, height - tall if long else 0, 2, tall), self._colours[long])

    def _triangles(self, painter: QPainter, bars: BarSeries, shown: SignalBatch) -> None:
        size = 4.0 if self.time.px_per_bar >= LABEL_PX else 3.0
        stacked: dict[tuple[int, bool], int] = {}
        taken: list[QRectF] = []
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setFont(self._font)
        alike = _bar_and_side(shown.rows)
        order = np.lexsort((_WEIGHT[shown.rows["kind"]], alike))
        _, first, place, count = np.unique(alike[order], return_index=True, return_inverse=True, return_counts=True)
        crowd = count[place]
        # of a crowd only the first is drawn, a confirmed one where there is any
        drawn = (crowd <= MOST_STACKED) | (np.arange(len(order)) == first[place])
        rows = shown.rows[order][drawn]
        columns = [rows[name].tolist() for name in ("bar_ts", "slot", "kind", "strategy")]
        for ts, slot, kind, strategy, many in zip(*columns, crowd[drawn].tolist(), strict=True):
            index, long = bars.bar_at(ts), bool(_LONG[slot])
            level = stacked.get((index, long), 0)
            stacked[index, long] = level + 1
            row = bars.rows(index, index + 1)[0]
            x = float(self.columns(np.array([index]))[0]) + 0.5
            step = 7.0 + level * (2 * size + 2)
            # long marks stand at the low: below the bar, or above it when the scale is inverted
            way = 1.0 if long != self.scale_.inverted else -1.0
            y = self.scale_.y(row["low"] if long else row["high"]) + way * step
            tip, base = -size * way, size * way
            shape = QPolygonF([QPointF(x, y + tip), QPointF(x - size, y + base), QPointF(x + size, y + base)])
            painter.setPen(self._pens[long])
            painter.setBrush(self._colours[long] if kind == K_CONFIRMED else self._pane)
            painter.drawPolygon(shape)
            if self.time.px_per_bar >= LABEL_PX and level == 0:
                name = shown.strategies[strategy][0] + (" exit" if SLOTS[slot][1] == EXIT else "")
                name = name if many <= MOST_STACKED else str(many)
                self._label(painter, taken, name, QPointF(x, y + way * (size + 9)))

    def _label(self, painter: QPainter, taken: list[QRectF], text: str, at: QPointF) -> None:
        width = painter.fontMetrics().horizontalAdvance(text)
        box = QRectF(at.x() - width / 2, at.y() - 6, width, 12)
        if any(box.intersects(t) for t in taken):
            return
        taken.append(box)
        painter.fillRect(box.adjusted(-2, 0, 2, 0), self._veil)
        painter.setPen(self._text)
        painter.drawText(box.adjusted(-2, 0, 2, 0), Qt.AlignmentFlag.AlignCenter, text)
