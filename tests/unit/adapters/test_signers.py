"""A secret signs for its own hosts only, whatever names and URLs a caller thinks of."""

from datetime import UTC, datetime
from urllib.parse import quote

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from raincheck.adapters.webhooks import HttpWebhooks
from raincheck.errors import RequestError
from raincheck.models import CallbackRequest
from raincheck.service.settings.webhook_secrets import WebhookSecret

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECRETS = {
    "default": WebhookSecret((SECRET,), ("hooks.example.com",)),
    "partner": WebhookSecret((SECRET,), ("*.contoso.com", "alerts.example.com:8443")),
    "local": WebhookSecret((SECRET,)),
    "own.port": WebhookSecret((SECRET,), ("localhost", "127.0.0.1:9000")),
}
OUTER = ["*", "*:8443"]
PIECES = [
    *(
        "hooks.example.com",
        "alerts.example.com",
        "a.contoso.com",
        "contoso.com",
        "xcontoso.com",
        "evil.example",
    ),
    *("HOOKS.example.COM", "hooks.example.com.", "hooks.example.com.evil.example", "hooks\u3002example.com"),
    *(
        "@",
        ":",
        ":443",
        ":8443",
        ":08443",
        "/",
        "\\",
        "?",
        "#",
        "%2e",
        ".",
        "*",
        "*.contoso.com",
        "//",
        "localhost",
    ),
    *("127.0.0.1", "[::1]", "user", "\u2102ontoso.com", ".contoso.com", "\x00", " ", "\n"),
]
NAMES = [
    "default ",
    "DEFAULT",
    "default@hooks.example.com",
    "default;partner",
    "",
    "*",
    "\uff44efault",
    "par tner",
]


def webhooks(*, development=False):
    return HttpWebhooks(
        hosts=OUTER, secrets=SECRETS, development=development, clock=lambda: datetime.now(UTC)
    )


CLOUD, LAPTOP = webhooks(), webhooks(development=True)


def refusal(poster, name, url):
    """What a caller is told; None where it signs."""
    callback = CallbackRequest.model_construct(url=url, secret=name, events=["run.failed"])
    try:
        poster.check(callback)
    except RequestError as refused:
        return (refused.status, refused.code, str(refused), refused.errors)
    return None


UNKNOWN = refusal(CLOUD, "nobody", "https://hooks.example.com/")


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("default", "https://HOOKS.example.com./a"),
        ("partner", "https://a.b.contoso.com/"),
        ("partner", "https://alerts.example.com:8443/"),
    ],
)
def test_a_secret_signs_for_its_hosts(name, url):
    """The binding is not a wall."""
    assert refusal(CLOUD, name, url) is None


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("default", "https://a.contoso.com/"),
        ("default", "https://evil.example/"),
        ("default", "https://hooks.example.com:8443/"),
        ("partner", "https://contoso.com/"),
        ("partner", "https://hooks.example.com/"),
        ("partner", "https://alerts.example.com/"),
        ("local", "https://hooks.example.com/"),
        ("own.port", "https://hooks.example.com/"),
    ],
)
def test_a_wrong_host_reads_like_an_unknown_name(name, url):
    """Nobody learns by asking which names there are, nor for whom they sign."""
    assert refusal(CLOUD, name, url) == UNKNOWN
    assert refusal(LAPTOP, name, url) == UNKNOWN


@pytest.mark.parametrize(
    ("name", "url", "signs"),
    [
        ("local", "http://127.0.0.1:9/", True),
        ("local", "https://[::1]/", True),
        ("default", "http://127.0.0.1:9/", False),
        ("own.port", "http://localhost:4711/", True),
        ("own.port", "http://127.0.0.1:9000/", True),
        ("own.port", "http://127.0.0.1:9001/", False),
    ],
)
def test_on_a_laptop_a_secret_without_hosts_signs_for_this_machine(name, url, signs):
    """Others sign for it where they say so; there, no port means any."""
    assert (refusal(LAPTOP, name, url) is None) is signs
    assert refusal(CLOUD, name, url) is not None


@given(st.text() | st.sampled_from(NAMES))
def test_no_odd_name_is_a_secret(name):
    """A name is one of the settings', letter by letter."""
    if name not in SECRETS:
        assert refusal(CLOUD, name, "https://hooks.example.com/") == UNKNOWN


@given(
    st.sampled_from(sorted(SECRETS)),
    st.lists(st.sampled_from(PIECES) | st.text(max_size=3), min_size=1, max_size=5).map("".join),
)
@example("partner", "evil.example/.contoso.com")
@example("default", "hooks.example.com@evil.example")
@example("partner", quote("evil.example/") + ".contoso.com")
def test_what_is_signed_goes_to_a_host_of_the_secret(name, rest):
    """Another reader of URLs sees the same host and port as the one that allowed it."""
    url = f"https://{rest}"
    if refusal(CLOUD, name, url) is None:
        read = httpx.URL(url)
        place = (read.host.removesuffix("."), read.port or 443)
        below = place[0].endswith(".contoso.com") and place[1] == 443
        its_own = {
            "default": place == ("hooks.example.com", 443),
            "partner": below or place == ("alerts.example.com", 8443),
        }
        assert its_own[name]
