"""What every host of Jackfield promises, as cases that are run over any of them.

A host brings an adapter (HostUnderTest) and runs CASES with it, each with the service of ``contract_connector``:

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
    def test_the_contract(case: Case, host: HostUnderTest, service: Service) -> None:
        case(host, service)

What a host cannot do at all stands in ``HostUnderTest.lacks``, with the reason; such a case is skipped with it.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import pytest
from attrs import frozen
from contract_connector import CANARY, PNG, Service

_WAIT_S = 30
"""For what comes soon; a loaded machine may take its time."""


@frozen(kw_only=True)
class Failed:
    """An error, as whoever uses the host sees it.

    Attributes:
        kind: The name of our class: ``InvalidInputError``.
        text: All that is said of it.
        retryable: Whether the host tells that a repeat may help.
        paths: The places at fault.
    """

    kind: str
    text: str
    retryable: bool = False
    paths: Sequence[str] = ()


@frozen(kw_only=True)
class Outcome:
    """What a call gave.

    Attributes:
        bundles: All of them, as JSON; of a result that the host cuts, what it shows at once.
        whole: The same with all that the host shows only when asked for the rest.
        pieces: What was told on the way, in order.
        error: What went wrong; ``None`` if nothing did.
    """

    bundles: Sequence[Mapping[str, Any]] = ()
    whole: Sequence[Mapping[str, Any]] = ()
    pieces: Sequence[str] = ()
    error: Failed | None = None

    @property
    def bundle(self) -> Mapping[str, Any]:
        """The only one."""
        assert self.error is None, self.error
        (found,) = self.whole
        return found


class Running(Protocol):
    """A call that is under way."""

    def cancel(self) -> None:
        """Stop it, as users of the host do."""

    def outcome(self) -> Outcome | None:
        """Wait for its end; ``None`` if the host says nothing of a call that was cancelled."""


class HostUnderTest(Protocol):
    """A host, as its users reach it.

    Attributes:
        lacks: Cases that make no sense for it, by name, each with the reason.
    """

    @property
    def lacks(self) -> Mapping[str, str]:
        """See above."""

    def call(self, module_id: str, form: Mapping[str, Any], *, approved: bool = True) -> Outcome:
        """Run a module and wait; with approval, where the host asks for one."""

    def start(self, module_id: str, form: Mapping[str, Any]) -> Running:
        """Run a module and do not wait."""

    def within(self, deadline_s: float, module_id: str, form: Mapping[str, Any]) -> Outcome:
        """Run a module with a deadline, as the host lets its users set one."""

    def content_of(self, reference: Mapping[str, Any]) -> bytes:
        """Read a file that a bundle refers to."""

    def written(self) -> bytes:
        """Give all that the host has written by now: answers, logs, protocol, files."""


Case = Callable[[HostUnderTest, Service], None]


def a_valid_call(host: HostUnderTest, service: Service) -> None:
    """Gives the bundle that the module declares."""
    assert host.call("contract.echo", {"text": "hé", "times": 2}).bundle == {"text": "héhé", "length": 4}


def a_call_of_the_service(host: HostUnderTest, service: Service) -> None:
    """Carries the credentials of the connection, which the caller never sees."""
    assert host.call("contract.ask", {"path": "/hello"}).bundle == {"text": "/hello", "length": 1}


def a_search(host: HostUnderTest, service: Service) -> None:
    """Gives any number of bundles in order, none too."""
    many = host.call("contract.count", {"size": 3})
    none = host.call("contract.count", {"size": 0})

    assert [bundle["number"] for bundle in many.whole] == [1, 2, 3]
    assert (none.error, list(none.whole)) == (None, [])


_BAD: Sequence[tuple[Mapping[str, Any], Sequence[str]]] = (
    ({}, ["$.text"]),
    ({"text": 5}, ["$.text"]),
    ({"text": None}, ["$.text"]),
    ({"text": "x" * 101}, ["$.text"]),
    ({"text": "x", "times": 0}, ["$.times"]),
    ({"text": "x", "times": 1.5}, ["$.times"]),
    ({"text": "x", "times": True}, ["$.times"]),
    ({"text": "x", "loudness": "shrill"}, ["$.loudness"]),
    ({"text": "x", "unheard": 1}, ["$.unheard"]),
    ({"text": "x", "parts": {}}, ["$.parts"]),
    ({"text": "x", "parts": [{"word": "a"}, {"bold": True}]}, ["$.parts[1].word"]),
    ({"text": "x", "parts": [{"word": "a", "size": 1}]}, ["$.parts[0].size"]),
    ({"text": "x", "parts": [{"word": "a"}] * 4}, ["$.parts"]),
    ({"text": 5, "times": 9}, ["$.text", "$.times"]),
)


def bad_input(host: HostUnderTest, service: Service) -> None:
    """Names each place at fault, whatever kind of fault it is, and sends nothing."""
    for form, paths in _BAD:
        error = host.call("contract.echo", form).error

        assert error is not None, form
        assert (error.kind, [*error.paths], error.retryable) == ("InvalidInputError", [*paths], False), form
        assert all(path in error.text for path in paths), form


def bad_input_is_not_posted(host: HostUnderTest, service: Service) -> None:
    """What is wrong is told before anybody is asked for approval, and reaches nobody."""
    error = host.call("contract.post", {"text": 1}).error

    assert error is not None
    assert error.kind == "InvalidInputError"
    assert service.posts == []


def a_secret_stays_inside(host: HostUnderTest, service: Service) -> None:
    """It stands in nothing that the host writes, even where the service says it back."""
    host.call("contract.ask", {"path": "/hello"})
    host.call("contract.ask", {"path": "/refused"})
    host.call("contract.ask", {"path": "/busy"})

    written = host.written()
    assert b"contract" in written
    assert CANARY.encode() not in written


def a_big_result(host: HostUnderTest, service: Service) -> None:
    """Comes whole, at once or in pieces."""
    found = host.call("contract.write_much", {"size": 60_000})

    assert found.bundle["text"] == "ä" * 60_000
    assert found.bundle["numbers"] == [*range(6000)]


def a_file(host: HostUnderTest, service: Service) -> None:
    """Is a reference in the bundle; its content is read apart, and another module takes the reference."""
    reference = host.call("contract.draw", {"size": 700_000}).bundle["image"]

    assert (reference["name"].startswith("drawn"), reference["media_type"]) == (True, "image/png")
    assert host.content_of(reference) == PNG + b"." * 700_000
    measured = host.call("contract.measure", {"file": {"file": reference["file"]}})
    assert measured.bundle["length"] == len(PNG) + 700_000


def a_stream(host: HostUnderTest, service: Service) -> None:
    """Tells its pieces as they come, and gives the whole at the end."""
    told = host.call("contract.tell", {})

    assert told.bundle == {"text": "once upon a time", "length": 4}
    assert "".join(told.pieces) == "onceuponatime"


def a_cancelled_call(host: HostUnderTest, service: Service) -> None:
    """Stops: the service sees that nobody waits any more."""
    running = host.start("contract.ask", {"path": "/slow"})
    assert service.asked.wait(_WAIT_S)

    running.cancel()

    outcome = running.outcome()
    assert outcome is None or (outcome.error is not None and outcome.error.kind == "OperationCancelledError")
    assert service.left.wait(_WAIT_S)


def a_deadline(host: HostUnderTest, service: Service) -> None:
    """Ends a call that takes too long, and says so."""
    error = host.within(0.3, "contract.ask", {"path": "/slow"}).error

    assert error is not None
    assert error.kind == "DeadlineError"
    assert service.left.wait(_WAIT_S)


def an_error_that_may_pass(host: HostUnderTest, service: Service) -> None:
    """Is told as worth a repeat, with what to do."""
    error = host.call("contract.ask", {"path": "/busy"}).error

    assert error is not None
    assert (error.kind, error.retryable) == ("BusyError", True)
    assert "Run it again later" in error.text


def an_error_that_stays(host: HostUnderTest, service: Service) -> None:
    """Is told as final."""
    error = host.call("contract.ask", {"path": "/refused"}).error

    assert error is not None
    assert (error.kind, error.retryable) == ("RefusedError", False)


def a_defect(host: HostUnderTest, service: Service) -> None:
    """Of a module is an error like any other, and the host goes on."""
    error = host.call("contract.break_down", {}).error

    assert error is not None
    assert error.kind == "PluginError"
    assert "Traceback" not in error.text
    assert host.call("contract.echo", {"text": "on"}).bundle["text"] == "on"


def many_at_once(host: HostUnderTest, service: Service) -> None:
    """Each gets its own answer, while one that waits holds nobody up."""
    slow = host.start("contract.ask", {"path": "/slow"})
    assert service.asked.wait(_WAIT_S)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: host.call("contract.ask", {"path": f"/{n}"}).bundle["text"], range(24)))

    assert found == [f"/{number}" for number in range(24)]
    assert not service.left.is_set()
    slow.cancel()
    slow.outcome()


CASES: Sequence[Case] = (
    a_valid_call,
    a_call_of_the_service,
    a_search,
    bad_input,
    bad_input_is_not_posted,
    a_secret_stays_inside,
    a_big_result,
    a_file,
    a_stream,
    a_cancelled_call,
    a_deadline,
    an_error_that_may_pass,
    an_error_that_stays,
    a_defect,
    many_at_once,
)


def keep_the_contract(case: Case, host: HostUnderTest, service: Service) -> None:
    """Run a case, unless the host says why it cannot."""
    reason = host.lacks.get(case.__name__)
    if reason:
        pytest.skip(reason)
    case(host, service)
