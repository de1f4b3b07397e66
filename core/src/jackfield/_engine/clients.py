"""The client that an operation goes out with, and one more for what is said at its end."""

from collections.abc import Callable
from typing import NamedTuple

import attrs
from requests import PreparedRequest, Response

from jackfield._engine.conversion import CODEC
from jackfield._http.client import Client, Watcher
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield.operations import Operation
from jackfield.storage import FileStore

Send = Callable[[PreparedRequest], Response]
Sending = Callable[[Operation], Send]
"""Gives what sends the requests of an operation."""


class Surroundings(NamedTuple):
    """What a host has for every operation.

    Attributes:
        settings: How it goes out to the network.
        store: Where it keeps files.
        allow_commands: Whether a secret may be what a program prints.
    """

    settings: HttpSettings
    store: FileStore
    allow_commands: bool = False


def client_for(operation: Operation, watcher: Watcher, around: Surroundings, sending: Sending) -> Client:
    """Make the client of an operation that has a connection."""
    connection = operation.connection
    assert connection is not None  # noqa: S101  whoever asks has looked
    return Client(
        connection.base_url,
        settings=around.settings,
        deadline=operation.deadline,
        cancellation=operation.cancellation,
        repeatable=operation.effect.repeatable,
        send=sending(operation),
        codec=CODEC,
        watcher=watcher,
        store=around.store,
        read_error=connection.type.read_error,
        request_id_header=connection.type.request_id_header,
        confidential=operation.confidential,
    )


def parting_client(
    operation: Operation, watcher: Watcher, around: Surroundings, sending: Sending, within_s: float
) -> Client:
    """Make a client with a time of its own, which nobody has cancelled."""
    last = attrs.evolve(operation, deadline=Deadline(within_s), cancellation=Cancellation())
    return client_for(last, watcher, around, sending)
