"""Ends the requests that the Functions worker would let wait until functionTimeout (decision 24).

The host tells its worker of an HTTP request twice: it invokes the function over gRPC, and it forwards the
request to the worker's own web server; `x-ms-invocation-id` pairs the two halves. Where one never comes, the
other waits until functionTimeout, and then the host replaces the worker with all that runs in it. A caller
without a key can bring that about: by a line feed in a path, by a header that isn't ASCII, by an
`x-ms-invocation-id` of its own, or by hanging up early.
"""

from raincheck.functions.stranded.mend import TICKS, release_stranded
from raincheck.functions.stranded.waits import StrandedError

__all__ = ["TICKS", "StrandedError", "release_stranded"]
