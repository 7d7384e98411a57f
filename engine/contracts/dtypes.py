"""Array layouts shared by feeds, candles, store, bus and window. Little-endian, so that a block can travel as bytes."""

from __future__ import annotations

import numpy as np

#: ts = open time, ms UTC. The lake's files and every block of bars on the bus have these columns in this order.
CANDLE_DTYPE = np.dtype(
    [("ts", "<i8"), ("open", "<f8"), ("high", "<f8"), ("low", "<f8"), ("close", "<f8"), ("volume", "<f8")]
)
PRICE_COLUMNS = ("open", "high", "low", "close", "volume")

#: kinds of a TICK row
KLINE_RUNNING, KLINE_FINAL, TRADE = 0, 1, 2

#: One coalesced market-data update, venue-neutral. `row` = index in the feed's symbol table. For klines the OHLCV are
#: those of the 1-minute bar opened at `ts` and first_id..last_id its trade ids (-1 unknown); for TRADE rows they are
#: the aggregate of consecutive aggTrades of that minute with trade ids first_id..last_id. event_ms = the exchange's
#: stamp (E); recv_ns = local receipt, ns since the epoch; n = number of trades (-1 unknown).
TICK_DTYPE = np.dtype(
    [
        ("row", "<i4"),
        ("kind", "u1"),
        ("ts", "<i8"),
        ("open", "<f8"),
        ("high", "<f8"),
        ("low", "<f8"),
        ("close", "<f8"),
        ("volume", "<f8"),
        ("first_id", "<i8"),
        ("last_id", "<i8"),
        ("n", "<i8"),
        ("event_ms", "<i8"),
        ("recv_ns", "<i8"),
    ]
)

#: One watchlist row on the bus. `id` = index in the instrument table sent with Hello. nan = unknown yet.
#: state: 0 no data, 1 warming, 2 settling, 3 live, 4 gap (waiting for back-fill). spark is sent apart, once a bar.
QUOTE_DTYPE = np.dtype(
    [
        ("id", "<i4"),
        ("state", "u1"),
        ("last", "<f8"),
        ("open24", "<f8"),
        ("high24", "<f8"),
        ("low24", "<f8"),
        ("volume24", "<f8"),
        ("ts", "<i8"),
    ]
)
STATE_NO_DATA, STATE_WARMING, STATE_SETTLING, STATE_LIVE, STATE_GAP = range(5)
STATE_NAMES = ("no data", "warming", "settling", "live", "gap")

#: reasons that end a trade, in TRADE_DTYPE.reason
EXIT_SIGNAL, EXIT_STOP, EXIT_TARGET, EXIT_TRAIL, EXIT_REVERSE, EXIT_END, EXIT_TIME, EXIT_BREAK_EVEN = range(8)
EXIT_LIQUIDATION, EXIT_DELISTED = 8, 9
EXIT_NAMES = (
    "signal",
    "stop",
    "target",
    "trailing stop",
    "reverse",
    "end of data",
    "time stop",
    "break-even stop",
    "liquidation",
    "delisted",
)

#: One closed trade. side +1/-1; pnl in the account's currency after fees and funding; mae/mfe as fractions of the
#: entry price, >= 0; bars = bars of the decision timeframe held; reason indexes EXIT_NAMES; r = pnl over what the
#: stop put at risk at the entry, nan without a stop.
TRADE_DTYPE = np.dtype(
    [
        ("entry_ts", "<i8"),
        ("exit_ts", "<i8"),
        ("side", "i1"),
        ("reason", "i1"),
        ("entry_price", "<f8"),
        ("exit_price", "<f8"),
        ("quantity", "<f8"),
        ("fees", "<f8"),
        ("pnl", "<f8"),
        ("mae", "<f8"),
        ("mfe", "<f8"),
        ("bars", "<i4"),
        ("r", "<f8"),
    ]
)
