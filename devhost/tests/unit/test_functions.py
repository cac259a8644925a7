from typing import Any

import pytest

from raincheck_devhost.functions import Function, Retry, UnsupportedBinding, in_host_order
from raincheck_devhost.settings import SettingsError

_HTTP = {"type": "httpTrigger", "direction": "IN", "name": "req", "authLevel": "ANONYMOUS"}


def _function(*bindings: dict[str, Any], name: str = "f", retry: Any = None) -> Function:
    return Function.from_metadata({"name": name, "bindings": [*bindings], "retry": retry}, {"Q": "orders"})


def test_settings_in_bindings_are_resolved() -> None:
    """A queue's name may be a setting."""
    assert (
        _function({"type": "queueTrigger", "name": "m", "queueName": "%Q%"}).options["queueName"] == "orders"
    )


def test_a_missing_setting_is_named() -> None:
    """It would be a queue of a strange name else."""
    with pytest.raises(SettingsError, match="NONE"):
        _function({"type": "queueTrigger", "name": "m", "queueName": "%NONE%"})


@pytest.mark.parametrize("kind", ["entityTrigger", "blob", "somethingNew"])
def test_an_unsupported_binding_names_function_binding_and_way_out(kind: str) -> None:
    """Refused at the start, with what to do instead."""
    with pytest.raises(UnsupportedBinding, match=rf"function f: binding 'b' of type {kind} .*; .+"):
        _function(_HTTP, {"type": kind, "name": "b"})


def test_a_function_has_exactly_one_trigger() -> None:
    """Two can't both start it."""
    with pytest.raises(UnsupportedBinding, match="exactly one trigger, not 0"):
        _function({"type": "queue", "name": "q"})


def test_the_order_is_the_hosts() -> None:
    """By name, ignoring case, upper-case ordinal: an underscore comes after the letters."""
    functions = [_function(_HTTP, name=name) for name in ("b", "a_param", "act", "A")]
    assert [each.name for each in in_host_order(functions)] == ["A", "act", "a_param", "b"]


@pytest.mark.parametrize(
    ("policy", "delays"),
    [
        ({"strategy": "fixed_delay", "max_retry_count": "2", "delay_interval": "00:00:05"}, [5.0, 5.0]),
        (
            {
                "strategy": "exponential_backoff",
                "max_retry_count": "3",
                "minimum_interval": "00:00:01",
                "maximum_interval": "00:00:03",
            },
            [1.0, 2.0, 3.0],
        ),
    ],
)
def test_retry_policies_give_their_delays(policy: dict[str, str], delays: list[float]) -> None:
    """Before each further attempt."""
    retry = _function(_HTTP, retry=policy).retry
    assert isinstance(retry, Retry)
    assert [*retry.delays()] == delays
