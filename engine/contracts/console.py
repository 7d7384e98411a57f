"""The SQL console's second command: stop what the first one asked."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.contracts.commands_base import Command, Ok


class CancelSql(Command, frozen=True, kw_only=True, tag="cancel_sql"):
    """Stop the query that was asked with this id; one that has ended already is none of its business."""

    reply: ClassVar[Any] = Ok
    id: str
