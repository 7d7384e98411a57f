"""The report of a walk-forward as ONE HTML page: verdict, stitched equity, windows, heat maps; no script, nothing from
elsewhere."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from engine.backtest.report_parts import card, document, table
from engine.clock import iso
from engine.contracts.robustness import Check, MonteCarloFan, Pbo, Verdict
from engine.contracts.walkforward import FoldResult, WalkForwardResult, WalkResult, WalkSummary
from engine.rules.expressions import number_text
from engine.walkforward import report_charts as charts
from engine.walkforward.choice import Grid, grid_of
from engine.walkforward.stability import HeatMap, heat_map

#: strategies that get a part of their own, best first, and pairs of parameters with a heat map each
MOST_WALKS, MOST_MAPS = 20, 3
#: a heat map with more values on a side is not drawn
MOST_CELLS = 40
_LEVELS = {
    "pass": "Passed",
    "doubtful": "Passed, with reservations",
    "fail": "Not passed",
    "unknown": "Cannot be judged",
}
_TONES = {"pass": "up", "doubtful": "warn", "fail": "down", "unknown": "dim"}
_PERCENT = {
    "luck", "net_return", "profitable_windows", "psr", "dsr", "pbo", "max_drawdown", "best_window", "best_trade",
    "efficiency",
}  # fmt: skip
_COUNTS = {"trades", "windows"}


class Extras(NamedTuple):
    """What was asked for beside the walk itself. fans: Monte Carlo, any number; pbo: CSCV of the strategy's sets."""

    fans: Sequence[MonteCarloFan] = ()
    pbo: Pbo | None = None


def page(result: WalkForwardResult, walks: Sequence[WalkResult], extras: Mapping[str, Extras] | None = None) -> str:
    """The whole document: the ranking where there is more than one strategy, then a part for each of `walks` (at most
    MOST_WALKS). extras: by strategy. Everything that comes from a person or a file is escaped."""
    many = len(result.rows) > 1
    name = f"{len(result.rows)} strategies" if many else result.rows[0].strategy if result.rows else "walk-forward"
    parts = [_head(result, name), _notes(result)]
    if many:
        note = "Best first, by the deflated Sharpe. All figures are out of sample and after costs."
        parts.append(card("Ranking", _ranking(result.rows), note, "long"))
    for walk in walks[:MOST_WALKS]:
        parts.append(_walk(walk, (extras or {}).get(walk.summary.strategy, Extras()), titled=many))
    parts += [_assumptions(result), _provenance(result)]
    return document(f"Walk-forward of {name} on {result.spec.symbol}", "".join(parts), _style())


@lru_cache(maxsize=1)
def _style() -> str:
    return (files("resources") / "report" / "walkforward.css").read_text(encoding="utf-8")


def shown(name: str, value: float) -> str:
    """A figure of the card or the ranking for a person; n/a where it is not defined."""
    if not math.isfinite(value):
        return "n/a"
    if name in _COUNTS:
        return f"{value:,.0f}"
    if name not in _PERCENT:
        return f"{value:,.2f}"
    size = abs(100 * value)
    if 0 < size < 1e-4:
        return "< 0.0001 %"
    if 99.95 <= size < 100:
        return "> 99.9 %"
    digits = 0 if size == 0 or size >= 1000 else 1 if size >= 0.1 else 2 if size >= 0.01 else 4
    return f"{100 * value:,.{digits}f} %"


def _day(ms: int) -> str:
    return iso(ms)[:10]


def _head(result: WalkForwardResult, name: str) -> str:
    spec, cut, search = result.spec, result.spec.windows, result.spec.search
    how = (
        f"{cut.windows} windows, {cut.test_share:.0%} of each for the test"
        if cut.mode == "easy"
        else f"train {cut.train}, test {cut.test}"
    )
    gaps = "".join(f", {what} {text}" for what, text in (("purge", cut.purge), ("embargo", cut.embargo)) if text)
    lines = (
        f"{_day(result.first_ms)} to {_day(result.last_ms)} · {result.bars:,} bars · {spec.direction} · "
        f"{cut.kind}, {how}{gaps}",
        f"Chosen in train by {search.objective} ({search.choice}), at least {search.min_trades} trades; "
        f"{result.trials:,} parameter sets tried on this data in all",
        f"Figures: {result.convention}",
    )
    shown_lines = "".join(f'<p class="sub">{escape(line)}</p>' for line in lines)
    title = f"<h1>Walk-forward of {escape(name)} <span>on {escape(spec.symbol)} {escape(spec.timeframe)}</span></h1>"
    return f"<header>{title}{shown_lines}</header>"


