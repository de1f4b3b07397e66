"""A bank with several branches on loopback, which remembers who asked for what; and its connector, as source."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import NamedTuple

BANK = '''"""Bank: an account with a key."""

from typing import Annotated

from attrs import frozen

from jackfield import ConnectionType, Context, Effect, File, Password, Secret, Select, Url, header, module


@frozen(kw_only=True)
class Account:
    """Who asks."""

    api_key: Annotated[Secret, Password(label="API key", env="BANK_API_KEY")]
    base_url: Annotated[str, Url(label="Address")]


account = ConnectionType(
    label="Bank",
    form=Account,
    origin=lambda form: form.base_url,
    authorize=header("X-Key", "{api_key}"),
    check="/check",
)


def payees(context: Context) -> list[str]:
    """Ask for those that may be paid."""
    return context.client.get("/payees")


@frozen(kw_only=True)
class Payment:
    """What is paid."""

    to: Annotated[str, Select(label="To", choices=payees)] = "nobody"


@frozen(kw_only=True)
class Receipt:
    """What the bank says, and the same as a file."""

    branch: str
    slip: File


@module(label="Pay", connection=account, effect=Effect.READ)
def pay(form: Payment, context: Context) -> Receipt:
    """Pay somebody."""
    branch = context.client.get("/pay", params=form)["branch"]
    return Receipt(branch=branch, slip=context.store_file(branch.encode(), name="slip.txt"))
'''


class Asked(NamedTuple):
    """One request that came: the branch is the first part of its path."""

    branch: str
    path: str
    key: str
    headers: dict[str, str]


class Bank:
    """What the branches were asked.

    Attributes:
        url: Where it is; a branch has a path of its own below.
        asked: Each request, as it came.
        headers: What each answer says beside, by branch.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.headers: dict[str, dict[str, str]] = {}
        self._lock = Lock()
        self._asked: list[Asked] = []

    @property
    def asked(self) -> list[Asked]:
        """Each request, as it came."""
        with self._lock:
            return [*self._asked]

    def of(self, branch: str) -> list[Asked]:
        """Give what one branch was asked."""
        return [asked for asked in self.asked if asked.branch == branch]

    def remember(self, path: str, headers: dict[str, str]) -> str:
        """Note a request; give its branch."""
        branch = path.split("/")[1]
        with self._lock:
            self._asked.append(Asked(branch, path, headers.get("X-Key", ""), headers))
        return branch


@contextmanager
def open_bank() -> Iterator[Bank]:
    """Serve on loopback."""

    class Counter(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            branch = bank.remember(self.path, dict(self.headers))
            payees = [f"friend of {branch}"]
            body = json.dumps(payees if "/payees" in self.path else {"branch": branch}).encode()
            self.send_response(200)
            told = {"Content-Type": "application/json", "Set-Cookie": f"session={branch}; Path=/"}
            for name, value in {**told, **bank.headers.get(branch, {}), "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  http.server's name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Counter)
    server.daemon_threads = True
    bank = Bank(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield bank
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
