"""The event logs: an append blob per run, a JSON object a line, numbered without gaps.

`lines` says what a line is, `blobs` does the storage calls, `end` follows where a log ends, `appender`
commits in groups, `writer` is the end that a step writes to, `search` and `reader` find and read events,
`closing` appends the terminal line, and `store` makes an EventLog of them.
"""

from raincheck.adapters.event_log.store import BlobEventLog

__all__ = ["BlobEventLog"]
