"""Parameter sets that walk-forwards have found, live on their symbol and timeframe instead of the defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from engine.contracts.errors import BadInput, did_you_mean
from engine.contracts.markets import market, split_symbol
from engine.contracts.timeframes import timeframe_ms
from engine.contracts.walkforward import Promoted, WalkForwardResult, WalkResult
from engine.rules.context import WrongTimeframe
from engine.rules.strategy import Bound, LiveProgram, Strategy, StrategyProgram, compile_strategies
from engine.runtime.strategies import day_of, strategy

#: different parameter sets that one market can run beside the defaults
MOST_LIVE = 256
#: figures of a walk-forward that a promotion remembers
REMEMBERED = (
    "sharpe",
    "net_return",
    "max_drawdown",
    "trades",
    "luck",
    "dsr",
    "pbo",
    "efficiency",
    "profitable_windows",
)


class OwnPlan(NamedTuple):
    """What runs beside the built-in defaults: one program a timeframe, the person's own strategies first; and which
    symbols have which promoted sets. instead: by timeframe, (place in its program, or strategy id of the default that
    is silent) -> symbols."""

    programs: list[StrategyProgram]
    only: list[dict[int, frozenset[str]]]
    silent: list[dict[str, frozenset[str]]]

    def muted(
        self, timeframes: Sequence[str], symbols: Sequence[str], built_in: Sequence[LiveProgram]
    ) -> np.ndarray | None:
        """bool[bounds, lanes]: the outputs of a bound (numbered as the signals are: built-in ones, then these) that are
        not given on a lane; None where all are."""
        if not any(self.only):
            return None
        most = max(len(b.bounds) + len(o.bounds) for b, o in zip(built_in, self.programs))
        out = np.zeros((most, len(symbols) * len(timeframes)), np.bool_)
        names = np.array(symbols, object)
        for tf in range(len(timeframes)):
            lanes = np.arange(len(symbols)) * len(timeframes) + tf
            before = len(built_in[tf].bounds)
            everyone = [*built_in[tf].bounds, *self.programs[tf].bounds]
            for place, bound in enumerate(everyone):
                if place - before in self.only[tf]:
                    out[place, lanes] = ~np.isin(names, list(self.only[tf][place - before]))
                elif bound.strategy.id in self.silent[tf]:
                    out[place, lanes] = np.isin(names, list(self.silent[tf][bound.strategy.id]))
        return out


def plan(own: Sequence[Strategy], promoted: Sequence[Promoted], timeframes: Sequence[str], day: str) -> OwnPlan:
    """What to run on the markets of one day calendar. Promotions that no longer fit (a strategy that is gone, or has
    other parameters now) are left out."""
    programs, only, silent = [], [], []
    for timeframe in timeframes:
        bounds = [b for s in own if (b := _bound(s, None, timeframe, day)) is not None]
        symbols: dict[tuple[str, str], set[str]] = {}
        made: dict[tuple[str, str], Bound] = {}
        for item in promoted:
            if item.timeframe != timeframe or day_of(market(split_symbol(item.symbol)[0])) != day:
                continue
            bound = _known_bound(item, day)
            if bound is None:
                continue
            key = (item.strategy, bound.params_text)
            made[key] = bound
            symbols.setdefault(key, set()).add(item.symbol)
        first = len(bounds)
        bounds += made.values()
        programs.append(compile_strategies(bounds, values=False))
        only.append({first + k: frozenset(symbols[key]) for k, key in enumerate(made)})
        quiet: dict[str, set[str]] = {}
        for (name, _), where in symbols.items():
            quiet.setdefault(name, set()).update(where)
        silent.append({name: frozenset(where) for name, where in quiet.items()})
    return OwnPlan(programs, only, silent)


def _bound(chosen: Strategy, params: Mapping[str, float] | None, timeframe: str, day: str) -> Bound | None:
    try:
        return chosen.bind(params, timeframe, day)
    except WrongTimeframe:
        return None


def _known_bound(item: Promoted, day: str) -> Bound | None:
    try:
        return _bound(strategy(item.strategy), item.params, item.timeframe, day)
    except BadInput:
        return None


def checked(sets: Sequence[Promoted]) -> None:
    """BadInput for what cannot be made live."""
    if not sets:
        raise BadInput("Nothing is there to promote.", fix="Name strategies, or choose a run in which some passed.")
    for item in sets:
        market_id, name = split_symbol(item.symbol)
        if not market_id or not name:
            raise BadInput(f'"{item.symbol}" names no market.', fix="Write MARKET:NAME, as binance-spot:BTCUSDT.")
        timeframe_ms(item.timeframe)
        strategy(item.strategy).bind(item.params, item.timeframe, day_of(market(market_id)))
    for market_id in {split_symbol(item.symbol)[0] for item in sets}:
        different = {
            (item.strategy, item.timeframe, tuple(sorted(item.params.items())))
            for item in sets
            if split_symbol(item.symbol)[0] == market_id
        }
        if len(different) > MOST_LIVE:
            raise BadInput(
                f"{len(different)} different sets on {market_id} are more than {MOST_LIVE}, which can be live."
            )


def chosen_of(result: WalkForwardResult, walks: Sequence[WalkResult], strategies: Sequence[str]) -> list[Promoted]:
    """What the newest window of a walk-forward chose, of these strategies or of all that passed."""
    by_id = {walk.summary.strategy: walk for walk in walks}
    for name in strategies:
        if name not in by_id:
            raise BadInput(
                f'"{result.job}" has no walk of "{name}".{did_you_mean(name, by_id)}', fix="See: pyroquant walkforward"
            )
    wanted = list(strategies) or [row.strategy for row in result.rows if row.passed]
    if not wanted:
        raise BadInput(
            f"no strategy passed in {result.job}.", fix="Name the strategies that shall be live all the same."
        )
    found = []
    for name in wanted:
        walk = by_id[name]
        folds = [fold for fold in walk.folds if fold.chosen >= 0]
        if not folds:
            raise BadInput(f"no window of {name} chose a parameter set.", where=result.job)
        figures = {key: walk.summary.metrics[key] for key in REMEMBERED if key in walk.summary.metrics}
        found.append(
            Promoted(
                number=0,
                strategy=name,
                params=folds[-1].params,
                symbol=result.spec.symbol,
                timeframe=walk.summary.timeframe,
                since_ms=0,
                job=result.job,
                provenance=figures,
                note=walk.summary.words,
            )
        )
    return found
