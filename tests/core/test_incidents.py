"""What happened to others with secrets (2023 to 2026), each made impossible here: the tests bear the incidents' names.

Those that concern the way out to the network are in ``http/hostile/test_incidents.py``.
"""

import base64
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Annotated, Any

import attrs
import pytest
from attrs import frozen
from served import served_by

from jackfield import (
    AnyValue,
    ConnectionType,
    Context,
    Effect,
    Event,
    Host,
    InputError,
    JackfieldError,
    Operation,
    Password,
    Secret,
    Store,
    Url,
    header,
    hookimpl,
    module,
)

KEY = "canary-key/of+4711"
OTHER = "another-canary/of+0815"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ"


@frozen(kw_only=True)
class Account:
    """Who asks."""

    api_key: Annotated[Secret, Password(label="Key", env="BANK_KEY")]
    url: Annotated[str, Url(label="URL", env="BANK_URL")]


bank = ConnectionType(
    label="Bank", form=Account, origin=lambda form: str(form.url), authorize=header("Authorization", "Bearer {api_key}")
)


@frozen(kw_only=True)
class Order:
    """What a caller sends, of any shape."""

    data: Annotated[Any, AnyValue(label="Data")]


@frozen(kw_only=True)
class Receipt:
    """What came back."""

    data: Annotated[Any, AnyValue(label="Data")] = None


@module(label="Order", connection=bank, effect=Effect.READ)
def order(form: Order, context: Context) -> Receipt:
    """Send it, and give what the service sends back."""
    return Receipt(data=context.client.post("/orders", json={"data": form.data})["data"])


MODULES = {"bank.order": order}
ROGUE = '''
from typing import Annotated
from attrs import frozen
from jackfield import ConnectionType, Context, Effect, JackfieldError, Password, Secret, Url, header, module

took = []

@frozen(kw_only=True)
class Account:
    """Who asks."""
    api_key: Annotated[Secret, Password(label="Key")]
    url: Annotated[str, Url(label="URL")]

account = ConnectionType(
    label="Rogue", form=Account, origin=lambda form: form.url, authorize=header("Authorization", "Bearer {api_key}")
)

@frozen(kw_only=True)
class Goal:
    """What it is after."""
    url: str

@module(label="Take", connection=account, effect=Effect.READ)
def take(form: Goal, context: Context) -> Goal:
    """Look for what belongs to others, by all that a module is given."""
    took.append(f"{context.connection!r}")
    took.append(context.client.request("GET", "/who").text())
    for path in (form.url, f"//{form.url.partition('//')[2]}", f"/../{form.url}"):
        try:
            took.append(context.client.request("GET", path).text())
        except JackfieldError as error:
            took.append(f"refused: {error.message}")
    return form
'''
BANK = ROGUE.replace("Rogue", "Bank")


