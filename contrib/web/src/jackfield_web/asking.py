"""Who asks, and for what: the questions that the application's own function answers before anything else happens."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

from attrs import Attribute, field, frozen
from starlette.requests import Request

from jackfield import InputError

__all__ = ["Action", "Asked", "Authorize", "Principal"]


class Action(StrEnum):
    """What somebody wants to do."""

    DESCRIBE = "describe"
    """Read the OpenAPI document."""
    LIST_MODULES = "list_modules"
    SHOW_MODULE = "show_module"
    """Read what a module is, takes and gives."""
    FILL_IN = "fill_in"
    """See the form of a module beside some values, and what its fields offer; may ask the service."""
    PREVIEW = "preview"
    """See the request that a run would send."""
    RUN = "run"
    LIST_OPERATIONS = "list_operations"
    CANCEL = "cancel"
    LIST_TYPES = "list_types"
    """See which connection types there are, and their forms."""
    LIST_CONNECTIONS = "list_connections"
    SHOW_CONNECTION = "show_connection"
    ADD_CONNECTION = "add_connection"
    EDIT_CONNECTION = "edit_connection"
    CHECK_CONNECTION = "check_connection"
    LOG_IN = "log_in"
    """Begin a login with OAuth 2 for a connection."""
    FINISH_LOGIN = "finish_login"
    """Finish one that the same principal began; of which connection, stands not in the line of the request."""
    RENAME_CONNECTION = "rename_connection"
    REMOVE_CONNECTION = "remove_connection"
    LIST_FILES = "list_files"
    UPLOAD = "upload"
    DOWNLOAD = "download"
    REMOVE_FILE = "remove_file"


@frozen(kw_only=True)
class Asked:
    """What is asked for. It is known before the body of the request is read.

    Attributes:
        action: What somebody wants to do.
        module_id: With which module; empty where there is none. No alias is taken over HTTP.
        connection: With which connection, by name; empty where there is none.
        connection_type: Of which connection type; empty where there is none.
        item: With which file or operation, by id; empty where there is none.
    """

    action: Action
    module_id: str = ""
    connection: str = ""
    connection_type: str = ""
    item: str = ""


def _named(_principal: object, _attribute: "Attribute[str]", given: object) -> None:
    if not isinstance(given, str) or not given:  # all who had none would be the same
        message = "The id of a Principal must be a text, and not empty."
        raise InputError(message)


@frozen(kw_only=True)
class Principal:
    """Whoever asks, as the application knows them.

    Attributes:
        id: The same for the same person or tenant, and for nobody else: files and running operations belong to it.
        details: What the application wants to find again when it is asked for the connections; may be anything.
    """

    id: str = field(validator=_named)
    details: Any = field(default=None, eq=False, repr=False)


Authorize = Callable[[Request, Asked], Principal | Awaitable[Principal | None] | None]
"""Says who asks, if they may do it.

Called once for each request, before its body is read; an ordinary function is called in a thread. ``None`` means that
nobody has logged in (401); a RefusedByPolicyError that they may not do this (403). An ``HTTPException`` of Starlette or
FastAPI is answered with its own status and headers.
"""
