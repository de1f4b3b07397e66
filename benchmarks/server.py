"""The service that the benchmarks talk to: on loopback, in a process of its own, and as cheap as Python allows.

It answers any POST with the same completion, at once or, below ``/later/``, after the time that was set, or below
``/stream/`` with the same stream of events, one a chunk, as fast as they are taken. Run by itself
(``python benchmarks/server.py``) it prints its port and serves until it is stopped.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ANSWER = json.dumps(
    {
        "id": "completion-1",
        "model": "a-model",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Hello there. " * 8}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 41, "completion_tokens": 17, "total_tokens": 58},
    }
).encode()
HEAD = (
    "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\nServer: benchmark\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(ANSWER)}\r\nX-Request-Id: req_0123456789\r\nX-RateLimit-Remaining-Requests: 4999\r\n\r\n"
).encode()


STREAMED = 5000


def chunk_of(number: int) -> bytes:
    """Write one event of a chat."""
    chunk = {
        "id": "completion-1",
        "object": "chat.completion.chunk",
        "created": 1_790_000_000,
        "model": "a-model",
        "choices": [{"index": 0, "delta": {"content": f"word {number} "}, "finish_reason": None if number else "stop"}],
        "usage": None,
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


EVENTS = [chunk_of(number) for number in reversed(range(STREAMED))]
STREAM = b"".join([*EVENTS, b"data: [DONE]\n\n"])
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKED = b"".join(b"%x\r\n%b\r\n" % (len(event), event) for event in [*EVENTS, b"data: [DONE]\n\n", b""])


class Talk(asyncio.Protocol):
    """One connection. Reads no more of a request than it needs to know where it ends."""

    def __init__(self, delay_s: float) -> None:
        self.delay_s = delay_s
        self.rest = b""
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self.rest += data
        while True:
            head, blank, body = self.rest.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if not blank or len(body) < length:
                return
            self.rest = body[length:]
            if b"/stream/" in head[:200]:
                self.transport.write(STREAM_HEAD + CHUNKED)
            elif b"/later/" in head[:200]:
                asyncio.get_running_loop().call_later(self.delay_s, self.answer)
            else:
                self.answer()

    def answer(self) -> None:
        """Send the completion."""
        if not self.transport.is_closing():
            self.transport.write(HEAD + ANSWER)


async def serve(delay_s: float) -> None:
    """Listen, print the port, and answer until the process ends."""
    server = await asyncio.get_running_loop().create_server(lambda: Talk(delay_s), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


@contextmanager
def running(delay_s: float = 0.0, *, pinned: bool = False) -> Iterator[str]:
    """Run the service; give its URL.

    Args:
        delay_s: How long an answer below ``/later/`` takes.
        pinned: Whether it and the calling process each get a core of their own, where the system allows it.
    """
    command = [sys.executable, str(Path(__file__)), str(delay_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            if pinned:
                pin(process.pid)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def pin(other: int) -> None:
    """Give this process and another one each a core of their own."""
    if hasattr(os, "sched_setaffinity") and len(cores := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(other, cores[1:])
        os.sched_setaffinity(0, cores[:1])


if __name__ == "__main__":
    try:
        asyncio.run(serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.1))
    except KeyboardInterrupt:
        sys.exit(0)
