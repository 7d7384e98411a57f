"""pyroquant strategies, pyroquant indicators: what there is."""

from __future__ import annotations

import typer

from app.output import Json, say, say_json, table

strategies = typer.Typer(help="The built-in strategies.", no_args_is_help=True)
indicators = typer.Typer(help="The indicator catalogue.", no_args_is_help=True)


@strategies.command("list")
def list_strategies(json: Json = False) -> None:
    """Every strategy with its family, default timeframe and idea."""
    from engine.runtime import catalogue

    found = catalogue.strategies()
    if json:
        say_json({"strategies": found})
        return
    table(
        ["strategy", "family", "timeframe", "direction", "idea"],
        [(s.id, s.family, s.timeframe, s.direction, s.idea) for s in found],
    )


@strategies.command("show")
def show_strategy(strategy: str, json: Json = False) -> None:
    """One strategy: its rules in text, parameters and source."""
    from engine.runtime.catalogue import one_strategy

    found = one_strategy(strategy)
    if json:
        say_json(found)
        return
    say(found.text)
    say(f"version {found.version}")


@indicators.command("list")
def list_indicators(json: Json = False) -> None:
    """Every indicator with parameters, outputs and formula."""
    from engine.runtime import catalogue

    found = catalogue.indicators()
    if json:
        say_json({"indicators": found})
        return
    rows = [
        (i.name, i.title, i.family, ", ".join(f"{n}={d:g}" for n, d, _, _ in i.params), " ".join(i.outputs), i.warmup)
        for i in found
    ]
    table(["indicator", "title", "family", "parameters", "outputs", "warm-up"], rows, numeric=[5])
