"""Which storage account: what the Functions host reads, and nothing secret in what is shown."""

import pytest

from raincheck.adapters.storage import Storage
from raincheck.adapters.storage.account import Account
from raincheck.errors import ConfigurationError

KEY = "c2VjcmV0"
STRING = f"DefaultEndpointsProtocol=https;AccountName=mine;AccountKey={KEY};EndpointSuffix=core.windows.net"


@pytest.mark.parametrize(
    "text",
    [
        STRING,
        f"{STRING};",
        "UseDevelopmentStorage=true",
        "BlobEndpoint=https://a;QueueEndpoint=https://b;TableEndpoint=https://c;SharedAccessSignature=sv=1&sig=x",
    ],
)
def test_connection_strings_of_every_kind_are_taken(text):
    """As the host takes them."""
    assert Account.from_settings({"AzureWebJobsStorage": text}).connection_string == text


def test_an_identity_needs_the_accounts_name_only():
    """No key is in the settings then."""
    account = Account.from_settings({"AzureWebJobsStorage__accountName": "mine"})
    assert account.endpoints == {
        kind: f"https://mine.{kind}.core.windows.net" for kind in ("blob", "queue", "table")
    }


def test_an_identity_may_have_endpoints_and_a_client_id():
    """Other clouds have other suffixes, and an app may have several identities."""
    settings = {
        f"AzureWebJobsStorage__{kind}ServiceUri": f"https://{kind}" for kind in ("blob", "queue", "table")
    }
    account = Account.from_settings({**settings, "AzureWebJobsStorage__clientId": "id"})
    assert (account.endpoints["table"], account.client_id) == ("https://table", "id")


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"AzureWebJobsStorage": " "},
        {"AzureWebJobsStorage": f"AccountKey={KEY}"},
        {"AzureWebJobsStorage": KEY},
        {"AzureWebJobsStorage__blobServiceUri": "https://a"},
    ],
)
def test_what_can_not_be_read_is_told_with_name_and_example_but_without_the_key(settings):
    """The text ends in the host's log."""
    with pytest.raises(ConfigurationError, match="AzureWebJobsStorage") as refused:
        Storage.from_settings(settings)
    assert "UseDevelopmentStorage=true" in str(refused.value)
    assert KEY not in str(refused.value)


def test_an_account_does_not_show_its_key():
    """It may be part of a log line or of a failed assertion."""
    assert KEY not in repr(Account.from_connection_string(STRING))


def test_making_a_storage_imports_no_client():
    """Cold starts pay only for what an invocation needs."""
    import subprocess  # noqa: PLC0415 - a fresh interpreter is what is tested
    import sys  # noqa: PLC0415 - as above

    program = """
import importlib, pkgutil, sys
from raincheck import adapters
for module in pkgutil.walk_packages(adapters.__path__, "raincheck.adapters."):
    if module.name != "raincheck.adapters.webhooks.pinned_network":  # imported by the first callback
        importlib.import_module(module.name)
from raincheck.adapters.storage import Storage
Storage.from_connection_string("UseDevelopmentStorage=true")
heavy = ("azure.core", "azure.storage.blob", "azure.storage.queue", "azure.data.tables", "azure.identity")
print([name for name in (*heavy, "httpcore", "aiohttp", "idna") if name in sys.modules])
"""
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
