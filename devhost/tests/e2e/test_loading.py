import json
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.host import Host, eventually

_START = "import azure.functions as func\napp = func.FunctionApp(http_auth_level='ANONYMOUS')\n"
_GOOD = _START + "@app.route(route='x')\ndef x(req: func.HttpRequest) -> str:\n    return 'good'\n"
_BROKEN = {
    "syntax": (_START + "def x(:\n", "function_app.py:3: SyntaxError"),
    "import": (
        _START + "import not_there\n",
        "function_app.py:3: ModuleNotFoundError: No module named 'not_there'",
    ),
    "raises": (_START + "def f():\n    1 / 0\nf()\n", "function_app.py:4: ZeroDivisionError"),
    "parameter": (
        _START + "@app.route(route='x')\ndef x(req: func.HttpRequest, more) -> str: ...\n",
        "the following parameters are declared in Python but not in function.json: {'more'}",
    ),
    "twice": (
        _GOOD + "@app.function_name('x')\n@app.route(route='y')\ndef y(req: func.HttpRequest) -> str: ...\n",
        "Function x does not have a unique function name",
    ),
    "no app": ("import azure.functions\n", "Could not find top level function app instances"),
    "exits": (_START + "raise SystemExit(3)\n", "SystemExit: 3"),
    "binding": (
        _START
        + "@app.blob_trigger(arg_name='b', path='c', connection='')\ndef x(b: func.InputStream): ...\n",
        "function x: binding 'b' of type blobTrigger doesn't run on devhost; start the work from a queue",
    ),
    "setting": (
        _START + "@app.queue_trigger(arg_name='m', queue_name='%NO%', connection='')\n"
        "def x(m: func.QueueMessage): ...\n",
        "'%NO%' needs the setting NO, which isn't set",
    ),
    "schedule": (
        _START
        + "@app.timer_trigger(schedule='61 * * * * *', arg_name='t')\ndef x(t: func.TimerRequest): ...\n",
        "'61' is out of range for second (0-59)",
    ),
    "route": (
        _START + "@app.route(route='x/{a:nosuch}')\ndef x(req: func.HttpRequest) -> str: ...\n",
        "the route constraint 'nosuch' is not known",
    ),
}


@pytest.mark.parametrize("name", _BROKEN)
def test_a_broken_app_is_named_with_its_cause(
    name: str, devhost: Callable[..., Host], app_of: Callable[..., Path]
) -> None:
    """Where the genuine host stays up without functions and a word, devhost says file, line and cause."""
    code, cause = _BROKEN[name]
    host = devhost(app_of(code), "--no-watch").launch()
    assert host.exit_code() == 1
    assert cause in host.output


def test_an_interpreter_of_its_own_gets_this_package_only(
    devhost: Callable[..., Host], app_of: Callable[..., Path], tmp_path: Path
) -> None:
    """What else lies in the host's environment must not hide, or stand in for, what the app's own lacks."""
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    host = devhost(app_of(_GOOD), "--no-watch", "--python", str(bare)).launch()
    assert host.exit_code() == 1
    assert "No module named 'azure'" in host.output


def test_a_broken_app_waits_for_the_edit(devhost: Callable[..., Host], app_of: Callable[..., Path]) -> None:
    """Requests are told the cause meanwhile, and the fixed app is served without a restart by hand."""
    root = app_of("def x(:\n")
    port = _free_port()
    host = devhost(root).launch(port)
    host.says("waiting for an edit")
    host.url = f"http://127.0.0.1:{port}"
    answer = host.get("/api/x")
    assert (answer.status_code, "SyntaxError" in answer.text) == (503, True)
    (root / "function_app.py").write_text(_GOOD)
    host.ready()
    assert host.get("/api/x").text == "good"


def test_a_broken_app_can_be_served_as_azure_does(
    devhost: Callable[..., Host], app_of: Callable[..., Path]
) -> None:
    """Up, no function, 404 everywhere and no word of the cause: to see what an app does about that."""
    root = app_of("import not_there\n")
    host = devhost(root, "--broken-app", "empty").start()
    assert host.get("/api/x").status_code == 404
    assert host.get("/admin/functions").json() == []
    assert "not_there" not in host.output
    (root / "function_app.py").write_text(_GOOD)
    host.ready(2)
    assert host.get("/api/x").text == "good"


@pytest.mark.parametrize(("option", "told"), [("show", "raise"), ("empty", "None")])
def test_an_app_knows_whether_its_cause_is_shown(
    option: str, told: str, devhost: Callable[..., Host], app_of: Callable[..., Path]
) -> None:
    """One with an answer of its own gives it where nobody would see the cause."""
    code = _GOOD.replace("'good'", "str(os.environ.get('DEVHOST_BROKEN_APP'))")
    host = devhost(app_of(f"import os\n{code}"), "--broken-app", option).start()
    assert host.get("/api/x").text == told


