"""What a streamed event costs in CPU: server-sent events of JSON, one a chunk, as a chat sends them.

1.0 is the least that can be done: the same bytes in memory, split at blank lines, each event read by ``json.loads``.
Ours is ``Host.stream`` of a chat over the network, everything included: deadline and limits, the stream's own rules,
a typed piece for each event, the whole answer put together and checked at its end. The peer is
``requests.Response.iter_lines`` with ``json.loads``, over the same network. The service runs in another process, on a
core of its own where the system allows it. All cases run in turn; the ratios are medians of those within a round.

Run ``python benchmarks/stream_events.py``; with ``--check`` it fails if the goal is missed.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import completion
import requests
import server
from one_call import Call, cpu_us, ratio

from jackfield import Host
from jackfield_openai.chat_completion import create_chat_completion

GOAL = 2.0
BASE = "split and json.loads, in memory"
PEER = "requests iter_lines, json.loads"
OURS = "jackfield Host.stream of a chat"


def main() -> int:
    """Measure, print, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--check", action="store_true", help="fail if the goal is missed")
    options = parser.parse_args()
    with server.running(pinned=True) as url, cases(url) as calls:
        took: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(options.rounds + 1):
            for name, call in calls.items():
                took[name].append(cpu_us(call, 1))
    print(f"CPU of one event, medians of {options.rounds} streams of {server.STREAMED:,} events\n")
    ratios = {name: ratio(times[1:], took[BASE][1:]) for name, times in took.items()}  # the first round warms up
    for name, times in took.items():
        print(f"{name:34} {statistics.median(times[1:]) / server.STREAMED:7.1f} us {ratios[name]:6.2f}")
    met = ratios[OURS] <= GOAL
    print(f"\nThe goal of {GOAL} is {'met' if met else 'missed'}.")
    return 1 if options.check and not met else 0


@contextmanager
def cases(url: str) -> Iterator[dict[str, Call]]:
    """Make what is measured; each reads every event of the same stream, and sees that none is missing."""
    modules = {"openai.create_chat_completion": create_chat_completion}
    with ExitStack() as stack:
        host = stack.enter_context(Host(discover=False, modules=modules, environ={}))
        session = stack.enter_context(requests.Session())

        def in_memory() -> int:
            return len([json.loads(event[6:]) for event in server.STREAM.split(b"\n\n")[:-2]])

        def iter_lines() -> int:
            with session.post(f"{url}/stream/completions", json=completion.PROMPT, stream=True) as response:
                lines = [line for line in response.iter_lines(chunk_size=65536) if line]
                return len([json.loads(line[6:]) for line in lines[:-1]])

        def streamed() -> int:
            account = {"api_key": "key", "base_url": f"{url}/stream"}
            with host.stream("openai.create_chat_completion", completion.PROMPT, connection=account) as pieces:
                return sum(1 for _ in pieces)

        yield {
            BASE: counted(in_memory),
            PEER: counted(iter_lines),
            OURS: counted(streamed),
        }


def counted(count: Callable[[], int]) -> Call:
    """Make a call that sees that it got every event."""

    def call() -> None:
        assert count() == server.STREAMED

    return call


if __name__ == "__main__":
    sys.exit(main())
