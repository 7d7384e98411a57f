"""Files made of a run: what is in them, that they come back equal, and that a page holds no more than it should."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import math
import re
from pathlib import Path

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest

from engine.backtest.breakdown import trades_of
from engine.backtest.export import as_object, export, format_of
from engine.backtest.report import make_report
from engine.backtest.report_page import SHOWN_TRADES, page
from engine.backtest.report_svg import compact, log_ticks, nice_ticks, thin, time_ticks
from engine.clock import iso, parse_iso
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.metrics import METRICS
from tests.unit.backtest.result_support import run

HOSTILE = "<script>alert(1)</script>&\"'</style><img src=x onerror=alert(2)>"
PROVENANCE = ("trade_hash", "data_fingerprint", "code_version")
PARTS = (
    "Equity and drawdown", "Monthly returns", "Rolling Sharpe", "Time in the market", "Adverse excursion", "Trades",
    "Favourable excursion", "By side and exit", "Figures", "Assumptions", "Where it comes from",
)  # fmt: skip
#: elements without an end
VOID = {"meta", "br", "circle", "rect", "line", "path"}


@pytest.fixture(scope="module")
def kept():
    return run()


class Page(html.parser.HTMLParser):
    """Every element and attribute of a page; fails where elements are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID or tag == "rect":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_json_has_everything(kept, tmp_path):
    path = tmp_path / "run.json"
    assert export(kept, path).files == [str(path)]
    found = json.loads(path.read_text())
    result = kept.result
    for name in PROVENANCE:
        assert found[name] == getattr(result, name)
    assert found["spec"] == msgspec.to_builtins(result.spec)
    assert found["assumptions"] == result.assumptions
    assert found["job"] == "backtest-1"
    known = {k: v for k, v in result.metrics.items() if not math.isnan(v)}
    assert {k: v for k, v in found["metrics"].items() if v is not None} == known
    assert found["units"]["sharpe"] == "ratio"
    rows = trades_of(result)
    assert [t["pnl"] for t in found["trades"]] == rows["pnl"].tolist()
    assert {t["side"] for t in found["trades"]} == {"long", "short"}
    assert found["daily"]["equity"] == np.frombuffer(result.daily, "<f8").tolist()
    assert found["curve"]["equity"] == np.frombuffer(result.equity, "<f8").tolist()
    assert len(found["conventions"]) == 10
    assert found["months"][0]["year"] == 2022


def test_csv_is_three_tables(kept, tmp_path):
    made = export(kept, tmp_path / "run.csv")
    assert [f.rpartition("/")[2] for f in made.files] == ["run-trades.csv", "run-equity.csv", "run-metrics.csv"]
    trades, equity, metrics = (list(csv.DictReader(io.StringIO(Path(f).read_text()))) for f in made.files)
    rows = trades_of(kept.result)
    assert [float(t["pnl"]) for t in trades] == rows["pnl"].tolist()
    assert [parse_iso(t["entry_time"]) for t in trades] == rows["entry_ts"].tolist()
    assert equity[0]["time"] == iso(kept.result.first_ms)
    assert [float(e["equity"]) for e in equity] == np.frombuffer(kept.result.daily, "<f8").tolist()
    values = {m["name"]: m["value"] for m in metrics if m["section"] == "metric"}
    assert float(values["sharpe"]) == kept.result.metrics["sharpe"]
    assert set(METRICS) < set(values)
    told = {m["name"]: m["value"] for m in metrics if m["section"] == "provenance"}
    assert {name: told[name] for name in PROVENANCE} == {name: getattr(kept.result, name) for name in PROVENANCE}
    assert told["spec.costs.fee"] == "0.0005"
    assert [m["value"] for m in metrics if m["section"] == "assumption"] == kept.result.assumptions


def test_csv_holds_no_formula_for_a_spreadsheet(tmp_path):
    made = export(run(text="=cmd|' /C calc'!A0"), tmp_path / "run.csv")
    text = Path(made.files[2]).read_text()
    assert "'=cmd|" in text
    assert not re.search(r'(^|,)"?=', text, re.MULTILINE)


def test_parquet_comes_back_with_its_provenance(kept, tmp_path):
    made = export(kept, tmp_path / "run.parquet")
    trades, equity = (pq.read_table(f) for f in made.files)
    assert trades["pnl"].to_pylist() == trades_of(kept.result)["pnl"].tolist()
    assert equity["equity"].to_pylist() == np.frombuffer(kept.result.daily, "<f8").tolist()
    assert str(trades.schema.field("entry_time").type) == "timestamp[ms, tz=UTC]"
    for table in (trades, equity):
        notes = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
        for name in PROVENANCE:
            assert notes[f"pyroquant.{name}"] == getattr(kept.result, name)
        assert notes["pyroquant.assumptions"].splitlines() == kept.result.assumptions


