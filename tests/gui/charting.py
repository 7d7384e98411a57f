"""What the chart's tests share: bars, a shown panel, and where things are on it."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from engine.contracts.commands import Candles
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.events import Bars
from engine.contracts.instruments import Instrument
from engine.contracts.signals import Signal
from widgets.chart.panel import ChartPanel
from widgets.theme import DARK

#: the offscreen platform says so about every window that has a smallest size
OFFSCREEN = pytest.mark.qt_log_ignore("propagateSizeHints")
START = 1_703_980_800_000  # 2023-12-31 00:00 UTC
MINUTE = 60_000


def instrument(tick: float = 0.01) -> Instrument:
    return Instrument(market="binance-spot", name="BTCUSDT", base="BTC", quote="USDT", tick_size=tick, lot_size=1e-5)


def bars(n: int, start: int = START, price: float = 100.0, spread: float = 0.01, seed: int = 1) -> np.ndarray:
    """n one-minute bars of a random walk whose steps are `spread` of the price."""
    rng = np.random.default_rng(seed)
    out = np.zeros(n, CANDLE_DTYPE)
    out["ts"] = start + np.arange(n, dtype=np.int64) * MINUTE
    close = price * np.exp(np.cumsum(rng.normal(0, spread, n)))
    out["close"] = close
    out["open"] = np.concatenate(([price], close[:-1]))[:n]
    out["high"] = np.maximum(out["open"], close) * (1 + spread / 2)
    out["low"] = np.minimum(out["open"], close) * (1 - spread / 2)
    out["volume"] = rng.exponential(10, n)
    return out


def candles(rows: np.ndarray, *, more: bool = False, timeframe: str = "1m", **series: np.ndarray) -> Candles:
    """As the engine replies; sma20=array stands for the series 'SMA 20'."""
    named = {"sma20": "SMA 20", "sma50": "SMA 50", "rsi": "RSI 14"}
    return Candles(
        symbol="binance-spot:BTCUSDT",
        timeframe=timeframe,
        bars=rows.tobytes(),
        series={named[k]: np.asarray(v, np.float64).tobytes() for k, v in series.items()},
        more=more,
    )


def event(rows: np.ndarray, **more: object) -> Bars:
    return Bars(chart="c", symbol="binance-spot:BTCUSDT", timeframe="1m", bars=rows.tobytes(), **more)  # type: ignore[arg-type]


def shown(qtbot: object, width: int = 1000, height: int = 640) -> ChartPanel:
    panel = ChartPanel(DARK)
    qtbot.addWidget(panel)  # type: ignore[attr-defined]
    panel.resize(width, height)
    panel.show()
    QApplication.processEvents()
    return panel


def loaded(qtbot: object, n: int = 600, *, more: bool = False, width: int = 1000) -> tuple[ChartPanel, np.ndarray]:
    """A shown panel with n bars; the lines are simple functions of the close, so that legends can be checked."""
    panel, rows = shown(qtbot, width), bars(n)
    lines = {"sma20": rows["close"] + 1, "sma50": rows["close"] - 1, "rsi": np.linspace(20, 80, n)}
    panel.set_chart(candles(rows, more=more, **lines), instrument())
    QApplication.processEvents()
    return panel, rows


def wheel(widget: QWidget, x: float, y: float, angle: int, modifiers: Qt.KeyboardModifier | None = None) -> None:
    at = QPointF(x, y)
    QApplication.sendEvent(
        widget,
        QWheelEvent(
            at,
            widget.mapToGlobal(at),
            QPoint(),
            QPoint(0, angle),
            Qt.MouseButton.NoButton,
            modifiers or Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        ),
    )
    QApplication.processEvents()


def image(widget: QWidget) -> QImage:
    QApplication.processEvents()
    return widget.grab().toImage()


def legend_text(panel: ChartPanel) -> str:
    return "  ".join(text for group in panel.stack.readout.price_groups() for text, _colour in group.pieces)


def signal_at(ts: int, side: str = "long", kind: str = "confirmed", strategy: str = "s") -> Signal:
    return Signal(
        strategy=strategy,
        version="v",
        params="",
        symbol="binance-spot:BTCUSDT",
        timeframe="1m",
        bar_ts=ts,
        side=side,
        action="entry",
        kind=kind,
        price=1.0,
        event_ms=0,
        received_ns=0,
        emitted_ns=0,
    )
