"""Process start to the first painted window, and to the first live candle on the chart, by the command a person gives.

The second is measured on a warm computer: the kernels are compiled, and the engine has its data folder.
"""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from engine.clock import SYSTEM_CLOCK
from tests.benchmarks.harness import report

RUNS, TIMEOUT_S = 5, 400.0
CANDLE_LIMIT_S = 3.0


def program() -> list[str]:
    return [sys.executable, "-m", "app"]


class Start:
    """One start on a data folder; `points` are s from the spawn to each point that was reached."""

    def __init__(self, command: list[str], data: Path, platform: str, until: str) -> None:
        trace = data.parent / "trace"
        trace.unlink(missing_ok=True)
        env = os.environ | {"QT_QPA_PLATFORM": platform, "PYROQUANT_START_TRACE": str(trace)}
        # as after any first start, whatever this shell says: what was imported once is there as byte code
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        env |= {"PYROQUANT_CONFIG": str(data.parent / "pyroquant.toml"), "XDG_CONFIG_HOME": str(data.parent)}
        (data.parent / "pyroquant.toml").touch()
        began = SYSTEM_CLOCK.now_ns()
        self.window = subprocess.Popen(
            [*command, "--data", str(data), "--demo"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.points: dict[str, float] = {}
        try:
            while until not in self.points:
                if self.window.poll() is not None or SYSTEM_CLOCK.now_ns() - began > TIMEOUT_S * 1e9:
                    raise RuntimeError(f"the window did not come to: {until}")
                time.sleep(0.005)
                if trace.exists():
                    rows = [line.split() for line in trace.read_text().splitlines()]
                    self.points = {r[0]: (int(r[1]) - began) / 1e9 for r in rows if len(r) == 2}
        finally:
            self.window.terminate()
            self.window.wait(60)
            _end_engine(data)


def _end_engine(data: Path) -> None:
    """The engine that the window may have started by then: it is ended before this returns."""
    for lock in (data / "engine.lock", data / "demo" / "engine.lock"):
        for _ in range(50):
            if lock.exists() and (text := lock.read_text().strip()):
                break
            time.sleep(0.02)
        else:
            continue
        try:
            os.kill(int(text), signal.SIGTERM)
            while True:
                os.kill(int(text), 0)
                time.sleep(0.05)
        except ProcessLookupError:
            continue


def platforms() -> list[str]:
    """Without a screen, and on an X server when there is one."""
    return ["offscreen", *(["xcb"] if os.environ.get("DISPLAY") and shutil.which("xdpyinfo") else [])]


def measure(command: list[str]) -> dict[str, Any]:
    """Medians and slowest of first paint and first candle, s, by window system."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        # the first start compiles, makes the folder and fills the file caches
        Start(command, data, "offscreen", "candle")
        for platform in platforms():
            runs = [Start(command, data, platform, "candle").points for _ in range(RUNS)]
            for point in ("painted", "candle"):
                taken = [r[point] for r in runs]
                figures[f"{platform}_{point}_s"] = round(statistics.median(taken), 3)
                figures[f"{platform}_{point}_slowest_s"] = round(max(taken), 3)
    figures["candle_s"] = max(v for k, v in figures.items() if k.endswith("candle_s"))
    figures["candle_limit_s"] = CANDLE_LIMIT_S
    return figures


def run() -> dict[str, Any]:
    """value: median s to the first paint on the slowest of the window systems that are here."""
    figures = measure(program())
    value = max(v for k, v in figures.items() if k.endswith("painted_s"))
    return report("start", value, figures, "numpy and the chart library alone take 1.3 s to load")
