"""Text that leaves is well-formed, whatever models, files and authors hand over."""

import json

import pytest
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from raincheck import Run, Work, flow
from raincheck.adapters.event_log.lines import decode, encode, line
from raincheck.driver.outcomes import outcome_of
from raincheck.events import Position
from raincheck.outcomes import ErrorDetail
from raincheck.timestamps import rfc3339
from raincheck.values.text import well_formed
from raincheck.work import QuietWork
from tests.unit.service.attempts import CALL, MemoryLog, attempt

HALF, OTHER, WHOLE, BAD = "\ud83d", "\ude00", "\U0001f600", "\ufffd"


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("", ""),
        ("abc", "abc"),
        ("caf\u00e9 " + WHOLE, "caf\u00e9 " + WHOLE),
        (HALF + OTHER, WHOLE),
        ("a" + HALF + "b", "a" + BAD + "b"),
        (OTHER + HALF, BAD + BAD),
        ("caf\udce9", "caf" + BAD),
    ],
)
def test_halves_are_joined_or_marked(text, becomes):
    """As JavaScript's toWellFormed, but that two halves side by side are the character they make."""
    assert well_formed(text) == becomes


def texts(log: MemoryLog) -> list[str]:
    return [event.fields["text"] for event in log.events if event.type == "output.text.delta"]


@pytest.mark.parametrize(
    ("deltas", "shown"),
    [
        (["before ", HALF, OTHER + " after"], ["before ", WHOLE + " after"]),
        (["a" + HALF, OTHER], ["a", WHOLE]),
        ([HALF, "", OTHER], [WHOLE]),
        ([HALF, "b"], [BAD + "b"]),
        ([HALF], [BAD]),
        ([HALF, HALF, OTHER], [BAD, WHOLE]),
    ],
)
async def test_halves_of_one_pair_in_two_deltas_are_joined(deltas, shown):
    """A model's API cuts its stream where it likes; a follower sees the emoji."""
    log = MemoryLog()

    async def speaking(value: int, work: Work) -> int:
        for delta in deltas:
            await work.text(delta)
        return value

    await attempt(speaking, log=log)

    assert texts(log) == shown


async def test_another_event_lets_the_half_go():
    """Events stay in their order."""
    log = MemoryLog()

    async def speaking(value: int, work: Work) -> int:
        await work.text(HALF)
        await work.data({"file": "caf\udce9"})
        await work.progress(50, "caf\udce9")
        return value

    assert (await attempt(speaking, log=log)).kind == "done"

    assert [event.type for event in log.events][:3] == ["output.text.delta", "output.data", "step.progress"]
    assert log.events[1].fields["data"] == {"file": "caf" + BAD}
    assert log.events[2].fields["message"] == "caf" + BAD


def test_a_line_of_the_log_is_well_formed(now):
    """Whoever writes it: a page of events is UTF-8."""
    core = encode("output.data", {"data": {"n\udce9": ["caf\udce9", HALF + OTHER]}}, now)

    assert json.loads(b"{%b}" % core)["data"] == {"n" + BAD: ["caf" + BAD, WHOLE]}


def test_a_line_of_before_is_read_so_too(now):
    """Logs that were written with escapes of halves are readable again."""
    core = b'"type":"output.text.delta","time":"%b","text":"caf\\udce9 \\ud83d"' % rfc3339(now).encode()

    assert decode(line(3, core, "w", 1), Position(4)).fields["text"] == f"caf{BAD} {BAD}"


def test_errors_and_results_are_well_formed():
    """They reach callers, rows and callbacks."""

    @flow
    async def naming(run: Run, value: None) -> dict[str, str]:
        return {"file": "caf\udce9"}

    assert ErrorDetail(code="x", message="caf\udce9").message == "caf" + BAD
    assert outcome_of(naming, {"file": "caf\udce9"}, None).result == {"file": "caf" + BAD}


@pytest.mark.parametrize(("percent", "message"), [(101, None), (-1, None), (float("nan"), None), (None, 5)])
async def test_the_progress_of_a_step_is_checked(percent, message):
    """As that of a flow, and in a test as in a run."""

    async def odd(value: int, work: Work) -> int:
        await work.progress(percent, message)
        return value

    report = await attempt(odd)

    assert (report.kind, report.error.code) == ("permanent", "step_bug")
    with pytest.raises((ValueError, TypeError)):
        await QuietWork().progress(percent, message)


async def test_a_long_message_is_cut():
    """As that of a flow."""
    log = MemoryLog()

    async def telling(value: int, work: Work) -> int:
        await work.progress(5, "x" * 5_000)
        return value

    await attempt(telling, log=log, call=CALL)

    assert log.events[0].fields == {"step": "telling", "percent": 5, "message": "x" * 1_000}


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)
    opened_by: str


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Camel(openedBy="Ada"), {"openedBy": "Ada"}),
        ([Camel(openedBy="Ada")], [{"openedBy": "Ada"}]),
        ({"a": (1, 2)}, {"a": [1, 2]}),
    ],
)
async def test_data_is_emitted_as_callers_know_it(value, shown):
    """By alias, wherever the model stands."""
    log = MemoryLog()

    async def telling(number: int, work: Work) -> int:
        await work.data(value)
        return number

    await attempt(telling, log=log)

    assert log.events[0].fields["data"] == shown


@pytest.mark.parametrize("value", [object(), [float("nan")], {"a": print}], ids=["object", "nan", "function"])
async def test_data_that_has_no_json_is_a_bug_that_names_it(value):
    """Followers would get something else, or nothing."""
    with pytest.raises(TypeError, match=r"work\.data can't emit"):
        await QuietWork().data(value)
