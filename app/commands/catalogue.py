"""pyroquant strategies, pyroquant indicators: what there is."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import typer

from app.output import Json, say, say_json, table

if TYPE_CHECKING:
    from engine.contracts.commands import IndicatorInfo

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
    """Every indicator by family: how it is called, what it reads and gives, what it needs, its formula."""
    from engine.runtime import catalogue

    found = catalogue.indicators()
    if json:
        say_json({"indicators": found})
        return
    family = ""
    for info in found:
        if info.family != family:
            family = info.family
            say(("\n" if info is not found[0] else "") + family.upper())
        say("\n" + _described(info))
    say(f"\n{len(found)} indicators. Warm-up and memory in bars, with the parameters shown, on 1-minute bars.")


def _described(info: IndicatorInfo) -> str:
    """One indicator in a few lines."""
    call = f"{info.name}({', '.join(f'{name}={default:g}' for name, default, _, _ in info.params)})"
    outputs = "" if len(info.outputs) == 1 else " ." + " .".join(info.outputs)
    facts = [f"{name} {low:g} to {high:g}" for name, _, low, high in info.params]
    facts.append("reads " + (", ".join(info.inputs) or "the calendar"))
    if info.range is not None:
        facts.append(f"from {info.range[0]:g} to {info.range[1]:g}")
    facts += ["over the price" if info.scale == "overlay" else "own pane"]
    facts += [f"warm-up {info.warmup:,}", f"memory {info.memory:,}"]
    lines = [f"  {call}{outputs}  {info.title}", "; ".join(facts), info.formula]
    rest = (textwrap.fill(line, 116, initial_indent="      ", subsequent_indent="      ") for line in lines[1:])
    return "\n".join([lines[0], *rest])
