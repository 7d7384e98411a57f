"""The scripted tour of the window: `pytest --long tests/tour`. PYROQUANT_TOUR=FOLDER keeps its pictures.

It runs in a process of its own on the platform xcb, as every other window of the tests is one without a screen; where
there is no DISPLAY it starts an X server for itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.screen import display
from tests.shared import data

STEPS = Path(__file__).with_name("walk.py")
#: s for all steps; on a quiet machine they take five minutes
MOST = 2400


@pytest.mark.long
@pytest.mark.shared
@pytest.mark.timeout(MOST + 60)
def test_the_first_day_of_a_person(tmp_path: Path) -> None:
    data("candles/binance-spot/BTCUSDT/1m.parquet")
    pictures = Path(os.environ.get("PYROQUANT_TOUR") or tmp_path / "pictures")
    if not os.environ.get("DISPLAY") and not shutil.which("Xvfb"):
        pytest.skip("there is neither a screen nor Xvfb")
    with display() as screen:
        child = os.environ | {"DISPLAY": screen, "QT_QPA_PLATFORM": "xcb", "PYROQUANT_TOUR": str(pictures)}
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", str(STEPS)]
        done = subprocess.run(command, env=child, capture_output=True, text=True, timeout=MOST, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert len(list(pictures.glob("*.png"))) >= 30
