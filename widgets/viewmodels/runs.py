"""Kept back-tests as rows that can be searched and sorted, and several of them side by side."""

from __future__ import annotations

import math
from typing import NamedTuple

from engine.contracts.commands import RunSummary
from engine.contracts.metrics import metric, shown
from engine.contracts.reports import Comparison
from widgets.texts import mark, tr
from widgets.viewmodels import formats
from widgets.viewmodels.backtest import tone_of

#: columns of figures: (name, title)
FIGURES: tuple[tuple[str, str], ...] = (
    ("total_return", mark("Net")),
    ("cagr", mark("CAGR")),
    ("sharpe", mark("Sharpe")),
    ("max_drawdown_bar", mark("Max DD")),
    ("profit_factor", mark("PF")),
    ("trades", mark("Trades")),
)
MOST_COMPARED = 4


def params_text(params: dict[str, float]) -> str:
    return ", ".join(f"{k}={formats.trimmed(v)}" for k, v in params.items())


class RunsModel:
    """`rows`: what is visible, in order. column 0 strategy, 1 symbol, 2 timeframe, 3.. figures, last when it was."""

    def __init__(self) -> None:
        self.runs: list[RunSummary] = []
        self.rows: list[RunSummary] = []
        self.wanted = ""
        self.sorted_by = (len(FIGURES) + 3, True)
        self.gone: set[str] = set()

    def load(self, runs: list[RunSummary]) -> None:
        self.runs = runs
        self.arrange()

    def arrange(self) -> None:
        want = self.wanted.casefold().split()
        column, descending = self.sorted_by
        found = [r for r in self.runs if r.job not in self.gone and all(word in self._text(r) for word in want)]

        def key(run: RunSummary) -> tuple[bool, float, str]:
            if column < 3:
                return False, 0.0, (run.spec.strategy, run.spec.symbol, run.spec.timeframe)[column]
            if column < 3 + len(FIGURES):
                value = run.metrics.get(FIGURES[column - 3][0], math.nan)
                return (not descending) == math.isnan(value), 0.0 if math.isnan(value) else value, ""
            return False, float(run.created_ms), ""

        self.rows = sorted(found, key=key, reverse=descending)

    @staticmethod
    def _text(run: RunSummary) -> str:
        s = run.spec
        return f"{s.strategy} {s.symbol} {s.timeframe} {params_text(s.params)} {run.job} {s.direction}".casefold()

    def find(self, job: str) -> RunSummary | None:
        return next((r for r in self.runs if r.job == job), None)

    def cells(self, row: int) -> list[str]:
        run = self.rows[row]
        return [
            run.spec.strategy,
            run.spec.symbol.partition(":")[2] or run.spec.symbol,
            run.spec.timeframe,
            *(shown(name, run.metrics.get(name, math.nan)) for name, _ in FIGURES),
            formats.minute(run.created_ms),
        ]

    def tip(self, row: int) -> str:
        run = self.rows[row]
        s = run.spec
        span = (
            f"{formats.day(s.from_ms) if s.from_ms else tr('begin')} – {formats.day(s.to_ms) if s.to_ms else tr('end')}"
        )
        return f"{s.strategy} · {s.symbol} · {s.timeframe} · {s.direction}\n{params_text(s.params)}\n{span}\n{run.job}"


class CompareRow(NamedTuple):
    """One line of the comparison. kind: 'head', 'input', 'figure' or 'assumed'. best: places of the best values.
    differs: not the same in all."""

    kind: str
    title: str
    values: list[str]
    best: list[int]
    differs: bool
    tip: str


def compare_rows(found: Comparison, *, only_differences: bool = False) -> list[CompareRow]:
    """What differs in the inputs first, then the figures by group, then assumptions not said of all."""
    rows: list[CompareRow] = []
    if found.differences:
        rows.append(CompareRow("head", tr("Inputs that differ"), [], [], False, ""))
        for each in found.differences:
            rows.append(
                CompareRow("input", each.what, [one_line(v) for v in each.values], [], True, "\n\n".join(each.values))
            )
    group = ""
    for name, values in found.metrics:
        told = metric(name)
        if "@" in name:
            continue
        texts = [shown(name, v) for v in values]
        differs = len(set(texts)) > 1
        if only_differences and not differs:
            continue
        if told.group != group:
            group = told.group
            rows.append(CompareRow("head", tr(group), [], [], False, ""))
        rows.append(
            CompareRow("figure", tr(told.title), texts, _best(told.better, values, texts), differs, told.formula)
        )
    if found.assumptions:
        rows.append(CompareRow("head", tr("Assumed of some only"), [], [], False, ""))
        for sentence, said in found.assumptions:
            rows.append(CompareRow("assumed", sentence, ["✓" if s else "–" for s in said], [], True, sentence))
    return rows


def one_line(text: str) -> str:
    return " ".join(text.split())


def _best(better: str, values: list[float], texts: list[str]) -> list[int]:
    good = [v for v in values if math.isfinite(v)]
    if not better or len(good) < 2 or len(set(texts)) < 2:
        return []
    best = max(good) if better == "high" else min(good)
    return [k for k, v in enumerate(values) if v == best]


def legend(found: Comparison) -> list[str]:
    """A short name of each run that tells it from the others: its letter and what it was run on."""
    return [f"{chr(65 + k)}  {title}" for k, title in enumerate(found.titles)]


__all__ = ["FIGURES", "MOST_COMPARED", "CompareRow", "RunsModel", "compare_rows", "legend", "params_text", "tone_of"]
