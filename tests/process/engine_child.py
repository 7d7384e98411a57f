"""Run by test_engine_kill: one engine on one folder, on a clock that runs with the simulated exchange's.

Argument: one JSON object, see Plan. Ends like the real one: code 0 on SIGTERM.
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import signal
import sys
from pathlib import Path

import msgspec

from engine.clock import SYSTEM_CLOCK
from engine.runtime.config import EngineConfig
from engine.runtime.engine import Engine
from engine.runtime.folder import DataFolder


class Plan(msgspec.Struct, frozen=True):
    """At the system's monotonic since_ns it is base_ms on the exchange, whose time runs `speed` times as fast."""

    folder: str
    config: EngineConfig
    base_ms: int
    since_ns: int
    speed: float


class FastClock:
    """Wall time as the exchange has it; durations as they are."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def now_ns(self) -> int:
        p = self._plan
        return p.base_ms * 1_000_000 + int((SYSTEM_CLOCK.monotonic_ns() - p.since_ns) * p.speed)

    def monotonic_ns(self) -> int:
        return SYSTEM_CLOCK.monotonic_ns()


def main() -> int:
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # the test asks for it when an engine does not get on
    faulthandler.register(signal.SIGUSR1)
    plan = msgspec.json.decode(sys.argv[1], type=Plan)
    return asyncio.run(Engine(DataFolder(Path(plan.folder)), plan.config, FastClock(plan)).run())


if __name__ == "__main__":
    sys.exit(main())
