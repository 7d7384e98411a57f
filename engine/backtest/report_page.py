"""The report of one run as ONE HTML page: no script, no picture, no font from elsewhere; light and dark; printable."""

from __future__ import annotations

import math
from html import escape

import numpy as np

from engine.backtest import report_charts as charts
from engine.backtest.breakdown import trades_of, values_of
from engine.backtest.conventions import FIGURES
from engine.backtest.metrics_trades import r_multiples, shares
from engine.backtest.report import Run, spec_items
from engine.backtest.report_parts import card, document, table
from engine.clock import iso
from engine.contracts.dtypes import EXIT_NAMES
from engine.contracts.metrics import grouped, metric, shown
from engine.contracts.reports import Report, TradeGroup

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: trades shown from the beginning and from the end
SHOWN_TRADES = 50
_TILES = (
    "total_return", "cagr", "sharpe", "sortino", "max_drawdown_bar",
    "profit_factor", "win_rate", "trades", "expectancy", "exposure",
)  # fmt: skip
#: figures that are better above this
_NEUTRAL = dict.fromkeys(("profit_factor", "payoff", "omega", "tail_ratio", "common_sense_ratio"), 1.0)
#: figures whose sign says nothing
_PLAIN = {
    "final_equity", "positive_days", "positive_months", "psr", "win_rate", "gross_profit", "avg_win", "avg_mfe",
    "max_consecutive_wins", "skew", "best_day", "worst_day", "best_month", "worst_month", "best_trade", "worst_trade",
    "best_r", "worst_r",
}  # fmt: skip
_ROWS = "Conventions differ more than strategies: compare runs under one of them only."


def page(run: Run, report: Report) -> str:
    """The whole document. Everything that comes from a person or a file is escaped."""
    title = f"{report.spec.strategy} on {report.spec.symbol} {report.spec.timeframe}"
    body = "".join((
        _head(run, report),
        _warnings(report),
        _tiles(report),
        _curves(report),
        card("Monthly returns", _months(report), "Compounded daily returns; the year's beside buy and hold."),
        _breakdowns(report),
        card("Figures", _figures(report), "Point at a name for its formula and source.", "long"),
        card("The same equity as other tools score it", _conventions(report), _ROWS),
        _trades(run),
        _assumptions(run),
        _provenance(run),
    ))  # fmt: skip
    return document(title, body)


def _money(value: float) -> str:
    text = f"{value:,.2f}"
    return "0.00" if text == "-0.00" else text


def _day(ms: int) -> str:
    return iso(ms)[:10]


def _tone(name: str, value: float) -> str:
    """'up' or 'down' for figures whose sign says good or bad."""
    told = metric(name)
    if told.better != "high" or name in _PLAIN:
        return ""
    level = value - _NEUTRAL.get(name, 0.0)
    return "up" if level > 0 else "down" if level < 0 else ""


def _head(run: Run, report: Report) -> str:
    spec, result = report.spec, run.result
    chosen = ", ".join(f"{k} = {v:g}" for k, v in spec.params.items()) or "no parameters"
    span = f"{_day(result.first_ms)} to {_day(result.last_ms)} · {result.bars:,} bars · {spec.direction} · {chosen}"
    return (
        f"<header><h1>{escape(spec.strategy)} <span>on {escape(spec.symbol)} {escape(spec.timeframe)}</span></h1>"
        f'<p class="sub">{escape(span)}</p><p class="sub">Figures: {escape(report.convention_text)}</p></header>'
    )


def _warnings(report: Report) -> str:
    lines = "".join(f"<p>{escape(text)}</p>" for text in report.warnings)
    return f'<section class="card warn">{lines}</section>' if lines else ""


def _tiles(report: Report) -> str:
    def of(name: str) -> str:
        return shown(name, report.metrics.get(name, math.nan))

    more = {
        "total_return": f"holding: {of('buy_hold_return')}",
        "max_drawdown_bar": f"holding, daily: -{of('buy_hold_drawdown')}",
        "cagr": f"holding: {of('buy_hold_cagr')}",
        "sharpe": f"holding: {of('buy_hold_sharpe')}",
        "sortino": f"Calmar: {of('calmar')}",
        "trades": f"{of('trades_per_month')} a month",
        "profit_factor": f"payoff: {of('payoff')}",
        "win_rate": f"{of('max_consecutive_losses')} losses in a row",
        "expectancy": f"{of('expectancy_percent')} of the trade",
        "exposure": f"gross: {of('gross_exposure')}",
    }
    made = []
    for name in _TILES:
        value = report.metrics.get(name, math.nan)
        told = metric(name)
        tip = escape(f"{told.formula} ({told.source})")
        text = f"-{shown(name, value)}" if name == "max_drawdown_bar" and value > 0 else shown(name, value)
        tone = "down" if name == "max_drawdown_bar" and value > 0 else _tone(name, value)
        made.append(
            f'<div class="tile" title="{tip}"><span>{escape(told.title)}</span><b class="{tone}">{escape(text)}</b>'
            f"<small>{escape(more[name])}</small></div>"
        )
    return f'<section class="tiles">{"".join(made)}</section>'


