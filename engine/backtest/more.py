"""What a run may know beyond its terms: wider costs, other sizes, margin, a conversion.

Kernels compiled without it have none of its branches.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from engine.signals.compiling import INLINED

#: how a trade's size is found, in More.mode
AMOUNT, FRACTION, VOLATILITY, RISK_TO_STOP, KELLY = range(5)


class More(NamedTuple):
    """All numbers and read-only arrays, so that a kernel can take it. Arrays of no length mean: not given.

    offset: of a price, by slippage in ticks. range_share: of the fill minute's high - low, likewise. half: half the
    spread as a fraction of the price, where ask, bid (float64[k]: distances of ask and bid from the open of each
    minute) are not given or nan. maker: fee of limit entries; target_fee: of targets; target_rests: they are limits.
    mode, cap, volatility (float64[n], a year's, known at each bar's close), kelly_trades, kelly_start: contracts'
    Sizing. leverage: 0 = none; most: largest value of a position in the quote currency; floors, rates, amounts
    (float64[b >= 1]): the maintenance margin of a position worth floors[i] or more is its value x rates[i] -
    amounts[i]. entries: that may add up to one position. conversion: float64[k], account currency for one of the quote
    currency at each minute. short_rate: float64[f], what a short position pays beside Tape.fund_rate of a long one.
    """

    offset: float
    range_share: float
    half: float
    ask: np.ndarray
    bid: np.ndarray
    maker: float
    target_fee: float
    target_rests: bool
    mode: int
    cap: float
    volatility: np.ndarray
    kelly_trades: int
    kelly_start: float
    leverage: float
    most: float
    floors: np.ndarray
    rates: np.ndarray
    amounts: np.ndarray
    entries: int
    conversion: np.ndarray
    short_rate: np.ndarray


@njit(**INLINED)
def price_offset(raw, side, limit, minute, tape, more):
    """What a fill at `raw` is worse by, in price units: slippage in ticks and by range, unless it is a limit's, and
    half the spread."""
    offset = 0.0
    if not limit:
        row = tape.minutes[minute]
        offset = more.offset + more.range_share * (row.high - row.low)
    half = math.nan
    if more.ask.shape[0] != 0:
        half = more.ask[minute] if side > 0 else more.bid[minute]
    if math.isnan(half):
        half = raw * more.half
    return offset + half


@njit(**INLINED)
def kelly_fraction(wins, losses, gains, falls):
    """W - (1 - W) / (average win / average loss), of returns on the traded value; -inf without a win."""
    if wins == 0:
        return -math.inf
    share = wins / (wins + losses)
    if losses == 0:
        return share
    return share - (1.0 - share) / ((gains / wins) / (falls / losses))


@njit(**INLINED)
def maintenance(value, more):
    """(rate, amount) of the bracket in which a position of this value (quote currency) lies."""
    at = 0
    while at + 1 < more.floors.shape[0] and more.floors[at + 1] <= value:
        at += 1
    return more.rates[at], more.amounts[at]
