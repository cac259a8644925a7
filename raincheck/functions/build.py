"""The whole app on one page: settings, then services, then triggers."""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import azure.durable_functions as df

from raincheck.adapters.answers import TableAnswerRows
from raincheck.adapters.conversations import TableConversations
from raincheck.adapters.dead_letters import QueueDeadLetters
from raincheck.adapters.deliveries import TableDeliveries
from raincheck.adapters.event_log import BlobEventLog
from raincheck.adapters.idempotency import TableIdempotencyKeys
from raincheck.adapters.orchestrations import DurableOrchestrations
from raincheck.adapters.outcomes import TableOutcomes
from raincheck.adapters.remains import BlobRemains
from raincheck.adapters.runs import TableRuns
from raincheck.adapters.stop_markers import TableStopMarkers
from raincheck.adapters.storage import Storage
from raincheck.adapters.unfinished import TableUnfinished
from raincheck.adapters.webhooks import HttpWebhooks
from raincheck.durable.deliver_outcome import deliver_outcome
from raincheck.durable.run_flow import make_run_flow
from raincheck.durable.terminate_run import end_run
from raincheck.functions import activities, http, orchestrations, timers
from raincheck.functions.host_json import function_timeout, route_prefix
from raincheck.payloads import DELIVER_OUTCOME, END_RUN, RUN_FLOW
from raincheck.registry import discover
from raincheck.run_ids import new_run_id
from raincheck.service import post_callback, questions
from raincheck.service.answering import ANSWER_NOTES, Answering
from raincheck.service.callback_documents import CallbackDocuments
from raincheck.service.completion import Endings
from raincheck.service.conversations import Turns
from raincheck.service.post_callback import CallbackDeliveries
from raincheck.service.retention import PURGE, Retention
from raincheck.service.settings import Settings
from raincheck.service.sweep import Sweeper
from raincheck.service.tokens import Tokens
from raincheck.web import Services, keyed_app, mask_tokens, open_app


def clock() -> datetime:
    """The one clock of the app."""
    return datetime.now(UTC)


def function_app(file: str, *packages: str) -> df.DFApp:
    """Build the app. `file` stands beside host.json; flows and steps are in `packages`."""
    # Settings
    settings = Settings.from_environment(os.environ)
    host_json = Path(file).with_name("host.json")
    prefix = route_prefix(host_json)
    takeover = timedelta(seconds=settings.start_takeover)
    mask_tokens()

    registry = discover(*packages)
    registry.check_time_limits(function_timeout(host_json))

    # Services
    storage = Storage.from_settings(os.environ)
    runs, outcomes, markers = TableRuns(storage), TableOutcomes(storage), TableStopMarkers(storage)
    events, pending = BlobEventLog(storage, clock), TableUnfinished(storage, clock)
    starts = TableIdempotencyKeys(storage)
    turns = Turns(
        conversations=TableConversations(storage),
        outcomes=outcomes,
        clock=clock,
        takeover=takeover,
        sleep=asyncio.sleep,
    )
    answering = Answering(answers=TableAnswerRows(storage), unfinished=pending)
    tokens = Tokens(settings.signing_keys, lifetime=timedelta(hours=settings.token_hours), clock=clock)
    webhooks = HttpWebhooks(
        hosts=settings.callback_hosts,
        secrets=settings.webhook_secrets,
        development=settings.development,
        clock=clock,
    )
    documents = CallbackDocuments(
        runs=runs,
        outcomes=outcomes,
        answers=answering.answers,
        conversations=turns.conversations,
        tokens=tokens,
        settings=settings,
        clock=clock,
        route_prefix=prefix,
    )
    delivery_rows = TableDeliveries(storage)
    deliveries = CallbackDeliveries(
        runs=runs,
        deliveries=delivery_rows,
        webhooks=webhooks,
        document_of=documents.of,
        dead_letters=QueueDeadLetters(storage),
        unfinished=pending,
        clock=clock,
        scale=settings.delivery_scale,
    )
    endings = Endings(
        runs=runs,
        outcomes=outcomes,
        events=events,
        markers=markers,
        deliver=deliveries.start,
        turns=turns,
        unfinished=pending,
    )
    asking = questions.Questions(answers=answering.answers, tell=deliveries.start)
    retention = Retention(
        index=runs,
        conversations=turns.conversations,
        keys=starts,
        remains=BlobRemains(storage),
        unfinished=pending,
        clock=clock,
        keep=timedelta(days=settings.retention_days),
        holds=deliveries.held,
        forget=deliveries.forget,
        monotonic=time.monotonic,
    )
    sweeper = Sweeper(
        endings=endings,
        unfinished=pending,
        clock=clock,
        takeover=takeover,
        again={post_callback.KIND: deliveries.again, ANSWER_NOTES: answering.again, PURGE: retention.again},
        monotonic=time.monotonic,
    )
    services = Services(
        settings=settings,
        registry=registry,
        tokens=tokens,
        runs=runs,
        outcomes=outcomes,
        events=events,
        webhooks=webhooks,
        deliveries=delivery_rows,
        redeliver=deliveries.redeliver,
        keys=starts,
        turns=turns,
        unfinished=pending,
        answering=answering,
        index=runs,
        clock=clock,
        new_run_id=new_run_id,
        route_prefix=prefix,
    )

    # Triggers
    app = df.DFApp()
    run_flow = make_run_flow(registry, orchestrations.function_names(app))
    orchestrations.register(
        app, [(RUN_FLOW, run_flow), (END_RUN, end_run), (DELIVER_OUTCOME, deliver_outcome)]
    )
    activities.register_steps(app, registry, events=events, markers=markers)
    activities.register(
        app,
        endings=endings,
        questions=asking,
        deliveries=deliveries,
        runs=runs,
        turns=turns,
        orchestrations_of=DurableOrchestrations,
    )
    timers.register(app, sweeper=sweeper, retention=retention, orchestrations_of=DurableOrchestrations)
    http.register(app, keyed=keyed_app(services), open_=open_app(services), prefix=prefix)
    return app
