"""How large a trade is, in which currency the account is, and the sentences that state it."""

from __future__ import annotations

import math

from engine.backtest.fills import Terms, scale_of
from engine.contracts.backtests import BacktestSpec
from engine.contracts.errors import BadInput
from engine.contracts.instruments import Instrument

#: currencies in which an account is kept when they are the base and not the quote, as USD in USD_JPY
_HOME = frozenset({"USD"})


def fill_terms(spec: BacktestSpec, instrument: Instrument, fee: float, slip: float) -> tuple[Terms, list[str]]:
    """(terms for the kernels, sentences); BadInput where the sizing is out of range."""
    sizing = spec.sizing
    if not (sizing.cash > 0 and math.isfinite(sizing.cash)):
        raise BadInput(
            f"A start with {sizing.cash:g} of cash is not possible.", where="sizing.cash", fix="Give more than 0."
        )
    if not (sizing.value > 0 and math.isfinite(sizing.value)):
        raise BadInput(
            f"A trade of size {sizing.value:g} is not possible.", where="sizing.value", fix="Give more than 0."
        )
    inverse = instrument.base in _HOME and instrument.quote not in _HOME
    account = instrument.base if inverse else instrument.quote
    terms = Terms(
        fee=float(fee),
        slip=float(slip),
        tick=float(instrument.tick_size),
        tick_scale=scale_of(instrument.tick_size),
        lot=float(instrument.lot_size),
        lot_scale=scale_of(instrument.lot_size),
        min_notional=float(instrument.min_notional),
        by_fraction=sizing.mode == "fraction",
        size=float(sizing.value),
        long_ok=spec.direction != "short",
        short_ok=spec.direction != "long",
        inverse=inverse,
    )
    each = f"{sizing.value:.6g} of the equity" if terms.by_fraction else f"{sizing.value:,.2f} {account}"
    sentences = [
        f"Account in {account}, start {sizing.cash:,.2f}; each trade {each} including its entry fee, "
        f"quantity rounded down to the lot {instrument.lot_size:g}."
    ]
    if inverse:
        sentences.append(f"Amounts in {instrument.quote} are converted to {account} at the price of the moment.")
    if spec.direction != "long" and instrument.market.endswith("-spot"):
        sentences.append("Short trades are simulated as if the asset could be borrowed without interest.")
    if (terms.by_fraction and terms.size > 1) or (not terms.by_fraction and terms.size > sizing.cash):
        sentences.append(
            "Trades are larger than the equity: borrowed money costs no interest and nothing is liquidated."
        )
    return terms, sentences
