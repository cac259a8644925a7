"""Limits as data: how long the caller of each channel can wait, and whether it takes callbacks."""

from dataclasses import dataclass
from typing import Literal

from raincheck.errors import RequestError

__all__ = ["DEFAULT", "PROFILES", "Profile", "profile_of"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What a channel bears. `limit` is the caller's own, in seconds; answers leave `margin` before it."""

    name: str
    limit: float
    margin: float = 2
    callbacks: Literal["yes", "best_effort", "no"] = "best_effort"

    @property
    def wait(self) -> float:
        """The most seconds that an answer may be held back."""
        return self.limit - self.margin


DEFAULT = Profile("http", limit=230, margin=5)  # Azure's load balancer cuts what is silent for longer

PROFILES = {
    profile.name: profile
    for profile in (
        DEFAULT,
        Profile("bot", limit=15),  # a turn; after that the channel posts it again
        Profile("teams", limit=15, callbacks="yes"),
        Profile("streaming", limit=45),  # of silence in a streamed answer
        Profile("copilot_studio", limit=102),  # 100 of its 120
        Profile("power_automate", limit=120, margin=5),
        Profile("m365_copilot", limit=45, callbacks="no"),
        Profile("telephony", limit=15, callbacks="no"),
    )
}

_ALSO = {
    "default": "http",
    "directline": "bot",
    "emulator": "bot",
    "logic_apps": "power_automate",
    "m365extensions": "m365_copilot",
    "m365copilot": "m365_copilot",
    "microsoft_365_copilot": "m365_copilot",
    "msteams": "teams",
    "pva_studio": "copilot_studio",
    "copilotstudio": "copilot_studio",
    "webchat": "bot",
}


def profile_of(channel: str | None) -> Profile:
    """Return the profile that a channel names; case and the kind of dash don't matter.

    Raises:
        RequestError: 422; there is no such profile.
    """
    if channel is None:
        return DEFAULT
    name = channel.lower().replace("-", "_")
    profile = PROFILES.get(_ALSO.get(name, name))
    if profile is None:
        message = f"No such channel. Known: {', '.join(sorted(PROFILES))}."
        raise RequestError(422, "unknown_channel", message, errors=[{"path": "channel", "message": message}])
    return profile
