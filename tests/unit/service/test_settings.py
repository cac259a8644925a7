"""Settings: every one is read, and a wrong one stops the start with all that is needed to right it."""

import pytest
from pydantic import ValidationError

from raincheck.errors import ConfigurationError
from raincheck.service.settings import Settings

KEY = "0123456789abcdef" * 2
SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="
CLOUD = {"RAINCHECK_SIGNING_KEYS": KEY, "AzureWebJobsStorage": "UseDevelopmentStorage=true"}


def read(**env):
    return Settings.from_environment({**CLOUD, **env})


def test_the_defaults_are_those_of_the_contract():
    """Tests from outside rely on them."""
    settings = read()
    assert (settings.token_hours, settings.wait_limit, settings.stream_limit) == (72, 100, 230)
    assert (settings.cancel_grace, settings.start_takeover, settings.delivery_scale) == (30, 30, 1)
    assert (settings.retention_days, settings.async_responses, settings.public_url) == (30, True, None)
    assert not settings.development


def test_every_setting_is_read():
    """In the form that the contract gives."""
    digest = "AB" * 32
    settings = read(
        RAINCHECK_SIGNING_KEYS=f"{KEY}new, {KEY}old",
        RAINCHECK_TOKEN_HOURS="0.5",
        RAINCHECK_WEBHOOK_SECRETS=f"default={SECRET}|{SECRET}, partner={SECRET}",
        RAINCHECK_CALLBACK_HOSTS="Hooks.example.com,*.contoso.com, 127.0.0.1:9000,[::1]",
        RAINCHECK_PUBLIC_URL="https://agents.example.com/base/",
        RAINCHECK_WAIT_LIMIT="20",
        RAINCHECK_STREAM_LIMIT="60",
        RAINCHECK_CANCEL_GRACE="5",
        RAINCHECK_START_TAKEOVER="45",
        RAINCHECK_DELIVERY_SCALE="0.001",
        RAINCHECK_RETENTION_DAYS="7",
        RAINCHECK_CORS_ORIGINS="https://chat.example.com,http://localhost:3000",
        RAINCHECK_API_KEYS=f"bot={digest}",
        RAINCHECK_ASYNC_RESPONSES="Off",
    )
    assert settings.signing_keys == (f"{KEY}new", f"{KEY}old")
    assert settings.webhook_secrets == {"default": (SECRET, SECRET), "partner": (SECRET,)}
    assert settings.callback_hosts == ("hooks.example.com", "*.contoso.com", "127.0.0.1:9000", "[::1]")
    assert settings.public_url == "https://agents.example.com/base"
    assert (settings.token_hours, settings.wait_limit, settings.stream_limit) == (0.5, 20, 60)
    assert (settings.cancel_grace, settings.start_takeover) == (5, 45)
    assert (settings.delivery_scale, settings.retention_days) == (0.001, 7)
    assert settings.cors_origins == ("https://chat.example.com", "http://localhost:3000")
    assert settings.api_keys == {"bot": digest.lower()}
    assert settings.async_responses is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RAINCHECK_SIGNING_KEYS", "geheim-short"),
        ("RAINCHECK_SIGNING_KEYS", f"{KEY},geheim-short"),
        ("RAINCHECK_TOKEN_HOURS", "geheim"),
        ("RAINCHECK_TOKEN_HOURS", "0"),
        ("RAINCHECK_TOKEN_HOURS", "nan"),
        ("RAINCHECK_WEBHOOK_SECRETS", "geheim"),
        ("RAINCHECK_WEBHOOK_SECRETS", "default=geheim"),
        ("RAINCHECK_WEBHOOK_SECRETS", "whsec_geheim=="),
        ("RAINCHECK_WEBHOOK_SECRETS", f"default={SECRET}|whsec_Z2VoZWlt"),
        ("RAINCHECK_WEBHOOK_SECRETS", f"partner={SECRET}"),
        ("RAINCHECK_WEBHOOK_SECRETS", f"default={SECRET},default={SECRET}"),
        ("RAINCHECK_CALLBACK_HOSTS", "https://geheim.example.com"),
        ("RAINCHECK_PUBLIC_URL", "geheim"),
        ("RAINCHECK_PUBLIC_URL", "http://geheim.example.com"),
        ("RAINCHECK_PUBLIC_URL", "https://user:geheim@example.com"),
        ("RAINCHECK_PUBLIC_URL", "https://example.com/?geheim"),
        ("RAINCHECK_PUBLIC_URL", "https://example.com:99999"),
        ("RAINCHECK_PUBLIC_URL", "https://exa mple.com"),
        ("RAINCHECK_WAIT_LIMIT", "231"),
        ("RAINCHECK_WAIT_LIMIT", "-1"),
        ("RAINCHECK_STREAM_LIMIT", "inf"),
        ("RAINCHECK_CANCEL_GRACE", "ten"),
        ("RAINCHECK_START_TAKEOVER", "29"),
        ("RAINCHECK_DELIVERY_SCALE", "0"),
        ("RAINCHECK_RETENTION_DAYS", "0"),
        ("RAINCHECK_CORS_ORIGINS", "https://chat.example.com/geheim"),
        ("RAINCHECK_API_KEYS", "bot=geheim"),
        ("RAINCHECK_API_KEYS", "geheim"),
        ("RAINCHECK_ASYNC_RESPONSES", "geheim"),
    ],
)
def test_a_wrong_value_stops_the_start_without_being_repeated(name, value):
    """The text has name, shape and example; the value may be a secret in the wrong place."""
    with pytest.raises(ConfigurationError) as caught:
        read(**{name: value})
    text = str(caught.value)
    assert "RAINCHECK_" in text
    assert "Expected: " in text
    assert "Example: " in text
    assert "geheim" not in text
    assert SECRET not in text