def test_the_page_stands_alone_and_has_all_its_parts(kept):
    text = page(kept, make_report(kept))
    found = Page(text)
    assert set(found.tags).isdisjoint({"script", "link", "img", "iframe", "object", "embed", "base", "form"})
    assert not re.search(r"https?://|url\(|@import|javascript:", text)
    assert not [a for a in found.attributes if a[1].startswith("on") or a[1] in ("href", "src")]
    assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'") in found.attributes
    words = " ".join(found.text)
    for part in PARTS:
        assert part in words, part
    for name in PROVENANCE:
        assert getattr(kept.result, name) in words
    tips = {value for tag, name, value in found.attributes if tag == "span" and name == "title"}
    assert len(tips) == len(METRICS)
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert not re.search(r"\b(nan|inf|None)\b", re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL))


def test_the_page_escapes_what_people_and_files_bring():
    kept = run(job=HOSTILE, text=HOSTILE, strategy=HOSTILE)
    text = page(kept, make_report(kept))
    found = Page(text)
    assert "script" not in found.tags
    assert "img" not in found.tags
    assert text.count("<style>") == text.count("</style>") == 1
    assert HOSTILE in " ".join(found.text)


@pytest.mark.parametrize("kw", [{"trades": False}, {"count": 24}, {"count": 3, "trades": False}, {"count": 24 * 7}])
def test_a_page_of_a_run_with_little_in_it(kw):
    kept = run(**kw)
    found = Page(page(kept, make_report(kept)))
    assert "svg" in found.tags


def test_a_long_list_of_trades_shows_both_ends():
    kept = run(count=24 * 400)
    count = len(trades_of(kept.result))
    assert count > 2 * SHOWN_TRADES
    text = page(kept, make_report(kept))
    assert f"{count - 2 * SHOWN_TRADES:,} more trades between" in text
    assert f"of {count:,}; times are UTC" in text


def test_the_page_shows_the_convention_asked_for(kept):
    text = page(kept, make_report(kept, "vnpy"))
    assert 'class="own"><td>vnpy<' in text


@pytest.mark.parametrize("name", ["run", "run.xlsx", "run."])
def test_an_unknown_format_is_refused(name, tmp_path):
    with pytest.raises(BadInput, match="not a format"):
        format_of(tmp_path / name)
    assert format_of(tmp_path / name, "html") == "html"
    assert (format_of(tmp_path / "A.HTM"), format_of(tmp_path / "a.pq")) == ("html", "parquet")


def test_a_place_that_cannot_be_written_leaves_nothing_behind(kept, tmp_path):
    (tmp_path / "taken.html").mkdir()
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "taken.html", tmp_path / "file" / "x.html"):
        with pytest.raises(PyroError, match="cannot be written") as caught:
            export(kept, path)
        assert "the run itself is kept" in caught.value.fix
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "taken.html"]


def test_an_existing_file_is_replaced_whole(kept, tmp_path):
    path = tmp_path / "run.json"
    path.write_text("old")
    export(kept, path)
    assert json.loads(path.read_text())["job"] == "backtest-1"
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


def test_the_object_is_plain_json(kept):
    again = json.loads(msgspec.json.encode(as_object(kept)))
    assert again["exposure"]["ts"] == again["daily"]["ts"][1:]


def test_ticks_are_round_and_inside():
    assert nice_ticks(0, 1) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert nice_ticks(-7, 23) == pytest.approx([0, 10, 20])
    assert nice_ticks(3, 3) == [3]
    assert nice_ticks(math.nan, 1) == []
    assert log_ticks(800, 60_000) == [1000, 2000, 5000, 10000, 20000, 50000]
    year = time_ticks(parse_iso("2020-03-05"), parse_iso("2023-02-01"))
    assert [label for _, label in year][-1].startswith(("2023", "Jan", "Oct"))
    days = time_ticks(parse_iso("2022-01-03"), parse_iso("2022-01-12"))
    assert days[0][1] == "03 Jan"
    assert [compact(v) for v in (950, 12_500, 3_400_000, -2e9, 0)] == ["950", "12.5k", "3.4M", "-2B", "0"]


def test_thinning_keeps_the_extremes():
    rng = np.random.default_rng(3)
    x, y = np.arange(50_000.0), np.cumsum(rng.normal(size=50_000))
    a, b = thin(x, y)
    assert len(a) <= 1700
    assert (b.min(), b.max()) == (y.min(), y.max())
    assert (a[0], a[-1]) == (x[0], x[-1])
    assert (np.diff(a) > 0).all()
