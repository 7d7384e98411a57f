"""Where things stand on the screen, without Qt: the time axis shared by all panes, and the scale of one pane."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

MIN_BARS, MAX_PX_PER_BAR = 5, 120.0
RIGHT_MARGIN_BARS = 8
#: how far from nothing the ends of a scale may be moved: in values, and in decades where it is logarithmic
WIDEST, WIDEST_LOG = 1e15, 15.0


@dataclass(slots=True)
class TimeView:
    """x in logical pixels <-> bar index. Bar i is centred at index i; `right` is the index at the right border."""

    right: float = 0.0
    px_per_bar: float = 7.0
    width: int = 800
    ratio: float = 1.0

    @property
    def left(self) -> float:
        return self.right - self.width / self.px_per_bar

    @property
    def visible_bars(self) -> float:
        return self.width / self.px_per_bar

    def x(self, index: float) -> float:
        return self.width - (self.right - index) * self.px_per_bar

    def xs(self, index: np.ndarray) -> np.ndarray:
        return self.width - (self.right - index) * self.px_per_bar

    def index_at(self, x: float) -> float:
        return self.right - (self.width - x) / self.px_per_bar

    def span(self, count: int) -> tuple[int, int]:
        """Bars [lo, hi) that touch the view, one more at each side so that lines reach the border."""
        return max(0, math.floor(self.left) - 1), max(0, min(count, math.ceil(self.right) + 2))

    def zoom(self, factor: float, anchor_x: float, count: int) -> None:
        """factor > 1 comes closer; the index under anchor_x stays where it is."""
        anchor = self.index_at(anchor_x)
        least = self.width / (max(count, MIN_BARS) * 1.1 + 2 * RIGHT_MARGIN_BARS)
        self.px_per_bar = min(max(self.px_per_bar * factor, min(least, 7.0)), MAX_PX_PER_BAR)
        self.right = anchor + (self.width - anchor_x) / self.px_per_bar
        self.clamp(count)

    def pan(self, bars: float, count: int) -> None:
        self.right += bars
        self.clamp(count)

    def clamp(self, count: int) -> None:
        """Keep some bars in view at both ends."""
        keep = min(MIN_BARS, max(count, 1)) - 0.5
        self.right = max(min(self.right, count - 1 - keep + self.visible_bars), keep)

    def margin(self) -> float:
        """Free bars to the right of the newest one when following it."""
        return max(min(RIGHT_MARGIN_BARS, self.visible_bars * 0.08), 40.0 / self.px_per_bar)

    def to_latest(self, count: int) -> None:
        self.right = count - 1 + self.margin()

    def at_latest(self, count: int) -> bool:
        """The newest bar is in view."""
        return self.right >= count - 1


LINEAR, LOG, PERCENT, INDEXED = MODES = ("linear", "log", "percent", "indexed")


@dataclass(slots=True)
class Scale:
    """y in logical pixels <-> value of one pane.

    lo and hi are values, or their log10 in the mode 'log'. 'percent' and 'indexed' are linear and only written in
    another way: as the change from `base`, or with base as 100. inverted: high values are at the foot.
    """

    lo: float = 0.0
    hi: float = 1.0
    height: int = 300
    mode: str = LINEAR
    inverted: bool = False
    base: float = math.nan

    @property
    def log(self) -> bool:
        return self.mode == LOG

    @property
    def relative(self) -> bool:
        """Values are written as a change from a base that is known."""
        return self.mode in (PERCENT, INDEXED) and math.isfinite(self.base) and self.base != 0.0

    def to_axis(self, value: float) -> float:
        return math.log10(value) if self.log and value > 0 else (-300.0 if self.log else value)

    def y(self, value: float) -> float:
        axis = self.to_axis(value)
        return (axis - self.lo if self.inverted else self.hi - axis) / (self.hi - self.lo) * self.height

    def ys(self, values: np.ndarray) -> np.ndarray:
        if self.log:
            values = np.log10(np.where(values > 0, values, np.nan))
        return (values - self.lo if self.inverted else self.hi - values) * (self.height / (self.hi - self.lo))

    def value_at(self, y: float) -> float:
        part = y / max(self.height, 1) * (self.hi - self.lo)
        value = self.lo + part if self.inverted else self.hi - part
        return 10.0 ** min(max(value, -300.0), 300.0) if self.log else value

    def ends(self) -> tuple[float, float]:
        """(lowest, highest) value of the pane, as values in every mode."""
        a, b = self.value_at(0), self.value_at(self.height)
        return (a, b) if a <= b else (b, a)

    def shown(self, value: float) -> float:
        """The number that is written for a value: itself, a change in percent, or an index with the base as 100."""
        if not self.relative:
            return value
        return (value / self.base - 1.0) * 100.0 if self.mode == PERCENT else value / self.base * 100.0

    def value_of(self, shown: float) -> float:
        """The value of a number as `shown` writes it."""
        if not self.relative:
            return shown
        return self.base * (1.0 + shown / 100.0) if self.mode == PERCENT else self.base * shown / 100.0

    def shift(self, dy: float) -> None:
        """Move what is shown by dy pixels, downwards when positive."""
        by = dy / max(self.height, 1) * (self.hi - self.lo) * (-1 if self.inverted else 1)
        self._move_to(self.lo + by, self.hi + by)

    def stretch(self, factor: float) -> None:
        """Show factor times as much around the middle."""
        middle, half = (self.hi + self.lo) / 2, (self.hi - self.lo) / 2 * factor
        if half > 1e-12 * max(abs(middle), 1e-12):
            self._move_to(middle - half, middle + half)

    def _move_to(self, lo: float, hi: float) -> None:
        """As far as numbers can still be told apart and written; towards nothing always."""
        widest = max(WIDEST_LOG if self.log else WIDEST, abs(self.lo), abs(self.hi))
        if max(abs(lo), abs(hi)) <= widest:
            self.lo, self.hi = lo, hi

    def fit(self, low: float, high: float, top: float, bottom: float) -> None:
        """Show [low, high] with margins as fractions of the height; a flat or missing range gets room around it, and
        what a logarithm does not reach counts as a tenth of the highest."""
        if not (math.isfinite(low) and math.isfinite(high)) or (self.log and high <= 0):
            low, high = (0.1, 1.0) if self.log else (0.0, 1.0)
        if self.log and low <= 0:
            low = high / 10
        a, b = self.to_axis(low), self.to_axis(high)
        least = 1e-9 * max(abs(a), abs(b), 1e-12)
        if b - a <= least:
            room = 0.005 if self.log else max(abs(a) * 0.005, 1e-12)
            a, b = a - room, b + room
        span = (b - a) / max(1.0 - top - bottom, 0.1)
        if self.inverted:
            top, bottom = bottom, top
        self.lo, self.hi = a - span * bottom, b + span * top
