"""Many lanes on one account, minute by minute: the same fills as a single run, the money of all shared."""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

from numba import njit

from engine.backtest.fills import (
    BESIDE,
    CASH,
    ENTRY_BAR,
    FEE,
    FUND,
    LEGS,
    PAID,
    PEND_CLOSE,
    PEND_SIDE,
    POS,
    PRICE,
    QUANTITY,
    REST_LONG,
    REST_SHORT,
    REST_UNTIL,
    ROOM,
    ROW,
    TRADES,
    Terms,
    close_far,
    funding_due,
    open_trade,
    rate_of,
)
from engine.backtest.kernels import decide, walk
from engine.backtest.more import More
from engine.contracts.dtypes import EXIT_END, EXIT_TIME
from engine.signals.compiling import KERNEL
from engine.signals.types import ANY_ENTRY, Orders

#: columns of the places int64[l, ...]: next minute, minute after the last, current bar, next event, event after the
#: last, number of the symbol, kinds and lives of orders
AT, STOP, NOW, EVENT_AT, EVENT_STOP, SYMBOL, LONG_KIND, SHORT_KIND, VALID, TIME_STOP, PLACES = range(11)
#: columns of the numbers float64[l, ...], as Terms and More have them; then of the flags int64[l, ...]
NUMBERS = (
    "fee", "slip", "tick", "tick_scale", "lot", "lot_scale", "min_notional", "size", "offset", "range_share", "half",
    "maker", "target_fee", "cap", "kelly_start", "leverage", "most",
)  # fmt: skip
FLAGS = ("by_fraction", "long_ok", "short_ok", "inverse", "target_rests", "mode", "kelly_trades")
#: of the shared account: trades, rows of legs, next day
SHARED_TRADES, SHARED_LEGS, SHARED_DAY, SHARED = range(4)


@njit(**KERNEL)
def _terms(n, f):
    return Terms(
        n[0], n[1], n[2], n[3], n[4], n[5], n[6], f[0] != 0, n[7], f[1] != 0, f[2] != 0, f[3] != 0
    )  # fmt: skip


@njit(**KERNEL)
def _more(n, f, ask, bid, volatility, conversion, short_rate, floors, rates, amounts):
    return More(
        n[8], n[9], n[10], ask, bid, n[11], n[12], f[4] != 0, f[5], n[13], volatility, f[6], n[14], n[15], n[16],
        floors, rates, amounts, 1, conversion, short_rate,
    )  # fmt: skip


@njit(**KERNEL)
def _lend(lane, ints, floats, places, held, caps, money, shared):
    """What lane may use: the cash, the unrealised money beside it, and the room that the caps leave for an entry.

    held: float64[l, 2], unrealised money and value of each lane's position at the last close.
    """
    beside, gross, own_symbol, open_now = 0.0, 0.0, 0.0, 0
    for other in range(ints.shape[0]):
        if other != lane and ints[other, POS] != 0:
            beside += held[other, 0]
            gross += held[other, 1]
            own_symbol += held[other, 1] if places[other, SYMBOL] == places[lane, SYMBOL] else 0.0
            open_now += 1
    equity = money[0] + beside + (held[lane, 0] if ints[lane, POS] != 0 else 0.0)
    room = min(caps[1] * equity - gross, caps[2] * equity - own_symbol)
    floats[lane, CASH] = money[0]
    floats[lane, BESIDE] = beside
    floats[lane, ROOM] = 0.0 if open_now >= caps[0] else room
    ints[lane, TRADES] = shared[SHARED_TRADES]
    ints[lane, LEGS] = shared[SHARED_LEGS]


@njit(**KERNEL)
def _return(lane, ints, floats, money, shared, owner):
    for k in range(shared[SHARED_TRADES], ints[lane, TRADES]):
        owner[k] = lane
    money[0] = floats[lane, CASH]
    shared[SHARED_TRADES] = ints[lane, TRADES]
    shared[SHARED_LEGS] = ints[lane, LEGS]


@njit(**KERNEL)
def _close_days(ts, borders, ints, held, realised, money, shared, equity, values):
    """Equity and the lanes' results at the end of each day before ts."""
    while shared[SHARED_DAY] < borders.shape[0] and borders[shared[SHARED_DAY]] <= ts:
        day = shared[SHARED_DAY]
        total = money[0]
        for lane in range(ints.shape[0]):
            floating = held[lane, 0] if ints[lane, POS] != 0 else 0.0
            total += floating
            values[day, lane] = realised[lane] + floating
        equity[day] = total
        shared[SHARED_DAY] = day + 1


@njit(**KERNEL)
def _end_bar(state, money, place, bar, events, edges, levels, orders, terms, more):
    """The decision at the close of a bar, and what ends with it."""
    if place[EVENT_AT] < place[EVENT_STOP] and events[place[EVENT_AT]] == bar:
        edge = edges[place[EVENT_AT]]
        decide(state, money, bar, edge, levels, orders, terms, more)
        state[ROW] += 1 if edge & ANY_ENTRY else 0
        place[EVENT_AT] += 1
    if bar >= state[REST_UNTIL]:
        state[REST_LONG] = 0
        state[REST_SHORT] = 0
    bars = bar - state[ENTRY_BAR] + 1
    if state[POS] != 0 and 0 < orders.time_stop <= bars and state[PEND_CLOSE] < 0:
        state[PEND_CLOSE] = EXIT_TIME