def _notes(result: WalkForwardResult) -> str:
    failed = [row for row in result.rows if row.error]
    lines = []
    if not result.complete:
        lines.append("This walk-forward was stopped before it was complete: what is shown is what was done.")
    if failed:
        names = ", ".join(f"{row.strategy} ({row.error})" for row in failed[:10])
        more = f" and {len(failed) - 10} more" if len(failed) > 10 else ""
        lines.append(f"{len(failed)} of {len(result.rows)} failed: {names}{more}.")
    passed = sum(row.passed for row in result.rows)
    if len(result.rows) > 1 and not passed:
        lines.append("No strategy passed: what looks good in the table may be luck.")
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<section class="card warn">{body}</section>' if body else ""


def _ranking(rows: Sequence[WalkSummary]) -> str:
    columns = (
        ("sharpe", "Sharpe"), ("net_return", "Net return"), ("max_drawdown", "Drawdown"), ("trades", "Trades"),
        ("profitable_windows", "Windows up"), ("efficiency", "Efficiency"), ("psr", "PSR"), ("dsr", "DSR"),
        ("luck", "Luck"), ("pbo", "PBO"),
    )  # fmt: skip
    made = []
    for number, row in enumerate(rows, 1):
        name = f'<td>{number}</td><td class="l">{escape(row.strategy)} {escape(row.timeframe)}</td>'
        if row.error:
            made.append(f'<tr>{name}<td class="l na" colspan="{len(columns) + 1}">{escape(row.error)}</td></tr>')
            continue
        cells = "".join(_cell(key, row.metrics.get(key, math.nan)) for key, _ in columns)
        level = f'<td class="l"><b class="{_TONES.get(row.level, "dim")}">{_LEVELS.get(row.level, "")}</b></td>'
        made.append(f"<tr>{name}{cells}{level}</tr>")
    head = ("#", "Strategy", *(title for _, title in columns), "Verdict")
    return table(head, made, (0, 1, len(head) - 1))


def _cell(name: str, value: float) -> str:
    kind = "na" if not math.isfinite(value) else ""
    if name in ("sharpe", "net_return") and value:
        kind = kind or ("up" if value > 0 else "down")
    return f'<td class="{kind}">{shown(name, value)}</td>'


def _walk(walk: WalkResult, extras: Extras, titled: bool) -> str:
    summary = walk.summary
    title = f"<h2 class='part'>{escape(summary.strategy)} {escape(summary.timeframe)}</h2>" if titled else ""
    if summary.error:
        return title + card("Failed", f"<p>{escape(summary.error)}</p>")
    keys = (
        '<div class="keys"><span><i style="border-color: var(--accent)"></i>Equity out of sample, after costs</span>'
        '<span><i style="border-color: var(--down)"></i>Drawdown</span>'
        '<span><i style="border-color: var(--grid)"></i>Borders of the windows</span></div>'
    )
    curves = charts.equity(walk)
    return "".join((
        title,
        _verdict(walk.verdict) if walk.verdict else "",
        _tiles(summary),
        card("Stitched test parts", keys + curves + charts.drawdown(walk)) if curves else "",
        _windows(walk),
        _maps(walk),
        _robustness(extras),
    ))  # fmt: skip


def _verdict(verdict: Verdict) -> str:
    """The pass/fail card."""
    mark = f'<p class="level {_TONES[verdict.level]}">{_LEVELS[verdict.level]}</p><p>{escape(verdict.words)}</p>'
    rows = "".join(map(_check, verdict.checks))
    body = table(("", "Check", "Value", "Limit", "", "What it says"), [rows], (0, 1, 4, 5)) if rows else ""
    return card("Verdict", f'<div class="verdict">{mark}</div>{body}', "", "long")


def _check(check: Check) -> str:
    sign, tone = {True: ("✓", "up"), False: ("✗", "down" if check.must else "warn"), None: ("–", "dim")}[check.passed]
    sense = "≥" if check.sense == "at least" else "≤"
    weight = "must" if check.must else "wish"
    return (
        f'<tr><td><b class="{tone}">{sign}</b></td><td class="l">{escape(check.title)}</td>'
        f"<td>{shown(check.name, check.value)}</td><td>{sense} {shown(check.name, check.limit)}</td>"
        f'<td class="l na">{weight}</td><td class="l words">{escape(check.words)}</td></tr>'
    )


