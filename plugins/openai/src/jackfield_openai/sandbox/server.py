"""The stand-in as a server on loopback: it reads requests, spoils answers on request, and stops when told to."""

import json
import os
import socket
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from jackfield_openai.sandbox.orders import OrderError, Orders, parse_orders
from jackfield_openai.sandbox.replies import RefusalError, Reply, Stream, error_body
from jackfield_openai.sandbox.requests import Request
from jackfield_openai.sandbox.response_stock import ResponseStock
from jackfield_openai.sandbox.routes import answer
from jackfield_openai.sandbox.stock import Stock

__all__ = ["Sandbox"]

_MOST_BYTES = 64 * 1024 * 1024
_IDLE_S = 60.0
_DONE = b"data: [DONE]\n\n"
_HTML = b"<!doctype html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>\n"


class Sandbox:
    """OpenAI's API on loopback, answered by a program that is no model. It needs no account and costs nothing.

    Any key but ``sk-wrong`` is accepted, and any model. Use it as a context manager::

        with Sandbox() as sandbox:
            connection = {"base_url": sandbox.url, "api_key": "anything"}

    Args:
        port: Where to listen on 127.0.0.1; 0 for any free port.
    """

    def __init__(self, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="sandbox")

    @property
    def url(self) -> str:
        """The base URL, ``/v1`` included."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop, cut every connection and wait for every thread."""
        self._server.stopping.set()
        self._server.shutdown()
        self._server.cut()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128
    allow_reuse_address = os.name == "posix"  # elsewhere it lets two servers listen on one port
    allow_reuse_port = False

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.stock = Stock()
        self.responses = ResponseStock()
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._seen: Counter[str] = Counter()
        self._requests = 0

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # HTTPServer's asks the network for the name of this address
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._sockets.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._sockets.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: callers that go away in the middle are what the stand-in is there for."""

    def cut(self) -> None:
        with self._lock:
            for request in self._sockets:
                try:
                    request.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it went away by itself

    def number(self) -> int:
        with self._lock:
            self._requests += 1
            return self._requests

    def orders(self, header: str) -> Orders:
        """Read what goes wrong this time; nothing does once it went wrong often enough."""
        orders = parse_orders(header)
        if not orders.times:
            return orders
        with self._lock:
            self._seen[header] += 1
            return orders if self._seen[header] <= orders.times else Orders()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "jackfield-openai-sandbox"
    sys_version = ""
    timeout = _IDLE_S
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is http.server's
        """Write nothing: requests hold keys and prompts."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        started = time.monotonic()
        headers = {name.lower(): value for name, value in self.headers.items()}
        orders = Orders()
        try:
            body = self._read_body(headers)
            orders = self.server.orders(headers.get("x-sandbox", ""))
            self.server.stopping.wait(orders.delay)
            request = Request(method=self.command, target=self.path, headers=headers, body=body, orders=orders)
            reply = _spoiled(orders) or answer(request, self.server.stock, self.server.responses)
        except OrderError as error:
            reply = RefusalError(str(error), param="x-sandbox").reply()
        except RefusalError as refusal:
            reply = refusal.reply()
        always = self._always(headers, started)
        if isinstance(reply, Stream):
            self._send_stream(reply, always, orders)
        else:
            self._send(reply, always, orders)

    def _read_body(self, headers: Mapping[str, str]) -> bytes:
        if "transfer-encoding" in headers:
            self.close_connection = True
            message = "The stand-in reads no chunked bodies."
            raise RefusalError(message, status=411)
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdecimal():
            self.close_connection = True
            message = "The content length is no number."
            raise RefusalError(message)
        if int(length) > _MOST_BYTES:
            self.close_connection = True
            message = f"The body is longer than {_MOST_BYTES} bytes."
            raise RefusalError(message, status=413)
        return self.rfile.read(int(length))

    def _always(self, headers: Mapping[str, str], started: float) -> dict[str, str]:
        """Give the headers that OpenAI sends with every answer."""
        return {
            "x-request-id": f"req_{self.server.number():032d}",
            "openai-organization": headers.get("openai-organization", "stand-in"),
            "openai-processing-ms": str(round((time.monotonic() - started) * 1000)),
            "openai-version": "2020-10-01",
            "x-ratelimit-limit-requests": "10000",
            "x-ratelimit-limit-tokens": "2000000",
            "x-ratelimit-remaining-requests": "9999",
            "x-ratelimit-remaining-tokens": "1999900",
            "x-ratelimit-reset-requests": "6ms",
            "x-ratelimit-reset-tokens": "3ms",
        }

    def _send(self, reply: Reply, headers: Mapping[str, str], orders: Orders) -> None:
        self._send_head(reply.status, {**headers, **reply.headers, "Content-Type": reply.media_type}, len(reply.body))
        if orders.cut >= 0:
            self.close_connection = True
        body = reply.body if orders.cut < 0 else reply.body[: orders.cut]
        self._write([body] if not orders.drip else _bytes_of(body), orders.drip)

    def _send_stream(self, stream: Stream, headers: Mapping[str, str], orders: Orders) -> None:
        self._send_head(200, {**headers, "Content-Type": "text/event-stream; charset=utf-8"}, None)
        events = _events(stream, orders)
        if orders.drip:
            events = _bytes_of(b"".join(events))
        self._write((b"%x\r\n%b\r\n" % (len(event), event) for event in events), orders.drip)
        if orders.cut >= 0:
            self.close_connection = True
        else:
            self._write([b"0\r\n\r\n"], 0)

    def _send_head(self, status: int, headers: Mapping[str, str], length: int | None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if length is None:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _write(self, parts: Iterable[bytes], pause_s: float) -> None:
        try:
            for part in parts:
                self.wfile.write(part)
                self.wfile.flush()
                if pause_s and self.server.stopping.wait(pause_s):
                    break
        except OSError:
            self.close_connection = True  # the caller went away


def _bytes_of(data: bytes) -> Iterator[bytes]:
    return (data[position : position + 1] for position in range(len(data)))


def _events(stream: Stream, orders: Orders) -> Iterator[bytes]:
    for position, event in enumerate(stream.events):
        if position == orders.fail:
            body = error_body("The stand-in was asked to fail.", 500, orders.code or "server_error", None)
            yield _event(body, "error" if stream.named else "")
            return
        if position == orders.cut:
            return
        yield _event(event, str(event["type"]) if stream.named else "")
    if not (orders.undone or stream.named):
        yield _DONE


def _event(data: Mapping[str, Any], name: str) -> bytes:
    lead = f"event: {name}\n" if name else ""
    return f"{lead}data: {json.dumps(data)}\n\n".encode()


def _spoiled(orders: Orders) -> Reply | None:
    """Give the failure that was asked for; ``None`` if the answer itself is wanted."""
    failing = bool(orders.status or (orders.code and orders.fail < 0))
    if not (failing or orders.html or orders.empty):
        return None
    refusal = RefusalError.for_code(orders.code, orders.param or None)
    status = orders.status or (refusal.status if failing else 200)
    again = {"retry-after": orders.retry_after, "retry-after-ms": orders.retry_after_ms}
    headers = {name: value for name, value in again.items() if value}
    if orders.html:
        return Reply(status=status, media_type="text/html", body=_HTML, headers=headers)
    if orders.empty:
        return Reply(status=status, headers=headers)
    if orders.plain:
        return Reply(status=status, media_type="text/plain", body=b"upstream is unwell\n", headers=headers)
    if orders.detail:
        return Reply.json({"detail": "upstream is unwell"}, status, headers)
    code = status if orders.numeric else orders.code or None
    return Reply.json(error_body(str(refusal), status, code, orders.param or None), status, headers)
