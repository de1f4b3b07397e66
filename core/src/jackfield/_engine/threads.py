"""Threads of a host: for many operations at once, and for callers that have an event loop.

What runs in one sees the context variables of its caller, as they were at the call: the span of a trace, the user of a
request. What it sets in them stays there.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import Any, TypeVar

from jackfield._http.forking import forget_after_fork

T = TypeVar("T")
R = TypeVar("R")


class Threads:
    """A pool that starts when it is first used, and starts anew in a forked child, which has none of its threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.forget()
        forget_after_fork(self)

    def forget(self) -> None:
        """Start anew: in a child process the threads do not exist."""
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._stops: dict[Future[Any], Callable[[], None]] = {}

    def submit(self, call: Callable[[], R], stop: Callable[[], None]) -> Future[R]:
        """Run a call in one of the threads, as soon as one is free; ``stop`` makes it end soon."""
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._most, thread_name_prefix="jackfield")
            future = self._pool.submit(copy_context().run, call)
            self._stops[future] = stop
        future.add_done_callback(lambda done: self._stops.pop(done, None))
        return future

    def close(self) -> None:
        """Stop what runs, wait for it, and end the threads."""
        with self._lock:
            pool, self._pool = self._pool, None
            stops = list(self._stops.values())
        for stop in stops:
            stop()
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)


def map_in_order(
    call: Callable[[T], R], items: Iterable[T], concurrency: int, on_stop: Callable[[], None]
) -> Iterator[R]:
    """Call for each item, several at once; give what came back in the order of the items.

    At most twice ``concurrency`` items are taken before their results are asked for, and what is done is given before
    the next item is waited for.

    Args:
        call: Must not raise.
        items: Taken as lazily as the results are.
        concurrency: How many calls run at once, at least 1.
        on_stop: Called if the caller stops before the end: makes running calls end soon.
    """
    return _mapped(call, items, concurrency, on_stop, copy_context())


def _mapped(
    call: Callable[[T], R], items: Iterable[T], concurrency: int, on_stop: Callable[[], None], context: Context
) -> Iterator[R]:
    waiting: deque[Future[R]] = deque()
    source = iter(items)
    finished = False
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="jackfield-map")
    try:
        for item in source:
            waiting.append(pool.submit(context.copy().run, call, item))  # one context cannot be in two threads
            while waiting and (len(waiting) >= 2 * concurrency or waiting[0].done()):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
        finished = True
    finally:
        if not finished:
            on_stop()
        pool.shutdown(wait=True, cancel_futures=True)
