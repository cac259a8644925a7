"""The HTTP functions as the worker indexes them, and the prefix that the host puts before them."""

import azure.durable_functions as df
import azure.functions as func
import pytest

from raincheck.functions.host_json import route_prefix
from raincheck.functions.http import register


@pytest.fixture
def bindings():
    app = df.DFApp(http_auth_level=func.AuthLevel.ADMIN)
    register(app, keyed=lambda: None, open_=lambda: None, prefix="/api", extras=None)
    return {
        function.get_function_name(): function.get_bindings_dict()["bindings"]
        for function in app.get_functions()
    }


def trigger(bindings):
    return next(binding for binding in bindings if binding["type"] == "httpTrigger")


def test_what_starts_or_manages_work_wants_a_key(bindings):
    """And only what a token opens, and health, does not."""
    levels = {trigger(one)["route"]: trigger(one)["authLevel"].name for one in bindings.values()}
    assert levels == {
        "flows/{*path}": "FUNCTION",
        "manage/{*path}": "FUNCTION",
        "openapi.json": "FUNCTION",
        "health": "ANONYMOUS",
        "runs/{*path}": "ANONYMOUS",
    }


def test_no_route_can_catch_what_belongs_to_another(bindings):
    """The host takes the first match by name: nothing may depend on it."""
    begins = [trigger(one)["route"].partition("/")[0].partition(".")[0].lower() for one in bindings.values()]
    assert len(set(begins)) == len(begins)


def test_every_method_reaches_the_app(bindings):
    """The host's own answer to a wrong method is an empty 404."""
    for one in bindings.values():
        names = {method.name for method in trigger(one)["methods"]}
        assert names == {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def test_each_function_has_the_durable_client(bindings):
    """Without it nothing is started or seen."""
    assert all(any(binding["type"] == "durableClient" for binding in one) for one in bindings.values())


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        (None, "/api"),
        ("{}", "/api"),
        ('{"extensions": {"http": {}}}', "/api"),
        ('{"extensions": {"http": {"routePrefix": ""}}}', ""),
        ('{"extensions": {"http": {"routePrefix": "/v1/agents/"}}}', "/v1/agents"),
    ],
)
def test_the_prefix_is_that_of_host_json(tmp_path, text, prefix):
    """`api` unless it says otherwise."""
    if text is not None:
        (tmp_path / "host.json").write_text(text)
    assert route_prefix(tmp_path / "host.json") == prefix