class Service:
    """A service that says what it was asked, and with which credential."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, str], bytes]] = []
        self.status = 200

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Make what answers."""
        service = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                service.asked.append((self.path, dict(self.headers), body))
                said = f"at https://sam:{KEY}@bank.example with {JWT} and {self.headers.get('Authorization')}"
                answer = body or json.dumps({"said": said}).encode()
                if service.status >= 400:
                    answer = json.dumps({"error": {"message": said}}).encode()
                self.send_response(service.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = _answer  # noqa: N815  http.server's names

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def serve() -> Iterator[Callable[[], tuple[Service, str]]]:
    """Serve on loopback, any number of times."""
    with ExitStack() as running:

        def start() -> tuple[Service, str]:
            service = Service()
            return service, running.enter_context(served_by(service.handler()))

        yield start


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store in a folder of the test's own."""
    return Store(tmp_path / "store.sqlite", key_file=tmp_path / "key", environ={})


def test_cve_2025_68664_langgrinch_markers_in_data_are_data(
    serve: Callable[[], tuple[Service, str]], store: Store, tmp_path: Path
) -> None:
    """LangChain: an object of the user's with the reserved key ``lc`` became a secret of the environment.

    Whatever looks like one of our references or markers goes to the service as it is, comes back as it is, and fetches
    nothing: neither from an input, nor from an answer, nor from a file that is imported.
    """
    service, url = serve()
    (tmp_path / "secret.txt").write_text(OTHER, "utf-8")
    environ = {"BANK_KEY": KEY, "BANK_URL": url, "BANK_SECRET": OTHER}
    places = ["env:BANK_SECRET", f"file:{tmp_path / 'secret.txt'}", "command:echo canary", "keyring:a/b"]
    markers: list[Any] = [
        *places,
        *({"reference": place} for place in places),
        {"lc": 1, "type": "secret", "id": ["BANK_SECRET"]},
        {"file": "an-id", "name": "x", "media_type": "text/plain"},
        {"path": str(tmp_path / "secret.txt")},
        {"__class__": "jackfield.references.Reference", "scheme": "env", "place": "BANK_SECRET"},
        {"value": "***", "secret": True},
        "{{env.BANK_SECRET}}",
        "$BANK_SECRET ${BANK_SECRET} %BANK_SECRET%",
    ]
    nested = {"deep": [{"er": markers}]}

    with Host(modules=MODULES, discover=False, environ=environ, allow_commands=True) as host:
        given = host.run("bank.order", {"data": nested}).bundle["data"]
        for place in places:
            host.run("bank.order", {"data": 1}, connection={"api_key": place, "url": url})
    carried = {"format": "jackfield-connections", "version": 1, "connections": []}
    each = {"name": "n", "type": "bank.bank", "settings": {"url": url}, "secrets": {"api_key": places[0]}}
    store.load(json.dumps({**carried, "connections": [each]}))
    saved = store.find("n", "bank.bank")

    assert given == nested
    assert [asked[1]["Authorization"] for asked in service.asked[1:]] == [f"Bearer {place}" for place in places]
    assert OTHER.encode() not in b"".join(body for _, _, body in service.asked)
    assert saved is not None
    assert isinstance(saved["api_key"], Secret)
    assert saved["api_key"].reveal() == places[0]


def test_cve_2025_54831_whoever_may_look_sees_which_secrets_are_set(
    serve: Callable[[], tuple[Service, str]], store: Store
) -> None:
    """Airflow: users who may only read saw the secrets of connections."""
    service, url = serve()
    store.add("mine", "", bank, {"api_key": KEY, "url": url})

    with Host(plugins=[store], modules=MODULES, discover=False, environ={}) as host:
        host.run("bank.order", {"data": 1}, connection="mine")
        seen = [*map(repr, host.saved_connections()), str(attrs.asdict(store.view("mine")))]

    assert service.asked[0][1]["Authorization"] == f"Bearer {KEY}"
    assert store.view("mine").secrets == {"api_key": True}
    assert len(seen) == 2
    assert not [text for text in seen if KEY in text]


class Log:
    """Logs all that a plugin of a host is told."""

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Log it."""
        logging.getLogger("host").info("%r", event)

    @hookimpl(wrapper=True)
    def execute(self, operation: Operation) -> Any:
        """Log what runs, as those did who logged their configuration."""
        logging.getLogger("host").info("%r %r", operation, operation.connection)
        return (yield)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_cve_2024_45784_cve_2026_31987_cve_2026_43826_nothing_of_it_is_logged(
    serve: Callable[[], tuple[Service, str]], caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """Airflow: logs held the configuration, a JSON Web Token, and ``https://user:password@host``.

    The service says all three again in its failure, and a host logs all that it is told.
    """
    service, url = serve()
    service.status = status
    caplog.set_level(logging.DEBUG)

    with Host(plugins=[Log()], modules=MODULES, discover=False, environ={}) as host:
        try:
            host.run("bank.order", {"data": 1}, connection={"api_key": OTHER, "url": url}, deadline_s=5)
        except JackfieldError as error:
            logging.getLogger("host").error("%r %s", error.args, vars(error), exc_info=error)  # noqa: TRY400  as hosts do

    assert len(service.asked) >= 1
    assert "Traceback" in caplog.text
    assert not [secret for secret in (KEY, OTHER, JWT) if secret in caplog.text]
    assert not re.search(r"://[^\s*]+@", caplog.text)
    assert base64.b64encode(OTHER.encode()).decode() not in caplog.text


def test_malicious_community_nodes_see_their_own_connection_only(
    serve: Callable[[], tuple[Service, str]], store: Store, install: Callable[..., str]
) -> None:
    """n8n (January 2026): nodes that anybody could publish took the tokens of other services.

    What a module is given, its context and its client, leads to its own connection alone: not to another by its name,
    and not with its own key to another's server.
    """
    (theirs, rogue_url), (other, bank_url) = serve(), serve()
    name = install("rogue-node", ROGUE, connectors={"rogue": "{}"}, modules={"rogue.take": "{}:take"})
    install("bank-node", BANK, connectors={"bank": "{}"}, modules={"bank.take": "{}:take"})

    with Host(plugins=[store], environ={}) as host:
        types = {each.id: each.connection_types for each in host.connectors()}
        store.add("bank", "bank.account", types["bank"]["bank.account"], {"api_key": KEY, "url": bank_url})
        store.add("rogue", "rogue.account", types["rogue"]["rogue.account"], {"api_key": OTHER, "url": rogue_url})
        host.run("rogue.take", {"url": f"{bank_url}/orders"}, connection="rogue")
        with pytest.raises(InputError, match=r"is for bank\.account, and rogue\.account is needed"):
            host.run("rogue.take", {"url": "x"}, connection="bank")

    took: list[str] = sys.modules[name].took
    assert other.asked == []
    assert [headers["Authorization"] for _, headers, _ in theirs.asked] == [f"Bearer {OTHER}"]
    assert [text.partition(":")[0] for text in took[2:]] == ["refused"] * 3
    assert KEY not in took[0]
    assert bank_url not in took[0]
