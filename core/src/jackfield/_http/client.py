"""What a module goes out with: a client that is already authorized, for the connection's own origin only."""

from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any, Literal, Protocol, TypeVar, overload

from requests import PreparedRequest, Response

from jackfield._http import sse
from jackfield._http.answers import Answer
from jackfield._http.attempts import Attempts, ReadError, Watcher
from jackfield._http.body import pieces, read_start, read_whole
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield._http.outgoing import FORM_TYPE, JSON_TYPE, Outgoing, form_body, json_body, make, multipart_body
from jackfield._http.redirects import follow, follow_anywhere
from jackfield._http.saving import Saver
from jackfield._http.sse import ServerSentEvent
from jackfield._http.uploading import FilePart, StreamBody
from jackfield.errors import AnswerError, BrokenAnswerError, InvalidInputError, Problem
from jackfield.files import File
from jackfield.storage import FileStore

__all__ = ["Answer", "Client", "Codec", "ServerSentEvent", "Watcher"]

T = TypeVar("T")

_STREAM_TYPE = "text/event-stream"
_NEVER_EVENTS = frozenset({"audio", "image", "video"})
"""Kinds of media that no stream of events is called by mistake."""

_END_OF_STREAM_S = 0.05
"""How long the end of a body may come after the last event; a connection that waits for it can be used again."""


class Codec(Protocol):
    """How typed values become JSON and back; the engine brings it."""

    def dump(self, value: object) -> object:
        """Turn attrs objects into JSON values; attributes that are ``None`` are left out."""

    def load(self, value: object, kind: type[T], *, request_id: str = "") -> T:
        """Read a JSON value as a class.

        Raises:
            AnswerError: It has another shape; every problem is named.
        """


