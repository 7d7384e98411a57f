"""Two minutes of random clicks and keys on the real window with a real engine leave no exception and no Qt warning.

An hour of it, with the memory watched, is `python -m tests.monkey`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(600)
def test_two_minutes_of_anything_break_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.monkey", "--minutes", "2", "--seed", "7", "--data", str(tmp_path)]
    if not os.environ.get("DISPLAY") and not shutil.which("Xvfb"):
        pytest.skip("there is neither a screen nor Xvfb")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=580, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