def test_a_wrong_value_is_told_by_its_own_name():
    """Not by its neighbour's."""
    with pytest.raises(
        ConfigurationError, match=r"RAINCHECK_WAIT_LIMIT is not a number\. Expected: a number of seconds"
    ):
        read(RAINCHECK_WAIT_LIMIT="soon")


def test_all_that_is_wrong_is_told_at_once():
    """One start, one list; not a start for each mistake."""
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment({"RAINCHECK_WAIT_LIMIT": "x", "RAINCHECK_CORS_ORIGINS": "y"})
    for name in (
        "RAINCHECK_SIGNING_KEYS",
        "AzureWebJobsStorage",
        "RAINCHECK_WAIT_LIMIT",
        "RAINCHECK_CORS_ORIGINS",
    ):
        assert name in str(caught.value)


@pytest.mark.parametrize("keys", [None, "", " , "])
def test_the_cloud_needs_signing_keys(keys):
    """Tokens that change their key with each process are no tokens."""
    env = (
        {"AzureWebJobsStorage": "x"}
        if keys is None
        else {"AzureWebJobsStorage": "x", "RAINCHECK_SIGNING_KEYS": keys}
    )
    with pytest.raises(ConfigurationError, match="RAINCHECK_SIGNING_KEYS is missing"):
        Settings.from_environment(env)


LAPTOP = {"AZURE_FUNCTIONS_ENVIRONMENT": "Development", "AzureWebJobsStorage": "UseDevelopmentStorage=true"}


@pytest.mark.parametrize("keys", ["", " , "])
def test_development_starts_without_signing_keys(keys, caplog):
    """A fresh clone must start; its tokens are good for the process, which is said."""
    settings = Settings.from_environment({**LAPTOP, "RAINCHECK_SIGNING_KEYS": keys})
    assert len(settings.signing_keys[0]) >= 32
    assert settings.development
    assert "RAINCHECK_SIGNING_KEYS is missing" in caplog.text


def test_a_laptop_needs_storage_too():
    """No host runs without, and the adapters would refuse it next."""
    with pytest.raises(ConfigurationError, match=r"AzureWebJobsStorage is missing\. Expected: .* Example: "):
        Settings.from_environment({"AZURE_FUNCTIONS_ENVIRONMENT": "Development"})


def test_development_may_use_plain_http():
    """On a laptop there is no certificate."""
    env = {**LAPTOP, "RAINCHECK_PUBLIC_URL": "http://127.0.0.1:7071"}
    assert Settings.from_environment(env).public_url == "http://127.0.0.1:7071"


def test_an_identity_may_open_the_storage():
    """Then there is no connection string."""
    env = {"RAINCHECK_SIGNING_KEYS": KEY, "AzureWebJobsStorage__accountName": "acct"}
    assert Settings.from_environment(env)


ENDPOINTS = {
    f"AzureWebJobsStorage__{kind}ServiceUri": f"https://acct.{kind}.core.windows.net"
    for kind in ("blob", "queue", "table")
}


def test_an_identity_may_open_the_storage_by_its_endpoints():
    """As the Functions host takes them, without the account's name; other clouds have other suffixes."""
    assert Settings.from_environment({"RAINCHECK_SIGNING_KEYS": KEY, **ENDPOINTS})


@pytest.mark.parametrize("absent", ENDPOINTS)
def test_two_endpoints_of_three_are_not_a_storage(absent):
    """What is missing is told at the start, not by the first run that needs it."""
    some = {name: value for name, value in ENDPOINTS.items() if name != absent}
    with pytest.raises(ConfigurationError, match=absent.rpartition("__")[2]):
        Settings.from_environment({"RAINCHECK_SIGNING_KEYS": KEY, **some})


def test_secrets_are_not_in_the_repr():
    """Settings end up in logs."""
    text = repr(read(RAINCHECK_WEBHOOK_SECRETS=f"default={SECRET}", RAINCHECK_API_KEYS="bot=" + "a" * 64))
    assert not any(secret in text for secret in (KEY, SECRET, "a" * 64, "UseDevelopmentStorage"))


def test_settings_are_made_by_name_of_field():
    """Tests of what reads them need no environment; what nobody reads is refused."""
    settings = Settings(signing_keys=("short",), wait_limit=2)
    assert (settings.signing_keys, settings.wait_limit, settings.stream_limit) == (("short",), 2, 230)
    with pytest.raises(ValidationError, match="storage"):
        Settings(signing_keys=("short",), storage="UseDevelopmentStorage=true")


def test_settings_stay_as_they_were_read():
    """Every use case shares them."""
    with pytest.raises(ValidationError, match="frozen"):
        read().wait_limit = 2


def test_keys_and_secrets_may_be_short_on_a_laptop():
    """Whoever tries things out types them; they protect nothing there."""
    settings = read(
        AZURE_FUNCTIONS_ENVIRONMENT="Development",
        RAINCHECK_SIGNING_KEYS="new,old",
        RAINCHECK_WEBHOOK_SECRETS="default=whsec_c2VjcmV0",
    )
    assert settings.signing_keys == ("new", "old")
    assert settings.webhook_secrets == {"default": ("whsec_c2VjcmV0",)}
