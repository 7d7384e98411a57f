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

from engine.backtest.more import (
    AMOUNT,
    FRACTION,
    KELLY,
    RISK_TO_STOP,
    VOLATILITY,
    kelly_fraction,
    maintenance,
    price_offset,
)
from engine.contracts.dtypes import (
    EXIT_BREAK_EVEN,
    EXIT_LIQUIDATION,
    EXIT_STOP,
    EXIT_TARGET,
    EXIT_TRAIL,
    TRADE_DTYPE,
)
from engine.signals.compiling import INLINED, KERNEL
from engine.signals.types import EVEN_AFTER, LONG_STOP, LONG_TARGET, N_LEVELS, SHORT_STOP, SHORT_TARGET, TRAIL_BY

#: slots of the integer state: next bar, position (+1 long, -1 short, 0 flat), reason of the pending close (-1 none),
#: side of the pending market entry (0 none), trades closed, bar and minute of the entry, next funding event, entries
#: not taken (too small or no money left), next event and next row of levels, kinds of the resting orders (0 none),
#: last bar on which they live, reason of the stop (EXIT_STOP, or EXIT_BREAK_EVEN once it has moved to the entry); and
#: with more.More: entries of the position, rows of the legs, trades won and lost
BAR, POS, PEND_CLOSE, PEND_SIDE, TRADES, ENTRY_BAR, ENTRY_MINUTE, FUND, SKIPPED, EVENT, ROW = range(11)
REST_LONG, REST_SHORT, REST_UNTIL, STOP_REASON, ENTRIES, LEGS, WINS, LOSSES, INTS = range(11, 20)
#: slots of the float state: cash, entry price, quantity, stop level, target level, trailing distance (nan none), level
#: at which the stop moves to the entry, lowest and highest price seen since the entry, entry fee, funding paid by all
#: trades, levels of the resting orders, money that the first stop puts at risk (nan without one), and from WAIT on the
#: levels of the decision that waits for its fill; and with more.More: unrealised money beside this position, most that
#: an entry may be worth, liquidation and bankruptcy price, funding paid before the last entry, sums of the returns of
#: trades won and lost, volatility at the decision
CASH, PRICE, QUANTITY, STOP, TARGET, TRAIL, ARM, LOW, HIGH, FEE, FUNDING, BUY_AT, SELL_AT, RISK, WAIT = range(15)
BESIDE, ROOM, LIQUIDATED, BANKRUPT, PAID, GAINS, FALLS, MOVES, FLOATS = range(WAIT + N_LEVELS, WAIT + N_LEVELS + 9)


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
    bar. book: float64[c, 2], cash after the entry fee, cash after the exit. legs: float64[e, 5], with more.More a row
    an entry: minute, and of the position since: signed quantity, price, cash after the entry fees, funding paid."""

    trades: np.ndarray
    where: np.ndarray
    book: np.ndarray
    legs: np.ndarray


def new_ledger(room: int, legs: int = 0) -> Ledger:
    """Room for so many trades and rows of legs."""
    return Ledger(np.empty(room, TRADE_DTYPE), np.empty((room, 4), np.int64), np.empty((room, 2)), np.empty((legs, 5)))


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
    floats[ROOM] = math.inf
    return ints, floats


@njit(**INLINED)
def first_of(tape, bar):
    """Index of the first minute of a bar."""
    return tape.first_minute[bar] if tape.first_minute.shape[0] != 0 else bar


@njit(**INLINED)
def on_tick(price, side, terms):
    """The price of a fill on the tick, rounded against the trader; a sale never goes below one tick."""
    if terms.tick > 0.0:
        steps = price * terms.tick_scale if terms.tick_scale > 0.0 else price / terms.tick
        # 1e-6 of a tick: a price that lies on the grid must not move by the rounding error of the division
        steps = math.ceil(steps - 1e-6) if side > 0 else math.floor(steps + 1e-6)
        steps = max(steps, 1.0)
        price = steps / terms.tick_scale if terms.tick_scale > 0.0 else steps * terms.tick
    return price


@njit(**INLINED)
def fill_price(raw, side, slip, terms):
    """Price paid (side +1) or received (-1) for a fill at `raw`: slippage (a fraction), then to the tick, both against
    the trader.
    """
    return on_tick(raw * (1.0 + side * slip), side, terms)


@njit(**INLINED)
def price_of(raw, side, limit, minute, tape, terms, more):
    """fill_price() of a fill in this minute, with all that makes it worse; a limit order has no slippage."""
    slip = 0.0 if limit else terms.slip
    if more is None:
        return fill_price(raw, side, slip, terms)
    worse = price_offset(raw, side, limit, minute, tape, more)
    return on_tick(raw * (1.0 + side * slip) + side * worse, side, terms)


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
def rate_of(price, minute, terms, more):
    """to_account() in this minute, by the conversion where there is one."""
    if more is not None and more.conversion.shape[0] != 0:
        rate = more.conversion[minute]
        if not math.isnan(rate):
            return rate
    return to_account(price, terms)


@njit(**KERNEL)
def _money(ints, floats, side, price, rate, fee, terms, more):
    """Money of an entry at `price` by the sizing, within its caps; 0 where it cannot be told or nothing is left."""
    equity = floats[CASH] + floats[BESIDE]
    if not equity > 0.0:
        return 0.0
    money = terms.size
    if more.mode == FRACTION:
        money = terms.size * equity
    elif more.mode != AMOUNT:
        if more.mode == VOLATILITY:
            money = terms.size / floats[MOVES] * equity if floats[MOVES] > 0.0 else 0.0
        elif more.mode == RISK_TO_STOP:
            stop = floats[WAIT + (LONG_STOP if side > 0 else SHORT_STOP)]
            trail = floats[WAIT + TRAIL_BY]
            distance = stop if stop > 0.0 else math.inf
            distance = min(distance, trail) if trail > 0.0 else distance
            money = terms.size * equity / (distance * rate) * (price * rate) * (1.0 + fee)
        elif more.mode == KELLY:
            money = more.kelly_start * equity
            if ints[WINS] + ints[LOSSES] >= more.kelly_trades:
                money = terms.size * kelly_fraction(ints[WINS], ints[LOSSES], floats[GAINS], floats[FALLS]) * equity
        money = min(money, more.cap * equity)
    if more.leverage > 0.0:
        held = floats[QUANTITY] * price if ints[POS] != 0 else 0.0
        money = min(money, more.leverage * equity - held * rate)
        money = min(money, (more.most - held) * rate)
    return min(money, floats[ROOM])


@njit(**INLINED)
def open_trade(ints, floats, side, bar, minute, raw, limit, tape, terms, ledger, more):
    """Open a trade of this side at `raw`; counts it as skipped when no money is left or it would be too small.

    The money of a trade includes its entry fee. Its stop, target, trail and break-even are distances in price units
    from the entry price, those of the decision (floats[WAIT:]); nan, 0 and below mean none. The trailing stop starts
    at its distance from the entry price.
    """
    price = price_of(raw, side, limit, minute, tape, terms, more)
    value = price * rate_of(price, minute, terms, more)
    fee = terms.fee
    enough = floats[CASH] > 0.0
    if more is None:
        money = terms.size * floats[CASH] if terms.by_fraction else terms.size
    else:
        fee = more.maker if limit else terms.fee
        money = _money(ints, floats, side, price, rate_of(price, minute, terms, more), fee, terms, more)
        enough = money > 0.0
    quantity = lot_quantity(money / (value * (1.0 + fee)), terms)
    if not (enough and quantity > 0.0 and quantity * price >= terms.min_notional):
        ints[SKIPPED] += 1
        return
    ints[POS] = side
    ints[ENTRY_BAR] = bar
    ints[ENTRY_MINUTE] = minute
    ints[STOP_REASON] = EXIT_STOP
    floats[PRICE] = price
    floats[QUANTITY] = quantity
    floats[FEE] = quantity * value * fee
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
    floats[RISK] = quantity * rate_of(price, minute, terms, more) * first_risk(floats, side, price, terms)
    if more is not None:
        ints[ENTRIES] = 1
        floats[PAID] = 0.0
        _set_margin(floats, side, more)
        _write_leg(ints, floats, minute, ledger)


@njit(**INLINED)
def _set_margin(floats, side, more):
    """Where the position is liquidated, and where its margin is gone; isolated, fees and funding left out of it.

    Liquidated where margin + profit = value x rate - amount, the bracket being that of the value at the entry.
    """
    floats[LIQUIDATED] = -side * math.inf
    floats[BANKRUPT] = -side * math.inf
    if more.leverage > 0.0:
        price, quantity = floats[PRICE], floats[QUANTITY]
        margin = quantity * price / more.leverage
        rate, amount = maintenance(quantity * price, more)
        floats[LIQUIDATED] = (price * quantity - side * (margin + amount)) / (quantity * (1.0 - side * rate))
        floats[BANKRUPT] = price - side * margin / quantity


@njit(**INLINED)
def _write_leg(ints, floats, minute, ledger):
    row = ints[LEGS]
    ledger.legs[row, 0] = minute
    ledger.legs[row, 1] = ints[POS] * floats[QUANTITY]
    ledger.legs[row, 2] = floats[PRICE]
    ledger.legs[row, 3] = floats[CASH] - floats[FEE]
    ledger.legs[row, 4] = floats[PAID]
    ints[LEGS] = row + 1


@njit(**KERNEL)
def add_to_trade(ints, floats, minute, raw, tape, terms, ledger, more):
    """A further entry of the open side at `raw`: the price becomes the mean, the levels stay those of the first entry.

    The funding due until then is that of the position as it was.
    """
    side = ints[POS]
    price = price_of(raw, side, False, minute, tape, terms, more)
    rate = rate_of(price, minute, terms, more)
    floats[PAID] = funding_due(ints, floats, minute, tape, terms, more)
    own = side * floats[QUANTITY] * (price - floats[PRICE]) * rate - floats[FEE] - floats[PAID]
    floats[BESIDE] += own
    money = _money(ints, floats, side, price, rate, terms.fee, terms, more)
    floats[BESIDE] -= own
    value = price * rate
    quantity = lot_quantity(money / (value * (1.0 + terms.fee)), terms)
    if not (money > 0.0 and quantity > 0.0 and quantity * price >= terms.min_notional):
        ints[SKIPPED] += 1
        return
    level = floats[STOP]
    if floats[TRAIL] > 0.0:
        best = floats[HIGH] if side > 0 else floats[LOW]
        trail = order_level(best - side * floats[TRAIL], terms)
        level = trail if side * (trail - level) > 0.0 else level
    floats[RISK] += quantity * rate * max(side * (price - level), 0.0)
    total = floats[QUANTITY] + quantity
    floats[PRICE] = (floats[PRICE] * floats[QUANTITY] + price * quantity) / total
    floats[QUANTITY] = total
    floats[FEE] += quantity * value * terms.fee
    floats[LOW] = min(floats[LOW], price)
    floats[HIGH] = max(floats[HIGH], price)
    ints[ENTRIES] += 1
    _set_margin(floats, side, more)
    _write_leg(ints, floats, minute, ledger)


@njit(**INLINED)
def first_risk(floats, side, price, terms):
    """Distance from the entry price to the stop or the trailing stop, whichever is nearer; nan where there is none."""
    distance = side * (price - floats[STOP])
    if floats[TRAIL] > 0.0:
        distance = min(distance, side * (price - order_level(price - side * floats[TRAIL], terms)))
    return distance if 0.0 < distance < math.inf else math.nan


@njit(**INLINED)
def stop_level(ints, floats, terms, more):
    """(level, reason) of the stop that acts now: the fixed one, or the trailing one or the liquidation where that is
    nearer."""
    side = ints[POS]
    level, reason = floats[STOP], ints[STOP_REASON]
    best = floats[HIGH] if side > 0 else floats[LOW]
    trail = order_level(best - side * floats[TRAIL], terms)
    if side * (trail - level) > 0.0:
        level, reason = trail, EXIT_TRAIL
    if more is not None and side * (floats[LIQUIDATED] - level) > 0.0:
        level, reason = floats[LIQUIDATED], EXIT_LIQUIDATION
    return level, reason


@njit(**INLINED)
def worst_price(floats, side, row):
    """What a liquidation in this minute gets: its worst price, but no less than the margin is worth."""
    if side > 0:
        return max(row.low, floats[BANKRUPT])
    return min(row.high, floats[BANKRUPT])


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
def funding_due(ints, floats, minute, tape, terms, more):
    """What the open trade has paid by the open of this minute: charged at the open of each minute of fund_minute after
    the entry's, up to and including this one."""
    fund_minute = tape.fund_minute
    side = ints[POS]
    quantity = floats[QUANTITY]
    fund = ints[FUND]
    paid = 0.0
    if more is not None:
        paid = floats[PAID]
    while fund < fund_minute.shape[0] and fund_minute[fund] <= minute:
        at = fund_minute[fund]
        if at > ints[ENTRY_MINUTE]:
            mark = tape.minutes[at].open
            if more is None:
                paid += side * quantity * mark * to_account(mark, terms) * tape.fund_rate[fund]
            else:
                due = tape.fund_rate[fund] if side > 0 else more.short_rate[fund]
                paid += quantity * mark * rate_of(mark, at, terms, more) * due
        fund += 1
    ints[FUND] = fund
    return paid


