"""How often and when a failed request is sent again, beside OpenAI's own SDK on the same scripts.

What differs is told, with reasons, on the page "Repeats, beside OpenAI's SDK".
"""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pytest
from attrs import frozen

from jackfield import ConnectionType, Context, Effect, Host, JackfieldError, Password, Secret, Url, header, module

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "repeats.md"
SDK, OURS = "sdk", "ours"
SLACK_S = 4.0
"""How much later than meant a request may come on a busy machine."""
FIRST, SECOND = (0.375, 0.5), (0.75, 1.0)
"""The pauses that both make by themselves: half a second and a second, less up to a quarter."""
ANSWER = {
    "id": "c-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello"}}],
}
Headers = Callable[[], dict[str, str]]


class Step(NamedTuple):
    """One answer: a status with headers, or another ending."""

    status: int = 200
    headers: Headers = dict
    ending: str = ""
    error: dict[str, str] | None = None


GOOD = Step()


def busy(status: int = 429, **headers: str) -> Step:
    """Make an answer that refuses; underscores in names of headers stand for hyphens."""
    return Step(status, lambda: {name.replace("_", "-"): value for name, value in headers.items()})


class Script(NamedTuple):
    """What the server answers in turn, and what follows from it.

    Attributes:
        steps: The answers; the last one for all that follows.
        sdk: How many requests the SDK sends.
        ours: How many we send.
        pauses: Between which bounds each pause of ours lies, and of the SDK's too, as far as it makes it.
    """

    steps: tuple[Step, ...]
    sdk: int
    ours: int
    pauses: tuple[tuple[float, float], ...] = ()


