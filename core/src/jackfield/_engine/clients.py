"""The client that an operation goes out with, and one more for what is said at its end."""

from collections.abc import Callable
from typing import NamedTuple

import attrs
from requests import PreparedRequest, Response

from jackfield._engine.conversion import CODEC
from jackfield._engine.options import check_kind
from jackfield._http.client import Client, Watcher
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield.operations import Operation, Purpose
from jackfield.programs import Programs, ProgramSettings
from jackfield.storage import FileSettings, FileStore

Send = Callable[[PreparedRequest], Response]
Sending = Callable[[Operation], Send]
"""Gives what sends the requests of an operation."""


class Surroundings(NamedTuple):
    """What a host has for every operation.

    Attributes:
        settings: How it goes out to the network.
        store: Where it keeps files.
        allow_commands: Whether a secret may be what a program prints.
        programs: What starts the programs that connections stand for.
    """

    settings: HttpSettings
    store: FileStore
    allow_commands: bool = False
    programs: Programs = Programs()


def surroundings(
    settings: HttpSettings | None, files: FileSettings | None, programs: ProgramSettings | None, *, allow_commands: bool
) -> Surroundings:
    """Make what a host has for every operation; arguments as there.

    Raises:
        InputError: One is of another kind.
    """
    check_kind("settings", settings, HttpSettings, "a jackfield.HttpSettings")
    check_kind("files", files, FileSettings, "a jackfield.FileSettings")
    check_kind("programs", programs, ProgramSettings, "a jackfield.ProgramSettings")
    check_kind("allow_commands", allow_commands, bool, "True or False")
    store = FileStore(files or FileSettings())
    return Surroundings(settings or HttpSettings(), store, allow_commands, Programs(programs))


def client_for(operation: Operation, watcher: Watcher, around: Surroundings, sending: Sending) -> Client:
    """Make the client of an operation; one without a connection goes anywhere."""
    connection = operation.connection
    kind = connection.type if connection else None
    return Client(
        connection.base_url if connection else "",
        settings=around.settings,
        deadline=operation.deadline,
        cancellation=operation.cancellation,
        repeatable=operation.effect.repeatable,
        send=sending(operation),
        codec=CODEC,
        watcher=watcher,
        store=around.store,
        read_error=kind.read_error if kind else None,
        request_id_header=kind.request_id_header if kind else "x-request-id",
        confidential=operation.confidential,
    )


def bare(operation: Operation) -> Operation:
    """Give an operation without its connection: whoever answers or sends its requests has no credential to add."""
    return attrs.evolve(operation, purpose=Purpose.WEB, connection=None)


def client_at(operation: Operation, watcher: Watcher, around: Surroundings, sending: Sending, at: str) -> Client:
    """Make a client for another of the places where an operation's connection is, too."""
    assert operation.connection is not None  # noqa: S101  the context refuses before
    there = attrs.evolve(operation, connection=operation.connection.going_to(at))
    return client_for(there, watcher, around, sending)


def web_client(operation: Operation, watcher: Watcher, around: Surroundings, sending: Sending) -> Client:
    """Make a client that goes anywhere, and has no credential to add."""
    return client_for(bare(operation), watcher, around, sending)


def parting_client(
    operation: Operation, watcher: Watcher, around: Surroundings, sending: Sending, within_s: float
) -> Client:
    """Make a client with a time of its own, which nobody has cancelled."""
    last = attrs.evolve(operation, deadline=Deadline(within_s), cancellation=Cancellation())
    return client_for(last, watcher, around, sending)
