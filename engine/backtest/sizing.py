"""How large a trade is, in which currency the account is, and the sentences that state it."""

from __future__ import annotations

import math

import numpy as np

from engine.backtest.fills import Terms, scale_of
from engine.backtest.more import AMOUNT, FRACTION, KELLY, RISK_TO_STOP, VOLATILITY
from engine.contracts.backtests import BacktestSpec, Sizing
from engine.contracts.errors import BadInput
from engine.contracts.instruments import Instrument
from engine.contracts.markets import Market
from engine.contracts.timeframes import timeframe_ms
from engine.signals.history import Decisions, Stream
from engine.signals.types import LONG_STOP, SHORT_STOP, TRAIL_BY

#: currency in which an account is kept when it is the base and not the quote, as USD in USD_JPY
_HOME = "USD"
#: More.mode of each mode
MODES = {"amount": AMOUNT, "fraction": FRACTION, "volatility": VOLATILITY, "risk": RISK_TO_STOP, "kelly": KELLY}
_PLAIN = ("amount", "fraction")
#: most that a number may be, and whether it may be 0
_LIMITS = {"value": (100.0, False), "cap": (1000.0, False), "start": (1000.0, True)}
_COUNTS = {"bars": 2, "min_trades": 1}


def account_of(spec: BacktestSpec, instrument: Instrument) -> str:
    """Currency of the account."""
    if spec.account:
        return spec.account
    return instrument.base if instrument.base == _HOME != instrument.quote else instrument.quote


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
    account = account_of(spec, instrument)
    inverse = account == instrument.base and account != instrument.quote
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
    lot = (
        f"quantity rounded down to the lot {instrument.lot_size:g}."
        if instrument.lot_size > 0
        else "quantities are not rounded, as no lot is known."
    )
    start = f"Account in {account}, start {sizing.cash:,.2f}"
    if sizing.mode in _PLAIN:
        each = f"{sizing.value:.6g} of the equity" if terms.by_fraction else f"{sizing.value:,.2f} {account}"
        sentences = [f"{start}; each trade {each} including its entry fee, {lot}"]
    else:
        sentences = [f"{start}; {lot}"]
    if inverse:
        sentences.append(f"Amounts in {instrument.quote} are converted to {account} at the price of the moment.")
    if spec.direction != "long" and instrument.market.endswith("-spot"):
        sentences.append("Short trades are simulated as if the asset could be borrowed without interest.")
    if sizing.leverage is None and _is_larger(sizing):
        sentences.append(
            "Trades are larger than the equity: borrowed money costs no interest and nothing is liquidated."
        )
    return terms, sentences


def _is_larger(sizing: Sizing) -> bool:
    if sizing.mode == "amount":
        return sizing.value > sizing.cash
    return (sizing.value if sizing.mode == "fraction" else sizing.cap) > 1


def size_of(spec: BacktestSpec, bars: np.ndarray, decisions: object, market: Market) -> tuple[np.ndarray, list[str]]:
    """(float64[n] annual volatility at the close of each bar, of no length where it is not needed; sentences, none for
    amounts and fractions). BadInput: numbers out of range, a size by the stop without a stop."""
    sizing = spec.sizing
    if sizing.mode in _PLAIN:
        return np.empty(0), []
    _check(sizing)
    cap = f"at most {sizing.cap:g} of the equity"
    if sizing.mode == "volatility":
        per_year = market.days_per_year * 86_400_000 / timeframe_ms(spec.timeframe)
        text = (
            f"Each trade aims at {sizing.value:.4g} of volatility a year: that over the deviation (ddof 1) of the "
            f"returns of the last {sizing.bars} bars, {per_year:,.0f} bars a year, {cap}; none while they do not move."
        )
        return annual_volatility(bars["close"], sizing.bars, per_year), [text]
    if sizing.mode == "risk":
        _needs_stop(decisions, spec)
        text = (
            f"Each trade loses {sizing.value:.4g} of the equity at its stop or trailing stop, whichever is nearer, "
            f"before costs and gaps, {cap}; an entry without one is not taken."
        )
        return np.empty(0), [text]
    text = (
        f"Each trade is {sizing.value:.4g} x Kelly's fraction of the equity, W - (1 - W) / (average win / average "
        f"loss) over the returns of the trades closed so far, {cap}, none where it is not above 0; {sizing.start:.4g} "
        f"of the equity until {sizing.min_trades} trades are closed."
    )
    return np.empty(0), [text]


def _check(sizing: Sizing) -> None:
    for name, (most, zero) in _LIMITS.items():
        value = getattr(sizing, name)
        if not (0 < value <= most or (zero and value == 0)):
            raise BadInput(f"{value:g} is not possible for {name}.", where=f"sizing.{name}", fix=f"Give 0 to {most:g}.")
    for name, least in _COUNTS.items():
        count = getattr(sizing, name)
        if not least <= count <= 1_000_000:
            raise BadInput(
                f"{count} is not possible for {name}.", where=f"sizing.{name}", fix=f"Give at least {least}."
            )


def annual_volatility(close: np.ndarray, bars: int, per_year: float) -> np.ndarray:
    """float64[n]: standard deviation (ddof 1) of the last `bars` simple returns known at each close, for a year; nan
    where there are fewer, or where they do not move."""
    out = np.full(len(close), math.nan)
    if len(close) <= bars:
        return out
    returns = close[1:] / close[:-1] - 1.0
    total = np.cumsum(np.append(0.0, returns))
    squares = np.cumsum(np.append(0.0, returns * returns))
    mean = (total[bars:] - total[:-bars]) / bars
    square = (squares[bars:] - squares[:-bars]) / bars
    variance = (square - mean * mean) * bars / (bars - 1)
    # what the sums leave of a price that stands still
    floor = 1e-15 * np.maximum(squares[bars:], 1e-6)
    out[bars:] = np.where(variance > floor, np.sqrt(np.maximum(variance, 0.0) * per_year), math.nan)
    return out


def _needs_stop(decisions: object, spec: BacktestSpec) -> None:
    sides = {"long": [LONG_STOP], "short": [SHORT_STOP], "both": [LONG_STOP, SHORT_STOP]}
    wanted = [*sides[spec.direction], TRAIL_BY]
    found = True
    if isinstance(decisions, Stream):
        levels = decisions.plan.levels[0]
        found = bool(((levels.columns[wanted] >= 0) | (levels.constants[wanted] > 0)).any())
    elif isinstance(decisions, Decisions):
        rows = decisions.found.levels
        found = len(rows) == 0 or bool((rows[:, wanted] > 0).any())
    if not found:
        raise BadInput(
            "Sizing by the risk to the stop needs a stop, and this strategy has none.",
            where=spec.strategy,
            fix="Give it a stop or a trail, or take another sizing mode, as fraction.",
        )
