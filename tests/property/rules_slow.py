"""The rules language once more, slow and plain: lists of Python numbers, bar after bar, as its reference has it."""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.contracts.timeframes import timeframe_ms
from engine.rules.expressions import Binary, Expression, FunctionCall, Number, Price, Unary, Word

NAN = math.nan
HOURS = {
    "tokyo": ("Asia/Tokyo", 540, 1080),
    "london": ("Europe/London", 480, 990),
    "new_york": ("America/New_York", 570, 960),
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a < b or a > b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else NAN if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1, b),
}


class Bars:
    """Bars of one length: index (open time // length) and columns as lists."""

    def __init__(self, length: int, index: Sequence[int], columns: dict[str, list[float]], day: str) -> None:
        self.length = length
        self.index = list(index)
        self.columns = columns
        self.day = day

    def opened(self, i: int) -> datetime:
        return datetime.fromtimestamp(self.index[i] * self.length / 1000, UTC)

    def trading_day(self, i: int) -> int:
        if self.day == "utc":
            return self.opened(i).toordinal()
        return (self.opened(i).astimezone(ZoneInfo("America/New_York")) + timedelta(hours=7)).toordinal()

    def trading_week(self, i: int) -> int:
        return (self.trading_day(i) - 1) // 7

    def longer(self, frame: int) -> Bars:
        """Bars made of `frame` of these; the first only if it was seen from its beginning."""
        groups: dict[int, list[int]] = {}
        for i, at in enumerate(self.index):
            groups.setdefault(at // frame, []).append(i)
        if self.index[0] % frame:
            groups.pop(self.index[0] // frame)
        c = self.columns
        columns = {
            "open": [c["open"][g[0]] for g in groups.values()],
            "high": [max(c["high"][i] for i in g) for g in groups.values()],
            "low": [min(c["low"][i] for i in g) for g in groups.values()],
            "close": [c["close"][g[-1]] for g in groups.values()],
            "volume": [sum(c["volume"][i] for i in g) for g in groups.values()],
        }
        return Bars(self.length * frame, list(groups), columns, self.day)


def evaluate(tree: Expression, bars: Bars, frame: int = 1) -> list[Any]:
    """One value a bar: floats, nan where undefined, or bools."""
    n = len(bars.index)
    match tree:
        case Number():
            return [tree.value] * n
        case Price():
            return series(tree.name, bars)
        case Unary():
            inner = evaluate(tree.operand, bars, frame)
            return [not a for a in inner] if tree.op == "not" else [-a for a in inner]
        case Binary():
            pairs = zip(evaluate(tree.left, bars, frame), evaluate(tree.right, bars, frame))
            return [BINARY[tree.op](a, b) for a, b in pairs]
        case FunctionCall(name="tf"):
            return held(tree, bars)
        case FunctionCall():
            given = [a.text if isinstance(a, Word) else evaluate(a, bars, frame) for a in tree.arguments]
            return [CALLS[tree.name](bars, i, *given) for i in range(n)]
    raise TypeError(tree)


def held(tree: FunctionCall, bars: Bars) -> list[Any]:
    by, inner = tree.arguments
    frame = timeframe_ms(by.text) // bars.length if isinstance(by, Word) else int(by.value)  # type: ignore[attr-defined]
    if frame == 1:
        return evaluate(inner, bars)
    longer = bars.longer(frame)
    values = evaluate(inner, longer) if longer.index else []
    out, done = [], 0
    for at in bars.index:
        while done < len(longer.index) and (longer.index[done] + 1) * frame <= at + 1:
            done += 1
        out.append(values[done - 1] if done else (False if inner.kind == "condition" else NAN))
    return out


def series(name: str, bars: Bars) -> list[float]:
    if name in bars.columns:
        return bars.columns[name]
    n = range(len(bars.index))
    if name in CALENDAR:
        return [float(CALENDAR[name](bars.opened(i))) for i in n]
    rest = name.removeprefix("prev_")
    key = bars.trading_week if "week" in name else bars.trading_day
    keys = [key(i) for i in n]
    kind = "count" if name == "bar_of_day" else rest.split("_")[1]
    return [grouped(kind, keys, bars.columns, i, "prev_" in name) for i in n]


def grouped(kind: str, keys: list[int], columns: dict[str, list[float]], i: int, ended: bool) -> float:
    """Of the bars with the key of bar i (up to it), or with the key before; nan unless its beginning was seen."""
    key = keys[i]
    if ended:
        earlier = [k for k in keys[: i + 1] if k != key]
        if not earlier:
            return NAN
        key = earlier[-1]
    group = [j for j in range(i + 1) if keys[j] == key]
    if group[0] == 0:
        return NAN
    match kind:
        case "count":
            return float(len(group) - 1)
        case "open":
            return columns["open"][group[0]]
        case "high":
            return max(columns["high"][j] for j in group)
        case "low":
            return min(columns["low"][j] for j in group)
    return columns["close"][group[-1]]


CALENDAR: dict[str, Callable[[datetime], int]] = {
    "minute": lambda t: t.hour * 60 + t.minute,
    "hour": lambda t: t.hour,
    "weekday": lambda t: t.isoweekday(),
    "day": lambda t: t.day,
    "month": lambda t: t.month,
    "days_left": lambda t: monthrange(t.year, t.month)[1] - t.day,
}


def at(values: list[Any], i: int, missing: Any = NAN) -> Any:
    return values[i] if i >= 0 else missing


def window(x: list[float], i: int, n: list[float]) -> list[float]:
    """The last n values, oldest first; [nan] where there are fewer or one is undefined."""
    part = x[max(0, i - int(n[i]) + 1) : i + 1]
    return [NAN] if len(part) < n[i] or any(v != v for v in part) else part


def turns(cond: list[bool], i: int) -> bool:
    return i > 0 and cond[i] and not cond[i - 1]


def events(cond: list[bool], i: int, most: list[float]) -> list[int]:
    """The bars among the last `most` on which it held, the newest first."""
    return [j for j in range(i, max(-1, i - int(most[i])), -1) if cond[j]]


def age(x: list[float], i: int, n: list[float], best: Callable[[list[float]], float]) -> float:
    part = window(x, i, n)
    return NAN if part == [NAN] or part[0] != part[0] else float(part[::-1].index(best(part)))


def pivot(column: str, best: Callable[[list[float]], float]) -> Callable[..., bool]:
    def known(b: Bars, i: int, left: list[float], right: list[float]) -> bool:
        p, (lo, hi) = i - int(right[i]), (i - int(left[i] + right[i]), i)
        if lo < 0:
            return False
        x = b.columns[column]
        return best(x[lo : hi + 1]) == x[p] and x[p] not in x[p + 1 : hi + 1]

    return known


def run(x: list[float], i: int, n: list[float], sign: int) -> bool:
    k = int(n[i])
    return i >= k and all(sign * x[j] > sign * x[j - 1] for j in range(i - k + 1, i + 1))


def crossed(a: list[float], b: list[float], i: int) -> bool:
    return i > 0 and a[i] > b[i] and a[i - 1] <= b[i - 1]


def in_session(bars: Bars, i: int, name: str) -> bool:
    zone, first, last = HOURS[name]
    local = bars.opened(i).astimezone(ZoneInfo(zone))
    return local.isoweekday() <= 5 and first <= local.hour * 60 + local.minute < last


def in_hours(bars: Bars, i: int, h1: list[float], h2: list[float]) -> bool:
    minute = CALENDAR["minute"](bars.opened(i))
    first, last = 60 * h1[i], 60 * h2[i]
    return first <= minute < last if first < last else minute >= first or minute < last


def ranked(x: list[float], i: int, n: list[float]) -> float:
    before = x[i - int(n[i]) : i] if i >= n[i] else [NAN]
    return NAN if any(v != v for v in [*before, x[i]]) else sum(v < x[i] for v in before) / n[i]


def in_a_row(cond: list[bool], i: int, most: list[float]) -> float:
    k = 0
    while k < most[i] and i - k >= 0 and cond[i - k]:
        k += 1
    return float(k)


def smaller(a: float, b: float) -> float:
    return NAN if a != a or b != b else min(a, b)


CALLS: dict[str, Callable[..., Any]] = {
    "crosses_above": lambda _, i, a, b: crossed(a, b, i),
    "crosses_below": lambda _, i, a, b: crossed(b, a, i),
    "becomes": lambda _, i, c: turns(c, i),
    "pivot_high": pivot("high", max),
    "pivot_low": pivot("low", min),
    "rising": lambda _, i, x, n: run(x, i, n, 1),
    "falling": lambda _, i, x, n: run(x, i, n, -1),
    "within": lambda _, i, c, n: i + 1 >= n[i] and any(c[i - int(n[i]) + 1 : i + 1]),
    "always": lambda _, i, c, n: i + 1 >= n[i] and all(c[i - int(n[i]) + 1 : i + 1]),
    "count": lambda _, i, c, n: float(sum(c[i - int(n[i]) + 1 : i + 1])) if i + 1 >= n[i] else NAN,
    "run_length": lambda _, i, c, most: in_a_row(c, i, most),
    "lag": lambda _, i, x, n: at(x, i - int(n[i]), False if isinstance(x[0], bool) else NAN),
    "highest": lambda _, i, x, n: max(window(x, i, n)),
    "lowest": lambda _, i, x, n: min(window(x, i, n)),
    "highest_age": lambda _, i, x, n: age(x, i, n, max),
    "lowest_age": lambda _, i, x, n: age(x, i, n, min),
    "sum": lambda _, i, x, n: math.fsum(window(x, i, n)),
    "mean": lambda _, i, x, n: math.fsum(window(x, i, n)) / n[i],
    "rank": lambda _, i, x, n: ranked(x, i, n),
    "bars_since": lambda _, i, c, most: float(i - events(c, i, most)[0]) if events(c, i, most) else NAN,
    "value_at": lambda _, i, c, x, most, nth: (
        x[events(c, i, most)[int(nth[i]) - 1]] if len(events(c, i, most)) >= nth[i] else NAN
    ),
    "abs": lambda _, i, x: abs(x[i]),
    "min": lambda _, i, a, b: smaller(a[i], b[i]),
    "max": lambda _, i, a, b: -smaller(-a[i], -b[i]),
    "sqrt": lambda _, i, x: math.sqrt(x[i]) if x[i] >= 0 else NAN,
    "sign": lambda _, i, x: x[i] if x[i] != x[i] else float((x[i] > 0) - (x[i] < 0)),
    "floor": lambda _, i, x: float(math.floor(x[i])) if math.isfinite(x[i]) else x[i],
    "where": lambda _, i, c, a, b: a[i] if c[i] else b[i],
    "between": lambda _, i, x, a, b: a[i] <= x[i] <= b[i],
    "session": in_session,
    "time_between": in_hours,
}
