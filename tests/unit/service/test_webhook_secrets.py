"""Webhook secrets as they are written in their setting: each name with its hosts."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raincheck.errors import ConfigurationError
from raincheck.service.settings import Settings
from raincheck.service.settings.values import host_pattern
from raincheck.service.settings.webhook_secrets import WebhookSecret, read_secrets

SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="
CLOUD = {"RAINCHECK_SIGNING_KEYS": "k" * 32, "AzureWebJobsStorage": "UseDevelopmentStorage=true"}


def read(**env):
    return Settings.from_environment({**CLOUD, **env})


@pytest.mark.parametrize("text", [f"default={SECRET}", f"default@a.example={SECRET},partner={SECRET}"])
def test_a_name_without_hosts_stops_the_start_where_callbacks_go_out(text):
    """Its callbacks would be refused one by one, after an upgrade even; what to write is said instead."""
    with pytest.raises(ConfigurationError) as caught:
        read(RAINCHECK_WEBHOOK_SECRETS=text, RAINCHECK_CALLBACK_HOSTS="a.example")
    assert "RAINCHECK_WEBHOOK_SECRETS has a name without hosts" in str(caught.value)
    assert "Example: default@hooks.example.com;*.contoso.com=whsec_ and" in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "env",
    [{}, {"AZURE_FUNCTIONS_ENVIRONMENT": "Development", "RAINCHECK_CALLBACK_HOSTS": "a.example"}],
    ids=["no callbacks", "a laptop"],
)
def test_a_name_without_hosts_starts_where_nothing_is_lost(env):
    """Without callback hosts nothing goes out, and on a laptop it signs for this machine."""
    settings = read(RAINCHECK_WEBHOOK_SECRETS=f"default={SECRET}", **env)
    assert settings.webhook_secrets == {"default": WebhookSecret((SECRET,))}


LABELS = st.from_regex(r"[A-Za-z0-9_.-]{1,64}", fullmatch=True)
HOSTS = st.from_regex(
    r"(\*\.)?[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z]{2,6}){1,3}(:[1-9]\d{0,3})?", fullmatch=True
)


@given(st.dictionaries(LABELS, st.lists(HOSTS, max_size=3)), st.integers(1, 3))
def test_secrets_are_read_as_they_are_written(names, keys):
    """Each name gets its own hosts, and none of its neighbour's."""
    names = {"default": [], **names}
    text = ",".join(
        f"{name}{'@' if hosts else ''}{';'.join(hosts)}={'|'.join([SECRET] * keys)}"
        for name, hosts in names.items()
    )
    assert read_secrets(text) == {
        name: WebhookSecret((SECRET,) * keys, tuple(hosts)) for name, hosts in names.items()
    }


@given(st.text(alphabet=f"{SECRET[:8]}def@ault;=|,*.:[]/\\ \x00\u212a", max_size=80))
def test_any_text_is_secrets_bound_to_hosts_or_refused(text):
    """Nothing odd gets past as a name or a host, and no other error than the settings' own comes out."""
    with suppress(ValueError):
        secrets = read_secrets(text, least=1)
        assert "default" in secrets
        assert all(host_pattern(host) == host for secret in secrets.values() for host in secret.hosts)
