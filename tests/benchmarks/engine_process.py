"""An engine as its own process, told its whole configuration: python -m tests.benchmarks.engine_process DIR JSON.

The loopback venue grants any request weight, and short histories are enough to begin the lanes: warming up is not what
is measured.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import msgspec

from engine.contracts.feed import VenueProtocol
from engine.feeds.budget import RestBudget
from engine.runtime import live
from engine.runtime.config import EngineConfig
from engine.runtime.engine import Engine
from engine.runtime.folder import DataFolder
from engine.venues.registry import protocol

KLINES = 240


class NoBudget(RestBudget):
    """Requests need not wait."""

    async def spend(self, weight: int, share: float = 1.0, *, patience_s: float = 0.0) -> None:
        return None


def generous(venue: str) -> VenueProtocol:
    spoken = protocol(venue)
    spoken.limits = msgspec.structs.replace(spoken.limits, klines_per_request=KLINES)
    return spoken


def main(folder: str, config: str) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    vars(live).update(protocol=generous, RestBudget=NoBudget)
    engine = Engine(DataFolder(Path(folder)), msgspec.json.decode(config, type=EngineConfig))
    return asyncio.run(engine.run())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
