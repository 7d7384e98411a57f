"""The first start ever: the big kernels are compiled in child processes, side by side, before the engine loads them.

So it takes half as long, the compiler's memory goes with the children, and a signal ends the engine at once meanwhile.
Nothing here loads a kernel.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from engine.clock import SYSTEM_CLOCK
from engine.runtime.folder import DataFolder
from engine.runtime.spawn import child

log = logging.getLogger(__name__)
#: modules that compile their kernels when imported, by child: about equal work
PARTS = ("engine.rules.machine", "engine.rules.kernels_prepare")
#: s without one more compilation after which the children are given up; the engine then compiles for itself. The
#: largest takes half a minute of a core's time, and the computer may be busy with other things
LONGEST_S = 300.0
#: s between two looks at the children
LOOK_S = 0.5
#: environment variable: the file to which a child counts
PROGRESS = "PYROQUANT_COMPILE_COUNT"
_COUNT = "compiling-"
#: compilations of all parts together, counted once; a share of it is shown, nothing depends on it
COMPILATIONS = 221


def compile_part(name: str) -> int:
    """What a child does: load one part, which leaves its kernels in numba's cache; a byte for each that is done goes
    to the file that the environment names."""
    if name in PARTS:
        if os.environ.get(PROGRESS):
            _count_compilations(Path(os.environ[PROGRESS]))
        importlib.import_module(name)
    return 0


def _count_compilations(file: Path) -> None:
    from numba.core import event

    class Count(event.Listener):
        def on_start(self, event: event.Event) -> None:
            pass

        def on_end(self, event: event.Event) -> None:
            with file.open("ab") as out:
                out.write(b".")

    event.register("numba:compile", Count())  # type: ignore[no-untyped-call]


def progress(folder: DataFolder) -> float:
    """How far the kernels are compiled on a first start, 0..1; -1 while nothing is compiled."""
    done = [file.stat().st_size for file in folder.cache.glob(f"{_COUNT}*") if file.exists()]
    return min(sum(done) / COMPILATIONS, 1.0) if done else -1.0


def compile_side_by_side(folder: DataFolder, run: Callable[[str], list[str]] | None = None) -> bool:
    """Fill numba's cache where this version of the kernels was never loaded here; whether there was anything to do.

    run: the command of a child for a part.
    """
    mark = folder.cache / "kernels"
    now = _state_of_kernels()
    if mark.exists() and mark.read_text(encoding="utf-8", errors="replace") == now:
        return False
    log.info("the kernels are compiled for this computer; this happens once for a version and takes about a minute")
    mark.parent.mkdir(parents=True, exist_ok=True)
    counts = [folder.cache / f"{_COUNT}{number}" for number, _part in enumerate(PARTS)]
    for count in counts:
        count.write_bytes(b"")
    children = [
        subprocess.Popen((run or _command)(part), stdin=subprocess.DEVNULL, env=os.environ | {PROGRESS: str(count)})
        for part, count in zip(PARTS, counts)
    ]
    try:
        done = _wait_for(children, folder)
    except KeyboardInterrupt:
        done = [1]
    finally:
        for child in children:
            if child.poll() is None:
                child.kill()
                child.wait()
        for count in counts:
            count.unlink(missing_ok=True)
    if any(done):
        log.warning("compiling beside the engine failed: it compiles for itself")
        return True
    mark.write_text(now, encoding="utf-8")
    return True


def _wait_for(children: list[subprocess.Popen[bytes]], folder: DataFolder) -> list[int]:
    """Exit codes; [1] when they no longer come further."""
    known, since = progress(folder), SYSTEM_CLOCK.monotonic_ns()
    while running := next((child for child in children if child.poll() is None), None):
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(LOOK_S)
        now = progress(folder)
        if now != known:
            known, since = now, SYSTEM_CLOCK.monotonic_ns()
        if (SYSTEM_CLOCK.monotonic_ns() - since) / 1e9 > LONGEST_S:
            return [1]
    return [child.returncode for child in children]


def _command(part: str) -> list[str]:
    return child("compile", part=part)


def _state_of_kernels() -> str:
    """Changes whenever numba would compile anew: other kernels, another Python, another place."""
    root = Path(__file__).resolve().parents[1]
    files = sorted(p for folder in ("indicators", "rules") for p in (root / folder).glob("*.py"))
    stamps = [f"{p.name} {p.stat().st_mtime_ns} {p.stat().st_size}" for p in files]
    return hashlib.blake2b("\n".join([sys.version, str(root), *stamps]).encode(), digest_size=16).hexdigest()
