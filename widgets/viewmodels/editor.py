"""The texts of an editor: files of the folder, drafts that are not saved yet, and what a try of them said. No Qt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from engine.contracts.studio import PYTHON, TEXT, FileText, StrategyFile, TextMark, Tried
from widgets.texts import mark, tr
from widgets.viewmodels import formats

_FIX = re.compile(r'Did you mean "([^"]+)"\?')
_NAME = re.compile(r"^(\s*strategy\s+)([a-z][a-z0-9_]*)", re.MULTILINE)
NEW_TEXT = """strategy {name}
title "{title}"
family "own"
idea ""
timeframe 15m
direction long
param n = 14 in 7, 14, 21

long entry: crosses_above(RSI(n), 30) and close > SMA(200)
long exit: RSI(n) > 60
stop: 2 * ATR(14)
"""
NEW_PYTHON = '''"""One or more strategies, assigned to names. The file runs in a child process with 5 s and 512 MB."""

from engine.rules.api import ATR, RSI, SMA, Strategy, close, crosses_above, param

n = param("n", 14, grid=[7, 14, 21])

{name} = Strategy(
    id="{name}",
    title="{title}",
    family="own",
    idea="",
    source="",
    timeframe="15m",
    direction="long",
    long_entry=crosses_above(RSI(n), 30) & (close > SMA(200)),
    long_exit=RSI(n) > 60,
    stop=2 * ATR(14),
)
'''
SHOWN = (
    ("trades", mark("trades")),
    ("total_return", mark("net")),
    ("win_rate", mark("won")),
    ("sharpe", mark("Sharpe")),
)


class Draft:
    """One text. stamp: that of the file it was read from, '' for one that was never saved. saved: the file's text."""

    def __init__(self, name: str, text: str, saved: str | None = None, stamp: str = "") -> None:
        self.name, self.text, self.saved, self.stamp = name, text, saved, stamp
        self.line = 1

    @property
    def language(self) -> str:
        return PYTHON if self.name.endswith(".py") else TEXT

    @property
    def unsaved(self) -> bool:
        return self.text != self.saved


class Entry(NamedTuple):
    """A line of the list of files."""

    name: str
    unsaved: bool
    error: str
    live: str


