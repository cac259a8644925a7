"""What changed between two versions, as the changelog tells it."""

import re

__all__ = ["newer", "sections_between"]

_HEADING = re.compile(r"^## \[(?P<version>[^\]]+)\].*$", re.MULTILINE)
_VERSION = re.compile(r"(?P<release>\d+(?:\.\d+)*)(?P<rest>.*)")


def newer(one: str, other: str) -> bool:
    """Whether the first version comes after the second. A release comes after its own candidates."""
    return _key(one) > _key(other)


def sections_between(changelog: str, old: str, new: str) -> str:
    """Return what stands under the versions after `old`, up to `new`, the newest first; with their headings.

    What isn't released yet belongs to `new` where that has no heading of its own.
    """
    headings = list(_HEADING.finditer(changelog))
    ends = [heading.start() for heading in headings[1:]] + [len(changelog)]
    names = {heading["version"] for heading in headings}
    wanted = [
        changelog[heading.start() : end].strip()
        for heading, end in zip(headings, ends, strict=True)
        if _belongs(heading["version"], old, new, released=new in names)
    ]
    return "\n\n".join(wanted)


def _belongs(version: str, old: str, new: str, *, released: bool) -> bool:
    if not _VERSION.fullmatch(version):
        return not released
    return newer(version, old) and not newer(version, new)


def _key(version: str) -> tuple[list[int], bool, str]:
    match = _VERSION.fullmatch(version)
    if match is None:
        return [], False, version
    release = [int(number) for number in match["release"].split(".")]
    while release and release[-1] == 0:
        release.pop()
    final = match["rest"] == "" or match["rest"].startswith((".post", "+"))
    return release, final, match["rest"]
