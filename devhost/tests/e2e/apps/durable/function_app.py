"""Orchestrations whose activities block, crash, and count themselves in a file."""

import asyncio
import os
import time
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def note(given, text):
    """Append a line: one write, so that lines of several processes don't mix."""
    with Path(given["notes"]).open("a") as file:
        file.write(text + "\n")
    return Path(given["notes"]).read_text().splitlines()


@app.route(route="ping")
async def ping(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("pong")


@app.route(route="pid")
def pid(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(str(os.getpid()))


@app.route(route="die")
def die(req: func.HttpRequest) -> func.HttpResponse:
    os._exit(4)


@app.route(route="stuck")
async def stuck(req: func.HttpRequest) -> func.HttpResponse:
    await asyncio.sleep(60)
    return func.HttpResponse("never")


@app.route(route="start/{name}")
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client) -> func.HttpResponse:
    instance = await client.start_new(req.route_params["name"], None, req.get_json())
    return client.create_check_status_response(req, instance)


@app.orchestration_trigger(context_name="context")
def one(context: df.DurableOrchestrationContext):
    given = context.get_input()
    result = yield context.call_activity(given["activity"], given)
    return result


@app.orchestration_trigger(context_name="context")
def chain(context: df.DurableOrchestrationContext):
    given = context.get_input()
    total = 0
    for number in range(given["steps"]):
        total += yield context.call_activity("count", {**given, "number": number})
    doubled = yield context.task_all([context.call_activity("double", n) for n in range(4)])
    return total + sum(doubled)


@app.activity_trigger(input_name="given")
def block(given: dict) -> str:
    note(given, "began")
    time.sleep(given["seconds"])
    note(given, "ended")
    return "slept"


@app.activity_trigger(input_name="given")
def crash(given: dict) -> int:
    lines = note(given, "tried")
    if len(lines) < given["times"]:
        os._exit(3)
    return len(lines)


@app.activity_trigger(input_name="given")
async def count(given: dict) -> int:
    await asyncio.sleep(given.get("seconds", 0))
    return given["number"]


@app.activity_trigger(input_name="number")
def double(number: int) -> int:
    return number * 2


@app.activity_trigger(input_name="given")
@app.durable_client_input(client_name="client")
async def starter(given: dict, client) -> str:
    return await client.start_new("one", None, {**given, "activity": "count"})


@app.activity_trigger(input_name="given")
def scribble(given: dict) -> int:
    return len(note(given, "scribbled"))
