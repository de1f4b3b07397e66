"""What one call costs in CPU: a POST of JSON that is answered with JSON, over a kept-alive connection.

1.0 is ``requests.Session().post(...).json()``. Ours is ``Host.run``, everything included: the form is checked, the
request authorized, the answer checked and made into objects. The service runs in another process, on a core of its own
where the system allows it. All cases run in turn, many times; the figures are medians of the rounds, and the ratios
medians of the ratios within a round, so that what else the machine does hits all alike.

Run ``python benchmarks/one_call.py``; with ``--check`` it fails if the goal is missed.
"""

import argparse
import http.client
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from urllib.parse import urlsplit

import completion
import requests
import server

from jackfield._engine.conversion import CODEC
from jackfield._http.client import Answer, Client
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield._http.transport import Transport
from jackfield.errors import JackfieldError
from jackfield.storage import FileSettings, FileStore

GOAL = 0.4
BASE = "requests.Session().post().json()"
OURS = "jackfield Host.run"
Call = Callable[[], object]


def main() -> int:
    """Measure, print, and give the exit code."""
    return compared(__doc__ or "", cases, base=BASE, ours=OURS, goal=GOAL)


def compared(
    description: str,
    cases: Callable[[str], AbstractContextManager[dict[str, Call]]],
    *,
    base: str,
    ours: str,
    goal: float,
) -> int:
    """Be a program that measures what one call costs, prints it, and gives the exit code.

    Args:
        description: Of the program.
        cases: Makes what is measured, of the address of the service.
        base: The case that is 1.0.
        ours: The one that has a goal.
        goal: What that may cost at most, as a ratio.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--calls", type=int, default=200, help="calls of each case in a round")
    parser.add_argument("--check", action="store_true", help="fail if the goal is missed")
    options = parser.parse_args()
    with server.running(pinned=True) as url, cases(url) as calls:
        took = measure(calls, options.rounds, options.calls)
    print(f"CPU of one call, medians of {options.rounds} rounds of {options.calls} calls\n")
    ratios = {name: ratio(times, took[base]) for name, times in took.items()}
    for name, times in took.items():
        print(f"{name:34} {statistics.median(times):7.0f} us {ratios[name]:6.2f}")
    met = ratios[ours] <= goal
    print(f"\nThe goal of {goal} is {'met' if met else 'missed'}.")
    return 1 if options.check and not met else 0


def measure(calls: dict[str, Call], rounds: int, number: int) -> dict[str, list[float]]:
    """Give the CPU time of one call in microseconds, for each case and round."""
    took: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        cpu_us(call, number // 4 + 1)
    for _ in range(rounds):
        for name, call in calls.items():
            took[name].append(cpu_us(call, number))
    return took


def cpu_us(call: Call, number: int) -> float:
    """Call several times, and give the CPU time of one."""
    started = time.process_time()
    for _ in range(number):
        call()
    return (time.process_time() - started) / number * 1e6


def ratio(times: list[float], base: list[float]) -> float:
    """Give the median of the ratios within each round."""
    return statistics.median(one / other for one, other in zip(times, base, strict=True))


@contextmanager
def cases(url: str) -> Iterator[dict[str, Call]]:
    """Make what is measured; all of it sends the same body to the same address."""
    with ExitStack() as stack:
        host = stack.enter_context(completion.host())
        account = {"api_key": "key", "base_url": url}
        yield {
            BASE: session_call(stack.enter_context(requests.Session()), url),
            "the same, trust_env=False": session_call(stack.enter_context(untrusting()), url),
            "http.client": http_client_call(stack, url),
            "our transport and client alone": client_call(stack, url),
            OURS: lambda: host.run("benchmark.complete", completion.PROMPT, connection=account).output,
        }


@contextmanager
def untrusting() -> Iterator[requests.Session]:
    """Make a session that does not look into the environment."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def session_call(session: requests.Session, url: str) -> Call:
    """Call as most programs do."""
    headers = {"Authorization": "Bearer key"}
    return lambda: session.post(f"{url}/now/completions", json=completion.PROMPT, headers=headers).json()


def http_client_call(stack: ExitStack, url: str) -> Call:
    """Call with what Python has built in; nothing is checked, no time is limited."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port)
    stack.callback(connection.close)
    headers = {"Authorization": "Bearer key", "Content-Type": "application/json", "Accept": "application/json"}

    def call() -> object:
        connection.request("POST", "/now/completions", json.dumps(completion.PROMPT).encode(), headers)
        return json.loads(connection.getresponse().read())

    return call


class Unwatched:
    """Takes no notice of what a client does."""

    def attempt(self, request: requests.PreparedRequest, attempt: int) -> None:
        """Take no notice."""

    def waiting(self, error: JackfieldError, attempt: int, wait_s: float) -> None:
        """Take no notice."""

    def answered(self, answer: Answer) -> None:
        """Take no notice."""


def client_call(stack: ExitStack, url: str) -> Call:
    """Call with the part of ours that goes out: deadline, limits and credentials, but no form and no classes."""
    settings, watcher = HttpSettings(), Unwatched()
    transport = Transport(settings)
    stack.callback(transport.close)

    def call() -> object:
        deadline, cancellation = Deadline(60), Cancellation()

        def send(request: requests.PreparedRequest) -> requests.Response:
            request.headers["Authorization"] = "Bearer key"
            return transport.send(request, deadline=deadline, cancellation=cancellation)

        client = Client(
            url,
            settings=settings,
            deadline=deadline,
            cancellation=cancellation,
            repeatable=True,
            send=send,
            codec=CODEC,
            store=FileStore(FileSettings()),
            watcher=watcher,
        )
        return client.post("/now/completions", json=completion.PROMPT)

    return call


if __name__ == "__main__":
    sys.exit(main())
