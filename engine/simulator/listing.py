"""exchangeInfo and the 24 hour tickers, as each market writes them."""

from __future__ import annotations

from typing import Any

from engine.simulator.config import Dialect
from engine.simulator.exchange import Exchange
from engine.simulator.source import Symbol

_MIN_NOTIONAL = "5"
_FOREVER_MS = 4_133_404_800_000


def exchange_info(exchange: Exchange, rows: list[int]) -> dict[str, Any]:
    """The reply for the symbols `rows`. `simulated` is our own addition: it marks what was invented."""
    dialect = exchange.dialect
    limits = [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1,
               "limit": dialect.weight_per_min}]  # fmt: skip
    write = _perpetual if dialect.categories else _spot
    listed = exchange.source.first_minute * 60_000
    symbols = [write(exchange.source.symbols[row], listed, dialect) for row in rows]
    body: dict[str, Any] = {"timezone": "UTC", "serverTime": exchange.time.now_ms()}
    if dialect.categories:
        body["futuresType"] = "U_MARGINED"
        body |= {"rateLimits": limits, "exchangeFilters": [], "assets": [{"asset": "USDT", "marginAvailable": True,
                 "autoAssetExchange": "-10000"}]}  # fmt: skip
    else:
        body |= {"rateLimits": limits, "exchangeFilters": []}
    return body | {"symbols": symbols}


def _steps(symbol: Symbol, dialect: Dialect) -> tuple[str, str]:
    """Tick and lot size as text."""
    tick, lot = f"{10.0**-symbol.decimals:.{symbol.decimals}f}", f"{10.0**-symbol.lot_decimals:.{symbol.lot_decimals}f}"
    if not dialect.padded:
        return tick, lot
    return f"{float(tick):.8f}", f"{float(lot):.8f}"


def _spot(symbol: Symbol, listed: int, dialect: Dialect) -> dict[str, Any]:
    tick, lot = _steps(symbol, dialect)
    return {
        "symbol": symbol.name, "status": "TRADING", "baseAsset": symbol.base, "baseAssetPrecision": 8,
        "quoteAsset": symbol.quote, "quotePrecision": 8, "quoteAssetPrecision": 8, "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8, "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"], "icebergAllowed": False,
        "ocoAllowed": False, "otoAllowed": False, "opoAllowed": False, "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False, "cancelReplaceAllowed": False, "amendAllowed": False,
        "pegInstructionsAllowed": False, "isSpotTradingAllowed": True, "isMarginTradingAllowed": False,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000.00000000", "tickSize": tick},
            {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": "9000000.00000000", "stepSize": lot},
            {"filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": True,
             "maxNotional": "9000000.00000000", "applyMaxToMarket": False, "avgPriceMins": 5},
        ],
        "permissions": [], "permissionSets": [["SPOT"]], "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
        "simulated": symbol.generated,
    }  # fmt: skip


def _perpetual(symbol: Symbol, listed: int, dialect: Dialect) -> dict[str, Any]:
    tick, lot = _steps(symbol, dialect)
    return {
        "symbol": symbol.name, "pair": symbol.name, "contractType": "PERPETUAL", "deliveryDate": _FOREVER_MS,
        "onboardDate": listed, "status": "TRADING", "maintMarginPercent": "2.5000", "requiredMarginPercent": "5.0000",
        "baseAsset": symbol.base, "quoteAsset": symbol.quote, "marginAsset": symbol.quote,
        "pricePrecision": symbol.decimals, "quantityPrecision": symbol.lot_decimals, "baseAssetPrecision": 8,
        "quotePrecision": 8, "underlyingType": "COIN", "underlyingSubType": [], "settlePlan": 0,
        "triggerProtect": "0.0500", "liquidationFee": "0.012500", "marketTakeBound": "0.05",
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000", "tickSize": tick},
            {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": "9000000", "stepSize": lot},
            {"filterType": "MARKET_LOT_SIZE", "minQty": lot, "maxQty": "9000000", "stepSize": lot},
            {"filterType": "MIN_NOTIONAL", "notional": _MIN_NOTIONAL},
        ],
        "orderTypes": ["LIMIT", "MARKET"], "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
        "simulated": symbol.generated,
    }  # fmt: skip


def day_ticker(exchange: Exchange, row: int) -> dict[str, Any]:
    """ticker/24hr of one symbol."""
    tape, source, made = exchange.last_tape(), exchange.source, exchange.payloads.templates(row)
    scale, lot = float(source.price_scale[row]), float(source.lot_scale[row])
    so_far = exchange.running(row)
    before = source.day((tape.minute - 1) // 1440).c[row, (tape.minute - 1) % 1440]
    last = so_far.c if so_far else int(before) or int(tape.o[row])
    high = max(int(tape.day_high[row]), so_far.h if so_far else last)
    low = min(int(tape.day_low[row]), so_far.l if so_far else last)
    open_ = int(tape.day_open[row]) or int(tape.o[row]) or last
    volume = (int(tape.day_volume[row]) + (so_far.v if so_far else 0)) / lot
    value = float(tape.day_value[row]) + (so_far.value if so_far else 0.0)
    now = exchange.time.now_ms()
    return {
        "symbol": source.symbols[row].name, "priceChange": made.price % ((last - open_) / scale),
        "priceChangePercent": f"{(last / open_ - 1) * 100 if open_ else 0.0:.3f}",
        "weightedAvgPrice": made.price % (value / volume if volume else last / scale),
        "lastPrice": made.price % (last / scale), "lastQty": made.lots % (1 / lot),
        "openPrice": made.price % (open_ / scale), "highPrice": made.price % (high / scale),
        "lowPrice": made.price % (low / scale), "volume": made.lots % volume, "quoteVolume": made.value % value,
        "openTime": now - 86_400_000, "closeTime": now, "firstId": -1, "lastId": -1, "count": 0,
    }  # fmt: skip


def book_ticker(exchange: Exchange, row: int) -> dict[str, Any]:
    """ticker/bookTicker of one symbol: the last price as the best bid, and an ask that is wider the less is traded."""
    tape, source, made = exchange.last_tape(), exchange.source, exchange.payloads.templates(row)
    scale, lot = float(source.price_scale[row]), float(source.lot_scale[row])
    so_far = exchange.running(row)
    last = so_far.c if so_far else int(tape.o[row])
    ticks = 1 + row % 4 + last // 20_000
    return {
        "symbol": source.symbols[row].name, "bidPrice": made.price % (last / scale),
        "bidQty": made.lots % (10 / lot), "askPrice": made.price % ((last + ticks) / scale),
        "askQty": made.lots % (12 / lot),
    }  # fmt: skip
