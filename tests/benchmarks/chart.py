"""Frame times of the chart: two overlays and two panes, 1600x900, the whole history of BTCUSDT from mapped files.

`value` is the limited figure: the worst p99 of panning and zooming with up to 5,000 bars in view, on any platform that
is measured (offscreen, and xcb where there is a display). Each platform is a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from tests.benchmarks.chart_data import SERIES, SYMBOL, Prepared

Figures = dict[str, Any]
LIMITS = {
    "pan": {"p50": 14, "p99": 30},
    "whole_history": {"p50": 25},
    "tick": {"p50": 8, "p99": 16},
    "crosshair": {"p50": 5},
    "open_ms": 300,
    "private_mb": 300,
}


def run() -> Figures:
    """All figures, ms; see LIMITS."""
    with tempfile.TemporaryDirectory() as folder:
        made = _child([sys.executable, "-m", "tests.benchmarks.chart_data", folder], dict(os.environ))
        (Path(folder) / "prepared.json").write_text(made)
        prepared = msgspec.json.decode(made, type=Prepared)
        out: Figures = {"data": prepared.data, "limits": LIMITS, "load": round(os.getloadavg()[0], 1)}
        platforms = ["offscreen", *(["xcb"] if os.environ.get("DISPLAY") else [])]
        for platform in platforms:
            env = dict(os.environ) | {"QT_QPA_PLATFORM": platform}
            out[platform] = json.loads(_child([sys.executable, "-m", "tests.benchmarks.chart", folder], env))
        out["engine"] = {"files_made_ms": prepared.cold_ms, "files_found_ms": prepared.warm_ms}
    moved = ("pan_300", "pan_3500", "pan_5000", "zoom")
    out["value"] = max(out[p][name]["p99_ms"] for p in platforms for name in moved)
    out["cpu_value"] = max(out[p][name]["cpu_p99_ms"] for p in platforms for name in moved)
    return out


def _child(command: list[str], env: dict[str, str]) -> str:
    return subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]


def measured(folder: Path) -> Figures:
    """Everything on this process's platform."""
    from PySide6.QtWidgets import QApplication

    from widgets import theme

    app = QApplication.instance() or QApplication([])
    theme.install(app, theme.DARK)  # type: ignore[arg-type]
    prepared = msgspec.json.decode((folder / "prepared.json").read_bytes(), type=Prepared)
    bench = _Bench(prepared)
    out = bench.frames()
    out |= {"private_mb": private_mb()}
    out["streaming"] = bench.streaming()
    bench.close()
    out["ratio"] = _peers(out, np.load(prepared.files.bars, mmap_mode="r"))
    return out


class _Bench:
    def __init__(self, prepared: Prepared) -> None:
        from engine.contracts.commands import Candles
        from engine.contracts.instruments import Instrument
        from widgets import theme
        from widgets.chart import indicators as ind
        from widgets.chart.panel import ChartPanel

        instrument = Instrument(
            market="binance-spot", name="BTCUSDT", base="BTC", quote="USDT", tick_size=0.01, lot_size=0.00001
        )
        last = np.array(np.load(prepared.files.bars, mmap_mode="r")[-1:])
        last["ts"] += 60_000
        self.last = last
        panel = self.panel = ChartPanel(theme.DARK, now_ms=lambda: int(last["ts"][0]) + 20_000)
        panel.set_indicators([*ind.DEFAULTS, ind.MACD])
        panel.resize(1600, 900)
        panel.show()
        turn()
        self.values = {name: last["close"].tobytes() for name in SERIES}
        reply = Candles(
            symbol=SYMBOL,
            timeframe="1m",
            bars=last.tobytes(),
            series=self.values,
            whole=True,
            history=prepared.files,
        )
        empty = private_mb()
        opened = []
        for _ in range(5):
            opened.append(timed(lambda: panel.set_chart(reply, instrument)))
            panel._symbol = ""
        panel._symbol = SYMBOL
        # the first opening has cold pages and caches; what the engine needs to find the files is part of it
        self.opened = {"open_ms": round(opened[0] + prepared.warm_ms, 1), "again_ms": round(min(opened[1:]), 1)}
        self.opened["empty_mb"] = empty

    def frames(self, count: int = 120) -> Figures:
        stack, out = self.panel.stack, dict(self.opened)

        def pan(number: int) -> None:
            stack.pan_by(-stack.time.visible_bars / 40 * (1 if number % 80 < 40 else -1))

        for visible in (300, 3_500, 5_000):
            self.look(visible)
            out[f"pan_{visible}"] = measure(pan, count)
        self.look(5_000)
        out["zoom"] = measure(lambda n: stack.zoom_by(1.15 if n % 40 < 20 else 1 / 1.15), count)
        self.look(300)
        stack.pan_by(-1_000_000)
        out["far_back"] = measure(lambda n: stack.pan_by(-7_777 if n % 2 else 5_555), count)
        self.look(300)
        out["tick"] = measure(self.tick, count)
        out["crosshair"] = measure(lambda n: stack.set_cursor(stack.price, 200 + n * 5, 200 + n), count)
        stack.clear_cursor()
        self.look(stack.count())
        out["whole_history"] = measure(pan, 40)
        return out

    def look(self, visible: int) -> None:
        stack = self.panel.stack
        stack.time.px_per_bar = stack.time.width / visible
        stack.time.to_latest(stack.count())
        stack.changed()

    def tick(self, number: int) -> None:
        from engine.contracts.events import Bars

        self.last["close"] *= 1.00001 if number % 2 else 0.99999
        event = Bars(chart="c", symbol=SYMBOL, timeframe="1m", bars=self.last.tobytes(), series=self.values)
        self.panel.update_bars(event)
        self.panel._repaint.flush()

    def streaming(self, seconds: float = 6.0) -> Figures:
        """The lag of the window's loop while 1,000 symbols stream at 20 Hz, a watchlist shows them at 10 Hz, the
        chart's last candle moves at 10 Hz, and a person drags the chart: ms that a timer of 2 ms is late."""
        from PySide6.QtCore import QElapsedTimer, QEventLoop, Qt, QTimer

        from tests.benchmarks import watchlist

        model, shown, price, rng = _watchlist()
        self.look(3_500)
        late: list[float] = []
        clock = QElapsedTimer()
        clock.start()
        before = [clock.nsecsElapsed()]

        def beat() -> None:
            now = clock.nsecsElapsed()
            late.append((now - before[0]) / 1e6 - 2.0)
            before[0] = now

        def quotes() -> None:
            price.__imul__(1 + rng.normal(0, 0.001, watchlist.ROWS))
            model.apply_quotes(watchlist._quotes(price, 1_790_000_000_000), 1_790_000_000_000)

        loop, number, timers = QEventLoop(), [0], []

        def drag() -> None:
            number[0] += 1
            self.panel.stack.pan_by(20.0 if number[0] % 80 < 40 else -20.0)

        for every, act in ((2, beat), (50, quotes), (100, shown.refresh), (100, lambda: self.tick(0)), (16, drag)):
            timer = QTimer()
            timer.setTimerType(Qt.TimerType.PreciseTimer)
            timer.timeout.connect(act)
            timer.start(every)
            timers.append(timer)
        QTimer.singleShot(int(seconds * 1000), loop.quit)
        began = time.process_time()
        loop.exec()
        busy = round((time.process_time() - began) / seconds * 100, 1)
        for timer in timers:
            timer.stop()
        shown.close()
        shown.deleteLater()
        said = {"worst_ms": round(max(late), 1), "cpu_percent": busy, "symbols": watchlist.ROWS, "seconds": seconds}
        return figures(late) | said

    def close(self) -> None:
        self.panel.close()
        self.panel.deleteLater()
        turn()


