"""No step can take the name of a function that the app has anyway."""

import importlib
import sys

from raincheck.registry import RESERVED, discover


def test_the_apps_own_functions_are_reserved(monkeypatch):
    """Otherwise the app fails to index, without the file and line of the step that took the name."""
    monkeypatch.setenv("AzureWebJobsStorage", "UseDevelopmentStorage=true")
    monkeypatch.setenv("RAINCHECK_SIGNING_KEYS", "k" * 40)
    monkeypatch.setenv("RAINCHECK_DEVELOPMENT", "true")
    sys.modules.pop("function_app", None)
    app = importlib.import_module("function_app").app
    names = {str(function.get_function_name()).lower() for function in app.get_functions()}

    assert names - {step.lower() for step in discover().steps} <= RESERVED
