"""Charts of the HTML report as inline SVG: no script, colours by style classes, so that they follow light and dark."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable, Sequence
from html import escape

import numpy as np

Number = Callable[[float], str]
DAY_MS = 86_400_000


def compact(value: float) -> str:
    """A number for an axis: 950, 12.5k, 3.4M."""
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.4g}{unit}"
    return f"{value:.4g}"


def percent(value: float) -> str:
    """A fraction for an axis: 12.5%."""
    return f"{100 * value:.4g}%"


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values in [low, high], about `count` of them."""
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return [low] if math.isfinite(low) else []
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * next(f for f in (1, 2, 2.5, 5, 10) if f * power >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """1, 2, 5, 10 ... in [low, high]; every power of ten only where that is many."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    span = math.log10(high / low)
    factors = (1, 2, 5) if span <= 2 else (1, 3) if span <= 4 else (1,)
    return [v for d in decades for f in factors if low <= (v := f * 10.0**d) <= high]


def time_ticks(low: float, high: float, most: int = 9) -> list[tuple[float, str]]:
    """(ms, label) at the beginnings of years, months or days."""
    first, last = (dt.datetime.fromtimestamp(ms / 1000, dt.UTC) for ms in (low, high))
    months = (last.year - first.year) * 12 + last.month - first.month
    if months < 3:
        step = max(1, math.ceil((high - low) / DAY_MS / most))
        days = range(math.ceil(low / DAY_MS), math.floor(high / DAY_MS) + 1, step)
        return [(d * DAY_MS, f"{dt.datetime.fromtimestamp(d * 86_400, dt.UTC):%d %b}") for d in days]
    step = next(s for s in (1, 2, 3, 6, 12, 24, 60, 120, 240, 1200) if months / s <= most)
    start = first.year * 12 + first.month - 1
    made = []
    for month in range(-(-start // step) * step, start + months + 1, step):
        at = dt.datetime(month // 12, month % 12 + 1, 1, tzinfo=dt.UTC)
        if low <= (ms := at.timestamp() * 1000) <= high:
            made.append((ms, f"{at:%Y}" if at.month == 1 else f"{at:%b}" if months <= 24 else f"{at:%b %y}"))
    return made


def thin(x: np.ndarray, y: np.ndarray, most: int = 1600) -> tuple[np.ndarray, np.ndarray]:
    """At most about `most` points, with the lowest and highest of every stretch among them."""
    if len(x) <= most:
        return x, y
    borders = np.linspace(0, len(x), most // 4 + 1).astype(int)
    keep = {0, len(x) - 1}
    for a, b in itertools.pairwise(borders.tolist()):
        keep |= {a, b - 1, a + int(np.argmin(y[a:b])), a + int(np.argmax(y[a:b]))}
    at = np.array(sorted(keep))
    return x[at], y[at]


class Plot:
    """One drawing area with two scales, in units of its view box. What is added first lies below."""

    def __init__(
        self, width: int, height: int, x: tuple[float, float], y: tuple[float, float], *, log: bool = False,
        left: int = 52, right: int = 10, top: int = 8, bottom: int = 22,
    ) -> None:  # fmt: skip
        self.width, self.height, self.log = width, height, log
        self.left, self.right, self.top, self.bottom = left, width - right, top, height - bottom
        self.x = x if x[1] > x[0] else (x[0] - 0.5, x[0] + 0.5)
        self.y = y if y[1] > y[0] else (y[0] - 0.5, y[0] + 0.5)
        self.parts: list[str] = []

    def px(self, value: float) -> float:
        return self.left + (value - self.x[0]) / (self.x[1] - self.x[0]) * (self.right - self.left)

    def py(self, value: float) -> float:
        low, high = (math.log(v) for v in self.y) if self.log else self.y
        at = math.log(value) if self.log else value
        return self.bottom - (at - low) / (high - low) * (self.bottom - self.top)

    def grid_y(self, form: Number, count: int = 5) -> Plot:
        """Lines with numbers at the left."""
        for value in log_ticks(*self.y) if self.log else nice_ticks(*self.y, count):
            y = self.py(value)
            self.parts.append(f'<line class="grid" x1="{self.left}" x2="{self.right}" y1="{y:.1f}" y2="{y:.1f}"/>')
            self.text(self.left - 7, y + 4, form(value), "end")
        return self

    def grid_x(self, form: Number, count: int = 6) -> Plot:
        """Lines with numbers below."""
        return self._columns([(value, form(value)) for value in nice_ticks(*self.x, count)])

    def time_x(self, most: int = 9) -> Plot:
        """Lines with dates below; x is ms UTC."""
        return self._columns(time_ticks(*self.x, most))

    def _columns(self, ticks: Sequence[tuple[float, str]]) -> Plot:
        for value, label in ticks:
            x = self.px(value)
            self.parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{self.top}" y2="{self.bottom}"/>')
            near = "start" if x < self.left + 14 else "end" if x > self.right - 14 else "middle"
            self.text(x, self.bottom + 15, label, near)
        return self

    def text(self, x: float, y: float, text: str, anchor: str = "start", kind: str = "") -> Plot:
        shape = f' class="{kind}"' if kind else ""
        self.parts.append(f'<text{shape} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>')
        return self

    def line_y(self, value: float, kind: str = "zero") -> Plot:
        """A level across the plot, where it is inside."""
        if self.y[0] <= value <= self.y[1]:
            y = self.py(value)
            self.parts.append(f'<line class="{kind}" x1="{self.left}" x2="{self.right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        return self

    def line_x(self, value: float, kind: str = "zero") -> Plot:
        if self.x[0] <= value <= self.x[1]:
            x = self.px(value)
            self.parts.append(f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{self.top}" y2="{self.bottom}"/>')
        return self

    def path(self, x: np.ndarray, y: np.ndarray, kind: str, base: float | None = None) -> Plot:
        """A curve, filled down to `base` where that is given; it breaks where a value is not finite."""
        fine = np.isfinite(y) & ((y > 0) if self.log else True)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], fine.astype(np.int8), [0]))))
        shape = "".join(
            self._run(*thin(x[a:b], np.clip(y[a:b], *self.y)), base) for a, b in edges.reshape(-1, 2).tolist()
        )
        if shape:
            self.parts.append(f'<path class="{kind}" d="{shape}"/>')
        return self

    def _run(self, x: np.ndarray, y: np.ndarray, base: float | None) -> str:
        points = " ".join(f"{self.px(a):.1f},{self.py(b):.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
        if base is None:
            return f"M{points}"
        ground = self.py(base)
        return f"M{points} {self.px(float(x[-1])):.1f},{ground:.1f} {self.px(float(x[0])):.1f},{ground:.1f}Z"

    def bar(self, start: float, stop: float, value: float, tip: str, kind: str = "", gap: float = 1.0) -> Plot:
        """A bar from 0 to value over [start, stop]; green above 0 and red below unless a kind is named."""
        a, b = self.px(start) + gap, self.px(stop) - gap
        y, zero = self.py(value), self.py(min(max(0.0, self.y[0]), self.y[1]))
        kind = kind or ("gain" if value >= 0 else "loss")
        self.parts.append(
            f'<rect class="{kind}" x="{a:.1f}" y="{min(y, zero):.1f}" width="{max(b - a, 0.5):.1f}" '
            f'height="{max(abs(zero - y), 0.6 if value else 0):.1f}"><title>{escape(tip)}</title></rect>'
        )
        return self

    def points(self, x: np.ndarray, y: np.ndarray, gains: np.ndarray) -> Plot:
        """Dots, green where `gains`."""
        for a, b, gain in zip(x.tolist(), y.tolist(), gains.tolist(), strict=True):
            kind = "gain" if gain else "loss"
            self.parts.append(f'<circle class="{kind}" cx="{self.px(a):.1f}" cy="{self.py(b):.1f}" r="2.4"/>')
        return self

    def svg(self, label: str) -> str:
        """The drawing; label: what it shows, for those who cannot see it."""
        head = f'<svg viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{escape(label)}">'
        return head + "".join(self.parts) + "</svg>"
