"""Many parameter sets over the same bars: one block of bars for all of them, then the next."""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

from numba import njit

from engine.backtest.fills import EVENT, ROW, TRADES
from engine.backtest.hash import hash_trades
from engine.backtest.kernels import simulate
from engine.signals.compiling import KERNEL
from engine.signals.kernels_events import events_of
from engine.signals.types import Orders


@njit(**KERNEL)
def simulate_sets(
    ints,
    floats,
    end,
    last,
    highs,
    lows,
    base,
    tape,
    masks,
    values,
    columns,
    constants,
    orders,
    terms,
    events,
    edges,
    levels,
    ledger,
    steps,
    hashes,
    counts,
):
    """simulate() of the bars up to `end` for each of s sets, whose trades go into their hash and their number only.

    ints int64[s, INTS], floats float64[s, FLOATS]: a state a set. masks: uint8[4 s, t] of the bars base .. base+t-1;
    values, columns int64[s, N_LEVELS], constants float64[s, N_LEVELS]: see events_of. orders: int64[s, 4], the fields
    of Orders. events, edges, levels, ledger: room for t events and t + 2 trades, overwritten. steps: four
    numbers of hash.hash_steps. hashes uint64[s], counts int64[s]: in and out.
    """
    for s in range(ints.shape[0]):
        found, entries = events_of(
            masks[4 * s : 4 * s + 4], values, columns[s], constants[s], base, events, edges, levels
        )
        state = ints[s]
        state[EVENT], state[ROW], state[TRADES] = 0, 0, 0
        how = Orders(orders[s, 0], orders[s, 1], orders[s, 2], orders[s, 3])
        simulate(
            state, floats[s], end, last, highs, lows, base, tape, events[:found], edges[:found], levels[:entries], how,
            terms, ledger,
        )  # fmt: skip
        made = state[TRADES]
        hashes[s] = hash_trades(hashes[s], ledger.trades[:made], steps[0], steps[1], steps[2], steps[3])
        counts[s] += made