def _tiles(summary: WalkSummary) -> str:
    names = (
        ("net_return", "Net return", "cagr", "a year"), ("sharpe", "Sharpe", "sortino", "Sortino"),
        ("max_drawdown", "Largest drawdown", "calmar", "Calmar"),
        ("trades", "Trades", "profit_factor", "profit factor"),
        ("profitable_windows", "Profitable windows", "best_window", "from the best one"),
        ("efficiency", "Efficiency", "stability", "steadiness"), ("psr", "Probabilistic Sharpe", "skew", "skew"),
        ("dsr", "Deflated Sharpe", "trials", "tries"),
        ("luck", "Chance that it is luck", "trials_effective", "effective tries"),
        ("pbo", "Overfitting (PBO)", "kurtosis", "kurtosis"),
    )  # fmt: skip
    made = []
    for name, title, other, said in names:
        value, more = summary.metrics.get(name, math.nan), summary.metrics.get(other, math.nan)
        text = f"{more:,.0f}" if other.startswith("trials") and math.isfinite(more) else shown(other, more)
        text = f"{100 * more:,.1f} %" if other == "cagr" and math.isfinite(more) else text
        tone = ("up" if value > 0 else "down") if name in ("net_return", "sharpe") and value else ""
        made.append(
            f'<div class="tile"><span>{title}</span><b class="{tone}">{shown(name, value)}</b>'
            f"<small>{said}: {text}</small></div>"
        )
    return f'<section class="tiles">{"".join(made)}</section>'


def _windows(walk: WalkResult) -> str:
    folds = walk.folds
    if not folds:
        return ""
    names = grid_of(walk.sets).names if walk.sets else ()
    keys = (
        '<div class="keys"><span><i style="border-color: var(--up)"></i>Net return of the test part</span><span>'
        '<i style="border-color: var(--hold)"></i>What the chosen set made in train, in as long a time</span></div>'
    )
    head = (
        "#", "Train", "Test", "Chosen", "Sharpe in", "Sharpe out", "Return in", "Return out", "Drawdown out",
        "Trades out", "Note",
    )  # fmt: skip
    rows = [_window(number, fold, names) for number, fold in enumerate(folds, 1)]
    body = keys + charts.windows(folds) + table(head, rows, (0, 1, 2, 3, 10))
    return card("Windows", body, "Parameters are found in train alone; the test part is touched once.", "long")


def _window(number: int, fold: FoldResult, names: Sequence[str]) -> str:
    """names: of the parameters that vary."""
    chosen = ", ".join(f"{name} {number_text(fold.params[name])}" for name in names if name in fold.params) or "-"
    cells = "".join(
        _cell("net_return" if name == "total_return" else name, part.get(name, math.nan))
        for name, part in (
            ("sharpe", fold.train), ("sharpe", fold.test), ("total_return", fold.train), ("total_return", fold.test),
            ("max_drawdown", fold.test), ("trades", fold.test),
        )
    )  # fmt: skip
    spans = (
        f'<td class="l">{_day(a)} to {_day(b - 1)}</td>'
        for a, b in ((fold.train_from_ms, fold.train_to_ms), (fold.test_from_ms, fold.test_to_ms))
    )
    return (
        f'<tr><td>{number}</td>{"".join(spans)}<td class="l words">{escape(chosen)}</td>{cells}'
        f'<td class="l na words">{escape(fold.note)}</td></tr>'
    )


def _maps(walk: WalkResult) -> str:
    """Heat maps of the objective over two parameters: mean over the train parts, beside that over the test parts."""
    count = len(walk.sets)
    if count < 2 or not walk.values:
        return ""
    grid = grid_of(walk.sets)
    parts = [np.frombuffer(block, "<f8").reshape(-1, count).T for block in (walk.values, walk.test_values)]
    chosen = [fold.chosen for fold in walk.folds]
    pairs = list(itertools.combinations(grid.names, 2))[:MOST_MAPS] or [(name, name) for name in grid.names[:1]]
    made = []
    for x, y in pairs:
        maps = [heat_map(values, grid, x, y) for values in parts if values.size]
        if max(len(maps[0].xs), len(maps[0].ys)) <= MOST_CELLS:
            times = _times(chosen, grid, x, y)
            titles = ("in train; bold: how often a cell was chosen", "in test, of all sets, for comparison only")
            name = escape(f"{x} and {y}" if x != y else x)
            for k, (found, title) in enumerate(zip(maps, titles)):
                made.append(f"<div><h3>{name}, {title}</h3>{_map(found, {} if k else times)}</div>")
    note = "Mean objective over the windows and all other parameters. A broad green field is worth more than a peak."
    return card("Parameters", f'<div class="pair">{"".join(made)}</div>', note, "long") if made else ""


