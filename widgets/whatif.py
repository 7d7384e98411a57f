"""The what-if bar below a chart: numbers of a strategy to drag, and what the back-test over the whole history says."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from engine.contracts.studio import Followed, Knob
from widgets.flow import Flow
from widgets.icons import icon
from widgets.ink import LEFT, RIGHT, ink, painting
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels.whatif import Cell, WhatIfModel

#: px of the mouse a step of a number
PX_A_STEP = 5.0


class KnobChip(QWidget):
    """A number to drag left and right. turned(value asked for, True at the end); a double click puts it back."""

    turned = Signal(float, bool)
    resetAsked = Signal()

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.knob, self.value = knob, knob.value
        self._press: tuple[float, float] | None = None
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(knob.title)
        grid = ", ".join(formats.trimmed(v) for v in knob.grid)
        tip = tr("Drag left or right; the wheel and the arrows turn it by a step, a double click puts it back.")
        self.setToolTip(tip + (f"\n{tr('Searched')}: {grid}" if grid else ""))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_value(self, value: float) -> None:
        if value != self.value:
            self.value = value
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(ink().font)
        widest = max((formats.trimmed(v) for v in (self.value, self.knob.value, self.knob.high)), key=len)
        wide = metrics.horizontalAdvance(self.knob.title) + QFontMetrics(ink().bold).horizontalAdvance(widest)
        return QSize(wide + 44, 26)

    minimumSizeHint = sizeHint

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = event.position().x(), self.value
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is not None:
            self.turned.emit(self._asked(event), False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._press is not None:
            asked = self._asked(event)
            self._press = None
            self.turned.emit(asked, True)
            self.update()

    def _asked(self, event: QMouseEvent) -> float:
        assert self._press is not None
        start, value = self._press
        return value + round((event.position().x() - start) / PX_A_STEP) * self.knob.step

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._press = None
        self.resetAsked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.turned.emit(self.value + (1 if event.angleDelta().y() > 0 else -1) * self.knob.step, True)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1}
        steps |= {Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        key = Qt.Key(event.key())
        if key in steps:
            self.turned.emit(self.value + steps[key] * self.knob.step, True)
        elif key == Qt.Key.Key_Home:
            self.resetAsked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint, knob = ink(), self.knob
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            hot = self._press is not None or self.hasFocus()
            painter.setPen(paint["accent" if hot else "border"])
            painter.setBrush(paint["raised"])
            painter.drawRoundedRect(box, 4, 4)
            span = knob.high - knob.low
            # small numbers have most of the way: their square root is drawn
            at = ((self.value - knob.low) / span) ** 0.5 if span > 0 and self.value > knob.low else 0.0
            was = ((knob.value - knob.low) / span) ** 0.5 if span > 0 and knob.value > knob.low else 0.0
            room = box.width() - 8
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(paint["accent"])
            painter.drawRect(QRectF(4, self.height() - 4, room * min(at, 1.0), 2))
            painter.setBrush(paint["dim"])
            painter.drawRect(QRectF(3 + room * min(was, 1.0), self.height() - 6, 1.5, 5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            self._paint_words(painter)

    def _paint_words(self, painter: QPainter) -> None:
        paint = ink()
        changed = self.value != self.knob.value
        box = self.rect().adjusted(8, -1, -8, -2)
        painter.setFont(paint.font)
        painter.setPen(paint["dim"])
        painter.drawText(box, LEFT, self.knob.title)
        painter.setPen(paint["accent" if changed else "text"])
        painter.setFont(paint.bold)
        painter.drawText(box.adjusted(0, 0, -12, 0), RIGHT, formats.trimmed(self.value))
        painter.setPen(paint["faint"])
        painter.setFont(paint.font)
        painter.drawText(box, RIGHT, "↔")


class MiniCurve(QWidget):
    """The equity as it was, grey, and as it would have been."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.before = self.now = (np.empty(0), np.empty(0))
        self.setMinimumSize(150, 56)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Equity"))

    def show_curves(self, before: Followed | None, now: Followed | None) -> None:
        self.before, self.now = _points(before), _points(now)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint = ink()
        with painting(self) as painter:
            painter.fillRect(self.rect(), paint["pane"])
            y = np.concatenate([self.before[1], self.now[1]])
            t = np.concatenate([self.before[0], self.now[0]])
            if len(y) < 2:
                return
            # by ratio, as long as nothing is lost altogether
            shape = np.log if y.min() > 1e-3 * y.max() else np.asarray
            y = shape(y)
            low, high = float(y.min()), float(y.max())
            first, last = float(t.min()), float(t.max())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            start = float(shape(self.now[1][:1])[0]) if len(self.now[1]) else 0.0
            wide, tall = self.width() - 2, self.height() - 8

            def place(ts: np.ndarray, value: np.ndarray) -> QPolygonF:
                x = 1 + (ts - first) / max(last - first, 1) * wide
                up = 4 + (high - shape(value)) / max(high - low, 1e-12) * tall
                return QPolygonF([QPointF(a, b) for a, b in zip(x.tolist(), up.tolist())])

            base = 4 + (high - start) / max(high - low, 1e-12) * tall
            painter.setPen(QPen(paint["grid_strong"], 1, Qt.PenStyle.DashLine))
            painter.drawLine(0, round(base), self.width(), round(base))
            for (ts, value), token in ((self.before, "benchmark"), (self.now, "up" if _gain(self.now[1]) else "down")):
                painter.setPen(QPen(paint[token], 1))
                painter.drawPolyline(place(ts, value))


