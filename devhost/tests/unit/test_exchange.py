import pytest

from raincheck_devhost.web.exchange import shown_target


@pytest.mark.parametrize(
    ("path", "query", "wanted"),
    [
        (b"/api/x", b"", "/api/x"),
        (b"/api/x", b"code=s3cret&q=1", "/api/x?code=…&q=…"),
        (b"/api/runs/" + b"t" * 41, b"", "/api/runs/tttttttt…"),
        (b"/a\x1b[31m", b"", "/a?[31m"),
    ],
)
def test_the_log_shows_no_secret(path: bytes, query: bytes, wanted: str) -> None:
    """Query values and long path parts are left out, control characters can't reach the terminal."""
    assert shown_target(path, query) == wanted
