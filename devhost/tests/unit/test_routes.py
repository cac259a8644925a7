import pytest

from raincheck_devhost.functions import Function
from raincheck_devhost.routes import Route, RouteError, Routes, decode_path

_MATCHES = [
    ("a/{x}", "/a/b", {"x": "b"}),
    ("a/{x}", "/A/b/", {"x": "b"}),
    ("a/{x}", "/a", None),
    ("a/{x?}", "/a", {}),
    ("a/{x=z}", "/a", {"x": "z"}),
    ("a/{*rest}", "/a/b//c/", {"rest": "b//c/"}),
    ("a/{*rest}", "/a/", {}),
    ("a/{**rest}", "/a/b/c", {"rest": "b/c"}),
    ("{*all}", "/", {}),
    ("file-{name}.json", "/file-x.json", {"name": "x"}),
    ("n/{n:int}", "/n/-5", {"n": "-5"}),
    ("n/{n:int}", "/n/2147483648", None),
    ("n/{n:long:min(3)}", "/n/2", None),
    ("n/{n:range(1,3)}", "/n/3", {"n": "3"}),
    ("g/{g:guid}", "/g/7e003bde-8995-4cea-8004-f11a837bb594", {"g": "7e003bde-8995-4cea-8004-f11a837bb594"}),
    ("g/{g:guid}", "/g/no", None),
    ("b/{b:bool}", "/b/True", {"b": "True"}),
    ("l/{l:length(2,3)}", "/l/abcd", None),
    ("r/{r:regex(^a+(b|c)$)}", "/r/aac", {"r": "aac"}),
    ("d/{d:datetime}", "/d/2026-11-21", {"d": "2026-11-21"}),
]


@pytest.mark.parametrize(("template", "path", "wanted"), _MATCHES)
def test_a_template_matches_as_aspnet_reads_it(
    template: str, path: str, wanted: dict[str, str] | None
) -> None:
    """Parameters, constraints, optional parts and catch-alls decide which function answers."""
    assert Route(template).match(path) == wanted


@pytest.mark.parametrize("template", ["a/{x:nosuch}", "a/{x"])
def test_a_template_that_cannot_be_read_is_refused(template: str) -> None:
    """A mistake in a route shows at the start, not as a 404."""
    with pytest.raises(RouteError):
        Route(template)


def test_an_encoded_slash_stays_encoded() -> None:
    """%2F is part of a parameter, never a separator."""
    assert decode_path(b"/a%20b/c%2Fd/%C3%BC") == "/a b/c%2Fd/ü"


def test_the_first_name_in_the_alphabet_wins() -> None:
    """Not the most specific route: so it is on Azure."""

    def function(name: str, route: str) -> Function:
        return Function(name, "httpTrigger", "req", {"route": route}, (), {}, ())

    routes = Routes("api", [function("a_param", "over/{x}"), function("z_fixed", "over/fixed")])
    found = routes.find("GET", "/api/over/fixed")
    assert found is not None
    assert found[0].name == "a_param"