def _curves(report: Report) -> str:
    scale = " (logarithmic scale)" if charts.is_log(report) else ""
    keys = (
        f'<div class="keys"><span><i style="border-color: var(--accent)"></i>Equity{scale}</span>'
        '<span><i style="border-color: var(--hold)"></i>Buy and hold, without costs</span>'
        '<span><i style="border-color: var(--down)"></i>Drawdown</span></div>'
    )
    drawn = f'<div class="big">{charts.equity(report)}{charts.drawdown(report)}</div>'
    return card("Equity and drawdown", keys + drawn)


def _months(report: Report) -> str:
    cells = [abs(v) for row in report.months for v in row.months if v is not None and math.isfinite(v)]
    if not cells:
        return ""
    strongest = float(np.percentile(cells, 90)) or 1.0
    rows = []
    for row in report.months:
        made = "".join(_heat(v, strongest) for v in row.months)
        total = _heat(row.total, 3 * strongest, "sum")
        rows.append(f"<tr><td>{row.year}</td>{made}{total}{_heat(row.benchmark, math.inf)}</tr>")
    head = "".join(f"<th>{name}</th>" for name in ("", *MONTHS, "Year", "Holding"))
    months = f'<table class="heat"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return f'<div class="wide">{months}</div>'


def _heat(value: float | None, strongest: float, kind: str = "") -> str:
    if value is None or not math.isfinite(value):
        return "<td></td>"
    alpha = 0.07 + 0.5 * min(abs(value) / strongest, 1.0) if value and math.isfinite(strongest) else 0.0
    colour = f"rgba(var(--{'up' if value > 0 else 'down'}-rgb), {alpha:.2f})"
    digits = 0 if abs(value) >= 9.995 else 1
    kind = kind or ("na" if value == 0 else "")
    text = f"{100 * value:,.{digits}f}"
    text = "0.0" if text == "-0.0" else text
    return f'<td class="{kind}" style="background: {colour}">{text}</td>'


def _breakdowns(report: Report) -> str:
    pairs = [
        (f"Rolling Sharpe, {report.rolling_days} days", charts.rolling(report), "Annualised, from daily returns."),
        ("Time in the market", charts.exposure(report), "Share of the time with a position; short counts negative."),
    ]
    if sum(g.trades for g in report.by_side):
        worst, best = charts.scatter(report, "mae"), charts.scatter(report, "mfe")
        pairs += [
            ("Results of the trades", charts.results(report), "Profit over value at entry; dashed: the mean."),
            ("By side and exit", _group_table(report), ""),
            ("Profit by hour of entry, UTC", charts.groups(report.by_hour, "Profit by hour of entry", 3), ""),
            ("Profit by weekday of entry, UTC", charts.groups(report.by_weekday, "Profit by weekday of entry"), ""),
            ("Adverse excursion and result", *worst),
            ("Favourable excursion and result", *best),
        ]
    cards = [card(*pair) for pair in pairs if pair[1]]
    return "".join(f'<div class="two">{"".join(cards[i : i + 2])}</div>' for i in range(0, len(cards), 2))


def _group_table(report: Report) -> str:
    def row(g: TradeGroup) -> str:
        tone = "up" if g.profit > 0 else "down"
        cells = (
            f"{g.trades:,}",
            f"{g.win_rate:.1%}",
            _money(g.profit),
            _money(g.mean),
            shown("payoff", g.profit_factor),
        )
        made = "".join(f'<td class="{tone}">{c}</td>' if i == 2 else f"<td>{c}</td>" for i, c in enumerate(cells))
        return f"<tr><td>{escape(g.label)}</td>{made}</tr>"

    head = ("Trades", "Won", "Profit", "Mean", "Profit factor")
    tables = table(("Side", *head), map(row, report.by_side)) + table(("Exit", *head), map(row, report.by_exit))
    return f'<div class="even">{tables}</div>'


