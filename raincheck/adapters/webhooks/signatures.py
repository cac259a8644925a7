"""The signatures of Standard Webhooks."""

from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

__all__ = ["signed_headers"]


def signed_headers(
    secrets: Sequence[str], *, webhook_id: str, sent_at: datetime, body: bytes
) -> dict[str, str]:
    """Sign a body: `webhook-id`, `webhook-timestamp` and `webhook-signature`.

    Args:
        secrets: `whsec_…`, newest first; while they rotate there is a signature by each, in this order.
        webhook_id: the same for all attempts.
        sent_at: of this attempt; receivers refuse what is older than five minutes.
        body: UTF-8.
    """
    moment = sent_at.astimezone(UTC).replace(microsecond=0)
    text = body.decode()
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(webhook_id, moment, text) for secret in secrets),
    }
