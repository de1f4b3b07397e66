"""How long 2,000 calls of 100 ms take with 64 of them in flight, against the least that they can take: 3.125 s.

Ours is ``Host.map``, everything included; its peer is a session of requests with a pool of as many connections and
threads. The service runs in another process and shares the machine. With ``--in-flight 512`` what is measured is mostly
how threads hand the interpreter to each other.

Run ``python benchmarks/in_flight.py``; with ``--check`` it fails if the goal is missed.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any

import completion
import requests
import server
from requests.adapters import HTTPAdapter

from jackfield import Failure, Result

DELAY_S = 0.1
GOALS = {64: 1.10, 512: 4.0}
Run = Callable[[str, int, int], None]


def main() -> int:
    """Measure, print, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--check", action="store_true", help="fail if the goal is missed")
    options = parser.parse_args()
    limit = options.calls * DELAY_S / options.in_flight
    print(f"{options.calls} calls of {DELAY_S:g} s, {options.in_flight} in flight: at least {limit:.3f} s\n")
    ratio = 0.0
    for name, run in (("requests, one session", with_requests), ("jackfield Host.map", with_jackfield)):
        wall, cpu = measure(run, options.calls, options.in_flight, options.runs)
        ratio = wall / limit  # ours comes last
        print(f"{name:22} {wall:6.2f} s {ratio:6.2f} x {cpu / options.calls * 1e6:7.0f} us of CPU a call")
    goal = GOALS.get(options.in_flight)
    if goal is None:
        return 0
    print(f"\nThe goal of {goal} is {'met' if ratio <= goal else 'missed'}.")
    return 1 if options.check and ratio > goal else 0


def measure(run: Run, calls: int, in_flight: int, runs: int) -> tuple[float, float]:
    """Give the medians of the time that passed and of the CPU time, each run against a fresh service."""
    took: list[tuple[float, float]] = []
    for _ in range(runs):
        with server.running(DELAY_S) as url:
            began, cpu_began = time.perf_counter(), time.process_time()
            run(url, calls, in_flight)
            took.append((time.perf_counter() - began, time.process_time() - cpu_began))
    walls, cpus = zip(*took, strict=True)
    return statistics.median(walls), statistics.median(cpus)


def with_requests(url: str, calls: int, in_flight: int) -> None:
    """Call as a careful program does that has threads: one session, and a pool that is large enough."""
    with requests.Session() as session, ThreadPoolExecutor(in_flight) as threads:
        session.mount("http://", HTTPAdapter(pool_maxsize=in_flight))

        def call(_: int) -> object:
            return session.post(f"{url}/later/completions", json=completion.PROMPT).json()

        assert sum(1 for answer in threads.map(call, range(calls)) if answer) == calls


def with_jackfield(url: str, calls: int, in_flight: int) -> None:
    """Call as a program does that has a host."""
    account = {"api_key": "key", "base_url": url}
    with completion.host(pool_size=in_flight) as host:
        prompts = repeat(completion.PROMPT, calls)
        outcomes: Iterator[Result[Any] | Failure] = host.map(
            "benchmark.complete_later", prompts, connection=account, concurrency=in_flight
        )
        assert sum(1 for outcome in outcomes if isinstance(outcome, Result)) == calls


if __name__ == "__main__":
    sys.exit(main())
