"""A connector that carries keys in every way there is, and is careless with what comes back."""

from collections.abc import Iterator, Mapping
from typing import Annotated
from urllib.parse import quote

from attrs import field, frozen
from requests import PreparedRequest

from jackfield import (
    ConnectionType,
    Context,
    Effect,
    Event,
    KeyValue,
    Operation,
    Password,
    Secret,
    Select,
    Text,
    Trigger,
    Url,
    header,
    headers_from,
    hookimpl,
    module,
)


@frozen(kw_only=True)
class Account:
    """Who asks."""

    api_key: Annotated[Secret, Password(label="Key", env="CANARY_KEY")]
    password: Annotated[Secret, Password(label="Password")]
    base_url: Annotated[str, Url(label="URL")]
    headers: Annotated[Mapping[str, str], KeyValue(label="Headers")] = field(factory=dict)


def in_query(request: PreparedRequest, form: Account) -> None:
    """Send a key as services do that know no better."""
    mark = "&" if "?" in (request.url or "") else "?"
    request.url = f"{request.url}{mark}api_key={quote(form.api_key.reveal(), safe='')}"


account = ConnectionType(
    label="Canary",
    form=Account,
    origin=lambda form: form.base_url,
    authorize=[
        header("Authorization", "Bearer {api_key}"),
        header("X-Key", "{password}"),
        headers_from("headers"),
        in_query,
    ],
    check="/check",
)


def offered(context: Context) -> list[str]:
    """Offer what the service says, or fail with it."""
    raise KeyError(context.client.request("GET", "/offered").text())


@frozen(kw_only=True)
class Wish:
    way: Annotated[str, Select(label="Way", choices=offered)] = ""
    pin: Annotated[Secret | None, Password(label="PIN")] = None
    note: Annotated[str, Text(label="Note")] = ""


@frozen(kw_only=True)
class Given:
    said: str


@module(label="Fall", connection=account, effect=Effect.READ)
def fall(form: Wish, context: Context) -> Given:
    """Fail as careless people's code does."""
    context.warn(f"the PIN is {_of(form)}")
    try:
        said = context.client.request("POST", "/fall", json={"pin": _of(form), "note": form.note}).text()
    except Exception as error:
        raise RuntimeError("with " + _of(form)) from error  # no variable: what a module keeps in those is its own
    raise KeyError(said)


@module(label="Watch", connection=account, effect=Effect.READ, trigger=Trigger(key="said", keep_last_key=True))
def watch(form: Wish, context: Context) -> Iterator[Given]:
    """Give something, and then fail as the service does."""
    context.warn(f"the PIN is {_of(form)}")
    yield Given(said="something")
    context.client.request("GET", "/watched").text()


def _of(form: Wish) -> str:
    return form.pin.reveal() if form.pin else ""


class Diary:
    """Writes down all that a plugin of the host is told."""

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Write it."""
        self._write(event)

    @hookimpl(wrapper=True)
    def execute(self, operation: Operation) -> object:
        """Write it, before and after."""
        self._write(operation, operation.form, operation.connection)
        execution = yield
        return execution

    @hookimpl(wrapper=True)
    def send(self, request: PreparedRequest, operation: Operation) -> object:
        """Write it: no credential is there yet."""
        self._write(request.url, dict(request.headers), operation)
        return (yield)

    @staticmethod
    def _write(*things: object) -> None:
        with open("diary.txt", "a", encoding="utf-8") as file:  # noqa: PTH123  in the current directory
            file.write("".join(f"{thing} {thing!r}\n" for thing in things))


diary = Diary()
