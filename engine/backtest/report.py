"""Reports and comparisons of finished runs, from what is kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from engine.backtest import breakdown
from engine.backtest.conventions import CONVENTIONS, Curve, spread
from engine.clock import iso
from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.errors import BadInput, did_you_mean
from engine.contracts.metrics import METRICS
from engine.contracts.reports import Comparison, ConventionFigures, Difference, Line, Report

#: fewer trades than this say little
FEW_TRADES = 30
MOST_COMPARED = 20


class Run(NamedTuple):
    """A kept result with its name and the time at which it was kept."""

    job: str
    created_ms: int
    result: BacktestResult


def figures_under(result: BacktestResult, name: str) -> dict[str, float]:
    """sharpe, sortino, cagr, calmar and max_drawdown of a kept result as another tool computes them; those that it does
    not have are nan. BadInput for a convention that is not known."""
    if name not in CONVENTIONS:
        raise BadInput(
            f'"{name}" is not a convention.{did_you_mean(name, CONVENTIONS)}', fix=f"Known: {', '.join(CONVENTIONS)}."
        )
    return CONVENTIONS[name].figures(breakdown.curve_of(result))


def make_report(run: Run, convention: str = "pyroquant") -> Report:
    """Everything that is read off one result, with the figures under a convention."""
    result = run.result
    figures = figures_under(result, convention)
    curve, trades, values = breakdown.curve_of(result), breakdown.trades_of(result), breakdown.values_of(result)
    text = result.convention if convention == "pyroquant" else CONVENTIONS[convention].text
    ends = np.append(result.first_ms, curve.ends)
    return Report(
        job=run.job,
        created_ms=run.created_ms,
        spec=result.spec,
        convention=convention,
        convention_text=text,
        metrics={k: v for k, v in result.metrics.items() if "@" not in k} | figures,
        conventions=[
            ConventionFigures(name=c.name, text=c.text, figures=c.figures(curve)) for c in CONVENTIONS.values()
        ],
        equity=_line(ends, curve.equity),
        drawdown=_line(ends, 1.0 - curve.equity / np.maximum.accumulate(curve.equity)),
        benchmark=_line(ends, curve.benchmark),
        rolling_days=breakdown.ROLLING_DAYS,
        rolling_sharpe=breakdown.rolling_sharpe(curve),
        exposure=breakdown.exposure(curve, trades, result.first_ms),
        months=breakdown.month_table(curve),
        by_hour=breakdown.by_hour(trades),
        by_weekday=breakdown.by_weekday(trades),
        by_side=breakdown.by_side(trades),
        by_exit=breakdown.by_exit(trades),
        returns=breakdown.distribution(trades, values),
        excursions=breakdown.excursions(trades, values),
        warnings=warnings(result),
    )


def warnings(result: BacktestResult) -> list[str]:
    """What a reader has to know before believing the figures."""
    found = []
    count = len(breakdown.trades_of(result))
    if count == 0:
        found.append("No trades: the strategy's condition was never true in this range.")
    elif count < FEW_TRADES:
        found.append(f"Only {count} trades: too few to judge a strategy by.")
    if result.spec.costs.fee == 0 and result.spec.costs.slippage_bps == 0:
        found.append("Costs are zero: no venue is that cheap.")
    if not result.daily:
        found.append("Kept by an older version without its daily curve: what is read off it is approximate.")
    return found


def title_of(result: BacktestResult) -> str:
    """What was run, on one line."""
    spec = result.spec
    return f"{spec.strategy} on {spec.symbol} {spec.timeframe}"


def compare(runs: Sequence[Run]) -> Comparison:
    """Runs side by side, in the order given; BadInput for fewer than two, too many, or one twice."""
    if not 2 <= len(runs) <= MOST_COMPARED or len({r.job for r in runs}) < len(runs):
        raise BadInput(
            f"{len(runs)} runs cannot be compared.",
            fix=f"Name two to {MOST_COMPARED} different runs; see: pyroquant runs list",
        )
    found = [run.result for run in runs]
    curves = [breakdown.curve_of(result) for result in found]
    inputs = [_inputs(result) for result in found]
    names = dict.fromkeys(name for each in inputs for name in each)
    differ = {n: values for n in names if len(set(values := [each.get(n, "-") for each in inputs])) > 1}
    said = dict.fromkeys(sentence for result in found for sentence in result.assumptions)
    flags = [(sentence, [sentence in result.assumptions for result in found]) for sentence in said]
    shown = [n for n in METRICS if any(n in r.metrics for r in found)]
    return Comparison(
        jobs=[run.job for run in runs],
        titles=[title_of(result) for result in found],
        created_ms=[run.created_ms for run in runs],
        metrics=[(n, [r.metrics.get(n, float("nan")) for r in found]) for n in shown],
        differences=[Difference(what=name, values=values) for name, values in differ.items()],
        same_inputs=[name for name in names if name not in differ],
        assumptions=[(sentence, each) for sentence, each in flags if not all(each)],
        growth=[_growth(result, curve) for result, curve in zip(found, curves, strict=True)],
        correlation=_correlation(curves),
    )


def _growth(result: BacktestResult, curve: Curve) -> Line:
    return _line(np.append(result.first_ms, curve.ends), curve.equity / curve.equity[0])


def _line(ts: np.ndarray, values: np.ndarray) -> Line:
    if len(values) != len(ts):
        return Line()
    return Line(ts=ts.astype("<i8").tobytes(), values=values.astype("<f8").tobytes())


def _inputs(result: BacktestResult) -> dict[str, str]:
    """What a run was made from, by name, in words."""
    made = spec_items(result.spec)
    made |= {
        "first bar": iso(result.first_ms),
        "last bar": iso(result.last_ms),
        "data fingerprint": result.data_fingerprint,
        "strategy text": result.strategy_text,
        "code version": result.code_version,
        "convention": result.convention,
        "trade hash": result.trade_hash,
    }
    return made


def spec_items(spec: BacktestSpec) -> dict[str, str]:
    """Every field of a spec as dotted name -> words; times as ISO 8601, nothing = '-'."""
    found: dict[str, str] = {}

    def walk(prefix: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(f"{prefix}.{key}" if prefix else key, inner)
        elif prefix in ("from_ms", "to_ms"):
            found[prefix.removesuffix("_ms")] = "-" if value is None else iso(value)
        else:
            found[prefix] = (
                "-" if value is None or value == "" else f"{value:g}" if isinstance(value, float) else str(value)
            )

    walk("", msgspec.to_builtins(spec))
    found.pop("run_id", None)
    return found


def _correlation(curves: Sequence[Curve]) -> list[list[float]]:
    matrix = np.full((len(curves), len(curves)), np.nan)
    for i, a in enumerate(curves):
        for j, b in enumerate(curves[: i + 1]):
            _, at, bt = np.intersect1d(a.ends, b.ends, assume_unique=True, return_indices=True)
            x, y = a.returns[at], b.returns[bt]
            both = spread(x) * spread(y) if len(x) > 2 else np.nan
            if np.isfinite(both):
                matrix[i, j] = matrix[j, i] = np.cov(x, y)[0, 1] / both
    return [[float(v) for v in row] for row in matrix]
