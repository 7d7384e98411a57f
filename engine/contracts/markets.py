"""Markets and symbol ids.

A symbol is MARKET:NAME; demo markets carry their own ids so that nothing invented mixes in.
"""

from __future__ import annotations

import msgspec

from engine.contracts.errors import BadInput, did_you_mean

DEMO_PREFIX = "demo-"


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """One market of one venue.

    venue: the folder of engine.venues that speaks its protocol. taker/maker: default fee as a fraction of the
    traded value. days_per_year: for annualised figures. day_tz: time zone whose `day_hour` ends the trading day.
    """

    id: str
    title: str
    venue: str
    taker: float
    maker: float
    days_per_year: int
    day_tz: str = "UTC"
    day_hour: int = 0
    demo: bool = False


_REAL = (
    Market(
        id="binance-futures",
        title="Binance Futures",
        venue="binance_futures",
        taker=0.0005,
        maker=0.0002,
        days_per_year=365,
    ),
    Market(id="binance-spot", title="Binance Spot", venue="binance_spot", taker=0.001, maker=0.001, days_per_year=365),
    Market(
        id="oanda-forex",
        title="OANDA Forex",
        venue="oanda",
        taker=0.0,
        maker=0.0,
        days_per_year=252,
        day_tz="America/New_York",
        day_hour=17,
    ),
    Market(
        id="oanda-commodities",
        title="OANDA Commodities",
        venue="oanda",
        taker=0.0,
        maker=0.0,
        days_per_year=252,
        day_tz="America/New_York",
        day_hour=17,
    ),
)
_DEMO = tuple(msgspec.structs.replace(m, id=DEMO_PREFIX + m.id, title=f"Demo {m.title}", demo=True) for m in _REAL)
#: every market this version knows, by id; the demo twins included.
MARKETS: dict[str, Market] = {m.id: m for m in _REAL + _DEMO}


def market(market_id: str) -> Market:
    """The market with this id; BadInput names the known ones."""
    try:
        return MARKETS[market_id]
    except KeyError:
        raise BadInput(
            f'"{market_id}" is not a market.{did_you_mean(market_id, MARKETS)}', fix=f"Known: {', '.join(MARKETS)}."
        ) from None


def symbol_id(market_id: str, name: str) -> str:
    """MARKET:NAME."""
    return f"{market_id}:{name}"


def split_symbol(symbol: str) -> tuple[str, str]:
    """(market id, name) of MARKET:NAME; a bare NAME gives ('', NAME) for the caller to resolve."""
    head, colon, name = symbol.partition(":")
    if not colon:
        return "", symbol
    market(head)
    if not name:
        raise BadInput(
            f'"{symbol}" has no symbol name after the colon.', fix="Write MARKET:NAME, as binance-spot:BTCUSDT."
        )
    return head, name
