"""host.json as the host reads it: an app must load with every file that the host takes."""

from datetime import timedelta

import pytest

from raincheck.errors import ConfigurationError
from raincheck.functions.host_json import function_timeout, route_prefix

PLAIN = '{"version": "2.0", "functionTimeout": "00:40:00", "extensions": {"http": {"routePrefix": "v1//x"}}}'


def read(folder, text):
    """Return the prefix and the time limit of a host.json."""
    (folder / "host.json").write_text(text, encoding="utf-8")
    return route_prefix(folder / "host.json"), function_timeout(folder / "host.json")


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "\ufeff" + PLAIN,
        "// ours\n" + PLAIN,
        '/* ours, "quoted" */' + PLAIN + "// the end",
        PLAIN.replace("}}}", ", /* none */ },},}"),
    ],
)
def test_what_the_host_takes_is_taken(tmp_path, text):
    """A byte order mark, comments and trailing commas; what looks like a comment in a string is text."""
    assert read(tmp_path, text) == ("/v1//x", timedelta(minutes=40))


@pytest.mark.parametrize(
    "text",
    ['{"extensions": null, "functionTimeout": null}', '{"extensions": {"http": {"routePrefix": null}}}'],
)
def test_null_is_as_if_it_were_not_there(tmp_path, text):
    """The host takes its defaults then."""
    assert read(tmp_path, text) == ("/api", timedelta(minutes=30))


def test_a_time_limit_may_have_a_fraction(tmp_path):
    """As a TimeSpan has."""
    assert read(tmp_path, '{"functionTimeout": "00:05:00.500"}')[1] == timedelta(minutes=5, seconds=0.5)


@pytest.mark.parametrize("text", ["{", "[]", '{"functionTimeout": "soon"}'])
def test_what_nobody_can_read_is_said(tmp_path, text):
    """With the file's name in the text."""
    with pytest.raises(ConfigurationError, match=r"host\.json"):
        read(tmp_path, text)
