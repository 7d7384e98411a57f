"""Bars: the distribution of results, and the profit of trades by hour, weekday, side or way out."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from engine.contracts.reports import Histogram, TradeGroup
from widgets.ink import Ink
from widgets.plots.base import Plot
from widgets.texts import tr
from widgets.viewmodels import formats, plots


class HistogramPlot(Plot):
    """Counts of trades by their result, losses and gains in their colours."""

    def __init__(self, heading: str, height: int = 150) -> None:
        super().__init__(heading, height)
        self.margins = (40, 22, 10, 20)
        self.histogram = Histogram()

    def set_histogram(self, histogram: Histogram, note: str = "") -> None:
        self.histogram, self.note = histogram, note
        self.changed()

    def empty_text(self) -> str:
        return "" if sum(self.histogram.counts) else self.nothing

    def _bar(self, area: QRect, place: int) -> tuple[float, float]:
        edges = self.histogram.edges
        width = area.width() / max(edges[-1] - edges[0], 1e-300)
        return area.left() + (edges[place] - edges[0]) * width, area.left() + (edges[place + 1] - edges[0]) * width

    def draw(self, painter: QPainter, area: QRect, paint: Ink) -> None:
        edges, counts = self.histogram.edges, self.histogram.counts
        top = max(counts) * 1.08
        for value in plots.ticks(0, top, max(area.height() // 32, 2)):
            if value != int(value):
                continue
            y = round(area.bottom() - value / top * area.height())
            painter.setPen(paint["grid"])
            painter.drawLine(area.left(), y, area.right(), y)
            painter.setPen(paint["dim"])
            box = QRect(0, y - 8, area.left() - 6, 16)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), f"{int(value):,}")
        painter.setPen(Qt.PenStyle.NoPen)
        for place, count in enumerate(counts):
            left, right = self._bar(area, place)
            height = count / top * area.height()
            painter.setBrush(paint["up" if edges[place] + edges[place + 1] >= 0 else "down"])
            painter.drawRect(
                QRectF(round(left) + 0.5, area.bottom() - height, max(round(right) - round(left) - 1, 1), height)
            )
        for value in plots.ticks(edges[0], edges[-1], max(area.width() // 60, 2)):
            x = area.left() + (value - edges[0]) / (edges[-1] - edges[0]) * area.width()
            painter.setPen(paint["dim"])
            text = "0 %" if abs(value) < 1e-12 else formats.percent(value, 0 if abs(edges[-1] - edges[0]) > 0.08 else 1)
            painter.drawText(QRectF(x - 35, area.bottom() + 3, 70, 16), Qt.AlignmentFlag.AlignHCenter, text)
        if edges[0] < 0 < edges[-1]:
            x = round(area.left() - edges[0] / (edges[-1] - edges[0]) * area.width())
            painter.setPen(QPen(paint["dim"], 1, Qt.PenStyle.DotLine))
            painter.drawLine(x, area.top(), x, area.bottom())

    def readout(self, point: QPointF) -> str:
        area = self.area()
        for place, count in enumerate(self.histogram.counts):
            left, right = self._bar(area, place)
            if left <= point.x() < right:
                a, b = (formats.percent(v) for v in self.histogram.edges[place : place + 2])
                share = count / max(sum(self.histogram.counts), 1)
                return tr("{a} to {b}\n{n} trades, {share}").format(
                    a=a, b=b, n=f"{count:,}", share=formats.percent(share, 1, sign=False)
                )
        return ""

    def table(self) -> tuple[list[str], list[list[str]]]:
        edges = self.histogram.edges
        rows = [[f"{edges[k]:.6g}", f"{edges[k + 1]:.6g}", str(c)] for k, c in enumerate(self.histogram.counts)]
        return [tr("From"), tr("To"), tr("Trades")], rows


class GroupPlot(Plot):
    """One bar a group: its profit in money, its trades and win rate under the mouse. short: labels cut to so many
    letters."""

    def __init__(self, heading: str, short: int = 3, height: int = 130) -> None:
        super().__init__(heading, height)
        self.groups: list[TradeGroup] = []
        self._short = short

    def set_groups(self, groups: list[TradeGroup], note: str = "") -> None:
        self.groups, self.note = groups, note
        self.changed()

    def empty_text(self) -> str:
        return "" if any(g.trades for g in self.groups) else self.nothing

    def _limits(self) -> tuple[float, float]:
        profits = [g.profit for g in self.groups if math.isfinite(g.profit)]
        low, high = min(0.0, *profits), max(0.0, *profits)
        air = (high - low) * 0.06 or 1.0
        return (low - air if low < 0 else 0.0), (high + air if high > 0 else 0.0)

    def draw(self, painter: QPainter, area: QRect, paint: Ink) -> None:
        low, high = self._limits()

        def y_of(value: float) -> float:
            return area.bottom() - (value - low) / (high - low) * area.height()

        for value in plots.ticks(low, high, max(area.height() // 22, 3)):
            y = round(y_of(value))
            painter.setPen(paint["grid_strong" if value == 0 else "grid"])
            painter.drawLine(area.left(), y, area.right(), y)
            painter.setPen(paint["dim"])
            box = QRect(0, y - 8, area.left() - 6, 16)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), formats.axis(value))
        width = area.width() / len(self.groups)
        each = max(1, math.ceil(30 / width)) if self._short <= 3 else 1
        for place, group in enumerate(self.groups):
            left = area.left() + place * width
            if group.trades:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(paint["up" if group.profit >= 0 else "down"])
                zero, y = y_of(0.0), y_of(group.profit)
                gap = max(1.0, width * 0.12)
                painter.drawRect(QRectF(left + gap, min(zero, y), width - 2 * gap, max(abs(zero - y), 1.0)))
            painter.setPen(paint["dim"])
            if place % each == 0:
                room = width * each if self._short <= 3 else width - 2
                text = tr(group.label)[: self._short]
                text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(max(room, 24)))
                box = QRectF(left + width / 2 - room / 2 - 8, area.bottom() + 3, room + 16, 16)
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, text)

    def readout(self, point: QPointF) -> str:
        area = self.area()
        place = int((point.x() - area.left()) / max(area.width(), 1) * len(self.groups))
        if not 0 <= place < len(self.groups) or point.x() < area.left():
            return ""
        g = self.groups[place]
        if not g.trades:
            return tr("{label}: no trades").format(label=tr(g.label))
        return tr("{label}: {profit}\n{n} trades, {won} won\nmean {mean}, profit factor {pf}").format(
            label=tr(g.label),
            profit=formats.money(g.profit, 2, sign=True),
            n=f"{g.trades:,}",
            won=formats.percent(g.win_rate, 1, sign=False),
            mean=formats.money(g.mean, 2, sign=True),
            pf=formats.number(g.profit_factor),
        )

    def table(self) -> tuple[list[str], list[list[str]]]:
        heads = [tr("Group"), tr("Trades"), tr("Won"), tr("Profit"), tr("Mean"), tr("Profit factor"), tr("Fees")]
        return heads, [
            [g.label, str(g.trades), str(g.wins), *(f"{v:.10g}" for v in (g.profit, g.mean, g.profit_factor, g.fees))]
            for g in self.groups
        ]


class CostsPlot(Plot):
    """From what the prices gave to what was left: slippage, fees and funding taken away one after the other."""

    def __init__(self, heading: str = "", height: int = 150) -> None:
        super().__init__(heading, height)
        self.margins = (112, 22, 84, 8)
        self.steps: list[tuple[str, float, float]] = []
        self._money = ""

    def set_figures(self, metrics: dict[str, float], currency: str = "") -> None:
        """(name, from, to) of each step."""
        net = metrics.get("net_profit", math.nan)
        self.steps, self._money = [], currency
        if not math.isfinite(net):
            self.changed()
            return
        paid = [
            (tr("Slippage, spread"), metrics.get("slippage", 0.0)),
            (tr("Fees"), metrics.get("fees", 0.0)),
            (tr("Funding"), metrics.get("funding", 0.0)),
        ]
        paid = [(name, value if math.isfinite(value) else 0.0) for name, value in paid]
        left = net + sum(value for _, value in paid)
        self.steps = [(tr("Before costs"), 0.0, left)]
        for name, value in paid:
            self.steps.append((name, left, left - value))
            left -= value
        self.steps.append((tr("Net profit"), 0.0, net))
        gross = self.steps[0][2]
        share = sum(v for _, v in paid) / gross if gross > 0 else math.nan
        self.note = (
            tr("costs take {share} of what the prices gave").format(share=formats.percent(share, 0, sign=False))
            if math.isfinite(share)
            else tr("the prices gave nothing before costs")
        )
        self.changed()

    def empty_text(self) -> str:
        return "" if self.steps else self.nothing

    def draw(self, painter: QPainter, area: QRect, paint: Ink) -> None:
        values = [v for _, a, b in self.steps for v in (a, b)]
        low, high = min(0.0, *values), max(0.0, *values)
        span = (high - low) or 1.0
        height = area.height() / len(self.steps)
        for place, (name, a, b) in enumerate(self.steps):
            top = area.top() + place * height
            x0, x1 = (area.left() + (v - low) / span * area.width() for v in (a, b))
            whole = a == 0.0
            painter.setPen(paint["text" if whole else "dim"])
            painter.drawText(
                QRectF(10, top, area.left() - 16, height),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                name,
            )
            token = "up" if b >= a else "down"
            painter.fillRect(
                QRectF(min(x0, x1), top + height * 0.2, max(abs(x1 - x0), 1.0), height * 0.6), paint[token]
            )
            painter.setPen(paint[token if whole else "text"])
            text = formats.money(b - a, 2, sign=True)
            box = QRectF(area.right() + 4, top, self.width() - area.right() - 12, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        zero = round(area.left() - low / span * area.width())
        painter.setPen(paint["grid_strong"])
        painter.drawLine(zero, area.top(), zero, area.bottom())

    def table(self) -> tuple[list[str], list[list[str]]]:
        return [tr("Step"), self._money or tr("Money")], [[n, f"{b - a:.10g}"] for n, a, b in self.steps]
