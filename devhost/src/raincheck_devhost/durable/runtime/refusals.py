"""Why the client's wish isn't granted.

Refusal
├── NotFound         404
├── AlreadyExists    409
├── Gone             410, it has ended
├── NotPurgeable     412, it hasn't ended
└── NotSuspendable   500, as the extension has it: suspended twice, or resumed while it runs
"""

from __future__ import annotations


class Refusal(Exception):
    """The instance's state forbids it."""


class NotFound(Refusal):
    """There is no such instance."""

    def __init__(self, instance_id: str) -> None:
        super().__init__(f"No instance with ID '{instance_id}' was found.")


class AlreadyExists(Refusal):
    """The id is taken by an instance that hasn't ended."""

    def __init__(self, status: str) -> None:
        super().__init__(f"An Orchestration instance with the status {status} already exists.")


class Gone(Refusal):
    """The instance has ended."""

    def __init__(self, instance_id: str, status: str) -> None:
        super().__init__(f"The instance {instance_id} is {status}.")


class NotPurgeable(Refusal):
    """Only what has ended can be purged."""

    def __init__(self, instance_id: str, status: str) -> None:
        super().__init__(
            "Only orchestrations in a terminal state can be purged, but the orchestration with instance ID "
            f"{instance_id} has status {status}"
        )


class NotSuspendable(Refusal):
    """Suspended twice, or resumed without being suspended."""

    def __init__(self, instance_id: str, verb: str, status: str) -> None:
        super().__init__(
            f"Cannot {verb} the orchestration instance {instance_id} "
            f"because instance is in the {status} state."
        )
