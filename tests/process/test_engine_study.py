"""Strategies written, questioned and tuned on the bus of a real engine: its study process beside charts and jobs."""

from __future__ import annotations

import asyncio

import pytest

from engine.contracts.backtests import BacktestSpec
from engine.contracts.commands import Explain, GetResult, ListStrategies
from engine.contracts.errors import BadInput
from engine.contracts.studio import (
    DeleteStrategyFile,
    ExplainAll,
    GetStrategyStats,
    ListStrategyFiles,
    SaveStrategyFile,
    TryStrategy,
    WhatIf,
)
from tests.process.test_engine_life import client, engine  # noqa: F401 - a fixture
from tests.process.test_engine_runs import run_once

pytestmark = [pytest.mark.timeout(300), pytest.mark.long]
MINE = """strategy mine_live
timeframe 1m
direction both
param n = 9 in 7, 9
long entry: crosses_above(RSI(n), 30)
short entry: crosses_below(RSI(n), 70)
stop: 2 * ATR(14)
"""


async def test_an_own_strategy_from_its_text_to_a_kept_run(engine) -> None:  # noqa: F811
    folder, _ = engine
    async with client(folder) as c:
        symbol = c.info.instruments[0].symbol
        tried = await c.ask(TryStrategy(text=MINE, symbol=symbol, timeframe="1m"))
        assert (tried.marks, tried.strategy) == ([], "mine_live")
        assert tried.bars > 100
        await c.ask(SaveStrategyFile(name="mine.txt", text=MINE))
        async with asyncio.timeout(60):
            while "mine_live" not in [s.id for s in (await c.ask(ListStrategies())).strategies]:
                await asyncio.sleep(0.2)
        assert (await c.ask(ListStrategyFiles())).files[0].strategies == ["mine_live"]

        # the demo's candles grow, so both runs end at one moment
        spec = BacktestSpec(
            strategy="mine_live", symbol=symbol, timeframe="1m", to_ms=tried.last_ms, params={"n": 7.0},
            rules={"stop": "1.5 * ATR(14)"},
        )  # fmt: skip
        # a run that is kept brings older candles first
        kept = await c.ask(GetResult(job=await run_once(c, spec)))
        followed = await c.ask(WhatIf(spec=spec, knobs=True))
        assert (followed.trade_hash, followed.figures["trades"]) == (kept.trade_hash, kept.metrics["trades"])
        assert [k.key for k in followed.knobs] == ["rule:stop", "param:n"]
        assert kept.spec.rules == spec.rules

        every = await c.ask(ExplainAll(symbol=symbol, timeframe="1m"))
        row = next(r for r in every.rows if (r.strategy, r.rule) == ("mine_live", "long entry"))
        one = await c.ask(Explain(strategy="mine_live", symbol=symbol, timeframe="1m", at_ms=every.bar_ts))
        assert (row.fired, row.held) == (one.rules[0].fired, one.rules[0].lines[0].held)
        stats = await c.ask(GetStrategyStats())
        assert stats.live == len(c.info.instruments)
        with pytest.raises(BadInput, match="Unknown function"):
            await c.ask(
                WhatIf(spec=BacktestSpec(strategy="mine_live", symbol=symbol, timeframe="1m", rules={"stop": "X(1)"}))
            )
        await c.ask(DeleteStrategyFile(name="mine.txt"))
