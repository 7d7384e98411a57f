"""pyroquant promote: parameter sets of a walk-forward made live, listed, and rolled back."""

from __future__ import annotations

import contextlib
from typing import Annotated, Any

import typer

from app.context import Context
from app.output import Json, say, say_json, table
from engine.clock import iso
from engine.contracts.errors import BadInput
from engine.contracts.walkforward import Promoted


def promote(
    ctx: typer.Context,
    job: Annotated[str, typer.Argument(metavar="[JOB]", help="A walk-forward; see what it printed last.")] = "",
    strategies: Annotated[
        list[str] | None, typer.Argument(metavar="[STRATEGY]...", help="Empty = all that passed.")
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="Only show what is live.")] = False,
    history: Annotated[bool, typer.Option("--history", help="Show what was live once, too.")] = False,
    rollback: Annotated[int, typer.Option("--rollback", metavar="NUMBER", help="Withdraw a promotion.")] = 0,
    json: Json = False,
) -> None:
    """Make what the newest window of walk-forward JOB chose live on its symbol; a running engine follows."""
    from engine.runtime.walk_results import WalkKeeper

    if not (rollback or show or history or job):
        raise BadInput("no walk-forward is named.", fix="Write: promote JOB, or --list, or --rollback NUMBER.")
    context: Context = ctx.obj
    context.stored.prepare()
    with contextlib.closing(WalkKeeper(context.stored, context.settings.store.state)) as keeper:
        if rollback:
            keeper.demote(rollback)
        elif job:
            keeper.promote(job, list(strategies or []))
        found = keeper.store.promoted(history=history)
    if json:
        say_json({"promoted": found})
    elif not found:
        say("nothing is promoted: every strategy runs with its defaults")
    else:
        table(["number", "strategy", "parameters", "symbol", "bars", "since", "until", "Sharpe"], _rows(found))


def _rows(promoted: list[Promoted]) -> list[list[Any]]:
    return [
        [
            p.number,
            p.strategy,
            ", ".join(f"{k}={v:g}" for k, v in p.params.items()),
            p.symbol,
            p.timeframe,
            iso(p.since_ms),
            iso(p.until_ms) if p.until_ms else "",
            f"{p.provenance['sharpe']:.2f}" if "sharpe" in p.provenance else "",
        ]
        for p in promoted
    ]
