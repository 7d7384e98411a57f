"""The command lines of our own child processes: one place, so that a frozen program starts them too."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

ENGINE_LOG = "engine-start.log"


def program(*arguments: str) -> list[str]:
    """The command that runs PyroQuant itself with these arguments."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-m", "app", *arguments]


def begin_engine(root: Path, logs: Path, *, demo: bool | None, args: Sequence[str]) -> subprocess.Popen[bytes]:
    """An engine on this data folder, which ends some minutes after its last client left; its words go to its log."""
    flags = {True: ["--demo"], False: ["--no-demo"], None: []}[demo]
    log = os.open(logs / ENGINE_LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        process = subprocess.Popen(
            program("--headless", "--data", str(root), "--owned", *flags, *args),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=os.name == "posix",
        )
    finally:
        os.close(log)
    # one that is killed while nobody looks leaves no zombie behind
    threading.Thread(target=process.wait, name=f"engine {process.pid}", daemon=True).start()
    return process
