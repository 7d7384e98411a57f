"""What lies under the mouse, in words: a signal's mark, a trade, how many signals a column of the strip stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from engine.contracts.dtypes import EXIT_NAMES
from engine.contracts.signals import LONG, LONG_EXIT, Signal
from widgets import theme as look
from widgets.chart.draw import pen
from widgets.chart.pane import Pane
from widgets.chart.ticks import moment_text, price_text
from widgets.chart.tools import Tool
from widgets.texts import mark, tr
from widgets.viewmodels import formats

if TYPE_CHECKING:
    from widgets.chart.price import PriceStack

#: signals of one mark that are named; the height of the strips at top and foot
MOST, STRIP_PX = 4, 16
#: a line's words and the token of their colour
Line = tuple[str, str]
FLAGS = (
    ("late", mark("late")),
    ("settling", mark("settling")),
    ("revised", mark("bar revised")),
    ("quiet", mark("within its cool-down")),
    ("backfilled", mark("bar came by REST")),
)


class Hints(Tool):
    """Painted over the kept picture beside the mouse; takes no clicks."""

    def __init__(self, stack: PriceStack) -> None:
        self._stack = stack
        self._font, self._bold = look.font(12), look.font(12, bold=True)
        self._metrics, self._wide = QFontMetrics(self._font), QFontMetrics(self._bold)
        self.lines: list[Line] = []
        self._at = QPointF()
        self._ring: tuple[float, float] | None = None
        stack.price.overlays.append(self.paint)
        stack.tools.append(self)

    def hover(self, pane: Pane, at: QPointF) -> Qt.CursorShape | None:
        self._at, self._ring = at, None
        self.lines = self._of(at) if pane is self._stack.price else []
        return Qt.CursorShape.PointingHandCursor if self._ring is not None else None

    def leave(self) -> None:
        self.lines = []

    def _of(self, at: QPointF) -> list[Line]:
        stack = self._stack
        found = stack.signals.mark_at(at.x(), at.y())
        if found is not None:
            self._ring = (found.x, found.y)
            return self._signals(stack.signals.of_mark(found))
        trade = stack.trades.at(at.x(), at.y())
        if trade >= 0:
            self._ring = (at.x(), at.y())
            row = stack.trades.row(trade)
            return self._trade(row, trade) if row is not None else []
        height = stack.price.yscale.height
        if at.y() < STRIP_PX or at.y() > height - STRIP_PX:
            return self._column(at.x())
        return []

    def _moment(self, ms: int) -> str:
        return moment_text(self._stack.zone, ms, self._stack.bars.length_ms)

    def _signals(self, found: list[Signal]) -> list[Line]:
        out: list[Line] = []
        for s in found[:MOST]:
            side = tr("Long") if s.side == LONG else tr("Short")
            action = tr("entry") if s.action == "entry" else tr("exit")
            out.append((f"{s.strategy}  ·  {side} {action}", "buy" if s.side == LONG else "sell"))
            what = [tr(s.kind), price_text(s.price, self._stack.decimals)]
            if s.strength:
                what.append(tr("strength {value}").format(value=f"{s.strength:.1f}"))
            out.append(("  ·  ".join([*what, *(tr(word) for flag, word in FLAGS if getattr(s, flag))]), "text"))
            if s.params:
                out.append((s.params.replace(",", "  "), "dim"))
        if len(found) > MOST:
            out.append((tr("and {n} more").format(n=len(found) - MOST), "dim"))
        if found:
            out.append((self._moment(found[0].bar_ts), "dim"))
            out.append((tr("Click: why"), "faint"))
        return out

    def _trade(self, row: np.void, number: int) -> list[Line]:
        decimals = self._stack.decimals
        long, won = row["side"] > 0, row["pnl"] >= 0
        side = tr("Long") if long else tr("Short")
        out = [(tr("Trade {n}: {side}").format(n=number + 1, side=side), "buy" if long else "sell")]
        part = row["side"] * (row["exit_price"] / row["entry_price"] - 1) if row["entry_price"] else 0.0
        result = f"{formats.money(float(row['pnl']), sign=True)}  ({formats.percent(float(part))})"
        out.append((result, "up" if won else "down"))
        for name, ts, price in (
            (tr("In"), row["entry_ts"], row["entry_price"]),
            (tr("Out"), row["exit_ts"], row["exit_price"]),
        ):
            out.append((f"{name}  {price_text(float(price), decimals)}   {self._moment(int(ts))}", "text"))
        reason = int(row["reason"])
        why = EXIT_NAMES[reason] if 0 <= reason < len(EXIT_NAMES) else ""
        out.append((tr("{n} bars, out by {reason}").format(n=int(row["bars"]), reason=why), "dim"))
        return out

    def _column(self, x: float) -> list[Line]:
        span = self._stack.signals.column_at(x)
        if span is None:
            return []
        slots = self._stack.signals.between(*span).rows["slot"]
        if not len(slots):
            return []
        long = int(np.count_nonzero(slots <= LONG_EXIT))
        return [
            (tr("{n} long").format(n=f"{long:,}"), "buy"),
            (tr("{n} short").format(n=f"{len(slots) - long:,}"), "sell"),
            (self._moment(span[0]), "dim"),
        ]

    def paint(self, painter: QPainter, pane: Pane) -> None:
        if not self.lines:
            return
        theme = self._stack.theme
        if self._ring is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(pen(theme.text, 1.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(*self._ring), 8, 8)
        wide = [self._wide if k == 0 else self._metrics for k in range(len(self.lines))]
        width = max(m.horizontalAdvance(t) for m, (t, _c) in zip(wide, self.lines, strict=True)) + 20
        height = 17 * len(self.lines) + 10
        left = self._at.x() + 16 if self._at.x() + 20 + width < pane.plot_width else self._at.x() - width - 16
        top = min(max(4.0, self._at.y() + 14), max(4.0, pane.yscale.height - height - 4))
        box = QRectF(max(4.0, round(left)), round(top), width, height)
        painter.setPen(QColor(theme.border))
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(box, 5, 5)
        for k, (text, token) in enumerate(self.lines):
            painter.setFont(self._bold if k == 0 else self._font)
            painter.setPen(QColor(getattr(theme, token)))
            painter.drawText(QPointF(box.left() + 10, box.top() + 17 + 17 * k), text)
