"""Callbacks: what the app posts when a run has ended, checked before it is believed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel
from standardwebhooks import Webhook, WebhookVerificationError

from raincheck.client.errors import NotGenuine
from raincheck.models import CallbackEvent, StatusDocument

__all__ = ["Callback", "verify_callback"]


class Callback(BaseModel):
    """A callback that was signed with a secret of ours. `id` is the same when it is sent again."""

    id: str
    type: CallbackEvent | Literal["test"]
    timestamp: datetime
    data: StatusDocument


def verify_callback(body: bytes | str, headers: Mapping[str, str], secrets: str | Iterable[str]) -> Callback:
    """Check the signature of a callback (Standard Webhooks) and read it.

    Args:
        body: exactly as it was received.
        headers: `webhook-id`, `webhook-timestamp` and `webhook-signature` are among them, in any case.
        secrets: `whsec_…`, one or, while they rotate, several.

    Raises:
        NotGenuine: no secret fits, or it is older than five minutes.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    for secret in [secrets] if isinstance(secrets, str) else secrets:
        try:
            document = Webhook(secret).verify(body, lowered)
        except (WebhookVerificationError, ValueError):  # it raises ValueError where a header is malformed
            continue
        return Callback.model_validate({**document, "id": lowered["webhook-id"]})
    raise NotGenuine("The signature does not fit, or the callback is too old.")
