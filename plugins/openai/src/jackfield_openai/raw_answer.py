"""An answer as it came: whole, as a list from many pages, or as the events of a stream."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from typing import Any

from attrs import evolve, frozen

from jackfield import Answer, AnswerError, Context, File, InvalidInputError, Problem, ServerSentEvent
from jackfield_openai.failures import stream_error
from jackfield_openai.raw_request import Call
from jackfield_openai.usage import usage_in

__all__ = ["CustomApiCallAnswer", "StreamEvent", "answered", "listed", "streamed"]


@frozen(kw_only=True)
class CustomApiCallAnswer:
    """What the service answered.

    Attributes:
        status_code: The HTTP status.
        headers: By name in lower case.
        body: The JSON value of a JSON answer, a text otherwise; of a stream, the data of its events; ``None`` if empty,
            or if it is a file.
        file: What was answered, if it is neither JSON nor text.
    """

    status_code: int
    headers: Mapping[str, str]
    body: object = None
    file: File | None = None


@frozen(kw_only=True)
class StreamEvent:
    """One event of a streamed answer; ``data`` is its JSON value, or its text if it is no JSON."""

    event: str
    data: object


def answered(answer: Answer, context: Context) -> CustomApiCallAnswer:
    """Give an answer as output.

    Raises:
        AnswerError: It says that it is JSON and is not.
    """
    content = None if answer.file else _content(answer)
    file = answer.file
    if isinstance(content, bytes):  # nobody said what it is, and it is no text
        file = context.store_file(content, name=answer.url.partition("?")[0].rpartition("/")[2])
    _record(content, context)
    return CustomApiCallAnswer(
        status_code=answer.status, headers=_headers(answer), body=None if file else content, file=file
    )


def _record(body: object, context: Context) -> None:
    usage = usage_in(body)
    if usage is not None:
        context.record_usage(usage)


def _headers(answer: Answer) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _content(answer: Answer) -> object:
    media = answer.media_type
    if not answer.body:
        return None
    if media == "application/json" or media.endswith("+json"):
        return answer.json()
    if media.startswith("text/"):
        return answer.text()
    try:
        return answer.body.decode()
    except UnicodeDecodeError:
        return answer.body


def listed(call: Call, limit: int, context: Context) -> CustomApiCallAnswer:
    """Follow the pages of a list until it ends or has enough records; anything else is given as it is.

    Gives the last page's answer, with the records of all pages under ``data``; ``has_more`` tells whether the service
    has more than these.
    """
    output = answered(call.send(context), context)
    page = _page_of(output)
    if page is None:
        return output
    records, first = [*page["data"]], page
    while len(records) < limit and page.get("has_more") and (after := _last_id(page)):
        output = answered(call.after(after).send(context), context)
        following = _page_of(output)
        if following is None:
            return output  # an error, which the user wants as output
        if not following["data"]:
            break
        page = following
        records += page["data"]
    return evolve(output, body=_joined(first, page, records, limit))


def _page_of(output: CustomApiCallAnswer) -> Mapping[str, Any] | None:
    body = output.body
    return body if isinstance(body, Mapping) and isinstance(body.get("data"), list) else None


def _last_id(page: Mapping[str, Any]) -> str:
    named = page.get("last_id") or _id_of(page["data"])
    return named if isinstance(named, str) else ""


def _id_of(records: Sequence[Any]) -> object:
    return records[-1].get("id") if records and isinstance(records[-1], Mapping) else None


def _joined(
    first: Mapping[str, Any], last: Mapping[str, Any], records: Sequence[Any], limit: int
) -> Mapping[str, object]:
    kept = records[:limit]
    body = {**last, "data": kept}
    if "has_more" in last:
        body["has_more"] = bool(last["has_more"]) or len(records) > limit
    if "first_id" in first:
        body["first_id"] = first["first_id"]
    if "last_id" in last:
        body["last_id"] = _id_of(kept)
    return body


def streamed(call: Call, context: Context) -> Generator[StreamEvent, None, CustomApiCallAnswer]:
    """Give each event of a stream as it comes, and all of them as the body at the end.

    Raises:
        RemoteError: The service failed, before the stream or inside it.
        InvalidInputError: The body is a text, which cannot be sent for a stream.
    """
    if "content" in call.body:
        problem = Problem(path="$.body", rule="type", message="must be JSON or a form, for an answer that is streamed")
        raise InvalidInputError([problem])
    heads: list[Answer] = []
    data: list[object] = []
    last: object = None
    events = context.client.events(
        call.method,
        call.path,
        **call.body,
        params=call.params or None,
        headers=call.headers or None,
        on_answer=heads.append,
    )
    with closing(events):
        for event in events:
            if event.data.startswith("[DONE]"):
                break
            piece = _piece(event)
            data.append(piece.data)
            told = _told_by(piece.data)
            if _is_image(piece.data):
                _record(told, context)
            elif usage_in(told):
                last = told
            yield piece
    _record(last, context)
    return CustomApiCallAnswer(status_code=heads[0].status, headers=_headers(heads[0]), body=data)


def _told_by(data: object) -> object:
    """Give the part of an event that may say what was used; events of responses have the whole answer inside."""
    return data.get("response", data) if isinstance(data, Mapping) else data


def _is_image(data: object) -> bool:
    """Tell what is counted for each event from a count that grows, of which the last one is all."""
    return isinstance(data, Mapping) and str(data.get("type")).startswith("image_")


def _piece(event: ServerSentEvent) -> StreamEvent:
    try:
        data = event.json()
    except AnswerError:
        return StreamEvent(event=event.event, data=event.data)
    if isinstance(data, Mapping) and data.get("error"):
        raise stream_error(data["error"])
    return StreamEvent(event=event.event, data=data)
