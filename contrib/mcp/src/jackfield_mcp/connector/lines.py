"""The hook that answers for a program: a request becomes lines of its input, its lines a stream of events.

Each request has a program of its own: it is started, hands are shaken, the request is given to it, and what it prints
is read until its answer came. Whoever closes the response ends it.

Source: modelcontextprotocol.io/specification, revision 2025-11-25 (basic/lifecycle, basic/transports, "stdio"), read
2026-11-26.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus

from requests import PreparedRequest, Response
from requests.structures import CaseInsensitiveDict

from jackfield import AnswerError, Operation, RunningProgram, hookimpl
from jackfield_mcp.connector.local import LocalServer, program_of
from jackfield_mcp.connector.messages import META, NO_SUCH_METHOD, Message, bounded, declined, us

__all__ = ["send"]

_VERSION = "2025-11-25"
_FIRST = 0
_DISCOVER = "server/discover"


@hookimpl
def send(request: PreparedRequest, operation: Operation) -> Response | None:
    """Answer a request for a server that is a program; ``None`` for every other one."""
    connection = operation.connection
    if connection is None or not isinstance(connection.form, LocalServer):
        return None
    body = request.body or b""
    asked = json.loads(body)
    program = operation.start(program_of(connection.form))
    lines = _Lines(program, connection.form.program, asked, confidential=operation.confidential)
    try:
        lines.begin()
    except BaseException:
        lines.close()
        raise
    response = Response()
    response.status_code = HTTPStatus.OK
    response.reason = HTTPStatus.OK.phrase
    response.headers = CaseInsensitiveDict({"Content-Type": "text/event-stream"})
    response.raw = lines
    response.request, response.url = request, request.url or ""
    return response


class _Lines:
    """What a program prints, as the body of a response.

    Args:
        program: It runs.
        name: What its user calls it.
        asked: The request.
        confidential: Whether what it says beside its answers is nobody's to read.
    """

    def __init__(self, program: RunningProgram, name: str, asked: Message, *, confidential: bool) -> None:
        self._program = program
        self._name = name
        self._asked = asked
        self._confidential = confidential
        self._done = False
        self._pieces: Iterator[bytes] = iter(())

    def begin(self) -> None:
        """Shake hands, and ask."""
        shaken, about = self._shake_hands()
        if self._asked["method"] == _DISCOVER:  # what a server says of itself it has said
            result = {"_meta": {f"{META}serverInfo": about}}
            self._done = True
            self._pieces = iter([_event({"jsonrpc": "2.0", "id": self._asked["id"], "result": result})])
            return
        self._tell(_without_envelope(self._asked) if shaken else self._asked)
        self._pieces = map(_event, self._until(self._asked["id"]))

    def read(self, _most: int = -1) -> bytes:
        """Give the next event; nothing at the end."""
        return next(self._pieces, b"")

    def close(self) -> None:
        """End the program."""
        if not self._done:
            self._done = True
            self._tell(
                {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": self._asked["id"]}}
            )
        self._program.close()

    def _shake_hands(self) -> tuple[bool, object]:
        """Tell whether hands were shaken, and what the server says of itself."""
        params = {"protocolVersion": _VERSION, "capabilities": {}, "clientInfo": us()}
        self._tell({"jsonrpc": "2.0", "id": _FIRST, "method": "initialize", "params": params})
        answer: Message = {}
        for answer in self._until(_FIRST):  # noqa: B007  the last one counts
            pass
        result, error = answer.get("result"), answer.get("error")
        if isinstance(result, Mapping):
            self._tell({"jsonrpc": "2.0", "method": "notifications/initialized"})
            return True, result.get("serverInfo")
        if isinstance(error, Mapping) and error.get("code") == NO_SUCH_METHOD:
            return False, None  # it knows revisions alone in which nobody shakes hands
        message = f"The server refuses to begin: {bounded(error.get('message') if isinstance(error, Mapping) else '')}"
        raise AnswerError(message)

    def _until(self, wanted: object) -> Iterator[Message]:
        """Give what the program tells, up to an answer, and that last."""
        while True:
            line = self._program.line()
            if line is None:
                raise self._ended()
            message = _message(line)
            if "method" in message and "id" in message:
                self._tell(declined(message))
            elif "method" in message:
                yield message
            elif message and message.get("id") == wanted:
                self._done = wanted != _FIRST
                yield message
                return

    def _tell(self, message: Message) -> None:
        self._program.send(json.dumps(message).encode())

    def _ended(self) -> AnswerError:
        self._done = True
        self._program.close()
        said = "" if self._confidential else self._program.said
        last = f" It said: {bounded(said)}" if said else ""
        message = f"The program {self._name} ended with code {self._program.code} before it answered.{last}"
        return AnswerError(message, hint="Start it at a terminal with the same arguments and variables.")


def _message(line: bytes) -> Message:
    """Read a line; what is no message (some servers print what belongs into a log) is an empty one."""
    with suppress(ValueError, RecursionError):
        found = json.loads(line)
        if isinstance(found, Mapping) and found.get("jsonrpc") == "2.0":
            return found
    return {}


def _without_envelope(asked: Message) -> Message:
    """Leave out what is said with each request where no hands are shaken; where they are, it is refused."""
    params = asked.get("params", {})
    meta = {name: said for name, said in params.get("_meta", {}).items() if not name.startswith(META)}
    others = {name: said for name, said in params.items() if name != "_meta"}
    return {**asked, "params": {**others, "_meta": meta} if meta else others}


def _event(message: Message) -> bytes:
    return b"data: " + json.dumps(message).encode() + b"\n\n"