SCRIPTS = {
    "answered at once": Script((GOOD,), 1, 1),
    "500, then good": Script((busy(500), GOOD), 2, 2, (FIRST,)),
    "502 and 503, then good": Script((busy(502), busy(503), GOOD), 3, 3, (FIRST, SECOND)),
    "always 500": Script((busy(500),), 3, 3, (FIRST, SECOND)),
    "408, then good": Script((busy(408), GOOD), 2, 2, (FIRST,)),
    "409, then good": Script((busy(409), GOOD), 2, 2, (FIRST,)),
    "429 without a time": Script((busy(), GOOD), 2, 2, (FIRST,)),
    "always 429": Script((busy(),), 3, 3, (FIRST, SECOND)),
    "429, Retry-After: 1": Script((busy(Retry_After="1"), GOOD), 2, 2, ((1.0, 1.0),)),
    "429, Retry-After: 0.2": Script((busy(Retry_After="0.2"), GOOD), 2, 2, ((0.2, 0.2),)),
    "429, retry-after-ms: 300": Script((busy(retry_after_ms="300", Retry_After="9"), GOOD), 2, 2, ((0.3, 0.3),)),
    "503, Retry-After: 1": Script((busy(503, Retry_After="1"), GOOD), 2, 2, ((1.0, 1.0),)),
    "429, a date": Script(
        (Step(429, lambda: {"Retry-After": formatdate(time.time() + 2, usegmt=True)}), GOOD), 2, 2, ((0.5, 2.0),)
    ),
    "429, a date that has passed": Script((busy(Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"), GOOD), 2, 2, (FIRST,)),
    "429, Retry-After: 0": Script((busy(Retry_After="0"), GOOD), 2, 2, (FIRST,)),
    "429, Retry-After: -5": Script((busy(Retry_After="-5"), GOOD), 2, 2, (FIRST,)),
    "429, Retry-After: NaN": Script((busy(Retry_After="NaN"), GOOD), 2, 2, (FIRST,)),
    "429, Retry-After: soon": Script((busy(Retry_After="soon"), GOOD), 2, 2, (FIRST,)),
    "429, Retry-After: 3600": Script((busy(Retry_After="3600"), GOOD), 1, 1),
    "429, Retry-After: 1000000000": Script((busy(Retry_After="1000000000"), GOOD), 1, 2, (FIRST,)),
    "429, money used up": Script((Step(429, error={"code": "insufficient_quota", "message": "no credit"}),), 3, 1),
    "500, x-should-retry: false": Script((busy(500, x_should_retry="false"), GOOD), 1, 1),
    "400, x-should-retry: true": Script((busy(400, x_should_retry="true"), GOOD), 2, 2, (FIRST,)),
    "400": Script((busy(400), GOOD), 1, 1),
    "401": Script((busy(401), GOOD), 1, 1),
    "404": Script((busy(404), GOOD), 1, 1),
    "422": Script((busy(422), GOOD), 1, 1),
    "hung up before an answer": Script((Step(ending="dropped"), GOOD), 2, 2, (FIRST,)),
    "hung up in the answer": Script((Step(ending="cut"), GOOD), 2, 2, (FIRST,)),
    "always hung up": Script((Step(ending="dropped"),), 3, 3, (FIRST, SECOND)),
}


class Service(ThreadingHTTPServer):
    """Plays each script for each caller: ``/script/caller/chat/completions``."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Player)
        self.lock = threading.Lock()
        self.came: defaultdict[tuple[str, str], list[float]] = defaultdict(list)

    def next_step(self, path: str) -> Step:
        """Note that a request came, and give what answers it."""
        now = time.monotonic()
        number, who = path.split("/")[1:3]
        name = list(SCRIPTS)[int(number)]
        with self.lock:
            came = self.came[name, who]
            came.append(now)
            steps = SCRIPTS[name].steps
            return steps[min(len(came), len(steps)) - 1]


class Player(BaseHTTPRequestHandler):
    """Answers as the script says."""

    server: Service
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        step = self.server.next_step(self.path)
        self.close_connection = bool(step.ending)
        if step.ending == "dropped":
            return
        body = json.dumps(ANSWER if step.status == 200 else {"error": step.error or {"message": "no"}}).encode()
        self.send_response(step.status)
        for name, value in step.headers().items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) + (10 if step.ending == "cut" else 0)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password(label="API key")]
    url: Annotated[str, Url(label="URL")]


account = ConnectionType(
    label="Service", form=Account, origin=lambda form: form.url, authorize=header("Authorization", "Bearer {api_key}")
)


@frozen(kw_only=True)
class Question:
    model: str


@frozen(kw_only=True)
class Reply:
    id: str


@module(label="Chat", connection=account, effect=Effect.READ)
def chat(form: Question, context: Context) -> Reply:
    """Chat, which leaves nothing behind."""
    return context.client.post("/chat/completions", json=form, into=Reply)


@pytest.fixture(scope="module")
def came() -> dict[tuple[str, str], list[float]]:
    """Play all scripts at once, for both; give when which request came."""
    sdk: Any = pytest.importorskip("openai", reason="the official SDK is not installed; tox installs it")
    server = Service()
    serving = threading.Thread(target=server.serve_forever, args=(0.05,))
    serving.start()

    def ask_sdk(url: str) -> None:
        with sdk.OpenAI(base_url=url, api_key="key") as client:
            try:
                client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hello"}])
            except sdk.OpenAIError:
                return

    with Host(modules={"service.chat": chat}, discover=False) as host:

        def ask_us(url: str) -> None:
            try:
                host.run("service.chat", {"model": "m"}, connection={"api_key": url, "url": url})
            except JackfieldError:
                return

        base = f"http://127.0.0.1:{server.server_port}"
        askers = [(SDK, ask_sdk), (OURS, ask_us)]
        threads = [
            threading.Thread(target=ask, args=(f"{base}/{number}/{who}",))
            for number in range(len(SCRIPTS))
            for who, ask in askers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    server.shutdown()
    server.server_close()
    serving.join()
    return server.came


@pytest.mark.parametrize("name", SCRIPTS)
def test_both_try_as_often_as_told(came: dict[tuple[str, str], list[float]], name: str) -> None:
    """The number of requests, and that no pause is shorter than meant nor much longer."""
    script = SCRIPTS[name]

    assert (len(came[name, SDK]), len(came[name, OURS])) == (script.sdk, script.ours)
    for who in (SDK, OURS):
        moments = came[name, who]
        gaps = [after - before for before, after in pairwise(moments)]
        for gap, (shortest, longest) in zip(gaps, script.pauses, strict=False):
            assert shortest - 0.02 <= gap <= longest + SLACK_S, (who, gaps)


def test_every_difference_is_told() -> None:
    """The page lists each script on which the two differ, and no other."""
    page = PAGE.read_text("utf-8")
    told = {line.split("|")[1].strip().strip("`") for line in page.splitlines() if line.startswith("| `")}

    assert told == {name for name, script in SCRIPTS.items() if script.sdk != script.ours}
