"""For benchmarks: when the window reached a point of its start, in a file that the environment names."""

from __future__ import annotations

import os
from pathlib import Path

from engine.clock import SYSTEM_CLOCK

#: developer's switch: a file that gets a line "point wall-time", ns since the epoch, for each point
START_TRACE = "PYROQUANT_START_TRACE"


def wanted() -> bool:
    return bool(os.environ.get(START_TRACE))


def reached(point: str) -> None:
    """Write the point down; nothing happens without the switch."""
    name = os.environ.get(START_TRACE)
    if name:
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(f"{point} {SYSTEM_CLOCK.now_ns()}\n")
