"""How a range is cut into train and test parts: whole trading days, every test bar out of sample exactly once."""

from __future__ import annotations

import calendar
import itertools
import re
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from engine.backtest.days import DAY_MS, day_borders
from engine.clock import iso
from engine.contracts.errors import BadInput
from engine.contracts.markets import Market
from engine.contracts.walkforward import WindowSpec

_LENGTH = re.compile(r"\s*(\d+)\s*(mo|months?|d|days?|w|weeks?|y|years?|bars?)\s*", re.IGNORECASE)
#: more than this and a mistake is likelier than a wish
MOST_WINDOWS = 1_000


class Fold(NamedTuple):
    """Bar indices of one window, half-open: train [train, train_stop), test [test, stop)."""

    train: int
    train_stop: int
    test: int
    stop: int


class Length(NamedTuple):
    """So many months, days, trading days or bars."""

    number: int
    unit: str


def length_of(text: str, what: str) -> Length:
    """A length as '12mo', '90d', '26w', '2y' or '5000bars'; BadInput says which one cannot be read."""
    found = _LENGTH.fullmatch(text)
    if not found or int(found[1]) == 0:
        raise BadInput(
            f'"{text}" is not a length for {what}.', where="windows", fix="Write e.g. 12mo, 90d, 26w or 5000bars."
        )
    number, unit = int(found[1]), found[2].lower()
    if unit.startswith("y"):
        return Length(12 * number, "months")
    if unit.startswith("mo"):
        return Length(number, "months")
    if unit.startswith("w"):
        return Length(7 * number, "days")
    return Length(number, "days" if unit.startswith("d") else "bars")


def cut(spec: WindowSpec, ts: np.ndarray, first: int, stop: int, market: Market, warmup: int = 0) -> list[Fold]:
    """The windows over the bars [first, stop) of `ts` (int64[n] ms, open times).

    Test parts follow one another without hole or overlap up to the end: what is left over after the last whole one is
    a test of its own from half a test's length on, else it is added to the last. warmup: bars that the hungriest
    strategy needs before it can speak. BadInput: unreadable or contradictory lengths, a range too short for one window,
    a train part that purge, embargo or warm-up leave nothing of, a test part without bars.
    """
    ruler = _Ruler(ts, first, stop, market)
    train, test = _easy(spec, ruler) if spec.mode == "easy" else _advanced(spec, ruler)
    purge = length_of(spec.purge, "purge") if spec.purge else None
    embargo = length_of(spec.embargo, "embargo") if spec.embargo else None
    borders = _tests(ruler, train, test)
    folds = []
    for number, (begin, end) in enumerate(itertools.pairwise(borders)):
        start = 0 if spec.kind == "anchored" else max(ruler.moved(begin, -1, train), 0)
        if embargo is not None and number and spec.kind == "rolling":
            start = ruler.moved(start, 1, embargo)
        leave = begin if purge is None else max(ruler.moved(begin, -1, purge), 0)
        folds.append(Fold(ruler.bar(start), ruler.bar(leave), ruler.bar(begin), ruler.bar(end)))
    _check(folds, ruler, warmup)
    return folds


class _Ruler:
    """The range in trading days: place p is the border at which day p begins, `size` the end of the last."""

    def __init__(self, ts: np.ndarray, first: int, stop: int, market: Market) -> None:
        if stop - first < 2:
            raise BadInput("There are no bars to cut into windows.", where="windows", fix="Choose a longer range.")
        self.ts = ts
        self.days = day_borders(int(ts[first]), int(ts[stop - 1]), market.day_tz, market.day_hour)
        self.size = len(self.days) - 1
        self.at = np.clip(np.searchsorted(ts, self.days), first, stop)
        self.span = f"{iso(int(ts[first]))} to {iso(int(ts[stop - 1]))}"

    def moved(self, place: int, way: int, length: Length) -> int:
        """The place a length after (way 1) or before (-1) this one; below 0 or above `size` where that is outside."""
        number = way * length.number
        if length.unit == "trading days":
            return place + number
        if length.unit == "bars":
            bar = self.bar(place) + number
            over = max(bar - int(self.at[-1]), 0) * max(self.size, 1) // max(int(self.at[-1] - self.at[0]), 1)
            return int(np.searchsorted(self.at, bar, side="right")) - 1 + over
        moment = int(self.days[place])
        moment = moment + number * DAY_MS if length.unit == "days" else _months(moment, number)
        # summer time moves a border by an hour, which must not lose a day
        moment += DAY_MS // 2
        outside = moment - int(self.days[-1])
        if outside >= DAY_MS:
            return self.size + outside // DAY_MS
        return int(np.searchsorted(self.days, moment, side="right")) - 1

    def bar(self, place: int) -> int:
        """Index of the first bar from this place on."""
        return int(self.at[min(max(place, 0), self.size)])


