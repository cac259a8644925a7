"""The whole app on one page: settings, flows and steps, then triggers. What they call is wired later."""

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from raincheck.functions.deferred_imports import deferred

with deferred("aiohttp"):
    import azure.durable_functions as df

from raincheck.adapters.storage import Storage
from raincheck.durable.deliver_outcome import deliver_outcome
from raincheck.durable.run_flow import make_run_flow
from raincheck.durable.terminate_run import terminate_run
from raincheck.errors import RaincheckError
from raincheck.functions import activities, http, orchestrators, timers
from raincheck.functions.broken import app_of_last_resort
from raincheck.functions.host_json import function_timeout, route_prefix
from raincheck.functions.stranded import release_stranded
from raincheck.functions.untraced_worker import untrace_worker
from raincheck.payloads import DELIVER_OUTCOME, END_RUN, RUN_FLOW
from raincheck.registry import PACKAGES, discover
from raincheck.service.instrumentation import Instrumentation, listen
from raincheck.service.settings import Settings
from raincheck.web.logs import mask_tokens
from raincheck.web.scope import USE_CASES

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from raincheck.service.use_cases import UseCases, Wiring

__all__ = ["NAMES", "function_app", "whole_app"]

ORCHESTRATORS = {END_RUN: terminate_run, DELIVER_OUTCOME: deliver_outcome}
NAMES = frozenset({RUN_FLOW, *ORCHESTRATORS, *activities.NAMES, *timers.NAMES, *http.NAMES})
"""The functions that every app has, beside those of its steps."""


def function_app(file: str, *packages: str, instrumentation: Instrumentation | None = None) -> df.DFApp:
    """Build the app of a folder; function_app.py needs nothing more than this call.

    Args:
        file: the path of function_app.py; host.json stands beside it.
        packages: where flows and steps are: `orchestrators` and `activities`, unless named.
        instrumentation: what listens to spans; nothing, unless passed.

    What stops the app is said in the log and on stderr, and the app that is returned answers every request
    with 503 `app_broken`: the host would serve an app that raises with no function and no word. A host that
    shows the cause itself, as that of `raincheck dev`, sets DEVHOST_BROKEN_APP=raise and gets it raised.
    """
    try:
        return whole_app(file, *packages, instrumentation=instrumentation)
    except Exception as error:
        if os.environ.get("DEVHOST_BROKEN_APP") == "raise":
            if isinstance(error, RaincheckError):  # it says all: frames of ours would only hide that
                raise error.with_traceback(None) from None
            raise
        return app_of_last_resort(error)


def whole_app(file: str, *packages: str, instrumentation: Instrumentation | None = None) -> df.DFApp:
    """Build the app as `function_app` does.

    Raises:
        ConfigurationError: a setting is missing or wrong.
        DefinitionError: a flow or step can't be registered; file and line are in the text.
    """
    release_stranded()
    host_json = Path(file).with_name("host.json")
    settings = Settings.from_environment(os.environ)
    registry = discover(*(packages or PACKAGES))
    registry.check_names(NAMES)
    registry.check_time_limits(function_timeout(host_json))
    prefix = route_prefix(host_json)
    storage = Storage.from_settings(os.environ)
    if instrumentation is not None:
        listen(instrumentation)
    mask_tokens()
    untrace_worker()

    @cache  # by the event loop only: orchestrators, which have threads, call none of it
    def wiring() -> "Wiring":
        from raincheck.functions.wiring import wire  # noqa: PLC0415 - 150 ms, and only calls need it

        return wire(storage, settings=settings, registry=registry, prefix=prefix)

    def bind(client: Any) -> "UseCases":
        from raincheck.adapters.orchestrations import DurableOrchestrations  # noqa: PLC0415 - as above

        return wiring().bind(DurableOrchestrations(client))

    app = df.DFApp()
    run_flow = make_run_flow(registry, orchestrators.function_names(app))
    orchestrators.register(app, {RUN_FLOW: run_flow, **ORCHESTRATORS})
    activities.register(app, registry, wiring, bind)
    timers.register(app, bind)
    http.register(
        app,
        keyed=_keyed_app,
        open_=lambda: _open_app(settings),
        prefix=prefix,
        extras=lambda client: {USE_CASES: bind(client)},
    )
    return app


def _keyed_app() -> "ASGIApp":
    from raincheck.web.apps import keyed_app  # noqa: PLC0415 - 50 ms, and only requests need it

    return keyed_app()


def _open_app(settings: Settings) -> "ASGIApp":
    from raincheck.web.apps import open_app  # noqa: PLC0415 - as above

    return open_app(settings.cors_origins)
