"""What callbacks say: ids, bodies and their limit."""

import json
from datetime import UTC, datetime

from raincheck.adapters.webhooks.body import MAX_BODY, callback_body, webhook_id

SENT = datetime(2021, 2, 25, 8, 24, 25, tzinfo=UTC)
RUN_ID = "20261121-0123456789abcdef0123456789abcdef"


def test_a_body_has_type_timestamp_and_data():
    """The wire format, byte by byte."""
    body = callback_body("run.failed", timestamp=SENT, document={"id": RUN_ID, "error": {"code": "c"}})
    assert body == (
        b'{"type":"run.failed","timestamp":"2021-02-25T08:24:25.000Z",'
        b'"data":{"id":"20261121-0123456789abcdef0123456789abcdef","error":{"code":"c"}}}'
    )


def test_a_result_too_large_is_left_out_and_all_else_stays():
    """Receivers have limits; the status URL has the result."""
    document = {"id": RUN_ID, "result": "x" * MAX_BODY, "status_url": "https://a/b"}
    body = json.loads(callback_body("run.succeeded", timestamp=SENT, document=document))
    assert body["data"] == {"id": RUN_ID, "result": None, "status_url": "https://a/b"}


def test_a_result_at_the_limit_is_sent():
    """The limit counts the bytes of the body, not characters of the result."""
    empty = len(callback_body("run.succeeded", timestamp=SENT, document={"result": ""}))
    fits = callback_body(
        "run.succeeded", timestamp=SENT, document={"result": "é" * ((MAX_BODY - empty) // 2)}
    )
    assert json.loads(fits)["data"]["result"] is not None
    assert len(fits) <= MAX_BODY


def test_half_a_surrogate_pair_is_sent_as_its_escape():
    """A result may hold what a model cut in two; the body must still be UTF-8."""
    body = callback_body("run.succeeded", timestamp=SENT, document={"result": "\ud83d"})
    assert json.loads(body)["data"]["result"] == "\ud83d"


def test_ids_tell_events_and_questions_apart():
    """Receivers drop what has an id they have seen."""
    ids = {webhook_id(RUN_ID, "run.succeeded"), webhook_id(RUN_ID, "run.input_required", "1")}
    ids |= {webhook_id(RUN_ID, "run.input_required", "2")}
    assert ids == {
        f"msg_{RUN_ID}_run.succeeded",
        f"msg_{RUN_ID}_run.input_required_1",
        f"msg_{RUN_ID}_run.input_required_2",
    }
