"""The one place that loads strategies: the built-in ones by name, so that the engine never depends on what is in them,
and the person's own from their folder."""

from __future__ import annotations

import functools
import importlib
import threading
from collections.abc import Sequence

from engine.contracts.errors import BadInput, PyroError, did_you_mean
from engine.contracts.markets import Market
from engine.rules.context import WrongTimeframe
from engine.rules.strategy import Bound, Strategy, StrategyProgram, compile_strategies
from engine.runtime.folder import DataFolder
from engine.runtime.user_files import Stamp, UserFile, UserFolder

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


def _built_in_ids() -> list[str]:
    return [s.id for s in built_in()]


class _Own:
    """The person's folder and what was read from it last."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.folder: UserFolder | None = None
        self.stamps: tuple[Stamp, ...] | None = None
        self.files: list[UserFile] = []


_own = _Own()


def use_folder(folder: DataFolder | None) -> None:
    """The person's strategies of this data folder belong to this process from now on (None = none)."""
    _own.folder = UserFolder(folder.strategies, folder.cache, _built_in_ids) if folder else None
    _own.stamps, _own.files = None, []


def user_files() -> list[UserFile]:
    """The person's files as they are now; read again only when one of them changed. May run child processes."""
    with _own.lock:
        if _own.folder is not None and (stamps := _own.folder.stamps()) != _own.stamps:
            _own.files = _own.folder.read()
            _own.stamps = stamps
        return _own.files


def user_made() -> tuple[Strategy, ...]:
    """The strategies of the person's files that can be used."""
    return tuple(s for file in user_files() for s in file.strategies)


def every() -> tuple[Strategy, ...]:
    """Built-in strategies, then the person's own."""
    return (*built_in(), *user_made())


def strategy(strategy_id: str) -> Strategy:
    """The strategy with this id; BadInput with the closest name, or with the reason why its file was refused."""
    known = {s.id: s for s in built_in()}
    if strategy_id not in known:
        known |= {s.id: s for s in user_made()}
    if strategy_id not in known:
        refused = [f for f in user_files() if f.error and f.path.stem == strategy_id]
        if refused and (error := refused[0].error):
            raise BadInput(error.what, where=error.where, fix=error.fix)
        raise BadInput(
            f'"{strategy_id}" is not a strategy.{did_you_mean(strategy_id, known)}',
            fix="See: pyroquant strategies list",
        )
    return known[strategy_id]


def day_of(market: Market) -> str:
    """When a trading day of the market ends, as the rules have it."""
    return "utc" if market.day_tz == "UTC" else "new_york"


def market_programs(
    chosen: Sequence[Strategy | Bound], timeframes: Sequence[str], day: str = "utc", *, values: bool = False
) -> list[StrategyProgram]:
    """One program a timeframe, of these strategies with their parameters (defaults where not bound); on each without
    those that cannot run there. Without values, unless asked for: live lanes need conditions only."""
    return [compile_strategies(_bound(chosen, timeframe, day), values=values) for timeframe in timeframes]


def _bound(chosen: Sequence[Strategy | Bound], timeframe: str, day: str) -> list[Bound]:
    bounds = []
    for item in chosen:
        strategy, params = (item.strategy, item.params) if isinstance(item, Bound) else (item, None)
        try:
            bounds.append(strategy.bind(params, timeframe, day))
        except WrongTimeframe:
            continue
    return bounds
