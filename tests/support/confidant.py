"""A connector that is told a secret story in every way there is, and repeats it wherever it can."""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Annotated, Any

from attrs import field, frozen

from jackfield import (
    AnswerError,
    ConnectionType,
    Context,
    Dynamic,
    Effect,
    File,
    RefusedError,
    Rest,
    Select,
    Upload,
    Url,
    module,
    named_field,
)


@frozen(kw_only=True)
class Where:
    """Who listens."""

    url: Annotated[str, Url(label="URL")]


listener = ConnectionType(label="Listener", form=Where, origin=lambda form: str(form.url))


def offered(context: Context) -> Sequence[str]:
    """Ask what is offered."""
    return [str(value) for value in context.client.get("/offered")]


def details(context: Context) -> list[Any]:
    """Ask which details there are."""
    return [named_field("detail", str)] if context.client.get("/offered") else []


@frozen(kw_only=True)
class Story:
    """What is told."""

    text: str
    part: Annotated[str | None, Select(label="Part", choices=offered, free_text=False)] = None
    more: Annotated[Mapping[str, Any] | None, Dynamic(label="More", fields=details)] = None
    picture: Annotated[File | None, Upload(label="Picture")] = None


@frozen(kw_only=True)
class Heard:
    """What came of it."""

    text: str
    files: Sequence[File] = ()
    rest: Annotated[Mapping[str, object], Rest()] = field(factory=dict)


@frozen(kw_only=True)
class Word:
    """A part of it."""

    text: str


@module(label="Tell", connection=listener, effect=Effect.READ)
def tell(form: Story, context: Context) -> Heard:
    """Tell it, and warn of it."""
    context.warn(f"somebody may hear {form.text}")
    return context.client.post(f"/told/{form.text}", json={"text": form.text}, params={"q": form.text}, into=Heard)


@module(label="Tell at Length", connection=listener, effect=Effect.READ)
def tell_long(form: Story, context: Context) -> Heard:
    """Get an answer of many megabytes."""
    answer = context.client.request("GET", "/long")
    return Heard(text=str(len(json.loads(answer.body)["text"])))


@module(label="Show", connection=listener, effect=Effect.READ)
def show(form: Story, context: Context) -> Heard:
    """Give files: stored, made, downloaded, and of a body that is no text."""
    made = File.from_bytes(form.text.encode(), name="made.bin")
    stored = context.store_file([b"of ", form.text.encode()], name=f"{form.text}.txt")
    downloaded = context.client.download("GET", "/file")
    answer = context.client.request("GET", "/file", store_files=True)
    found = [made, stored, downloaded, *([answer.file] if answer.file else [])]
    return Heard(text=form.text, files=[*found, *([form.picture] if form.picture else [])])


@module(label="Upload", connection=listener, effect=Effect.READ)
def upload(form: Story, context: Context) -> Heard:
    """Send a file as it is."""
    picture = form.picture or File.from_bytes(form.text.encode(), name="made.bin")
    return Heard(text=context.client.request("POST", "/told/it", content=picture).text())


@module(label="List", connection=listener, effect=Effect.READ)
def listing(form: Story, context: Context) -> Iterator[Heard]:
    """Give several."""
    yield Heard(text=form.text)
    yield context.client.post("/told/again", json={"text": form.text}, into=Heard)


@module(label="Recite", connection=listener, effect=Effect.READ)
def recite(form: Story, context: Context) -> Generator[Word, None, Heard]:
    """Tell it word by word."""
    for event in context.client.events("POST", "/recited", json={"text": form.text}, until="[DONE]"):
        yield Word(text=event.data)
    return Heard(text=form.text)


@module(label="Stumble", connection=listener, effect=Effect.READ)
def stumble(form: Story, context: Context) -> Heard:
    """Raise what nobody expects."""
    raise KeyError(form.text, context.client.post("/told/it", json={"text": form.text}))


@module(label="Complain", connection=listener, effect=Effect.READ)
def complain(form: Story, context: Context) -> Heard:
    """Raise errors that quote."""
    try:
        raise KeyError(form.text)  # noqa: TRY301  it is about the error that led to another
    except KeyError as error:
        message = f"no {form.text}: {context.client.post('/told/it', json={'text': form.text})}"
        refused = RefusedError(message, status=400, code=form.text, parameter=form.text, request_id=form.text)
        raise AnswerError(message, request_id=form.text, hint=form.text) from refused if form.part else error


@module(label="Lie", connection=listener, effect=Effect.READ)
def lie(form: Story, context: Context) -> Heard:
    """Give something else than declared."""
    return Heard(text={form.text: 1})  # type: ignore[arg-type]


MODULES = {
    "confidant.tell": tell,
    "confidant.tell_long": tell_long,
    "confidant.show": show,
    "confidant.upload": upload,
    "confidant.listing": listing,
    "confidant.recite": recite,
    "confidant.stumble": stumble,
    "confidant.complain": complain,
    "confidant.lie": lie,
}
