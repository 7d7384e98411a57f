"""Errors that a person reads: what happened, where, and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class PyroError(Exception):
    """An error with a clear sentence for a person.

    what: the sentence; where: file, line, key, symbol or address it concerns; fix: what the person can do.
    `exit_code` is what the command line returns: 1 failed, 2 bad input.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if not self.fix:
            return text
        if "\n" in text:
            return f"{text}\n{self.fix}"
        return f"{text} {self.fix}" if text.endswith((".", "!", "?")) else f"{text}. {self.fix}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.where, self.fix))


class BadInput(PyroError):
    """The person or a file gave something that cannot be used; nothing was changed."""

    exit_code = 2


class Cancelled(PyroError):
    """Stopped on request; what was finished before is kept."""

    exit_code = 130


def _rebuild(kind: type[PyroError], what: str, where: str, fix: str) -> PyroError:
    return kind(what, where=where, fix=fix)


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return ' Did you mean "x"?' for the closest known name, or '' when nothing is close."""
    candidates = list(known)
    folded = {name.casefold(): name for name in candidates}
    close = difflib.get_close_matches(given.casefold(), list(folded), n=1, cutoff=0.55)
    return f' Did you mean "{folded[close[0]]}"?' if close else ""
