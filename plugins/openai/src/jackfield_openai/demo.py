"""``jackfield demo``: the modules at work, against the stand-in or, if asked, against the real service."""

import contextlib
import time
from collections.abc import Iterator, Mapping

import click
from attrs import frozen

from jackfield import Host, RefusedError
from jackfield_openai.demo_steps import Step, steps_for
from jackfield_openai.demo_table import DemoTable, Outgoing
from jackfield_openai.model_choices import is_cheap
from jackfield_openai.sandbox import Sandbox

__all__ = ["demo"]

_STAND_IN_MODEL = "stand-in-mini"


@frozen(kw_only=True)
class _Service:
    """Who answers: the values of a connection (``None`` for those in the environment), and the model that chats."""

    connection: Mapping[str, object] | None
    model: str


@click.command()
@click.option("--live", is_flag=True, help="Use the service that OPENAI_API_KEY and OPENAI_BASE_URL name. Costs money.")
@click.option("--model", default="", help="The model that chats; without it a cheap one of the service's list.")
@click.option("--yes", is_flag=True, help="With --live: do not ask before the first request that costs.")
def demo(*, live: bool, model: str, yes: bool) -> None:
    """Run OpenAI's modules and show what goes out and what comes back.

    Without --live nothing leaves this machine: a stand-in on loopback answers, which is no model and needs no key.
    """
    outgoing = Outgoing()
    with Host(plugins=[outgoing]) as host, contextlib.ExitStack() as ends:
        table = DemoTable()
        service = _live(host, table, model, ask=not yes) if live else ends.enter_context(_stand_in(table, model))
        outgoing.take()
        table.head()
        refused = [_show(host, step, service, table, outgoing) for step in steps_for(service.model, live=live)]
    for error in filter(None, refused):
        raise error


@contextlib.contextmanager
def _stand_in(table: DemoTable, model: str) -> Iterator[_Service]:
    with Sandbox() as sandbox:
        table.say(f"A stand-in for OpenAI answers at {sandbox.url}. It is no model: it repeats what it hears.")
        connection = {"base_url": sandbox.url, "api_key": "no-key-needed"}
        yield _Service(connection=connection, model=model or _STAND_IN_MODEL)
    table.say("The stand-in has ended. With a key in OPENAI_API_KEY, a real model answers: jackfield demo --live")


def _live(host: Host, table: DemoTable, model: str, *, ask: bool) -> _Service:
    checked = host.check_connection("openai.openai")
    model = model or _cheapest(host)
    chats = sum(step.chats for step in steps_for(model, live=True))
    table.say(
        f"{checked.view.base_url} answers as {checked.label}. "
        f"The demo has {chats} short chats with the model {model}, which the service may charge for."
    )
    if ask:
        click.confirm("Go on?", abort=True, err=True)
    return _Service(connection=None, model=model)


def _cheapest(host: Host) -> str:
    """Pick a model from the service's list: a cheap one by its name, else the first that can chat."""
    offered = [str(choice.value) for choice in host.choices("openai.create_chat_completion", "model")]
    if not offered:
        message = "The service lists no model; give one with --model."
        raise click.UsageError(message)
    return next(filter(is_cheap, offered), offered[0])


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
