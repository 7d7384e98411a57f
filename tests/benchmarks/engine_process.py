"""An engine as its own process, told its whole configuration: python -m tests.benchmarks.engine_process DIR JSON.

PYROQUANT_BENCH_SETS=n runs n parameter sets of every strategy instead of one, to see the load of more strategies than
there are. Warming up is not what is measured: the loopback venue grants any request weight, short histories are enough
to begin the lanes, and longer ones, which the venues' budgets spread over hours, are not fetched.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from pathlib import Path

import msgspec

from engine.contracts.errors import BadInput
from engine.contracts.feed import VenueProtocol
from engine.feeds.budget import RestBudget
from engine.rules.strategy import Bound
from engine.runtime import engine as engine_module
from engine.runtime import live, warmup
from engine.runtime.config import EngineConfig
from engine.runtime.engine import Engine
from engine.runtime.folder import DataFolder
from engine.runtime.own import programs_by_day
from engine.runtime.strategies import built_in
from engine.venues.registry import protocol

KLINES = 400


class NoBudget(RestBudget):
    """Requests need not wait."""

    async def spend(self, weight: int, share: float = 1.0, *, patience_s: float = 0.0) -> None:
        return None


def generous(venue: str) -> VenueProtocol:
    spoken = protocol(venue)
    spoken.limits = msgspec.structs.replace(spoken.limits, klines_per_request=KLINES)
    return spoken


def many(sets: int) -> list[Bound]:
    """Every strategy with its first parameters `sets` times, each a little larger than the one before."""
    made = []
    for strategy in built_in():
        for k in range(sets):
            params = {name: p.default + k for name, p in list(strategy.params.items())[:1]}
            with contextlib.suppress(BadInput):
                made.append(strategy.bind(params))
    return list({(b.strategy.id, b.params_text): b for b in made}.values())


def main(folder: str, config: str) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    vars(live).update(protocol=generous, RestBudget=NoBudget)
    vars(warmup).update(DEEPEST=0)
    if sets := int(os.environ.get("PYROQUANT_BENCH_SETS", "0")):
        vars(engine_module).update(programs_by_day=lambda _, config: programs_by_day(many(sets), config))
    engine = Engine(DataFolder(Path(folder)), msgspec.json.decode(config, type=EngineConfig))
    return asyncio.run(engine.run())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
