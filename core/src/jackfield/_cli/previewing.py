"""``module run --dry-run`` and ``--as-curl``: what would be sent, on stdout."""

from collections.abc import Mapping
from typing import Any

from jackfield import ModuleHandle, Preview
from jackfield._cli.curl import BODY_FILE, as_curl, missing_files, secret_variable
from jackfield._cli.output import to_json, write_json, write_lines, write_plain
from jackfield._cli.terminal import say
from jackfield._cli.wishes import RunWishes


def print_curl(preview: Preview, handle: ModuleHandle, wishes: RunWishes) -> None:
    """Print requests as curl commands."""
    variable = secret_variable(handle, wishes.connection)
    for request in preview.requests:
        command = as_curl(request, variable, streaming=wishes.stream)
        write_plain(command)
        if command.endswith(f"@{BODY_FILE}\n"):
            say(f"note: the body is no text; put it into a file {BODY_FILE}.")
        for file in missing_files(request):
            whence = f"fetch it from {file['url']}" if "url" in file else "it is in no file yet"
            say(f"note: the command reads {file['name']} in this directory; {whence}.")
    if not preview.requests:
        say("note: nothing would be sent.")


def print_preview(preview: Preview, form: str) -> None:
    """Print requests in one of the FORMATS."""
    shown = [
        {"method": request.method, "url": request.url, "headers": dict(request.headers), "body": request.body}
        for request in preview.requests
    ]
    if form == "json":
        write_json(shown)
    elif form == "jsonl":
        write_lines(shown)
    else:
        write_plain("\n".join(_as_http(request) for request in shown) or "Nothing would be sent.\n")


def _as_http(request: Mapping[str, Any]) -> str:
    lines = [f"{request['method']} {request['url']}"]
    lines += [f"{name}: {value}" for name, value in request["headers"].items()]
    if request["body"] is not None:
        body = request["body"]
        lines += ["", body if isinstance(body, str) else to_json(body)]
    return "\n".join(lines) + "\n"
