"""Where the real market data for tests lies, and what to do when it is absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def root() -> Path | None:
    """The folder of shared data: PYROQUANT_SHARED, or `shared` beside the checkout; None when there is none."""
    named = os.environ.get("PYROQUANT_SHARED")
    candidates = [Path(named)] if named else [Path(__file__).resolve().parents[2] / "shared"]
    return next((c for c in candidates if (c / "data").is_dir()), None)


def data(relative: str) -> Path:
    """A file under data/ of the shared folder; skips the test with a reason when absent, fails in CI."""
    base = root()
    path = base / "data" / relative if base else None
    if path is not None and path.exists():
        return path
    reason = f"shared market data not found ({relative}); set PYROQUANT_SHARED to its folder"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