class EditorModel:
    """open: the draft that is shown, None before one is opened."""

    def __init__(self) -> None:
        self.files: dict[str, StrategyFile] = {}
        self.drafts: dict[str, Draft] = {}
        self.open: Draft | None = None
        self.folder = ""
        self.tried: Tried | None = None

    def take_files(self, folder: str, files: Iterable[StrategyFile]) -> None:
        self.folder = folder
        self.files = {f.name: f for f in files}

    def entries(self) -> list[Entry]:
        """Files and drafts that are none yet, by name."""
        found = []
        for name in sorted({*self.files, *(d.name for d in self.drafts.values() if d.unsaved)}, key=str.lower):
            file, draft = self.files.get(name), self.drafts.get(name)
            live = ", ".join(file.strategies) if file is not None else ""
            found.append(Entry(name, draft is not None and draft.unsaved, file.error if file is not None else "", live))
        return found

    def outside(self, name: str) -> bool:
        """The file is another one than the draft was read from."""
        file, draft = self.files.get(name), self.drafts.get(name)
        return file is not None and draft is not None and bool(draft.stamp) and draft.stamp != file.stamp

    def show(self, file: FileText) -> Draft:
        """A file was read: it is opened; unsaved text of it stays."""
        draft = self.drafts.get(file.name)
        if draft is None or not draft.unsaved:
            draft = self.drafts[file.name] = Draft(file.name, file.text, file.text, file.stamp)
        elif draft.stamp == file.stamp:
            draft.saved = file.text
        self.open, self.tried = draft, None
        return draft

    def new(self, text: str = "", *, python: bool = False, name: str = "") -> Draft:
        """A text that is no file yet. text: '' = an example to begin with."""
        base = self.free_name(name or "my_strategy")
        title = base.replace("_", " ").capitalize()
        if not text:
            text = (NEW_PYTHON if python else NEW_TEXT).format(name=base, title=title)
        else:
            text = _NAME.sub(rf"\g<1>{base}", text, count=1)
        file = f"{base}{'.py' if python else '.txt'}"
        self.open = self.drafts[file] = Draft(file, text)
        self.tried = None
        return self.open

    def free_name(self, wanted: str) -> str:
        """The name, or with a number that no file, draft or strategy has."""
        taken = {n.rpartition(".")[0] for n in (*self.files, *self.drafts)}
        taken |= {s for f in self.files.values() for s in f.strategies}
        return next(n for n in (wanted, *(f"{wanted}_{k}" for k in range(2, 999))) if n not in taken)

    def saved(self, file: FileText) -> None:
        """What was written is the file now; what was typed since stays unsaved."""
        draft = self.drafts.get(file.name)
        if draft is not None:
            draft.saved, draft.stamp = file.text, file.stamp

    def renamed(self, name: str, to: str) -> None:
        draft = self.drafts.pop(name, None)
        if draft is not None:
            draft.name = to
            self.drafts[to] = draft

    def drop(self, name: str) -> None:
        """The draft is given up."""
        if self.open is not None and self.open.name == name:
            self.open = None
        self.drafts.pop(name, None)

    def keep(self) -> dict[str, Any]:
        """Unsaved texts and which one is open, as JSON."""
        drafts = {
            d.name: {"text": d.text, "saved": d.saved, "stamp": d.stamp} for d in self.drafts.values() if d.unsaved
        }
        return {
            "open": self.open.name if self.open else "",
            "line": self.open.line if self.open else 1,
            "drafts": drafts,
        }

    def restore(self, kept: Mapping[str, Any]) -> str:
        """Take back what `keep` gave; the name of the file that was open."""
        drafts = kept.get("drafts")
        for name, each in drafts.items() if isinstance(drafts, Mapping) else ():
            if isinstance(each, Mapping) and isinstance(each.get("text"), str) and isinstance(name, str):
                saved = each.get("saved")
                stamp = each.get("stamp")
                self.drafts[name] = Draft(
                    name,
                    each["text"],
                    saved if isinstance(saved, str) else None,
                    stamp if isinstance(stamp, str) else "",
                )
        found = kept.get("open")
        return found if isinstance(found, str) else ""


def fix_of(found: TextMark) -> str:
    """What the engine would write in its place, '' when it does not know."""
    match = _FIX.search(f"{found.what} {found.fix}")
    return match.group(1) if match else ""


def said(tried: Tried, symbol: str) -> str:
    """What a try came to, in one line."""
    if tried.note:
        return tried.note
    if not tried.bars:
        return ""
    where = f"{symbol.partition(':')[2]} {tried.timeframe}"
    text = tr("{n} entries on {where}").format(n=f"{tried.longs + tried.shorts:,}", where=where)
    if tried.longs and tried.shorts:
        text += tr(" ({longs} long, {shorts} short)").format(longs=f"{tried.longs:,}", shorts=f"{tried.shorts:,}")
    figures = []
    for name, words in SHOWN:
        value = tried.figures.get(name)
        if value is None or value != value:
            continue
        shown = f"{value:,.0f}" if name == "trades" else formats.number(value)
        if name in ("total_return", "win_rate"):
            shown = formats.percent(value, 1, sign=name == "total_return")
        figures.append(f"{tr(words)} {shown}")
    return "   ·   ".join([text, *figures])


def span(tried: Tried) -> str:
    """Over which bars, and how long it took."""
    if not tried.bars:
        return ""
    bars = f"{tried.bars:,}"
    if tried.bars < tried.available:
        text = tr("the newest {bars} of {all} bars, since {day}").format(
            bars=bars, all=f"{tried.available:,}", day=formats.day(tried.first_ms)
        )
    else:
        text = tr("all {bars} bars since {day}").format(bars=bars, day=formats.day(tried.first_ms))
    return f"{text}   {formats.milliseconds(tried.ms)}"
