"""Two minutes of random clicks and keys on the real window with a real engine leave no exception and no Qt warning.

An hour of it, with the memory watched, is `python -m tests.monkey`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
@pytest.mark.timeout(600)
def test_two_minutes_of_anything_break_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.monkey", "--minutes", "2", "--seed", "7", "--data", str(tmp_path)]
    env = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=580, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
