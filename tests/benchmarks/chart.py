"""Frame times of the chart: three panes, 1600x900, 3.34 million one-minute bars. `value` is the limited figure."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QElapsedTimer
from PySide6.QtWidgets import QApplication

from engine.contracts.commands import Candles
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.events import Bars
from engine.contracts.instruments import Instrument
from widgets import theme
from widgets.chart import indicators as ind
from widgets.chart.panel import ChartPanel

BARS = 3_340_000
INSTRUMENT = Instrument(
    market="binance-spot", name="BTCUSDT", base="BTC", quote="USDT", tick_size=0.01, lot_size=0.00001
)


def walk(n: int) -> np.ndarray:
    """A random walk of n minutes; the same each time."""
    rng = np.random.default_rng(7)
    close = 30_000 * np.exp(np.cumsum(rng.normal(0, 3e-4, n)))
    bars = np.empty(n, CANDLE_DTYPE)
    bars["ts"] = 1_500_000_000_000 // 60_000 * 60_000 + np.arange(n, dtype=np.int64) * 60_000
    bars["close"], bars["open"] = close, np.concatenate((close[:1], close[:-1]))
    reach = np.abs(rng.normal(0, 2e-4, n)) * close
    bars["high"] = np.maximum(bars["open"], close) + reach
    bars["low"] = np.minimum(bars["open"], close) - reach
    bars["volume"] = rng.exponential(20, n)
    return bars


def mean(values: np.ndarray, n: int) -> np.ndarray:
    total = np.cumsum(values)
    out = np.full(len(values), np.nan)
    out[n - 1 :] = (total[n - 1 :] - np.concatenate(([0.0], total[:-n]))) / n
    return out


def panel_with(bars: np.ndarray) -> ChartPanel:
    """A shown panel with two overlays and two indicator panes; the lines stand in for the engine's values."""
    panel = ChartPanel(theme.DARK, now_ms=lambda: int(bars["ts"][-1]) + 20_000)
    panel.set_indicators([*ind.DEFAULTS, ind.MACD])
    panel.resize(1600, 900)
    panel.show()
    close = np.ascontiguousarray(bars["close"])
    fast, slow = mean(close, 20), mean(close, 50)
    swing = 50 + 25 * np.tanh((close - fast) / (1e-3 * close))
    gap = fast - slow
    series = {
        "SMA 20": fast,
        "SMA 50": slow,
        "RSI 14": swing,
        "MACD 12 26 9.line": gap,
        "MACD 12 26 9.signal": mean(np.nan_to_num(gap), 9),
        "MACD 12 26 9.histogram": gap - mean(np.nan_to_num(gap), 9),
    }
    panel.set_chart(
        Candles(
            symbol=INSTRUMENT.symbol,
            timeframe="1m",
            bars=bars.tobytes(),
            series={k: v.tobytes() for k, v in series.items()},
        ),
        INSTRUMENT,
    )
    QApplication.processEvents()
    return panel


def figures(times: list[float]) -> dict[str, float]:
    return {"p50_ms": round(float(np.percentile(times, 50)), 2), "p99_ms": round(float(np.percentile(times, 99)), 2)}


def measure(action: object, frames: int) -> dict[str, float]:
    """Times from the action until every widget has painted."""
    timer, times = QElapsedTimer(), []
    for number in range(frames + 5):
        timer.start()
        action(number)  # type: ignore[operator]
        QApplication.processEvents()
        if number >= 5:
            times.append(timer.nsecsElapsed() / 1e6)
    return figures(times)


def run(frames: int = 120) -> dict[str, object]:
    """Frame times in ms; value = worst p99 of panning with up to 5,000 bars in view."""
    app = QApplication.instance() or QApplication([])
    theme.install(app, theme.DARK)  # type: ignore[arg-type]
    bars = walk(BARS)
    panel = panel_with(bars)
    stack, last = panel.stack, bars[-1:].copy()
    out: dict[str, object] = {}

    def look(visible: int) -> None:
        stack.time.px_per_bar = stack.time.width / visible
        stack.time.to_latest(stack.count())
        stack.changed()

    def pan(number: int) -> None:
        stack.pan_by(-stack.time.visible_bars / 40 * (1 if number % 80 < 40 else -1))

    def tick(number: int) -> None:
        last["close"] *= 1.00001 if number % 2 else 0.99999
        values = {k: last["close"].tobytes() for k in ("SMA 20", "SMA 50")}
        panel.update_bars(Bars(chart="c", symbol=INSTRUMENT.symbol, timeframe="1m", bars=last.tobytes(), series=values))
        panel._repaint.flush()

    for visible in (300, 3_500, 5_000):
        look(visible)
        out[f"pan_{visible}"] = measure(pan, frames)
    look(300)
    out["tick"] = measure(tick, frames)
    out["crosshair"] = measure(lambda n: stack.set_cursor(stack.price, 200 + n * 5, 200 + n), frames)
    stack.clear_cursor()
    look(BARS)
    out["whole_history"] = measure(pan, 40)
    panel.close()
    panel.deleteLater()
    pans = [out[f"pan_{v}"] for v in (300, 3_500, 5_000)]
    out["value"] = max(p["p99_ms"] for p in pans)  # type: ignore[index]
    return out


if __name__ == "__main__":
    for name, figure in run().items():
        print(name, figure)
