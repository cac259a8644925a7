"""Names in storage: rows of runs in flight, and of a month ago, are read by them."""

import re
from pathlib import Path

from raincheck.adapters import schema
from raincheck.service.deliveries import Delivery

RUN = "20261121-0123456789abcdef0123456789abcdef"


def test_names_in_storage_do_not_change():
    """A new version of the app must find what an older one stored."""
    assert (schema.RUNS, schema.STATE, schema.KEYS) == ("RaincheckRuns", "RaincheckState", "RaincheckStarts")
    assert (schema.CONVERSATIONS, schema.DELIVERIES) == ("RaincheckConversations", "RaincheckDeliveries")
    assert schema.UNFINISHED == "RaincheckPending"
    assert (schema.EVENTS, schema.OUTCOMES) == ("raincheck-events", "raincheck-outcomes")
    assert schema.DEAD_LETTERS == "raincheck-dead-letters"


def test_keys_of_rows_and_blobs_do_not_change():
    """As above."""
    assert schema.run_keys(RUN) == ("20261121", RUN)
    delivery = Delivery(RUN, "run.input_required", "q1")
    assert schema.delivery_keys(delivery) == ("20261121", f"{RUN}:deliver:run.input_required:q1")
    assert schema.stop_row(7) == "stop-000007"
    assert (schema.OUTCOME_ROW, schema.KEY_ROW, schema.POINTER_ROW) == ("outcome", "start", "pointer")
    assert (schema.ANSWER, schema.QUESTION, schema.TURN) == ("answer-", "question-", "turn-")
    assert schema.event_blob(RUN, 1) == f"{RUN}/000001.jsonl"
    digest = "57fc1ec90d22de4cde369862cdd142f59da915ea3f1136ec5db99c41d3bbafb7"
    assert schema.conversation_partition("19:a/b#c?d") == digest


def test_every_name_is_on_the_page_and_nowhere_else():
    """Whoever looks for a row reads one page."""
    names = re.compile(r'"(Raincheck[A-Z][A-Za-z]+|raincheck-[a-z-]+)"')
    room = Path(schema.__file__).parent
    elsewhere = [
        path.name
        for path in room.rglob("*.py")
        if path.name != "schema.py" and names.search(path.read_text(encoding="utf-8"))
    ]
    assert elsewhere == []
    assert schema.__doc__ is not None
    constants = names.findall(Path(schema.__file__).read_text(encoding="utf-8"))
    assert constants
    assert all(name in schema.__doc__ for name in constants)
