"""The command lines of our own child processes: one place, so that a frozen program starts them too."""

from __future__ import annotations

import sys


def program(*arguments: str) -> list[str]:
    """The command that runs PyroQuant itself with these arguments."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-m", "app", *arguments]
