"""The back-test's form: what stands in its fields, checked field by field, as the engine's specs."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, NamedTuple, cast

from engine.contracts.backtests import BacktestSpec, Costs, Sizing
from engine.contracts.commands import StrategyInfo
from engine.contracts.errors import did_you_mean
from engine.contracts.portfolios import Lane, PortfolioSpec
from engine.contracts.timeframes import TIMEFRAME_MS
from widgets.texts import mark, tr
from widgets.viewmodels import formats

DAY_MS = 86_400_000
#: range buttons: title -> days back from now, 0 = everything there is.
RANGES: dict[str, int] = {
    mark("1 mo"): 30,
    mark("6 mo"): 182,
    mark("1 y"): 365,
    mark("3 y"): 1096,
    mark("All"): 0,
}
#: more symbols than this are not queued at once
MOST_SYMBOLS = 100


@dataclass
class Form:
    """What stands in the fields, as typed. symbol: one, or several with commas; together: 'each' = a run a symbol,
    'account' = all of them on one account. Percentages are written as percentages."""

    strategy: str = ""
    symbol: str = ""
    timeframe: str = "1h"
    from_text: str = ""
    to_text: str = ""
    params: dict[str, str] = field(default_factory=dict)
    together: str = "each"
    direction: str = "both"
    sizing: str = "fraction"
    size_text: str = "1"
    cash_text: str = "10000"
    fee_text: str = ""
    slippage_text: str = "1"
    cap_text: str = "1"
    bars_text: str = "100"
    min_trades_text: str = "20"
    start_text: str = "0.1"
    leverage_text: str = ""
    maintenance_text: str = ""
    pyramiding_text: str = "1"
    account: str = ""
    maker: str = "none"
    maker_fee_text: str = ""
    ticks_text: str = "0"
    range_text: str = "0"
    spread_text: str = ""
    funding_text: str = ""
    financing: str = "no"
    financing_long_text: str = ""
    financing_short_text: str = ""
    positions_text: str = "0"
    gross_cap_text: str = "1"
    symbol_cap_text: str = "1"

    def kept(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @staticmethod
    def read(kept: Any) -> Form:
        """What `kept` gave; a field that is missing or of the wrong type has its default."""
        default = Form()
        if not isinstance(kept, dict):
            return default
        found = {}
        for each in fields(Form):
            value = kept.get(each.name)
            if each.name == "params":
                found["params"] = {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}
            else:
                found[each.name] = value if isinstance(value, str) else getattr(default, each.name)
        return Form(**found)


class Asked(NamedTuple):
    """What a good form asks for: single runs, or one portfolio."""

    specs: list[BacktestSpec]
    portfolio: PortfolioSpec | None = None


def symbols_of(text: str) -> list[str]:
    """The names in the symbol field, each once."""
    return list(
        dict.fromkeys(word for word in text.replace(";", ",").replace("\n", ",").replace(" ", ",").split(",") if word)
    )


def check(
    form: Form, strategies: dict[str, StrategyInfo], symbols: dict[str, int]
) -> tuple[Asked | None, dict[str, str]]:
    """(what is asked, {}) when all fields are good, else (None, field -> what is wrong and a way out)."""
    errors: dict[str, str] = {}
    if form.strategy not in strategies:
        errors["strategy"] = (
            tr('"{name}" is not a strategy.').format(name=form.strategy) + did_you_mean(form.strategy, strategies)
            if form.strategy
            else tr("Choose a strategy.")
        )
    chosen = _symbols(form.symbol, symbols, errors)
    if form.timeframe not in TIMEFRAME_MS:
        errors["timeframe"] = tr('"{name}" is not a timeframe; use one of {known}.').format(
            name=form.timeframe, known=", ".join(TIMEFRAME_MS)
        )
    from_ms, to_ms = _day("from", form.from_text, errors), _day("to", form.to_text, errors)
    if from_ms is not None and to_ms is not None and from_ms >= to_ms:
        errors["to"] = tr("The range ends before it begins; swap the two dates.")
    known = strategies[form.strategy].params if form.strategy in strategies else {}
    numbers = _Numbers(errors)
    params = {n: numbers(f"param:{n}", form.params.get(n, ""), known[n][0]) for n in known}
    costs, sizing = _costs(form, numbers), _sizing(form, numbers)
    pyramiding = numbers("pyramiding", form.pyramiding_text, 1, low=1, high=50, whole=True)
    caps = (
        int(numbers("positions", form.positions_text, 0, low=0, high=10_000, whole=True)),
        numbers("gross_cap", form.gross_cap_text, 1, low=0, open_low=True),
        numbers("symbol_cap", form.symbol_cap_text, 1, low=0, open_low=True),
    )
    if errors:
        return None, errors
    direction = cast(Literal["long", "short", "both"], form.direction)
    if len(chosen) > 1 and form.together == "account":
        return Asked([], _portfolio(form, chosen, (from_ms, to_ms), params, (costs, sizing), caps)), {}
    specs = [
        BacktestSpec(
            strategy=form.strategy,
            symbol=symbol,
            timeframe=form.timeframe,
            from_ms=from_ms,
            to_ms=to_ms,
            params=params,
            costs=costs,
            sizing=sizing,
            direction=direction,
            pyramiding=int(pyramiding),
            account=form.account.strip().upper(),
        )
        for symbol in chosen
    ]
    return Asked(specs), {}


def _portfolio(
    form: Form,
    chosen: list[str],
    span: tuple[int | None, int | None],
    params: dict[str, float],
    money: tuple[Costs, Sizing],
    caps: tuple[int, float, float],
) -> PortfolioSpec:
    direction = cast(Literal["long", "short", "both"], form.direction)
    lanes = [
        Lane(strategy=form.strategy, symbol=s, timeframe=form.timeframe, params=params, direction=direction)
        for s in chosen
    ]
    return PortfolioSpec(
        lanes=lanes,
        from_ms=span[0],
        to_ms=span[1],
        costs=money[0],
        sizing=money[1],
        max_positions=caps[0],
        gross_cap=caps[1],
        symbol_cap=caps[2],
        account=form.account.strip().upper(),
    )


def _costs(form: Form, numbers: _Numbers) -> Costs:
    return Costs(
        fee=numbers.share("fee", form.fee_text, high=10),
        maker_fee=numbers.share("maker_fee", form.maker_fee_text, low=-1, high=10),
        maker=cast(Literal["none", "entries", "targets"], form.maker),
        slippage_bps=numbers("slippage", form.slippage_text, 1.0, low=0, high=1000),
        slippage_ticks=numbers("ticks", form.ticks_text, 0.0, low=0, high=1000),
        slippage_range=numbers("range", form.range_text, 0.0, low=0, high=1),
        spread_bps=numbers.maybe("spread", form.spread_text, low=0, high=1000),
        funding=numbers.share("funding", form.funding_text, low=-10, high=10),
        financing=form.financing == "yes",
        financing_long=numbers.share("financing_long", form.financing_long_text, low=-100, high=100),
        financing_short=numbers.share("financing_short", form.financing_short_text, low=-100, high=100),
    )


def _sizing(form: Form, numbers: _Numbers) -> Sizing:
    return Sizing(
        mode=cast(Literal["amount", "fraction", "volatility", "risk", "kelly"], form.sizing),
        value=numbers("size", form.size_text, 1.0, low=0, open_low=True),
        cash=numbers("cash", form.cash_text, 10_000.0, low=0, open_low=True),
        cap=numbers("cap", form.cap_text, 1.0, low=0, open_low=True),
        bars=int(numbers("bars", form.bars_text, 100, low=2, high=100_000, whole=True)),
        min_trades=int(numbers("min_trades", form.min_trades_text, 20, low=1, high=100_000, whole=True)),
        start=numbers("start", form.start_text, 0.1, low=0),
        leverage=numbers.maybe("leverage", form.leverage_text, low=0, open_low=True, high=1000),
        maintenance=numbers.share("maintenance", form.maintenance_text, high=100),
    )


def _symbols(text: str, symbols: dict[str, int], errors: dict[str, str]) -> list[str]:
    """Every name as MARKET:NAME; the first that is wrong is told."""
    typed = symbols_of(text)
    if not typed:
        errors["symbol"] = tr("Choose a symbol.")
        return []
    if len(typed) > MOST_SYMBOLS:
        errors["symbol"] = tr("{n} symbols are too many at once; at most {most}.").format(
            n=len(typed), most=MOST_SYMBOLS
        )
        return []
    folded: dict[str, list[str]] = {}
    for symbol in symbols:
        folded.setdefault(symbol.casefold(), []).append(symbol)
        folded.setdefault(symbol.partition(":")[2].casefold(), []).append(symbol)
    found = []
    for name in typed:
        fits = [name] if name in symbols else folded.get(name.casefold(), [])
        if len(fits) == 1:
            found.append(fits[0])
        elif fits:
            errors["symbol"] = tr('"{name}" is on several markets; choose {some}.').format(
                name=name, some=" or ".join(fits[:3])
            )
            break
        else:
            near = did_you_mean(name, symbols) or did_you_mean(name, [s.partition(":")[2] for s in symbols])
            errors["symbol"] = tr('"{name}" is not a known symbol.').format(name=name) + near
            break
    return list(dict.fromkeys(found))


def _day(name: str, text: str, errors: dict[str, str]) -> int | None:
    if not text.strip():
        return None
    try:
        return formats.parse_day(text)
    except ValueError:
        errors[name] = tr('"{text}" is not a date; write it as 2024-01-31, or leave it empty for all there is.').format(
            text=text
        )
        return None


class _Numbers:
    """Reads numbers; what is wrong with one goes to `errors` under its field's name."""

    def __init__(self, errors: dict[str, str]) -> None:
        self._errors = errors

    def __call__(
        self,
        name: str,
        text: str,
        default: float,
        *,
        low: float = -math.inf,
        high: float = math.inf,
        open_low: bool = False,
        whole: bool = False,
    ) -> float:
        """The number; the default where nothing is written or what is written is wrong."""
        plain = text.strip().rstrip("%").strip().replace(",", "")
        if not plain:
            return default
        try:
            value = float(plain)
        except ValueError:
            self._errors[name] = tr('"{text}" is not a number.').format(text=text)
            return default
        problem = ""
        if not math.isfinite(value):
            problem = tr('"{text}" is not a finite number.').format(text=text)
        elif value < low or (open_low and value == low):
            words = tr("Must be above {low}.") if open_low else tr("Must be at least {low}.")
            problem = words.format(low=f"{low:g}")
        elif value > high:
            problem = tr("Must be at most {high}.").format(high=f"{high:g}")
        elif whole and value != int(value):
            problem = tr("Must be a whole number.")
        if problem:
            self._errors[name] = problem
            return default
        return value

    def maybe(
        self, name: str, text: str, *, low: float = 0.0, high: float = math.inf, open_low: bool = False
    ) -> float | None:
        """None where nothing is written."""
        return self(name, text, 0.0, low=low, high=high, open_low=open_low) if text.strip() else None

    def share(self, name: str, text: str, *, low: float = 0.0, high: float = 100.0) -> float | None:
        """A percentage as a fraction; None where nothing is written."""
        value = self.maybe(name, text, low=low, high=high)
        return None if value is None else value / 100


