"""pyroquant strategies, pyroquant indicators: what there is."""

from __future__ import annotations

import typer

from app.output import Json, say, say_json, table

strategies = typer.Typer(help="The built-in strategies.", no_args_is_help=True)
indicators = typer.Typer(help="The indicator catalogue.", no_args_is_help=True)


@strategies.command("list")
def list_strategies(json: Json = False) -> None:
    """Every strategy: family, timeframe, direction, ways out, number of parameter sets."""
    from engine.runtime import catalogue

    found = catalogue.strategies()
    if json:
        say_json({"strategies": found})
        return
    table(
        ["family", "strategy", "title", "timeframe", "direction", "sets", "stop", "trail"],
        [
            (s.family, s.id, s.title, s.timeframe, s.direction, s.sets, _mark(s.has_stop), _mark(s.has_trail))
            for s in found
        ],
        numeric=[5],
    )
    say(f"{len(found)} strategies. pyroquant strategies show NAME prints the rules of one.")


def _mark(given: bool) -> str:
    return "yes" if given else "-"


@strategies.command("show")
def show_strategy(strategy: str, json: Json = False) -> None:
    """One strategy: what it does, its rules in text, parameters and source."""
    from engine.runtime.catalogue import one_strategy

    found = one_strategy(strategy)
    if json:
        say_json(found)
        return
    say(f"{found.title} ({found.family})")
    say(found.idea)
    facts = [
        ("source", found.source),
        ("timeframe", found.timeframe),
        ("direction", found.direction),
        ("entries", found.entries),
        ("exits", ", ".join(found.exits)),
        *((f"{name}", _grid(default, grid)) for name, (default, grid) in found.params.items()),
        ("sets", str(found.sets)),
        ("version", found.version),
    ]
    wide = max(len(name) for name, _ in facts)
    say("\n".join(f"  {name:<{wide}}  {value}" for name, value in facts if value))
    say("")
    say(found.text.rstrip("\n"))


def _grid(default: float, grid: list[float]) -> str:
    return f"{default:g}" + (f" (tried: {', '.join(f'{v:g}' for v in grid)})" if grid else "")


def language(json: Json = False) -> None:
    """The reference of the rules language."""
    from engine.runtime import catalogue

    found = catalogue.language()
    if json:
        say_json(found)
        return
    say(found.text.strip("\n"))


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