def test_a_place_in_the_message_is_not_said_twice(
    devhost: Callable[..., Host], app_of: Callable[..., Path]
) -> None:
    """An error that names its own line, which is not where it was raised, is shown with that line, once."""
    root = app_of(
        _START
        + "class Wrong(Exception): place = ('/app/flow.py', 7)\n"
        + "raise Wrong('/app/flow.py:7: no good')\n"
    )
    host = devhost(root, "--no-watch").launch()
    assert host.exit_code() == 1
    assert "\n/app/flow.py:7: Wrong: no good\n" in host.output


def test_an_edit_is_served(devhost: Callable[..., Host], app_of: Callable[..., Path]) -> None:
    """New code answers after an edit, in new processes; the old ones end."""
    root = app_of(_GOOD)
    host = devhost(root).start()
    (root / "function_app.py").write_text(_GOOD.replace("good", "better"))
    host.ready(2)
    assert host.get("/api/x").text == "better"
    eventually(lambda: len(host.workers()) == 3)


def test_an_edit_of_a_module_in_a_new_folder_is_served(
    devhost: Callable[..., Host], app_of: Callable[..., Path]
) -> None:
    """Folders made while devhost runs are watched too."""
    root = app_of(_GOOD)
    host = devhost(root).start()
    (root / "parts").mkdir()
    (root / "parts" / "word.py").write_text("WORD = 'first'\n")
    host.ready(2)
    code = _GOOD.replace("'good'", "WORD").replace(
        "import azure", "from parts.word import WORD\nimport azure", 1
    )
    (root / "function_app.py").write_text(code)
    host.ready(3)
    (root / "parts" / "word.py").write_text("WORD = 'second'\n")
    host.ready(4)
    assert host.get("/api/x").text == "second"


def test_local_settings_reach_the_app_and_the_environment_wins(
    devhost: Callable[..., Host], app_of: Callable[..., Path]
) -> None:
    """local.settings.json fills what the environment lacks, as with Core Tools."""
    root = app_of(
        _GOOD.replace("'good'", "os.environ['ONE'] + os.environ['TWO']").replace("import", "import os,", 1)
    )
    code = (
        (root / "function_app.py")
        .read_text()
        .replace("import os, azure.functions", "import os\nimport azure.functions")
    )
    (root / "function_app.py").write_text(code)
    (root / "local.settings.json").write_text(json.dumps({"Values": {"ONE": "file", "TWO": "file"}}))
    host = devhost(root, "--no-watch", TWO="environment").start()
    assert host.get("/api/x").text == "fileenvironment"


def test_an_edit_of_host_json_is_served(devhost: Callable[..., Host], app_of: Callable[..., Path]) -> None:
    """Settings are read anew: devhost starts itself again, on the same port, as the same process."""
    root = app_of(_GOOD)
    host = devhost(root).start(_free_port())
    prefix = {"version": "2.0", "extensions": {"http": {"routePrefix": "v2"}}}
    (root / "host.json").write_text(json.dumps(prefix))
    host.ready(2)
    assert host.get("/v2/x").text == "good"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{", "host.json is not JSON"),
        ('{"version": "1.0"}', '"version" has to be "2.0"'),
        ('{"version": "2.0", "functionTimeout": "5m"}', "'5m' is not a time span"),
        (
            '{"version": "2.0", "extensions": {"durableTask": {"maxConcurrentActivityFunctions": "x"}}}',
            "host.json: invalid literal",
        ),
    ],
)
def test_a_wrong_host_json_is_exit_code_2(
    text: str, cause: str, devhost: Callable[..., Host], app_of: Callable[..., Path]
) -> None:
    """Settings that can't be read end devhost with the reason, before anything is started."""
    host = devhost(app_of(_GOOD, text)).launch()
    assert host.exit_code() == 2
    assert cause in host.output


def test_a_port_in_use_is_exit_code_2(devhost: Callable[..., Host], app_of: Callable[..., Path]) -> None:
    """The message names the port and the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        host = devhost(app_of(_GOOD)).launch(port)
        assert host.exit_code() == 2
    assert f"port {port} on 127.0.0.1 can't be used" in host.output


def test_a_state_directory_serves_one_devhost(
    devhost: Callable[..., Host], app_of: Callable[..., Path]
) -> None:
    """A second one would give out the first one's work again."""
    root = app_of(_GOOD)
    first = devhost(root, "--no-watch").start()
    second = devhost(root, "--no-watch").launch()
    assert second.exit_code() == 2
    assert first.process is not None
    assert f"in use by another devhost (process {first.process.pid})" in second.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_devhost_well(
    number: signal.Signals, devhost: Callable[..., Host], app_of: Callable[..., Path]
) -> None:
    """Ctrl-C is a good end: code 0, no traceback."""
    host = devhost(app_of(_GOOD)).start()
    assert host.process is not None
    host.process.send_signal(number)
    assert host.exit_code() == 0
    assert "Traceback" not in host.output


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