@njit(**INLINED)
def _count_gain(ints, floats, gain):
    """What Kelly's fraction is made of."""
    if gain > 0.0:
        ints[WINS] += 1
        floats[GAINS] += gain
    elif gain < 0.0:
        ints[LOSSES] += 1
        floats[FALLS] -= gain


@njit(**INLINED)
def close_trade(ints, floats, raw, limit, reason, bar, minute, held, tape, terms, ledger, more):
    """Close the open trade at `raw` and write row ints[TRADES] of the ledger.

    limit: by an order that rested. held: 1 if the position was open during part of `bar`, 0 if it ended at its first
    open.
    """
    minutes = tape.minutes
    where = ledger.where
    book = ledger.book
    side = ints[POS]
    fee = terms.fee
    if more is None:
        price = price_of(raw, -side, limit, minute, tape, terms, more)
    elif reason == EXIT_LIQUIDATION:
        price = on_tick(raw, -side, terms)
    else:
        if limit:
            fee = more.maker
        if reason == EXIT_TARGET and more.target_rests:
            limit, fee = True, more.target_fee
        price = price_of(raw, -side, limit, minute, tape, terms, more)
    quantity = floats[QUANTITY]
    entry = floats[PRICE]
    rate = rate_of(price, minute, terms, more)
    fees = floats[FEE] + quantity * price * rate * fee
    paid = funding_due(ints, floats, minute, tape, terms, more)
    pnl = side * quantity * (price - entry) * rate - fees - paid
    if more is not None:
        _count_gain(ints, floats, pnl / (quantity * entry * rate))
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
def close_far(ints, floats, raw, limit, reason, bar, minute, held, tape, terms, ledger, more):
    """close_trade() as a call, for where it happens seldom."""
    close_trade(ints, floats, raw, limit, reason, bar, minute, held, tape, terms, ledger, more)
