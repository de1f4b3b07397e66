"""What a host makes of wrong arguments, and of defects of modules and plugins: an error that says whose they are."""

import asyncio
import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import pytest
from attrs import frozen

from jackfield import (
    Choice,
    ConnectionType,
    Context,
    DeadlineError,
    Effect,
    Execution,
    Failure,
    Host,
    InputError,
    InvalidInputError,
    JackfieldError,
    Module,
    Operation,
    PluginError,
    RefusedByPolicyError,
    Result,
    Select,
    hookimpl,
    module,
)
from jackfield.testing import Replay


@frozen(kw_only=True)
class Nothing:
    """No field."""


@frozen(kw_only=True)
class Wish:
    color: Annotated[str | None, Select(label="Color", choices=["red", "blue"])] = None


@frozen(kw_only=True)
class Thing:
    n: int = 1


account = ConnectionType(label="Things", form=Nothing, origin="https://things.example")


@module(label="Get", connection=account, effect=Effect.READ)
def get(form: Wish, context: Context) -> Thing:
    """Get a thing."""
    return context.client.get("/thing", into=Thing)


def fail(*_: object) -> Any:
    """Do what no plugin should."""
    message = "a defect"
    raise ZeroDivisionError(message)


def leave(*_: object) -> Any:
    """Do what no plugin should, either."""
    raise SystemExit(3)


def host_of(*plugins: object) -> Host:
    """Make a host whose service has an answer."""
    replay = Replay()
    replay.reply({"n": 2})
    return Host(plugins=[*plugins, replay], modules={"things.get": get}, discover=False, environ={})


@pytest.mark.parametrize("given", [None, 5, [], b"things.get", fail, Thing], ids=lambda given: type(given).__name__)
def test_what_is_no_module_is_said_to_be_none(given: Any) -> None:
    """A function without its decorator, most often."""
    with pytest.raises(InputError, match="not by a Python"):
        host_of().run(given)


@pytest.mark.parametrize("given", [0, -1])
def test_a_deadline_of_nothing_has_passed(given: float) -> None:
    """It is not taken for none."""
    with pytest.raises(DeadlineError):
        host_of().run(get, deadline_s=given)


@pytest.mark.parametrize("given", ["5", [], float("nan")], ids=repr)
def test_a_deadline_is_a_number(given: Any) -> None:
    """Nothing else is."""
    with pytest.raises(InvalidInputError, match="deadline_s"):
        host_of().run(get, deadline_s=given)


@pytest.mark.parametrize("given", [0, 2.5, "4", None], ids=repr)
def test_concurrency_is_a_whole_number(given: Any) -> None:
    """From one upwards."""
    with pytest.raises(InputError, match="concurrency"):
        host_of().map(get, [{}], concurrency=given)


def of_two(_: object, form: Wish, context: Context) -> Thing:
    """Take one argument too many for a module."""
    raise NotImplementedError


@pytest.mark.parametrize(
    "function", [functools.partial(of_two, 1), type("Callable", (), {"__call__": of_two})()], ids=["partial", "object"]
)
def test_a_module_is_a_function(function: Any) -> None:
    """Other things that can be called have no annotations of their own."""
    made: Module[Any, Any, Any] = module(label="Odd")(function)

    with pytest.raises(PluginError, match="a module is a function"):
        host_of().run(made)


def leaving(form: Wish, context: Context) -> Thing:
    """End the process."""
    raise SystemExit(3)


DEFECTS: dict[str, Module[Any, Any, Any]] = {
    "validate": module(label="Odd", validate=fail)(get.function),
    "effect": module(label="Odd", effect=fail)(get.function),
    "timeout": module(
        label="Odd", connection=ConnectionType(label="Odd", form=Nothing, origin="https://x.example", timeout_s=fail)
    )(get.function),
    "connection": module(
        label="Odd", connection=ConnectionType(label="Odd", form=Nothing, origin="https://x.example", validate=leave)
    )(get.function),
    "exit": module(label="Odd")(leaving),
}


@pytest.mark.parametrize("odd", DEFECTS.values(), ids=DEFECTS)
def test_a_defect_of_a_connector_is_told_as_one(odd: Module[Any, Any, Any]) -> None:
    """Wherever its code is called, with the place; and it ends no other item of a map."""
    host = host_of()

    with pytest.raises(PluginError, match=r"(ZeroDivisionError|SystemExit) at test_misuse.py"):
        host.run(odd)
    outcomes = list(host.map(odd, [{}, {}]))

    assert [type(outcome) for outcome in outcomes] == [Failure, Failure]


def finding_nothing(form: Wish, context: Context) -> Iterator[Thing]:
    """Give no iterator."""
    return None  # type: ignore[return-value]  # wrong on purpose


def test_a_search_that_gives_no_items_is_told_what_it_gave() -> None:
    """Its author reads that, and need not look where core stumbled over it."""
    with pytest.raises(PluginError, match="is declared to give items, and gave a NoneType"):
        host_of().run(module(label="Odd")(finding_nothing))


@pytest.mark.parametrize("effect", ["read", None, 5])
def test_an_effect_is_one(effect: Any) -> None:
    """Said when the module is declared."""
    with pytest.raises(PluginError, match=r"Odd: effect must be an Effect or a function of the form"):
        module(label="Odd", effect=effect)(get.function)


def calling_wrongly(form: Wish, context: Context) -> Thing:
    """Give core what it cannot take."""
    return context.client.get(5, into=Thing)  # type: ignore[call-overload,no-any-return]  # wrong on purpose


