"""The terms of a fill and the arithmetic of one: price after slippage and tick, quantity after lot, opening and
closing.

Every kernel that simulates trades calls these functions, so that there is one definition of a fill.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from engine.contracts.dtypes import EXIT_BREAK_EVEN, EXIT_STOP, EXIT_TRAIL, TRADE_DTYPE
from engine.signals.compiling import INLINED, KERNEL
from engine.signals.types import EVEN_AFTER, LONG_STOP, LONG_TARGET, N_LEVELS, SHORT_STOP, SHORT_TARGET, TRAIL_BY

#: slots of the integer state: next bar, position (+1 long, -1 short, 0 flat), reason of the pending close (-1 none),
#: side of the pending market entry (0 none), trades closed, bar and minute of the entry, next funding event, entries
#: not taken (too small or no money left), next event and next row of levels, kinds of the resting orders (0 none),
#: last bar on which they live, reason of the stop (EXIT_STOP, or EXIT_BREAK_EVEN once it has moved to the entry)
BAR, POS, PEND_CLOSE, PEND_SIDE, TRADES, ENTRY_BAR, ENTRY_MINUTE, FUND, SKIPPED, EVENT, ROW = range(11)
REST_LONG, REST_SHORT, REST_UNTIL, STOP_REASON, INTS = range(11, 16)
#: slots of the float state: cash, entry price, quantity, stop level, target level, trailing distance (nan none), level
#: at which the stop moves to the entry, lowest and highest price seen since the entry, entry fee, funding paid by all
#: trades, levels of the resting orders, money that the first stop puts at risk (nan without one), and from WAIT on the
#: levels of the decision that waits for its fill
CASH, PRICE, QUANTITY, STOP, TARGET, TRAIL, ARM, LOW, HIGH, FEE, FUNDING, BUY_AT, SELL_AT, RISK, WAIT = range(15)
FLOATS = WAIT + N_LEVELS


class Terms(NamedTuple):
    """What a fill costs and how large a trade is. All numbers, so that a kernel can take it.

    fee: fraction of the traded value. slip: fraction of the price, against the trader. tick, lot: steps (0 = none);
    tick_scale, lot_scale: the whole number 1/step, or 0 where the step is not 1/whole. min_notional: quote currency.
    size: money a trade, or fraction of equity where by_fraction. inverse: the account is in the base currency, so
    quote amounts are divided by the price of the moment.
    """

    fee: float
    slip: float
    tick: float
    tick_scale: float
    lot: float
    lot_scale: float
    min_notional: float
    by_fraction: bool
    size: float
    long_ok: bool
    short_ok: bool
    inverse: bool


class Tape(NamedTuple):
    """What a simulation reads beside its bars. Arrays are read-only.

    minutes: CANDLE_DTYPE[k], oldest first, whose aggregates the bars are; those of bar b are first_minute[b] ..
    first_minute[b+1]-1 (int64[n+1], or empty where the minutes are the bars themselves). real: bool[k], False for a
    made-up minute, or empty: all are real. fund_minute int64[f] ascending, fund_rate float64[f]: positions pay side x
    value x rate at that minute's open.
    """

    minutes: np.ndarray
    first_minute: np.ndarray
    real: np.ndarray
    fund_minute: np.ndarray
    fund_rate: np.ndarray


class Ledger(NamedTuple):
    """The trades closed so far. trades: TRADE_DTYPE[c]. where: int64[c, 4], entry minute, exit minute, entry bar, exit
    bar. book: float64[c, 2], cash after the entry fee, cash after the exit."""

    trades: np.ndarray
    where: np.ndarray
    book: np.ndarray


def new_ledger(room: int) -> Ledger:
    """Room for so many trades."""
    return Ledger(np.empty(room, TRADE_DTYPE), np.empty((room, 4), np.int64), np.empty((room, 2)))


def scale_of(step: float) -> float:
    """The whole number 1/step when step is a decimal step such as 0.05, else 0. Dividing by it gives exact decimals."""
    if step <= 0:
        return 0.0
    whole = float(round(1.0 / step))
    return whole if whole >= 1 and abs(whole * step - 1.0) < 1e-9 else 0.0


def new_state(first: int, cash: float) -> tuple[np.ndarray, np.ndarray]:
    """(int64[INTS], float64[FLOATS]): flat before bar `first` with this much cash."""
    ints = np.zeros(INTS, np.int64)
    ints[BAR], ints[PEND_CLOSE], ints[REST_UNTIL] = first, -1, -1
    floats = np.zeros(FLOATS, np.float64)
    floats[CASH] = cash
    return ints, floats


@njit(**INLINED)
def first_of(tape, bar):
    """Index of the first minute of a bar."""
    return tape.first_minute[bar] if tape.first_minute.shape[0] != 0 else bar


@njit(**INLINED)
def fill_price(raw, side, slip, terms):
    """Price paid (side +1) or received (-1) for a fill at `raw`: slippage (a fraction), then to the tick, both against
    the trader.

    A sale never goes below one tick.
    """
    price = raw * (1.0 + side * slip)
    if terms.tick > 0.0:
        steps = price * terms.tick_scale if terms.tick_scale > 0.0 else price / terms.tick
        # 1e-6 of a tick: a price that lies on the grid must not move by the rounding error of the division
        steps = math.ceil(steps - 1e-6) if side > 0 else math.floor(steps + 1e-6)
        steps = max(steps, 1.0)
        price = steps / terms.tick_scale if terms.tick_scale > 0.0 else steps * terms.tick
    return price


@njit(**INLINED)
def order_level(price, terms):
    """The level of a stop or target order: the nearest tick, so that a price that touches it compares equal."""
    if terms.tick > 0.0:
        if terms.tick_scale > 0.0:
            return np.rint(price * terms.tick_scale) / terms.tick_scale
        return np.rint(price / terms.tick) * terms.tick
    return price


@njit(**INLINED)
def lot_quantity(quantity, terms):
    """Quantity rounded down to the lot."""
    if terms.lot > 0.0:
        if terms.lot_scale > 0.0:
            return math.floor(quantity * terms.lot_scale + 1e-9) / terms.lot_scale
        return math.floor(quantity / terms.lot + 1e-9) * terms.lot
    return quantity


@njit(**INLINED)
def to_account(price, terms):
    """Account currency for one unit of quote currency while the price is `price`."""
    return 1.0 / price if terms.inverse else 1.0


@njit(**INLINED)
def open_trade(ints, floats, side, bar, minute, raw, slip, terms):
    """Open a trade of this side at `raw`; counts it as skipped when no money is left or it would be too small.

    The money of a trade includes its entry fee. Its stop, target, trail and break-even are distances in price units
    from the entry price, those of the decision (floats[WAIT:]); nan, 0 and below mean none. The trailing stop starts
    at its distance from the entry price.
    """
    price = fill_price(raw, side, slip, terms)
    money = terms.size * floats[CASH] if terms.by_fraction else terms.size
    value = price * to_account(price, terms)
    quantity = lot_quantity(money / (value * (1.0 + terms.fee)), terms)
    if not (floats[CASH] > 0.0 and quantity > 0.0 and quantity * price >= terms.min_notional):
        ints[SKIPPED] += 1
        return
    ints[POS] = side
    ints[ENTRY_BAR] = bar
    ints[ENTRY_MINUTE] = minute
    ints[STOP_REASON] = EXIT_STOP
    floats[PRICE] = price
    floats[QUANTITY] = quantity
    floats[FEE] = quantity * value * terms.fee
    stop = floats[WAIT + (LONG_STOP if side > 0 else SHORT_STOP)]
    target = floats[WAIT + (LONG_TARGET if side > 0 else SHORT_TARGET)]
    trail = floats[WAIT + TRAIL_BY]
    even = floats[WAIT + EVEN_AFTER]
    floats[STOP] = order_level(price - side * stop, terms) if stop > 0.0 else -side * math.inf
    floats[TARGET] = order_level(price + side * target, terms) if target > 0.0 else side * math.inf
    floats[TRAIL] = trail if trail > 0.0 else math.nan
    floats[ARM] = order_level(price + side * even, terms) if even > 0.0 else side * math.inf
    floats[LOW] = price
    floats[HIGH] = price
    floats[RISK] = quantity * to_account(price, terms) * first_risk(floats, side, price, terms)


@njit(**INLINED)
def first_risk(floats, side, price, terms):
    """Distance from the entry price to the stop or the trailing stop, whichever is nearer; nan where there is none."""
    distance = side * (price - floats[STOP])
    if floats[TRAIL] > 0.0:
        distance = min(distance, side * (price - order_level(price - side * floats[TRAIL], terms)))
    return distance if 0.0 < distance < math.inf else math.nan


@njit(**INLINED)
def stop_level(ints, floats, terms):
    """(level, reason) of the stop that acts now: the fixed one, or the trailing one where that is nearer."""
    side = ints[POS]
    level, reason = floats[STOP], ints[STOP_REASON]
    best = floats[HIGH] if side > 0 else floats[LOW]
    trail = order_level(best - side * floats[TRAIL], terms)
    if side * (trail - level) > 0.0:
        return trail, EXIT_TRAIL
    return level, reason


@njit(**INLINED)
def end_minute(ints, floats, low, high, terms):
    """What a closed minute leaves behind: the prices seen, and the stop at the entry once the price went far enough."""
    floats[LOW] = min(floats[LOW], low)
    floats[HIGH] = max(floats[HIGH], high)
    side = ints[POS]
    best = floats[HIGH] if side > 0 else floats[LOW]
    if side * (best - floats[ARM]) >= 0.0:
        floats[ARM] = side * math.inf
        even = order_level(floats[PRICE], terms)
        if side * (even - floats[STOP]) > 0.0:
            floats[STOP] = even
            ints[STOP_REASON] = EXIT_BREAK_EVEN


@njit(**INLINED)
def close_trade(ints, floats, raw, slip, reason, bar, minute, held, tape, terms, ledger):
    """Close the open trade at `raw` and write row ints[TRADES] of the ledger.

    held: 1 if the position was open during part of `bar`, 0 if it ended at its first open. Funding is charged at the
    open of each minute of fund_minute after the entry's, up to and including the exit's.
    """
    fund_minute = tape.fund_minute
    minutes = tape.minutes
    where = ledger.where
    book = ledger.book
    side = ints[POS]
    price = fill_price(raw, -side, slip, terms)
    quantity = floats[QUANTITY]
    entry = floats[PRICE]
    rate = to_account(price, terms)
    fees = floats[FEE] + quantity * price * rate * terms.fee
    fund = ints[FUND]
    paid = 0.0
    while fund < fund_minute.shape[0] and fund_minute[fund] <= minute:
        if fund_minute[fund] > ints[ENTRY_MINUTE]:
            mark = minutes[fund_minute[fund]].open
            paid += side * quantity * mark * to_account(mark, terms) * tape.fund_rate[fund]
        fund += 1
    ints[FUND] = fund
    pnl = side * quantity * (price - entry) * rate - fees - paid
    low = min(floats[LOW], raw)
    high = max(floats[HIGH], raw)
    against = (entry - low if side > 0 else high - entry) / entry
    with_it = (high - entry if side > 0 else entry - low) / entry
    k = ints[TRADES]
    row = ledger.trades[k]
    row.entry_ts = minutes[ints[ENTRY_MINUTE]].ts
    row.exit_ts = minutes[minute].ts
    row.side = side
    row.reason = reason
    row.entry_price = entry
    row.exit_price = price
    row.quantity = quantity
    row.fees = fees
    row.pnl = pnl
    row.mae = against
    row.mfe = with_it
    row.bars = bar - ints[ENTRY_BAR] + held
    row.r = pnl / floats[RISK]
    where[k, 0] = ints[ENTRY_MINUTE]
    where[k, 1] = minute
    where[k, 2] = ints[ENTRY_BAR]
    where[k, 3] = bar
    book[k, 0] = floats[CASH] - floats[FEE]
    floats[CASH] = floats[CASH] + pnl
    book[k, 1] = floats[CASH]
    floats[FUNDING] += paid
    ints[TRADES] = k + 1
    ints[POS] = 0


@njit(**KERNEL)
def close_far(ints, floats, raw, slip, reason, bar, minute, held, tape, terms, ledger):
    """close_trade() as a call, for where it happens seldom."""
    close_trade(ints, floats, raw, slip, reason, bar, minute, held, tape, terms, ledger)