class Client:
    """Sends requests for one operation.

    Paths are relative to the connection's base URL; ``/models`` and ``models`` are the same place, and no path leads
    out of it. ``Context.web`` has no connection: its paths are whole URLs. Every method may raise RemoteError,
    TransportError, LimitError, DeadlineError, OperationCancelledError and, before anything is sent, UnsafeRequestError
    and InvalidInputError.

    ``params``, ``json`` and ``data`` take attrs objects too; what is ``None`` in them is not sent. In a dict, it is not
    sent in ``params`` and ``data`` either; in ``json`` it is null. ``params`` may be a text as well: a query that is
    spelled already, which is sent as it is.
    """

    def __init__(
        self,
        base_url: str,
        *,
        settings: HttpSettings,
        deadline: Deadline,
        cancellation: Cancellation,
        repeatable: bool,
        send: Callable[[PreparedRequest], Response],
        codec: Codec,
        watcher: Watcher,
        store: FileStore,
        read_error: ReadError | None = None,
        request_id_header: str = "x-request-id",
        confidential: bool = False,
    ) -> None:
        self._base_url = base_url
        self._settings = settings
        self._repeatable = repeatable
        self._codec = codec
        self._store = store
        self._confidential = confidential
        self._attempts = Attempts(
            partial(follow, base_url) if base_url else follow_anywhere,
            settings=settings,
            deadline=deadline,
            cancellation=cancellation,
            send=send,
            watcher=watcher,
            read_error=read_error,
            request_id_header=request_id_header,
            in_memory=confidential,
        )

    @property
    def base_url(self) -> str:
        """Where its requests go; empty if that is anywhere."""
        return self._base_url

    @property
    def max_pages(self) -> int:
        """How many pages of one list are asked for at most: the setting of that name."""
        return self._settings.max_pages

    @overload
    def get(self, path: str, *, params: object = None, headers: Mapping[str, str] | None = None) -> Any: ...
    @overload
    def get(
        self, path: str, *, params: object = None, headers: Mapping[str, str] | None = None, into: type[T]
    ) -> T: ...
    def get(
        self,
        path: str,
        *,
        params: object = None,
        headers: Mapping[str, str] | None = None,
        into: type[Any] | None = None,
    ) -> Any:
        """GET a JSON answer.

        Args:
            path: Below the base URL.
            params: The query.
            headers: More headers; they pass the header policy.
            into: The class to read it as; plain JSON without.
        """
        return self._value(self.request("GET", path, params=params, headers=headers), into)

    @overload
    def post(
        self, path: str, *, json: object = None, params: object = None, headers: Mapping[str, str] | None = None
    ) -> Any: ...
    @overload
    def post(
        self,
        path: str,
        *,
        json: object = None,
        params: object = None,
        headers: Mapping[str, str] | None = None,
        into: type[T],
    ) -> T: ...
    def post(
        self,
        path: str,
        *,
        json: object = None,
        params: object = None,
        headers: Mapping[str, str] | None = None,
        into: type[Any] | None = None,
    ) -> Any:
        """POST a JSON body, get a JSON answer; as ``get``."""
        return self._value(self.request("POST", path, json=json, params=params, headers=headers), into)

    def _value(self, answer: Answer, into: type[Any] | None) -> Any:
        value = answer.json()
        return value if into is None else self._codec.load(value, into, request_id=answer.request_id)

    def read(self, value: object, into: type[T], *, request_id: str = "") -> T:
        """Read an answer as a class; or a JSON value as if the service had answered it, as put together from a stream.

        Args:
            value: An answer of ``request``, whose JSON is read; or the JSON value.
            into: The class.
            request_id: The service's own name for the answer, which an Answer knows itself.

        Raises:
            AnswerError: It has another shape; every problem is named.
        """
        if isinstance(value, Answer):
            request_id, value = value.request_id, value.json()
        return self._codec.load(value, into, request_id=request_id)

    def write(self, value: object) -> object:
        """Give a typed value as the JSON values that would be sent of it; what is ``None`` in it is left out.

        Raises:
            InvalidInputError: There is a file in it.
        """
        return self._codec.dump(value)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: object = None,
        json: object = None,
        data: object = None,
        content: bytes | File | None = None,
        files: Sequence[FilePart] | None = None,
        headers: Mapping[str, str] | None = None,
        raise_errors: bool = True,
        repeatable: bool | None = None,
        store_files: bool | Literal["always"] = False,
        name: str = "",
        read_error: ReadError | None = None,
    ) -> Answer:
        """Send any request, get the whole answer.

        Args:
            method: An HTTP method in capitals.
            path: Below the base URL.
            params: The query; a list gives one pair for each item.
            json: A body to be sent as JSON; at most one of ``json``, ``data``, ``content`` is given.
            data: A body to be sent as a form.
            content: A body to be sent as it is; a File is read while it leaves, and its media type is said.
            files: Files to be sent in a form (multipart/form-data), after what ``data`` holds; they are read while they
                leave, so their size does not matter. An empty list sends ``data`` in this way too.
            headers: More headers; they pass the header policy.
            raise_errors: Whether 4xx and 5xx are raised; else they are answers like any other.
            repeatable: Whether a repeat is harmless; the module's effect decides without.
            store_files: Whether a body that is no text is given to the host while it comes: ``Answer.file``. A body of
                no stated type is, if it is larger than a megabyte. With ``always``, every body of a good answer is.
                Without, every body is held in memory.
            name: What such a file is to be called; what the service says, or the end of the path, without.
            read_error: Reads the failures of this request, instead of the connection type's own reading.
        """
        body, body_type = self._body(json, data, content, files)
        outgoing = self._outgoing(method, path, params=params, body=body, body_type=body_type, headers=headers)
        repeatable = self._repeatable if repeatable is None else repeatable
        take = None
        if store_files:
            saver = self._saver(name=name)
            take = saver.take if store_files == "always" else saver.take_unless_text
        answer, _ = self._attempts.answered(
            outgoing, repeatable=repeatable, raise_errors=raise_errors, take=take, read_error=read_error
        )
        return answer

    def download(
        self,
        method: str,
        path: str,
        *,
        params: object = None,
        json: object = None,
        data: object = None,
        content: bytes | File | None = None,
        files: Sequence[FilePart] | None = None,
        headers: Mapping[str, str] | None = None,
        name: str = "",
        media_type: str = "",
    ) -> File:
        """Send any request whose answer is a file, and give the file to the host while it comes.

        Its size is bounded by the host's ``max_file_bytes``, not by the limits for answers.

        Args:
            method: An HTTP method in capitals.
            path: Below the base URL.
            params: As in ``request``; so are ``json``, ``data``, ``content``, ``files`` and ``headers``.
            json: See there.
            data: See there.
            content: See there.
            files: See there.
            headers: See there.
            name: What the file is to be called; what the service says, or the end of the path, without.
            media_type: What it is; what the service says without.

        Raises:
            LimitError: It is larger than the host allows.
            FileError: It cannot be written.
        """
        body, body_type = self._body(json, data, content, files)
        # Not compressed: a file is what it is, and its size on the wire is the one that is announced.
        ways = {"accept": "*/*", "encoding": "identity"}
        outgoing = self._outgoing(method, path, params=params, body=body, body_type=body_type, headers=headers, **ways)
        saver = self._saver(name=name, media_type=media_type)
        answer, _ = self._attempts.answered(outgoing, repeatable=self._repeatable, raise_errors=True, take=saver.take)
        assert answer.file is not None  # noqa: S101  taken, or an error
        return answer.file

    def _saver(self, **said: str) -> Saver:
        return Saver(self._store, self._settings, in_memory=self._confidential, **said)

    def events(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        data: object = None,
        files: Sequence[FilePart] | None = None,
        params: object = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        until: str = "",
        on_answer: Callable[[Answer], None] | None = None,
        on_whole: Callable[[Answer], None] | None = None,
    ) -> Generator[ServerSentEvent, None, None]:
        """Send a request whose answer is a stream of server-sent events, and give each as it comes.

        Nothing is sent before the first event is asked for. Attempts are repeated until the stream begins, never after.
        Close the iterator to stop early.

        Args:
            method: An HTTP method in capitals.
            path: Below the base URL.
            json: A body to be sent as JSON.
            data: A body to be sent as a form.
            files: As in ``request``.
            params: The query.
            headers: More headers; they pass the header policy.
            repeatable: As in ``request``.
            until: The data that ends the stream (``[DONE]``), which is not given; a stream that stops without it is
                cut. Empty: the end of the body ends the stream.
            on_answer: Called with the head of the answer before the first event.
            on_whole: Called with the answer if the service does not stream, and answers with JSON as a whole, or with
                sound, a picture or a film, which is ``Answer.file``: what it did is done, and may have been paid for.
                No event is given then. Without it, that is an error.

        Raises:
            BrokenAnswerError: The stream was cut.
            AnswerError: The answer is no stream.
        """
        body, body_type = self._body(json, data, None, files)
        outgoing = self._outgoing(
            method, path, params=params, body=body, body_type=body_type, headers=headers, accept=_STREAM_TYPE
        )
        answer, response = self._attempts.answered(
            outgoing,
            repeatable=self._repeatable if repeatable is None else repeatable,
            raise_errors=True,
            streaming=True,
        )
        try:
            if on_whole is not None and (whole := self._whole(answer, response)) is not None:
                on_whole(whole)
                return
            self._check_stream(answer, response)
            if on_answer is not None:
                on_answer(answer)
            limits = self._settings
            for event in sse.events(
                pieces(response, limits),
                max_event_bytes=limits.max_event_bytes,
                max_json_depth=limits.max_json_depth,
            ):
                if until and event.data.strip() == until:
                    _let_end(response)
                    return
                yield event
        finally:
            response.close()
        if until:
            message = f"The stream ended without {until!r}: something is missing."
            raise BrokenAnswerError(message)

    def _whole(self, answer: Answer, response: Response) -> Answer | None:
        """Take an answer that is no stream; ``None`` if it may be one."""
        if answer.media_type == JSON_TYPE:
            body = read_whole(response, self._settings, in_memory=self._confidential)
            return self._attempts.answer(response, body)
        if answer.media_type.partition("/")[0] in _NEVER_EVENTS:
            return self._saver().take(answer, response)
        return None

    def _check_stream(self, answer: Answer, response: Response) -> None:
        if answer.media_type not in {"text/html", JSON_TYPE}:  # what else a stream is called is of no interest
            return
        shown = self._attempts.answer(response, read_start(response, self._settings))
        message = f"The service answered {answer.status} with {shown.described} where a stream of events was expected."
        raise AnswerError(message, request_id=answer.request_id, hint="Does the service stream at this address?")

    def _body(
        self, json: object, data: object, content: bytes | File | None, files: Sequence[FilePart] | None
    ) -> tuple[bytes | StreamBody | None, str]:
        lone = (json, content) if files is not None else (json, data, content)
        if sum(value is not None for value in lone) > (files is None):
            message = "at most one of json, data and content may be given, and files only with data"
            raise InvalidInputError([Problem(path="$", rule="one_of", message=message)])
        if files is not None:
            return multipart_body(data, files, self._codec.dump)
        if json is not None:
            return json_body(json, self._codec.dump), JSON_TYPE
        if data is not None:
            return form_body(data, self._codec.dump), FORM_TYPE
        if isinstance(content, File):
            return StreamBody([content]), content.media_type
        return content, ""

    def _outgoing(
        self, method: str, path: str, *, accept: str = JSON_TYPE, encoding: str = "gzip", params: object, **parts: Any
    ) -> Outgoing:
        if isinstance(params, str):  # it may come from a service's own link
            params = self._attempts.without_own(params)
        defaults = {"Accept": accept, "Accept-Encoding": encoding, "User-Agent": self._settings.user_agent}
        return make(self._base_url, method, path, params=params, defaults=defaults, dump=self._codec.dump, **parts)


def _let_end(response: Response) -> None:
    finish: Callable[[float], None] | None = getattr(response.raw, "finish_within", None)
    if finish is not None:
        finish(_END_OF_STREAM_S)
