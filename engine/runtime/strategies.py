"""The one place that loads strategies/: by name, so that the engine never depends on what is in it."""

from __future__ import annotations

import functools
import importlib

from engine.contracts.errors import BadInput, PyroError, did_you_mean
from engine.rules.strategy import Strategy

PACKAGE = "strategies"


@functools.cache
def built_in() -> tuple[Strategy, ...]:
    """All strategies of the package, by family module and then as they stand there; ids are unique."""
    found: tuple[Strategy, ...] = importlib.import_module(PACKAGE).load()
    ids = [s.id for s in found]
    doubled = {i for i in ids if ids.count(i) > 1}
    if doubled:
        raise PyroError(f"strategy ids are not unique: {', '.join(sorted(doubled))}", where=PACKAGE)
    return found


def every() -> tuple[Strategy, ...]:
    """Built-in strategies, then the user's."""
    return built_in()


def strategy(strategy_id: str) -> Strategy:
    """The strategy with this id; BadInput with the closest name."""
    known = {s.id: s for s in built_in()}
    if strategy_id not in known:
        raise BadInput(
            f'"{strategy_id}" is not a strategy.{did_you_mean(strategy_id, known)}',
            fix="See: pyroquant strategies list",
        )
    return known[strategy_id]
