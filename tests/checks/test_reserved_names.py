"""No step can take the name of a function that the app has anyway."""

import sys

from raincheck.functions import function_app
from raincheck.functions.build import NAMES


def test_the_apps_own_functions_are_known(monkeypatch, tmp_path):
    """Otherwise the app fails to index, without the file and line of the step that took the name."""
    monkeypatch.setenv("AzureWebJobsStorage", "UseDevelopmentStorage=true")
    monkeypatch.setenv("RAINCHECK_SIGNING_KEYS", "k" * 40)
    monkeypatch.setenv("RAINCHECK_DEVELOPMENT", "true")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "host.json").write_text("{}")
    (tmp_path / "app_without_flows.py").write_text("")
    app = function_app(str(tmp_path / "function_app.py"), "app_without_flows")
    del sys.modules["app_without_flows"]
    names = {str(function.get_function_name()).lower() for function in app.get_functions()}

    assert names == NAMES
