"""What a fill costs, what holding a position costs, and the sentences that state it."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from engine.backtest.days import day_borders
from engine.contracts.backtests import Costs
from engine.contracts.errors import BadInput
from engine.contracts.instruments import Instrument
from engine.contracts.markets import Market

#: the rate that Binance's perpetuals start from, per eight hours, and the default where the history has none
DEFAULT_FUNDING = 0.0001
FUNDING_MS = 8 * 3_600_000


class Funding(msgspec.Struct, frozen=True, kw_only=True):
    """Funding events: ts int64[f] ms ascending, rate float64[f] (a long position pays rate x value when positive).

    assumed: how many of them are the default rate, not history. short_rate: float64[f], what a short position pays of
    its value, where that is not the opposite.
    """

    ts: np.ndarray
    rate: np.ndarray
    assumed: int = 0
    short_rate: np.ndarray | None = None


NO_FUNDING = Funding(ts=np.empty(0, np.int64), rate=np.empty(0, np.float64))


def fee_and_slip(costs: Costs, market: Market) -> tuple[float, float, list[str]]:
    """(fee fraction, slippage fraction, sentences); BadInput where a cost is out of range."""
    fee = market.taker if costs.fee is None else costs.fee
    if not 0 <= fee < 0.1:
        raise BadInput(
            f"A fee of {fee} is not possible.", where="costs.fee", fix="Give a fraction, as 0.0005 for 0.05 %."
        )
    if not (0 <= costs.slippage_bps < 1000 and math.isfinite(costs.slippage_bps)):
        raise BadInput(
            f"A slippage of {costs.slippage_bps} basis points is not possible.",
            where="costs.slippage_bps",
            fix="Give 0 to 1000 basis points.",
        )
    origin = f"taker fee of {market.title}" if costs.fee is None else "as given"
    return (
        fee,
        costs.slippage_bps / 1e4,
        [
            f"Fee {fee:.4%} of the traded value per fill ({origin}).",
            f"Slippage {costs.slippage_bps:g} basis points per fill, then to the tick, both against the trader.",
        ],
    )


def is_perpetual(instrument: Instrument, market: Market) -> bool:
    """Whether positions pay funding."""
    return instrument.kind.startswith("perp") or (market.venue == "binance_futures" and instrument.kind == "spot")


def funding_history(ts: np.ndarray, rate: np.ndarray, symbol: str = "") -> Funding:
    """A symbol's settlements as the venue gives them, each at its own time, whatever the interval: ts int64[f] ms in
    any order, rate float64[f]. A time that is there twice counts once, its last rate. BadInput: a rate that cannot be.
    """
    ts, rate = np.asarray(ts, np.int64), np.asarray(rate, np.float64)
    if len(ts) != len(rate):
        raise BadInput(f"{len(ts)} times of funding for {len(rate)} rates.", where=symbol)
    if not (np.abs(rate) < 1).all():
        bad = int(np.flatnonzero(~(np.abs(rate) < 1))[0])
        raise BadInput(
            f"A funding rate of {rate[bad]} is not possible.", where=f"{symbol} row {bad}", fix="Give fractions."
        )
    # the last of equal times comes first when the order is turned around
    times, at = np.unique(ts[::-1], return_index=True)
    return Funding(ts=times, rate=rate[::-1][at])


def known_rates(funding: Funding, bars: np.ndarray, length: int) -> np.ndarray:
    """float64[n]: the last rate settled at or before the close of each bar (CANDLE_DTYPE[n] of `length` ms), nan before
    the first: what rules read as funding."""
    at = np.searchsorted(funding.ts, bars["ts"] + length, side="right") - 1
    rates = np.append(funding.rate, np.nan)
    return rates[at]


def funding_events(known: Funding | None, first_ms: int, last_ms: int, default: float = DEFAULT_FUNDING) -> Funding:
    """Events in (first_ms, last_ms]: the known history, and the default at 00, 08 and 16 UTC where it has none, before
    it, after it or in a hole of it. Whatever its interval (8, 4, 2 or 1 h), a perpetual settles at these times."""
    grid = np.arange(first_ms // FUNDING_MS + 1, last_ms // FUNDING_MS + 1, dtype=np.int64) * FUNDING_MS
    if known is None or len(known.ts) == 0:
        return Funding(ts=grid, rate=np.full(len(grid), default), assumed=len(grid))
    due = known.ts // 60_000 * 60_000
    inside = (due > first_ms) & (due <= last_ms)
    # stamps of real events lie some milliseconds after the hour
    after = np.searchsorted(known.ts, grid - 60_000)
    missing = grid[(after == len(known.ts)) | (known.ts[np.minimum(after, len(known.ts) - 1)] > grid + 60_000)]
    ts = np.concatenate([known.ts[inside], missing])
    rate = np.concatenate([known.rate[inside], np.full(len(missing), default)])
    order = np.argsort(ts, kind="stable")
    return Funding(ts=ts[order], rate=rate[order], assumed=len(missing))


def financing_events(first_ms: int, last_ms: int, long: float, short: float) -> Funding:
    """Interest at 17:00 New York of every weekday in (first_ms, last_ms], for three days on a Wednesday. long, short:
    received a year as a fraction of the value."""
    borders = day_borders(first_ms, last_ms, "America/New_York", 17)
    ts = borders[(borders > first_ms) & (borders <= last_ms)]
    # Thursday was the first day of 1970; 17:00 in New York is the same day in UTC
    weekday = (ts // 86_400_000 + 3) % 7
    ts, weekday = ts[weekday < 5], weekday[weekday < 5]
    share = np.where(weekday == 2, 3.0, 1.0) / 365.0
    return Funding(ts=ts, rate=-long * share, short_rate=-short * share)


def funding_sentence(perpetual: bool, events: Funding, market: Market, default: float = DEFAULT_FUNDING) -> str:
    """What was assumed about funding."""
    if not perpetual:
        return f"No funding: {market.title} has no perpetual contracts; interest on positions is not charged."
    if events.assumed == 0:
        return f"Funding charged from its history at {len(events.ts)} times."
    return (
        f"Funding charged at {len(events.ts)} times; {events.assumed} of them assumed: "
        f"{default:.2%} per 8 h at 00, 08 and 16 UTC, as no history was given for them."
    )


def financing_sentence(long: float, short: float, stated: bool) -> str:
    """What was assumed about interest."""
    origin = "as given" if stated else "an assumption: OANDA's rates differ by instrument and day"
    return (
        f"Interest at 17:00 New York on weekdays, three days on a Wednesday: {long:.2%} a year on long and {short:.2%} "
        f"on short positions, paid when negative ({origin})."
    )
