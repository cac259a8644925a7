"""What a flow must not do, each with the line that does it marked."""

# ruff: noqa: ASYNC100, ASYNC210, ASYNC221, ASYNC251 - to be forbidden is the point

import asyncio
import contextlib
import socket
import subprocess
import sys
import time

import httpx

from raincheck import Run, flow


async def asyncio_sleep():
    await asyncio.sleep(1)  # here


async def asyncio_sleep_zero():
    await asyncio.sleep(0)  # here


async def asyncio_create_task():
    with contextlib.closing(asyncio_sleep()) as coroutine:
        await asyncio.create_task(coroutine)  # here


async def asyncio_gather():
    with contextlib.closing(asyncio_sleep()) as coroutine:
        await asyncio.gather(coroutine)  # here


async def asyncio_wait_for():
    with contextlib.closing(asyncio_sleep()) as coroutine:
        await asyncio.wait_for(coroutine, 1)  # here


async def asyncio_to_thread():
    await asyncio.to_thread(print)  # here


async def asyncio_timeout():
    async with asyncio.timeout(1):  # here
        pass


async def asyncio_queue():
    await asyncio.Queue().get()  # here


async def httpx_async():
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.get("http://127.0.0.1:9/")  # here


async def httpx_get():
    httpx.get("http://127.0.0.1:9/", trust_env=False)  # here


async def socket_connect():
    socket.create_connection(("127.0.0.1", 9))  # here


async def name_lookup():
    socket.getaddrinfo("localhost", 80)  # here


async def subprocess_run():
    subprocess.run(["true"], check=False)  # here


async def time_sleep():
    time.sleep(0)  # here


FORBIDDEN = [
    asyncio_sleep,
    asyncio_sleep_zero,
    asyncio_create_task,
    asyncio_gather,
    asyncio_wait_for,
    asyncio_to_thread,
    asyncio_timeout,
    asyncio_queue,
    httpx_async,
    httpx_get,
    socket_connect,
    name_lookup,
    subprocess_run,
]
if sys.version_info >= (3, 13):  # Python tells of it since then
    FORBIDDEN.append(time_sleep)


@flow
async def sleeping(run: Run, number: int) -> int:
    """A flow that sleeps in asyncio."""
    await asyncio.sleep(number)
    return number
