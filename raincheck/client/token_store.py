"""Keeps tokens in a file, so that a result can be collected days later by another process."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from raincheck.client.errors import BrokenStore

if sys.platform != "win32":
    import fcntl

__all__ = ["Kept", "TokenStore"]


class Kept(BaseModel):
    """A token and what it is for."""

    token: str = Field(repr=False)  # whoever has it can read the run
    read_on: str | None = Field(default=None, repr=False)  # where following it broke off
    run_id: str
    flow: str
    kept_at: datetime


_FILE = TypeAdapter(dict[str, Kept])


class TokenStore:
    """Tokens by name in a JSON file that only its owner may read. Several processes may use it at once."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> dict[str, Kept]:
        """Return all of them by name.

        Raises:
            BrokenStore: the file holds something else.
        """
        try:
            return _FILE.validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        except ValidationError:  # its text may hold a token
            raise BrokenStore(f"{self._file} holds something else than kept tokens.") from None

    def get(self, name: str) -> Kept | None:
        """Return one of them."""
        return self.all().get(name)

    def keep(self, name: str, kept: Kept) -> None:
        """Keep a token under a name, in place of what it named before."""
        with self._changing() as tokens:
            tokens[name] = kept

    def forget(self, name: str) -> None:
        """Drop a token."""
        with self._changing() as tokens:
            tokens.pop(name, None)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Kept]]:
        """Read, change and write as one: others wait, and a crash leaves the old file or the new one."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _private(self._file.with_name(f"{self._file.name}.lock")) as lock:
            if sys.platform != "win32":
                fcntl.flock(lock, fcntl.LOCK_EX)
            tokens = self.all()
            yield tokens
            new = self._file.with_name(f"{self._file.name}.new")
            with _private(new) as sink:
                os.truncate(sink, 0)
                os.write(sink, json.dumps(_FILE.dump_python(tokens, mode="json"), indent=2).encode())
                os.fsync(sink)
            new.replace(self._file)


@contextmanager
def _private(file: Path) -> Iterator[int]:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
