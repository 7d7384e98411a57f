"""The functions of the rules language: what each takes, gives and means, and which primitives it stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.indicators import graph as g
from engine.indicators.graph import CONDITION, LONGEST, NUMBER, Node
from engine.rules.context import Place
from engine.rules.words import ENTRY_MEMORY, SESSIONS, entry_of

#: kinds of arguments beside NUMBER and CONDITION: a number of bars, known before the first bar (a whole number, a
#: parameter, arithmetic of both); any number known before the first bar; a session's name in quotes; a timeframe in
#: quotes or a number of bars; a number or a condition, which then is the kind of the result
BARS, SCALAR, SESSION, FRAME, ANY = "bars", "scalar", "session", "timeframe", "any"
#: bars after which a reversal forgets how it began
REVERSAL_MEMORY = 1000
#: own bars in one bar of tf(n, x), at most
MOST_FRAME = 1440


@dataclass(frozen=True)
class Argument:
    """low, high: bounds of a scalar; default: what stands where it is left out."""

    name: str
    kind: str
    low: float = 1
    high: float = LONGEST
    default: float | None = None


@dataclass(frozen=True)
class Function:
    """kind: of the result, ANY for that of its argument. build(place, *arguments): nodes, and floats for scalars.

    meaning: one line for a person; example: an expression that uses it.
    """

    arguments: tuple[Argument, ...]
    kind: str
    group: str
    build: Callable[..., Node]
    meaning: str
    example: str

    @property
    def required(self) -> int:
        return sum(a.default is None for a in self.arguments)


def plain(build: Callable[..., Node]) -> Callable[..., Node]:
    """A primitive that does not ask where it is computed."""
    return lambda place, *arguments: build(*arguments)


def defined(condition: Node) -> Node:
    """A number that is 1 or 0 (or nan: not known yet) as a condition."""
    return g.greater(condition, g.const(0.0))


def _always(condition: Node, n: float) -> Node:
    return defined(g.lowest(g.number_of(condition), int(n)))


def _count(condition: Node, n: float) -> Node:
    return g.rolling_sum(g.number_of(condition), int(n))


def _sign(a: Node) -> Node:
    zero = g.const(0.0)
    return g.where(g.greater(a, zero), g.const(1.0), g.where(g.greater(zero, a), g.const(-1.0), g.sub(a, a)))


def _between(a: Node, low: Node, high: Node) -> Node:
    return g.both(g.greater_equal(a, low), g.greater_equal(high, a))


def _lag(a: Node, n: float) -> Node:
    if a.kind == CONDITION:
        return a if n == 0 else defined(g.lag(g.number_of(a), int(n)))
    return g.lag(a, int(n))


def _session(place: Place, name: str) -> Node:
    return defined(place.clock(name))


def _time_between(place: Place, first: float, last: float) -> Node:
    minute, start, stop = place.clock("minute"), g.const(60.0 * first), g.const(60.0 * last)
    after, before = g.greater_equal(minute, start), g.greater(stop, minute)
    return g.both(after, before) if first < last else g.either(after, before)


def _pivot(column: str, place: Place, left: float, right: float) -> Node:
    age_of = g.age_of_highest if column == "high" else g.age_of_lowest
    age, at = age_of(place.source(column), int(left + right) + 1), g.const(right)
    return _between(age, at, at)


def _pivot_high(place: Place, left: float, right: float) -> Node:
    return _pivot("high", place, left, right)


def _pivot_low(place: Place, left: float, right: float) -> Node:
    return _pivot("low", place, left, right)


def _at_entry(place: Place, a: Node) -> Node:
    return g.value_at(entry_of(place, "at_entry"), a, ENTRY_MEMORY)


def _tf(place: Place, inner: Node) -> Node:
    """inner was made on the higher bars."""
    return g.hold(inner)


_X, _A, _B = Argument("x", NUMBER), Argument("a", NUMBER), Argument("b", NUMBER)
_COND, _N = Argument("condition", CONDITION), Argument("n", BARS)
_LEFT, _RIGHT = Argument("left", BARS, 1, 1000), Argument("right", BARS, 1, 1000)
_TWO = Argument("n", BARS, 2)
_MOST = Argument("most", BARS, default=500)
_CROSS, _TREND, _WINDOW, _EVENT, _MATHS, _TIME, _FRAME, _TRADE = (
    "Crossings and turns",
    "Conditions over several bars",
    "Windows",
    "Events",
    "Arithmetic",
    "Time",
    "Higher timeframes",
    "The trade",
)

FUNCTIONS: dict[str, Function] = {
    "crosses_above": Function(
        (_A, _B), CONDITION, _CROSS, plain(g.crosses_above),
        "a is above b now and was not on the bar before", "crosses_above(EMA(10), EMA(30))",
    ),
    "crosses_below": Function(
        (_A, _B), CONDITION, _CROSS, plain(g.crosses_below),
        "a is below b now and was not on the bar before", "crosses_below(RSI(14), 70)",
    ),
    "becomes": Function(
        (_COND,), CONDITION, _CROSS, plain(g.edge),
        "the condition holds now and did not on the bar before", "becomes(close > SMA(200))",
    ),
    "pivot_high": Function(
        (_LEFT, _RIGHT), CONDITION, _CROSS, _pivot_high,
        "the bar `right` bars ago is now known as a swing high: no high of the `left` bars before it is above it, and"
        " every one of the `right` bars after it is below", "value_at(pivot_high(5, 5), high[5])",
    ),
    "pivot_low": Function(
        (_LEFT, _RIGHT), CONDITION, _CROSS, _pivot_low,
        "the same for a swing low", "value_at(pivot_low(5, 5), low[5])",
    ),
    "rising": Function(
        (_X, _N), CONDITION, _TREND, plain(g.rising), "x was greater than on the bar before, so many bars in a row",
        "rising(EMA(50), 3)",
    ),
    "falling": Function(
        (_X, _N), CONDITION, _TREND, plain(g.falling), "x was less than on the bar before, so many bars in a row",
        "falling(close, 4)",
    ),
    "within": Function(
        (_COND, _N), CONDITION, _TREND, plain(g.within), "the condition held on at least one of the last bars",
        "within(RSI(14) < 30, 10)",
    ),
    "always": Function(
        (_COND, _N), CONDITION, _TREND, plain(_always), "the condition held on every one of the last bars",
        "always(close > SMA(50), 20)",
    ),
    "count": Function(
        (_COND, _N), NUMBER, _TREND, plain(_count), "on how many of the last bars the condition held",
        "count(close > open, 10) >= 8",
    ),
    "run_length": Function(
        (_COND, Argument("most", BARS)), NUMBER, _TREND, plain(lambda c, most: g.run_length(c, int(most))),
        "how many bars in a row the condition has held, counted up to `most`", "run_length(close < close[1], 20) >= 4",
    ),
    "lag": Function(
        (Argument("x", ANY), Argument("n", BARS, 0)), ANY, _WINDOW, plain(_lag),
        "x so many bars before; written x[n] as well", "close > close[10]",
    ),
    "highest": Function(
        (_X, _N), NUMBER, _WINDOW, plain(g.highest), "greatest of the last values, this bar included",
        "close > highest(high, 20)[1]",
    ),
    "lowest": Function(
        (_X, _N), NUMBER, _WINDOW, plain(g.lowest), "least of the last values, this bar included",
        "close < lowest(low, 20)[1]",
    ),
    "highest_age": Function(
        (_X, _TWO), NUMBER, _WINDOW, plain(lambda a, n: g.age_of_highest(a, int(n))),
        "bars since the greatest of the last values; 0 where it is this bar's", "highest_age(high, 25) < 5",
    ),
    "lowest_age": Function(
        (_X, _TWO), NUMBER, _WINDOW, plain(lambda a, n: g.age_of_lowest(a, int(n))),
        "bars since the least of the last values", "lowest_age(low, 25) < 5",
    ),
    "sum": Function(
        (_X, _N), NUMBER, _WINDOW, plain(g.rolling_sum), "sum of the last values", "sum(volume, 20)",
    ),
    "mean": Function(
        (_X, _N), NUMBER, _WINDOW, plain(g.rolling_mean), "their average", "volume > 2 * mean(volume, 20)",
    ),
    "stdev": Function(
        (_X, _TWO), NUMBER, _WINDOW, plain(g.rolling_std), "their standard deviation (divided by n)",
        "(close - mean(close, 50)) / stdev(close, 50) < -2",
    ),
    "rank": Function(
        (_X, _N), NUMBER, _WINDOW, plain(lambda a, n: g.rank(a, int(n))),
        "share of the n values before this one that are below it, 0 to 1", "rank(ATR(14), 200) < 0.2",
    ),
    "quantile": Function(
        (_X, _N, Argument("q", SCALAR, 0, 1)), NUMBER, _WINDOW, plain(lambda a, n, q: g.quantile(a, int(n), q)),
        "the value below which that share of the last values lies", "volume > quantile(volume, 100, 0.9)",
    ),
    "median": Function(
        (_X, _N), NUMBER, _WINDOW, plain(lambda a, n: g.quantile(a, int(n), 0.5)), "the middle one of the last values",
        "close > median(close, 50)",
    ),
    "bars_since": Function(
        (_COND, _MOST), NUMBER, _EVENT, plain(lambda c, most: g.bars_since(c, int(most))),
        "bars since the condition last held, 0 on the bar itself; undefined if not within `most` bars",
        "bars_since(crosses_above(close, SMA(50))) < 20",
    ),
    "value_at": Function(
        (_COND, _X, _MOST, Argument("nth", BARS, 1, 100, default=1)), NUMBER, _EVENT,
        plain(lambda c, a, most, nth: g.value_at(c, a, int(most), int(nth))),
        "x as it was when the condition last held (nth=2: the time before), within the last `most` bars",
        "close > value_at(pivot_high(3, 3), high[3], most=200, nth=2)",
    ),
    "reversal": Function(
        (_X, Argument("up", NUMBER), Argument("down", NUMBER)), NUMBER, _EVENT,
        plain(lambda x, up, down: g.reversal(x, up, down, REVERSAL_MEMORY)),
        "1 once x has risen by `up` from its lowest since the last turn, -1 once it has fallen by `down` from its"
        " highest since then", "reversal(close, 3 * ATR(14), 3 * ATR(14)) > 0",
    ),
    "abs": Function((_X,), NUMBER, _MATHS, plain(g.absolute), "x without its sign", "abs(close - open)"),
    "min": Function((_A, _B), NUMBER, _MATHS, plain(g.minimum), "the smaller of two", "min(open, close)"),
    "max": Function((_A, _B), NUMBER, _MATHS, plain(g.maximum), "the greater of two", "max(open, close)"),
    "sqrt": Function((_X,), NUMBER, _MATHS, plain(g.sqrt), "square root; undefined below 0", "sqrt(volume)"),
    "exp": Function((_X,), NUMBER, _MATHS, plain(g.exp), "e to the power of x", "exp(mean(log(close), 20))"),
    "log": Function((_X,), NUMBER, _MATHS, plain(g.log), "natural logarithm", "log(close / close[1])"),
    "sign": Function((_X,), NUMBER, _MATHS, plain(_sign), "1, 0 or -1", "sign(close - open)"),
    "floor": Function(
        (_X,), NUMBER, _MATHS, plain(g.floor), "greatest whole number not above x", "floor(close / 1000)",
    ),
    "where": Function(
        (_COND, _A, _B), NUMBER, _MATHS, plain(g.where), "a where the condition holds, else b",
        "where(close > open, volume, -volume)",
    ),
    "between": Function(
        (_X, _A, _B), CONDITION, _MATHS, plain(_between), "x is at least a and at most b", "between(RSI(14), 40, 60)",
    ),
    "session": Function(
        (Argument("name", SESSION),), CONDITION, _TIME, _session,
        "the bar opens inside the session, by local time and summer time: " + ", ".join(f'"{s}"' for s in SESSIONS),
        'session("london")',
    ),
    "time_between": Function(
        (Argument("h1", SCALAR, 0, 24), Argument("h2", SCALAR, 0, 24)), CONDITION, _TIME, _time_between,
        "the bar opens at or after the first hour and before the last, UTC; 22.5 is 22:30; may go over midnight",
        "time_between(22.5, 6)",
    ),
    "tf": Function(
        (Argument("timeframe", FRAME, 1, MOST_FRAME), Argument("x", ANY)), ANY, _FRAME, _tf,
        "x computed on bars of a higher timeframe, as of the last one that has closed; tf(4, x): of four own bars",
        'close > tf("1h", EMA(50))',
    ),
    "at_entry": Function(
        (_X,), NUMBER, _TRADE, _at_entry,
        f"x on the bar of the side's last entry signal, within {ENTRY_MEMORY} bars; only in exits, stops and targets"
        " of one side", "close < at_entry(low)",
    ),
}  # fmt: skip
