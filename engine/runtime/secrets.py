"""A person's secrets: from the environment, else from the keyring. Never logged, never written elsewhere."""

from __future__ import annotations

import os

from engine.contracts.alerting import SECRETS
from engine.contracts.errors import PyroError

SERVICE = "pyroquant"


def variable(channel: str) -> str:
    """The environment variable that outweighs the keyring."""
    return f"PYROQUANT_{SECRETS[channel].upper()}"


def secret(channel: str) -> str:
    """'' where there is none. May wait for the keyring's service: not for a loop's thread."""
    found = os.environ.get(variable(channel), "").strip()
    if found:
        return found
    import keyring
    import keyring.errors

    try:
        return (keyring.get_password(SERVICE, SECRETS[channel]) or "").strip()
    except (keyring.errors.KeyringError, OSError, RuntimeError):
        return ""


def keep_secret(channel: str, value: str) -> None:
    """Into the keyring; '' removes it. PyroError where this computer has none."""
    import keyring
    import keyring.errors

    name, value = SECRETS[channel], value.strip()
    try:
        if value:
            keyring.set_password(SERVICE, name, value)
        elif keyring.get_password(SERVICE, name) is not None:
            keyring.delete_password(SERVICE, name)
    except (keyring.errors.KeyringError, OSError, RuntimeError):
        raise PyroError(
            "The keyring of this computer cannot be used, so nothing was kept.",
            where=channel,
            fix=f"Set the environment variable {variable(channel)} and start the engine again.",
        ) from None
