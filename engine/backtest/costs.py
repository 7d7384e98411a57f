"""What a fill costs, what holding a position costs, and the sentences that state it."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from engine.contracts.backtests import Costs
from engine.contracts.errors import BadInput
from engine.contracts.instruments import Instrument
from engine.contracts.markets import Market

#: the rate that Binance's perpetuals start from, per eight hours, and the default where the history has none
DEFAULT_FUNDING = 0.0001
FUNDING_MS = 8 * 3_600_000


class Funding(msgspec.Struct, frozen=True, kw_only=True):
    """Funding events: ts int64[f] ms ascending, rate float64[f] (a long position pays rate x value when positive).

    assumed: how many of them are the default rate, not history.
    """

    ts: np.ndarray
    rate: np.ndarray
    assumed: int = 0


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


def funding_events(known: Funding | None, first_ms: int, last_ms: int) -> Funding:
    """Events in (first_ms, last_ms]: the known history, and the default at 00, 08, 16 UTC before and after it."""
    grid = np.arange(first_ms // FUNDING_MS + 1, last_ms // FUNDING_MS + 1, dtype=np.int64) * FUNDING_MS
    if known is None or len(known.ts) == 0:
        return Funding(ts=grid, rate=np.full(len(grid), DEFAULT_FUNDING), assumed=len(grid))
    inside = (known.ts > first_ms) & (known.ts <= last_ms)
    # stamps of real events lie some milliseconds after the hour
    missing = grid[(grid < known.ts[0] - 60_000) | (grid > known.ts[-1] + 60_000)]
    ts = np.concatenate([known.ts[inside], missing])
    rate = np.concatenate([known.rate[inside], np.full(len(missing), DEFAULT_FUNDING)])
    order = np.argsort(ts, kind="stable")
    return Funding(ts=ts[order], rate=rate[order], assumed=len(missing))


def funding_sentence(perpetual: bool, events: Funding, market: Market) -> str:
    """What was assumed about funding."""
    if not perpetual:
        return f"No funding: {market.title} has no perpetual contracts; interest on positions is not charged."
    if events.assumed == 0:
        return f"Funding charged from its history at {len(events.ts)} times."
    return (
        f"Funding charged at {len(events.ts)} times; {events.assumed} of them assumed: "
        f"{DEFAULT_FUNDING:.2%} per 8 h at 00, 08 and 16 UTC, as no history was given for them."
    )
