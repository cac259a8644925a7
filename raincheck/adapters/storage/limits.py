"""How long a call to storage may take, and what is told where it fails.

The SDK's own retries wait for minutes; here a storage that isn't there is reported within about 3 s.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from raincheck.adapters.storage import sdk
from raincheck.errors import StorageUnavailable

__all__ = ["BACKOFF", "CALL_LIMIT", "LIMITS", "TABLE_BACKOFF", "within"]

CALL_LIMIT = 3.0  # seconds for one small call, its one retry included

LIMITS: dict[str, Any] = {
    "connection_timeout": 2.0,  # the handshake of TLS included
    "read_timeout": 2.5,
    "retry_total": 1,
    "retry_connect": 1,
    "retry_read": 1,
    "retry_status": 1,
}
"""Options of every client of the SDK."""

BACKOFF: dict[str, Any] = {"initial_backoff": 0.2, "increment_base": 1, "random_jitter_range": 0.1}
TABLE_BACKOFF: dict[str, Any] = {"retry_backoff_factor": 0.2, "retry_backoff_max": 1.0}


@asynccontextmanager
async def within(seconds: float = CALL_LIMIT) -> AsyncIterator[None]:
    """Limit what is done inside, and turn every Azure error that leaves it into ours.

    Raises:
        StorageUnavailable: no answer in time, or one that nobody inside expected.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise StorageUnavailable("Storage did not answer in time.") from error
    except sdk.HttpResponseError as error:
        if error.status_code is None:  # such as an identity that gets no token
            raise StorageUnavailable(f"Storage can't be reached ({type(error).__name__}).") from error
        code = getattr(error, "error_code", None)
        raise StorageUnavailable(
            f"Storage answered {error.status_code} ({getattr(code, 'value', code)})."
        ) from error
    except sdk.AzureError as error:
        raise StorageUnavailable(f"Storage can't be reached ({type(error).__name__}).") from error
