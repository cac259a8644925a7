import json
from pathlib import Path

import pytest

from raincheck_devhost.keys import Keys, Verdict, key_of

_KEYS = Keys(
    enforced=True,
    master="m",
    host={"default": "h"},
    functions={"mine": {"default": "f"}},
    system={"durabletask_extension": "s"},
)
_GO, _NO, _FORBIDDEN = Verdict.GO, Verdict.UNAUTHORIZED, Verdict.FORBIDDEN


@pytest.mark.parametrize(
    ("level", "given", "wanted"),
    [
        ("ANONYMOUS", None, _GO),
        ("FUNCTION", None, _NO),
        ("FUNCTION", "f", _GO),
        ("FUNCTION", "h", _GO),
        ("FUNCTION", "m", _GO),
        ("FUNCTION", "s", _NO),
        ("ADMIN", "m", _GO),
        ("ADMIN", "h", _NO),
    ],
)
def test_function_keys_open_what_they_open_on_azure(level: str, given: str | None, wanted: Verdict) -> None:
    """Function, host and master keys work, a system key does not."""
    assert _KEYS.check_function("Mine", level, given) is wanted


def test_a_key_of_another_function_opens_nothing() -> None:
    """Function keys belong to one function."""
    assert _KEYS.check_function("other", "FUNCTION", "f") is _NO


@pytest.mark.parametrize(
    ("given", "wanted"), [(None, _NO), ("x", _NO), ("f", _FORBIDDEN), ("s", _GO), ("m", _GO)]
)
def test_durable_webhooks_need_the_system_or_master_key(given: str | None, wanted: Verdict) -> None:
    """A known key of the wrong kind is 403, anything else 401."""
    assert _KEYS.check_durable(given) is wanted


def test_without_a_file_everything_is_open() -> None:
    """As with Core Tools."""
    assert Keys.read(None).check_admin(None) is _GO


def test_the_header_wins_over_the_query() -> None:
    """As on Azure."""
    scope = {"headers": [(b"x-functions-key", b"header")], "query_string": b"code=query"}
    assert key_of(scope) == "header"


def test_a_wrong_key_file_is_named_and_no_key_is_shown(tmp_path: Path) -> None:
    """An error message must not hold a key."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"host": {"default": "s3cret"}}))
    with pytest.raises(ValueError, match=r"keys\.json can't be used") as raised:
        Keys.read(file)
    assert "s3cret" not in str(raised.value)


def test_keys_do_not_show_in_a_repr() -> None:
    """Objects end up in logs."""
    assert "'m'" not in repr(_KEYS)
