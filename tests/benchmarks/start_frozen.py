"""The same as `start`, with the frozen program: the folder that packaging/build.py made, or an installed package.

PYROQUANT_FROZEN names the program; else dist/pyroquant/pyroquant or the one on the PATH that is not ours is taken.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.benchmarks.harness import report
from tests.benchmarks.start import measure

ROOT = Path(__file__).resolve().parents[2]
PLACES = (ROOT / "dist" / "pyroquant" / "pyroquant", Path("/opt/pyroquant/pyroquant"))


def program() -> Path:
    named = os.environ.get("PYROQUANT_FROZEN")
    for place in (Path(named),) if named else PLACES:
        if place.is_file():
            return place
    raise SystemExit("There is no frozen program: run python packaging/build.py, or name it in PYROQUANT_FROZEN.")


def run() -> dict[str, Any]:
    """value: median s to the first live candle, warm."""
    figures = measure([str(program())])
    return report("start_frozen", figures["candle_s"], figures, "the same from source: the benchmark start")
