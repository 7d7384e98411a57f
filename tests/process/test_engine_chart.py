"""A chart's whole history on the bus of a real engine: files, what follows them, and the live bars, as one series."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from engine.contracts.commands import Candles, CloseChart, GetCandles, GetHistory, OpenChart, SeriesRequest
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput
from engine.contracts.events import Bars
from engine.contracts.levels import read_line
from engine.runtime.charts import SeriesSet
from engine.runtime.client import EngineClient
from engine.runtime.folder import DataFolder
from engine.store.lake import Lake
from tests.process.test_engine_life import attached, engine  # noqa: F401 - a fixture

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]
MINUTE, STORED = 60_000, 25_000
EMA, OBV = SeriesRequest(name="ema", expression="EMA(200)"), SeriesRequest(name="obv", expression="OBV()")


async def newest(c: EngineClient, symbol: str) -> np.ndarray:
    async with asyncio.timeout(120):
        while True:
            page: Candles = await c.ask(GetCandles(symbol=symbol, timeframe="1m", limit=300))
            if len(page.bars) >= 200 * CANDLE_DTYPE.itemsize:
                return np.frombuffer(page.bars, CANDLE_DTYPE)
            await asyncio.sleep(0.5)


def stored(before: np.ndarray) -> np.ndarray:
    """Minutes that end an hour before these bars."""
    rng = np.random.default_rng(3)
    rows = np.zeros(STORED, CANDLE_DTYPE)
    rows["ts"] = int(before["ts"][0]) - (60 + np.arange(STORED)[::-1]) * MINUTE
    rows["close"] = before["open"][0] * np.exp(np.cumsum(rng.normal(0, 1e-4, STORED)))
    rows["open"] = rows["close"]
    rows["high"], rows["low"], rows["volume"] = rows["close"] * 1.001, rows["close"] * 0.999, 1.0
    return rows


async def test_files_tail_and_stream_are_one_series(engine) -> None:  # noqa: F811
    folder: Path = engine[0]
    c = await attached(folder)
    try:
        symbol, other = c.info.instruments[0].symbol, c.info.instruments[1].symbol
        rows = stored(await newest(c, symbol))
        theirs = await newest(c, other)
        await asyncio.to_thread(Lake(DataFolder(folder).demo.lake).write, symbol, "1m", rows)
        series = [EMA, OBV, SeriesRequest(name="other", expression="close", symbol=other)]
        heard: list[Bars] = []
        c.on(Bars, heard.append)
        await c.subscribe("bars")

        first: Candles = await c.ask(
            OpenChart(chart="a", symbol=symbol, timeframe="1m", series=series, limit=500, whole=True)
        )
        assert not first.whole
        assert first.history is None
        assert 0 < len(first.bars) <= 500 * CANDLE_DTYPE.itemsize

        # bars may move to the lake in between; then the files are made anew
        for _ in range(5):
            reply: Candles = await c.ask(GetHistory(chart="a", symbol=symbol, timeframe="1m", series=series))
            assert reply.whole
            assert reply.history is not None
            again: Candles = await c.ask(
                OpenChart(chart="a", symbol=symbol, timeframe="1m", series=series, limit=500, whole=True)
            )
            if again.history is not None:
                break
        assert again.history is not None
        assert again.history.bars == reply.history.bars
        files = np.load(again.history.bars)
        assert np.array_equal(files[np.isin(files["ts"], rows["ts"])], rows)

        seen = len(heard)
        async with asyncio.timeout(150):
            while len({int(t) for e in heard[seen:] for t in np.frombuffer(e.bars, CANDLE_DTYPE)["ts"]}) < 2:
                await asyncio.sleep(0.5)
        tail = np.frombuffer(again.bars, CANDLE_DTYPE)
        live = {
            int(r["ts"]): (r, e, k) for e in heard[seen:] for k, r in enumerate(np.frombuffer(e.bars, CANDLE_DTYPE))
        }
        closed = np.array([r for t, (r, _, _) in sorted(live.items())][:-1], CANDLE_DTYPE)
        # there is no tail when all bars had just been stored
        shown = np.concatenate([files, tail])
        closed = closed[closed["ts"] > shown["ts"][-1]]
        one = np.concatenate([shown, closed])
        assert (np.diff(one["ts"]) > 0).all()
        want = SeriesSet([EMA, OBV], "1m").values(one, commit=True)
        n = again.history.count
        for k, name in enumerate(("ema", "obv")):
            kept, _ = read_line(np.load(again.history.series[name]), n)
            got = [kept, np.frombuffer(again.series[name])]
            for row in closed:
                _, event, at = live[int(row["ts"])]
                got.append(np.frombuffer(event.series[name])[at : at + 1])
            assert np.array_equal(np.concatenate(got), want[k], equal_nan=True), name
        closes = dict(zip(theirs["ts"].tolist(), theirs["close"].tolist(), strict=True))
        kept, _ = read_line(np.load(again.history.series["other"]), n)
        drawn = np.concatenate([kept, np.frombuffer(again.series["other"])])
        both = [(v, closes[t]) for t, v in zip(shown["ts"].tolist(), drawn.tolist(), strict=True) if t in closes]
        assert len(both) >= 100
        assert all(a == b for a, b in both)
        assert any(np.isfinite(np.frombuffer(e.series["other"])).any() for e in heard[seen:])

        none = SeriesRequest(name="x", expression="close", symbol="binance-spot:NOSUCHUSDT")
        with pytest.raises(BadInput, match="neither live nor in the lake"):
            await c.ask(GetHistory(chart="a", symbol=symbol, timeframe="1m", series=[none]))
        await c.ask(CloseChart(chart="a"))
        # few bars of a longer timeframe travel whole, as bytes
        hours: Candles = await c.ask(GetHistory(chart="b", symbol=symbol, timeframe="5m", series=[EMA]))
        assert hours.whole
        assert hours.history is None
        assert len(hours.bars) > STORED // 5 * CANDLE_DTYPE.itemsize
    finally:
        await c.close()
