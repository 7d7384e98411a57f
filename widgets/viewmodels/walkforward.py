"""The ranking of a walk-forward: its strategies as they come in, sorted, filtered, judged in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from engine.contracts.commands import StrategyInfo
from engine.contracts.walkforward import WalkForwardSpec, WalkForwardSummary, WalkSummary
from widgets.texts import mark, tr
from widgets.viewmodels import formats
from widgets.viewmodels.cells import Cell, Cells, Row


class Level(NamedTuple):
    """How a verdict is shown: sign and word always together with the colour."""

    sign: str
    word: str
    token: str
    rank: float


LEVELS: dict[str, Level] = {
    "pass": Level("✓", mark("Passed"), "up", 4.0),
    "doubtful": Level("~", mark("Doubtful"), "warn", 3.0),
    "fail": Level("✗", mark("Not passed"), "down", 2.0),
    "unknown": Level("?", mark("Unclear"), "dim", 1.0),
    "error": Level("!", mark("Error"), "warn", 0.0),
    "": Level("…", mark("To be judged"), "dim", 0.5),
}
#: title, width, meaning
COLUMNS: tuple[tuple[str, int, str], ...] = (
    (mark("Strategy"), 150, mark("Click: its windows, parameters and verdict")),
    (mark("TF"), 36, mark("Timeframe of its decisions")),
    (mark("Net"), 70, mark("Net return of the stitched test parts, after all costs")),
    (mark("Sharpe"), 56, mark("Annual Sharpe out of sample")),
    (mark("Max DD"), 62, mark("Largest fall from a peak, by day, out of sample")),
    (mark("Trades"), 56, mark("Out of sample")),
    (mark("Up"), 46, mark("Share of the windows that made a profit")),
    (mark("Eff."), 52, mark("Efficiency: what it earned out of sample of what it earned while parameters were chosen")),
    (mark("DSR"), 52, mark("Deflated Sharpe: chance that the true Sharpe beats the luckiest of all tries")),
    (
        mark("PBO"),
        50,
        mark("Probability of overfitting: how often the best set of one half is below median in the other"),
    ),
    (mark("Luck"), 52, mark("Chance that the best of all tries looks this good without any skill")),
    (mark("Verdict"), 92, mark("By the limits of the verdict card")),
)
STRATEGY, FRAME, NET, SHARPE, DRAWDOWN, TRADES, UP, EFFICIENCY, DSR, PBO, LUCK, VERDICT = range(len(COLUMNS))
#: title -> levels that are shown, () = all
SHOWN: dict[str, tuple[str, ...]] = {
    mark("All verdicts"): (),
    mark("Passed"): ("pass",),
    mark("Passed or doubtful"): ("pass", "doubtful"),
    mark("Not passed"): ("fail",),
    mark("Unclear or error"): ("unknown", "error", ""),
}


def level_of(row: WalkSummary) -> str:
    return "error" if row.error else row.level


def share(value: float, digits: int = 0) -> str:
    """A fraction as per cents for a narrow column."""
    if not math.isfinite(value):
        return formats.MISSING
    size = abs(100 * value)
    if size >= 9_999.5:
        return formats.compact(value * 100) + " %"
    if digits == 0 and 0 < size < 0.5:
        return "<1 %"
    return formats.percent(value, digits if size < 1_000 else 0, sign=False)


def signed(value: float) -> str:
    return "up" if value > 0 else "down" if value < 0 else "text"


def ranked(row: WalkSummary) -> Row:
    """The cells of one strategy."""
    level = LEVELS.get(level_of(row), LEVELS[""])
    # verdicts that are alike are ranked by the deflated Sharpe
    deflated = row.metrics.get("dsr", math.nan)
    place = level.rank + (0.9 * deflated if math.isfinite(deflated) else 0.0)
    verdict = Cell(f"{level.sign} {tr(level.word)}", place, level.token)
    if row.error:
        blank = Cell(formats.MISSING, None, "faint")
        cells = (Cell(row.strategy, row.strategy), Cell(row.timeframe), *[blank._replace(value=math.nan)] * 9, verdict)
        return Row(row.strategy, cells, row.error)
    m = row.metrics

    def of(name: str) -> float:
        return m.get(name, math.nan)

    net, sharpe = of("net_return"), of("sharpe")
    cells = (
        Cell(row.strategy, row.strategy),
        Cell(row.timeframe, None, "dim"),
        Cell(_net(net), net, signed(net)),
        Cell(formats.number(sharpe), sharpe, signed(sharpe)),
        Cell(share(of("max_drawdown"), 1), of("max_drawdown")),
        Cell(formats.number(of("trades"), 0), of("trades")),
        Cell(share(of("profitable_windows")), of("profitable_windows")),
        Cell(share(of("efficiency")), of("efficiency")),
        Cell(share(of("dsr")), of("dsr")),
        Cell(share(of("pbo")), of("pbo")),
        Cell(share(of("luck")), of("luck")),
        verdict,
    )
    return Row(row.strategy, cells, row.words)


def _net(value: float) -> str:
    if not math.isfinite(value):
        return formats.MISSING
    text = share(value, 1)
    return f"+{text}" if value > 0 else text


class Ranking:
    """Rows of one walk-forward, in any order they come; an earlier row of a strategy is replaced."""

    def __init__(self) -> None:
        self.rows: dict[str, WalkSummary] = {}
        self.cells = Cells(VERDICT, True)
        self.families: dict[str, str] = {}
        self.text, self.family = "", ""
        self.levels: tuple[str, ...] = ()
        self.cells.set_filter(self._fits)

    def clear(self) -> None:
        self.rows.clear()
        self.cells.clear()

    def set_rows(self, rows: Iterable[WalkSummary]) -> None:
        self.rows = {row.strategy: row for row in rows}
        self.cells.set_rows(ranked(row) for row in self.rows.values())

    def put(self, row: WalkSummary) -> None:
        self.rows[row.strategy] = row
        self.cells.put(ranked(row))

    def set_families(self, strategies: Iterable[StrategyInfo]) -> None:
        self.families = {s.id: s.family for s in strategies}

    def set_filter(self, text: str = "", family: str = "", levels: tuple[str, ...] = ()) -> None:
        self.text, self.family, self.levels = text.casefold().strip(), family, levels
        self.cells.set_filter(self._fits)

    def _fits(self, row: Row) -> bool:
        name = str(row.key)
        family = self.families.get(name, "")
        words = f"{name} {family}".casefold()
        return (
            all(word in words for word in self.text.split())
            and (not self.family or family == self.family)
            and (not self.levels or level_of(self.rows[name]) in self.levels)
        )

    def counts(self) -> dict[str, int]:
        """How many rows stand at each level."""
        made: dict[str, int] = {}
        for row in self.rows.values():
            made[level_of(row)] = made.get(level_of(row), 0) + 1
        return made

    def headline(self) -> str:
        """'3 passed, 2 doubtful, 182 not'; what there is none of is left out."""
        counts = self.counts()
        parts = [
            tr("{n} passed").format(n=counts.get("pass", 0)),
            *([tr("{n} doubtful").format(n=n)] if (n := counts.get("doubtful", 0)) else []),
            *([tr("{n} not passed").format(n=n)] if (n := counts.get("fail", 0)) else []),
            *([tr("{n} unclear").format(n=n)] if (n := counts.get("unknown", 0)) else []),
            *([tr("{n} errors").format(n=n)] if (n := counts.get("error", 0)) else []),
        ]
        return ", ".join(parts)

    def why_empty(self) -> str:
        """What hides all rows, "" when some are shown or there are none."""
        if self.cells.shown or not self.rows:
            return ""
        return tr("None of {n} strategies fits the filter.").format(n=len(self.rows))


def titled(spec: WalkForwardSpec) -> str:
    """What is walked, in a few words."""
    name = spec.symbol.partition(":")[2] or spec.symbol
    count = len(spec.strategies)
    what = (
        tr("all strategies")
        if not count
        else spec.strategies[0]
        if count == 1
        else tr("{n} strategies").format(n=count)
    )
    w = spec.windows
    cut = (
        tr("{train} / {test} {kind}").format(train=w.train, test=w.test, kind=w.kind)
        if w.mode == "advanced"
        else tr("{n} windows {kind}").format(n=w.windows, kind=w.kind)
    )
    return " · ".join(part for part in (name, what, spec.timeframe, cut, spec.search.objective) if part)


KEPT_COLUMNS = (
    (mark("When"), 138), (mark("Symbol"), 84), (mark("What"), 120), (mark("TF"), 40), (mark("Train / test"), 96),
    (mark("Best"), 120), (mark("Sharpe"), 54), (mark("Passed"), 62), (mark("State"), 74),
)  # fmt: skip


def kept_rows(runs: Iterable[WalkForwardSummary]) -> list[Row]:
    """The list of kept walk-forwards, newest first."""
    rows = []
    for run in runs:
        spec, best = run.spec, run.best
        count = len(spec.strategies)
        what = tr("all") if not count else spec.strategies[0] if count == 1 else tr("{n} strategies").format(n=count)
        w = spec.windows
        cut = f"{w.train} / {w.test}" if w.mode == "advanced" else tr("{n} windows").format(n=w.windows)
        sharpe = best.metrics.get("sharpe", math.nan) if best is not None else math.nan
        cells = (
            Cell(formats.minute(run.created_ms), float(run.created_ms), "dim"),
            Cell(spec.symbol.partition(":")[2] or spec.symbol),
            Cell(what),
            Cell(spec.timeframe or tr("own"), None, "dim"),
            Cell(cut + (" " + tr("anchored") if w.kind == "anchored" else "")),
            Cell(best.strategy if best is not None else formats.MISSING),
            Cell(formats.number(sharpe) if math.isfinite(sharpe) else formats.MISSING, sharpe, signed(sharpe)),
            Cell(f"{run.passed} / {run.rows}", float(run.passed), "up" if run.passed else "dim"),
            Cell(tr("complete") if run.complete else tr("stopped"), None, "dim" if run.complete else "warn"),
        )
        rows.append(Row(run.job, cells, f"{run.job}\n{titled(spec)}"))
    return rows


COMPARED = (("sharpe", mark("Sharpe")), ("net_return", mark("Net")), ("dsr", "DSR"))


def compared(one: Mapping[str, WalkSummary], other: Mapping[str, WalkSummary]) -> list[Row]:
    """Two walk-forwards side by side: strategies that are in either, with their figures in both."""
    rows = []
    for name in sorted(one.keys() | other.keys()):
        pair = (one.get(name), other.get(name))
        values = [
            [p.metrics.get(key, math.nan) if p is not None else math.nan for p in pair] for key, _title in COMPARED
        ]
        cells = [Cell(name, name)]
        for (key, _title), (a, b) in zip(COMPARED, values, strict=True):
            show = formats.number if key == "sharpe" else share
            cells += [Cell(show(v) if math.isfinite(v) else formats.MISSING, v, signed(v)) for v in (a, b)]
        change = values[0][1] - values[0][0]
        cells.append(
            Cell(
                f"{change:+.2f}".replace("-", formats.MINUS) if math.isfinite(change) else formats.MISSING,
                change,
                signed(change),
            )
        )
        for p in pair:
            level = LEVELS.get(level_of(p), LEVELS[""]) if p is not None else None
            cells.append(
                Cell(f"{level.sign} {tr(level.word)}", level.rank, level.token)
                if level
                else Cell(formats.MISSING, math.nan)
            )
        rows.append(Row(name, tuple(cells)))
    return rows
