"""docs/settings.md is what raincheck/service/settings/, the storage adapters and the example read."""

import json
import re
from pathlib import Path

import pytest

from raincheck.adapters.storage.account import Account
from raincheck.errors import ConfigurationError
from raincheck.service.settings import Settings

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "settings.md").read_text()
LAPTOP = {"AZURE_FUNCTIONS_ENVIRONMENT": "Development", "AzureWebJobsStorage": "UseDevelopmentStorage=true"}
EXAMPLE = set(re.findall(r"RAINCHECK_MODEL_\w+", (ROOT / "activities" / "stories.py").read_text()))


class Asked(dict):
    """An environment that remembers what was read."""

    def __init__(self, given):
        super().__init__(given)
        self.names = set()

    def get(self, name, default=None):
        self.names.add(name)
        return super().get(name, default)


def problems(env):
    """The lines of what is wrong: name → what was expected, with the example."""
    with pytest.raises(ConfigurationError) as raised:
        Settings.from_environment(env)
    lines = str(raised.value).splitlines()[1:]
    return {
        line.split(" ", 1)[0]: re.search(r"Expected: (.*)\. Example: (.*)$", line).groups() for line in lines
    }


def test_every_setting_is_on_the_page_and_nothing_else():
    """A setting that nobody documents is one that nobody finds."""
    env = Asked({"RAINCHECK_SIGNING_KEYS": "k" * 32, "AzureWebJobsStorage__accountName": "mystorage"})
    Settings.from_environment(env)
    Account.from_settings(env)
    on_page = set(re.findall(r"^\*\*`(\w+)`\*\*", PAGE, re.MULTILINE))
    assert on_page == env.names | EXAMPLE | {"PYTHON_ENABLE_INIT_INDEXING"}


def test_shapes_and_examples_are_the_messages_own():
    """The page and the message at the start tell the same."""
    names = set(re.findall(r"^\*\*`(RAINCHECK_\w+)`\*\*", PAGE, re.MULTILINE))
    wrong = problems(dict.fromkeys(names - EXAMPLE, "\x00"))
    assert wrong.keys() == names - EXAMPLE | {"AzureWebJobsStorage"}
    for name, (shape, example) in wrong.items():
        section = PAGE.split(f"**`{name}`**")[1].split("**`")[0]
        assert f"Expected: {shape}. Example: `{example}`" in section, name


def test_defaults_are_the_codes_own():
    """Numbers given as defaults are those that are used."""
    settings = Settings.from_environment(LAPTOP)
    for name, default in re.findall(
        r"^\*\*`RAINCHECK_(\w+)`\*\*.* Default: ([\d.]+)[.,]", PAGE, re.MULTILINE
    ):
        assert getattr(settings, name.lower()) == float(default), name


def test_the_sample_of_local_settings_is_taken():
    """Copied as it is, local.settings.sample.json starts the app."""
    values = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]
    assert Settings.from_environment({**values, "AZURE_FUNCTIONS_ENVIRONMENT": "Development"}).development
