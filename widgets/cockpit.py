"""The lower half of the engine's panel: a map of how fresh each symbol is, and the shards as a table."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.contracts.events import ShardHealth
from widgets.fast_table import LEFT, RIGHT, Column, FastTable, Slot
from widgets.ink import ROW_HEIGHT, Ink, ink, painting
from widgets.texts import tr
from widgets.viewmodels import cockpit as vm
from widgets.viewmodels.health import HealthModel

_MARGIN, _HEAD = 10, 22
#: a step's colour: token and its share over the panel
_STEP_INK = (("up", 1.0), ("up", 0.62), ("up", 0.34), ("warn", 0.75), ("down", 0.85), ("border", 1.0))
_AT_LEFT = (vm.SHARD, vm.STATE, vm.LATENCY)
#: px below which a column gives way to the others
_GIVE_WAY = (
    (880, vm.BAD), (836, vm.P50), (762, vm.SYMBOLS), (698, vm.OPEN), (652, vm.P99), (578, vm.DROPPED), (518, vm.FILLED),
    (462, vm.RATE),
)  # fmt: skip
_LAMPS = {"green": "up", "amber": "warn", "red": "down", "grey": "border"}


class FreshnessMap(QWidget):
    """symbolAsked(symbol): a square was clicked. symbols: by id, as the engine lists them."""

    symbolAsked = Signal(str)

    def __init__(self, model: HealthModel, symbols: Callable[[], Sequence[str]]) -> None:
        super().__init__()
        self.model, self._symbols = model, symbols
        self.dimmed = False
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Freshness of all symbols"))
        self.refresh()

    def refresh(self) -> None:
        columns, side = self._grid()
        rows = -(-max(len(self.model.ages), 1) // columns)
        height = _HEAD + rows * side + 6
        if self.height() != height or self.minimumHeight() != height:
            self.setFixedHeight(height)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.refresh()

    def _grid(self) -> tuple[int, int]:
        return vm.grid(len(self.model.ages), self.width() - 2 * _MARGIN)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint, ages = ink(), self.model.ages
        with painting(self) as painter:
            painter.fillRect(event.rect(), paint["panel"])
            painter.setFont(paint.bold)
            painter.setPen(paint["dim" if self.dimmed else "text"])
            painter.drawText(QRect(_MARGIN, 0, 90, _HEAD), LEFT, tr("Freshness"))
            self._paint_legend(painter, paint)
            if not len(ages):
                return
            columns, side = self._grid()
            steps = vm.steps(ages)
            at = np.arange(len(ages))
            x, y = _MARGIN + at % columns * side, _HEAD + at // columns * side
            gap = 1 if side < 12 else 2
            for step, (token, share) in enumerate(_STEP_INK):
                chosen = np.flatnonzero(steps == step)
                if len(chosen):
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(paint.mix("faint" if self.dimmed else token, "panel", share))
                    painter.drawRects(
                        [QRect(a, b, side - gap, side - gap) for a, b in zip(x[chosen].tolist(), y[chosen].tolist())]
                    )

    def _paint_legend(self, painter: QPainter, paint: Ink) -> None:
        painter.setFont(paint.small)
        x = _MARGIN + 78
        for words, count in vm.step_counts(self.model.ages):
            step = [tr(w) for w in vm.STEP_WORDS].index(words)
            text = f"{words} {count:,}"
            width = painter.fontMetrics().horizontalAdvance(text)
            if x + width + 24 > self.width():
                break
            token, share = _STEP_INK[step]
            painter.fillRect(x, _HEAD // 2 - 4, 8, 8, paint.mix(token, "panel", share))
            painter.setPen(paint["dim"])
            painter.drawText(QRect(x + 12, 0, width + 4, _HEAD), LEFT, text)
            x += width + 26

    def symbol_at(self, point: QPoint) -> int:
        """Id of the square under a point, -1 where there is none."""
        columns, side = self._grid()
        column, row = (point.x() - _MARGIN) // side, (point.y() - _HEAD) // side
        found = row * columns + column
        inside = 0 <= column < columns and row >= 0 and found < len(self.model.ages)
        return int(found) if inside else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at, symbols = self.symbol_at(event.position().toPoint()), self._symbols()
        tip = ""
        if 0 <= at < len(symbols):
            tip = f"{symbols[at]}\n{vm.age_words(float(self.model.ages[at]))}"
        if tip != self.toolTip():
            self.setToolTip(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor if tip else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at, symbols = self.symbol_at(event.position().toPoint()), self._symbols()
        if event.button() == Qt.MouseButton.LeftButton and 0 <= at < len(symbols):
            self.symbolAsked.emit(symbols[at])


class ShardTable(FastTable):
    """A shard a row, as high as its rows: the panel scrolls, not the table."""

    def __init__(self, model: HealthModel) -> None:
        self.rows = model
        super().__init__(
            [
                Column(
                    tr(title), width, LEFT if k in (vm.SHARD, vm.STATE, vm.LATENCY) else RIGHT, tr(tip) if tip else ""
                )
                for k, (title, width, tip) in enumerate(vm.COLUMNS)
            ]
        )
        self.setAccessibleName(tr("Shards"))
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def shards(self) -> list[ShardHealth]:
        return self.rows.pulse.shards if self.rows.pulse is not None else []

    def row_count(self) -> int:
        return len(self.shards())

    def row_key(self, row: int) -> Hashable:
        s = self.shards()[row]
        return (s.market, s.shard)

    def row_text(self, row: int) -> list[str]:
        return vm.cells(self.shards()[row])

    def row_tip(self, row: int, column: int) -> str:
        return self.shards()[row].detail

    def refreshed(self) -> None:
        height = 28 + ROW_HEIGHT * self.row_count()
        if self.height() != height or self.minimumHeight() != height:
            self.setFixedHeight(height)
        super().refreshed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        for width, column in _GIVE_WAY:
            self.setColumnHidden(column, event.size().width() < width)
        super().resizeEvent(event)

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        for row in range(first, last):
            shard, texts = self.shards()[row], self.row_text(row)
            for slot in slots:
                if slot.column == vm.LATENCY:
                    self._paint_histogram(painter, slot, row, shard, paint)
                    continue
                painter.setPen(paint["dim" if self.dimmed or texts[slot.column] in ("0", "–") else "text"])
                if slot.column == vm.STATE:
                    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                    box = QRect(slot.x + 6, self.row_top(row) + ROW_HEIGHT // 2 - 4, 9, 9)
                    painter.setBrush(paint["faint" if self.dimmed else _LAMPS[shard.lamp]])
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.drawEllipse(box)
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
                    painter.setPen(paint["dim" if self.dimmed else "text"])
                    self.paint_text(painter, slot, row, texts[slot.column], pad=20)
                    continue
                self.paint_text(painter, slot, row, texts[slot.column])

    def _paint_histogram(self, painter: QPainter, slot: Slot, row: int, shard: ShardHealth, paint: Ink) -> None:
        counts = vm.histogram(shard)
        room, foot = slot.width - 12, self.row_top(row) + ROW_HEIGHT - 4
        width = max(room // len(counts), 2)
        painter.fillRect(slot.x + 6, foot, width * len(counts) - 1, 1, paint["border"])
        most = counts.max()
        if not most:
            return
        for k, count in enumerate(counts.tolist()):
            if count:
                height = max(round((ROW_HEIGHT - 8) * count / most), 2)
                # a tenth of a second late and a second late are not the same colour
                token = "faint" if self.dimmed else "up" if k <= 6 else "warn" if k <= 8 else "down"
                painter.fillRect(slot.x + 6 + k * width, foot - height, width - 1, height, paint[token])
