"""Where things stand on the screen, without Qt: the time axis shared by all panes, and the scale of one pane."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

MIN_BARS, MAX_PX_PER_BAR = 5, 120.0
RIGHT_MARGIN_BARS = 8


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


@dataclass(slots=True)
class Scale:
    """y in logical pixels <-> value of one pane; lo and hi are log10 of the value when `log`."""

    lo: float = 0.0
    hi: float = 1.0
    height: int = 300
    log: bool = False

    def to_axis(self, value: float) -> float:
        return math.log10(value) if self.log and value > 0 else (-300.0 if self.log else value)

    def y(self, value: float) -> float:
        return (self.hi - self.to_axis(value)) / (self.hi - self.lo) * self.height

    def ys(self, values: np.ndarray) -> np.ndarray:
        if self.log:
            values = np.log10(np.where(values > 0, values, np.nan))
        return (self.hi - values) * (self.height / (self.hi - self.lo))

    def value_at(self, y: float) -> float:
        value = self.hi - y / max(self.height, 1) * (self.hi - self.lo)
        return 10.0 ** min(max(value, -300.0), 300.0) if self.log else value

    def fit(self, low: float, high: float, top: float, bottom: float) -> None:
        """Show [low, high] with margins as fractions of the height; a flat or missing range gets room around it."""
        if not (math.isfinite(low) and math.isfinite(high)):
            low, high = (0.1, 1.0) if self.log else (0.0, 1.0)
        a, b = self.to_axis(low), self.to_axis(high)
        least = 1e-9 * max(abs(a), abs(b), 1e-12)
        if b - a <= least:
            room = 0.005 if self.log else max(abs(a) * 0.005, 1e-12)
            a, b = a - room, b + room
        span = (b - a) / max(1.0 - top - bottom, 0.1)
        self.lo, self.hi = a - span * bottom, b + span * top
