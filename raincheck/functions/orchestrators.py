"""The orchestrators, registered undecorated: they stay plain generators for tests."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import azure.durable_functions as df

__all__ = ["function_names", "register"]

Orchestrator = Callable[[Any], Any]


def register(app: "df.DFApp", orchestrators: Mapping[str, Orchestrator]) -> None:
    """Add the orchestrators under their names."""
    for name, orchestrator in orchestrators.items():
        app.function_name(name=name)(app.orchestration_trigger(context_name="context")(orchestrator))


def function_names(app: "df.DFApp") -> Callable[[str], bool]:
    """Whether the app has a function of a name; the extension ignores case.

    The builders are asked, since `get_functions` works once and belongs to the worker.
    """
    names: set[str] = set()

    def is_function(name: str) -> bool:
        if not names:
            built = (builder._function for builder in app._function_builders)  # noqa: SLF001 - see above
            names.update(str(one.get_function_name()).lower() for one in built)
        return name.lower() in names

    return is_function
