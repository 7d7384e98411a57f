"""The market as a heat map: a rectangle a symbol, as big as its turnover, coloured by a figure of the watchlist."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from widgets.ink import CENTRE, Ink, ink, painting
from widgets.symbols_drag import start_drag
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels import watchlist as vm
from widgets.viewmodels.heatmap import SHADES, shades, squarified, weights

#: refreshes of 100 ms between two looks at who is how big: rectangles that never rest cannot be read
LAYOUT_EVERY = 100
TITLE, LEGEND = 18, 22


class HeatMap(QWidget):
    """symbolActivated(symbol): a tile was clicked. Reads the watchlist's model, its filter included. Painted into a
    picture that is made anew only when a shade, a shown figure or the size has changed."""

    symbolActivated = Signal(str)
    contextAsked = Signal(object, QPoint)

    def __init__(self, model: vm.WatchlistModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = model
        self.column = vm.CHANGE
        self.current = ""
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Heat map"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._tiles = np.zeros((0, 4))
        self._ids = np.zeros(0, np.int64)
        self._heads: list[tuple[QRect, str]] = []
        self._shown: object = None
        self._picture: QPixmap | None = None
        self._age = LAYOUT_EVERY
        self._hover = -1
        self._pressed: QPoint | None = None
        self._scale = (-1.0, 1.0)

    def choose(self, column: int) -> None:
        """Colour by this column of the watchlist."""
        self.column = column
        self._picture = None
        self.refresh()

    @property
    def heading(self) -> str:
        at = self.column - vm.FIRST_VALUE
        return self.rows.columns[at].heading if 0 <= at < len(self.rows.columns) else tr(vm.TITLES[self.column])

    def values(self) -> np.ndarray:
        """float64[n]: the figure of every row."""
        m, at = self.rows, self.column - vm.FIRST_VALUE
        if at >= 0:
            return m.values[at].astype(np.float64) if at < len(m.values) else np.full(len(m), np.nan)
        known = {vm.CHANGE: m.change, vm.SPREAD: m.spread, vm.RANGE: m.position24, vm.VOLUME: m.volume}
        return known.get(self.column, m.change)

    def value_text(self, value: float) -> str:
        if self.column == vm.CHANGE:
            return formats.percent(value)
        if self.column == vm.RANGE:
            return formats.percent(value, 0, sign=False)
        if self.column == vm.SPREAD:
            return formats.MISSING if value != value else f"{value * 1e4:.1f}"
        if self.column == vm.VOLUME:
            return formats.compact(value)
        return vm.value_text(value, self.rows.columns[self.column - vm.FIRST_VALUE])

    def refresh(self) -> None:
        """Once a frame; cheap while nothing that can be seen has changed."""
        if not self.isVisible():
            return
        self._age += 1
        if self._age >= LAYOUT_EVERY or len(self._ids) != len(self.rows.order) or set_differs(self._ids, self.rows):
            self._arrange()
        if not len(self._ids):
            return
        values = self.values()[self._ids]
        centred = self.column == vm.CHANGE
        shade, low, high = shades(values, centred=centred)
        # the scale may creep without a new picture; a tile's shade or the first digits of its figure may not
        shown = (shade.tobytes(), np.round(values, 4 if centred else 2).tobytes())
        if self._picture is None or shown != self._shown:
            self._shown, self._scale = shown, (low, high)
            self._draw(values, shade)
            self.update()

    def _arrange(self) -> None:
        self._age = 0
        m = self.rows
        self._ids, self._tiles, self._heads = m.order.copy(), np.zeros((len(m.order), 4)), []
        self._picture = None
        if not len(m.order):
            return
        weight = weights(m.volume[m.order])
        groups = m.market_code[m.order]
        codes, sums = np.unique(groups, return_counts=False), []
        # turnover differs by quote currency and market: each market has the room of its number of symbols
        sums = [float(np.sqrt((groups == c).sum())) for c in codes]
        room = QRectF(0, 0, self.width(), self.height() - LEGEND)
        bigger = np.argsort(-np.array(sums), kind="stable")
        areas = squarified(np.array(sums)[bigger], room.x(), room.y(), room.width(), room.height())
        for code, (x, y, w, h) in zip(codes[bigger].tolist(), areas.tolist()):
            at = np.flatnonzero(groups == code)
            at = at[np.argsort(-weight[at], kind="stable")]
            self._heads.append((QRect(round(x), round(y), round(w), TITLE), vm.market_title(m.markets[code])))
            self._tiles[at] = squarified(weight[at], x + 1, y + TITLE, w - 2, h - TITLE - 1)

    def _draw(self, values: np.ndarray, shade: np.ndarray) -> None:
        if self.width() < 1 or self.height() < 1:  # folded away: a picture of no size cannot be painted on
            return
        ratio, paint = self.devicePixelRatioF(), ink()
        made = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        made.setDevicePixelRatio(ratio)
        made.fill(paint["background"])
        with painting(made) as painter:
            painter.setFont(paint.small)
            painter.setPen(paint["dim"])
            for box, title in self._heads:
                painter.drawText(box.adjusted(5, 0, -5, 0), int(Qt.AlignmentFlag.AlignVCenter), title)
            self._draw_tiles(painter, values, shade, paint)
            self._draw_legend(painter, paint)
        self._picture = made

    def _draw_tiles(self, painter: QPainter, values: np.ndarray, shade: np.ndarray, paint: Ink) -> None:
        colours = ramp(paint)
        corners = np.round(np.c_[self._tiles[:, :2], self._tiles[:, :2] + self._tiles[:, 2:]]).astype(int).tolist()
        names, metrics, small = self.rows.names, paint.bold_metrics, paint.metrics
        for (x, y, right, bottom), at, tone, value in zip(corners, self._ids.tolist(), shade.tolist(), values.tolist()):
            width, height = right - x - 1, bottom - y - 1
            if width < 1 or height < 1:
                continue
            painter.fillRect(x, y, width, height, colours[tone + SHADES])
            if width < 34 or height < 15:
                continue
            name = names[at].removesuffix("USDT") or names[at]
            painter.setFont(paint.bold if width > 60 else paint.small)
            painter.setPen(paint["text"])
            two = height >= 32 and width >= 44
            if (metrics if width > 60 else small).horizontalAdvance(name) > width - 4:
                name = small.elidedText(name, Qt.TextElideMode.ElideRight, width - 4)
                name = name if len(name) > 3 else ""
            painter.drawText(QRect(x, y, width, height // 2 + 2 if two else height), CENTRE, name)
            if two:
                painter.setFont(paint.small)
                painter.drawText(QRect(x, y + height // 2 - 1, width, height // 2), CENTRE, self.value_text(value))

    def _draw_legend(self, painter: QPainter, paint: Ink) -> None:
        colours, top = ramp(paint), self.height() - LEGEND + 6
        width = 6 * len(colours)
        left = (self.width() - width) // 2
        for k, colour in enumerate(colours):
            painter.fillRect(left + 6 * k, top, 6, 10, colour)
        painter.setPen(paint["dim"])
        painter.setFont(paint.small)
        low, high = (self.value_text(v) for v in self._scale)
        painter.drawText(
            QRect(0, top - 4, left - 6, 18), int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), low
        )
        words = f"{high}   {self.heading}"
        painter.drawText(QRect(left + width + 6, top - 4, self.width(), 18), int(Qt.AlignmentFlag.AlignVCenter), words)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            if self._picture is None:
                painter.fillRect(self.rect(), ink()["panel"])
                return
            painter.drawPixmap(0, 0, self._picture)
            for place, token in ((self._hover, "text"), (self._place_of(self.current), "accent")):
                if 0 <= place < len(self._tiles):
                    painter.setPen(ink()[token])
                    x, y, w, h = self._tiles[place]
                    painter.drawRect(
                        QRect(round(x), round(y), round(x + w) - round(x) - 2, round(y + h) - round(y) - 2)
                    )

    def select(self, symbol: str) -> None:
        self.current = symbol
        self.update()

    def symbol_at(self, point: QPoint) -> str:
        """'' between the tiles."""
        place = self._place_at(point)
        return self.rows.symbols[int(self._ids[place])] if place >= 0 else ""

    def _place_at(self, point: QPoint) -> int:
        t = self._tiles
        if not len(t):
            return -1
        hit = (point.x() >= t[:, 0]) & (point.x() < t[:, 0] + t[:, 2])
        hit &= (point.y() >= t[:, 1]) & (point.y() < t[:, 1] + t[:, 3])
        found = np.flatnonzero(hit)
        return int(found[0]) if len(found) else -1

    def _place_of(self, symbol: str) -> int:
        found = np.flatnonzero(self._ids == self.rows.row_of.get(symbol, -1))
        return int(found[0]) if len(found) else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        symbol = self.symbol_at(event.position().toPoint())
        if not symbol:
            return
        self.select(symbol)
        if event.button() == Qt.MouseButton.RightButton:
            self.contextAsked.emit([symbol], event.globalPosition().toPoint())
        else:
            self._pressed = event.position().toPoint()
            self.symbolActivated.emit(symbol)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            if (point - self._pressed).manhattanLength() >= QApplication.startDragDistance():
                symbol, self._pressed = self.symbol_at(self._pressed), None
                start_drag(self, [symbol])
            return
        place = self._place_at(point)
        if place != self._hover:
            self._hover = place
            self.update()
            QToolTip.showText(event.globalPosition().toPoint(), self._tip(place), self)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = -1
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        self._picture = None
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._age = LAYOUT_EVERY
        self._picture = None
        super().resizeEvent(event)
        self.refresh()

    def _tip(self, place: int) -> str:
        if place < 0:
            return ""
        m, at = self.rows, int(self._ids[place])
        lines = [
            m.symbols[at],
            f"{formats.price(float(m.last[at]), int(m.decimals[at]))}   {formats.percent(float(m.change[at]))}",
            tr("Turnover of 24 hours: {volume}").format(volume=formats.compact(float(m.volume[at]))),
        ]
        if self.column not in (vm.CHANGE, vm.VOLUME):
            lines.append(f"{self.heading}: {self.value_text(float(self.values()[at]))}")
        return "\n".join(lines)


def set_differs(ids: np.ndarray, model: vm.WatchlistModel) -> bool:
    """The rows that pass the filter are others than those that are drawn."""
    shown = np.zeros(len(model), np.bool_)
    shown[ids[ids < len(model)]] = True
    return not shown[model.order].all()


_made: dict[str, list[QColor]] = {}


def ramp(paint: Ink) -> list[QColor]:
    """From falling over none to rising, 2 SHADES + 1 colours."""
    name = paint.theme.name + paint.theme.up
    if name not in _made:
        down = [paint.mix("down", "raised", 0.12 + 0.68 * k / SHADES) for k in range(SHADES, 0, -1)]
        up = [paint.mix("up", "raised", 0.12 + 0.68 * k / SHADES) for k in range(1, SHADES + 1)]
        _made[name] = [*down, paint["raised"], *up]
    return _made[name]
