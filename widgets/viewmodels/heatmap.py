"""The market as rectangles: as big as what is traded, grouped by market, coloured by any figure."""

from __future__ import annotations

import numpy as np

#: the biggest and the smallest tile's share of the weight are not further apart than this: all can be read
MOST_RATIO = 400.0
#: shades on either side of the middle
SHADES = 12


def weights(volume: np.ndarray) -> np.ndarray:
    """float64[n] > 0: the square root of what is traded, so that small ones can still be seen."""
    known = np.nan_to_num(volume, nan=0.0, posinf=0.0)
    root = np.sqrt(np.maximum(known, 0.0))
    top = float(root.max(initial=0.0))
    return np.maximum(root, top / MOST_RATIO if top > 0 else 1.0)


def squarified(weight: np.ndarray, x: float, y: float, width: float, height: float) -> np.ndarray:
    """float64[n, 4] (x, y, width, height) of tiles that fill a rectangle, their areas as the weights (> 0), in
    the order given, as square as rows allow (Bruls, Huizing, van Wijk: Squarified treemaps). Give the biggest first."""
    out = np.zeros((len(weight), 4))
    total = float(weight.sum())
    if not len(weight) or width <= 0 or height <= 0 or total <= 0:
        return out
    areas = (weight * (width * height / total)).tolist()
    first = 0
    while first < len(areas):
        side = min(width, height)
        if side <= 0:
            break
        end, row = _row(areas, first, side)
        thick = row / side
        at = 0.0
        for k in range(first, end):
            length = areas[k] / thick
            out[k] = (x, y + at, thick, length) if width >= height else (x + at, y, length, thick)
            at += length
        if width >= height:
            x, width = x + thick, width - thick
        else:
            y, height = y + thick, height - thick
        first = end
    return out


def _row(areas: list[float], first: int, side: float) -> tuple[int, float]:
    """(one after the last tile of the row that begins at first, its area): as long as it makes them squarer."""
    end, row = first + 1, areas[first]
    big = small = row
    worst = _worst(row, big, small, side)
    while end < len(areas):
        one = areas[end]
        now = _worst(row + one, max(big, one), min(small, one), side)
        if now > worst:
            break
        row, big, small, worst, end = row + one, max(big, one), min(small, one), now, end + 1
    return end, row


def _worst(row: float, big: float, small: float, side: float) -> float:
    square = row * row
    return max(side * side * big / square, square / (side * side * small)) if small > 0 else float("inf")


def shades(values: np.ndarray, *, centred: bool) -> tuple[np.ndarray, float, float]:
    """(int64[n] from -SHADES to SHADES, lowest, highest value of the scale). centred: around zero, as a change is;
    else around the middle of what is there. nan is 0. The scale holds nine of ten values, so that one does not bleach
    the others."""
    known = values[np.isfinite(values)]
    if not len(known):
        return np.zeros(len(values), np.int64), -1.0, 1.0
    if centred:
        reach = float(np.quantile(np.abs(known), 0.9)) or 1.0
        low, high = -reach, reach
    else:
        low, high = (float(q) for q in np.quantile(known, (0.05, 0.95)))
        if high <= low:
            low, high = low - 1.0, high + 1.0
    part = (values - low) / (high - low) * 2 - 1
    found = np.round(np.clip(np.nan_to_num(part, nan=0.0), -1, 1) * SHADES).astype(np.int64)
    return np.where(np.isfinite(values), found, 0), low, high
