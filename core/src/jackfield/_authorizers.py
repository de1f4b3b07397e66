"""What adds the credentials of a connection to its requests, made of data."""

import re
from collections.abc import Callable
from typing import Any

from requests import PreparedRequest

from jackfield._http.headers import check_header
from jackfield.errors import UnsafeRequestError
from jackfield.kinds import Effect
from jackfield.secrets import Secret

__all__ = ["Authorizer", "header", "headers_from"]

Authorizer = Callable[[PreparedRequest, Any], None]
"""Adds credentials to a request that is about to leave; gets the filled-in form of the connection."""

_PLACE = re.compile(r"\{(\w+)\}")


def header(name: str, template: str) -> Authorizer:
    """Make an authorizer that sends one header.

    Args:
        name: The header's name: ``Authorization``.
        template: Its value, with names of the form's fields in braces: ``Bearer {api_key}``. If one of these fields is
            empty, the header is not sent.
    """
    pieces = _PLACE.split(template)  # texts, and between each two the name of a field

    def add(request: PreparedRequest, form: Any) -> None:
        found = [*pieces]
        for index in range(1, len(pieces), 2):
            found[index] = _text_of(getattr(form, pieces[index]))
            if not found[index]:
                return
        request.headers[name] = "".join(found)

    return add


def headers_from(name: str) -> Authorizer:
    """Make an authorizer that sends the headers that a user typed into a KeyValue field.

    They pass the header policy: none of them can replace a credential, change how the request is framed, or make a
    server take another method than the module's, on whose effect repeats depend.

    Args:
        name: The form's field.
    """

    def add(request: PreparedRequest, form: Any) -> None:
        for key, value in (getattr(form, name) or {}).items():
            check_header(key, value)
            if Effect.is_told_by(key):
                message = (
                    f"The header {key!r} cannot stand in a connection: requests would do another thing than they say."
                )
                raise UnsafeRequestError(message, hint="A custom API call takes it among its own headers.")
            request.headers.setdefault(key, value)

    return add


def _text_of(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    return "" if value is None else str(value)
