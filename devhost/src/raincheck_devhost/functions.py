"""The app's functions as the host sees them: names, bindings, routes, retries; no code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from raincheck_devhost.durable.settings import time_span_seconds
from raincheck_devhost.settings import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TRIGGERS = {"httpTrigger", "queueTrigger", "timerTrigger", "orchestrationTrigger", "activityTrigger"}
_OTHERS = {"http", "queue", "durableClient"}
_INSTEAD = {
    "entityTrigger": "keep the state in an orchestration or a table, or run on Core Tools or Azure",
    "blobTrigger": "start the work from a queue or HTTP function, or run on Core Tools or Azure",
    "eventGridTrigger": "take the event with an HTTP function, or run on Core Tools or Azure",
    "serviceBusTrigger": "use a storage queue locally, or run on Core Tools or Azure",
    "blob": "read and write with azure-storage-blob inside the function",
    "table": "read and write with azure-data-tables inside the function",
    "cosmosDB": "read and write with azure-cosmos inside the function",
    "sendGrid": "call the service's own SDK inside the function",
}


class UnsupportedBinding(ValueError):  # says what is wrong, as the message does
    """The app uses a binding that devhost can't run; the message says what to use instead."""


@dataclass(frozen=True)
class Retry:
    """A retry policy: `count` more attempts after the first (-1: without end); delays in seconds."""

    count: int
    fixed: float | None
    minimum: float = 0.0
    maximum: float = 0.0

    def delays(self) -> Iterator[float]:
        """Return the pause before each further attempt."""
        attempt = 0
        while self.count < 0 or attempt < self.count:
            if self.fixed is not None:
                yield self.fixed
            else:
                yield min(self.minimum * 2**attempt, self.maximum)
            attempt += 1


@dataclass(frozen=True)
class Function:
    """One function. `options` are its trigger binding's, `%SETTING%` resolved; `outputs` by parameter."""

    name: str
    trigger: str
    parameter: str
    options: dict[str, Any]
    clients: tuple[str, ...]
    outputs: dict[str, dict[str, Any]]
    bindings: tuple[dict[str, Any], ...]
    retry: Retry | None = None

    @property
    def durable(self) -> bool:
        """Whether it needs the task hub."""
        return bool(self.clients) or self.trigger in ("orchestrationTrigger", "activityTrigger")

    @property
    def route(self) -> str:
        """The route template of an HTTP function, without the prefix."""
        route = self.options.get("route")
        return self.name if route is None else str(route)

    @property
    def methods(self) -> frozenset[str] | None:
        """The methods of an HTTP function, None for all."""
        methods = self.options.get("methods")
        return frozenset(str(each).upper() for each in methods) if methods else None

    @property
    def auth_level(self) -> str:
        """ANONYMOUS, FUNCTION or ADMIN."""
        return str(self.options.get("authLevel", "FUNCTION")).upper()

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any], environment: Mapping[str, str]) -> Function:
        """Build one of what a worker reports. Raises UnsupportedBinding, SettingsError."""
        name = metadata["name"]
        bindings = tuple(_resolved(each, environment) for each in metadata["bindings"])
        for binding in bindings:
            if binding["type"] not in TRIGGERS | _OTHERS:
                raise UnsupportedBinding(_refusal(name, binding))
        triggers = [each for each in bindings if each["type"] in TRIGGERS]
        if len(triggers) != 1:
            raise UnsupportedBinding(f"function {name} has to have exactly one trigger, not {len(triggers)}")
        return cls(
            name=name,
            trigger=triggers[0]["type"],
            parameter=triggers[0]["name"],
            options=triggers[0],
            clients=tuple(each["name"] for each in bindings if each["type"] == "durableClient"),
            outputs={each["name"]: each for each in bindings if each["type"] == "queue"},
            bindings=bindings,
            retry=_retry(metadata.get("retry")),
        )


def in_host_order(functions: list[Function]) -> list[Function]:
    """Sort as the host does: by name, ignoring case, ordinal. The first route that matches wins."""
    return sorted(functions, key=lambda each: each.name.upper())


def _resolved(binding: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    return {
        key: resolve(value, environment) if isinstance(value, str) and key != "name" else value
        for key, value in binding.items()
    }


def _refusal(function: str, binding: Mapping[str, Any]) -> str:
    kind = binding["type"]
    instead = _INSTEAD.get(
        kind, "call the service's own SDK inside the function, or run on Core Tools or Azure"
    )
    return (
        f"function {function}: binding {binding['name']!r} of type {kind} doesn't run on devhost; {instead}"
    )


def _retry(policy: Mapping[str, Any] | None) -> Retry | None:
    if not policy:
        return None
    count = int(policy["max_retry_count"])
    if policy["strategy"] == "fixed_delay":
        return Retry(count, time_span_seconds(policy["delay_interval"]))
    return Retry(
        count,
        None,
        time_span_seconds(policy["minimum_interval"]),
        time_span_seconds(policy["maximum_interval"]),
    )
