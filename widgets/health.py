"""The engine's health: a line of lamps per market with the state in words, bars below, details in tooltips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QVBoxLayout, QWidget

from engine.contracts.events import ShardHealth
from widgets.cockpit import FreshnessMap, ShardTable
from widgets.ink import LEFT, RIGHT, Ink, ink, painting
from widgets.panel import Panel
from widgets.texts import tr
from widgets.viewmodels.health import HealthModel, MarketLine, shard_tooltip

_LAMPS = {"green": "up", "amber": "warn", "red": "down", "grey": "border"}
_LEVELS = {"ok": "accent", "warn": "warn", "bad": "down", "calm": "info"}
_MARGIN, _LINE, _LAMP, _GAUGE = 10, 44, 12, 20


class Spot(NamedTuple):
    """A place with a tooltip; shard: the lamp that lies there."""

    box: QRect
    tip: str
    shard: ShardHealth | None = None


class HealthCanvas(QWidget):
    """Paints everything; no child widgets, so a pulse costs one repaint."""

    restartAsked = Signal(str, int)

    def __init__(self, model: HealthModel) -> None:
        super().__init__()
        self.model = model
        self.chosen: tuple[str, int] | None = None
        self.dimmed = False
        self.spots: list[Spot] = []
        self.setMinimumWidth(200)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Engine health"))

    def refresh(self) -> None:
        lines, gauges = self.model.lines(), self.model.gauges()
        columns = 2 if self.width() >= 560 else 1
        rows = -(-len(gauges) // columns)
        height = _MARGIN + len(lines) * _LINE + (_GAUGE if self.model.starting else 0) + rows * _GAUGE
        if self.minimumHeight() != height:
            self.setMinimumHeight(height)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint = ink()
        with painting(self) as painter:
            painter.fillRect(event.rect(), paint["panel"])
            painter.setFont(paint.font)
            self.spots = []
            y = 6
            for line in self.model.lines():
                self._paint_line(painter, line, y, paint)
                y += _LINE
            if self.model.starting and self.model.pulse is not None:
                p = self.model.pulse
                words = tr("Warming up: {done} of {all} symbols speak").format(
                    done=f"{p.symbols - p.warming:,}", all=f"{p.symbols:,}"
                )
                painter.setPen(paint["info"])
                painter.drawText(QRect(_MARGIN, y, self.width() - 2 * _MARGIN, _GAUGE), LEFT, words)
                y += _GAUGE
            self._paint_gauges(painter, y + 2, paint)

    def _paint_line(self, painter: QPainter, line: MarketLine, y: int, paint: Ink) -> None:
        width = self.width() - 2 * _MARGIN
        painter.setFont(paint.bold)
        painter.setPen(paint["dim" if self.dimmed else "text"])
        title = QRect(_MARGIN, y, width, 20)
        painter.drawText(title, LEFT, line.title)
        after = paint.bold_metrics.horizontalAdvance(line.title) + 12
        painter.setFont(paint.font)
        detail = paint.metrics.horizontalAdvance(line.detail)
        painter.setPen(paint["dim"])
        painter.drawText(title, RIGHT, line.detail)
        words = (
            line.words
            if line.warm < 0 or line.warm >= 1
            else tr("{words} · history {percent}").format(words=line.words, percent=f"{line.warm:.0%}")
        )
        room = width - after - detail - 10
        if room > 20:
            words = paint.metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRect(_MARGIN + after, y, room, 20), LEFT, words)
        self.spots.append(Spot(title, f"{line.title}: {line.tip}"))
        self._paint_lamps(painter, line.lamps, y + 22, paint)

    def _paint_lamps(self, painter: QPainter, lamps: list[ShardHealth], y: int, paint: Ink) -> None:
        width = self.width() - 2 * _MARGIN
        step = min(max(width // max(len(lamps), 1), 5), 34)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for k, shard in enumerate(lamps):
            box = QRect(_MARGIN + k * step, y, step - 4 if step > 10 else step - 1, _LAMP)
            colour = paint["faint"] if self.dimmed else paint[_LAMPS[shard.lamp]]
            painter.setPen(paint["text"] if self.chosen == (shard.market, shard.shard) else Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(box), 3, 3)
            self.spots.append(Spot(box.adjusted(-1, -4, 1, 4), shard_tooltip(shard), shard))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_gauges(self, painter: QPainter, y: int, paint: Ink) -> None:
        gauges = self.model.gauges()
        columns = 2 if self.width() >= 560 else 1
        rows = -(-len(gauges) // columns)
        span = (self.width() - 2 * _MARGIN - (columns - 1) * 24) // columns
        name_w = min(150, span * 40 // 100)
        value_w = min(110, span * 36 // 100)
        for k, gauge in enumerate(gauges):
            x, top = _MARGIN + k // rows * (span + 24), y + k % rows * _GAUGE
            painter.setPen(paint["dim"])
            name = paint.metrics.elidedText(gauge.name, Qt.TextElideMode.ElideRight, name_w - 4)
            painter.drawText(QRect(x, top, name_w, _GAUGE), LEFT, name)
            track = QRect(x + name_w, top + _GAUGE // 2 - 3, max(span - name_w - value_w - 10, 10), 6)
            painter.fillRect(track, paint["raised"])
            filled = max(round(track.width() * gauge.fraction), 1)
            painter.fillRect(track.x(), track.y(), filled, 6, paint["faint" if self.dimmed else _LEVELS[gauge.level]])
            painter.setPen(paint["dim" if self.dimmed else "text"])
            value = paint.metrics.elidedText(gauge.text, Qt.TextElideMode.ElideRight, value_w)
            painter.drawText(QRect(x + span - value_w, top, value_w, _GAUGE), RIGHT, value)
            self.spots.append(Spot(QRect(x, top, span, _GAUGE), f"{gauge.name}: {gauge.text}\n{gauge.tip}"))

    def spot_at(self, point: QPoint) -> Spot | None:
        """The last painted place under a point: lamps lie above lines."""
        return next((s for s in reversed(self.spots) if s.box.contains(point)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        # the tooltip follows the place under the mouse; overriding event() for it would put Python into every event
        spot = self.spot_at(event.position().toPoint())
        tip = spot.tip if spot else ""
        if tip != self.toolTip():
            self.setToolTip(tip)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        spot = self.spot_at(event.position().toPoint())
        shard = spot.shard if spot else None
        self.chosen = (shard.market, shard.shard) if shard else None
        self.update()
        if shard is not None:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addSection(
                tr("{market}, shard {shard}: {state}").format(
                    market=shard.market, shard=shard.shard, state=tr(shard.state or shard.lamp)
                )
            )
            menu.addAction(tr("Restart this shard"), lambda: self.restartAsked.emit(shard.market, shard.shard))
            menu.popup(event.globalPosition().toPoint())


class HealthPanel(Panel):
    """restartRequested(market, shard): close that connection; it reconnects and fills its gap. symbolAsked(symbol)."""

    restartRequested = Signal(str, int)
    symbolAsked = Signal(str)

    def __init__(
        self,
        model: HealthModel,
        now_ms: Callable[[], int],
        symbols: Callable[[], Sequence[str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("health", parent)
        self.model, self._now_ms = model, now_ms
        self.bar.setContentsMargins(0, 0, 0, 0)
        self.canvas = HealthCanvas(model)
        self.canvas.restartAsked.connect(self.restartRequested)
        self.map = FreshnessMap(model, symbols)
        self.map.symbolAsked.connect(self.symbolAsked)
        self.shards = ShardTable(model)
        self.shards.contextAsked.connect(self._menu)
        inner = QWidget()
        inner.setObjectName("cockpit")
        inner.setStyleSheet(f"QWidget#cockpit {{ background: {ink()['panel'].name()}; }}")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part in (self.canvas, self.map, self.shards):
            column.addWidget(part)
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        self.set_body(area)
        self.set_loading(tr("Waiting for the engine's first pulse"))

    def refresh(self) -> None:
        """With each pulse, and once a second for staleness."""
        if self.model.pulse is None:
            if self.model.lost:
                self.set_error(tr("Engine lost: {reason}").format(reason=self.model.lost))
            return
        self.set_ready()
        dimmed = self.model.stale(self._now_ms())
        self.canvas.dimmed = self.map.dimmed = self.shards.dimmed = dimmed
        self.canvas.refresh()
        self.map.refresh()
        self.shards.refreshed()

    def _menu(self, keys: list[tuple[str, int]], at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = tr("Restart this shard") if len(keys) == 1 else tr("Restart {n} shards").format(n=len(keys))
        menu.addAction(text, lambda: [self.restartRequested.emit(*key) for key in keys])
        menu.addAction(tr("Copy"), self.shards.copy)
        menu.popup(at)
