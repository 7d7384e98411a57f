"""pyroquant simulator: a Binance look-alike on loopback, with invented or replayed candles."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated

import typer

from app.output import Json, say, say_json


def simulator(
    speed: Annotated[float, typer.Option(help="Simulated time per real time.", min=0.01, max=1000)] = 1.0,
    symbols: Annotated[int, typer.Option(help="Symbols a market.", min=1, max=5000)] = 500,
    seed: Annotated[int, typer.Option(help="The same seed gives the same market.")] = 1,
    candles: Annotated[str, typer.Option(metavar="DIR", help="Folder of real candles to replay.")] = "",
    spot_ws_port: Annotated[int, typer.Option(min=0, max=65_535)] = 0,
    spot_rest_port: Annotated[int, typer.Option(min=0, max=65_535)] = 0,
    futures_ws_port: Annotated[int, typer.Option(min=0, max=65_535)] = 0,
    futures_rest_port: Annotated[int, typer.Option(min=0, max=65_535)] = 0,
    oanda: Annotated[bool, typer.Option("--oanda", help="Serve OANDA's candles too.")] = False,
    oanda_port: Annotated[int, typer.Option(min=0, max=65_535)] = 0,
    json: Json = False,
) -> None:
    """Serve Binance Spot and USD-M Futures market data on loopback until stopped."""
    from engine.runtime.simulate import SimulatorConfig, serve

    config = SimulatorConfig(
        speed=speed,
        symbols_per_market=symbols,
        seed=seed,
        data=candles or None,
        spot_ws_port=spot_ws_port,
        spot_rest_port=spot_rest_port,
        futures_ws_port=futures_ws_port,
        futures_rest_port=futures_rest_port,
        oanda=oanda,
        oanda_port=oanda_port,
    )

    def started(urls: dict[str, dict[str, str]]) -> None:
        if json:
            say_json(urls)
            return
        for market, hosts in urls.items():
            for kind, url in hosts.items():
                say(f"{market:16} {kind:6} {url}")
        say("Ctrl-C stops it.")

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(config, started))
