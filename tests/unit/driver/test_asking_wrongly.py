"""What run.ask refuses: where the flow says it, with its line."""

from datetime import timedelta

import pytest
from pydantic import BaseModel

from raincheck import Run
from raincheck.errors import FlowBug
from tests.unit.driver.scripted import Scripted


class Note(BaseModel):
    text: str


class Local:
    def __init__(self):
        class Inner(BaseModel):
            text: str

        self.model = Inner


@pytest.mark.parametrize(
    ("arguments", "options", "text"),
    [
        (("?", Local().model), {}, "defined at the top of a module"),
        (("?", dict), {}, "'dict'"),
        (("?", "Note"), {}, "'Note'"),
        ((7, Note), {}, "the prompt as a string"),
        (("x" * 100_001, Note), {}, "at most 100000 characters"),
        (("?", Note), {"timeout": timedelta(0)}, "a positive timeout"),
        (("?", Note), {"remind_every": timedelta(seconds=-1)}, "a positive timeout and remind_every"),
    ],
    ids=["local model", "no model", "text", "prompt", "long prompt", "timeout", "remind_every"],
)
def test_it_is_a_bug_of_the_flow(arguments, options, text):
    """It ends the run with its reason, whether the flow catches it or not."""

    async def body(run: Run):
        try:
            await run.ask(*arguments, **options)
        except FlowBug:
            return "caught"

    scripted = Scripted(body)
    assert text in scripted.driver.result[1].message
    assert "test_asking_wrongly.py:" in scripted.driver.result[1].message
