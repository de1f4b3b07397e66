"""A service that fails as often as it is asked to, and counts: how often, and how many at once."""

import threading
import time
from collections import Counter
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler

from served import served_by


class MoodyService:
    """``/503/2/name`` answers 503 two times, then 200; ``/wait/0.1/name`` takes its time.

    Attributes:
        asked: How often each path was asked for.
        keys: The idempotency keys that came with each path.
        most: How many requests were under way at once.
        times: When each request came, as ``time.monotonic()`` tells it.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.keys: dict[str, list[str]] = {}
        self.most = 0
        self.times: list[float] = []
        self._now = 0
        self._lock = threading.Lock()

    def served(self) -> AbstractContextManager[str]:
        """Serve it on loopback, and give the address."""
        service = self

        class Handler(_Handler):
            known = service

        return served_by(Handler)

    def came(self, path: str, key: str) -> int:
        """Count a request; give how often it came."""
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.times.append(time.monotonic())
            self.asked[path] += 1
            self.keys.setdefault(path, []).append(key)
            return self.asked[path]

    def went(self) -> None:
        """Count its end."""
        with self._lock:
            self._now -= 1


class _Handler(BaseHTTPRequestHandler):
    known: MoodyService

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        count = self.known.came(self.path, self.headers.get("Idempotency-Key") or "")
        what, number, _ = self.path.strip("/").split("/")
        if what == "wait":
            time.sleep(float(number))
        self.known.went()  # before the answer: whoever has it may send the next
        failing = what.isdigit() and count <= int(number)
        body = b'{"text": "there", "length": 5}'
        self.send_response(int(what) if failing else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if failing and what == "429":
            self.send_header("Retry-After", "0.5")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815  http.server's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""