def _times(chosen: Sequence[int], grid: Grid, x: str, y: str) -> dict[tuple[float, float], int]:
    column, row = grid.names.index(x), grid.names.index(y)
    out: dict[tuple[float, float], int] = {}
    for number in chosen:
        if number >= 0:
            key = float(grid.axes[column][grid.steps[number, column]]), float(grid.axes[row][grid.steps[number, row]])
            out[key] = out.get(key, 0) + 1
    return out


def _map(found: HeatMap, times: Mapping[tuple[float, float], int]) -> str:
    known = np.abs(found.values[np.isfinite(found.values)])
    strongest = float(known.max()) if len(known) else 1.0
    rows = []
    one = found.x == found.y
    ys = found.ys[:1] if one else found.ys[::-1]
    for y in ys:
        at = int(np.flatnonzero(found.ys == y)[0])
        values = np.diagonal(found.values) if one else found.values[at]
        cells = "".join(
            _heat(float(value), strongest, times.get((float(x), float(x) if one else float(y)), 0))
            for x, value in zip(found.xs, values)
        )
        rows.append(f"<tr><td>{'' if one else number_text(float(y))}</td>{cells}</tr>")
    head = "".join(f"<th>{number_text(float(x))}</th>" for x in found.xs)
    corner = escape(found.x if one else f"{found.y} \\ {found.x}")
    return (
        f'<div class="wide"><table class="heat small"><thead><tr><th>{corner}</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _heat(value: float, strongest: float, times: int) -> str:
    if not math.isfinite(value):
        return "<td></td>"
    alpha = 0.07 + 0.55 * abs(value) / strongest if strongest > 0 and value else 0.0
    colour = f"rgba(var(--{'up' if value > 0 else 'down'}-rgb), {alpha:.2f})"
    more = f"<b>{times}×</b>" if times else ""
    return f'<td style="background: {colour}">{value:,.3g}{more}</td>'


_KINDS = {
    "shuffle": "Trades in another order", "resample": "Trades drawn anew", "bootstrap": "Days drawn anew in blocks",
    "candles": "Candles drawn anew in blocks",
}  # fmt: skip


def _robustness(extras: Extras) -> str:
    made = []
    if extras.pbo is not None:
        pbo = extras.pbo
        said = pbo.note or (
            f"{pbo.combinations:,} ways to halve {pbo.days:,} days: in {pbo.pbo:.1%} the set that was best in one half"
            f" was at or below the median in the other, in {pbo.loss:.1%} it lost."
        )
        made += [card("Overfitting (CSCV)", charts.logits(pbo) or "<p></p>", said)]
        made += [card("What the best of one half did in the other", charts.degradation(pbo), "Annual Sharpes.")]
    for found in extras.fans:
        said = found.note or (
            f"{found.paths:,} paths. End: {found.final[0]:.2f} to {found.final[-1]:.2f} times the start in 9 of 10;"
            f" deepest fall {found.drawdown[0]:.0%} to {found.drawdown[-1]:.0%}; {found.loss:.1%} end with a loss."
        )
        made.append(card(_KINDS[found.kind], charts.fan(found) or "<p></p>", said))
    return f'<div class="two">{"".join(made)}</div>' if made else ""


def _assumptions(result: WalkForwardResult) -> str:
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in result.assumptions)
    return card("Assumptions", f"<ul>{items}</ul>", "Every default that was taken.") if items else ""


def _provenance(result: WalkForwardResult) -> str:
    known = {
        "Walk-forward": result.job,
        "Kept": iso(result.created_ms),
        "Bars": f"{result.bars:,} from {iso(result.first_ms)} to {iso(result.last_ms)}",
        "Data fingerprint": result.data_fingerprint,
        "Code version": result.code_version,
        "Computed in": f"{result.seconds:.2f} s",
    }
    pairs = "".join(f"<dt>{escape(k)}</dt><dd><code>{escape(v)}</code></dd>" for k, v in known.items())
    return card("Where it comes from", f"<dl>{pairs}</dl>", "", "long")
