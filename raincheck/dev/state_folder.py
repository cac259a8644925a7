"""The folder that keeps what a local app knows: Azurite's data, the host's, the keys that sign tokens."""

import fcntl
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from raincheck.dev.children import Failed
from raincheck.dev.local_settings import local_settings

__all__ = ["claim", "keys_to_set", "signing_keys"]

_KEYS = "RAINCHECK_SIGNING_KEYS"
_WAIT = 10.0  # seconds: an Azurite whose starter was killed takes a moment to end


def claim(folder: Path) -> int:
    """Build the folder and lock it; give the descriptor, which holds the lock while anybody has it open.

    Raises:
        Failed: another one works on it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    limit = time.monotonic() + _WAIT
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > limit:
                os.close(lock)
                raise Failed(
                    f"{folder} is in use by another `make up`: stop it, or take another folder (STATE=…)."
                ) from None
            time.sleep(0.2)
        else:
            return lock


def keys_to_set(root: Path, folder: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Return the setting to add: the kept keys, where neither environment nor local.settings.json has any."""
    given = env.get(_KEYS, "").strip() or local_settings(root).get(_KEYS, "").strip()
    return {} if given else {_KEYS: signing_keys(folder)}


def signing_keys(folder: Path) -> str:
    """Return the keys kept in the folder; make some where there are none. Only the owner may read them."""
    file = folder / "signing_keys"
    if not file.exists() or not file.read_text(encoding="ascii").strip():
        made = folder / f"signing_keys.{os.getpid()}"
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as sink:
            sink.write(secrets.token_hex(32))
        made.replace(file)
    return file.read_text(encoding="ascii").strip()
