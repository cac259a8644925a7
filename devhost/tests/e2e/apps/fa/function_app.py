"""HTTP functions in http-fastapi style, as they ran on the genuine host when the answers were recorded."""

import asyncio
from pathlib import Path

import azure.functions as func
from azurefunctions.extensions.http.fastapi import (
    JSONResponse,
    PlainTextResponse,
    Request,
    Response,
    StreamingResponse,
)

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
_SCOPE = ["type", "http_version", "client", "scheme", "method", "root_path", "path", "raw_path"]
_SCOPE += ["query_string", "path_params"]


def note(req, text):
    with Path(req.headers["x-notes"]).open("a") as file:
        file.write(text + "\n")


@app.route(route="stream", methods=["GET"])
async def stream(req: Request) -> StreamingResponse:
    async def events():
        try:
            for number in range(int(req.query_params["n"])):
                yield f"data: {number}\n\n".encode()
                await asyncio.sleep(0.3)
        except BaseException as error:
            note(req, type(error).__name__)
            raise

    return StreamingResponse(events(), media_type="text/event-stream")


@app.route(route="streamboom")
async def streamboom(req: Request) -> StreamingResponse:
    async def lines():
        yield b"one\n"
        await asyncio.sleep(0.1)
        raise RuntimeError("mid-stream")

    return StreamingResponse(lines(), media_type="text/plain")


@app.route(route="asgi/{*path}", methods=["GET", "POST", "DELETE"])
async def asgi(req: Request) -> Response:
    body = await req.body()
    return JSONResponse(
        {
            "path": req.url.path,
            "full": str(req.url),
            "base": str(req.base_url),
            "method": req.method,
            "params": req.path_params,
            "query": dict(req.query_params),
            "ql": req.query_params.multi_items(),
            "headers": req.headers.items(),
            "client": req.client,
            "scope": {key: repr(req.scope[key]) for key in _SCOPE},
            "cookies": req.cookies,
            "body": body.decode("utf8", "replace"),
        }
    )


@app.route(route="item/{name}/{n:int?}")
async def item(req: Request) -> Response:
    return JSONResponse(req.path_params)


@app.route(route="postonly", methods=["POST"])
async def postonly(req: Request) -> Response:
    return JSONResponse(await req.json())


@app.route(route="boom")
async def boom(req: Request) -> Response:
    raise ValueError("böom")


@app.route(route="syncfn")
def syncfn(req: Request) -> Response:
    return PlainTextResponse("sync ok")


@app.route(route="retdict")
async def retdict(req: Request):
    return {"a": 1}


@app.route(route="retstr")
async def retstr(req: Request) -> str:
    return "str"


@app.route(route="retnone")
async def retnone(req: Request):
    return None


@app.route(route="retfunc")
async def retfunc(req: Request):
    return func.HttpResponse("func resp")


@app.route(route="multi")
async def multi(req: Request) -> Response:
    answer = PlainTextResponse("m", status_code=202)
    answer.headers.append("set-cookie", "a=1; Path=/; HttpOnly")
    answer.headers.append("set-cookie", "b=2; Max-Age=10; SameSite=Lax")
    answer.headers.append("x-multi", "1")
    answer.headers.append("x-multi", "2")
    return answer


@app.route(route="status/{c:int}")
async def status(req: Request) -> Response:
    code = int(req.path_params["c"])
    return Response(status_code=code) if code in (204, 304) else PlainTextResponse("body", status_code=code)


@app.route(route="redir")
async def redir(req: Request) -> Response:
    return Response(status_code=302, headers={"location": "/api/elsewhere"})


@app.route(route="ctx")
async def ctx(req: Request, context: func.Context) -> Response:
    return JSONResponse({"id": context.invocation_id, "name": context.function_name})


@app.route(route="slow")
async def slow(req: Request) -> Response:
    for _ in range(100):
        if await req.is_disconnected():
            note(req, "disconnected")
            break
        await asyncio.sleep(0.05)
    return PlainTextResponse("slow done")


@app.route(route="upload", methods=["POST"])
async def upload(req: Request) -> Response:
    return PlainTextResponse(str(len(await req.body())))


@app.route(route="big")
async def big(req: Request) -> Response:
    return Response(b"x" * int(req.query_params["n"]), media_type="application/octet-stream")
