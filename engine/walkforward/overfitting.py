"""Probability of backtest overfitting by combinatorially symmetric cross-validation (CSCV).

Source: D. Bailey, J. Borwein, M. Lopez de Prado, Q. Zhu, The Probability of Backtest Overfitting (Journal of
Computational Finance 20/4, 2016; first published 2013). The history is cut into S blocks; each way to take half of
them is once the half in which the best set is chosen, and once the half in which one looks what became of it.
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.backtest.conventions import NAN
from engine.contracts.errors import BadInput
from engine.contracts.robustness import Pbo
from engine.walkforward.kernels_overfitting import FOUND, IN_SAMPLE, OUT_OF_SAMPLE, RANK, halves, subset_sums

BLOCKS = 16
#: values kept to compare choosing with taking any set, and points kept for drawing
MOST_SAMPLED, MOST_POINTS = 300_000, 400
_EDGES = np.linspace(-6.0, 6.0, 49)

Floats = NDArray[np.float64]


def probability_of_overfitting(returns: Floats, days_per_year: int, blocks: int = BLOCKS) -> Pbo:
    """CSCV over float64[sets, days] daily returns.

    A set that does not move in a half has a Sharpe of 0 there; returns that are nan (the equity was gone) count as 0.
    Relative rank: rank / (sets + 1), equal ones share their mean rank; logit ln(w / (1 - w)); pbo: share of the logits
    at or below 0. Blocks differ by a day at most. BadInput for a number of blocks that is odd or not in 4 ... 16; where
    there are too few sets or days the figures are nan and `note` says why.
    """
    if blocks % 2 or not 4 <= blocks <= BLOCKS:
        raise BadInput(f"{blocks} blocks cannot be halved in this way.", fix=f"Use an even number from 4 to {BLOCKS}.")
    sets, days = returns.shape
    if sets < 2:
        return _nothing(sets, days, blocks, "There is only one parameter set: nothing was chosen.")
    if days < 2 * blocks:
        return _nothing(sets, days, blocks, f"{days} days are too few for {blocks} blocks of at least two.")
    if not (returns != 0.0).any():
        return _nothing(sets, days, blocks, "No set ever traded.")
    _, found, sample = _all_halves(returns, blocks)
    inside, outside = found[..., IN_SAMPLE].ravel(), found[..., OUT_OF_SAMPLE].ravel()
    share = found[..., RANK].ravel() / (sets + 1)
    logits = np.log(share / (1.0 - share))
    slope, intercept, r2 = _line(inside, outside)
    year = math.sqrt(days_per_year)
    first, second = dominance(outside, sample.ravel())
    keep = np.linspace(0, len(inside) - 1, min(MOST_POINTS, len(inside))).astype(np.int64)
    return Pbo(
        sets=sets,
        days=days,
        blocks=blocks,
        combinations=len(logits),
        pbo=float((logits <= 0.0).mean()),
        slope=slope,
        intercept=intercept * year,
        r2=r2,
        loss=float((outside < 0.0).mean()),
        dominance1=first,
        dominance2=second,
        edges=_EDGES.tolist(),
        logits=np.histogram(np.clip(logits, _EDGES[0], _EDGES[-1]), _EDGES)[0].tolist(),
        points=[(float(inside[k] * year), float(outside[k] * year)) for k in keep],
    )


@lru_cache(maxsize=8)
def _masks(blocks: int) -> NDArray[np.int64]:
    """int64[combinations / 2, 2]: half of the blocks, block 0 among them, as subsets of the lower and the upper ones.

    The combinations without block 0 are the other halves of these.
    """
    half = blocks // 2
    rows = [sum(1 << k for k in (0, *rest)) for rest in itertools.combinations(range(1, blocks), half - 1)]
    return np.array([(row & ((1 << half) - 1), row >> half) for row in rows], np.int64)


def _all_halves(returns: Floats, blocks: int) -> tuple[NDArray[np.int64], Floats, Floats]:
    """(chosen, found, sample) of kernels_overfitting.halves."""
    sets, days = returns.shape
    by_day = np.ascontiguousarray(returns.T) if sets > 1 else returns.T.copy()
    np.nan_to_num(by_day, copy=False, nan=0.0)
    borders = np.arange(blocks + 1, dtype=np.int64) * days // blocks
    half = blocks // 2
    tables = []
    for first in (0, half):
        sums, squares = np.empty((2, 1 << half, sets))
        counts = np.empty(1 << half, np.int64)
        subset_sums(by_day, borders, first, sums, squares, counts)
        tables.append(((sums, squares), counts))
    (low, low_counts), (high, high_counts) = tables
    masks = _masks(blocks)
    stride = max(1, math.ceil(len(masks) * sets / MOST_SAMPLED))
    chosen = np.empty((len(masks), 2), np.int64)
    found = np.empty((len(masks), 2, FOUND))
    sample = np.empty((math.ceil(len(masks) / stride), sets))
    halves(masks, low, high, low_counts, high_counts, np.empty((2, sets)), stride, chosen, found, sample)
    return chosen, found, sample


def _line(x: Floats, y: Floats) -> tuple[float, float, float]:
    """Least squares: slope, intercept and share of the variance explained; nan where x does not vary."""
    dx, dy = x - x.mean(), y - y.mean()
    # not by BLAS, whose threads wait for one another where every core is at work
    xx, yy, xy = float((dx * dx).sum()), float((dy * dy).sum()), float((dx * dy).sum())
    if not xx > 1e-18 * len(x):
        return NAN, NAN, NAN
    slope = xy / xx
    return slope, float(y.mean() - slope * x.mean()), xy * xy / (xx * yy) if yy > 0 else NAN


def dominance(chosen: Floats, everything: Floats) -> tuple[bool, bool]:
    """Whether choosing is stochastically at least as good as taking any set: first and second order.

    Compared at the percentiles 1 ... 99 of both together, with a slack of one per cent for what was sampled.
    """
    chosen, everything = np.sort(chosen), np.sort(everything)
    at = np.unique(np.quantile(np.concatenate([chosen, everything]), np.linspace(0.01, 0.99, 99)))
    below = np.searchsorted(chosen, at, side="right") / len(chosen)
    all_below = np.searchsorted(everything, at, side="right") / len(everything)
    gap = all_below - below
    area = np.cumsum(gap[:-1] * np.diff(at))
    width = float(at[-1] - at[0])
    return bool((gap >= -0.01).all()), bool((area >= -0.01 * width).all())


def _nothing(sets: int, days: int, blocks: int, note: str) -> Pbo:
    return Pbo(
        sets=sets, days=days, blocks=blocks, combinations=0, pbo=NAN, slope=NAN, intercept=NAN, r2=NAN, loss=NAN,
        dominance1=False, dominance2=False, edges=_EDGES.tolist(), logits=[0] * (len(_EDGES) - 1), points=[], note=note,
    )  # fmt: skip
