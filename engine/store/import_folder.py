"""A folder of candle files into the lake: what each file is is read off its path, and one that is wrong stops no other.

Known without being told: MARKET/SYMBOL/TIMEFRAME.ext, MARKET/TIMEFRAME/SYMBOL.ext, and names such as
BTCUSDT-1m-2024-01.zip or DAT_ASCII_EURUSD_M1_2012.csv. A pattern says it for other trees.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from engine.contracts.errors import BadInput, Cancelled
from engine.contracts.markets import MARKETS, market, split_symbol, symbol_id
from engine.contracts.timeframes import STORED_MS, stored_ms
from engine.store.funding import import_funding
from engine.store.importer import ImportReport, Layout, Progress, import_file
from engine.store.lake import Lake

SUFFIXES = (".parquet", ".csv", ".tsv", ".txt", ".feather", ".arrow", ".ipc", ".zip", ".gz")
#: folder names that stand for a market
_MARKETS = {
    "binance-um": "binance-futures",
    "binance-um-many": "binance-futures",
    "um": "binance-futures",
    "futures": "binance-futures",
    "spot": "binance-spot",
}
_TIMEFRAMES = {"M1": "1m", "M3": "3m", "M5": "5m", "M15": "15m", "M30": "30m", "H1": "1h", "H2": "2h", "H4": "4h"}
_TIMEFRAMES |= {"H6": "6h", "H8": "8h", "H12": "12h", "D": "1d", "D1": "1d", "W": "1w", "W1": "1w", "1M": "1mo"}
_TIMEFRAMES |= {"MN": "1mo", "MN1": "1mo", "1H": "1h", "4H": "4h", "1D": "1d", "1W": "1w"} | {n: n for n in STORED_MS}
_CURRENCIES = frozenset(
    """AUD CAD CHF CNH CZK DKK EUR GBP HKD HUF INR JPY MXN NOK NZD PLN SAR SEK SGD THB TRY USD ZAR""".split()  # noqa: SIM905
)
_COMMODITIES = {"XAU", "XAG", "XPT", "XPD", "XCU", "BCO", "WTICO", "NATGAS", "CORN", "WHEAT", "SOYBN", "SUGAR"}
_NAME = re.compile(r"[A-Za-z0-9\u3400-\u9fff]{2,20}")
_FIELDS = ("market", "symbol", "timeframe")


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """state: imported, funding (rates, kept beside the candles), skipped (neither) or failed. error: the sentence,
    where and fix of a failure, the reason of a skip, or what came of funding."""

    path: str
    state: str
    symbol: str = ""
    timeframe: str = ""
    report: ImportReport | None = None
    error: str = ""
    where: str = ""
    fix: str = ""


class FolderReport(msgspec.Struct, frozen=True, kw_only=True):
    files: list[FileReport]
    imported: int
    skipped: int
    failed: int
    funding: int
    rows: int
    bars: int
    written: int


class Naming(msgspec.Struct, frozen=True, kw_only=True):
    """How files are named; '' = read off the path. pattern: with {market}, {symbol}, {timeframe} and *, matched with
    the end of the path without its ending, as '{symbol}/{timeframe}*'."""

    market: str = ""
    symbol: str = ""
    timeframe: str = ""
    pattern: str = ""


def import_folder(
    folder: Path,
    lake: Lake,
    naming: Naming,
    layout: Layout | None = None,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> FolderReport:
    """Import every candle file below `folder`. Nothing of a file that is wrong is written; the others are. BadInput
    when there is none; Cancelled between files and years keeps what was written."""
    told = progress or (lambda _: None)
    if naming.market:
        market(naming.market)
    if naming.timeframe:
        stored_ms(naming.timeframe)
    matcher = _matcher(naming.pattern) if naming.pattern else None
    # of two files of one series the shorter name comes later and wins where they overlap: H1_2007-2018, then H1
    paths = sorted(table_files(folder), key=lambda p: (p.parent, -len(p.stem), p.name))
    if not paths:
        raise BadInput("There is no candle file below this folder.", where=str(folder), fix="Choose another folder.")
    done: list[FileReport] = []
    for i, path in enumerate(paths):
        if cancelled is not None and cancelled():
            kept = sum(f.state == "imported" for f in done)
            raise Cancelled("The import was cancelled.", where=str(folder), fix=f"{kept} files are in the lake.")
        done.append(_one(path, folder, lake, naming, matcher, layout, cancelled))
        told((i + 1) / len(paths))
    reports = [f.report for f in done if f.report is not None]
    return FolderReport(
        files=done,
        imported=len(reports),
        skipped=sum(f.state == "skipped" for f in done),
        failed=sum(f.state == "failed" for f in done),
        funding=sum(f.state == "funding" for f in done),
        rows=sum(r.rows for r in reports),
        bars=sum(r.bars for r in reports),
        written=sum(r.written for r in reports),
    )


def identify(relative: Path, naming: Naming, matcher: re.Pattern[str] | None = None) -> tuple[str, str]:
    """(MARKET:NAME, timeframe or '') of a file by its path below the folder; BadInput says what is not known."""
    told = {"market": naming.market, "symbol": "", "timeframe": naming.timeframe}
    if matcher is not None:
        found = matcher.search(_stem(relative))
        if found is None:
            raise BadInput("The path does not fit the pattern.", where=str(relative), fix="Correct --pattern.")
        told |= {k: v for k, v in found.groupdict().items() if v and not told.get(k)}
    words = [w for part in relative.parts[:-1] for w in [part]] + _tokens(relative)
    timeframe = told["timeframe"] or next((_TIMEFRAMES[w] for w in reversed(words) if w in _TIMEFRAMES), "")
    timeframe = _TIMEFRAMES.get(timeframe, timeframe)
    market_id, name = split_symbol(naming.symbol or told["symbol"])
    if not name:
        name = _name(relative)
    market_id = market_id or told["market"] or _market(relative, name)
    market_id = _MARKETS.get(market_id, market_id)
    if not market_id:
        raise BadInput(
            f"Nothing says which market {name} belongs to.",
            where=str(relative),
            fix=f"Add --market, one of {', '.join(m for m in MARKETS if not m.startswith('demo-'))}.",
        )
    market(market_id)
    return symbol_id(market_id, _spelt(name, market_id)), timeframe


def _one(
    path: Path,
    folder: Path,
    lake: Lake,
    naming: Naming,
    matcher: re.Pattern[str] | None,
    layout: Layout | None,
    cancelled: Callable[[], bool] | None,
) -> FileReport:
    symbol = timeframe = ""
    try:
        symbol, timeframe = identify(path.relative_to(folder), naming, matcher)
        report = import_file(path, lake, symbol, timeframe, layout=layout, cancelled=cancelled)
    except Cancelled:
        raise
    except BadInput as error:
        if owner := _funding(path, lake, symbol, error):
            return owner
        skip = "There is no column for" in error.what or "not a table of bars" in error.what
        return FileReport(
            path=str(path), state="skipped" if skip else "failed", symbol=symbol, timeframe=timeframe,
            error=error.what, where=error.where, fix=error.fix,
        )  # fmt: skip
    return FileReport(path=str(path), state="imported", symbol=symbol, timeframe=report.timeframe, report=report)


def _funding(path: Path, lake: Lake, symbol: str, error: BadInput) -> FileReport | None:
    """A file of funding rates, which has times and no prices, goes where those of its market lie."""
    market_id = split_symbol(symbol)[0] if symbol else ""
    if not market_id or "There is no column for open" not in error.what or "funding" not in error.what.lower():
        return None
    added = import_funding(lake.root, path, market_id)
    return FileReport(
        path=str(path), state="funding", symbol=f"{market_id}: {len(added)} symbols",
        error=f"Funding rates of {len(added):,} symbols, {sum(added.values()):,} of them new.",
    )  # fmt: skip


def table_files(folder: Path) -> list[Path]:
    """Files below a folder that may hold candles."""
    return [
        p
        for p in folder.rglob("*")
        if p.suffix.lower() in SUFFIXES and p.is_file() and not any(x.startswith(".") for x in p.parts)
    ]


def _matcher(pattern: str) -> re.Pattern[str]:
    if "{symbol}" not in pattern and "{market}" not in pattern and "{timeframe}" not in pattern:
        raise BadInput(f'"{pattern}" names nothing.', where="--pattern", fix="Write e.g. {market}/{symbol}/{timeframe}")
    text = re.escape(pattern)
    for field in _FIELDS:
        text = text.replace(re.escape(f"{{{field}}}"), f"(?P<{field}>[^/]+?)", 1)
    if re.search(r"\\\{\w*\\\}", text):
        raise BadInput(
            f'"{pattern}" has a name that is not known.', where="--pattern", fix="Use {market}, {symbol}, {timeframe}."
        )
    return re.compile("(?:^|/)" + text.replace(r"\*", "[^/]*?") + "$")


def _stem(relative: Path) -> str:
    """The path without its endings (.csv.gz too)."""
    name = relative.name
    while Path(name).suffix.lower() in SUFFIXES:
        name = Path(name).stem
    return relative.with_name(name).as_posix()


def _tokens(relative: Path) -> list[str]:
    return re.split(r"[-_ .]+", _stem(relative).rpartition("/")[2])


def _name(relative: Path) -> str:
    """The symbol: what of the file's name is neither a timeframe nor a date nor a word of a format; else its folder."""
    stem = _stem(relative).rpartition("/")[2]
    pair = re.search(r"(?<![A-Z])([A-Z0-9]{2,6})_([A-Z]{3})(?![A-Z])", stem)
    if pair and pair[1] not in _TIMEFRAMES:
        return pair[0]
    words = [
        w
        for w in _tokens(relative)
        if w not in _TIMEFRAMES and not re.fullmatch(r"\d{2,8}|DAT|ASCII|MT|OHLCV?|BID|ASK|perp|spot", w)
    ]
    if words and _NAME.fullmatch(words[0]):
        return words[0]
    above = [p for p in reversed(relative.parts[:-1]) if p not in _TIMEFRAMES]
    if above and above[0] not in _MARKETS and above[0] not in MARKETS:
        return above[0]
    raise BadInput("Nothing says which symbol this is.", where=str(relative), fix="Add --symbol or --pattern.")


def _market(relative: Path, name: str) -> str:
    for part in reversed(relative.parts[:-1]):
        if part in MARKETS or part in _MARKETS:
            return _MARKETS.get(part, part)
    base, _, quote = name.partition("_")
    if not quote and len(name) == 6:
        base, quote = name[:3], name[3:]
    if base in _COMMODITIES and quote in _CURRENCIES | _COMMODITIES:
        return "oanda-commodities"
    return "oanda-forex" if base in _CURRENCIES and quote in _CURRENCIES else ""


def _spelt(name: str, market_id: str) -> str:
    """EURUSD as OANDA writes it."""
    if "oanda" in market_id and "_" not in name and len(name) == 6:
        return f"{name[:3]}_{name[3:]}"
    return name
