"""Modules that wait for their service to get further, and what they still say when they are stopped."""

import threading
import time
from collections.abc import Generator
from typing import Annotated

import pytest
from attrs import frozen
from requests import Response

from jackfield import (
    Cancellation,
    ConnectionType,
    Context,
    DeadlineError,
    Effect,
    Event,
    Host,
    OperationCancelledError,
    PluginError,
    Text,
    WaitBegun,
    header,
    hookimpl,
    module,
)
from jackfield.testing import Replay, context
from weather import Account

SAID = "the kettle of Mrs Canary"


@frozen(kw_only=True)
class Order:
    """What to boil."""

    what: Annotated[str, Text(label="What")] = SAID


@frozen(kw_only=True)
class Boiled:
    """What boils."""

    state: str


kitchen = ConnectionType(
    label="Kitchen", form=Account, origin="https://kitchen.example", authorize=header("X-Key", "{api_key}")
)


@module(label="Boil Water", connection=kitchen, effect=Effect.UNSAFE)
def boil_water(form: Order, context: Context) -> Boiled:
    """Boil water, however long that takes; put the fire out if nobody waits for it."""
    said = context.client.post("/fire", json=form)
    try:
        while said["state"] != "boiling":
            context.wait(said["wait_s"], f"{form.what} is {said['state']}")
            said = context.client.get("/fire")
    except (OperationCancelledError, DeadlineError):
        context.parting_client().post("/fire/out")
        raise
    return Boiled(state=said["state"])


@module(label="Dream of Tea", effect=Effect.READ)
def dream(form: Order, context: Context) -> Boiled:
    """Use no service at all."""
    context.parting_client()
    return Boiled(state=form.what)


@module(label="Ponder over Tea", effect=Effect.READ)
def ponder(form: Order, context: Context) -> Boiled:
    """Take the time that it takes, without a look at the deadline."""
    time.sleep(0.05)
    return Boiled(state=form.what)


class Impatient:
    """Cancels the operation when its answer is there."""

    def __init__(self, cancellation: Cancellation) -> None:
        self._cancellation = cancellation

    @hookimpl(wrapper=True)
    def send(self) -> Generator[None, Response, Response]:
        """Cancel it."""
        response = yield
        self._cancellation.cancel()
        return response


class Listener:
    """Hears events; may cancel the operation when it begins to wait."""

    def __init__(self, cancellation: Cancellation | None = None) -> None:
        self.waits: list[WaitBegun] = []
        self._cancellation = cancellation

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Remember a wait."""
        if isinstance(event, WaitBegun):
            self.waits.append(event)
            if self._cancellation is not None:
                threading.Thread(target=self._cancellation.cancel).start()


MODULES = {"kitchen.boil_water": boil_water, "kitchen.dream": dream, "kitchen.ponder": ponder}
KEY = {"api_key": "key-of-the-kitchen"}


def _paths(replay: Replay) -> list[tuple[str | None, str]]:
    return [(request.method, request.path_url) for request in replay.requests]


@pytest.mark.parametrize("confidential", [False, True])
def test_a_wait_is_told_with_what_is_waited_for(replay: Replay, *, confidential: bool) -> None:
    """Whoever watches sees it; in a confidential run only how long it is."""
    listener = Listener()
    replay.reply({"state": "cold", "wait_s": 0.01})
    replay.reply({"state": "boiling"})

    with Host(plugins=[listener, replay], modules=MODULES, discover=False, environ={}) as host:
        result = host.run("kitchen.boil_water", {}, connection=KEY, confidential=confidential)

    assert result.output.state == "boiling"
    (wait,) = listener.waits
    assert wait.wait_s == 0.01
    assert wait.reason == ("" if confidential else f"{SAID} is cold")


def test_a_cancelled_wait_ends_at_once_and_the_last_word_is_said(replay: Replay) -> None:
    """The service is told to stop, though the operation may send nothing more."""
    cancellation = Cancellation()
    replay.reply({"state": "cold", "wait_s": 600})
    replay.reply({})

    plugins = [Listener(cancellation), replay]
    with (
        Host(plugins=plugins, modules=MODULES, discover=False, environ={}) as host,
        pytest.raises(OperationCancelledError),
    ):
        host.run("kitchen.boil_water", {}, connection=KEY, cancellation=cancellation, deadline_s=600)

    assert _paths(replay) == [("POST", "/fire"), ("POST", "/fire/out")]


def test_a_wait_is_no_longer_than_the_time_that_is_left(replay: Replay) -> None:
    """Then the time has run out, and a parting client has a time of its own."""
    replay.reply({"state": "cold", "wait_s": 600})
    replay.reply({})

    with Host(plugins=[replay], modules=MODULES, discover=False, environ={}) as host, pytest.raises(DeadlineError):
        host.run("kitchen.boil_water", {}, connection=KEY, deadline_s=0.2)

    assert _paths(replay)[-1] == ("POST", "/fire/out")


def test_a_module_that_comes_too_late_has_no_result() -> None:
    """Though it never looked at the time; nothing was sent, and that is said."""
    with Host(modules=MODULES, discover=False, environ={}) as host, pytest.raises(DeadlineError) as late:
        host.run("kitchen.ponder", {}, deadline_s=0.02)

    assert (late.value.phase, late.value.sent) == ("run", False)


def test_what_is_cancelled_when_its_answer_is_there_has_no_result(replay: Replay) -> None:
    """Whoever cancels is told that it is cancelled."""
    cancellation = Cancellation()
    replay.reply({"state": "boiling"})

    plugins = [Impatient(cancellation), replay]
    with (
        Host(plugins=plugins, modules=MODULES, discover=False, environ={}) as host,
        pytest.raises(OperationCancelledError),
    ):
        host.run("kitchen.boil_water", {}, connection=KEY, cancellation=cancellation)


def test_a_module_without_a_connection_has_no_last_word(replay: Replay) -> None:
    """As it has no client."""
    with Host(plugins=[replay], modules=MODULES, discover=False, environ={}) as host, pytest.raises(PluginError):
        host.run("kitchen.dream", {})


def test_a_context_of_a_test_waits_too() -> None:
    """So a function can be tried alone."""
    with context(boil_water) as given:
        given.replay.reply({"state": "cold", "wait_s": 0.001})
        given.replay.reply({"state": "boiling"})

        assert boil_water.function(Order(), given.context) == Boiled(state="boiling")
