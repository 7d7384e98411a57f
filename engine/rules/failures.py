"""What is wrong with a rule, and where in it."""

from __future__ import annotations

from engine.contracts.errors import BadInput


class RuleError(BadInput):
    """A rule that cannot be computed. at: where in its line the part begins that is meant, -1 if unknown."""

    def __init__(self, what: str, *, where: str = "", fix: str = "", at: int = -1) -> None:
        super().__init__(what, where=where, fix=fix)
        self.at = at


class FieldError(BadInput):
    """A strategy that cannot run. field: the rule or word that is at fault, "" where it is the whole."""

    def __init__(self, what: str, *, where: str = "", fix: str = "", field: str = "") -> None:
        super().__init__(what, where=where, fix=fix)
        self.field = field