@njit(**KERNEL)
def run_lanes(
    ints,
    floats,
    places,
    numbers,
    flags,
    floors,
    rates,
    amounts,
    ask,
    bid,
    volatility,
    conversion,
    short_rate,
    tape,
    events,
    edges,
    levels,
    caps,
    until,
    borders,
    money,
    shared,
    ledger,
    owner,
    held,
    realised,
    equity,
    values,
):
    """Run all lanes through the minutes before `until` (ms).

    ints int64[l, INTS], floats float64[l, FLOATS]: their states. places, numbers, flags: see PLACES, NUMBERS, FLAGS.
    floors, rates, amounts float64[l, b]: margin brackets. The tape holds the minutes of all lanes one after the other;
    ask ... short_rate, events, edges, levels likewise, as More and simulate() have them, bars counted through. caps
    float64[3]: most open positions, and value of all and of one symbol's as fractions of the equity. borders int64[d]:
    ends of the days; equity float64[d], values float64[d, l], out: of the account, and the result of each lane so far.
    money float64[1]: the cash. shared int64[SHARED]. owner int64[c]: the lane of each trade of the ledger. held
    float64[l, 2], realised float64[l]: the lanes' own.

    In a minute first all that was decided closes, then all that was decided opens, then the insides of the minute, each
    time in the order of the lanes.
    """
    lanes = ints.shape[0]
    minutes, first_minute = tape.minutes, tape.first_minute
    while True:
        ts = until
        for lane in range(lanes):
            if places[lane, AT] < places[lane, STOP]:
                ts = min(ts, minutes[places[lane, AT]].ts)
        if ts >= until:
            return
        _close_days(ts, borders, ints, held, realised, money, shared, equity, values)
        for phase in range(3):
            for lane in range(lanes):
                m = places[lane, AT]
                if m >= places[lane, STOP] or minutes[m].ts != ts:
                    continue
                state, purse, place = ints[lane], floats[lane], places[lane]
                bar = place[NOW]
                first, stop = first_minute[bar], first_minute[bar + 1]
                real = tape.real.shape[0] == 0 or tape.real[m]
                busy = state[POS] != 0 or state[REST_LONG] != 0 or state[REST_SHORT] != 0
                if phase == 0 and not (real and state[PEND_CLOSE] >= 0 and state[POS] != 0):
                    continue
                if phase == 1 and not (real and state[PEND_SIDE] != 0):
                    if real:
                        state[PEND_CLOSE] = -1
                    continue
                last = phase == 2 and m + 1 == stop
                if phase == 2 and not busy and not last:
                    place[AT] = m + 1
                    continue
                terms = _terms(numbers[lane], flags[lane])
                more = _more(
                    numbers[lane], flags[lane], ask, bid, volatility, conversion, short_rate, floors[lane], rates[lane],
                    amounts[lane],
                )  # fmt: skip
                orders = Orders(place[LONG_KIND], place[SHORT_KIND], place[VALID], place[TIME_STOP])
                _lend(lane, ints, floats, places, held, caps, money, shared)
                before = money[0]
                inside = 1 if m > first else 0
                if phase == 0:
                    raw = minutes[m].open
                    close_far(state, purse, raw, False, state[PEND_CLOSE], bar, m, inside, tape, terms, ledger, more)
                elif phase == 1:
                    raw = minutes[m].open
                    if state[POS] == 0:
                        open_trade(state, purse, state[PEND_SIDE], bar, m, raw, False, tape, terms, ledger, more)
                    state[PEND_CLOSE] = -1
                    state[PEND_SIDE] = 0
                else:
                    walk(state, purse, bar, m, first, m + 1, tape, terms, ledger, more)
                    if last:
                        _end_bar(state, purse, place, bar, events, edges, levels, orders, terms, more)
                        place[NOW] = bar + 1
                    place[AT] = m + 1
                    if place[AT] == place[STOP] and state[POS] != 0:
                        raw = minutes[m].close
                        close_far(state, purse, raw, False, EXIT_END, bar, m, 1, tape, terms, ledger, more)
                if state[POS] != 0:
                    if state[FUND] < tape.fund_minute.shape[0] and tape.fund_minute[state[FUND]] <= m:
                        purse[PAID] = funding_due(state, purse, m, tape, terms, more)
                    close = minutes[m].open if phase < 2 else minutes[m].close
                    rate = rate_of(close, m, terms, more)
                    gain = state[POS] * purse[QUANTITY] * (close - purse[PRICE]) * rate
                    held[lane, 0] = gain - purse[FEE] - purse[PAID]
                    held[lane, 1] = purse[QUANTITY] * close * rate
                _return(lane, ints, floats, money, shared, owner)
                realised[lane] += money[0] - before