def _figures(report: Report) -> str:
    blocks = []
    for group, members in grouped(report.metrics):
        rows = []
        for told in members:
            value = report.metrics[told.name]
            tip = escape(f"{told.formula} Source: {told.source}." if told.formula else told.name)
            kind = "na" if value != value else _tone(told.name, value)
            name = f'<span class="tip" title="{tip}">{escape(told.title)}</span>'
            rows.append(f'<tr><td>{name}</td><td class="{kind}">{escape(shown(told.name, value))}</td></tr>')
        blocks.append(f"<h3>{escape(group)}</h3><table><tbody>{''.join(rows)}</tbody></table>")
    return f'<div class="figures">{"".join(blocks)}</div>'


def _conventions(report: Report) -> str:
    rows = []
    for each in report.conventions:
        cells = "".join(
            f'<td class="{"na" if each.figures[f] != each.figures[f] else ""}">{shown(f, each.figures[f])}</td>'
            for f in FIGURES
        )
        own = ' class="own"' if each.name == report.convention else ""
        rows.append(f'<tr{own}><td>{escape(each.name)}</td>{cells}<td class="l">{escape(each.text)}</td></tr>')
    return table(("Convention", *(metric(f).title.split(",")[0] for f in FIGURES), "How"), rows, (0, len(FIGURES) + 1))


def _trades(run: Run) -> str:
    trades = trades_of(run.result)
    count = len(trades)
    if not count:
        return ""
    result, r = shares(trades["pnl"].astype(np.float64), values_of(run.result)), r_multiples(trades)
    total = np.cumsum(trades["pnl"])
    first = range(min(SHOWN_TRADES, count))
    last = range(max(len(first), count - SHOWN_TRADES), count)

    def row(i: int) -> str:
        t = trades[i]
        side, pnl = ("long" if t["side"] > 0 else "short"), float(t["pnl"])
        moments = (iso(int(t[name]))[:16].replace("T", " ") for name in ("entry_ts", "exit_ts"))
        prices = (f"{t[name]:,.8g}" for name in ("entry_price", "exit_price", "quantity"))
        tone = "up" if pnl > 0 else "down"
        ends = (
            shown("total_return", float(result[i])),
            "-" if r[i] != r[i] else f"{r[i]:,.2f}",
            _money(float(total[i])),
            f"{t['bars']:,}",
        )
        cells = "".join(f"<td>{c}</td>" for c in (*moments, *prices))
        return (
            f'<tr><td>{i + 1:,}</td><td class="l">{side}</td>{cells}<td class="{tone}">{_money(pnl)}</td>'
            f'{"".join(f"<td>{c}</td>" for c in ends)}<td class="l">{EXIT_NAMES[t["reason"]]}</td></tr>'
        )

    between = count - len(first) - len(last)
    gap = f'<tr class="gap"><td colspan="13">{between:,} more trades between, not shown</td></tr>' if between else ""
    head = ("#", "Side", "Entry", "Exit", "In", "Out", "Quantity", "Profit", "Result", "R", "Sum", "Bars", "Reason")
    body = table(head, (*map(row, first), gap, *map(row, last)), (0, 1, 12))
    note = (
        f"{count:,} in all; times are UTC."
        if not between
        else f"The first and last {SHOWN_TRADES} of {count:,}; times are UTC."
    )
    return card("Trades", body, note, "long")


def _assumptions(run: Run) -> str:
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in run.result.assumptions)
    return card("Assumptions", f"<ul>{items}</ul>", "Every default that was taken.")


def _provenance(run: Run) -> str:
    result = run.result
    known = {
        "Run": run.job,
        "Kept": iso(run.created_ms),
        "Bars": f"{result.bars:,} from {iso(result.first_ms)} to {iso(result.last_ms)}",
        "Data fingerprint": result.data_fingerprint,
        "Trade hash": result.trade_hash,
        "Code version": result.code_version,
        "Computed in": f"{result.seconds:.2f} s",
    }
    pairs = "".join(f"<dt>{escape(k)}</dt><dd><code>{escape(v)}</code></dd>" for k, v in known.items())
    inputs = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in spec_items(result.spec).items())
    text = f'<p class="h3">Strategy</p><pre>{escape(result.strategy_text)}</pre>'
    return card(
        "Where it comes from",
        f'<dl>{pairs}</dl><p class="h3">Inputs</p><dl>{inputs}</dl>{text}',
        "The same inputs on the same data with the same code give the same trade hash.",
        "long",
    )
