"""Brings recorded and played documents into a form in which they must be equal.

Made equal, because they can't be the same or mean nothing:
- times (whole seconds stay apart from fractions, `Z` from `+00:00`), generated ids (the nth is the nth);
- seconds measured by an orchestrator: the fraction is cut;
- the port of the SDK's endpoint; stack texts; the list of known orchestrators; Newtonsoft's parser messages;
- very long strings, which the recording shortened to a hash.
Everything else, the order of keys included, is compared as it is.
"""

import difflib
import hashlib
import json
import re

_TIME = re.compile(r"2026-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?")
_GUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_KNOWN = re.compile(r"known orchestrator functions: [^.]*\.")
_SHORTENED = re.compile(r"<\d+ characters, sha256")
_SECONDS = re.compile(r"(?<=[ \[])(\d+)\.\d{6}\b")
_LONG = 2000
_DEPTHS = 6


class Side:
    """One side of a comparison: it names generated ids in the order in which they appear."""

    def __init__(self, replacements=()):
        self._names = {}
        self._replacements = replacements

    def normal(self, document):
        """Return the document's comparable text."""
        text = json.dumps(_without_traces(document), ensure_ascii=False, indent=1)
        for old, new in self._replacements:
            text = text.replace(old, new)
        text = _TIME.sub(lambda match: "<time.f>" if match[1] else "<time>", text)
        text = _SECONDS.sub(r"\1.<f>", text)
        text = _KNOWN.sub("known orchestrator functions: <names>.", without_stacks(text))
        return _GUID.sub(self._named, text)

    def _named(self, match):
        return self._names.setdefault(match[0].replace("-", ""), f"<id {len(self._names) + 1}>") + (
            "-" if "-" in match[0] else ""
        )


def difference(recorded, played, sides):
    """Return a readable difference of two documents, empty if there is none. `sides`: recorded, played."""
    recorded, played = shortened_alike(recorded, played)
    expected, found = sides[0].normal(recorded), sides[1].normal(played)
    if expected == found:
        return ""
    lines = difflib.unified_diff(
        expected.split("\n"), found.split("\n"), "recorded", "played", lineterm="", n=2
    )
    return "\n".join(line[:300] for line in list(lines)[:60])


def shortened_alike(recorded, played):
    """Shorten long strings of both as the recording did, if it did."""
    if not _SHORTENED.search(json.dumps(recorded, ensure_ascii=False)):
        return recorded, played
    return _shortened(recorded), _shortened(played)


def without_stacks(text):
    """Cut stack texts inside serialized .NET exceptions, however deep they are escaped."""
    if "RemoteStackTrace" not in text:
        return text
    for depth in range(_DEPTHS):
        slashes = "\\" * (2**depth - 1)
        quote = re.escape(slashes + '"')
        plain = slashes + '"'
        text = re.sub(
            f"{quote}RemoteStackTrace{quote}:{quote}.*?{quote},{quote}RemoteMessage{quote}",
            lambda _, q=plain: f"{q}RemoteStackTrace{q}:{q}<stack>{q},{q}RemoteMessage{q}",
            text,
            flags=re.DOTALL,
        )
        text = re.sub(
            r'Stack: (?:(?!\\*",\\*"Data).)*' + f"{quote},{quote}Data{quote}",
            lambda _, q=plain: f"Stack: <stack>{q},{q}Data{q}",
            text,
            flags=re.DOTALL,
        )
    return text


def _without_traces(document):
    if isinstance(document, list):
        return [_without_traces(each) for each in document]
    if not isinstance(document, dict):
        return document
    dropped = {"StackTrace"} if "ExceptionType" in document else set()
    if document.get("ExceptionType") == "Newtonsoft.Json.JsonReaderException":
        dropped.add("ExceptionMessage")
    return {key: _without_traces(value) for key, value in document.items() if key not in dropped}


def _shortened(document):
    if isinstance(document, list):
        return [_shortened(each) for each in document]
    if isinstance(document, dict):
        return {key: _shortened(value) for key, value in document.items()}
    if isinstance(document, str) and len(document) > _LONG:
        digest = hashlib.sha256(document.encode()).hexdigest()[:16]
        return f"<{len(document)} characters, sha256 {digest}, starts {document[:60]!r}>"
    return document
