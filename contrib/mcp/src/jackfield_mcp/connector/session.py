"""Talking to an MCP server: JSON-RPC over streamable HTTP, through the client of a connection.

The first request is sent at once, in the words of the newest revision, which knows no sessions. A server that does not
know them refuses it; then hands are shaken as in older revisions, and it is asked again. A tool may have acted before
it failed, so a call is asked again only where the refusal shows that nobody has read it.

Sources: modelcontextprotocol.io/specification, revision 2025-11-25 (basic/lifecycle, basic/transports, server/tools);
revision 2026-07-28 as in the package mcp 2.3.0 (mcp.shared.inbound); read 2026-11-26.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http import HTTPStatus

from jackfield import (
    Answer,
    AnswerError,
    BrokenAnswerError,
    Client,
    DeadlineError,
    JackfieldError,
    NotFoundError,
    OperationCancelledError,
    RefusedError,
)
from jackfield_mcp.connector.messages import META, Message, bounded, declined, shown, us

__all__ = ["Session", "session", "tools_of"]

_NEWEST = "2026-07-28"
_WITH_SESSIONS = ("2025-11-25", "2025-06-18", "2025-03-26")
_ACCEPT = {"Accept": "application/json, text/event-stream"}
_SESSION = "Mcp-Session-Id"
_CALL = "tools/call"
_INTERNAL = "-32603"
_NEVER_READ = frozenset({"-32700", "-32600", "-32601", "-32602"})
"""JSON-RPC 2.0, section 5.1: what is no JSON, no request, of no method, or has wrong parameters."""
_MOST_PAGES = 100
_MOST_ASKED = 100
_LONGEST_NAME = 256
_GOING_S = 2.0


class Session:
    """A conversation with a server, from its beginning to its end.

    Args:
        client: Of the connection; its base URL is the server's address.
        shakes: Whether hands may be shaken as in older revisions; else whatever carries the messages has done so.
    """

    def __init__(self, client: Client, *, shakes: bool = True) -> None:
        self._client = client
        self._shakes = shakes
        self._asked = 0
        self._headers: dict[str, str] = {}
        self._shaken = False
        self._settled = False
        self._last_id = 0
        self._about: object = None

    def name(self) -> str:
        """Give the name by which the server goes; empty if it has none.

        Raises:
            JackfieldError: As ``messages``.
        """
        with suppress(
            RefusedError, NotFoundError
        ):  # an older server does not know the question, and has introduced itself
            meta = self.ask("server/discover", {}).get("_meta")
            self._about = meta.get(f"{META}serverInfo") if isinstance(meta, Mapping) else None
        about = self._about if isinstance(self._about, Mapping) else {}
        return shown(about.get("title") or about.get("name"), _LONGEST_NAME)

    def ask(self, method: str, params: Message) -> Message:
        """Send a request, and give its result.

        Raises:
            JackfieldError: As ``messages``.
        """
        return [*self.messages(method, params)][-1]

    def messages(self, method: str, params: Message) -> Iterator[Message]:
        """Send a request, and give each notification as it comes, and at the end the result, which has no method.

        Raises:
            RefusedError: The server answers with an error.
            AnswerError: What it answers is not of the protocol.
            JackfieldError: As for any request.
        """
        if not self._shaken:
            try:
                for message in self._sent(method, _with_envelope(params), _headers_for(method, params)):
                    self._settled = True
                    yield message
            except (RefusedError, NotFoundError) as error:
                if (
                    self._settled
                    or not self._shakes
                    or not (_is_unread(error) if method == _CALL else error.code != _INTERNAL)
                ):
                    raise
            else:
                return
            self._shake_hands()
        yield from self._sent(method, params, self._headers)

    def leave(self, client: Client, *, cancelled: bool) -> None:
        """End the session, if there is one; whether the server hears of it is its own affair.

        Args:
            client: What sends it: one that can still send.
            cancelled: Whether the last request is not waited for any more.
        """
        if not self._shaken:
            return  # the connection of the request is closed, which says it all
        self._client = client
        with suppress(JackfieldError):
            if cancelled:
                self._tell("notifications/cancelled", {"requestId": self._last_id, "reason": "Nobody waits for it."})
            if _SESSION in self._headers:
                self._client.request("DELETE", "", headers=self._headers, raise_errors=False)

    def _shake_hands(self) -> None:
        """Begin a session.

        Raises:
            AnswerError: The server speaks no version of the protocol that is known here.
        """
        asked = {"protocolVersion": _WITH_SESSIONS[0], "capabilities": {}, "clientInfo": us()}
        self._headers = dict(_ACCEPT)
        (found,) = self._sent("initialize", asked, self._headers)
        spoken = found.get("protocolVersion")
        if spoken not in _WITH_SESSIONS:
            known = ", ".join((_NEWEST, *_WITH_SESSIONS))
            message = f"The server speaks the version {str(spoken)[:40]!r} of the protocol; {known} are known."
            raise AnswerError(message, hint="Is there a newer version of jackfield-mcp?")
        self._headers["MCP-Protocol-Version"] = spoken
        self._about = found.get("serverInfo")
        self._shaken = self._settled = True
        self._tell("notifications/initialized")

    def _sent(self, method: str, params: Message, headers: Mapping[str, str]) -> Iterator[Message]:
        self._last_id += 1
        request = {"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params}
        for message in self._exchanged(request, headers):
            if "method" in message and "id" in message:
                self._decline(message)
            elif "method" in message:
                yield message
            elif message.get("id") == self._last_id or (message.get("id") is None and "error" in message):
                yield _result_of(message)
                return
        text = f"The server ended its answer to {method} without a result."
        raise BrokenAnswerError(text)

    def _exchanged(self, request: Message, headers: Mapping[str, str]) -> Iterator[Message]:
        whole: list[Answer] = []
        events = self._client.events(
            "POST",
            "",
            json=request,
            headers=headers,
            repeatable=None if request["method"] == _CALL else True,
            on_answer=self._note,
            on_whole=whole.append,
        )
        for event in events:
            if event.data:
                yield _message(event.json())
        for answer in whole:
            self._note(answer)
            yield _message(answer.json())

    def _note(self, answer: Answer) -> None:
        """Keep the id of the session, which the answer to the first request names."""
        session_id = answer.headers.get(_SESSION)
        if session_id:
            self._headers[_SESSION] = session_id

    def _decline(self, request: Message) -> None:
        """Answer what the server asks of its client: it is there, and can do nothing else."""
        self._asked += 1
        if self._asked > _MOST_ASKED:
            text = f"The server asked for more than {_MOST_ASKED} things instead of answering."
            raise AnswerError(text)
        self._post(declined(request))

    def _tell(self, method: str, params: Message | None = None) -> None:
        self._post({"jsonrpc": "2.0", "method": method, **({"params": params} if params else {})})

    def _post(self, message: Message) -> None:
        self._client.request("POST", "", json=message, headers=self._headers, repeatable=True)


def _is_unread(error: RefusedError | NotFoundError) -> bool:
    """Tell whether a request was refused as such: by HTTP, or as none that the protocol or its method takes."""
    return error.status != HTTPStatus.OK or error.code in _NEVER_READ


def _with_envelope(params: Message) -> Message:
    """Say with a request what older revisions say once, when hands are shaken."""
    said = {f"{META}protocolVersion": _NEWEST, f"{META}clientInfo": us(), f"{META}clientCapabilities": {}}
    return {**params, "_meta": {**params.get("_meta", {}), **said}}


def _headers_for(method: str, params: Message) -> dict[str, str]:
    """Say in headers, too, what is asked: proxies look there."""
    headers = {**_ACCEPT, "MCP-Protocol-Version": _NEWEST, "Mcp-Method": method}
    if method == _CALL:
        name = str(params["name"])
        plain = name.isascii() and name.isprintable() and name == name.strip() and not name.startswith("=?")
        headers["Mcp-Name"] = name if plain else f"=?base64?{base64.b64encode(name.encode()).decode()}?="
    return headers


@contextmanager
def session(client: Client, parting: Callable[[float], Client], *, shakes: bool = True) -> Iterator[Session]:
    """Talk to a server, and leave it properly.

    Args:
        client: Of the connection.
        parting: Gives a client that can still say goodbye within so many seconds: ``Context.parting_client``.
        shakes: As for Session.
    """
    talk = Session(client, shakes=shakes)
    try:
        yield talk
    except (OperationCancelledError, DeadlineError, GeneratorExit):
        talk.leave(parting(_GOING_S), cancelled=True)
        raise
    except BaseException:
        talk.leave(parting(_GOING_S), cancelled=False)
        raise
    talk.leave(client, cancelled=False)


def tools_of(talk: Session) -> Iterator[Message]:
    """Give every tool of a server that has a name in one line, each name once.

    Raises:
        AnswerError: The list goes round in a circle, or does not end.
        JackfieldError: As ``Session.messages``.
    """
    cursor: object = None
    names: set[str] = set()
    cursors: set[object] = set()
    while cursor not in cursors and len(cursors) < _MOST_PAGES:
        cursors.add(cursor)
        page = talk.ask("tools/list", {"cursor": cursor} if cursor else {})
        tools = page.get("tools")
        for tool in tools if isinstance(tools, list) else ():
            if isinstance(tool, Mapping) and _is_name(tool.get("name")) and tool["name"] not in names:
                names.add(tool["name"])
                yield tool
        cursor = page.get("nextCursor")
        if not isinstance(cursor, str) or not cursor:
            return
    message = f"The server's list of tools leads in a circle, or has more than {_MOST_PAGES} pages."
    raise AnswerError(message, hint="Tell the authors of the server; a tool can be called without its list.")


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable()


def _message(value: object) -> Message:
    if not isinstance(value, Mapping) or value.get("jsonrpc") != "2.0":
        message = "The server answered with something that is no JSON-RPC message."
        raise AnswerError(message, hint="Is this the address of an MCP server, such as https://example.com/mcp?")
    return value


def _result_of(message: Message) -> Message:
    error, result = message.get("error"), message.get("result")
    if isinstance(result, Mapping) and result.get("resultType") == "input_required":
        text = "The server wants to ask a person something, and nobody is there."
        raise RefusedError(text, status=200, code="input_required")
    if isinstance(error, Mapping):
        text = f"The server refuses: {bounded(error.get('message'))}"
        raise RefusedError(text, status=200, code=str(error.get("code", "")))
    if not isinstance(result, Mapping):
        text = "The server answered without a result."
        raise AnswerError(text)
    return result
