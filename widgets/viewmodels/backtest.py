"""The back-test form's input checked field by field, and its result put into words and columns."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, cast

import numpy as np

from engine.contracts.backtests import BacktestResult, BacktestSpec, Costs, Sizing
from engine.contracts.commands import StrategyInfo
from engine.contracts.dtypes import EXIT_NAMES, TRADE_DTYPE
from engine.contracts.errors import did_you_mean
from engine.contracts.metrics import metric
from engine.contracts.timeframes import TIMEFRAME_MS
from widgets.viewmodels import formats

DAY_MS = 86_400_000
#: range buttons: title -> days back from now, 0 = everything there is.
RANGES: dict[str, int] = {"1 mo": 30, "6 mo": 182, "1 y": 365, "3 y": 1096, "All": 0}


@dataclass
class Form:
    """What stands in the fields, as typed."""

    strategy: str = ""
    symbol: str = ""
    timeframe: str = "1h"
    from_text: str = ""
    to_text: str = ""
    params: dict[str, str] = field(default_factory=dict)
    fee_text: str = ""
    slippage_text: str = "1"
    sizing: str = "fraction"
    size_text: str = "1"
    cash_text: str = "10000"
    direction: str = "both"


def check(
    form: Form, strategies: dict[str, StrategyInfo], symbols: dict[str, int]
) -> tuple[BacktestSpec | None, dict[str, str]]:
    """(spec, {}) when all fields are good, else (None, field -> what is wrong and a way out). No field is changed."""
    errors: dict[str, str] = {}
    if form.strategy not in strategies:
        errors["strategy"] = (
            f'"{form.strategy}" is not a strategy.{did_you_mean(form.strategy, strategies)}'
            if form.strategy
            else "Choose a strategy."
        )
    symbol = _symbol(form.symbol, symbols, errors)
    if form.timeframe not in TIMEFRAME_MS:
        errors["timeframe"] = f'"{form.timeframe}" is not a timeframe; use one of {", ".join(TIMEFRAME_MS)}.'
    from_ms, to_ms = _day("from", form.from_text, errors), _day("to", form.to_text, errors)
    if from_ms is not None and to_ms is not None and from_ms >= to_ms:
        errors["to"] = "The range ends before it begins; swap the two dates."
    known = strategies[form.strategy].params if form.strategy in strategies else {}
    params = {
        n: v for n in known if (v := _number(f"param:{n}", form.params.get(n, ""), errors, known[n][0])) is not None
    }
    fee = _number("fee", form.fee_text.rstrip("% "), errors, math.nan, low=0, high=10)
    slippage = _number("slippage", form.slippage_text, errors, 1.0, low=0, high=1000)
    cash = _number("cash", form.cash_text.replace(",", ""), errors, 10_000.0, low=0, open_low=True)
    size = _number("size", form.size_text.replace(",", ""), errors, 1.0, low=0, open_low=True)
    if errors:
        return None, errors
    assert slippage is not None
    assert cash is not None
    assert size is not None
    assert fee is not None
    spec = BacktestSpec(
        strategy=form.strategy,
        symbol=symbol,
        timeframe=form.timeframe,
        from_ms=from_ms,
        to_ms=to_ms,
        params=params,
        costs=Costs(fee=None if math.isnan(fee) else fee / 100, slippage_bps=slippage),
        sizing=Sizing(mode="amount" if form.sizing == "amount" else "fraction", value=size, cash=cash),
        direction=cast(Literal["long", "short", "both"], form.direction),
    )
    return spec, {}


def _symbol(text: str, symbols: dict[str, int], errors: dict[str, str]) -> str:
    typed = text.strip()
    if typed in symbols:
        return typed
    fits = [
        s for s in symbols if s.partition(":")[2].casefold() == typed.casefold() or s.casefold() == typed.casefold()
    ]
    if len(fits) == 1:
        return fits[0]
    if len(fits) > 1:
        errors["symbol"] = f'"{typed}" is on several markets; choose {" or ".join(fits[:3])}.'
    elif not typed:
        errors["symbol"] = "Choose a symbol."
    else:
        near = did_you_mean(typed, symbols) or did_you_mean(typed, [s.partition(":")[2] for s in symbols])
        errors["symbol"] = f'"{typed}" is not a known symbol.{near}'
    return ""


def _day(name: str, text: str, errors: dict[str, str]) -> int | None:
    if not text.strip():
        return None
    try:
        return formats.parse_day(text)
    except ValueError:
        errors[name] = f'"{text}" is not a date; write it as 2024-01-31, or leave it empty for all there is.'
        return None


def _number(
    name: str,
    text: str,
    errors: dict[str, str],
    default: float,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    open_low: bool = False,
) -> float | None:
    if not text.strip():
        return default
    try:
        value = float(text)
    except ValueError:
        errors[name] = f'"{text}" is not a number.'
        return None
    if not math.isfinite(value):
        errors[name] = f'"{text}" is not a finite number.'
    elif value < low or (open_low and value == low):
        errors[name] = f"Must be {'above' if open_low else 'at least'} {low:g}."
    elif value > high:
        errors[name] = f"Must be at most {high:g}."
    else:
        return value
    return None


class Figure(NamedTuple):
    """One of the ten figures: tone 'good', 'bad' or '' and what it means."""

    name: str
    text: str
    tone: str
    tip: str


def _signed(value: float) -> str:
    return "good" if value > 0 else "bad" if value < 0 else ""


def _above(limit: float) -> Callable[[float], str]:
    return lambda value: "good" if value > limit else "bad" if value < limit else ""


def _percent(value: float) -> str:
    return formats.percent(value, 1) if math.isfinite(value) else "n/a"


def _share(value: float) -> str:
    return formats.percent(value, 1, sign=False) if math.isfinite(value) else "n/a"


def _loss(value: float) -> str:
    return formats.percent(-abs(value), 1) if math.isfinite(value) else "n/a"


def _plain(value: float) -> str:
    return ""


#: (figure, title, text, tone): two rows of five; what a figure means is said by engine.contracts.metrics.
_FIGURES: tuple[tuple[str, str, Callable[[float], str], Callable[[float], str]], ...] = (
    ("total_return", "Net profit", _percent, _signed),
    ("cagr", "CAGR", _percent, _signed),
    ("sharpe", "Sharpe", formats.number, _above(0)),
    ("sortino", "Sortino", formats.number, _above(0)),
    ("max_drawdown_bar", "Max DD", _loss, lambda v: "bad" if v else ""),
    ("profit_factor", "Profit factor", formats.number, _above(1)),
    ("win_rate", "Win rate", _share, _plain),
    ("trades", "Trades", lambda v: formats.number(v, 0), _plain),
    ("expectancy", "Expectancy", lambda v: formats.money(v, 2, sign=True), _signed),
    ("exposure", "Exposure", _share, _plain),
)


def figures(result: BacktestResult) -> list[Figure]:
    """The ten figures, in drawing order; 'n/a' where one is not defined for this run."""
    made = []
    for name, title, text, tone in _FIGURES:
        value = result.metrics.get(name, math.nan)
        told = metric(name)
        tip = f"{told.title}: {told.formula} ({told.source})"
        made.append(Figure(title, text(value) if not math.isnan(value) else "n/a", tone(value), tip))
    return made


def warnings(result: BacktestResult) -> list[str]:
    """What a reader has to know before believing the figures."""
    found = []
    count = len(result.trades) // TRADE_DTYPE.itemsize
    if count == 0:
        found.append("No trades: the strategy's condition was never true in this range.")
    elif count < 30:
        found.append(f"Only {count} trades: too few to judge a strategy by.")
    if result.spec.costs.fee == 0 and result.spec.costs.slippage_bps == 0:
        found.append("Costs are zero: no venue is that cheap.")
    return found


def headline(result: BacktestResult) -> str:
    """What was run: strategy, symbol, timeframe, range, bars, time taken."""
    s = result.spec
    span = f"{formats.day(result.first_ms)} to {formats.day(result.last_ms)}"
    size = f"{result.bars:,} bars in {formats.duration(result.seconds)}"
    return f"{s.strategy} · {s.symbol} · {s.timeframe} · {span} · {size}"


def provenance(result: BacktestResult) -> str:
    return f"Trades {result.trade_hash} · data {result.data_fingerprint[:16]} · code {result.code_version}"


TRADE_TITLES = ("#", "Side", "Entry", "Exit", "In", "Out", "P/L", "P/L %", "Bars", "Reason")


class Trades:
    """A result's trades as columns, sortable; `order` holds the visible row numbers."""

    def __init__(self, block: bytes = b"", decimals: int = 2) -> None:
        self.rows = np.frombuffer(block, dtype=TRADE_DTYPE)
        self.decimals = decimals
        self.order = np.arange(len(self.rows))

    def __len__(self) -> int:
        return len(self.rows)

    def returns(self) -> np.ndarray:
        """Price move in the trade's favour as a fraction of its entry price, before costs."""
        r = self.rows
        with np.errstate(divide="ignore", invalid="ignore"):
            return r["side"] * (r["exit_price"] / r["entry_price"] - 1.0)

    def sort(self, column: int, descending: bool) -> None:
        r = self.rows
        keys = (
            np.arange(len(r)),
            r["side"],
            r["entry_ts"],
            r["exit_ts"],
            r["entry_price"],
            r["exit_price"],
            r["pnl"],
            self.returns(),
            r["bars"],
            r["reason"],
        )
        values = keys[column].astype(np.float64)
        self.order = np.argsort(-values if descending else values, kind="stable")

    def cells(self, place: int) -> list[str]:
        """One visible row as text, in the order of TRADE_TITLES."""
        at = int(self.order[place])
        r = self.rows[at]
        return [
            str(at + 1),
            "LONG" if r["side"] > 0 else "SHORT",
            formats.minute(int(r["entry_ts"])),
            formats.minute(int(r["exit_ts"])),
            formats.price(float(r["entry_price"]), self.decimals),
            formats.price(float(r["exit_price"]), self.decimals),
            formats.money(float(r["pnl"]), 2, sign=True),
            formats.percent(float(self.returns()[at])) if r["entry_price"] else formats.MISSING,
            f"{int(r['bars']):,}",
            EXIT_NAMES[int(r["reason"])] if 0 <= r["reason"] < len(EXIT_NAMES) else str(int(r["reason"])),
        ]


def trades_csv(result: BacktestResult) -> str:
    """All trades as CSV in their own order: ISO times, plain numbers, every column of the record."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = TRADE_DTYPE.names or ()
    writer.writerow(["symbol", *names])
    for row in np.frombuffer(result.trades, dtype=TRADE_DTYPE).tolist():
        cells = dict(zip(names, row))
        cells["entry_ts"] = formats.minute(cells["entry_ts"]).replace(" ", "T") + "Z"
        cells["exit_ts"] = formats.minute(cells["exit_ts"]).replace(" ", "T") + "Z"
        cells["reason"] = EXIT_NAMES[cells["reason"]] if 0 <= cells["reason"] < len(EXIT_NAMES) else cells["reason"]
        writer.writerow([result.spec.symbol, *cells.values()])
    return out.getvalue()


def as_text(result: BacktestResult) -> str:
    """The whole report as text, for copying: nothing that is on screen is left out."""
    lines = [headline(result), ""]
    lines += [f"{f.name}: {f.text}" for f in figures(result)]
    lines += [
        "",
        result.convention,
        "",
        *warnings(result),
        *(f"Assumed: {a}" for a in result.assumptions),
        "",
        provenance(result),
    ]
    return "\n".join(lines)
