"""Statistics of the last n values."""

from __future__ import annotations

from engine.indicators import graph as g
from engine.indicators.common import clamp, log_return, scaled, share
from engine.indicators.graph import Node
from engine.indicators.spec import OVERLAY, SOURCE, Family, Inputs, bars

family = Family("statistics")


@family.add(
    "RANK",
    "Percentile rank",
    bars("n", 100),
    range=(0.0, 1.0),
    formula="share of the n values before this one that are below it",
)
def rank(x: Inputs, n: int) -> Node:
    return g.rank(x.source, n)


@family.add(
    "MEDIAN",
    "Moving median",
    bars("n", 20),
    scale=OVERLAY,
    formula="median of the last n values",
)
def median(x: Inputs, n: int) -> Node:
    return g.quantile(x.source, n, 0.5)


@family.add(
    "SKEW",
    "Skewness of returns",
    bars("n", 50, low=3),
    formula="m3 / m2^1.5 of the last n log returns, m the population's central moments; 0 where they are equal",
)
def skew(x: Inputs, n: int) -> Node:
    r = log_return(x.source)
    second = g.div(g.rolling_squares(r, n), g.const(n))
    mean, square = g.rolling_mean(r, n), g.mul(r, r)
    # sum (r - m)^3 / n = mean r^3 - m (3 second + m^2): r is near 0, so little is lost
    third = g.sub(g.rolling_mean(g.mul(square, r), n), g.mul(mean, g.add(scaled(3.0, second), g.mul(mean, mean))))
    return share(third, g.mul(second, g.sqrt(second)), 0.0)


@family.add(
    "CORRELATION",
    "Correlation of return and volume",
    bars("n", 20, low=3),
    inputs=(SOURCE, "volume"),
    range=(-1.0, 1.0),
    formula="Pearson's correlation of the last n log returns of the source with the volumes of their bars; 0 where "
    "either did not vary",
)
def correlation(x: Inputs, n: int) -> Node:
    r = log_return(x.source)
    mean = g.rolling_mean(x.volume, n)
    together = g.sub(g.rolling_sum(g.mul(r, x.volume), n), g.mul(g.rolling_sum(r, n), mean))
    apart = g.mul(g.sqrt(g.rolling_squares(r, n)), g.sqrt(g.rolling_squares(x.volume, n)))
    return clamp(share(together, apart, 0.0), -1.0, 1.0)


@family.add(
    "VARIANCE_RATIO",
    "Variance ratio",
    bars("q", 4, low=2),
    bars("n", 100, low=2),
    formula="variance of the last n log returns over q bars / q times that over 1 bar, each about its own mean: "
    "above 1 where prices trend, below where they revert, 1 where they did not move (Lo & MacKinlay 1988)",
)
def variance_ratio(x: Inputs, q: int, n: int) -> Node:
    one = g.rolling_squares(log_return(x.source), n)
    return share(g.rolling_squares(log_return(x.source, q), n), scaled(float(q), one), 1.0)
