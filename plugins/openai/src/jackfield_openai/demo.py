"""``jackfield demo``: the modules at work, against the stand-in or, if asked, against the real service."""

import contextlib
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
from attrs import frozen

from jackfield import FileSettings, Host, RefusedError
from jackfield_openai.demo_steps import Step, steps_for
from jackfield_openai.demo_table import DemoTable, Outgoing
from jackfield_openai.model_choices import is_cheap, makes_images
from jackfield_openai.sandbox import Sandbox

__all__ = ["demo"]

_STAND_IN_MODEL = "stand-in-mini"
_STAND_IN_IMAGE_MODEL = "stand-in-image"


@frozen(kw_only=True)
class _Service:
    """Who answers.

    Attributes:
        connection: The values of a connection; ``None`` for those in the environment.
        model: The one that chats.
        image_model: The one that makes images; empty if there is none.
    """

    connection: Mapping[str, object] | None
    model: str
    image_model: str


@frozen(kw_only=True)
class _Wanted:
    """Which models the user named; empty for none."""

    model: str
    image_model: str


@click.command()
@click.option("--live", is_flag=True, help="Use the service that OPENAI_API_KEY and OPENAI_BASE_URL name. Costs money.")
@click.option("--model", default="", help="The model that chats; without it a cheap one of the service's list.")
@click.option(
    "--image-model",
    default="",
    help="The model that makes images; without it one of the service's list, if it has one.",
)
@click.option(
    "--files",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the images go; without it a new directory for temporary files, which stays.",
)
@click.option("--yes", is_flag=True, help="With --live: do not ask before the first request that costs.")
def demo(*, live: bool, model: str, image_model: str, files: Path | None, yes: bool) -> None:
    """Run OpenAI's modules and show what goes out and what comes back.

    Without --live nothing leaves this machine: a stand-in on loopback answers, which is no model and needs no key.
    """
    outgoing = Outgoing()
    with (
        _directory(files) as directory,
        Host(plugins=[outgoing], files=FileSettings(directory=directory)) as host,
        contextlib.ExitStack() as ends,
    ):
        table, wanted = DemoTable(), _Wanted(model=model, image_model=image_model)
        service = _live(host, table, wanted, ask=not yes) if live else ends.enter_context(_stand_in(table, wanted))
        outgoing.take()
        table.head()
        steps = steps_for(service.model, service.image_model, live=live)
        refused = [_show(host, step, service, table, outgoing) for step in steps]
        table.say(_whereabouts(directory, live=live))
    for error in filter(None, refused):
        raise error


@contextlib.contextmanager
def _directory(wanted: Path | None) -> Iterator[Path]:
    """Give the directory for images; a new one goes again if it stays empty."""
    directory = wanted or Path(tempfile.mkdtemp(prefix="jackfield-demo-"))
    try:
        yield directory
    finally:
        if wanted is None:
            with contextlib.suppress(OSError):
                directory.rmdir()


def _whereabouts(directory: Path, *, live: bool) -> str:
    if not any(directory.glob("image-*")):
        return "No images were made. If the service has a model for them, name it: --image-model NAME."
    by = "" if live else " They were drawn by a program, and no model."
    return f"The images are in {directory}.{by}"


@contextlib.contextmanager
def _stand_in(table: DemoTable, wanted: _Wanted) -> Iterator[_Service]:
    with Sandbox() as sandbox:
        table.say(f"A stand-in for OpenAI answers at {sandbox.url}. It is no model: it repeats what it hears.")
        connection = {"base_url": sandbox.url, "api_key": "no-key-needed"}
        yield _Service(
            connection=connection,
            model=wanted.model or _STAND_IN_MODEL,
            image_model=wanted.image_model or _STAND_IN_IMAGE_MODEL,
        )
    table.say("The stand-in has ended. With a key in OPENAI_API_KEY, a real model answers: jackfield demo --live")


def _live(host: Host, table: DemoTable, wanted: _Wanted, *, ask: bool) -> _Service:
    checked = host.check_connection("openai.openai")
    model = wanted.model or _cheapest(host)
    image_model = wanted.image_model or _for_images(host)
    steps = steps_for(model, image_model, live=True)
    images = f", and makes a small image with {image_model}" if image_model else ""
    table.say(
        f"{checked.view.base_url} answers as {checked.label}. The demo has {sum(step.chats for step in steps)} short "
        f"chats with the model {model}{images}, which the service may charge for."
    )
    if ask:
        click.confirm("Go on?", abort=True, err=True)
    return _Service(connection=None, model=model, image_model=image_model)


def _cheapest(host: Host) -> str:
    """Pick a model from the service's list: a cheap one by its name, else the first that can chat."""
    offered = _offered(host, "openai.create_chat_completion")
    if not offered:
        message = "The service lists no model; give one with --model."
        raise click.UsageError(message)
    return next(filter(is_cheap, offered), offered[0])


def _for_images(host: Host) -> str:
    """Pick a model that makes images from the service's list, a cheap one if there is one; empty if there is none."""
    able = list(filter(makes_images, _offered(host, "openai.generate_images")))
    return next((model for model in able if "-mini" in model), able[0] if able else "")


def _offered(host: Host, module_id: str) -> Sequence[str]:
    return [str(choice.value) for choice in host.choices(module_id, "model")]


def _show(host: Host, step: Step, service: _Service, table: DemoTable, outgoing: Outgoing) -> RefusedError | None:
    """Run one step and write its row; a refusal is given back, since not every model can do everything."""
    started, refused = time.monotonic(), None
    with table.running(step.module):
        try:
            came_back = _run(host, step, service)
        except RefusedError as error:
            came_back, refused = f"refused: {error.message}", error
    table.row(step.module, outgoing.take(), came_back, time.monotonic() - started)
    return refused


def _run(host: Host, step: Step, service: _Service) -> str:
    connection = service.connection
    if step.headers and connection is not None:
        connection = {**connection, "headers": step.headers}
    if not step.streamed:
        return step.shown(host.run(step.module, step.form, connection=connection), 0)
    with host.stream(step.module, step.form, connection=connection) as stream:
        pieces = sum(1 for _piece in stream)
        return step.shown(stream.result, pieces)
