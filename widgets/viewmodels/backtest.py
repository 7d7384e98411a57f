"""A back-test's result put into words, figures and columns."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from engine.contracts.backtests import BacktestResult
from engine.contracts.dtypes import EXIT_NAMES, TRADE_DTYPE
from engine.contracts.metrics import METRICS, grouped, metric, shown
from engine.contracts.portfolios import PortfolioResult
from engine.contracts.reports import Report
from widgets.texts import mark, tr
from widgets.viewmodels import formats


class Figure(NamedTuple):
    """One of the ten figures: tone 'good', 'bad' or '', what it means, and its unit where the text has none."""

    name: str
    text: str
    tone: str
    tip: str
    unit: str = ""


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
    ("total_return", mark("Net profit"), _percent, _signed),
    ("cagr", mark("CAGR"), _percent, _signed),
    ("sharpe", mark("Sharpe"), formats.number, _above(0)),
    ("sortino", mark("Sortino"), formats.number, _above(0)),
    ("max_drawdown_bar", mark("Max DD"), _loss, lambda v: "bad" if v else ""),
    ("profit_factor", mark("Profit factor"), formats.number, _above(1)),
    ("win_rate", mark("Win rate"), _share, _plain),
    ("trades", mark("Trades"), lambda v: formats.number(v, 0), _plain),
    ("expectancy", mark("Expectancy"), lambda v: formats.money(v, 2, sign=True), _signed),
    ("exposure", mark("Exposure"), _share, _plain),
)


def figures(metrics: dict[str, float], currency: str = "") -> list[Figure]:
    """The ten figures, in drawing order; 'n/a' where one is not defined for this run."""
    made = []
    for name, title, text, tone in _FIGURES:
        value = metrics.get(name, math.nan)
        if name == "max_drawdown_bar" and math.isnan(value):
            value = metrics.get("max_drawdown", math.nan)
        told = metric(name)
        unit = currency if told.unit == "money" else ""
        tip = f"{tr(told.title)}: {told.formula} ({told.source})"
        made.append(Figure(tr(title), text(value) if not math.isnan(value) else "n/a", tone(value), tip, unit))
    return made


class FigureRow(NamedTuple):
    """A line of the table of all figures. name '' = a heading."""

    name: str
    title: str
    text: str
    unit: str
    tone: str
    tip: str


def all_figures(metrics: dict[str, float], wanted: str = "") -> list[FigureRow]:
    """Every figure of a run by group; wanted: only those whose name, title or formula has these letters."""
    found: list[FigureRow] = []
    want = wanted.strip().casefold()
    for group, members in grouped(metrics):
        rows = []
        for told in members:
            if want and want not in f"{told.name} {told.title} {tr(told.title)} {told.formula} {told.group}".casefold():
                continue
            value = metrics[told.name]
            tip = f"{tr(told.title)}\n{told.formula}\n{tr('Source: {source}').format(source=told.source)}"
            rows.append(
                FigureRow(told.name, tr(told.title), shown(told.name, value), told.unit, tone_of(told.name, value), tip)
            )
        if rows:
            found += [FigureRow("", tr(group), "", "", "", ""), *rows]
    return found


#: figures whose sign says good or bad, and from where on
_SIGNED = {
    "net_profit", "total_return", "cagr", "sharpe", "sortino", "calmar", "expectancy", "expectancy_percent",
    "expectancy_r", "alpha", "information_ratio", "kelly", "sqn", "sqn_100", "recovery_factor", "gain_to_pain", "upi",
    "serenity",
}  # fmt: skip
_FROM = {"profit_factor": 1.0, "payoff": 1.0, "omega": 1.0, "tail_ratio": 1.0, "common_sense_ratio": 1.0}


def tone_of(name: str, value: float) -> str:
    """'good' or 'bad' for figures of which one can say so."""
    if name in _SIGNED or name in _FROM:
        return _above(_FROM.get(name, 0.0))(value)
    return ""


@dataclass(frozen=True)
class Shown:
    """What the report shows, whether of one run or of a portfolio. key: the job, '' = not kept. lanes: of each trade
    its symbol, where there are several."""

    title: str
    headline: str
    metrics: dict[str, float]
    convention: str
    assumptions: list[str]
    warnings: list[str]
    trades: np.ndarray
    ts: np.ndarray
    equity: np.ndarray
    drawdown: np.ndarray
    benchmark: np.ndarray
    settings: list[tuple[str, str]]
    rules: str
    currency: str = ""
    job: str = ""
    result: BacktestResult | None = None
    portfolio: PortfolioResult | None = None
    symbols: Sequence[str] = ()


def shown_of(result: BacktestResult, job: str = "") -> Shown:
    """A single run, ready to be shown."""
    ts = np.frombuffer(result.equity_ts, "<i8")
    equity, drawdown, hold = (np.frombuffer(b, "<f8") for b in (result.equity, result.drawdown, result.benchmark))
    return Shown(
        title=f"{result.spec.strategy} · {result.spec.symbol} · {result.spec.timeframe}",
        headline=headline(result),
        metrics={k: v for k, v in result.metrics.items() if "@" not in k},
        convention=result.convention,
        assumptions=result.assumptions,
        warnings=warnings(result),
        trades=np.frombuffer(result.trades, TRADE_DTYPE),
        ts=ts,
        equity=equity,
        drawdown=drawdown,
        benchmark=hold,
        settings=settings_of(result),
        rules=result.strategy_text,
        currency=currency_of(result.spec.account, result.spec.symbol),
        job=job or result.spec.run_id,
        result=result,
    )


def shown_portfolio(result: PortfolioResult) -> Shown:
    """A portfolio, ready to be shown; nothing of it is kept by the engine."""
    spec = result.spec
    equity = np.frombuffer(result.equity, "<f8")
    peak = np.maximum.accumulate(equity) if equity.size else equity
    lanes = np.frombuffer(result.trade_lanes, "<i4")
    names = [lane.symbol for lane in spec.lanes]
    span = tr("{a} to {b}").format(a=formats.day(result.first_ms), b=formats.day(result.last_ms))
    strategies = ", ".join(dict.fromkeys(lane.strategy for lane in spec.lanes))
    title = tr("{strategy} on {n} symbols, one account").format(strategy=strategies, n=len(names))
    return Shown(
        title=title,
        headline=f"{title} · {span} · {formats.duration(result.seconds)}",
        metrics={k: v for k, v in result.metrics.items() if "@" not in k},
        convention=result.convention,
        assumptions=result.assumptions,
        warnings=_warned(len(lanes), spec.costs.fee == 0 and spec.costs.slippage_bps == 0),
        trades=np.frombuffer(result.trades, TRADE_DTYPE),
        ts=np.frombuffer(result.day_ts, "<i8"),
        equity=equity,
        drawdown=1.0 - equity / peak if equity.size else equity,
        benchmark=np.empty(0),
        settings=[
            (tr("Symbols"), ", ".join(names)),
            (tr("Range"), span),
            (tr("Trades"), result.trade_hash),
            (tr("Code"), result.code_version),
            (tr("Entries not taken"), f"{result.skipped:,}"),
        ],
        rules="",
        currency=currency_of(spec.account, names[0] if names else ""),
        portfolio=result,
        symbols=[names[k] for k in lanes.tolist()],
    )


def currency_of(account: str, symbol: str) -> str:
    """The account's currency, as far as the symbol tells it."""
    if account:
        return account
    name = symbol.partition(":")[2]
    if "_" in name:
        return "USD" if "USD" in name.split("_") else name.split("_")[1]
    return next((q for q in ("FDUSD", "USDT", "USDC", "BUSD", "TUSD", "USD", "EUR", "BTC") if name.endswith(q)), "")


