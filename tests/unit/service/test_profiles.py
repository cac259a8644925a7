"""Profiles: how long each channel's caller waits, and whether it takes callbacks."""

import pytest

from raincheck.errors import RequestError
from raincheck.service.settings.profiles import PROFILES, profile_of


@pytest.mark.parametrize(
    ("channel", "limit", "callbacks"),
    [
        (None, 230, "best_effort"),
        ("bot", 15, "best_effort"),
        ("teams", 15, "yes"),
        ("msteams", 15, "yes"),
        ("copilot_studio", 102, "best_effort"),
        ("Copilot-Studio", 102, "best_effort"),
        ("power_automate", 120, "best_effort"),
        ("m365_copilot", 45, "no"),
        ("telephony", 15, "no"),
    ],
)
def test_the_limits_of_channels(channel, limit, callbacks):
    """The figures of the platforms."""
    profile = profile_of(channel)
    assert (profile.limit, profile.callbacks) == (limit, callbacks)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_answers_leave_before_the_limit(profile):
    """An answer that comes at the limit comes too late."""
    assert 0 < profile.wait < profile.limit


def test_an_unknown_channel_is_422_and_names_the_known():
    """A typing mistake must not cost the caller its limit."""
    with pytest.raises(RequestError, match="copilot_studio") as caught:
        profile_of("pigeon")
    assert caught.value.status == 422
