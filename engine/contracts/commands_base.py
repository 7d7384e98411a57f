"""What every command is made of; apart, so that each part of the contracts can declare its own commands."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="command"):
    """Base of all commands. reply: the type that answers it."""

    reply: ClassVar[Any] = None


class Ok(msgspec.Struct, frozen=True, kw_only=True):
    """Done; nothing more to say."""

    text: str = ""


class JobStarted(msgspec.Struct, frozen=True, kw_only=True):
    job: str
