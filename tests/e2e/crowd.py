"""Many callers of one run, on bare sockets: some read, some never do."""

import asyncio
import re
import socket
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["children_of", "numbers_of", "opened", "resident", "storage_reads"]

_READ = re.compile(r'"(?:GET|HEAD) (\S+) HTTP/1\.1" \d{3}')
_NUMBER = re.compile(rb'data: \{"sequence_number":(\d+)')
_SMALL = 4096  # bytes that a silent caller's kernel takes for it


@asynccontextmanager
async def opened(url, *, times, silent=False):
    """Ask for a stream so many times; give the readers. Who is silent has a small buffer and never reads."""
    at = urlsplit(url)
    writers, readers = [], []
    try:
        for _ in range(times):
            sock = socket.socket()
            if silent:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
            sock.settimeout(0)
            await asyncio.get_running_loop().sock_connect(sock, (at.hostname, at.port))
            reader, writer = await asyncio.open_connection(sock=sock, limit=_SMALL)
            writer.write(f"GET {at.path} HTTP/1.1\r\nHost: {at.netloc}\r\n\r\n".encode())
            if silent:
                writer.transport.pause_reading()
            writers.append(writer)
            readers.append(reader)
        yield readers
    finally:
        for writer in writers:
            writer.transport.abort()


async def numbers_of(reader):
    """Read a stream to the run's end; give the numbers of its events."""
    numbers, rest = [], b""
    while b'"continuation_token":null' not in rest:
        part = await reader.read(64 * 1024)
        assert part, "the stream broke off"
        *whole, rest = (
            (rest + part).split(b"\n\n") if b'"continuation_token":null' not in part else (rest + part,)
        )
        numbers += [int(number) for frame in whole for number in _NUMBER.findall(frame)]
    return numbers + [int(number) for number in _NUMBER.findall(rest)]


def storage_reads(log: Path, since: int = 0) -> int:
    """Count what was read of storage, in Azurite's access log."""
    return len(_READ.findall(log.read_text(errors="replace")[since:]))


def children_of(port: int) -> list[int]:
    """Find the processes of the local host that listens on a port: one of them is the worker."""
    hosts = [
        pid for pid, line in _processes() if f"--port {port} " in f"{line} " and "raincheck_devhost" in line
    ]
    below = []
    for pid, _ in _processes():
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        if int(stat.rpartition(")")[2].split()[1]) in hosts:
            below.append(pid)
    return below


def resident(pid: int) -> int:
    """Return the bytes that a process has in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


def _processes():
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        yield int(folder.name), line
