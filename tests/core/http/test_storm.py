"""A service that refuses what is too much: nothing is lost, and it is hardly asked more than it takes."""

import json
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Annotated, Any

import pytest
from attrs import frozen

from jackfield import (
    AttemptStarted,
    ConnectionType,
    Context,
    DeadlineError,
    Effect,
    Event,
    Host,
    HttpSettings,
    Password,
    QuotaError,
    RetryScheduled,
    Secret,
    TurnAwaited,
    Url,
    header,
    hookimpl,
    module,
)

A_SECOND = 5
"""How many requests the service takes in a second."""
THREADS = 8
EACH = 3


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password(label="API key")]
    url: Annotated[str, Url(label="URL")]


account = ConnectionType(
    label="Service", form=Account, origin=lambda form: form.url, authorize=header("X-Key", "{api_key}")
)


@frozen(kw_only=True)
class Question:
    number: int


@frozen(kw_only=True)
class Reply:
    number: int


@module(label="Ask", connection=account, effect=Effect.UNSAFE)
def ask(form: Question, context: Context) -> Reply:
    """Ask with a number, to be answered with the same."""
    return context.client.post("/ask", json=form, into=Reply)


class Diary:
    """Writes down what happens."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Write it down."""
        self.events.append(event)


class Limited:
    """Takes so many requests in a second, five of them at once, and refuses the others."""

    def __init__(self, says: Callable[[], dict[str, str]]) -> None:
        self.taken: list[float] = []
        self.refused: list[float] = []
        self._says = says
        self._lock = threading.Lock()
        self._level, self._at = float(A_SECOND), time.monotonic()

    def __call__(self, talk: Any) -> None:
        """Answer the requests of one connection."""
        while asked := talk.asked():
            if self._admits():
                talk.reply(asked.body)
            else:
                talk.reply(b'{"error": {"message": "slow down"}}', status="429 Too Many Requests", **self._says())

    def _admits(self) -> bool:
        with self._lock:
            now = time.monotonic()
            self._level = min(A_SECOND, self._level + (now - self._at) * A_SECOND)
            self._at = now
            admitted = self._level >= 1
            self._level -= admitted
            (self.taken if admitted else self.refused).append(now)
            return admitted

    def most_within(self, seconds: float, since: float) -> int:
        """Say how many requests came at most within so many seconds, from a moment on."""
        came = sorted(moment for moment in [*self.taken, *self.refused] if moment >= since)
        return max(sum(first <= moment < first + seconds for moment in came) for first in came)


def storm(host: Host, url: str) -> list[int]:
    """Ask from many threads at once; give what came back."""
    found: list[int] = []

    def work(thread: int) -> None:
        for number in range(thread * EACH, (thread + 1) * EACH):
            result = host.run("service.ask", {"number": number}, connection={"api_key": "k", "url": url})
            found.append(result.output.number)

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    return sorted(found)


FORMS: dict[str, Callable[[], dict[str, str]]] = {
    "seconds": lambda: {"Retry_After": "1"},
    "date": lambda: {"Retry_After": formatdate(time.time() + 1.5, usegmt=True)},
    "past date": lambda: {"Retry_After": "Wed, 21 Oct 2015 07:28:00 GMT"},
    "negative": lambda: {"Retry_After": "-5"},
    "NaN": lambda: {"Retry_After": "NaN"},
    "huge": lambda: {"Retry_After": "1000000000"},
    "milliseconds": lambda: {"Retry_After_Ms": "700", "Retry_After": "1"},
    "none": dict,
}


def test_a_storm_is_calmed(serve: Any) -> None:
    """Eight threads, five requests a second: nothing is lost, and after the first burst one in ten is too much at most.

    In the burst nobody knows of a limit yet, and each thread is refused once at most. One service for each way in which
    a time can be told, all at once.
    """
    services = {form: Limited(says) for form, says in FORMS.items()}
    found: dict[str, list[int]] = {}

    with Host(modules={"service.ask": ask}, discover=False) as host:

        def rage(form: str) -> None:
            found[form] = storm(host, serve(services[form]).url)

        storms = [threading.Thread(target=rage, args=(form,)) for form in FORMS]
        for one in storms:
            one.start()
        for one in storms:
            one.join(120)

    assert found == {form: list(range(THREADS * EACH)) for form in FORMS}
    for form, limited in services.items():
        # Counted, not timed: on a loaded machine a thread may come to its first request late.
        assert len(limited.refused) <= THREADS + THREADS * EACH / 10, form
        burst_over = sorted([*limited.taken, *limited.refused])[THREADS - 1] + 0.3
        assert limited.most_within(3.0, burst_over) <= 3 * A_SECOND * 1.1, form


def test_a_limit_that_is_set_is_never_passed(serve: Any) -> None:
    """With max_requests_per_s the service refuses nothing, from the first request on, and waits are told."""
    limited, diary = Limited(FORMS["seconds"]), Diary()
    server = serve(limited)
    settings = HttpSettings(max_requests_per_s=A_SECOND)

    with Host(plugins=[diary], modules={"service.ask": ask}, discover=False, settings=settings) as host:
        found = storm(host, server.url)

    assert found == list(range(THREADS * EACH))
    assert limited.refused == []
    assert limited.most_within(3.0, 0) <= 3 * A_SECOND * 1.1
    waits = [event for event in diary.events if isinstance(event, TurnAwaited)]
    assert waits
    assert {event.reason for event in waits} == {"max_requests_per_s is 5"}
    assert not [event for event in diary.events if isinstance(event, RetryScheduled)]


