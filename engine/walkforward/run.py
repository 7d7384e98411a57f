"""One strategy through all windows: parameters chosen in train alone, the test part touched once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from engine.backtest import onepass
from engine.backtest.conventions import NAN, Curve, ratio
from engine.backtest.data import BarData, Window
from engine.backtest.metrics import metrics
from engine.backtest.realism import NOTHING, Known
from engine.backtest.run import Conditions, conditions
from engine.contracts.backtests import BacktestSpec
from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.instruments import Instrument
from engine.contracts.markets import Market
from engine.contracts.timeframes import timeframe_ms
from engine.contracts.walkforward import FoldResult, SearchSpec, WalkResult, WalkSummary
from engine.rules.strategy import Strategy, params_text
from engine.signals.history import Stream
from engine.walkforward import objectives
from engine.walkforward.choice import Grid, choose, grid_of
from engine.walkforward.overfitting import probability_of_overfitting
from engine.walkforward.search import optuna_search
from engine.walkforward.sets import Params, space
from engine.walkforward.stability import efficiency, largest_share, profitable_share, steadiness
from engine.walkforward.windows import Fold

#: figures of a fold that are shown
SHOWN = ("sharpe", "total_return", "max_drawdown", "profit_factor", "trades")
DAY_MS = 86_400_000


class Ground(NamedTuple):
    """What all strategies of one timeframe share. spec: costs and sizes; its strategy and range are of no matter.
    known: what is kept of the symbol beside its bars. rates: the last settled funding known at each bar's close.
    rounded: quantities are rounded to the lot, and orders have a smallest size."""

    data: BarData
    folds: Sequence[Fold]
    spec: BacktestSpec
    instrument: Instrument
    market: Market
    day: str
    known: Known = NOTHING
    rates: np.ndarray | None = None
    rounded: bool = False

    @property
    def timeframe(self) -> str:
        return self.data.timeframe

    @property
    def cash(self) -> float:
        return float(self.spec.sizing.cash)


class Walked(NamedTuple):
    """One strategy done. walk: its verdict is still to come, since it needs all trials. stitched: float64[d], days:
    int64[d] ms. whole: float64[sets, days], each set's daily returns over the whole range. keys: uint64[sets].
    reason: as of onepass.WindowSeries; sentences: what was assumed of costs and sizes."""

    walk: WalkResult
    stitched: np.ndarray
    days: np.ndarray
    whole: np.ndarray
    keys: np.ndarray
    reason: str
    sentences: list[str]


def walk_strategy(
    strategy: Strategy,
    sets: Sequence[Params],
    ground: Ground,
    search: SearchSpec,
    cancelled: Callable[[], bool] | None = None,
) -> Walked:
    """Every set in every window, the choice in train, and what the chosen ones made of the test parts.

    sets: the parameter sets to try, all of the strategy; a guided search finds its own, in each train part for itself.
    BadInput: a set that cannot be bound, an objective that cannot be read.
    """
    goal = objectives.objective(search.objective)
    made = made_under(strategy, ground)
    allowed = None
    if search.method == "optuna":
        sets, allowed = _guided(strategy, ground, search, goal, made, cancelled)
    series = simulate(strategy, sets, ground, windows_of(ground.folds), made, cancelled)
    count = len(ground.folds)
    figures = figures_of(series, ground)
    values = goal.values(figures, 0)
    fit = goal.values(figures, search.min_trades)[:, :count]
    if allowed is not None:
        fit = np.where(allowed, fit, NAN)
    grid = grid_of(sets, {name: p.default for name, p in strategy.params.items()})
    chosen = choose(fit, grid, search.choice)
    return assemble(strategy, sets, ground, series, figures, values, fit, chosen, grid, made)


def _guided(
    strategy: Strategy,
    ground: Ground,
    search: SearchSpec,
    goal: objectives.Objective,
    made: Conditions,
    cancelled: Callable[[], bool] | None,
) -> tuple[list[Params], np.ndarray]:
    """(every set that was tried in any train part, bool[sets, folds]: in which): no train part knows of another."""
    where = space(strategy, search)
    found: dict[tuple[float, ...], int] = {}
    sets: list[Params] = []
    tried: list[tuple[int, int]] = []
    for fold, place in enumerate(ground.folds):
        window = np.array([(place.train, place.train_stop)], np.int64)

        def evaluate(asked: Sequence[Params], window: np.ndarray = window) -> np.ndarray:
            figures = figures_of(simulate(strategy, asked, ground, window, made, cancelled), ground, window)
            return goal.values(figures, search.min_trades)[:, 0]

        for params in optuna_search(where, evaluate, search.samples, search.seed + fold, cancelled=cancelled)[0]:
            key = tuple(params.values())
            if key not in found:
                found[key] = len(sets)
                sets.append(params)
            tried.append((found[key], fold))
    allowed = np.zeros((len(sets), len(ground.folds)), np.bool_)
    allowed[tuple(np.array(tried).T)] = True
    return sets, allowed


def simulate(
    strategy: Strategy,
    sets: Sequence[Params],
    ground: Ground,
    windows: np.ndarray,
    made: Conditions,
    cancelled: Callable[[], bool] | None = None,
) -> onepass.WindowSeries:
    """The pass over these windows (int64[w, 2], bars). made: costs, sizes and funding of its runs."""
    spec = onepass.PassSpec(
        data=ground.data,
        bounds=[strategy.bind(params, ground.timeframe, ground.day) for params in sets],
        terms=made.terms if ground.rounded else onepass.one_pass_terms(made.terms),
        cash=ground.cash,
        market=ground.market,
        windows=windows,
        funding=made.events,
        rates=ground.rates,
        more=made.more,
    )
    return onepass.walk(spec, cancelled=cancelled)


def made_under(strategy: Strategy, ground: Ground) -> Conditions:
    """Costs, sizes and funding of the strategy's runs; BadInput where it cannot be sized so."""
    whole = Window(0, len(ground.data.bars) - 1)
    bound = strategy.bind(None, ground.timeframe, ground.day)
    return conditions(ground.spec, ground.data, whole, Stream(bound), ground.instrument, ground.market, ground.known)


