"""No answer ever reaches a caller who did not ask for it."""

import json
import os
import random
import threading
import time
from typing import Any

import pytest
import requests

from jackfield._http.body import read_whole
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield._http.transport import Transport
from jackfield.errors import DeadlineError, TransportError

THREADS = 24
CALLS = 100
SETTINGS = HttpSettings()


def capricious(talk: Any) -> None:
    """Answer with what was asked; now and then late, cut, with something behind it, or not at all."""
    chance = random.Random(talk.number)  # noqa: S311  the same each time
    while asked := talk.asked():
        body = asked.body
        what = chance.random()
        if what < 0.03:
            return
        if what < 0.06:
            time.sleep(chance.uniform(0.02, 0.12))
        if what < 0.08:
            talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body) + 5, body[:5]))
            return
        if what < 0.10:
            talk.reply(body, Connection="close")
            return
        if what < 0.12:
            talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(body), body))
            time.sleep(0.01)
            talk.send(b"0\r\n\r\n")
        elif what < 0.14:  # an answer that nobody asked for follows
            head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
            talk.send(head + body + head + b"\0" * len(body))
        else:
            talk.reply(body)


class Tally:
    """What came of many calls."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.right = self.broken = 0
        self.wrong: list[tuple[str, str]] = []

    def call(self, transport: Transport, url: str, name: str) -> None:
        """Ask with a name, and look whether the answer has it."""
        request = requests.Request("POST", url, data=json.dumps({"name": name}).encode()).prepare()
        try:
            response = transport.send(
                request, deadline=Deadline(0.1 if name.endswith("7") else 10), cancellation=Cancellation()
            )
            if name.endswith("3"):
                response.close()  # half of an answer that nobody reads must not meet the next caller
                return
            found = json.loads(read_whole(response, SETTINGS))["name"]
        except (TransportError, DeadlineError):
            with self.lock:
                self.broken += 1
            return
        with self.lock:
            self.right += found == name
            if found != name:
                self.wrong.append((name, found))


def many(transport: Transport, url: str, calls: int, prefix: str) -> Tally:
    """Call from many threads at once."""
    tally = Tally()

    def work(thread: int) -> None:
        for call in range(calls):
            tally.call(transport, url, f"{prefix}-{thread}-{call}")

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return tally


def test_no_answer_reaches_the_wrong_caller(serve: Any, transport: Any) -> None:
    """24 threads, 100 calls each, and a server that drops, delays, cuts and answers twice."""
    server = serve(capricious)

    tally = many(transport(max_idle_s=5.0), server.url, CALLS, "call")

    assert tally.wrong == []
    assert tally.right > THREADS * CALLS / 2
    assert tally.broken > 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_nor_after_a_fork(serve: Any, transport: Any) -> None:
    """A child process uses none of its parent's connections, and both go on."""
    server, line = serve(capricious), transport()
    many(line, server.url, 5, "before")
    read_end, write_end = os.pipe()

    child = os.fork()
    if not child:
        told = b"failed"
        try:
            tally = many(line, server.url, 20, "child")
            told = b"%d wrong, %d right" % (len(tally.wrong), tally.right)
        finally:
            os.write(write_end, told)
            os._exit(0)
    tally = many(line, server.url, 20, "parent")
    os.waitpid(child, 0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        heard = pipe.read().decode()

    assert tally.wrong == []
    assert heard.startswith("0 wrong, ")
    assert int(heard.split()[2]) > THREADS * 20 / 2
