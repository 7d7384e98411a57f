"""A screen for windows of the platform xcb: a person's own, or an X server of ours."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

SIZE = (1920, 1080)


@contextmanager
def display() -> Iterator[str]:
    """DISPLAY of the screen that is there, or of one made for this; FileNotFoundError where there is no Xvfb."""
    if os.environ.get("DISPLAY"):
        yield os.environ["DISPLAY"]
        return
    reading, writing = os.pipe()
    screen = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp"]
    try:
        server = subprocess.Popen(screen, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    finally:
        os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        assert number, "Xvfb gave no display"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(20)
