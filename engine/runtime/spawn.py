"""The command lines of our own child processes: one place, so that a frozen program starts them too."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

ENGINE_LOG = "engine-start.log"
#: first argument of a process of our own
CHILD = "--child"


def program(*arguments: str) -> list[str]:
    """The command that runs PyroQuant itself with these arguments."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-m", "app", *arguments]


def child(kind: str, /, **told: object) -> list[str]:
    """The command of a process of our own, see app.children."""
    return program(CHILD, kind, msgspec.json.encode(told).decode())


class Given(NamedTuple):
    """What an engine that has to be started is told beside its folder. config: its settings file, '' = the usual one;
    sets: settings for this run."""

    config: str = ""
    sets: Mapping[str, str] = {}


def begin_engine(root: Path, logs: Path, demo: bool | None, given: Given | None) -> subprocess.Popen[bytes]:
    """An engine on this data folder, which ends some minutes after its last client left; its words go to its log."""
    given = given or Given()
    log = os.open(logs / ENGINE_LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        process = subprocess.Popen(
            child("engine", data=str(root), demo=demo, config=given.config, sets=given.sets),
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
