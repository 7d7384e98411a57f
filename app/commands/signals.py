"""pyroquant signals: the journal of a running engine, and what is added to it."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from app.context import Context
from app.output import say_json
from engine.contracts.commands import ListSignals, SignalPage
from engine.contracts.events import Signals
from engine.contracts.signals import Signal


def signals(
    ctx: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with new ones until stopped.")] = False,
    limit: Annotated[int, typer.Option(help="Newest signals to begin with.", min=0, max=100_000)] = 20,
    symbol: Annotated[str, typer.Option(metavar="MARKET:NAME", help="Only of this symbol.")] = "",
) -> None:
    """Print signals of a running engine as JSON lines."""
    asyncio.run(_print(ctx.obj, follow, limit, symbol))


async def _print(context: Context, follow: bool, limit: int, symbol: str) -> None:
    from engine.runtime.client import attach

    client = await attach(context.folder, "signals")
    ended = asyncio.Event()
    printed = 0
    waiting: list[Signal] | None = []

    def show(found: list[Signal]) -> None:
        nonlocal printed
        for s in found:
            # a revision comes again under its old number and is worth a line; what the page held is not
            if (s.seq > printed or s.revised) and symbol in ("", s.symbol):
                say_json(as_object(s))
                printed = max(printed, s.seq)

    def hear(event: Signals) -> None:
        if waiting is None:
            show(event.batch.signals())
        else:
            waiting.extend(event.batch.signals())

    client.on(Signals, hear)
    client.on_close(lambda _: ended.set())
    try:
        if follow:
            await client.subscribe(Signals.topic)
        if limit:
            page: SignalPage = await client.ask(ListSignals(limit=limit, symbol=symbol))
            show(page.signals)
        held, waiting = waiting, None
        show(held or [])
        if follow:
            await ended.wait()
    finally:
        await client.close()


def as_object(signal: Signal) -> dict[str, object]:
    """Fields by name (the bus sends them by position)."""
    return {name: getattr(signal, name) for name in Signal.__struct_fields__}
