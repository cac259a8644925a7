"""The base of URLs that are handed out."""

from types import SimpleNamespace

import pytest
from starlette.requests import Request

from raincheck.service.settings import Settings
from raincheck.web.scope import USE_CASES
from raincheck.web.urls import base_url


def base(public_url=None, scheme="http", *, development=True, site=None, **headers):
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    settings = Settings(signing_keys=("k" * 32,), public_url=public_url, development=development, site=site)
    uses = SimpleNamespace(settings=settings)
    return base_url(Request({"type": "http", "headers": raw, "scheme": scheme, USE_CASES: uses}))


FORWARDED = {
    "host": "127.0.0.1:36753",
    "x_forwarded_host": "agents.example.com",
    "x_forwarded_proto": "https",
}


def test_the_setting_wins():
    """Behind a gateway only the operator knows."""
    assert base("https://gw.example/base", **FORWARDED) == "https://gw.example/base"


def test_else_what_the_host_forwards():
    """`Host` is the worker's own there."""
    assert base(**FORWARDED) == "https://agents.example.com"


def test_else_the_host_header():
    """Without a host in front."""
    assert base(host="127.0.0.1:7071") == "http://127.0.0.1:7071"


@pytest.mark.parametrize("host", ["[::1]:7071", "localhost", "a-b.c_d.example:1"])
def test_hosts_of_all_kinds(host):
    """IPv6 too."""
    assert base(x_forwarded_host=host, x_forwarded_proto="http") == f"http://{host}"


@pytest.mark.parametrize(
    "host",
    ["evil.example/path", "a@b", "a b", ",b", "a\\b", "a?b", "a#b", 'a"b', "a<b>", "ü", "a:99x", "-", ""],
)
def test_what_is_no_host_is_never_handed_out(host):
    """It would stand in Location headers and in documents."""
    assert base(x_forwarded_host=host, host="good.example") == "http://good.example"
    assert base(host=host) == "http://localhost"


def test_a_strange_protocol_is_not_handed_out():
    """javascript: is one too."""
    assert base(host="h", x_forwarded_host="h", x_forwarded_proto="javascript") == "http://h"


def test_of_a_list_the_first_counts():
    """Each proxy on the way adds its own at the end."""
    listed = {"x_forwarded_host": "agents.example.com, inner:8080", "x_forwarded_proto": "https, http"}
    assert base(host="127.0.0.1:1", **listed) == "https://agents.example.com"


@pytest.mark.parametrize("name", ["host", "x_forwarded_host"])
def test_in_the_cloud_a_caller_has_no_say(name):
    """The attack: a Host header stood in every URL of the answer, and in callbacks."""
    evil = {name: "evil.example", "x_forwarded_proto": "http"}
    assert (
        base(development=False, site="myapp.azurewebsites.net", **evil) == "https://myapp.azurewebsites.net"
    )
    assert base("https://gw.example", development=False, site="x.example", **evil) == "https://gw.example"
    assert base(development=False, **evil) == "http://localhost"


@pytest.mark.parametrize(
    ("site", "url"),
    [
        ("my-app.azurewebsites.net", "https://my-app.azurewebsites.net"),
        ("localhost:7071", "http://localhost:7071"),
    ],
)
def test_the_platforms_own_name_has_the_scheme_that_it_is_served_by(site, url):
    """The platform serves by TLS; a host on this machine doesn't."""
    assert base(development=False, site=site, **FORWARDED) == url