def _watchlist() -> tuple[Any, Any, np.ndarray, np.random.Generator]:
    from tests.benchmarks import watchlist
    from widgets.viewmodels.watchlist import WatchlistModel
    from widgets.watchlist import WatchlistPanel

    model = WatchlistModel()
    shown = WatchlistPanel(model, lambda: 1_790_000_000_000)
    shown.resize(430, 900)
    model.load([watchlist._instrument(k) for k in range(watchlist.ROWS)])
    rng = np.random.default_rng(5)
    shown.show()
    shown.reload()
    return model, shown, np.exp(rng.normal(3, 1.5, watchlist.ROWS)), rng


def _peers(ours: Figures, bars: np.ndarray) -> Figures:
    """Their frame times and their ratio to ours, on the same bars (fewer of them, where all would take minutes). Theirs
    are candles alone on a stock plot; ours are the whole chart."""
    from tests.benchmarks import chart_peers as peers

    out: Figures = {}
    ways: tuple[tuple[str, Callable[[np.ndarray], Any], int, int], ...] = (
        ("pyqtgraph_example", peers.ExampleItem, peers.EXAMPLE_BARS, 12),
        ("vnpy_way", peers.VnpyItem, peers.VNPY_BARS, 20),
    )
    for name, make, count, frames in ways:
        rows = np.array(bars[-count:])
        plot = peers.plot(make(rows))
        found: Figures = {"bars": count}
        for visible in (300, 5_000):

            def pan(number: int, visible: int = visible, plot: Any = plot, count: int = count) -> None:
                left = count - visible - number * visible / 40
                plot.setXRange(left, left + visible, padding=0)

            theirs = measure(pan, frames)
            found[f"pan_{visible}"] = theirs
            # of their own time, so that what else the machine does counts for neither
            found[f"ratio_{visible}"] = round(theirs["cpu_p50_ms"] / ours[f"pan_{visible}"]["cpu_p50_ms"], 1)
        out[name] = found
        plot.close()
        plot.deleteLater()
        turn()
    return out


def turn() -> None:
    from PySide6.QtWidgets import QApplication

    QApplication.processEvents()


def timed(action: Callable[[], object]) -> float:
    """ms from the action until every widget has painted."""
    from PySide6.QtCore import QElapsedTimer

    timer = QElapsedTimer()
    timer.start()
    action()
    turn()
    return timer.nsecsElapsed() / 1e6


def measure(action: Callable[[int], object], frames: int) -> dict[str, float]:
    """Of so many frames, after five that do not count. cpu: this process's own time, whatever else the machine does."""
    times, own = [], []
    for number in range(frames + 5):
        began = time.process_time()
        times.append(timed(lambda n=number: action(n)))
        own.append((time.process_time() - began) * 1e3)
    return figures(times[5:]) | {f"cpu_{name}": value for name, value in figures(own[5:]).items()}


def figures(times: list[float]) -> dict[str, float]:
    return {"p50_ms": round(float(np.percentile(times, 50)), 2), "p99_ms": round(float(np.percentile(times, 99)), 2)}


def private_mb() -> float:
    """Memory that this process alone has, mapped pages that nobody else looks at included; -1 where it is not told."""
    try:
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    except OSError:
        return -1.0
    return round(sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024, 1)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measured(Path(sys.argv[1]))) + "\n")
