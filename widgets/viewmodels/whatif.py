"""What if: the numbers of a strategy that are turned, the run that follows, and what it changed. No Qt."""

from __future__ import annotations

import math
from typing import NamedTuple

import msgspec

from engine.contracts.backtests import BacktestSpec
from engine.contracts.studio import Anchor, Followed, Knob
from widgets.texts import mark, tr
from widgets.viewmodels import formats

#: figure -> (words, is a fraction, more is better)
FIGURES = {
    "total_return": (mark("Net"), True, True),
    "sharpe": (mark("Sharpe"), False, True),
    "max_drawdown_bar": (mark("Max drawdown"), True, False),
    "trades": (mark("Trades"), False, True),
    "win_rate": (mark("Win rate"), True, True),
    "profit_factor": (mark("Profit factor"), False, True),
}


class Cell(NamedTuple):
    """A figure with what it changed by. token: of the change."""

    title: str
    value: str
    change: str
    token: str


class Line(NamedTuple):
    """A level of the chart."""

    key: str
    price: float
    text: str
    token: str
    draggable: bool


class WhatIfModel:
    """base: the run as it was before anything was turned; now: the newest answer."""

    def __init__(self) -> None:
        self.start: BacktestSpec | None = None
        self.knobs: list[Knob] = []
        self.values: dict[str, float] = {}
        self.anchor: Anchor | None = None
        self.base: Followed | None = None
        self.now: Followed | None = None

    def begin(self, spec: BacktestSpec) -> None:
        """Another strategy, symbol or timeframe."""
        self.start, self.knobs, self.values = spec, [], {}
        self.anchor = self.base = self.now = None

    @property
    def turned(self) -> bool:
        return any(abs(self.values.get(k.key, k.value) - k.value) > 1e-12 for k in self.knobs)

    def value(self, key: str) -> float:
        return self.values.get(key, self.knob(key).value)

    def knob(self, key: str) -> Knob:
        return next(k for k in self.knobs if k.key == key)

    def spec(self) -> BacktestSpec:
        """The run with everything as it is turned now."""
        assert self.start is not None
        params, rules = dict(self.start.params), dict(self.start.rules)
        for knob in self.knobs:
            value = self.values.get(knob.key)
            if value is None or value == knob.value:
                continue
            if knob.param:
                params[knob.param] = value
            else:
                rules[knob.rule] = knob.form.replace("{}", formats.trimmed(value), 1)
        return msgspec.structs.replace(self.start, params=params, rules=rules)

    def turn(self, key: str, value: float) -> bool:
        """Set a number, within its bounds and on its steps; False when it was that already."""
        knob = self.knob(key)
        steps = round((value - knob.low) / knob.step)
        value = min(max(knob.low + steps * knob.step, knob.low), knob.high)
        if abs(value - knob.value) < knob.step / 2:
            value = knob.value
        value = float(f"{value:.10g}")
        if abs(self.value(key) - value) < 1e-12:
            return False
        self.values[key] = value
        return True

    def drag_level(self, key: str, price: float) -> bool:
        """A level was dragged to a price: its number follows its distance from the entry."""
        knob = self.knob(key)
        if self.anchor is None or not knob.reach > 0 or not knob.value:
            return False
        distance = abs(price - self.anchor.entry_price)
        return self.turn(key, knob.value * distance / knob.reach)

    def reset(self) -> None:
        self.values = {}

    def take(self, answer: Followed) -> None:
        """Knobs and anchor are those of the untouched run: they stay while things are turned."""
        self.now = answer
        if answer.knobs and not self.knobs:
            hidden = {k.param for k in answer.knobs if k.kind == "level" and k.param}
            self.knobs = [k for k in answer.knobs if k.kind == "level" or k.param not in hidden]
            self.anchor = answer.anchor
        if self.base is None:
            self.base = answer

    def lines(self) -> list[Line]:
        """Entry, stop and target of the newest trade."""
        if self.anchor is None:
            return []
        side, entry = self.anchor.side, self.anchor.entry_price
        word = tr("long") if side > 0 else tr("short")
        found = [Line("entry", entry, tr("{side} entry").format(side=word), "dim", False)]
        other = "short" if side > 0 else "long"
        levels = [k for k in self.knobs if k.kind == "level" and k.reach > 0 and not k.title.startswith(other)]
        reach = {k.key: k.reach * self.value(k.key) / k.value for k in levels}
        risk = next((reach[k.key] for k in levels if "stop" in k.title), math.nan)
        for knob in levels:
            gain = "target" in knob.title or knob.title == "break even"
            apart = reach[knob.key] * (1 if gain else -1)
            # what is at stake is one R, whose sign and size say nothing
            far = "" if not gain or math.isnan(risk) else f" · {apart / risk:+.1f} R"
            text = f"{self.label(knob)} · {formats.percent(apart / entry)}{far}"
            found.append(Line(knob.key, entry + side * apart, text, "up" if gain else "down", True))
        return found

    def label(self, knob: Knob) -> str:
        """'stop 2.5 * ATR(14)' or 'n 14'."""
        value = formats.trimmed(self.value(knob.key))
        if knob.form:
            return f"{knob.title} {knob.form.replace('{}', value, 1)}"
        return f"{knob.title} {value}"

    def cells(self) -> list[Cell]:
        """The figures, each with what it changed by against the untouched run."""
        if self.now is None:
            return []
        return [self._cell(name) for name in FIGURES]

    def _cell(self, name: str) -> Cell:
        words, fraction, better = FIGURES[name]
        value = self.now.figures.get(name, math.nan) if self.now is not None else math.nan
        before = self.base.figures.get(name, math.nan) if self.base is not None else math.nan
        change, token = "", "dim"
        if self.turned and math.isfinite(value) and math.isfinite(before) and value != before:
            apart = value - before
            change = ("+" if apart > 0 else formats.MINUS) + _figure(name, abs(apart), fraction)
            if name != "trades":
                token = "up" if (apart > 0) == better else "down"
        return Cell(tr(words), _figure(name, value, fraction), change, token)


def _figure(name: str, value: float, fraction: bool) -> str:
    if not math.isfinite(value):
        return formats.MISSING
    if name == "trades":
        return f"{value:,.0f}"
    if fraction:
        return formats.percent(value, 1, sign=False)
    return formats.number(value)
