"""A route prefix, headers on every answer, and routes that overlap."""

import asyncio

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="over/{x}")
def a_param(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("param " + str(dict(req.route_params)))


@app.route(route="over/fixed")
def z_fixed(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("fixed")


@app.route(route="same", methods=["GET"])
def m_get(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("get")


@app.route(route="same", methods=["POST"])
def m_post(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("post")


@app.route(route="slow/{s}")
async def slow(req: func.HttpRequest) -> func.HttpResponse:
    await asyncio.sleep(float(req.route_params["s"]))
    return func.HttpResponse("slow")
