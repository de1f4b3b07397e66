"""Idle connections: how many, how long, and never in two processes."""

import os
import subprocess
import sys
import textwrap
import threading
from typing import Any

import pytest

from jackfield._http.body import read_whole
from jackfield._http.limits import HttpSettings

SETTINGS = HttpSettings()


def test_the_pool_keeps_no_more_than_allowed(serve: Any, go: Any) -> None:
    """What is more is closed, not lost."""
    two_closed = threading.Semaphore(0)

    def script(talk: Any) -> None:
        while talk.asked():
            talk.reply()
        two_closed.release()

    server = serve(script)
    for response in [go(f"{server.url}/", pool_size=2), *(go(f"{server.url}/") for _ in range(3))]:
        read_whole(response, SETTINGS)

    assert two_closed.acquire(timeout=5)
    assert two_closed.acquire(timeout=5)
    for response in [go(f"{server.url}/") for _ in range(3)]:
        read_whole(response, SETTINGS)
    assert server.connections == 5


def test_without_a_pool_every_request_has_its_own_connection(serve: Any, go: Any) -> None:
    """A size of 0 keeps none."""
    server = serve()

    read_whole(go(f"{server.url}/", pool_size=0), SETTINGS)
    read_whole(go(f"{server.url}/"), SETTINGS)

    assert server.connections == 2


def test_a_connection_that_was_idle_for_too_long_is_not_used(serve: Any, go: Any) -> None:
    """A router in between may have forgotten it, and would swallow the request."""
    server = serve()

    read_whole(go(f"{server.url}/", max_idle_s=0.0), SETTINGS)
    threading.Event().wait(0.05)
    read_whole(go(f"{server.url}/"), SETTINGS)

    assert server.connections == 2


def test_closing_closes_what_is_idle_and_what_comes_back(serve: Any, go: Any) -> None:
    """After close() nothing is kept; what is under way may end."""
    server = serve()
    response = go(f"{server.url}/")
    read_whole(go(f"{server.url}/"), SETTINGS)

    response.connection.close()

    assert read_whole(response, SETTINGS)
    read_whole(go(f"{server.url}/"), SETTINGS)
    assert server.connections == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_process_uses_no_connection_of_its_parent(serve: Any) -> None:
    """Used by both, one connection would bring each the other's answers."""
    server = serve()
    program = f"""
        import os, warnings
        import requests
        from jackfield._http.body import read_whole
        from jackfield._http.limits import Cancellation, Deadline, HttpSettings
        from jackfield._http.transport import Transport

        warnings.simplefilter("ignore", DeprecationWarning)
        transport = Transport(HttpSettings())

        def ask(word):
            request = requests.Request("GET", "{server.url}/" + word).prepare()
            response = transport.send(request, deadline=Deadline(10), cancellation=Cancellation())
            body = read_whole(response, HttpSettings())
            assert f"/{{word}} ".encode() in body, (word, body)

        ask("before")
        child = os.fork()
        for index in range(20):
            ask(f"{{'child' if child == 0 else 'parent'}}{{index}}")
        transport.close()
        if child == 0:
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    """

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert (server.connections, len(server.asked)) == (2, 41)