def _advanced(spec: WindowSpec, ruler: _Ruler) -> tuple[Length, Length]:
    train, test = length_of(spec.train, "train"), length_of(spec.test, "test")
    if spec.step and ruler.moved(0, 1, length_of(spec.step, "step")) != ruler.moved(0, 1, test):
        raise BadInput(
            f"The step ({spec.step}) is not the test's length ({spec.test}): test parts would overlap or leave holes.",
            where="windows.step",
            fix="Leave the step out.",
        )
    return train, test


def _easy(spec: WindowSpec, ruler: _Ruler) -> tuple[Length, Length]:
    """One train part and all test parts fill the range."""
    if not (1 <= spec.windows <= MOST_WINDOWS and 0 < spec.test_share < 1):
        raise BadInput(
            f"{spec.windows} windows with {spec.test_share:g} of each as test cannot be made.",
            where="windows",
            fix=f"Give 1 to {MOST_WINDOWS} windows and a test share between 0 and 1, as 0.2.",
        )
    test = int(ruler.size * spec.test_share / (1 - spec.test_share + spec.windows * spec.test_share))
    if test < 1:
        raise BadInput(
            f"{ruler.size} trading days are too few for {spec.windows} windows.",
            where=ruler.span,
            fix="Ask for fewer windows or a larger test share, or take a longer range.",
        )
    return Length(ruler.size - spec.windows * test, "trading days"), Length(test, "trading days")


def _tests(ruler: _Ruler, train: Length, test: Length) -> list[int]:
    """Places of the test parts' borders, ascending; each part ends where the next begins."""
    places = [ruler.moved(0, 1, train)]
    if not 0 < places[0] < ruler.size:
        raise BadInput(
            f"A train part of {train.number} {train.unit} "
            + ("is shorter than a trading day." if places[0] <= 0 else "leaves no bar for a test."),
            where=ruler.span,
            fix="Change the train part's length, or take a longer range.",
        )
    while places[-1] < ruler.size:
        following = ruler.moved(places[-1], 1, test)
        if following <= places[-1]:
            raise BadInput(
                f"A test of {test.number} {test.unit} is shorter than a trading day.",
                where="windows.test",
                fix="Take a longer test part: borders are those of trading days.",
            )
        places.append(following)
        if len(places) > MOST_WINDOWS:
            raise BadInput(
                f"This makes more than {MOST_WINDOWS} windows.", where=ruler.span, fix="Take longer test parts."
            )
    whole, left = places[-1] - places[-2], ruler.size - places[-2]
    places[-1] = ruler.size
    if len(places) > 2 and left < whole / 2:
        del places[-2]
    return places


def _check(folds: list[Fold], ruler: _Ruler, warmup: int) -> None:
    for number, fold in enumerate(folds, 1):
        at = iso(int(ruler.ts[min(fold.test, len(ruler.ts) - 1)]))
        if fold.stop <= fold.test:
            raise BadInput(
                f"Window {number} has no bars in its test part (from {at}).",
                where=ruler.span,
                fix="The history has a hole there: take longer test parts, or another range.",
            )
        if fold.train_stop <= fold.train:
            raise BadInput(
                f"Nothing is left of the train part of window {number} (test from {at}).",
                where=ruler.span,
                fix="Make purge and embargo shorter or the train part longer; a hole in the history may also be why.",
            )
        if fold.train_stop <= warmup + 1:
            raise BadInput(
                f"The train part of window {number} ends after {fold.train_stop} bars, but warming up takes {warmup}.",
                where=ruler.span,
                fix="Take a longer train part, more history, or a shorter timeframe.",
            )


def _months(moment: int, months: int) -> int:
    """The same day and hour some months on; the 31st becomes the last of a shorter month."""
    when = datetime.fromtimestamp(moment / 1000, UTC)
    year, month = divmod(when.year * 12 + when.month - 1 + months, 12)
    day = min(when.day, calendar.monthrange(year, month + 1)[1])
    return int(when.replace(year=year, month=month + 1, day=day).timestamp() * 1000)
