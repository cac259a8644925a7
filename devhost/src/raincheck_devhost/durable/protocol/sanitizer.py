"""The Functions host's Sanitizer: hides what looks like a credential in the text of an exception.

It cuts at the next quote, also inside JSON: an orchestrator that raises after an action whose input holds
`?code=` therefore loses its answer. The extension's users meet that in Azure, so they meet it here.
"""

from __future__ import annotations

import re

_HIDDEN = "[Hidden Credential]"
_TERMINATORS = re.compile("[<\"']")
_ALLOWED = "PublicKeyToken="
_TOKENS = (
    "Token=",
    "DefaultEndpointsProtocol=http",
    "AccountKey=",
    "Data Source=",
    "Server=",
    "Password=",
    "pwd=",
    "&amp;sig=",
    "&sig=",
    "?sig=",
    "SharedAccessKey=",
    "&amp;code=",
    "&code=",
    "?code=",
    "key=",
)
_ANY_TOKEN = re.compile("|".join(re.escape(token) for token in _TOKENS), re.IGNORECASE)


def sanitized(text: str) -> str:
    """Replace each credential, from its name to the next `<`, `"` or `'` (or the end)."""
    hidden = text.replace(_ALLOWED, "#" * len(_ALLOWED))
    if not _ANY_TOKEN.search(hidden):
        return text
    for token in _TOKENS:
        pattern = re.compile(re.escape(token), re.IGNORECASE)
        start = 0
        while match := pattern.search(hidden, start):
            start = match.start()
            end = _TERMINATORS.search(text, start)
            stop = end.start() if end else len(text)
            text = text[:start] + _HIDDEN + text[stop:]
            hidden = hidden[:start] + _HIDDEN + hidden[stop:]
    return text
