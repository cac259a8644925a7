"""HTTP functions in func.HttpRequest style, as the genuine host ran them for the recordings."""

import json
import threading
import time

import azure.functions as func
from werkzeug.datastructures import Headers

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
blueprint = func.Blueprint()
A = func.AuthLevel.ANONYMOUS


def described(req):
    return {
        "method": req.method,
        "url": req.url,
        "headers": dict(req.headers),
        "params": dict(req.params),
        "route_params": dict(req.route_params),
        "body": req.get_body().decode("utf8", "replace"),
    }


@blueprint.route(route="bp1", methods=["GET"])
def bp_http(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("from blueprint")


app.register_functions(blueprint)


@app.route(route="hello", auth_level=A)
def hello(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("hi", headers={"x-a": "1"})


@app.route(route="keyed")
def keyed(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("keyed ok")


@app.route(route="adminonly", auth_level=func.AuthLevel.ADMIN)
def adminonly(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("admin ok")


@app.route(route="getonly", methods=["GET"], auth_level=A)
def getonly(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("got")


@app.route(route="postonly", methods=["POST"], auth_level=A)
def postonly(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(described(req)), mimetype="application/json")


@app.route(route="dump/{a}/{*rest}", auth_level=A)
def dumper(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(described(req), indent=1), mimetype="application/json")


def _route_parameters(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(dict(req.route_params)))


for _name, _route in {
    "introute": "int/{n:int}",
    "optroute": "opt/{x:alpha?}",
    "reroute": "re/{x:regex(^a+$)}",
}.items():
    app.function_name(_name)(app.route(route=_route, auth_level=A)(_route_parameters))


@app.route(auth_level=A)
def noroute(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("noroute")


@app.route(route="over/fixed", auth_level=A)
def over_fixed(req):
    return func.HttpResponse("fixed")


@app.route(route="over/{x}", auth_level=A)
def over_param(req):
    return func.HttpResponse("param")


@app.route(route="boom", auth_level=A)
def boom(req: func.HttpRequest) -> func.HttpResponse:
    raise ValueError("böom")


@app.route(route="retstr", auth_level=A)
def retstr(req: func.HttpRequest) -> str:
    return "plain string"


@app.route(route="retnone", auth_level=A)
def retnone(req: func.HttpRequest):
    return None


@app.route(route="retdict", auth_level=A)
def retdict(req: func.HttpRequest):
    return {"a": 1}


@app.route(route="retbytes", auth_level=A)
def retbytes(req: func.HttpRequest):
    return b"abc"


@app.route(route="retint", auth_level=A)
def retint(req: func.HttpRequest):
    return 5


@app.route(route="bytesresp", auth_level=A)
def bytesresp(req: func.HttpRequest):
    return func.HttpResponse(b"\x00\xff\xfe", mimetype="application/octet-stream", status_code=201)


@app.route(route="status/{c:int}", auth_level=A)
def status(req: func.HttpRequest):
    return func.HttpResponse("body", status_code=int(req.route_params["c"]))


@app.route(route="cookies", auth_level=A)
def cookies(req: func.HttpRequest):
    headers = Headers()
    headers.add("Set-Cookie", "a=1; Path=/; HttpOnly")
    headers.add("Set-Cookie", "b=2; Max-Age=10; SameSite=Lax")
    headers.add("x-multi", "1")
    headers.add("x-multi", "2")
    return func.HttpResponse("c", headers=headers)


@app.route(route="outparam", auth_level=A)
@app.generic_output_binding(arg_name="resp", type="http")
def outparam(req: func.HttpRequest, resp: func.Out[func.HttpResponse]):
    resp.set(func.HttpResponse("via out", status_code=203))


@app.route(route="slow/{s}", auth_level=A)
def slow(req: func.HttpRequest):
    time.sleep(float(req.route_params["s"]))
    return func.HttpResponse(threading.current_thread().name)


@app.route(route="agen", auth_level=A)
async def agen(req: func.HttpRequest):
    yield "x"


@app.function_name("renamed")
@app.route(route="named", auth_level=A)
def some_name(req: func.HttpRequest):
    return func.HttpResponse("renamed ok")


@app.route(route="retry", auth_level=A)
@app.retry(strategy="fixed_delay", max_retry_count="2", delay_interval="00:00:01")
def retryhttp(req: func.HttpRequest, context: func.Context):
    raise RuntimeError(f"retry me {context.retry_context.retry_count}")


@app.timer_trigger(schedule="0 0 0 1 1 *", arg_name="t")
def tick(t: func.TimerRequest) -> None:
    return None
