"""Real 1-minute series laid onto the same two days: the exchange of the parity tests, and what the back-test reads."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow.parquet as pq

from engine.candles.minutes import aggregate, merge_minutes
from engine.clock import parse_iso
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.signals import Signal
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms
from engine.rules.strategy import StrategyProgram
from engine.signals.history import decide
from engine.signals.types import SLOTS
from tests.shared import data

#: Wednesday and Thursday; the week before and that of Ethereum's merge, both sides busy
FROM_MS, TO_MS = parse_iso("2022-09-14"), parse_iso("2022-09-16")
TIMEFRAMES = ("1m", "5m", "15m", "1h")
#: minutes after the two days, so that the last bars are closed by a successor even across a hole
AFTER = 30
SPOT, FUTURES = "binance-spot", "binance-futures"
#: test symbol -> (file, decimals, day of the source that is laid onto FROM_MS; also a Wednesday)
FOREX = {
    "EURUSDTEST": ("EUR_USD", 5, "2023-09-20"),
    "GBPUSDTEST": ("GBP_USD", 5, "2023-09-20"),
    "USDJPYTEST": ("USD_JPY", 3, "2023-09-20"),
    "AUDUSDTEST": ("AUD_USD", 5, "2018-09-12"),
    "XAGUSDTEST": ("XAG_USD", 3, "2018-09-12"),
    "XAUUSDTEST": ("XAU_USD", 3, "2018-09-12"),
}
Series = dict[tuple[str, str], np.ndarray]
#: what identifies a confirmed signal, and the bits of its price
Word = tuple[str, str, str, str, str, int, str, str, bytes]


class Spans(msgspec.Struct, frozen=True):
    """Minutes of history before the two days: most that the back-test reads, how many of its first ones the live
    engine's lake lacks, and of its last ones, so that it has to catch up."""

    tested: int = 170_000
    later: int = 1_237
    missed: int = 97


def load(names: tuple[str, ...], spans: Spans) -> Series:
    """{(market, name): CANDLE_DTYPE} of BTCUSDT on both markets and the named forex series."""
    first = FROM_MS - spans.tested * MINUTE_MS
    found: Series = {}
    for market, folder in ((SPOT, "binance-spot"), (FUTURES, "binance-um")):
        found[market, "BTCUSDT"] = _read(f"candles/{folder}/BTCUSDT/1m.parquet", 0, first, 8)
    for name in names:
        folder, decimals, day = FOREX[name]
        # closed markets make the calendar longer than the bars: weekends are no minutes of history
        early = first - (FROM_MS - first)
        bars = _read(f"candles/histdata/{folder}/1m.parquet", FROM_MS - parse_iso(day), early, decimals)
        before = int(np.searchsorted(bars["ts"], FROM_MS))
        bars = bars[max(before - spans.tested, 0) :].copy()
        bars["volume"] = _invented_volume(bars)
        found[SPOT, name] = bars
    return found


def _read(path: str, shift_ms: int, first: int, decimals: int) -> np.ndarray:
    last = TO_MS + AFTER * MINUTE_MS
    columns = pq.read_table(
        data(path),
        columns=list(CANDLE_DTYPE.names or ()),
        filters=[("ts", ">=", first - shift_ms), ("ts", "<", last - shift_ms)],
    )
    bars = np.empty(columns.num_rows, CANDLE_DTYPE)
    for name in CANDLE_DTYPE.names or ():
        bars[name] = columns[name].to_numpy()
    bars["ts"] += shift_ms
    bars = merge_minutes(bars)
    for name in ("open", "high", "low", "close"):
        bars[name] = np.round(bars[name], min(decimals, 8))
    bars["volume"] = np.round(bars["volume"], 8)
    return bars


def _invented_volume(bars: np.ndarray) -> np.ndarray:
    """Whole lots from the minute's number, more on wide bars; the same for every run."""
    number = (bars["ts"] // MINUTE_MS).astype(np.uint64)
    noise = (number * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(44)) % np.uint64(900)
    width = (bars["high"] - bars["low"]) / bars["close"]
    return 100.0 + noise.astype(float) + np.floor(width * 2e6)


def backtest_words(programs: Sequence[StrategyProgram], series: Series) -> set[Word]:
    """What the back-test says on the bars of the two days; programs: one a timeframe."""
    words: set[Word] = set()
    for (market, name), minutes in series.items():
        for timeframe, program in zip(TIMEFRAMES, programs, strict=True):
            bars = aggregate(minutes, timeframe)
            inside = (bars["ts"] >= FROM_MS) & (bars["ts"] < TO_MS)
            for bound, decisions in zip(program.bounds, decide(program, bars, timeframe), strict=True):
                head = (bound.strategy.id, bound.strategy.version, bound.params_text, f"{market}:{name}", timeframe)
                for slot, (side, action) in enumerate(SLOTS):
                    for bar in bars[inside & (decisions.masks[slot] != 0)]:
                        words.add((*head, int(bar["ts"]), side, action, bar["close"].tobytes()))
    return words


def word(signal: Signal) -> Word:
    """The same of a signal of the journal."""
    head = (signal.strategy, signal.version, signal.params, signal.symbol, signal.timeframe)
    return (*head, signal.bar_ts, signal.side, signal.action, np.float64(signal.price).tobytes())


def closes_in(ts: int, timeframe: str) -> bool:
    """Whether a bar lies in the two days."""
    return ts >= FROM_MS and ts + timeframe_ms(timeframe) <= TO_MS


def difference(live: set[Word], tested: set[Word]) -> str:
    """'' when equal; else how many are missing and extra, with the first of each."""
    missing, extra = sorted(tested - live), sorted(live - tested)
    if not missing and not extra:
        return ""
    return f"{len(missing)} missing, as {missing[:3]}; {len(extra)} extra, as {extra[:3]}"
