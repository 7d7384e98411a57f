"""Leverage and maintenance margin: a venue's brackets, or what is assumed without them, and the sentences on it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from engine.contracts.backtests import Sizing
from engine.contracts.errors import BadInput
from engine.contracts.markets import Market

#: maintenance margin where no bracket is known: a small coin's first bracket on Binance; half of OANDA's usual 5 %
_ASSUMED = {"oanda": 0.025}
_ASSUMED_ELSE = 0.01


class Bracket(msgspec.Struct, frozen=True, kw_only=True):
    """Positions worth floor <= value < cap (quote currency): largest leverage, and maintenance margin = value x rate -
    amount."""

    floor: float
    cap: float
    leverage: float
    rate: float
    amount: float


def brackets_of(rows: Sequence[Mapping[str, Any]], symbol: str = "") -> list[Bracket]:
    """Brackets as ccxt gives them (minNotional, maxNotional, maxLeverage, maintenanceMarginRate, info.cum), ascending.

    The amount makes the margin continuous from bracket to bracket; it is computed where the venue does not say it.
    BadInput: none, or with holes.
    """
    made: list[Bracket] = []
    amount = 0.0
    for row in sorted(rows, key=lambda each: float(each["minNotional"])):
        floor, rate = float(row["minNotional"]), float(row["maintenanceMarginRate"])
        if made:
            if floor != made[-1].cap:
                raise BadInput(f"The margin brackets have a hole below {floor:g}.", where=symbol)
            amount += floor * (rate - made[-1].rate)
        said = (row.get("info") or {}).get("cum")
        amount = amount if said is None else float(said)
        made.append(
            Bracket(
                floor=floor, cap=float(row["maxNotional"]), leverage=float(row["maxLeverage"]), rate=rate, amount=amount
            )
        )
    if not made or made[0].floor > 0:
        raise BadInput("The margin brackets do not begin at 0.", where=symbol)
    return made


class Margin(msgspec.Struct, frozen=True, kw_only=True):
    """What the kernels take: see more.More."""

    leverage: float
    most: float
    floors: np.ndarray
    rates: np.ndarray
    amounts: np.ndarray


NO_MARGIN = Margin(leverage=0.0, most=math.inf, floors=np.zeros(1), rates=np.zeros(1), amounts=np.zeros(1))


def margin_of(sizing: Sizing, brackets: Sequence[Bracket], market: Market) -> tuple[Margin, list[str]]:
    """(for the kernels, sentences); BadInput where the leverage cannot be had."""
    leverage = sizing.leverage
    if leverage is None:
        return NO_MARGIN, []
    if not (1 <= leverage <= 1000):
        raise BadInput(
            f"A leverage of {leverage:g} is not possible.", where="sizing.leverage", fix="Give 1 to 1000, or none."
        )
    most, origin = math.inf, "as given"
    rates, floors, amounts = [sizing.maintenance or 0.0], [0.0], [0.0]
    if brackets and leverage > brackets[0].leverage:
        raise BadInput(
            f"A leverage of {leverage:g} is above the venue's {brackets[0].leverage:g}.",
            where="sizing.leverage",
            fix=f"Give at most {brackets[0].leverage:g}.",
        )
    if brackets:
        most = max(b.cap for b in brackets if b.leverage >= leverage)
    if sizing.maintenance is None and brackets:
        floors, rates, amounts = [b.floor for b in brackets], [b.rate for b in brackets], [b.amount for b in brackets]
        origin = f"the venue's {len(brackets)} brackets, by the value at the entry"
    elif sizing.maintenance is None:
        rates = [_ASSUMED.get(market.venue, _ASSUMED_ELSE)]
        origin = "assumed, as the venue's brackets are not known"
    if not 0 <= rates[0] < 1 / leverage:
        raise BadInput(
            f"A maintenance margin of {rates[0]:.2%} leaves nothing of the {1 / leverage:.2%} put up at a leverage of "
            f"{leverage:g}.",
            where="sizing.leverage",
            fix="Give a smaller leverage, or sizing.maintenance as a fraction of the value.",
        )
    sentences = [
        f"Leverage {leverage:g}: a position is worth at most {leverage:g} times the equity"
        + (f" and {most:,.0f} in the quote currency" if math.isfinite(most) else "")
        + f"; its margin is its value / {leverage:g}, isolated, and borrowed money costs no interest.",
        f"Maintenance margin {rates[0]:.2%} of the value ({origin}): a minute that reaches its level liquidates at the "
        "worst price of the minute, at most the margin being lost, beside fee and funding.",
    ]
    return Margin(
        leverage=float(leverage),
        most=most,
        floors=np.array(floors, np.float64),
        rates=np.array(rates, np.float64),
        amounts=np.array(amounts, np.float64),
    ), sentences
