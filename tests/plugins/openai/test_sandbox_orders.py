"""The stand-in fails as it is told, starts and ends as a program, and keeps what it hears to itself."""

import http.client
import re
import subprocess
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

import attrs
import pytest

from jackfield_openai.sandbox import Sandbox
from jackfield_openai.sandbox.orders import Orders

Ask = Callable[..., tuple[http.client.HTTPResponse, bytes]]

CHAT = {"model": "any", "messages": [{"role": "user", "content": "Good morning to you"}]}


@pytest.mark.parametrize(
    ("orders", "status", "kind", "start"),
    [
        ("status=500", 500, "application/json", b'{"error": {"message": "The stand-in was asked for a failure."'),
        ("code=insufficient_quota", 429, "application/json", b'{"error"'),
        ("code=unsupported_parameter; param=temperature", 400, "application/json", b'{"error"'),
        ("status=502; html", 502, "text/html", b"<!doctype"),
        ("html", 200, "text/html", b"<!doctype"),
        ("empty", 200, "application/json", b""),
        ("status=503; plain", 503, "text/plain", b"upstream"),
        ("status=422; detail", 422, "application/json", b'{"detail"'),
        ("status=400; numeric", 400, "application/json", b'{"error"'),
    ],
)
def test_it_fails_as_it_is_told(ask: Ask, orders: str, status: int, kind: str, start: bytes) -> None:
    """The header x-sandbox asks for the failure."""
    response, body = ask("GET", "/v1/models", None, {"x-sandbox": orders})

    assert (response.status, response.headers["Content-Type"]) == (status, kind)
    assert body.startswith(start)


def test_it_fails_as_often_as_it_is_told(ask: Ask) -> None:
    """A tag makes equal orders different ones."""
    first = {"x-sandbox": "status=429; retry-after=1; times=2; tag=a"}
    statuses = [ask("GET", "/v1/models", None, first)[0].status for _ in range(3)]
    other = ask("GET", "/v1/models", None, {"x-sandbox": first["x-sandbox"].replace("tag=a", "tag=b")})[0]

    assert statuses == [429, 429, 200]
    assert (other.status, other.headers["retry-after"]) == (429, "1")


def test_a_cut_body_is_shorter_than_it_says(ask: Ask) -> None:
    """As when a connection breaks."""
    with pytest.raises(http.client.IncompleteRead):
        ask("GET", "/v1/models", None, {"x-sandbox": "cut=3"})


def test_a_program_starts_it_and_reads_where_it_is() -> None:
    """It prints one line with its URL, and says that it is no model."""
    command = [sys.executable, "-m", "jackfield_openai.sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        connection.request("GET", f"{urlsplit(url).path}/models", headers={"Authorization": "Bearer k"})
        status = connection.getresponse().status
        connection.close()
        process.terminate()

    assert "no model" in line
    assert status == 200


def test_a_port_that_is_taken_is_said_in_words(sandbox: Sandbox) -> None:
    """And no traceback."""
    port = str(urlsplit(sandbox.url).port)
    command = [sys.executable, "-m", "jackfield_openai.sandbox", "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)

    assert done.returncode == 1
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_writes_nothing_about_requests(ask: Ask, capfd: pytest.CaptureFixture[str]) -> None:
    """Keys and prompts stay out of its output."""
    ask("POST", "/v1/chat/completions", CHAT, {"Authorization": "Bearer sk-canary"})
    ask("GET", "/v1/nothing", None, {"Authorization": "Bearer sk-canary"})

    assert capfd.readouterr() == ("", "")


def test_its_help_names_every_order() -> None:
    """What can be asked for in x-sandbox is told there."""
    command = [sys.executable, "-m", "jackfield_openai.sandbox", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout

    orders = {attribute.name.replace("_", "-") for attribute in attrs.fields(Orders)}
    assert {name for name in orders if not re.search(rf"\b{name}\b", told)} == set()
