"""Tokens are renewed while a connection is used: once, however many want it."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from authorization_server import AuthorizationServer

from jackfield import (
    CredentialsError,
    DeadlineError,
    Event,
    Host,
    InputError,
    Store,
    StoreError,
    WarningRaised,
    hookimpl,
)

MakeHost = Callable[..., Host]
WORKER = Path(__file__).with_name("worker.py")


def ask(host: Host, club: Any, **options: Any) -> object:
    """Ask the club who one is, with the saved connection."""
    return host.run(club.module_id, {}, **{"connection": "mine", **options}).bundle["name"]


def test_an_expired_token_is_renewed_and_saved(
    club: Any, make_host: MakeHost, make_store: Callable[[], Store], server: AuthorizationServer
) -> None:
    """The service never sees the old one; the next process begins with the new one, rotation included."""
    store, host = make_store(), make_host(make_store())
    server.life_s = 1
    club.saved(host, store)
    before = dict(store.find("mine", club.type_id) or {})
    time.sleep(1.0)
    server.life_s = 3600

    assert ask(host, club) == "ada"
    assert ask(make_host(make_store()), club) == "ada"

    after = dict(store.find("mine", club.type_id) or {})
    assert server.counts["refresh_token"] == 1
    assert server.counts["api"] == 2
    assert before["refresh_token"] != after["refresh_token"]
    assert before["access_token"] != after["access_token"]


def test_a_token_that_the_service_refuses_before_its_time_is_renewed(
    club: Any, make_host: MakeHost, store: Store, server: AuthorizationServer
) -> None:
    """Clocks differ, and tokens are taken back; the module notices nothing, even if it may not be repeated."""
    host = make_host(store)
    club.saved(host, store)
    server.expire()

    assert ask(host, club) == "ada"

    assert (server.counts["refresh_token"], server.counts["api"]) == (1, 2)


def test_a_token_that_is_refused_again_is_not_renewed_without_end(
    club: Any, make_host: MakeHost, store: Store, server: AuthorizationServer
) -> None:
    """Once, then the service's word stands; the new token is not in what it said."""
    host = make_host(store)
    club.saved(host, store)
    server.expire()
    server.life_s = 0

    with pytest.raises(CredentialsError) as refused:
        ask(host, club)

    assert (server.counts["refresh_token"], server.counts["api"]) == (1, 2)
    assert not any(token.access_token in str(refused.value) for token in server.tokens)
    assert "***" in str(refused.value)


def test_a_login_that_has_ended_says_how_to_log_in(
    club: Any, make_host: MakeHost, store: Store, server: AuthorizationServer
) -> None:
    """By the command; what is saved stays as it is."""
    host = make_host(store)
    club.saved(host, store)
    server.end_logins()
    before = store.find("mine", club.type_id)

    with pytest.raises(CredentialsError) as ended:
        ask(host, club)

    assert ended.value.hint == "jackfield connection login mine"
    assert ended.value.code == "invalid_grant"
    assert store.find("mine", club.type_id) == before


