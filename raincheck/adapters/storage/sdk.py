"""What adapters need of the Azure SDK's core, imported when it is first used: a cold start never needs it.

Write `except sdk.ResourceNotFoundError`: Python looks the name up when there is an error to compare.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azure.core import MatchConditions
    from azure.core.exceptions import (
        AzureError,
        HttpResponseError,
        ResourceExistsError,
        ResourceModifiedError,
        ResourceNotFoundError,
    )
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(name)
        from azure import core  # noqa: PLC0415 - 50 ms, when first needed
        from azure.core import exceptions  # noqa: PLC0415 - as above

        return core.MatchConditions if name == "MatchConditions" else getattr(exceptions, name)


__all__ = [
    "AzureError",
    "HttpResponseError",
    "MatchConditions",
    "ResourceExistsError",
    "ResourceModifiedError",
    "ResourceNotFoundError",
]
