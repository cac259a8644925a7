"""The whole app on one page: settings, then services, then triggers."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import azure.durable_functions as df

from activities import ending_functions, steps
from activities.ending import Endings
from adapters.durable_client import DurableClient
from adapters.event_log import BlobEventLog
from adapters.outcomes import TableOutcomes
from adapters.pending import TablePending
from adapters.run_index import BlobRemains, TableRunIndex
from adapters.runs import TableRuns
from adapters.stop_markers import TableStopMarkers
from adapters.storage import Storage
from orchestrators.end_run import end_run
from orchestrators.run_flow import make_run_flow
from raincheck.discovery import discover
from raincheck.payloads import END_RUN, RUN_FLOW
from raincheck.runids import new_run_id
from raincheck.settings import Settings
from raincheck.tokens import Tokens
from triggers import http, orchestrations
from triggers.route_prefix import route_prefix
from web import Services, keyed_app, open_app


def clock() -> datetime:
    """The one clock of the app."""
    return datetime.now(UTC)


settings = Settings.from_environment(os.environ)
registry = discover("flows")
prefix = route_prefix(Path(__file__).with_name("host.json"))

storage = Storage.from_settings(os.environ)
runs, outcomes, markers = TableRuns(storage), TableOutcomes(storage), TableStopMarkers(storage)
events = BlobEventLog(storage, clock)
pending, index = TablePending(storage, clock), TableRunIndex(storage)

class _NoHooks:
    def check(self, callback): ...
    async def post(self, *a, **k): ...
async def _deliver(orchestrations, run_id, event): ...

services = Services(
    settings=settings,
    registry=registry,
    tokens=Tokens(settings.signing_keys, lifetime=timedelta(hours=settings.token_hours), clock=clock),
    runs=runs,
    outcomes=outcomes,
    events=events,
    webhooks=_NoHooks(),
    pending=pending,
    index=index,
    clock=clock,
    new_run_id=new_run_id,
    route_prefix=prefix,
)
endings = Endings(runs=runs, outcomes=outcomes, events=events, markers=markers, deliver=_deliver)

app = df.DFApp()
run_flow = make_run_flow(registry, orchestrations.function_names(app))
orchestrations.register(app, [(RUN_FLOW, run_flow), (END_RUN, end_run)])
steps.register(app, registry, events=events, markers=markers)
ending_functions.register(app, endings, DurableClient)
http.register(app, keyed=keyed_app(services), open_=open_app(services), prefix=prefix)
