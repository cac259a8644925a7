"""What a caller asks for with a start: checked whole before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from raincheck.errors import RequestError
from raincheck.flow import Flow
from raincheck.models import StartRequest
from raincheck.service.idempotency import IdempotencyKey
from raincheck.service.profiles import Profile, profile_of
from raincheck.service.services import Services
from raincheck.service.settings import Settings
from raincheck.web.invalid_input import invalid_input as _invalid

__all__ = ["CheckedStart", "check_start"]


@dataclass(frozen=True, slots=True)
class CheckedStart:
    """A start that can be made. `input` is JSON-ready, of the flow's own model, defaults filled in."""

    flow: Flow[Any, Any]
    request: StartRequest
    input: Any
    profile: Profile
    key: IdempotencyKey | None = None

    def longest_wait(self, settings: Settings) -> float:
        """The most seconds that this caller's answer may be held back."""
        return min(self.profile.wait, settings.wait_limit)


def check_start(
    services: Services, flow: Flow[Any, Any], document: Any, *, idempotency_keys: Sequence[str] = ()
) -> CheckedStart:
    """Check the body of a start, given as JSON, and its Idempotency-Key headers.

    Raises:
        RequestError: 422; something in it does not fit.
    """
    try:
        request = StartRequest.model_validate(document, strict=True)
    except ValidationError as error:
        raise _invalid(error, ()) from None
    profile = profile_of(request.channel)
    if request.callback is not None:
        if profile.callbacks == "no":
            message = f"The channel {profile.name} takes no callbacks."
            raise RequestError(
                422, "callbacks_not_taken", message, errors=[{"path": "callback", "message": message}]
            )
        services.webhooks.check(request.callback)
    try:
        value = flow.input.parse_strictly(request.input)
    except ValidationError as error:
        raise _invalid(error, ("input",)) from None
    key = IdempotencyKey.of(idempotency_keys, flow.name, document)
    return CheckedStart(flow, request, flow.input.dump(value), profile, key)
