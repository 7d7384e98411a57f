"""The official Binance connectors, pointed at the simulator: a client that is not ours must find nothing amiss.

Their models keep unknown fields in `additional_properties`; it being empty shows that every field sent is a documented
one.
"""

import asyncio
import warnings

import pytest

from engine.simulator.server import Simulator, SimulatorConfig

with warnings.catch_warnings():
    # the connectors' own imports use deprecated parts of their libraries; nothing of ours is silenced
    warnings.simplefilter("ignore")
    from binance_common.configuration import ConfigurationRestAPI, ConfigurationWebSocketStreams
    from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import (
        DerivativesTradingUsdsFutures,
    )
    from binance_sdk_spot.spot import Spot

WS_NAMES = {
    Spot: ("kline", "agg_trade", "mini_ticker"),
    DerivativesTradingUsdsFutures: (
        "kline_candlestick_streams", "aggregate_trade_streams", "individual_symbol_mini_ticker_stream",
    ),
}  # fmt: skip
REST_NAMES = {
    Spot: ("klines", "time", "exchange_info"),
    DerivativesTradingUsdsFutures: ("kline_candlestick_data", "check_server_time", "exchange_information"),
}


def client(kind, sim):
    rest, ws = (sim.spot_rest, sim.spot_ws) if kind is Spot else (sim.futures_rest, sim.futures_ws)
    return kind(
        config_rest_api=ConfigurationRestAPI(api_key="", api_secret="", base_path=rest, timeout=5000, retries=0),
        config_ws_streams=ConfigurationWebSocketStreams(stream_url=ws + "/stream", reconnect_delay=100),
    )


@pytest.mark.parametrize("kind", [Spot, DerivativesTradingUsdsFutures])
async def test_rest(kind):
    klines, time, info = REST_NAMES[kind]
    async with Simulator(SimulatorConfig(symbols_per_market=7)) as sim:
        api = client(kind, sim).rest_api
        reply = await asyncio.to_thread(getattr(api, klines), symbol="SIM001USDT", interval="1m", limit=3)
        rows = reply.data()
        assert len(rows) == 3
        assert all(len(row) == 12 and float(row[3]) <= float(row[1]) <= float(row[2]) for row in rows)
        [limit] = reply.rate_limits
        assert (limit.rateLimitType, limit.intervalNum, limit.count > 0) == ("REQUEST_WEIGHT", 1, True)
        stamp = (await asyncio.to_thread(getattr(api, time))).data()
        assert abs(stamp.server_time - sim.time.now_ms()) < 60_000
        listed = (await asyncio.to_thread(getattr(api, info))).data()
        assert [s.symbol for s in listed.symbols] == [s.name for s in next(iter(sim.exchanges.values())).source.symbols]
        # our one addition, and what the connector of futures does not know although it is sent
        extra = {name for s in listed.symbols for name in s.additional_properties}
        assert extra <= {"simulated"}
        with pytest.raises(Exception, match="Invalid symbol"):
            await asyncio.to_thread(getattr(api, klines), symbol="NOSUCH", interval="1m")


@pytest.mark.parametrize("kind", [Spot, DerivativesTradingUsdsFutures])
async def test_streams(kind):
    fast = SimulatorConfig(symbols_per_market=1, trades_per_minute=120, speed=5.0)
    async with Simulator(fast) as sim:
        connection = await client(kind, sim).websocket_streams.create_connection()
        got = {name: asyncio.get_running_loop().create_future() for name in WS_NAMES[kind]}

        def keep(name, event):
            if not got[name].done():
                got[name].set_result(event)

        try:
            for name in WS_NAMES[kind]:
                options = {"interval": "1m"} if "kline" in name else {}
                stream = await getattr(connection, name)(symbol="btcusdt", **options)
                stream.on("message", lambda event, name=name: keep(name, event))
            kline, trade, ticker = await asyncio.wait_for(asyncio.gather(*got.values()), 20)
        finally:
            await connection.close_connection(close_session=True)
            await asyncio.sleep(0.1)
    assert (kline.e, trade.e, ticker.e) == ("kline", "aggTrade", "24hrMiniTicker")
    assert kline.additional_properties == kline.k.additional_properties == {}
    assert trade.additional_properties == ticker.additional_properties == {}
    assert float(kline.k.l) <= float(kline.k.c) <= float(kline.k.h)
    assert trade.f <= trade.l
    assert kline.k.n == kline.k.L - kline.k.f + 1