def windows_of(folds: Sequence[Fold]) -> np.ndarray:
    """int64[2 f, 2]: all train parts, then all test parts."""
    return np.array([(f.train, f.train_stop) for f in folds] + [(f.test, f.stop) for f in folds], np.int64)


def figures_of(series: onepass.WindowSeries, ground: Ground, windows: np.ndarray | None = None) -> objectives.Figures:
    """The figures of every set in every window of the series (those of the folds where not given)."""
    windows = windows_of(ground.folds) if windows is None else windows
    sets, width = series.returns.shape
    offsets = np.arange(sets, dtype=np.int64)[:, None] * width + series.offsets[None, :-1]
    return objectives.figures(
        series.returns.ravel(),
        np.diff(series.offsets),
        spans_of(ground, windows),
        series.trades,
        series.sums,
        ground.market.days_per_year,
        np.ascontiguousarray(offsets),
    )


def assemble(
    strategy: Strategy,
    sets: Sequence[Params],
    ground: Ground,
    series: onepass.WindowSeries,
    figures: objectives.Figures,
    values: np.ndarray,
    fit: np.ndarray,
    chosen: np.ndarray,
    grid: Grid,
    made: Conditions,
) -> Walked:
    """What is told of a strategy once the sets are chosen. values: float64[sets, 2 f], fit: [sets, f]; chosen: [f]."""
    count = len(ground.folds)
    stitched, days, gone = _stitched(series, chosen, count)
    folds = [_fold(ground, sets, figures, values, chosen, number) for number in range(count)]
    figured = _metrics(ground, series, figures, chosen, stitched, gone)
    figured |= _lasting(ground, figures, chosen, grid)
    figured["pbo"] = probability_of_overfitting(series.whole, ground.market.days_per_year).pbo
    figured["whole_days"] = series.whole.shape[1]
    figured = {name: float(value) for name, value in figured.items()}
    walk = WalkResult(
        summary=WalkSummary(
            strategy=strategy.id, timeframe=ground.timeframe, sets=len(sets), windows=count, metrics=figured
        ),
        folds=folds,
        sets=[dict(params) for params in sets],
        day_ms=days.astype("<i8").tobytes(),
        returns=stitched.astype("<f8").tobytes(),
        values=np.ascontiguousarray(fit.T).astype("<f8").tobytes(),
        test_values=np.ascontiguousarray(values[:, count:].T).astype("<f8").tobytes(),
    )
    return Walked(
        walk,
        stitched,
        days,
        series.whole,
        set_keys(sets),
        series.reason,
        made.sentences,
    )


def set_keys(sets: Sequence[Params]) -> np.ndarray:
    """uint64[n]: a hash of each set, the same for the same names and numbers."""
    digests = (hashlib.blake2b(params_text(params).encode(), digest_size=8).digest() for params in sets)
    return np.array([int.from_bytes(d, "little") for d in digests], np.uint64)


def _stitched(series: onepass.WindowSeries, chosen: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, bool]:
    """(daily returns of the test parts one after the other, their days, whether the equity was ever gone)."""
    parts, days = [], []
    for fold, number in enumerate(chosen.tolist()):
        at = slice(series.offsets[count + fold], series.offsets[count + fold + 1])
        days.append(series.day_ts[at])
        parts.append(series.returns[number, at] if number >= 0 else np.zeros(len(days[-1])))
    returns = np.concatenate(parts)
    lost = np.isnan(returns)
    gone = bool(lost.any())
    if gone:
        # the account ends on the first such day; the windows after it are no longer reached
        first = int(lost.argmax())
        returns = returns.copy()
        returns[first], returns[first + 1 :] = -1.0, 0.0
    return returns, np.concatenate(days), gone


