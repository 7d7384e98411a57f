"""pyroquant backtest: one run over the lake, by the same code as in the window; kept, and written to files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from app.commands.backtest_spec import (
    Account,
    Bars,
    Cap,
    Direction,
    Fee,
    Financing,
    FinancingLong,
    FinancingShort,
    FundingRate,
    Leverage,
    Maintenance,
    Maker,
    MakerFee,
    Pyramiding,
    Size,
    SizingMode,
    SlippageBps,
    SlippageRange,
    SlippageTicks,
    SpreadBps,
    spec_of,
)
from app.commands.backtest_spec import moment as moment
from app.commands.backtest_spec import parameters as parameters
from app.context import Context
from app.output import Json, complain, say, say_json
from engine.clock import iso
from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.errors import PyroError
from engine.contracts.metrics import grouped, shown


def backtest(
    ctx: typer.Context,
    strategy: Annotated[str, typer.Argument(help="See: pyroquant strategies list")],
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="MARKET:NAME, or NAME where it is unique.")],
    timeframe: Annotated[str, typer.Option(help="Empty = the strategy's own.")] = "",
    from_: Annotated[str, typer.Option("--from", metavar="TIME", help="ISO 8601, UTC; included.")] = "",
    to: Annotated[str, typer.Option("--to", metavar="TIME", help="ISO 8601, UTC; not included.")] = "",
    sets: Annotated[
        list[str] | None, typer.Option("--set", metavar="K=V", help="A parameter; may be repeated.")
    ] = None,
    direction: Direction = "both",
    cash: Annotated[float | None, typer.Option(help="Cash to start with.")] = None,
    sizing: SizingMode = "fraction",
    size: Size = None,
    cap: Cap = 1.0,
    sizing_bars: Bars = 100,
    leverage: Leverage = None,
    maintenance: Maintenance = None,
    pyramiding: Pyramiding = 1,
    account: Account = "",
    fee: Fee = None,
    maker_fee: MakerFee = None,
    maker: Maker = "none",
    slippage_bps: SlippageBps = None,
    slippage_ticks: SlippageTicks = 0.0,
    slippage_range: SlippageRange = 0.0,
    spread_bps: SpreadBps = None,
    funding: FundingRate = None,
    financing: Financing = False,
    financing_long: FinancingLong = None,
    financing_short: FinancingShort = None,
    report: Annotated[str, typer.Option(metavar="FILE.html", help="Write the report as one HTML page.")] = "",
    export: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="Write .json, .csv, .parquet or .html; may be repeated.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep/--no-keep", help="Keep the run in the state.")] = True,
    json: Json = False,
) -> None:
    """Back-test STRATEGY on SYMBOL."""
    files = _files(report, export or [])
    result = _run(ctx.obj, spec_of(ctx.obj.settings.backtest, ctx.params))
    job, problem = _keep(ctx.obj, result) if keep else ("", None)
    _tell(job, result, _write(job, result, files), json)
    if problem is not None:
        complain(problem, as_json=False)


def _tell(job: str, result: BacktestResult, written: list[str], json: bool) -> None:
    if json:
        say_json(as_object(result) | {"job": job, "files": written})
        return
    _words(result)
    say(f"kept as {job}; see: pyroquant runs show {job}" if job else "not kept")
    for name in written:
        say(f"written: {name}")


def _run(context: Context, spec: BacktestSpec) -> BacktestResult:
    from engine.runtime.kept import TaskContext
    from engine.runtime.tasks import backtest as run

    stores = TaskContext(context.stored, context.settings.store.state, context.settings.store.lake)
    try:
        return run(spec, stores, lambda *_: None, lambda: False)
    finally:
        stores.close()


def _files(report: str, export: list[str]) -> list[tuple[Path, str]]:
    """(path, format) of the files asked for; a wrong name is told before anything is computed."""
    from engine.runtime.tasks_reports import format_of

    found = [(Path(report).expanduser(), "html")] if report else []
    for text in export:
        path = Path(text).expanduser()
        found.append((path, format_of(path)))
    return found


def _keep(context: Context, result: BacktestResult) -> tuple[str, PyroError | None]:
    """(job, what went wrong): a result that cannot be kept is still shown."""
    from engine.runtime.tasks_reports import Place, keep

    try:
        place = Place(context.folder, context.stored, context.settings.store.state)
        return asyncio.run(keep(result, place)), None
    except PyroError as error:
        return "", PyroError(f"The run was not kept: {error.what}", where=error.where, fix=error.fix)


def _write(job: str, result: BacktestResult, files: list[tuple[Path, str]]) -> list[str]:
    from engine.runtime.tasks_reports import write

    return [name for path, kind in files for name in write(job, result, path, kind).files]


def as_object(result: BacktestResult) -> dict[str, Any]:
    """A result as plain JSON: trades as objects, curves as lists."""
    from engine.runtime.results import curves, trades

    fields = {name: getattr(result, name) for name in result.__struct_fields__}
    plain = {name: value for name, value in fields.items() if not isinstance(value, bytes)}
    return plain | {"trades": trades(result), **curves(result)}


def _words(result: BacktestResult) -> None:
    from engine.runtime.tasks_reports import warnings

    say(f"{result.spec.strategy} on {result.spec.symbol} {result.spec.timeframe}, {result.bars:,} bars")
    say(f"{iso(result.first_ms)} to {iso(result.last_ms)}, computed in {result.seconds:.2f} s")
    for text in warnings(result):
        say(f"! {text}")
    for group, members in grouped(result.metrics):
        say(f"\n{group}")
        for told in members:
            say(f"  {told.title:34} {shown(told.name, result.metrics[told.name]):>16}")
    say(f"\nfigures: {result.convention}")
    for sentence in result.assumptions:
        say(f"  - {sentence}")
    say(f"trade hash {result.trade_hash}, data {result.data_fingerprint}, code {result.code_version}")
