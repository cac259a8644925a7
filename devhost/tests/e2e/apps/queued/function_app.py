"""A queue written by output bindings and read by a trigger that notes what it gets."""

import json
import os
import typing
from pathlib import Path

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="enq")
@app.queue_output(arg_name="msg", queue_name="%QUEUE%", connection="AzureWebJobsStorage")
def enq(req: func.HttpRequest, msg: func.Out[str]) -> func.HttpResponse:
    msg.set(req.get_body().decode())
    if req.params.get("fail"):
        raise ValueError("after set")
    return func.HttpResponse("queued")


@app.route(route="enqlist")
@app.queue_output(arg_name="msg", queue_name="%QUEUE%", connection="AzureWebJobsStorage")
def enqlist(req: func.HttpRequest, msg: func.Out[typing.List[str]]) -> func.HttpResponse:  # noqa: UP006 - the worker refuses list[str]
    msg.set(["one", '{"b": 2}'])
    return func.HttpResponse("queued")


@app.route(route="enqmsg")
@app.queue_output(arg_name="msg", queue_name="%QUEUE%", connection="AzureWebJobsStorage")
def enqmsg(req: func.HttpRequest, msg: func.Out[func.QueueMessage]) -> func.HttpResponse:
    msg.set(func.QueueMessage(body=b'{"c": 3}'))
    return func.HttpResponse("queued")


@app.queue_trigger(arg_name="msg", queue_name="%QUEUE%", connection="AzureWebJobsStorage")
def onq(msg: func.QueueMessage) -> None:
    body = msg.get_body().decode()
    seen = {"id": msg.id, "body": body, "count": msg.dequeue_count, "expires": str(msg.expiration_time)}
    with Path(os.environ["NOTES"]).open("a") as file:
        file.write(json.dumps(seen) + "\n")
    if "bad" in body:
        raise ValueError(body)
    if "die" in body:
        os._exit(3)