def test_what_the_service_says_prevents_refusals(serve: Any) -> None:
    """A service that tells in each answer what is left is not asked for more."""
    refused: list[int] = []
    lock, level, at = threading.Lock(), 5.0, time.monotonic()

    def script(talk: Any) -> None:
        nonlocal level, at
        while asked := talk.asked():
            with lock:
                now = time.monotonic()
                level, at = min(5.0, level + (now - at) * 10), now
                admitted = level >= 1
                level -= admitted
                said = {
                    "X_Ratelimit_Limit_Requests": "5",
                    "X_Ratelimit_Remaining_Requests": str(int(level)),
                    "X_Ratelimit_Reset_Requests": f"{(5 - int(level)) * 100}ms",
                }
            if not admitted:
                refused.append(1)
            talk.reply(asked.body, status="200 OK" if admitted else "429 Too Many", **said)

    server = serve(script)

    with Host(modules={"service.ask": ask}, discover=False) as host:
        first = host.run("service.ask", {"number": 0}, connection={"api_key": "k", "url": server.url})
        found = storm(host, server.url)

    assert first.output.number == 0
    assert found == list(range(THREADS * EACH))
    assert len(refused) <= (THREADS * EACH + 1) / 10


def test_money_that_is_used_up_holds_nobody_back(serve: Any) -> None:
    """429 for another reason: it is not repeated, and the next request leaves at once."""

    def script(talk: Any) -> None:
        while talk.asked():
            body = {"error": {"code": "insufficient_quota", "message": "no credit"}}
            talk.reply(json.dumps(body).encode(), status="429 Too Many Requests")

    server, diary = serve(script), Diary()

    with Host(plugins=[diary], modules={"service.ask": ask}, discover=False) as host:
        for number in range(10):
            with pytest.raises(QuotaError):
                host.run("service.ask", {"number": number}, connection={"api_key": "k", "url": server.url})

    assert len(server.asked) == 10
    assert not [event for event in diary.events if isinstance(event, TurnAwaited | RetryScheduled)]


def test_a_wait_for_a_turn_counts_against_the_deadline(serve: Any) -> None:
    """The error comes at once, says what is waited for, and nothing was sent."""
    server, diary = serve(), Diary()
    settings = HttpSettings(max_requests_per_s=0.01)
    connection = {"api_key": "k", "url": server.url}
    modules = {"service.look": module(label="Look", connection=account, effect=Effect.READ)(_look)}

    with Host(plugins=[diary], modules=modules, discover=False, settings=settings) as host:
        host.run("service.look", {"number": 1}, connection=connection)
        with pytest.raises(DeadlineError, match=r"max_requests_per_s is 0\.01") as caught:
            host.run("service.look", {"number": 2}, connection=connection, deadline_s=5)
        host.run("service.look", {"number": 3}, connection={**connection, "api_key": "another"})

    assert (caught.value.phase, caught.value.sent) == ("queue", False)
    assert len(server.asked) == 2
    assert len([event for event in diary.events if isinstance(event, AttemptStarted)]) == 3


def _look(form: Question, context: Context) -> Reply:
    """Look whether the service is there."""
    context.client.request("GET", "/")
    return Reply(number=form.number)


def test_no_more_are_under_way_than_set(serve: Any) -> None:
    """The setting max_in_flight holds over threads, and over redirects, repeats and answers that are not read."""
    lock, now, most = threading.Lock(), 0, 0

    def script(talk: Any) -> None:
        nonlocal now, most
        while asked := talk.asked():
            with lock:
                now += 1
                most = max(most, now)
                number = len(server.asked)
            time.sleep(0.02)
            with lock:
                now -= 1
            if number % 3 == 0:
                talk.reply(b"no", status="503 Busy")
            elif number % 5 == 0:
                talk.reply(b"there", status="307 Temporary", Location="/ask")
            else:
                talk.reply(asked.body)

    server = serve(script)
    settings = HttpSettings(max_in_flight=2, retry_base_s=0.01, max_attempts=20)
    safe = module(label="Ask", connection=account, effect=Effect.IDEMPOTENT)(ask.function)

    with Host(modules={"service.ask": safe}, discover=False, settings=settings) as host:
        found = storm(host, server.url)

    assert found == list(range(THREADS * EACH))
    assert most == 2


def test_a_deadline_in_the_queue_tells_what_was_sent_before(serve: Any) -> None:
    """The first attempt left, so the service may have acted; the second one waits in vain."""
    server = serve(lambda talk: talk.asked() and talk.reply(b"no", status="503 Busy"))
    settings = HttpSettings(max_requests_per_s=0.01, retry_base_s=0.01)
    safe = module(label="Ask", connection=account, effect=Effect.IDEMPOTENT)(ask.function)

    with (
        Host(modules={"service.ask": safe}, discover=False, settings=settings) as host,
        pytest.raises(DeadlineError) as caught,
    ):
        host.run("service.ask", {"number": 1}, connection={"api_key": "k", "url": server.url}, deadline_s=5)

    assert (caught.value.phase, caught.value.sent) == ("queue", True)
