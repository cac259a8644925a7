"""Keeping tokens."""

import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from raincheck.client import BrokenStore, Kept, TokenStore

KEPT = Kept(token="tok-secret", run_id="r", flow="tell_story", kept_at=datetime(2030, 1, 1, tzinfo=UTC))


def test_a_kept_token_is_there_for_another_process(tmp_path: Path) -> None:
    """What was kept can be read by whoever opens the file later."""
    TokenStore(tmp_path / "sub" / "tokens.json").keep("story", KEPT)
    assert TokenStore(tmp_path / "sub" / "tokens.json").get("story") == KEPT


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    """A token opens its run to whoever has it."""
    TokenStore(tmp_path / "tokens.json").keep("story", KEPT)
    assert stat.S_IMODE((tmp_path / "tokens.json").stat().st_mode) == 0o600


def test_a_token_is_not_shown_in_a_repr() -> None:
    """Logs and tracebacks show reprs."""
    assert "tok-secret" not in repr(KEPT)


def test_a_forgotten_token_is_gone(tmp_path: Path) -> None:
    """Forgetting one leaves the others."""
    store = TokenStore(tmp_path / "tokens.json")
    store.keep("a", KEPT)
    store.keep("b", KEPT)
    store.forget("a")
    assert list(store.all()) == ["b"]


def test_a_shorter_list_leaves_no_rest_of_a_longer_one(tmp_path: Path) -> None:
    """The file is written anew, also where a crash left a longer draft behind."""
    store = TokenStore(tmp_path / "tokens.json")
    (tmp_path / "tokens.json.new").write_text("x" * 10_000)
    store.keep("a", KEPT)
    assert store.get("a") == KEPT


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    """Read, change, write is one: two processes that keep at once keep both."""
    file = tmp_path / "tokens.json"
    threads = [threading.Thread(target=TokenStore(file).keep, args=(f"n{n}", KEPT)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(TokenStore(file).all()) == 20


def test_a_damaged_file_is_not_written_over(tmp_path: Path) -> None:
    """What can't be read is somebody's data: an error, and the file stays as it is."""
    (tmp_path / "tokens.json").write_text("{")
    with pytest.raises(BrokenStore):
        TokenStore(tmp_path / "tokens.json").keep("a", KEPT)
    assert (tmp_path / "tokens.json").read_text() == "{"
