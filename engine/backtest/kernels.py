"""The simulation: events and bars in, trades out. Work is done per event where that is possible, not per bar.

Every exactness here is held by a plain twin in the property tests, trade by trade.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

import math

from numba import njit

from engine.backtest.fills import (
    BAR,
    BUY_AT,
    ENTRIES,
    ENTRY_BAR,
    EVENT,
    HIGH,
    LIQUIDATED,
    LOW,
    MOVES,
    PEND_CLOSE,
    PEND_SIDE,
    POS,
    REST_LONG,
    REST_SHORT,
    REST_UNTIL,
    ROW,
    SELL_AT,
    TARGET,
    WAIT,
    add_to_trade,
    close_far,
    close_trade,
    end_minute,
    first_of,
    open_trade,
    order_level,
    stop_level,
    worst_price,
)
from engine.backtest.kernels_quiet import quiet
from engine.contracts.dtypes import EXIT_END, EXIT_LIQUIDATION, EXIT_REVERSE, EXIT_SIGNAL, EXIT_TARGET, EXIT_TIME
from engine.signals.compiling import INLINED, KERNEL
from engine.signals.types import (
    ANY_ENTRY,
    LIMIT_ORDER,
    LONG_AT,
    LONG_ENTRY,
    LONG_EXIT,
    MARKET,
    N_LEVELS,
    SHORT_AT,
    SHORT_ENTRY,
    SHORT_EXIT,
    STOP_ORDER,
)


@njit(**KERNEL)
def _resting_level(level, terms):
    """The price an entry rests at, on the nearest tick; nan where the level is none."""
    if not (0.0 < level < math.inf):
        return math.nan
    level = order_level(level, terms)
    return level if level > 0.0 else math.nan


@njit(**INLINED)
def _await(floats, bar, levels, row, more):
    """Keep the levels of the decision that now waits for its fill."""
    for level in range(N_LEVELS):
        floats[WAIT + level] = levels[row, level]
    if more is not None and more.volatility.shape[0] != 0:
        floats[MOVES] = more.volatility[bar]


@njit(**KERNEL)
def _rest(ints, floats, bar, levels, row, go_long, go_short, orders, terms, more):
    """Let the entry orders of this bar rest; a side without a level has none."""
    _await(floats, bar, levels, row, more)
    ints[REST_UNTIL] = bar + orders.valid
    if go_long:
        floats[BUY_AT] = _resting_level(levels[row, LONG_AT], terms)
        ints[REST_LONG] = 0 if math.isnan(floats[BUY_AT]) else orders.long_kind
    if go_short:
        floats[SELL_AT] = _resting_level(levels[row, SHORT_AT], terms)
        ints[REST_SHORT] = 0 if math.isnan(floats[SELL_AT]) else orders.short_kind


@njit(**INLINED)
def decide(ints, floats, bar, edges, levels, orders, terms, more):
    """Set the pending and resting orders from the edges of `bar` at its close.

    Entries of both sides at once are no entry, unless both rest at levels: then whichever fills first cancels the
    other. An exit on the same bar wins over the entry of its side. An entry against the open position closes it, and
    opens the other side where the direction allows; one for it adds to it where more.entries allows. An order that
    waits, resting or held up by a made-up bar, is replaced by a later entry and cancelled by an exit of its side or an
    entry of the other.
    """
    long_entry = edges & LONG_ENTRY != 0
    long_exit = edges & LONG_EXIT != 0
    short_entry = edges & SHORT_ENTRY != 0
    short_exit = edges & SHORT_EXIT != 0
    both_rest = orders.long_kind != MARKET and orders.short_kind != MARKET
    if long_entry and short_entry and not both_rest:
        long_entry = False
        short_entry = False
    if long_exit:
        long_entry = False
    if short_exit:
        short_entry = False
    pos = ints[POS]
    if (long_exit and ints[PEND_SIDE] == 1) or (short_exit and ints[PEND_SIDE] == -1):
        ints[PEND_SIDE] = 0
    if long_exit or long_entry or short_entry:
        ints[REST_LONG] = 0
    if short_exit or short_entry or long_entry:
        ints[REST_SHORT] = 0
    rest_long = long_entry and orders.long_kind != MARKET
    rest_short = short_entry and orders.short_kind != MARKET
    if rest_long or rest_short:
        # who can neither open nor close anything does not rest
        rest_long = rest_long and pos <= 0 and (terms.long_ok or pos < 0)
        rest_short = rest_short and pos >= 0 and (terms.short_ok or pos > 0)
        if pos == 0:
            ints[PEND_SIDE] = 0
        if rest_long or rest_short:
            _rest(ints, floats, bar, levels, ints[ROW], rest_long, rest_short, orders, terms, more)
    if long_entry and pos <= 0 and orders.long_kind == MARKET:
        ints[PEND_SIDE] = 1 if terms.long_ok else 0
        _await(floats, bar, levels, ints[ROW], more)
        if pos < 0:
            ints[PEND_CLOSE] = EXIT_REVERSE
    elif short_entry and pos >= 0 and orders.short_kind == MARKET:
        ints[PEND_SIDE] = -1 if terms.short_ok else 0
        _await(floats, bar, levels, ints[ROW], more)
        if pos > 0:
            ints[PEND_CLOSE] = EXIT_REVERSE
    elif ((long_exit and pos > 0) or (short_exit and pos < 0)) and ints[PEND_CLOSE] < 0:
        ints[PEND_CLOSE] = EXIT_SIGNAL
    elif more is not None and ints[PEND_CLOSE] < 0 and ints[ENTRIES] < more.entries:
        kind = orders.long_kind if pos > 0 else orders.short_kind
        if kind == MARKET and ((long_entry and pos > 0) or (short_entry and pos < 0)):
            ints[PEND_SIDE] = pos
            _await(floats, bar, levels, ints[ROW], more)


@njit(**INLINED)
def _first_real(start, stop, real):
    """First minute in [start, stop) that was not made up, or -1. An empty `real` means that all are real."""
    if real.shape[0] == 0:
        return start if start < stop else -1
    for m in range(start, stop):
        if real[m]:
            return m
    return -1


@njit(**INLINED)
def _reached(ints, floats, row):
    """Which resting orders this minute reaches, and how far from its open: (long fills at, short fills at, distance of
    each), nan and inf where it does not."""
    buy, sell = math.nan, math.nan
    if ints[REST_LONG] == STOP_ORDER and row.high >= floats[BUY_AT]:
        buy = max(row.open, floats[BUY_AT])
    elif ints[REST_LONG] == LIMIT_ORDER and row.low <= floats[BUY_AT]:
        buy = min(row.open, floats[BUY_AT])
    if ints[REST_SHORT] == STOP_ORDER and row.low <= floats[SELL_AT]:
        sell = min(row.open, floats[SELL_AT])
    elif ints[REST_SHORT] == LIMIT_ORDER and row.high >= floats[SELL_AT]:
        sell = max(row.open, floats[SELL_AT])
    return buy, sell


@njit(**KERNEL)
def _fill_resting(ints, floats, side, raw, bar, m, held, tape, terms, ledger, more):
    """Fill the resting order of this side at `raw`: closes the opposite position, opens its own, ends both orders.

    A limit fills without slippage. Returns whether the order was a stop order.
    """
    is_stop = (ints[REST_LONG] if side > 0 else ints[REST_SHORT]) == STOP_ORDER
    if ints[POS] != 0:
        close_far(ints, floats, raw, not is_stop, EXIT_REVERSE, bar, m, held, tape, terms, ledger, more)
    if (side > 0 and terms.long_ok) or (side < 0 and terms.short_ok):
        open_trade(ints, floats, side, bar, m, raw, not is_stop, tape, terms, ledger, more)
    ints[REST_LONG] = 0
    ints[REST_SHORT] = 0
    return is_stop


@njit(**KERNEL)
def _fill_inside(ints, floats, side, raw, bar, m, tape, terms, ledger, more):
    """Fill a resting order inside minute m. What came before the fill and what after is not known, so the minute's
    worst price counts against the new position; in its favour counts only what surely came after: the far end for a
    stop order, which lies on the way there, the close for a limit."""
    is_stop = _fill_resting(ints, floats, side, raw, bar, m, 1, tape, terms, ledger, more)
    if ints[POS] == 0:
        return
    row = tape.minutes[m]
    level, reason = stop_level(ints, floats, terms, more)
    worst = row.low if side > 0 else row.high
    if side * (worst - level) <= 0.0:
        leave = level if side * (raw - level) > 0.0 else raw
        if more is not None and reason == EXIT_LIQUIDATION:
            leave = worst_price(floats, side, row)
        close_far(ints, floats, leave, False, reason, bar, m, 1, tape, terms, ledger, more)
        return
    best = row.close
    if is_stop:
        best = row.high if side > 0 else row.low
    end_minute(ints, floats, min(worst, best), max(worst, best), terms)


@njit(**KERNEL)
def _at_open(ints, floats, bar, m, held, tape, terms, ledger, more):
    """Resting orders that the open of minute m lies beyond fill there, before any stop; two of them cancel one
    another."""
    row = tape.minutes[m]
    buy, sell = _reached(ints, floats, row)
    at_buy, at_sell = buy == row.open, sell == row.open
    if at_buy and at_sell:
        ints[REST_LONG] = 0
        ints[REST_SHORT] = 0
    elif at_buy or at_sell:
        side = 1 if at_buy else -1
        _fill_resting(ints, floats, side, row.open, bar, m, held, tape, terms, ledger, more)


@njit(**INLINED)
def _held_minute(ints, floats, bar, m, tape, terms, ledger, more):
    """A real minute with an open position. Returns whether its inside is still to be looked at for resting orders:
    only where the position ended at the open.

    Of what lies against the position and what lies in its favour, the former was hit; of two on one side the nearer.
    """
    side = ints[POS]
    row = tape.minutes[m]
    level, reason = stop_level(ints, floats, terms, more)
    target = floats[TARGET]
    raw = row.open
    at_open = side * (raw - level) <= 0.0 or side * (raw - target) >= 0.0
    gone = at_open
    if at_open:
        if side * (raw - level) > 0.0:
            reason = EXIT_TARGET
        elif more is not None and side * (raw - floats[LIQUIDATED]) <= 0.0:
            reason = EXIT_LIQUIDATION
    else:
        floats[LOW] = min(floats[LOW], raw)
        floats[HIGH] = max(floats[HIGH], raw)
        worst = row.low if side > 0 else row.high
        best = row.high if side > 0 else row.low
        stopped = side * (worst - level) <= 0.0
        if ints[REST_LONG] | ints[REST_SHORT]:
            kind = ints[REST_SHORT] if side > 0 else ints[REST_LONG]
            order = floats[SELL_AT] if side > 0 else floats[BUY_AT]
            if kind == STOP_ORDER:
                turned = side * (worst - order) <= 0.0 and side * (order - level) >= 0.0
            else:
                turned = not stopped and side * (best - order) >= 0.0 and side * (order - target) <= 0.0
            if turned:
                _fill_inside(ints, floats, -side, order, bar, m, tape, terms, ledger, more)
                return False
        if stopped:
            raw, gone = level, True
        elif side * (best - target) >= 0.0:
            raw, gone, reason = target, True, EXIT_TARGET
    if gone:
        if more is not None and reason == EXIT_LIQUIDATION:
            raw = worst_price(floats, side, row)
        close_trade(ints, floats, raw, False, reason, bar, m, 1, tape, terms, ledger, more)
    else:
        end_minute(ints, floats, row.low, row.high, terms)
    return at_open


@njit(**INLINED)
def walk(ints, floats, bar, start, first, stop, tape, terms, ledger, more):
    """The minutes [start, stop) of `bar`, whose first minute is `first`, one by one: stops, targets, resting orders."""
    for m in range(start, stop):
        row = tape.minutes[m]
        if tape.real.shape[0] != 0 and not tape.real[m]:
            if ints[POS] != 0:
                end_minute(ints, floats, row.low, row.high, terms)
            continue
        if ints[REST_LONG] != 0 or ints[REST_SHORT] != 0:
            held = 1 if m > first else 0
            _at_open(ints, floats, bar, m, held, tape, terms, ledger, more)
        inside = True
        if ints[POS] != 0:
            inside = _held_minute(ints, floats, bar, m, tape, terms, ledger, more)
        if not inside or (ints[REST_LONG] == 0 and ints[REST_SHORT] == 0):
            if ints[POS] == 0 and ints[REST_LONG] == 0 and ints[REST_SHORT] == 0:
                return
            continue
        buy, sell = _reached(ints, floats, row)
        near_buy, near_sell = abs(buy - row.open), abs(sell - row.open)
        if near_buy == near_sell:
            ints[REST_LONG] = 0
            ints[REST_SHORT] = 0
        elif near_buy < near_sell or (math.isnan(near_sell) and not math.isnan(near_buy)):
            _fill_inside(ints, floats, 1, buy, bar, m, tape, terms, ledger, more)
        elif not math.isnan(near_sell):
            _fill_inside(ints, floats, -1, sell, bar, m, tape, terms, ledger, more)


@njit(**INLINED)
def fill_pending(ints, floats, bar, m, held, tape, terms, ledger, more):
    """What was decided to happen at the next open, at the open of the real minute m: closing, opening, adding."""
    raw = tape.minutes[m].open
    if more is None:
        if ints[POS] != 0:
            close_trade(ints, floats, raw, False, ints[PEND_CLOSE], bar, m, held, tape, terms, ledger, more)
        if ints[PEND_SIDE] != 0:
            open_trade(ints, floats, ints[PEND_SIDE], bar, m, raw, False, tape, terms, ledger, more)
    else:
        if ints[POS] != 0 and ints[PEND_CLOSE] >= 0:
            close_trade(ints, floats, raw, False, ints[PEND_CLOSE], bar, m, held, tape, terms, ledger, more)
        if ints[PEND_SIDE] != 0 and ints[POS] == 0:
            open_trade(ints, floats, ints[PEND_SIDE], bar, m, raw, False, tape, terms, ledger, more)
        elif ints[PEND_SIDE] != 0:
            add_to_trade(ints, floats, m, raw, tape, terms, ledger, more)
    ints[PEND_CLOSE] = -1
    ints[PEND_SIDE] = 0


@njit(**KERNEL)
def simulate(
    ints,
    floats,
    end,
    last,
    highs,
    lows,
    base,
    tape,
    events,
    edges,
    levels,
    orders,
    terms,
    ledger,
    more=None,
):
    """Run the bars from ints[BAR] up to (not including) `end`; closes what is open when `end` is past `last`.

    ints, floats: the state (fills.new_state), carried from call to call, so that any split into calls gives the same
    bits. last: index of the window's last bar. highs, lows: float64[b] of the bars from `base` on, up to `end` at
    least. tape: fills.Tape, whose minutes make the bars. events: int64[e] ascending, bars with an edge; edges:
    uint8[e], their LONG_ENTRY | LONG_EXIT | SHORT_ENTRY | SHORT_EXIT; levels: float64[r, N_LEVELS], a row for each
    event with an entry, in order (signals.types.LONG_STOP ...): price distances, and prices for resting entries, nan =
    none. ints[EVENT] and ints[ROW] count in these arrays: set them to 0 when a call gets new ones. orders:
    signals.types.Orders. ledger: fills.Ledger with room for the trades so far and 1 + entries more. more: more.More,
    whose legs have room for as many; None compiles a simulation without its branches.

    Fill contract: decisions at the close of bar t, filled at the open of the first real minute of t+1 or later,
    before the stops of that minute; stops and targets act from the entry minute on; a minute that opens beyond a
    level fills at its open; where both could have been hit the stop was; the trailing level is the best price of the
    closed minutes since the entry less the distance. Entries with a level rest during the bars t+1 .. t+valid
    (_reached, _fill_inside). At `last` an open position is closed at the close of its last minute.
    """
    bar = ints[BAR]
    event, count = ints[EVENT], events.shape[0]
    while event < count and events[event] < bar:
        ints[ROW] += 1 if edges[event] & ANY_ENTRY else 0
        event += 1
    while bar < end:
        idle = ints[POS] == 0 and ints[REST_LONG] == 0 and ints[REST_SHORT] == 0
        if idle and ints[PEND_SIDE] == 0:
            while event < count and events[event] < end and edges[event] & ANY_ENTRY == 0:
                event += 1
            if event == count or events[event] >= end:
                bar = end
                break
            bar = events[event]
            decide(ints, floats, bar, edges[event], levels, orders, terms, more)
            ints[ROW] += 1
            event += 1
            bar += 1
            continue
        first, stop = first_of(tape, bar), first_of(tape, bar + 1)
        start = first
        if ints[PEND_CLOSE] >= 0 or ints[PEND_SIDE] != 0:
            start = _first_real(first, stop, tape.real)
            if start < 0:
                start = stop
            else:
                held = 1 if start > first else 0
                fill_pending(ints, floats, bar, start, held, tape, terms, ledger, more)
            idle = ints[POS] == 0 and ints[REST_LONG] == 0 and ints[REST_SHORT] == 0
        if start == first and not idle:
            until = end - 1
            if event < count:
                until = min(until, events[event])
            if ints[REST_LONG] != 0 or ints[REST_SHORT] != 0:
                until = min(until, ints[REST_UNTIL])
            if ints[POS] != 0 and orders.time_stop > 0:
                until = min(until, ints[ENTRY_BAR] + orders.time_stop - 1)
            bar, hit = quiet(ints, floats, bar, max(until, bar), highs, lows, base, terms.tick, more)
            start = first_of(tape, bar) if hit else first_of(tape, bar + 1)
        if not idle:
            walk(ints, floats, bar, start, first_of(tape, bar), first_of(tape, bar + 1), tape, terms, ledger, more)
        if event < count and events[event] == bar:
            decide(ints, floats, bar, edges[event], levels, orders, terms, more)
            ints[ROW] += 1 if edges[event] & ANY_ENTRY else 0
            event += 1
        if bar >= ints[REST_UNTIL]:
            ints[REST_LONG] = 0
            ints[REST_SHORT] = 0
        held = bar - ints[ENTRY_BAR] + 1
        if ints[POS] != 0 and 0 < orders.time_stop <= held and ints[PEND_CLOSE] < 0:
            ints[PEND_CLOSE] = EXIT_TIME
            if more is not None and ints[PEND_SIDE] == ints[POS]:
                ints[PEND_SIDE] = 0
        bar += 1
    ints[BAR] = bar
    ints[EVENT] = event
    if end > last and ints[POS] != 0:
        m = first_of(tape, last + 1) - 1
        close_far(ints, floats, tape.minutes[m].close, False, EXIT_END, last, m, 1, tape, terms, ledger, more)
