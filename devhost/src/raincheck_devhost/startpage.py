"""What the terminal shows once the app is loaded, like `func start`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from raincheck_devhost.functions import Function

_TITLES = {
    "queueTrigger": "Queues",
    "timerTrigger": "Timers",
    "orchestrationTrigger": "Orchestrators",
    "activityTrigger": "Activities",
}


def start_page(functions: list[Function], base: str, prefix: str) -> str:
    """List functions by kind: HTTP ones with methods and URL, the others with what triggers them."""
    lines = ["", "Functions:", ""]
    for each in functions:
        if each.trigger == "httpTrigger":
            methods = ",".join(sorted(each.methods)) if each.methods else "ALL"
            path = "/".join(part for part in (prefix, each.route.lstrip("/")) if part)
            level = "" if each.auth_level == "ANONYMOUS" else f"  ({each.auth_level.lower()} key)"
            lines.append(f"  {each.name}: [{methods}] {base}/{path}{level}")
    for trigger, title in _TITLES.items():
        names = [_named(each) for each in functions if each.trigger == trigger]
        if names:
            lines += ["", f"  {title}: " + ", ".join(names)]
    return "\n".join([*lines, ""])


def _named(function: Function) -> str:
    detail = function.options.get("queueName") or function.options.get("schedule")
    return f"{function.name} ({detail})" if detail else function.name
