"""What was played, in the shapes of the recording."""

import json
from collections import defaultdict

from azure.functions import HttpResponse

from conformance.comparable import difference, shortened_alike
from conformance.recording import Episode

_KEPT_HEADERS = {
    "content-type": "Content-Type",
    "location": "Location",
    "retry-after": "Retry-After",
    "x-ms-continuation-token": "x-ms-continuation-token",
}
_LABEL = "$OutOfProcData$:"


def http_document(method, url, response):
    """Return an HTTP exchange as the recording has it."""
    headers = {name: response.headers[key] for key, name in _KEPT_HEADERS.items() if key in response.headers}
    return {
        "request": {"method": method, "url": url},
        "status": response.status_code,
        "headers": headers,
        "body": _body(response.text),
    }


def _body(text):
    try:
        document = json.loads(text)
    except ValueError:
        return text
    return document if isinstance(document, dict | list) else text


def sdk_document(result, wire):
    """Return an SDK call's result as the recording has it."""
    return {**_result(result), "wire": wire}


def _result(result):  # noqa: PLR0911 - one per kind of result
    if isinstance(result, Exception):
        return {"ok": False, "exception": {"type": type(result).__name__, "str": str(result)}}
    if hasattr(result, "to_json"):
        try:
            document = result.to_json()
        except AttributeError as error:  # the SDK's status of an unknown instance can't be shown
            return _result(error)
        return {"ok": True, "result.to_json()": document, "type": type(result).__name__}
    if isinstance(result, list) and result and hasattr(result[0], "to_json"):
        return {"ok": True, "result[].to_json()": [each.to_json() for each in result]}
    if hasattr(result, "instances_deleted"):
        return {"ok": True, "result.instances_deleted": result.instances_deleted}
    if isinstance(result, HttpResponse):
        body = result.get_body().decode()
        response = {"status": result.status_code, "headers": dict(result.headers), "body": body}
        return {"ok": True, "HttpResponse": response}
    return {"ok": True, "result": result}


def episode(name, payload, answer):
    """Return one episode as the recording has it."""
    if isinstance(answer, Exception):
        text, _, data = f"{type(answer).__name__}: {answer}".partition(_LABEL)
        return Episode(name, payload, {"EXCEPTION": text, "OutOfProcData": json.loads(data)})
    return Episode(name, payload, json.loads(answer))


def compare_episodes(recording, played, sides):
    """Compare payload by payload and answer by answer, instance by instance.

    The order between instances is a race, the order within one is not. Instances with generated ids are
    paired in the order in which they appeared under their orchestrator's name.
    """
    ours = defaultdict(list)
    for name, payload, answer in played:
        each = episode(name, payload, answer)
        ours[each.instance_id].append(each)
    differences = []
    for instance_id, recorded in recording.by_instance().items():
        found = ours.pop(instance_id, None) or _generated(ours, recording, recorded[0])
        if len(found) != len(recorded):
            differences.append(
                f"{recording.name}: {instance_id} had {len(recorded)} episodes, {len(found)} were played"
            )
        for expected, each in zip(recorded, found, strict=False):
            if change := difference(expected.document, each.document, sides):
                differences.append(f"{recording.name}: payload {expected.name}:\n{change}")
            if change := difference(expected.answer, each.answer, sides):
                differences.append(f"{recording.name}: answer {expected.name}:\n{change}")
    differences += [f"{recording.name}: {left} is not in the recording" for left in ours]
    return differences


def _generated(ours, recording, first):
    known = recording.by_instance()
    name = first.document["history"][1]["Name"]
    for instance_id, episodes in ours.items():
        if instance_id not in known and episodes[0].document["history"][1]["Name"] == name:
            return ours.pop(instance_id)
    return []


def compare_activities(recording, calls, sides):
    """Compare what activities were called with; their order is a race. Nothing recorded, nothing compared."""
    if not recording.activities:
        return []
    played = [{"name": name, "payload": payload} for name, payload, *_ in calls]
    recorded, played = shortened_alike(recording.activities, played)
    if len(played) != len(recorded):
        return [f"{recording.name}: {len(recorded)} activities were recorded, {len(played)} ran"]
    expected = sorted(sides[0].normal(each) for each in recorded)
    found = sorted(sides[1].normal(each) for each in played)
    pairs = zip(expected, found, strict=True)
    return [f"{recording.name}: activity\n{a}\nbecame\n{b}" for a, b in pairs if a != b]
