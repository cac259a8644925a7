"""Reads what Newtonsoft.Json reads: JSON, and a little more that people send."""

from __future__ import annotations

import json
import re
from typing import Any

from raincheck_devhost.durable.protocol.newtonsoft import compact, reprinted

_TOKEN = re.compile(
    r"""\s+ | (?P<double>"(?:[^"\\]|\\.)*") | (?P<single>'(?:[^'\\]|\\.)*') | (?P<punctuation>[{}\[\],:])
      | (?P<word>[^\s{}\[\],:"']+)""",
    re.VERBOSE | re.DOTALL,
)
_LITERALS = {"true", "false", "null", "NaN", "Infinity", "-Infinity"}
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


def lenient_value(text: str) -> Any:
    """Read JSON; single quotes and names without quotes will do. Raises ValueError for anything else."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return json.loads("".join(_strict_tokens(text)))


def recompacted(text: str) -> str:
    """Read as `lenient_value` does and write compact. Raises ValueError."""
    try:
        return reprinted(text)
    except json.JSONDecodeError:
        return compact(lenient_value(text))


def _strict_tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"Unexpected character encountered. Path '', line 1, position {position}.")
        position = match.end()
        if single := match["single"]:
            tokens.append(json.dumps(single[1:-1].replace("\\'", "'")))
        elif (word := match["word"]) and word not in _LITERALS and not _NUMBER.fullmatch(word):
            tokens.append(_name(word, text[position:]))
        else:
            tokens.append(match[0])
    return tokens


def _name(word: str, rest: str) -> str:
    if not rest.lstrip().startswith(":") or not re.fullmatch(r"[\w$]+", word):
        raise ValueError(f"Unexpected character encountered while parsing value: {word[0]}.")
    return json.dumps(word)
