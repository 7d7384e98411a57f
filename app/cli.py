"""The command line: one root with the options that concern every start, and a command group a noun.

Without a command the window opens; --headless runs the engine alone. Exit codes: 0 ok, 1 failed or check negative,
2 bad input, 130 cancelled.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from app.commands import (
    backtest,
    catalogue,
    check,
    data_venue,
    funding,
    parity,
    portfolio,
    promote,
    runs,
    signals,
    simulator,
    sql,
    walkforward,
    why,
)
from app.context import Context, data_folder, set_up_logging
from app.output import complain, wants_json
from app.settings import ensure, load
from engine.contracts.errors import BadInput, PyroError
from engine.runtime.spawn import Given

app = typer.Typer(
    name="pyroquant",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A desktop trading workstation. This version places no real orders: live means live signals.",
)
app.command("simulator")(simulator.simulator)
app.command("signals")(signals.signals)
app.command("backtest")(backtest.backtest)
app.command("sql")(sql.sql)
app.command("why")(why.why)
app.command("parity")(parity.parity)
app.command("walkforward")(walkforward.walkforward)
app.command("promote")(promote.promote)
app.command("portfolio")(portfolio.portfolio)
catalogue.strategies.command("check")(check.check)
app.command("language")(catalogue.language)
app.add_typer(catalogue.strategies, name="strategies")
app.add_typer(catalogue.indicators, name="indicators")
data_venue.data.command("funding")(funding.funding)
app.add_typer(data_venue.data, name="data")
app.add_typer(runs.runs, name="runs")


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context,
    demo: Annotated[
        bool | None, typer.Option("--demo/--no-demo", help="Force the demo market (invented prices) or the real ones.")
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Run the engine without a window.")] = False,
    data_dir: Annotated[str, typer.Option("--data", metavar="DIR", help="Folder for candles, state and caches.")] = "",
    config: Annotated[str, typer.Option("--config", metavar="FILE", help="Another settings file.")] = "",
    sets: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting for this run; may be repeated.")
    ] = None,
    markets: Annotated[str, typer.Option("--markets", metavar="A,B", help="Markets to watch.")] = "",
    bus: Annotated[str, typer.Option("--bus", metavar="ADDRESS", help="Port of the bus; 0 = any free one.")] = "",
    state: Annotated[str, typer.Option("--state", metavar="URL", help="Database of the state.")] = "",
    lake: Annotated[str, typer.Option("--lake", metavar="DIR", help="Folder of the candle lake.")] = "",
    cluster: Annotated[str, typer.Option("--cluster", metavar="URL", help="Dask scheduler for walk-forwards.")] = "",
) -> None:
    overrides = _overrides(sets or [], markets, bus, state, lake, cluster)
    loaded = load(os.environ, overrides, config)
    folder = data_folder(data_dir, loaded.settings)
    ctx.obj = Context(loaded, folder, demo, Given(config, overrides))
    if ctx.invoked_subcommand not in (None, "simulator"):
        from engine.runtime.strategies import use_folder

        use_folder(folder)
    if ctx.invoked_subcommand is not None:
        set_up_logging("warning")
        return
    set_up_logging(loaded.settings.general.log_level)
    if headless:
        from app.headless import run_headless

        raise typer.Exit(run_headless(ctx.obj))
    raise typer.Exit(_window(ctx.obj))


def _window(context: Context) -> int:
    from engine.runtime.client import begin_ahead

    path = context.loaded.path
    ensure(path)
    # the engine loads its libraries and kernels on another core while this process loads Qt
    begun = begin_ahead(context.folder, context.demo, context.given)
    from app.options import WindowOptions
    from app.window import run_window

    options = WindowOptions(
        data_folder=context.folder.root,
        config_folder=path.parent,
        demo=context.demo,
        given=context.given,
        keep_engine=context.settings.engine.keep_running,
        settings=context.settings,
        begun=begun,
    )
    return run_window(options)


def _overrides(sets: list[str], markets: str, bus: str, state: str, lake: str, cluster: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in sets:
        key, equals, value = text.partition("=")
        if not equals:
            raise BadInput(f'"{text}" is not KEY=VALUE.', where="--set", fix="Write e.g. --set feeds.trades=false")
        found[key.strip()] = value.strip()
    named = {
        "feeds.markets": markets,
        "bus.address": bus,
        "store.state": state,
        "store.lake": lake,
        "jobs.cluster": cluster,
    }
    return found | {key: value for key, value in named.items() if value}


def run(arguments: list[str]) -> int:
    """Run one command line; returns the exit code. Errors are one sentence on stderr (with --json also on stdout)."""
    try:
        result = app(arguments, standalone_mode=False)
    except PyroError as error:
        complain(error, as_json=wants_json(arguments))
        return error.exit_code
    except TyperException as error:
        complain(BadInput(error.format_message(), fix="See: pyroquant --help"), as_json=wants_json(arguments))
        return 2
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        # the reader of a pipe has gone: not a fault of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return result if isinstance(result, int) else 0
