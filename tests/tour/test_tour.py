"""The scripted tour of the window: `pytest --long tests/tour`. PYROQUANT_TOUR=FOLDER keeps its pictures.

It runs in a process of its own on the platform xcb, as every other window of the tests is one without a screen; where
there is no DISPLAY it starts an X server for itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.shared import data
from tests.tour.driver import SIZE

STEPS = Path(__file__).with_name("walk.py")
#: s for all steps; on a quiet machine they take five minutes
MOST = 2400


@contextmanager
def display() -> Iterator[str]:
    """The screen that is there, or one that is made for this."""
    if os.environ.get("DISPLAY"):
        yield os.environ["DISPLAY"]
        return
    reading, writing = os.pipe()
    screen = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp"]
    try:
        server = subprocess.Popen(screen, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        pytest.skip("there is neither a screen nor Xvfb")
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


@pytest.mark.long
@pytest.mark.shared
@pytest.mark.timeout(MOST + 60)
def test_the_first_day_of_a_person(tmp_path: Path) -> None:
    data("candles/binance-spot/BTCUSDT/1m.parquet")
    pictures = Path(os.environ.get("PYROQUANT_TOUR") or tmp_path / "pictures")
    with display() as screen:
        child = os.environ | {"DISPLAY": screen, "QT_QPA_PLATFORM": "xcb", "PYROQUANT_TOUR": str(pictures)}
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", str(STEPS)]
        done = subprocess.run(command, env=child, capture_output=True, text=True, timeout=MOST, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert len(list(pictures.glob("*.png"))) >= 30