def test_a_wrong_call_is_told_with_the_line_of_the_connector() -> None:
    """Not with the line in core that could do nothing with it."""
    account = ConnectionType(label="Odd", form=Nothing, origin="https://x.example")

    with pytest.raises(PluginError, match=r"at test_misuse\.py:"):
        host_of().run(module(label="Odd", connection=account)(calling_wrongly))


class Hides:
    def __init__(self, answer: Callable[[], Any]) -> None:
        self._answer = answer

    @hookimpl
    def hide_modules(self, module_ids: Sequence[str]) -> Any:
        """Answer."""
        assert list(module_ids) == ["things.get"]
        return self._answer()


def refuse() -> Any:
    """Fail as a policy whose file cannot be read."""
    message = "The policy cannot be read."
    raise RefusedByPolicyError(message)


@pytest.mark.parametrize("answer", [refuse, fail, lambda: "things.get", lambda: 5], ids=["refuse", "fail", "text", "5"])
def test_a_policy_that_fails_is_never_passed_over(answer: Callable[[], Any]) -> None:
    """Nothing runs until it has said what is hidden: not at the second attempt, either."""
    host = host_of(Hides(answer))

    for _ in range(3):
        with pytest.raises((RefusedByPolicyError, PluginError)):
            host.run("things.get")


def test_a_policy_that_recovers_is_asked_again() -> None:
    """Its plugin stays registered meanwhile."""
    answers: Iterator[Any] = iter([ZeroDivisionError(), []])

    def answer() -> Any:
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    host = host_of(Hides(answer))

    with pytest.raises(PluginError):
        host.run("things.get")

    assert host.run("things.get").bundle == {"n": 2}


class Odd:
    """Answers hooks wrongly."""

    def __init__(self, hook: str, answer: Callable[[], Any]) -> None:
        self._hook = hook
        self._answer = answer

    def _said(self, hook: str) -> Any:
        return self._answer() if hook == self._hook else None

    @hookimpl
    def find_connection(self, name: str) -> Any:
        """Answer."""
        return self._said(f"find_connection{name}")

    @hookimpl
    def execute(self, operation: Operation) -> Any:
        """Answer."""
        return self._said("execute") if operation.id else None

    @hookimpl
    def field_choices(self, field: str) -> Any:
        """Answer."""
        return self._said("field_choices") if field else None


@pytest.mark.parametrize(
    "answer", [lambda: 5, lambda: "x", lambda: [5], fail, leave], ids=["5", "x", "[5]", "raise", "exit"]
)
@pytest.mark.parametrize("hook", ["find_connection", "execute", "field_choices"])
def test_a_hook_that_answers_nonsense_is_a_defect(hook: str, answer: Callable[[], Any]) -> None:
    """Nobody gets a TypeError from somewhere inside."""
    host = host_of(Odd(hook, answer))

    with pytest.raises(PluginError):
        _ = (host.choices("things.get", "color"), host.run("things.get"))


def test_a_hook_that_answers_rightly_is_none() -> None:
    """The counterpart of the test above."""
    host = host_of(Odd("field_choices", lambda: [Choice(value="green")]))

    assert [choice.value for choice in host.choices("things.get", "color")] == ["green"]
    assert host.run("things.get").bundle == {"n": 2}


class Again:
    """Runs a run again that is over."""

    @hookimpl(wrapper=True)
    def execute(self, operation: Operation) -> Any:
        """Try twice."""
        execution: Execution = yield

        def twice() -> Execution:
            try:
                return (yield from execution)
            except JackfieldError:
                return (yield from execution)

        return twice() if operation.id else execution


def test_a_run_that_is_over_cannot_be_repeated() -> None:
    """It is said so, and nobody gets None for a result."""
    host = Host(plugins=[Again(), Replay()], modules={"things.get": get}, discover=False, environ={})

    with pytest.raises(PluginError, match="not with a Result"):
        host.run("things.get")


class Deaf:
    @hookimpl
    def on_event(self, event: object) -> None:
        """Leave."""
        raise SystemExit(type(event).__name__)


def test_a_listener_ends_no_process(caplog: pytest.LogCaptureFixture) -> None:
    """As any failure of a listener, it is logged and changes nothing."""
    result: Result[Any] = host_of(Deaf()).run("things.get")

    assert result.bundle == {"n": 2}
    assert "OperationFinished" in caplog.text


@frozen(kw_only=True)
class Other:
    """Not what is declared."""


def test_a_search_that_fails_lets_go_at_once() -> None:
    """Also if somebody keeps the error: what a module holds open is a connection, most often."""
    held = ["open"]

    @module(label="Search")
    def search(form: Nothing, context: Context) -> Iterator[Thing]:
        """Give something wrong."""
        try:
            yield Thing()
            yield Other()  # type: ignore[misc]
        finally:
            held.clear()

    with Host(discover=False, environ={}) as host:
        (failure,) = host.map(search, [{}])

    assert isinstance(failure, Failure)
    assert held == []


def test_a_closed_host_does_nothing_more() -> None:
    """Nor does it start a thread for it."""
    host = host_of()
    host.close()
    before = threading.active_count()

    with pytest.raises(InputError, match="closed"):
        asyncio.run(host.arun("things.get"))
    with pytest.raises(InputError, match="closed"):
        host.check_connection("things.account")

    assert threading.active_count() == before
