"""Callbacks by HTTP, as Standard Webhooks has them, to receivers that may be hostile.

`allowed_urls` says which URLs may be called at all and `addresses` which addresses of the network,
`pinned_network` connects to exactly those, `signers` says whose keys sign for whom and `signatures` signs,
`poster` posts once, and `verdicts` says what came of it.
"""

from raincheck.adapters.webhooks.channel import CallbackChannel
from raincheck.adapters.webhooks.poster import HttpWebhooks

__all__ = ["CallbackChannel", "HttpWebhooks"]
