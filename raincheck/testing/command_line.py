"""`raincheck record`: records histories of an app's flows, which its tests hold the flows against."""

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from raincheck.errors import DefinitionError
from raincheck.flow import Flow
from raincheck.registry import Registry, discover
from raincheck.testing.archive import Archive
from raincheck.testing.examples import example_of
from raincheck.testing.given_answers import NO_ANSWER, Unanswered
from raincheck.testing.recording import Recording

__all__ = ["main"]

FOLDER = Path("tests", "app", "recorded")
_MISSING: Final = object()
_EPILOG = """\
Without FLOW: records anew each flow that has a history, with the input and the answers in it, and removes the
histories of flows that are gone. Steps are really called, but not where a history holds what they gave for
the same input. With --input, all are called.

exit codes: 0 done · 1 something could not be recorded · 2 wrong usage
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says, for the app in this folder; return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.flow is None and not (options.input is _MISSING and options.answers is None):
        parser.error("--input and --answers need a FLOW")
    sys.path.insert(0, str(Path.cwd()))
    try:
        registry = discover()
        archive = Archive(options.folder, registry)
        if options.flow is None:
            return _record_all(archive)
        return _record_one(archive, registry, options)
    except DefinitionError as error:
        return _refuse(f"{error} (run this in the folder of your app)")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("azure"):
            raise
        return _refuse("flows are recorded with the Durable SDK: pip install 'raincheck[functions]'")
    finally:
        sys.path.remove(str(Path.cwd()))


def _record_all(archive: Archive) -> int:
    worst = 0
    for file, recording in list(archive.files.items()):
        flow = archive.flow_of(recording)
        if flow is None:
            archive.remove(file)
            _say(f"{recording}: is gone, and its history is removed: {file}")
        else:
            worst |= _record(archive, flow, recording.input, recording.answers, recording)
    for flow in archive.unrecorded():
        older = archive.of(flow.name)
        if older is not None:
            worst |= _record(archive, flow, older.input, older.answers, older)
        else:
            _say(f"{flow.name}: has no recorded history; make one: {_command(flow, _example(flow))}")
    return worst


def _record_one(archive: Archive, registry: Registry, options: argparse.Namespace) -> int:
    flow, older = registry.flows.get(options.flow), archive.of(options.flow)
    if flow is None:
        return _refuse(f"there is no flow '{options.flow}'; there are: {', '.join(registry.flows) or 'none'}")
    answers = [NO_ANSWER if answer is None else answer for answer in options.answers or ()]
    if options.input is not _MISSING:
        return _record(archive, flow, options.input, answers, None)
    if older is None:
        return _refuse(f"{flow.name} needs an input: {_command(flow, _example(flow))}")
    return _record(archive, flow, older.input, answers if options.answers else older.answers, older)


def _record(
    archive: Archive, flow: Flow[Any, Any], value: Any, answers: list[Any], earlier: Recording | None
) -> int:
    try:
        changed = archive.add(flow, value, answers, earlier)
    except Unanswered as error:
        example = [None if answer is NO_ANSWER else answer for answer in answers]
        example.append(example_of(error.model.model_json_schema()))
        return _refuse(f"{flow.name} asks {error.prompt}; answer it: {_command(flow, value, example)}")
    except ValidationError as error:
        return _refuse(
            f"the input doesn't fit {flow.name}; another: {_command(flow, _example(flow))}\n{error}"
        )
    except AssertionError as error:
        return _refuse(f"{flow.name} is not recorded: {error}")
    _say(f"{flow.name}: {'recorded' if changed else 'as recorded'}")
    return 0


def _command(flow: Flow[Any, Any], value: Any, answers: list[Any] | None = None) -> str:
    """Return the command that records a flow, as it can be pasted."""
    python = Path(sys.executable)
    if python.is_relative_to(Path.cwd()):
        python = python.relative_to(Path.cwd())
    words = [str(python), "-m", "raincheck", "record", flow.name, "--input", _text(value)]
    return shlex.join([*words, "--answers", _text(answers)] if answers else words)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _example(flow: Flow[Any, Any]) -> Any:
    return example_of(flow.input.json_schema())


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _refuse(text: str) -> int:
    sys.stderr.write(f"raincheck record: {text}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="raincheck record",
        description="Record what flows do, so that tests notice where runs under way would no longer fit.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("flow", nargs="?", metavar="FLOW", help="record this one (default: all)")
    parser.add_argument(
        "--input", type=_json, default=_MISSING, metavar="JSON", help="its input: JSON, or @FILE"
    )
    parser.add_argument(
        "--answers", type=_answers, metavar="JSON", help="to what it asks, in order: null lets the time pass"
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help=f"of the histories (default: {FOLDER})")
    return parser


def _json(text: str) -> Any:
    try:
        return json.loads(Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{error.filename}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"that is not JSON: {error}") from error


def _answers(text: str) -> Any:
    answers = _json(text)
    if not isinstance(answers, list):
        raise argparse.ArgumentTypeError("the answers are a list: [...]")
    return answers
