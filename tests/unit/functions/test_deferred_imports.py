"""What an import of the app leaves out, and that it is there when it is needed."""

import json
import os
import subprocess
import sys

import pytest

from tests.unit.rules.repository import ROOT

LEFT_OUT = {
    "aiohttp",
    "uvicorn",
    "httpx",
    "httpcore",
    "azure.core",
    "azure.storage.blob",
    "raincheck.web.apps",
    "raincheck.functions.wiring",
    "raincheck.service.use_cases",
}
PROGRAM = """
import json, sys
import function_app
before = [name for name in {names} if name in sys.modules]
{then}
print(json.dumps([before, [name for name in {names} if name in sys.modules]]))
"""


def imported(then: str) -> tuple[list[str], list[str]]:
    """What of LEFT_OUT is imported with the app, and after `then`."""
    env = {
        **os.environ,
        "AZURE_FUNCTIONS_ENVIRONMENT": "Development",
        "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    }
    code = PROGRAM.format(names=sorted(LEFT_OUT), then=then)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return tuple(json.loads(done.stdout))


def test_a_start_imports_nothing_that_it_does_not_need():
    """With init indexing the import must be over within the host's 10 s."""
    assert imported("")[0] == []


@pytest.mark.parametrize(
    ("then", "names"),
    [
        ("import azure.durable_functions.models.utils.http_utils as h; h.aiohttp.ClientSession", ["aiohttp"]),
        ("import aiohttp.client; assert aiohttp.client.ClientSession is aiohttp.ClientSession", ["aiohttp"]),
        ("import azurefunctions.extensions.http.fastapi.web as w; w.uvicorn.Config", ["uvicorn"]),
    ],
)
def test_what_was_left_out_is_imported_when_it_is_used(then, names):
    """By the SDK itself, and by whoever else imports it: the real module."""
    assert imported(then)[1] == names
