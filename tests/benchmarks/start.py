"""Process start to the first painted window, by the whole command a person gives."""

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

RUNS, TIMEOUT_S = 5, 30.0


def first_paint_s(platform: str) -> float:
    """Seconds from spawn to paint; the window and the engine that it starts are ended before this returns."""
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "painted"
        env = os.environ | {"QT_QPA_PLATFORM": platform, "PYROQUANT_START_TRACE": str(trace)}
        data = Path(folder) / "data"
        began = SYSTEM_CLOCK.now_ns()
        window = subprocess.Popen(
            [sys.executable, "-m", "app", "--data", str(data), "--demo"],
            env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            while not (trace.exists() and trace.read_text()):
                if window.poll() is not None or SYSTEM_CLOCK.now_ns() - began > TIMEOUT_S * 1e9:
                    raise RuntimeError("the window did not paint")
                time.sleep(0.005)
            return (int(trace.read_text()) - began) / 1e9
        finally:
            window.terminate()
            window.wait(TIMEOUT_S)
            _end_engine(data)


def _end_engine(data: Path) -> None:
    """The engine that the window may have started by then."""
    lock = data / "engine.lock"
    for _ in range(100):
        if lock.exists() and (text := lock.read_text().strip()):
            pid = int(text)
            break
        time.sleep(0.02)
    else:
        return
    try:
        os.kill(pid, signal.SIGTERM)
        while True:
            os.kill(pid, 0)
            time.sleep(0.05)
    except ProcessLookupError:
        return


def platforms() -> list[str]:
    """Without a screen, and on an X server when there is one."""
    return ["offscreen", *(["xcb"] if os.environ.get("DISPLAY") and shutil.which("xdpyinfo") else [])]


def run() -> dict[str, Any]:
    """value: median s of the slowest of the window systems that are here."""
    figures: dict[str, Any] = {}
    for platform in platforms():
        first_paint_s(platform)
        taken = [first_paint_s(platform) for _ in range(RUNS)]
        figures[f"{platform}_s"] = round(statistics.median(taken), 3)
        figures[f"{platform}_slowest_s"] = round(max(taken), 3)
    value = max(v for k, v in figures.items() if not k.endswith("slowest_s"))
    return report("start", value, figures, "numpy and the chart library alone take 1.3 s to load")