def test_threads_renew_once(club: Any, make_host: MakeHost, store: Store, server: AuthorizationServer) -> None:
    """Sixteen threads find the token expired at the same time; one asks, the others wait for what it gets."""
    host = make_host(store)
    server.life_s = 1
    club.saved(host, store)
    time.sleep(1.0)
    server.life_s, server.delay_s = 3600, 0.2
    names: list[object] = []
    threads = [threading.Thread(target=lambda: names.append(ask(host, club))) for _ in range(16)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert names == ["ada"] * 16
    assert server.counts["refresh_token"] == 1


def test_processes_renew_once(
    club: Any,
    make_host: MakeHost,
    store: Store,
    environment: Mapping[str, str],
    tmp_path: Path,
) -> None:
    """Eight processes find the token expired at the same time: exactly one request for a new one."""
    server = club.server
    server.life_s = 1
    club.saved(make_host(store), store)
    server.life_s, server.delay_s = 3600, 0.3
    mark = tmp_path / "mark"
    ready = [tmp_path / f"ready-{number}" for number in range(8)]
    words = [sys.executable, str(WORKER), str(mark)]
    processes = [
        subprocess.Popen([*words, str(each), "60"], env=environment, stdout=subprocess.PIPE, text=True)
        for each in ready
    ]

    while not all(each.exists() for each in ready):
        time.sleep(0.02)
    mark.touch()
    said = [process.communicate(timeout=100)[0].strip() for process in processes]

    assert said == ["ada"] * 8
    assert server.counts["refresh_token"] == 1


def test_a_process_that_is_killed_while_it_renews_holds_nobody_up(
    club: Any, make_host: MakeHost, store: Store, environment: Mapping[str, str], tmp_path: Path
) -> None:
    """Its lock ends with it. If the server had replaced the token already, that is said, with the remedy."""
    server = club.server
    server.life_s = 1
    host = make_host(store)
    club.saved(host, store)
    time.sleep(1.0)
    server.life_s, server.delay_s = 3600, 1.0
    mark, ready = tmp_path / "mark", tmp_path / "ready"
    mark.touch()
    process = subprocess.Popen([sys.executable, str(WORKER), str(mark), str(ready), "60"], env=environment)
    while not server.counts["refresh_token"]:
        time.sleep(0.01)

    process.kill()
    process.wait()

    with pytest.raises(CredentialsError, match="a process was stopped just while it renewed it") as lost:
        ask(host, club, deadline_s=30)
    assert lost.value.hint == "jackfield connection login mine"


def test_a_slow_server_is_not_waited_for_longer_than_the_deadline(
    club: Any, make_host: MakeHost, store: Store, server: AuthorizationServer
) -> None:
    """Whoever waits for another thread's renewal has his own deadline too."""
    host = make_host(store)
    server.life_s = 1
    club.saved(host, store)
    time.sleep(1.0)
    server.delay_s = 5.0
    began = time.monotonic()
    errors: list[object] = []

    def run() -> None:
        try:
            ask(host, club, deadline_s=0.5)
        except DeadlineError as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(errors) == 3
    assert time.monotonic() - began < 4.0


class Ears:
    """A plugin that hears everything."""

    def __init__(self) -> None:
        self.heard: list[Event] = []

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Keep it."""
        self.heard.append(event)


def test_a_renewed_token_that_cannot_be_saved_is_used_and_told_of(
    club: Any, make_host: MakeHost, store: Store, server: AuthorizationServer
) -> None:
    """The run succeeds, and a warning says that the next process will have to log in."""

    def fail(step: str) -> None:
        if step == "renew: to commit":
            message = "The disk is full."
            raise StoreError(message)

    ears = Ears()
    host = make_host(store, ears)
    club.saved(host, store)
    server.expire()
    full = Store(store.path, key_file=store.path.parents[1] / "config" / "connections.key", environ={}, reached=fail)
    small = make_host(full, ears)

    assert ask(small, club) == "ada"
    assert ask(small, club) == "ada"
    server.expire()
    assert ask(small, club) == "ada"

    warnings = [event.message for event in ears.heard if isinstance(event, WarningRaised)]
    assert len(warnings) == 2
    assert "mine could not be saved" in warnings[0]


def test_a_new_address_takes_the_login_away(club: Any, make_host: MakeHost, store: Store) -> None:
    """Whoever may change an address must not learn a token by it; the client's secret must be given again."""
    host = make_host(store)
    club.saved(host, store)
    kind = host.connector("club").connection_types[club.type_id]

    with pytest.raises(InputError, match="client_secret: must be given again"):
        store.edit("mine", kind, {"url": "http://127.0.0.1:9"})
    store.edit("mine", kind, {"url": "http://127.0.0.1:9", "client_secret": club.values["client_secret"]})

    view = store.view("mine")
    assert view.secrets == {"access_token": False, "refresh_token": False, "client_secret": True}


def test_no_token_lies_open_on_the_disk(
    club: Any, make_host: MakeHost, store: Store, server: AuthorizationServer, tmp_path: Path
) -> None:
    """Nor in any event, view or text of the connection."""
    ears = Ears()
    host = make_host(store, ears)
    club.saved(host, store)
    server.expire()
    ask(host, club)

    tokens = [each for token in server.tokens for each in (token.access_token, token.refresh_token)]
    told = repr((ears.heard, store.view("mine"), store.find("mine", club.type_id), host.saved_connections()))
    written = b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file())
    assert len(tokens) == 4
    assert not [token for token in tokens if token in told or token.encode() in written]