def summary(form: Form) -> str:
    """The folded part in a few words: how large trades are and what they cost."""
    sizes = {
        "fraction": tr("{size} of the equity"),
        "amount": tr("{size} a trade"),
        "volatility": tr("volatility {size}"),
        "risk": tr("risk {size}"),
        "kelly": tr("{size} Kelly"),
    }
    size = form.size_text or "1"
    try:
        shown = (
            formats.percent(float(size), 0, sign=False) if form.sizing in ("fraction", "volatility", "risk") else size
        )
    except ValueError:
        shown = size
    words = [sizes.get(form.sizing, "{size}").format(size=shown)]
    if form.leverage_text.strip():
        words.append(tr("leverage {x}").format(x=form.leverage_text))
    words.append(tr("cash {cash}").format(cash=form.cash_text or "10000"))
    words.append(
        tr("fee {fee} %").format(fee=form.fee_text.rstrip("% ")) if form.fee_text.strip() else tr("market's fee")
    )
    words.append(tr("slippage {n} bp").format(n=form.slippage_text or "1"))
    if form.direction != "both":
        words.append(tr("long only") if form.direction == "long" else tr("short only"))
    return " · ".join(words)


def form_of(spec: BacktestSpec) -> Form:
    """The fields that make this spec again."""
    costs, sizing = spec.costs, spec.sizing

    def text(value: float | None, factor: float = 1.0) -> str:
        return "" if value is None else formats.trimmed(value * factor)

    return Form(
        strategy=spec.strategy,
        symbol=spec.symbol,
        timeframe=spec.timeframe,
        from_text=_moment(spec.from_ms),
        to_text=_moment(spec.to_ms),
        params={name: formats.trimmed(value) for name, value in spec.params.items()},
        direction=spec.direction,
        sizing=sizing.mode,
        size_text=text(sizing.value),
        cash_text=text(sizing.cash),
        fee_text=text(costs.fee, 100),
        slippage_text=text(costs.slippage_bps),
        cap_text=text(sizing.cap),
        bars_text=str(sizing.bars),
        min_trades_text=str(sizing.min_trades),
        start_text=text(sizing.start),
        leverage_text=text(sizing.leverage),
        maintenance_text=text(sizing.maintenance, 100),
        pyramiding_text=str(spec.pyramiding),
        account=spec.account,
        maker=costs.maker,
        maker_fee_text=text(costs.maker_fee, 100),
        ticks_text=text(costs.slippage_ticks),
        range_text=text(costs.slippage_range),
        spread_text=text(costs.spread_bps),
        funding_text=text(costs.funding, 100),
        financing="yes" if costs.financing else "no",
        financing_long_text=text(costs.financing_long, 100),
        financing_short_text=text(costs.financing_short, 100),
    )


def _moment(ms: int | None) -> str:
    if ms is None:
        return ""
    return formats.day(ms) if ms % DAY_MS == 0 else formats.minute(ms)
