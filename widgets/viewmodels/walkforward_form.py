"""The walk-forward's form: what stands in its fields, checked and made into a spec."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, cast

from engine.contracts.backtests import Costs, Sizing
from engine.contracts.commands import StrategyInfo
from engine.contracts.robustness import Limits
from engine.contracts.timeframes import TIMEFRAME_MS
from engine.contracts.walkforward import SearchSpec, WalkForwardSpec, WindowSpec
from widgets.texts import mark, tr
from widgets.viewmodels import fields as check_field

#: what stands for a family in the choice of strategies
FAMILY = "family:"
OBJECTIVES: tuple[tuple[str, str], ...] = (
    (mark("Sharpe"), "sharpe"),
    (mark("Sortino"), "sortino"),
    (mark("Calmar"), "calmar"),
    (mark("Profit factor"), "profit_factor"),
    ("SQN", "sqn"),
    (mark("Return / drawdown"), "return_over_drawdown"),
    (mark("Net return"), "net_return"),
)
_LENGTH = re.compile(r"\s*[1-9]\d*\s*(mo|months?|d|days?|w|weeks?|y|years?|bars?)\s*", re.IGNORECASE)


@dataclass
class WalkForm:
    """What stands in the fields, as typed. strategies: '' = all, 'family:NAME', or names with commas."""

    symbol: str = ""
    strategies: str = ""
    timeframe: str = ""
    train: str = "12mo"
    test: str = "3mo"
    kind: str = "rolling"
    objective: str = "sharpe"
    from_text: str = ""
    to_text: str = ""
    mode: str = "advanced"
    windows: str = "8"
    test_share: str = "20"
    purge: str = ""
    embargo: str = ""
    method: str = "grid"
    samples: str = "200"
    most_sets: str = ""
    min_trades: str = "10"
    choice: str = "best"
    direction: str = "both"
    fee: str = ""
    slippage: str = "1"
    cash: str = "10000"
    rounded: bool = False

    def kept(self) -> dict[str, Any]:
        """All but the symbol, which follows the chart."""
        return {k: v for k, v in asdict(self).items() if k != "symbol"}


def restored(kept: Mapping[str, Any]) -> WalkForm:
    """A form from what was kept; what is missing or of another kind stays as it is."""
    form = WalkForm()
    for field in fields(form):
        value = kept.get(field.name)
        if isinstance(value, type(getattr(form, field.name))):
            setattr(form, field.name, value)
    return form


def of_spec(spec: WalkForwardSpec) -> WalkForm:
    """The form that would give this spec."""
    from widgets.viewmodels import formats

    w, s = spec.windows, spec.search
    return WalkForm(
        symbol=spec.symbol,
        strategies=",".join(spec.strategies),
        timeframe=spec.timeframe,
        train=w.train,
        test=w.test,
        kind=w.kind,
        objective=s.objective,
        from_text=formats.day(spec.from_ms) if spec.from_ms is not None else "",
        to_text=formats.day(spec.to_ms) if spec.to_ms is not None else "",
        mode=w.mode,
        windows=str(w.windows),
        test_share=f"{w.test_share * 100:g}",
        purge=w.purge,
        embargo=w.embargo,
        method=s.method,
        samples=str(s.samples),
        most_sets=str(s.most_sets) if s.most_sets else "",
        min_trades=str(s.min_trades),
        choice=s.choice,
        direction=spec.direction,
        fee="" if spec.costs.fee is None else f"{spec.costs.fee * 100:g}",
        slippage=f"{spec.costs.slippage_bps:g}",
        cash=f"{spec.sizing.cash:g}",
        rounded=spec.rounded,
    )


def named(text: str, strategies: Mapping[str, StrategyInfo], errors: dict[str, str]) -> list[str]:
    """Ids of the strategies that are meant; [] = all."""
    typed = text.strip()
    if not typed:
        return []
    if typed.startswith(FAMILY):
        family = typed.removeprefix(FAMILY)
        found = [s.id for s in strategies.values() if s.family == family]
        if not found:
            errors["strategies"] = tr('There is no family "{family}".').format(family=family)
        return found
    names = [name.strip() for name in typed.split(",") if name.strip()]
    unknown = [name for name in names if name not in strategies]
    if unknown:
        errors["strategies"] = tr('"{name}" is not a strategy.').format(name=unknown[0])
    return names


def check(
    form: WalkForm, strategies: Mapping[str, StrategyInfo], symbols: Iterable[str], limits: Limits | None = None
) -> tuple[WalkForwardSpec | None, dict[str, str]]:
    """(spec, {}) when all fields are good, else (None, field -> what is wrong and a way out). No field is changed."""
    errors: dict[str, str] = {}
    symbol = check_field.symbol("symbol", form.symbol, symbols, errors)
    chosen = named(form.strategies, strategies, errors)
    if form.timeframe and form.timeframe not in TIMEFRAME_MS:
        errors["timeframe"] = tr('"{text}" is not a timeframe.').format(text=form.timeframe)
    from_ms = check_field.day("from", form.from_text, errors)
    to_ms = check_field.day("to", form.to_text, errors)
    if from_ms is not None and to_ms is not None and from_ms >= to_ms:
        errors["to"] = tr("The range ends before it begins; swap the two dates.")
    windows, search = _windows(form, errors), _search(form, errors)
    fee = check_field.number("fee", form.fee, errors, math.nan, low=0, high=10)
    slippage = check_field.number("slippage", form.slippage, errors, 1.0, low=0, high=1000)
    cash = check_field.number("cash", form.cash, errors, 10_000.0, low=1)
    if errors:
        return None, errors
    spec = WalkForwardSpec(
        symbol=symbol,
        strategies=chosen,
        timeframe=form.timeframe,
        from_ms=from_ms,
        to_ms=to_ms,
        windows=windows,
        search=search,
        costs=Costs(fee=None if math.isnan(fee) else fee / 100, slippage_bps=slippage),
        sizing=Sizing(cash=cash),
        direction=cast(Literal["long", "short", "both"], form.direction),
        limits=limits or Limits(),
        rounded=form.rounded,
    )
    return spec, {}


def _windows(form: WalkForm, errors: dict[str, str]) -> WindowSpec:
    for name, needed in (("train", True), ("test", True), ("purge", False), ("embargo", False)):
        text = getattr(form, name)
        if (needed and form.mode == "advanced" and not text.strip()) or (text.strip() and not _LENGTH.fullmatch(text)):
            errors[name] = tr("Write a length, as 12mo, 90d, 26w or 5000bars.")
    count = check_field.number("windows", form.windows, errors, 8, low=1, high=1000)
    test = check_field.number("test_share", form.test_share, errors, 20.0, low=1, high=90)
    return WindowSpec(
        mode=cast(Literal["easy", "advanced"], form.mode),
        kind=cast(Literal["rolling", "anchored"], form.kind),
        train=form.train.strip() or "12mo",
        test=form.test.strip() or "3mo",
        purge=form.purge.strip(),
        embargo=form.embargo.strip(),
        windows=int(count),
        test_share=test / 100,
    )


def _search(form: WalkForm, errors: dict[str, str]) -> SearchSpec:
    if not form.objective.strip():
        errors["objective"] = tr("Choose what train parts maximise, or write a formula.")
    samples = check_field.number("samples", form.samples, errors, 200, low=1, high=100_000)
    most = check_field.number("most_sets", form.most_sets, errors, 0, low=0, high=1_000_000)
    trades = check_field.number("min_trades", form.min_trades, errors, 10, low=0, high=100_000)
    return SearchSpec(
        method=cast(Literal["grid", "random", "optuna"], form.method),
        samples=int(samples),
        most_sets=int(most),
        objective=form.objective.strip() or "sharpe",
        min_trades=int(trades),
        choice=cast(Literal["best", "plateau"], form.choice),
    )
