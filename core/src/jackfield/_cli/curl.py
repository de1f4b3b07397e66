"""``module run --as-curl``: the request of a dry run as a command for a POSIX shell."""

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from jackfield import ModuleHandle, PreviewRequest
from jackfield._cli.output import to_json
from jackfield._engine.resolve import variable_for
from jackfield.fields import Password
from jackfield.forms import form_of
from jackfield.secrets import MASK

BODY_FILE = "body.bin"
"""Where a command looks for a body that cannot be written into it."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OWN_WAY: tuple[str, ...] = ("content-length", "accept-encoding", "connection", "host")
"""Headers that curl makes itself; it decompresses only with an option of its own."""


def secret_variable(handle: ModuleHandle, connection: str | None) -> str:
    """Name the variable that the shell can put in the place of a masked secret.

    Args:
        handle: What would be run.
        connection: The name of the connection that it would be run with.

    Returns:
        The name; empty if several secrets are set, or the only one is in no variable of this environment.
    """
    kind = handle.connection_type
    secrets = [slot for slot in form_of(kind.form).slots if isinstance(slot.word, Password)] if kind else []
    names = [name for slot in secrets if os.environ.get(name := variable_for(connection or "", slot))]
    return names[0] if len(names) == 1 and _VARIABLE.fullmatch(names[0]) else ""


def as_curl(request: PreviewRequest, variable: str, *, streaming: bool = False) -> str:
    """Write a request as a curl command.

    Args:
        request: As a dry run gives it, ``***`` for each secret.
        variable: The environment variable that holds the secret; empty to leave the ``***``.
        streaming: Whether the answer is to be shown as it comes.

    Returns:
        Several lines, which a POSIX shell takes as one command.
    """
    return " \\\n  ".join(_parts(request, variable, streaming=streaming)) + "\n"


def _parts(request: PreviewRequest, variable: str, *, streaming: bool) -> Iterator[str]:
    # Braces and brackets in an address mean several addresses to curl, and dots in a path are taken away.
    options = f"--globoff --path-as-is{' --no-buffer' if streaming else ''}{_method(request)}"
    yield f"curl {options} {shlex.quote(request.url)}"
    names = {name.lower(): value for name, value in request.headers.items()}
    if "accept-encoding" in names:
        yield "--compressed"
    own_way = (*_OWN_WAY, "content-type") if _is_form(request) else _OWN_WAY
    for name, value in request.headers.items():
        if name.lower() not in own_way:
            yield f"-H {_quoted(f'{name}: {value}' if value else f'{name};', variable)}"
    if request.streamed:
        yield from _streamed(request.body)
    elif request.body is not None:
        if "content-type" not in names:
            yield "-H 'Content-Type:'"  # curl would call it a form
        yield _body(request.body, names.get("content-length", ""))


def _is_form(request: PreviewRequest) -> bool:
    # curl makes the boundary, and says it.
    return request.streamed and isinstance(request.body, list)


def missing_files(request: PreviewRequest) -> list[Mapping[str, Any]]:
    """Give the files of a request that curl could not read, since they lie nowhere."""
    body: Any = request.body
    parts = body if _is_form(request) else [body] if request.streamed else []
    return [part["file"] for part in parts if "file" in part and "path" not in part["file"]]


def _streamed(body: Any) -> Iterator[str]:
    if not isinstance(body, list):
        source = f"@{_place(body['file'])}"
        yield f"--data-binary {shlex.quote(source)}"
        return
    for field in body:
        if "file" in field:
            file = field["file"]
            place, name = _in_quotes(_place(file)), _in_quotes(file["name"])
            described = f"{field['name']}=@{place};type={file['media_type']};filename={name}"
            yield f"-F {shlex.quote(described)}"
        else:
            given = f"{field['name']}={field['value']}"
            yield f"--form-string {shlex.quote(given)}"


def _place(file: Mapping[str, Any]) -> str:
    return str(file.get("path") or file["name"])


def _in_quotes(text: str) -> str:
    # Otherwise a comma or semicolon would end it for curl.
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _method(request: PreviewRequest) -> str:
    if request.method == "HEAD":
        return " --head"
    usual = "GET" if request.body is None else "POST"
    return "" if request.method == usual else f" -X {shlex.quote(request.method)}"


def _quoted(text: str, variable: str) -> str:
    before, mask, after = text.partition(MASK)
    if not mask or not variable:
        return shlex.quote(text)
    return f'{shlex.quote(before)}"${variable}"{shlex.quote(after) if after else ""}'


def _body(body: object, length: str) -> str:
    if not isinstance(body, str):
        return f"--data-raw {shlex.quote(to_json(body, lines=True))}"
    # A text may stand for itself, for a JSON value, or for bytes that are no text: the length tells.
    for text in (body, to_json(body)):
        if str(len(text.encode("utf-8", "surrogatepass"))) == length and "\0" not in text:
            return f"--data-raw {shlex.quote(text)}"
    return f"--data-binary @{BODY_FILE}"
