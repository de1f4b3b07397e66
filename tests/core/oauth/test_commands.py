"""Logins at the command line."""

import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from authorization_server import CLIENT, SECRET
from program import JACKFIELD

Begin = Callable[..., "Command"]
BOUND_S = 120
"""How long a command may take here before a test ends it; ten times what a loaded machine needs."""


class Command:
    """A command line that runs in a process of its own, and may wait for a browser."""

    def __init__(self, environment: Mapping[str, str], arguments: tuple[str, ...], stdin: str) -> None:
        words = [*JACKFIELD, *arguments]
        self.process = subprocess.Popen(
            words,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self.process.stdin
        self.process.stdin.write(stdin)
        self.process.stdin.close()
        self.process.stdin = None
        self.said = ""

    def log_in(self, browser: Any) -> str:
        """Open the address that it names; gives the page on which the browser ends."""
        status, page = browser.visit(self.address())
        # A service that fails sends nobody back, and the command would wait as long as it waits for a person.
        assert status < HTTPStatus.INTERNAL_SERVER_ERROR, f"the login answered {status}:\n{page}"
        return str(page)

    def address(self) -> str:
        """Wait until it names an address to open."""
        assert self.process.stderr
        bound = threading.Timer(BOUND_S, self.process.kill)
        bound.start()
        try:
            for line in self.process.stderr:
                self.said += line
                if found := re.match(r"https?://\S+", line):
                    return found[0]
        finally:
            bound.cancel()
            bound.join()
        pytest.fail(f"it named no address within {BOUND_S} s:\n{self.said}")

    def end(self) -> tuple[int, str, str]:
        """Wait for its end; gives its code, and what it said."""
        try:
            out, err = self.process.communicate(timeout=BOUND_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, err = self.process.communicate()
            pytest.fail(f"it was still waiting after {BOUND_S} s; it had said:\n{self.said}{err}")
        return self.process.returncode, out, self.said + err


@pytest.fixture
def begin(environment: Mapping[str, str]) -> Iterator[Begin]:
    """Begin command lines."""
    commands: list[Command] = []

    def call(*arguments: str, stdin: str = "") -> Command:
        commands.append(Command(environment, arguments, stdin))
        return commands[-1]

    yield call
    for command in commands:
        if command.process.poll() is None:
            command.process.kill()
        command.process.communicate()


@pytest.fixture
def add(club: Any) -> tuple[str, ...]:
    """Give the words that save a connection to the club."""
    return ("connection", "add", "mine", club.type_id, f"url={club.server.url}", f"client_id={CLIENT}", "--stdin")


def saved(begin: Begin, add: tuple[str, ...], browser: Any) -> str:
    """Save a connection, logging in with a browser."""
    command = begin(*add, stdin=SECRET)
    page = command.log_in(browser)
    code, out, err = command.end()
    assert (code, out) == (0, ""), err
    assert "You are logged in" in page
    return err


def test_a_connection_is_added_with_a_login(
    club: Any, begin: Begin, add: tuple[str, ...], browser: Any, tmp_path: Path
) -> None:
    """It is checked with its first token and saved; no token is printed, or lies open on the disk."""
    err = saved(begin, add, browser)

    code, out, _ = begin("module", "run", club.module_id, "--connection", "mine", "-o", "json").end()
    tokens = [each for token in club.server.tokens for each in (token.access_token, token.refresh_token)]
    written = b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file())
    assert "Saved mine; it works." in err
    assert (code, json.loads(out)) == (0, {"name": "ada"})
    assert not [each for each in [*tokens, SECRET] if each in err or each.encode() in written]


def test_what_was_granted_is_shown(begin: Begin, add: tuple[str, ...], browser: Any) -> None:
    """And until when; tokens are set, and no more is said of them."""
    saved(begin, add, browser)

    _, text, _ = begin("connection", "show", "mine").end()
    _, data, _ = begin("connection", "show", "mine", "-o", "json").end()

    found = json.loads(data)
    assert re.search(r"^granted_scopes +read write$", text, re.MULTILINE)
    assert re.search(r"^expires_at +20\d\d-\d\d-\d\d \d\d:\d\d", text, re.MULTILINE)
    assert found["settings"]["granted_scopes"] == "read write"
    assert found["secrets"]["refresh_token"] == {"set": True}


def test_a_login_is_done_anew(club: Any, begin: Begin, add: tuple[str, ...], browser: Any) -> None:
    """As the error of one that has ended says."""
    saved(begin, add, browser)
    club.server.end_logins()
    code, _, err = begin("module", "run", club.module_id, "--connection", "mine").end()
    assert code != 0
    assert "next: jackfield connection login mine" in err

    again = begin("connection", "login", "mine", "--no-browser")
    again.log_in(browser)

    assert again.end()[0] == 0
    assert begin("connection", "check", "mine").end()[0] == 0


def test_a_person_who_refuses_is_told_so_in_both_places(
    club: Any, begin: Begin, add: tuple[str, ...], browser: Any
) -> None:
    """On the page and at the terminal; nothing is saved."""
    club.server.consents = False
    command = begin(*add, stdin=SECRET)

    page = command.log_in(browser)

    code, _, err = command.end()
    assert code != 0
    assert "access_denied" in err
    assert "The login failed" in page
    assert begin("connection", "list", "-o", "plain").end()[1] == ""


def test_nobody_logs_in(begin: Begin, add: tuple[str, ...]) -> None:
    """The command ends by itself."""
    code, _, err = begin(*add, "--timeout", "1", stdin=SECRET).end()

    assert code != 0
    assert "Nobody finished the login within 1 s." in err


def test_another_device_logs_in(club: Any, begin: Begin, add: tuple[str, ...]) -> None:
    """Address and code are shown, and then it is waited for."""
    code, _, err = begin(*add, "--device", stdin=SECRET).end()

    assert code == 0, err
    assert f"On any device, open {club.server.url}/activate and type the code " in err
    assert "Saved mine; it works." in err


def test_a_login_ends_with_its_connection(club: Any, begin: Begin, add: tuple[str, ...], browser: Any) -> None:
    """At the service too; unless it shall stay."""
    saved(begin, add, browser)

    code, _, err = begin("connection", "remove", "mine", "--yes").end()

    assert (code, err) == (0, "Removed mine, and ended its login at the service.\n")
    assert club.server.tokens[-1].revoked


def test_a_login_may_outlive_its_connection(club: Any, begin: Begin, add: tuple[str, ...], browser: Any) -> None:
    """Where somebody says so, nothing is sent."""
    saved(begin, add, browser)

    assert begin("connection", "remove", "mine", "--yes", "--no-revoke").end()[0] == 0
    assert club.server.counts["revoke"] == 0


def test_a_type_without_a_login_says_so(club: Any, begin: Begin) -> None:
    """A robot gets its tokens by itself."""
    words = ("connection", "add", "robot", "club.service", f"url={club.server.url}", f"client_id={CLIENT}", "--stdin")
    assert begin(*words, stdin=SECRET).end()[0] == 0

    code, _, err = begin("connection", "login", "robot").end()

    assert code == 3
    assert "Nobody logs in to club.service: it gets its tokens by itself." in err