def _warned(count: int, free: bool) -> list[str]:
    found = []
    if count == 0:
        found.append(tr("No trades: the strategy's condition was never true in this range."))
    elif count < 30:
        found.append(tr("Only {n} trades: too few to judge a strategy by.").format(n=count))
    if free:
        found.append(tr("Costs are zero: no venue is that cheap."))
    return found


#: the warnings of the engine's report that this window does not make itself
_OF_REPORT = (mark("Kept by an older version without its daily curve: what is read off it is approximate."),)


def warning_words(text: str) -> str:
    """A warning of the engine's report in the window's language."""
    number = re.search(r"\d+", text)
    return tr(text) if number is None else tr(text.replace(number[0], "{n}", 1)).format(n=number[0])


def warnings(result: BacktestResult) -> list[str]:
    """What a reader has to know before believing the figures."""
    costs = result.spec.costs
    free = costs.fee == 0 and costs.slippage_bps == 0
    return _warned(len(result.trades) // TRADE_DTYPE.itemsize, free)


def headline(result: BacktestResult) -> str:
    """What was run: strategy, symbol, timeframe, range, bars, time taken."""
    s = result.spec
    span = tr("{a} to {b}").format(a=formats.day(result.first_ms), b=formats.day(result.last_ms))
    size = tr("{n} bars in {time}").format(n=f"{result.bars:,}", time=formats.duration(result.seconds))
    return f"{s.strategy} · {s.symbol} · {s.timeframe} · {span} · {size}"


def provenance(result: BacktestResult) -> str:
    return tr("Trades {trades} · data {data} · code {code}").format(
        trades=result.trade_hash, data=result.data_fingerprint[:16], code=result.code_version
    )


def settings_of(result: BacktestResult) -> list[tuple[str, str]]:
    """Every setting used, as (name, value): nothing is left to memory."""
    s, c, z = result.spec, result.spec.costs, result.spec.sizing

    def share(value: float | None, digits: int = 4) -> str:
        return tr("the market's") if value is None else f"{value * 100:.{digits}f}".rstrip("0").rstrip(".") + " %"

    rows: list[tuple[str, str]] = [
        (tr("Strategy"), s.strategy),
        (tr("Parameters"), ", ".join(f"{k} = {formats.trimmed(v)}" for k, v in s.params.items()) or tr("none")),
        (tr("Symbol"), s.symbol),
        (tr("Timeframe"), s.timeframe),
        (tr("Range"), f"{formats.minute(result.first_ms)} – {formats.minute(result.last_ms)} UTC"),
        (tr("Bars"), f"{result.bars:,}"),
        (tr("Direction"), s.direction),
        (tr("Sizing"), f"{z.mode} {formats.trimmed(z.value)}, {tr('cash')} {formats.money(z.cash, 0)}"),
        (tr("Leverage"), tr("none") if z.leverage is None else f"{z.leverage:g}×"),
        (tr("Entries that add up"), str(s.pyramiding)),
        (tr("Fee"), share(c.fee)),
        (
            tr("Slippage"),
            tr("{bp} bp + {ticks} ticks + {part} × range").format(
                bp=f"{c.slippage_bps:g}", ticks=f"{c.slippage_ticks:g}", part=f"{c.slippage_range:g}"
            ),
        ),
        (tr("Spread"), tr("of the series, else none") if c.spread_bps is None else f"{c.spread_bps:g} bp"),
        (tr("Funding where unknown"), tr("0.01 % per 8 h") if c.funding is None else share(c.funding)),
        (tr("Trade hash"), result.trade_hash),
        (tr("Data fingerprint"), result.data_fingerprint),
        (tr("Code version"), result.code_version),
        (tr("Time taken"), formats.duration(result.seconds)),
        (tr("Run id"), s.run_id),
    ]
    return [(k, v) for k, v in rows if v]


#: filter -> its title
FILTERS = {
    "all": mark("All"),
    "won": mark("Winners"),
    "lost": mark("Losers"),
    "long": mark("Long"),
    "short": mark("Short"),
}


class Trades:
    """A result's trades as columns, sortable and filtered; `order` holds the numbers of the visible rows."""

    def __init__(self, block: bytes | np.ndarray = b"", decimals: int = 2, symbols: Sequence[str] = ()) -> None:
        self.rows = np.frombuffer(block, dtype=TRADE_DTYPE) if isinstance(block, bytes) else block
        self.decimals, self.symbols = decimals, symbols
        self.which, self.reason = "all", -1
        self._sort = (0, False)
        self.order = np.arange(len(self.rows))

    def __len__(self) -> int:
        return len(self.order)

    def reasons(self) -> list[tuple[int, str, int]]:
        """(number, name, trades) of the ways out that occur, the most frequent first."""
        numbers, counts = np.unique(self.rows["reason"], return_counts=True)
        found = zip(numbers.tolist(), counts.tolist(), strict=True)
        return sorted(((n, reason_name(n), c) for n, c in found), key=lambda row: -row[2])

    def returns(self) -> np.ndarray:
        """Price move in the trade's favour as a fraction of its entry price, before costs."""
        r = self.rows
        with np.errstate(divide="ignore", invalid="ignore"):
            return r["side"] * (r["exit_price"] / r["entry_price"] - 1.0)

    def filter(self, which: str, reason: int = -1) -> None:
        """which: a key of FILTERS; reason: of the exit, -1 = any."""
        self.which, self.reason = which, reason
        self._arrange()

    def sort(self, column: int, descending: bool) -> None:
        self._sort = (column, descending)
        self._arrange()

    def _arrange(self) -> None:
        r = self.rows
        keep = np.ones(len(r), bool)
        if self.which == "won":
            keep = r["pnl"] > 0
        elif self.which == "lost":
            keep = r["pnl"] < 0
        elif self.which in ("long", "short"):
            keep = r["side"] == (1 if self.which == "long" else -1)
        if self.reason >= 0:
            keep = keep & (r["reason"] == self.reason)
        column, descending = self._sort
        keys = (
            np.arange(len(r)), r["side"], r["entry_ts"], r["exit_ts"], r["entry_price"], r["exit_price"], r["pnl"],
            self.returns(), r["bars"], r["reason"],
        )  # fmt: skip
        values = keys[column].astype(np.float64)
        order = np.argsort(-values if descending else values, kind="stable")
        self.order = order[keep[order]]

    def place_of(self, trade: int) -> int:
        """The visible row of a trade, -1 when it is filtered away."""
        found = np.flatnonzero(self.order == trade)
        return int(found[0]) if found.size else -1

    def totals(self) -> str:
        """What the visible trades come to."""
        pnl = self.rows["pnl"][self.order]
        if not pnl.size:
            return tr("none of {n}").format(n=f"{len(self.rows):,}")
        return tr("{n} trades, {sum}, {won} won").format(
            n=f"{pnl.size:,}",
            sum=formats.money(float(pnl.sum()), 2, sign=True),
            won=formats.percent(float((pnl > 0).mean()), 1, sign=False),
        )

    def cells(self, place: int) -> list[str]:
        """One visible row as text, in the order of the columns."""
        at = int(self.order[place])
        r = self.rows[at]
        move = math.nan
        if r["entry_price"]:
            move = float(r["side"] * (r["exit_price"] / r["entry_price"] - 1.0))
        side = "LONG" if r["side"] > 0 else "SHORT"
        return [
            str(at + 1),
            side,
            formats.minute(int(r["entry_ts"])),
            formats.minute(int(r["exit_ts"])),
            formats.price(float(r["entry_price"]), self.decimals),
            formats.price(float(r["exit_price"]), self.decimals),
            formats.money(float(r["pnl"]), 2, sign=True),
            formats.percent(move),
            f"{int(r['bars']):,}",
            reason_name(int(r["reason"])) + (f" · {self.symbols[at].partition(':')[2]}" if self.symbols else ""),
        ]


def reason_name(number: int) -> str:
    return tr(EXIT_NAMES[number]) if 0 <= number < len(EXIT_NAMES) else str(number)


def trades_csv(rows: np.ndarray, symbols: Sequence[str]) -> str:
    """All trades as CSV in their own order: ISO times, plain numbers, every column of the record. symbols: one a trade,
    or one for all."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = TRADE_DTYPE.names or ()
    writer.writerow(["symbol", *names])
    for number, row in enumerate(rows.tolist()):
        cells: dict[str, Any] = dict(zip(names, row, strict=True))
        cells["entry_ts"] = formats.minute(cells["entry_ts"]).replace(" ", "T") + "Z"
        cells["exit_ts"] = formats.minute(cells["exit_ts"]).replace(" ", "T") + "Z"
        cells["reason"] = EXIT_NAMES[cells["reason"]]
        writer.writerow([symbols[number] if len(symbols) > 1 else symbols[0], *cells.values()])
    return out.getvalue()


def as_text(shown_: Shown, report: Report | None = None) -> str:
    """The whole report as text, for copying: nothing that is on screen is left out."""
    lines = [shown_.headline, ""]
    lines += [f"{f.name}: {f.text}" for f in figures(shown_.metrics, shown_.currency)]
    lines += ["", report.convention_text if report is not None else shown_.convention, ""]
    lines += shown_.warnings
    lines += [tr("Assumed: {text}").format(text=a) for a in shown_.assumptions]
    lines += ["", *(f"{name}: {value}" for name, value in shown_.settings)]
    named = [m for m in METRICS if m in shown_.metrics]
    lines += ["", *(f"{METRICS[m].title}: {shown(m, shown_.metrics[m])}" for m in named)]
    return "\n".join(lines)
