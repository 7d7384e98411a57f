"""What a back-test is asked and what it answers. Frozen, JSON-able, with every default stated in the result."""

from __future__ import annotations

from typing import Literal

import msgspec


class Costs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What fills and held positions cost. Every offset of a price is against the trader, per fill.

    fee: fraction of the traded value per fill (None = the market's taker fee). maker_fee: the same for fills of limit
    orders that rested (None = the market's maker fee). maker: which fills pay it: 'none'; 'entries', those of limit
    entries; 'targets', these and targets, which then are limit orders and have no slippage.
    slippage_bps: basis points of the price; slippage_ticks: ticks; slippage_range: share of the high-low range of the
    minute of the fill (0.1 = a tenth). They add up; limit orders have none.
    spread_bps: the whole spread between bid and ask in basis points, half of it per fill, limit orders included; used
    where the series has no bid and ask of its own. None = none is charged, though bid and ask of the series are used.
    funding: rate per 8 h where a perpetual's own history has none (None = 0.0001).
    financing: charge OANDA's interest at 17:00 New York, three days on a Wednesday; financing_long, financing_short:
    interest a year as a fraction, received when positive (None = -0.025 each).
    """

    fee: float | None = None
    maker_fee: float | None = None
    maker: Literal["none", "entries", "targets"] = "none"
    slippage_bps: float = 1.0
    slippage_ticks: float = 0.0
    slippage_range: float = 0.0
    spread_bps: float | None = None
    funding: float | None = None
    financing: bool = False
    financing_long: float | None = None
    financing_short: float | None = None


class Sizing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How large a trade is; `value` means, by mode:

    'amount': money a trade, in the account's currency. 'fraction': fraction of the equity at entry. 'volatility':
    annual volatility aimed at (0.2 = 20 %), the trade being that over the volatility of the last `bars` bars. 'risk':
    fraction of the equity lost at the stop. 'kelly': multiple of the Kelly fraction (0.5 = half) of the trades closed
    so far; until there are min_trades of them, `start` of the equity.
    cap: most that a trade may be worth in the last three modes, as a fraction of the equity.
    leverage: a trade is worth at most this many times the equity, its margin is its value / leverage, isolated, and it
    is liquidated at the maintenance margin (None = no limit, no margin, no liquidation). maintenance: its fraction of
    the value (None = the venue's brackets where known, else an assumption that the result states).
    """

    mode: Literal["amount", "fraction", "volatility", "risk", "kelly"] = "fraction"
    value: float = 1.0
    cash: float = 10_000.0
    cap: float = 1.0
    bars: int = 100
    min_trades: int = 20
    start: float = 0.1
    leverage: float | None = None
    maintenance: float | None = None


class BacktestSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run. symbol is MARKET:NAME. from_ms/to_ms: half-open range of bar open times, ms UTC (None = all there is).
    params override the strategy's defaults; rules: text of expressions by the name of their rule ('stop', 'long_entry')
    in place of its own, '' takes one away. pyramiding: most entries of one side that add up to one position (market
    entries only). account: currency of the account ('' = USD where it is the base or the quote, else the quote).
    run_id names it for progress and cancel ('' = made by the job)."""

    strategy: str
    symbol: str
    timeframe: str
    from_ms: int | None = None
    to_ms: int | None = None
    params: dict[str, float] = {}
    rules: dict[str, str] = {}
    costs: Costs = Costs()
    sizing: Sizing = Sizing()
    direction: Literal["long", "short", "both"] = "both"
    pyramiding: int = 1
    account: str = ""
    run_id: str = ""


class BacktestResult(msgspec.Struct, frozen=True, kw_only=True):
    """trades: bytes of a TRADE_DTYPE array. equity_ts/equity: bytes of <i8 ms and <f8, mark-to-market, at most a few
    thousand points for drawing (daily figures are exact). metrics: name -> value, nan = not defined; convention names
    how they were computed. trade_hash: 16 hex digits over the trades in integers. data_fingerprint: over the bars used.
    assumptions: one sentence each, every default that was taken.

    From daily_ts on, empty in results kept by older versions: daily_ts <i8[d], ends of the trading days; daily and
    daily_benchmark <f8[d+1], equity and value of holding at the start and at these ends; span_days: calendar days of
    the run; trade_values <f8, worth of each trade at its entry in the account's currency. With them every figure can
    be made anew, under any convention.
    """

    spec: BacktestSpec
    strategy_text: str
    bars: int
    first_ms: int
    last_ms: int
    metrics: dict[str, float]
    convention: str
    trade_hash: str
    data_fingerprint: str
    code_version: str
    assumptions: list[str]
    seconds: float
    trades: bytes
    equity_ts: bytes
    equity: bytes
    drawdown: bytes
    benchmark: bytes = b""
    daily_ts: bytes = b""
    daily: bytes = b""
    daily_benchmark: bytes = b""
    span_days: float = 0.0
    trade_values: bytes = b""
