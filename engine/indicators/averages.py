"""Moving averages."""

from __future__ import annotations

from collections.abc import Mapping

from engine.indicators import graph as g
from engine.indicators.graph import Node
from engine.indicators.spec import OVERLAY, SOURCE, Indicator, bars


def _sma(p: Mapping[str, float], x: Mapping[str, Node]) -> dict[str, Node]:
    return {"value": g.rolling_mean(x[SOURCE], int(p["n"]))}


def _ema(p: Mapping[str, float], x: Mapping[str, Node]) -> dict[str, Node]:
    return {"value": g.ema(x[SOURCE], int(p["n"]))}


INDICATORS = (
    Indicator(
        name="SMA",
        title="Simple moving average",
        family="averages",
        params=(bars("n", 20),),
        inputs=(SOURCE,),
        outputs=("value",),
        scale=OVERLAY,
        formula="sum of the last n values / n",
        build=_sma,
    ),
    Indicator(
        name="EMA",
        title="Exponential moving average",
        family="averages",
        params=(bars("n", 20),),
        inputs=(SOURCE,),
        outputs=("value",),
        scale=OVERLAY,
        formula="y += 2/(n+1) (x - y), seeded by the mean of the first n values (as TA-Lib)",
        build=_ema,
    ),
)
