"""Each candlestick pattern against its plain definition, one bar after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from engine.indicators.catalogue import INDICATORS
from tests.unit.indicators.indicator_support import Bars, evaluate, minutes

ROWS = 30_000


@dataclass(frozen=True)
class Candle:
    o: float
    h: float
    l: float  # noqa: E741
    c: float

    @property
    def body(self) -> float:
        return abs(self.c - self.o)

    @property
    def span(self) -> float:
        return self.h - self.l

    @property
    def up(self) -> float:
        return self.h - max(self.o, self.c)

    @property
    def down(self) -> float:
        return min(self.o, self.c) - self.l

    @property
    def side(self) -> int:
        return (self.c > self.o) - (self.c < self.o)

    @property
    def middle(self) -> float:
        return 0.5 * (self.o + self.c)

    @property
    def long(self) -> bool:
        return self.body > 0 and self.body >= 0.5 * self.span

    def mirrored(self) -> Candle:
        """Upside down."""
        return Candle(-self.o, -self.l, -self.h, -self.c)


Pattern = Callable[[list[Candle]], bool]
#: the bullish form, of the newest candle first; the bearish form is the same upside down


def hammer(k: list[Candle]) -> bool:
    a = k[0]
    return 0 < 2 * a.body <= a.down and a.up <= 0.1 * a.span and len(k) == 5 and a.l <= min(x.l for x in k)


def engulfing(k: list[Candle]) -> bool:
    a, b = k[:2]
    return a.side > 0 > b.side and a.c >= b.o and a.o <= b.c and a.body > b.body


def harami(k: list[Candle]) -> bool:
    a, b = k[:2]
    return a.side > 0 > b.side and b.long and a.c <= b.o and a.o >= b.c and a.body <= 0.5 * b.body


def piercing(k: list[Candle]) -> bool:
    a, b = k[:2]
    return b.side < 0 and b.long and a.o <= b.c and b.middle < a.c < b.o


def star(k: list[Candle]) -> bool:
    a, b, c = k[:3]
    return (
        c.side < 0 and c.long and b.body <= 0.3 * c.body and max(b.o, b.c) < c.middle and a.side > 0 and a.c > c.middle
    )


def soldiers(k: list[Candle]) -> bool:
    rising = all(x.long and x.side > 0 for x in k[:3])
    return rising and all(a.c > b.c and b.o <= a.o <= b.c for a, b in ((k[0], k[1]), (k[1], k[2])))


def marubozu(k: list[Candle]) -> bool:
    return k[0].side > 0 and k[0].body >= 0.95 * k[0].span


def spinning(k: list[Candle]) -> bool:
    a = k[0]
    return a.side > 0 and 0.1 * a.span < a.body <= 0.3 * a.span and min(a.up, a.down) >= a.body


def tweezer(k: list[Candle]) -> bool:
    a, b = k[:2]
    return b.side < 0 < a.side and abs(a.l - b.l) <= 0.05 * max(a.span, b.span)


def hikkake(k: list[Candle]) -> bool:
    a, b, c = k[:3]
    return b.h < c.h and b.l > c.l and a.h < b.h and a.l < b.l


#: name -> (candles it looks at, bullish form)
TWO_SIDED: dict[str, tuple[int, Pattern]] = {
    "ENGULFING": (2, engulfing),
    "HARAMI": (2, harami),
    "PIERCING": (2, piercing),
    "STAR": (3, star),
    "THREE_SOLDIERS": (3, soldiers),
    "MARUBOZU": (1, marubozu),
    "SPINNING_TOP": (1, spinning),
    "TWEEZER": (2, tweezer),
    "HIKKAKE": (3, hikkake),
}


def sided(size: int, bullish: Pattern) -> Callable[[list[Candle]], int]:
    def one(k: list[Candle]) -> int:
        if len(k) < size:
            return 0
        return 1 if bullish(k) else -1 if bullish([x.mirrored() for x in k]) else 0

    return one


def contained(k: list[Candle], inner: int, outer: int) -> int:
    if len(k) < 2 or not (k[inner].h < k[outer].h and k[inner].l > k[outer].l):
        return 0
    return 1 if k[0].side >= 0 else -1


TWINS: dict[str, Callable[[list[Candle]], int]] = {
    "DOJI": lambda k: int(k[0].span > 0 and k[0].body <= 0.1 * k[0].span),
    "HAMMER": lambda k: int(hammer(k)),
    "SHOOTING_STAR": lambda k: -int(hammer([x.mirrored() for x in k])),
    "INSIDE_BAR": lambda k: contained(k, 0, 1),
    "OUTSIDE_BAR": lambda k: contained(k, 1, 0),
    **{name: sided(*form) for name, form in TWO_SIDED.items()},
}


@cache
def coarse() -> Bars:
    """Real prices rounded to whole dollars times five, so that borders are met."""
    index, columns = minutes("binance-spot/BTCUSDT/1m.parquet", ROWS)
    columns = columns.copy()
    columns[:4] = np.round(columns[:4] / 5.0) * 5.0
    return index, columns


@cache
def candles(kind: str) -> list[Candle]:
    bars = coarse() if kind == "coarse" else minutes("binance-spot/BTCUSDT/1m.parquet", ROWS)
    return [Candle(*row) for row in bars[1][:4].T.tolist()]


def test_every_pattern_has_a_twin() -> None:
    assert set(TWINS) == {spec.name for spec in INDICATORS.values() if spec.family == "patterns"}


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["real", "coarse"])
@pytest.mark.parametrize("name", TWINS)
def test_equals_its_definition_bar_by_bar(name: str, kind: str) -> None:
    bars = coarse() if kind == "coarse" else minutes("binance-spot/BTCUSDT/1m.parquet", ROWS)
    got = evaluate([f"{name}()"], bars)[0][0]
    series = candles(kind)
    expected = [TWINS[name](series[max(0, t - 4) : t + 1][::-1]) for t in range(len(series))]
    assert np.array_equal(got, expected), np.flatnonzero(got != expected)[:5]
    for side in {1, -1} if name in TWO_SIDED or name.endswith("BAR") else {int(expected[np.abs(expected).argmax()])}:
        assert (got == side).sum() >= 10, side