def _points(answer: Followed | None) -> tuple[np.ndarray, np.ndarray]:
    if answer is None:
        return np.empty(0), np.empty(0)
    return np.frombuffer(answer.equity_ts, np.int64).astype(np.float64), np.frombuffer(answer.equity, np.float64)


def _gain(equity: np.ndarray) -> bool:
    return len(equity) > 0 and bool(equity[-1] >= equity[0])


class _Figures(QWidget):
    """Figures side by side, each over what it changed by."""

    WIDE = 98

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells: list[Cell] = []
        self.setMinimumHeight(52)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(6 * self.WIDE, 52)

    def minimumSizeHint(self) -> QSize:
        return QSize(3 * self.WIDE, 52)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint = ink()
        with painting(self) as painter:
            for k, cell in enumerate(self.cells):
                x = k * self.WIDE
                if x + self.WIDE > self.width() + 8:
                    break
                for top, font, token, text in (
                    (0, paint.small, "dim", cell.title),
                    (16, paint.bold, "text", cell.value),
                    (34, paint.small, cell.token, cell.change),
                ):
                    painter.setFont(font)
                    painter.setPen(paint[token])
                    painter.drawText(QRect(x, top, self.WIDE - 6, 17), LEFT, text)


class WhatIfBar(QWidget):
    """turned(key, value, at the end), resetAsked(), keepAsked(), closed()."""

    turned = Signal(str, float, bool)
    resetAsked = Signal(str)
    keepAsked = Signal()
    closed = Signal()
    anchorAsked = Signal()

    def __init__(self, model: WhatIfModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.chips: dict[str, KnobChip] = {}
        self.setObjectName("whatif")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(
            f"QWidget#whatif {{ background: {ink()['panel'].name()}; border-top: 1px solid {ink()['accent'].name()}; }}"
        )
        self.title = QLabel()
        self.title.setFont(ink().bold)
        self.said = QLabel()
        self.said.setStyleSheet(f"color: {ink()['dim'].name()};")
        for label in (self.title, self.said):
            label.setMinimumWidth(0)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.keep = QPushButton(tr("Keep as run"))
        self.keep.setProperty("outlined", True)
        self.keep.setToolTip(tr("Run it once more with every figure, and keep it among the runs"))
        self.reset = QPushButton(tr("Put back"))
        self.reset.setProperty("outlined", True)
        self.to_trade = QToolButton(text=tr("Newest trade"), toolTip=tr("Go to the trade whose levels are shown"))
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("close"))
        self.close_button.setToolTip(tr("Close what-if (Escape)"))
        self.figures, self.curve = _Figures(), MiniCurve()
        self._chip_row = Flow(spacing=4)
        self._build()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.title, 3)
        head.addWidget(self.said, 2)
        for widget in (self.to_trade, self.reset, self.keep, self.close_button):
            head.addWidget(widget)
        body = QHBoxLayout()
        body.setSpacing(10)
        body.addWidget(self.figures)
        body.addWidget(self.curve, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 5, 8, 6)
        box.setSpacing(5)
        box.addLayout(head)
        box.addWidget(self._chip_row)
        box.addLayout(body)
        self.keep.clicked.connect(self.keepAsked)
        self.reset.clicked.connect(lambda: self.resetAsked.emit(""))
        self.close_button.clicked.connect(self.closed)
        self.to_trade.clicked.connect(self.anchorAsked)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a small chart of a grid words give way to the buttons that are needed."""
        super().resizeEvent(event)
        self.to_trade.setVisible(event.size().width() >= 480)

    def begin(self, title: str) -> None:
        """Another run: its knobs come with the first answer."""
        self.title.setText(tr("What if  ·  {title}").format(title=title))
        self._chip_row.clear()
        self.chips.clear()
        self.figures.cells = []
        self.curve.show_curves(None, None)
        self.say(tr("running over the whole history"))
        self._buttons()

    def say(self, text: str, token: str = "dim") -> None:
        self.said.setStyleSheet(f"color: {ink()[token].name()};")
        self.said.setText(text)

    def show_values(self) -> None:
        """The numbers as they are turned now, before the run has followed."""
        for knob in self.model.knobs:
            if knob.key not in self.chips:
                self._add(knob)
            self.chips[knob.key].show_value(self.model.value(knob.key))
        self._buttons()

    def show_answer(self) -> None:
        """The newest answer of the model."""
        now = self.model.now
        if now is None:
            return
        self.show_values()
        self.figures.cells = self.model.cells()
        self.figures.update()
        self.curve.show_curves(self.model.base if self.model.turned else None, now)
        self.say(tr("{bars} bars in {ms}").format(bars=f"{now.bars:,}", ms=formats.milliseconds(now.ms)))

    def _buttons(self) -> None:
        turned = self.model.turned
        self.reset.setEnabled(turned)
        self.keep.setEnabled(self.model.now is not None)
        self.to_trade.setEnabled(self.model.anchor is not None)

    def _add(self, knob: Knob) -> None:
        chip = KnobChip(knob)
        chip.turned.connect(lambda value, end, key=knob.key: self.turned.emit(key, value, end))
        chip.resetAsked.connect(lambda key=knob.key: self.resetAsked.emit(key))
        self.chips[knob.key] = chip
        self._chip_row.addWidget(chip)
        chip.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