def _fold(
    ground: Ground,
    sets: Sequence[Params],
    figures: objectives.Figures,
    values: np.ndarray,
    chosen: np.ndarray,
    number: int,
) -> FoldResult:
    fold, best, count = ground.folds[number], int(chosen[number]), len(ground.folds)
    ts = ground.data.bars["ts"]
    end = int(ts[-1]) + 1 if fold.stop == len(ts) else int(ts[fold.stop])
    times = {
        "train_from_ms": int(ts[fold.train]),
        "train_to_ms": int(ts[fold.train_stop]),
        "test_from_ms": int(ts[fold.test]),
        "test_to_ms": end,
    }
    if best < 0:
        note = "no parameter set had enough trades in the train part; the test part stays in cash"
        return FoldResult(**times, chosen=-1, params={}, value=NAN, train={}, test={}, note=note)
    train = {name: float(figures[name][best, number]) for name in SHOWN}
    test = {name: float(figures[name][best, count + number]) for name in SHOWN}
    note = "no trade in the test part" if test["trades"] == 0 else ""
    return FoldResult(
        **times,
        chosen=best,
        params=dict(sets[best]),
        value=float(values[best, number]),
        train=train,
        test=test,
        note=note,
    )


def _metrics(
    ground: Ground,
    series: onepass.WindowSeries,
    figures: objectives.Figures,
    chosen: np.ndarray,
    stitched: np.ndarray,
    gone: bool,
) -> dict[str, float]:
    """Figures of the stitched test parts."""
    count, folds = len(ground.folds), ground.folds
    at = np.flatnonzero(chosen >= 0)
    sums = series.sums[chosen[at], count + at]
    # money of each window in units of the cash that the stitched account had at its start
    growth = np.array([np.prod(1.0 + series.of(count + f)[chosen[f]]) if chosen[f] >= 0 else 1.0 for f in range(count)])
    start = np.concatenate([[1.0], np.cumprod(np.nan_to_num(growth))[:-1]])[at]
    profit, loss = (start * sums[:, onepass.GROSS_PROFIT]).sum(), (start * sums[:, onepass.GROSS_LOSS]).sum()
    trades = int(series.trades[chosen[at], count + at].sum())
    ts = ground.data.bars["ts"]
    first, last = folds[0].test, folds[-1].stop - 1
    span = (int(ts[last]) - int(ts[first]) + ground.data.minute_length) / DAY_MS
    equity = ground.cash * np.concatenate([[1.0], np.cumprod(1.0 + stitched)])
    curve = Curve(equity=equity, span_days=span, pnl=np.empty(0), days_per_year=ground.market.days_per_year)
    plain = metrics(curve, np.empty(0, TRADE_DTYPE))
    wanted = ("sharpe", "sortino", "cagr", "calmar", "max_drawdown", "total_return", "volatility", "days")
    out = {name: plain[name] for name in wanted}
    out["net_return"] = out.pop("total_return")
    out |= {
        "trades": float(trades),
        "profit_factor": ratio(profit, loss),
        "win_rate": float(sums[:, onepass.WINS].sum()) / trades if trades else NAN,
        "exposure": min(float(sums[:, onepass.BARS_HELD].sum()) / max(last + 1 - first, 1), 1.0),
        "ruined": float(gone),
        "no_choice": float((chosen < 0).sum()),
    }
    return out


def _lasting(ground: Ground, figures: objectives.Figures, chosen: np.ndarray, grid: Grid) -> dict[str, float]:
    """Whether what was found in train lasted."""
    count, none = len(ground.folds), chosen < 0
    at, fold = np.maximum(chosen, 0), np.arange(count)
    inside = np.where(none, NAN, figures["total_return"][at, fold])
    outside = np.where(none, NAN, figures["total_return"][at, count + fold])
    spans = spans_of(ground, windows_of(ground.folds))
    return {
        "efficiency": efficiency(inside, spans[:count], outside, spans[count:]),
        "profitable_windows": profitable_share(outside),
        "best_window": largest_share(outside),
        "stability": steadiness(chosen, grid).steadiness,
    }


def spans_of(ground: Ground, windows: np.ndarray) -> np.ndarray:
    """float64[w]: calendar days of windows (int64[w, 2], bars)."""
    ts = ground.data.bars["ts"]
    length = timeframe_ms(ground.timeframe)
    return (ts[windows[:, 1] - 1] - ts[windows[:, 0]] + length) / DAY_MS
