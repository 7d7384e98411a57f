"""What a drawing looks like in pixels, and what lies under the mouse: one definition for painting and hits. No Qt."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, Protocol

from widgets.viewmodels import drawings as dr
from widgets.viewmodels.drawings import Drawing

#: px within which a line or a handle is taken
REACH_PX, HANDLE_PX = 5.0, 8.0
XY = tuple[float, float]


class Times(Protocol):
    length_ms: int

    def __len__(self) -> int: ...
    def ts_at(self, index: int) -> int: ...
    def bar_at(self, ts: int) -> int: ...


def index_of(times: Times, ms: int) -> float:
    """Place of a moment on the axis of bars: a bar's open time is its middle; outside the bars their length counts."""
    n = len(times)
    if not n:
        return 0.0
    first, last = times.ts_at(0), times.ts_at(n - 1)
    if ms <= first:
        return (ms - first) / times.length_ms
    if ms >= last:
        return n - 1 + (ms - last) / times.length_ms
    i = times.bar_at(ms)
    return i + min((ms - times.ts_at(i)) / times.length_ms, 1.0)


def ms_of(times: Times, index: float) -> int:
    """The moment at a place of the axis; the inverse of `index_of` for moments within bars."""
    i = math.floor(index)
    return times.ts_at(i) + round((index - i) * times.length_ms)


class Frame(NamedTuple):
    """How time and price become pixels of the plot, which is width x height."""

    x: Callable[[int], float]
    y: Callable[[float], float]
    width: float
    height: float


class Line(NamedTuple):
    """role: 'line'; 'soft' (dashed, no part of the hit test); 'fib' (number tells which ratio)."""

    a: XY
    b: XY
    role: str = "line"
    number: int = 0


def pixels(drawing: Drawing, frame: Frame) -> list[XY]:
    return [(frame.x(ms), frame.y(price)) for ms, price in drawing.points]


def lines(drawing: Drawing, frame: Frame) -> list[Line]:
    """Its lines, cut to what the plot can show. A text has none."""
    pts = pixels(drawing, frame)
    kind = drawing.kind
    if not all(math.isfinite(v) for p in pts for v in p):
        return []
    if kind in dr.LEVEL_KINDS:
        y = pts[0][1]
        return [Line((0.0, y), (frame.width, y))]
    if kind == dr.TREND:
        return [Line(pts[0], pts[1])]
    if kind == dr.RAY:
        return [Line(pts[0], _beyond(pts[0], pts[1], frame))]
    if kind == dr.RECTANGLE:
        (x0, y0), (x1, y1) = pts
        corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        return [Line(corners[k], corners[(k + 1) % 4]) for k in range(4)]
    if kind == dr.CHANNEL:
        (x0, y0), (x1, y1), (x2, y2) = pts
        at = y0 + (y1 - y0) * (x2 - x0) / (x1 - x0) if x1 != x0 else y0
        off = y2 - at
        return [
            Line((x0, y0), (x1, y1)),
            Line((x0, y0 + off), (x1, y1 + off)),
            Line((x0, y0 + off / 2), (x1, y1 + off / 2), "soft"),
        ]
    if kind == dr.FIBONACCI:
        return _fibonacci(drawing, pts, frame)
    return []


def fib_price(drawing: Drawing, ratio: float) -> float:
    """0 is the second anchor, 1 the first, as a retracement from the second back to the first."""
    (_t0, p0), (_t1, p1) = drawing.points
    return p1 + (p0 - p1) * ratio


def _fibonacci(drawing: Drawing, pts: list[XY], frame: Frame) -> list[Line]:
    left, right = sorted((pts[0][0], pts[1][0]))
    made = [Line(pts[0], pts[1], "soft")]
    for k, ratio in enumerate(dr.FIB_RATIOS):
        y = frame.y(fib_price(drawing, ratio))
        if math.isfinite(y):
            made.append(Line((left, y), (max(right, left + 40.0), y), "fib", k))
    return made


def _beyond(a: XY, b: XY, frame: Frame) -> XY:
    """The point on the ray from a through b that lies outside the plot."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy)
    if length < 1e-9:
        return b
    far = max(frame.width + abs(a[0]), frame.height + abs(a[1]), length) * 2 / length
    far = min(far, 1e6 / length)
    return a[0] + dx * far, a[1] + dy * far


def distance(p: XY, a: XY, b: XY) -> float:
    """From a point to a segment."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    size = dx * dx + dy * dy
    along = 0.0 if size == 0 else min(max(((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / size, 0.0), 1.0)
    return math.hypot(p[0] - a[0] - along * dx, p[1] - a[1] - along * dy)


def handle_at(drawing: Drawing, frame: Frame, p: XY) -> int:
    """Number of the handle under a point, -1 for none."""
    near = [
        (math.hypot(frame.x(ms) - p[0], frame.y(price) - p[1]), k) for k, (ms, price) in enumerate(drawing.handles())
    ]
    best = min((n for n in near if math.isfinite(n[0])), default=(math.inf, -1))
    return best[1] if best[0] <= HANDLE_PX else -1


def away(drawing: Drawing, frame: Frame, p: XY, text_size: XY = (0.0, 0.0)) -> float:
    """Pixels from a point to the drawing; 0 on a text. text_size: width and height of a text as it is painted."""
    if drawing.kind == dr.TEXT:
        x, y = pixels(drawing, frame)[0]
        dx = max(x - p[0], 0.0, p[0] - x - text_size[0])
        dy = max(y - text_size[1] - p[1], 0.0, p[1] - y)
        return math.hypot(dx, dy)
    found = [distance(p, line.a, line.b) for line in lines(drawing, frame) if line.role != "soft"]
    return min(found, default=math.inf)


def moved(
    drawing: Drawing,
    times: Times,
    y: Callable[[float], float],
    price_at: Callable[[float], float],
    bars: float,
    dy: float,
) -> Drawing:
    """The whole drawing so many bars and pixels on; what is equal in time or price stays equal."""
    points = []
    for ms, price in drawing.points:
        when = ms_of(times, index_of(times, ms) + bars) if bars else ms
        points.append((when, price_at(y(price) + dy) if dy else price))
    return drawing.with_points(points)


def clipped(a: XY, b: XY, width: float, height: float, room: float = 50.0) -> tuple[XY, XY] | None:
    """The part of a segment in the plot and a little around it; None when nothing of it is (Liang and Barsky)."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    start, end = 0.0, 1.0
    for p, q in (
        (-dx, a[0] + room),
        (dx, width + room - a[0]),
        (-dy, a[1] + room),
        (dy, height + room - a[1]),
    ):
        if p == 0:
            if q < 0:
                return None
        elif p < 0:
            start = max(start, q / p)
        else:
            end = min(end, q / p)
    if start > end:
        return None
    return (a[0] + start * dx, a[1] + start * dy), (a[0] + end * dx, a[1] + end * dy)
