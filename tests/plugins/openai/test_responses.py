"""Create Response, as a person uses it: what is sent, what comes back, and how it ends."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from jackfield import (
    AnswerError,
    BusyError,
    Cancellation,
    DeadlineError,
    Event,
    File,
    Host,
    InvalidInputError,
    LimitError,
    OperationCancelledError,
    RefusedError,
    WaitBegun,
    hookimpl,
)
from jackfield.testing import Replay
from jackfield_openai.responses.create import create_response

RESPONSE = "openai.create_response"
HELLO: dict[str, Any] = {"model": "m", "input": "Good morning to you"}
PNG = b"\x89PNG\r\n\x1a\n"


def _said(*output: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Give a response as OpenAI sends it (shapes of the SDK 3.57.0, shortened)."""
    return {"id": "resp_1", "object": "response", "status": "completed", "model": "m", "output": [*output], **more}


def _message(*parts: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [*parts]}


def _text(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": []}


class Listener:
    """Hears what the run waits for; may cancel it then."""

    def __init__(self, cancellation: Cancellation | None = None) -> None:
        self.reasons: list[str] = []
        self._cancellation = cancellation

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Remember a wait."""
        if isinstance(event, WaitBegun):
            self.reasons.append(event.reason)
            if self._cancellation is not None:
                threading.Thread(target=self._cancellation.cancel).start()


@pytest.fixture
def listening(replay: Replay) -> Iterator[tuple[Host, Listener]]:
    """Run against memory, and hear what is waited for."""
    listener = Listener()
    with Host(plugins=[listener, replay], modules={RESPONSE: create_response}, discover=False, environ={}) as host:
        yield host, listener


def _run(host: Host, replay: Replay, form: Mapping[str, Any], *said: Mapping[str, Any], **options: Any) -> Any:
    for each in said:
        replay.reply({**each})
    return host.run(RESPONSE, form, connection={"api_key": "k"}, **options)


def test_the_text_of_all_messages_is_the_result(host: Host, replay: Replay) -> None:
    """Thoughts are no part of it; the usage tells of them."""
    usage = {"input_tokens": 5, "output_tokens": 9, "total_tokens": 14}
    usage_details = {"input_tokens_details": {"cached_tokens": 2}, "output_tokens_details": {"reasoning_tokens": 4}}
    thought = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]}
    said = _said(thought, _message(_text("Good "), _text("morning")), usage={**usage, **usage_details})

    result = _run(host, replay, HELLO, said)

    assert result.output.result == "Good morning"
    assert (result.usage.input_tokens, result.usage.output_tokens, result.usage.total_tokens) == (5, 9, 14)
    assert (result.usage.cached_tokens, result.usage.reasoning_tokens) == (2, 4)
    assert result.bundle["output"][0] == thought


def test_what_the_model_asks_of_the_caller_can_be_answered(host: Host, replay: Replay) -> None:
    """The calls are listed; each goes back as it came, with the answer after it."""
    call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "look", "arguments": '{"at": 1}'}
    answered = {"type": "function_call_output", "call_id": "call_1", "output": "a cat"}

    first = _run(host, replay, {**HELLO, "tools": [{"type": "function", "name": "look"}]}, _said(call))
    asked = [{"role": "user", "content": "Look"}, *first.bundle["output"], answered]
    second = _run(host, replay, {**HELLO, "input": asked}, _said(_message(_text("A cat"))))

    assert [(made.name, made.arguments) for made in first.output.tool_calls] == [("look", '{"at": 1}')]
    assert "result" not in first.bundle
    assert json.loads(replay.requests[-1].body or b"")["input"] == [asked[0], call, answered]
    assert second.output.result == "A cat"


@pytest.mark.parametrize("text", ['{"a": [1]}', "not JSON"])
def test_json_by_a_schema_is_parsed(host: Host, replay: Replay, text: str) -> None:
    """Or it is an error that says where, and shows none of it."""
    form = {**HELLO, "text": {"format": {"type": "json_schema", "name": "x", "schema": {"type": "object"}}}}

    if text == "not JSON":
        with pytest.raises(AnswerError, match="not JSON at line 1, column 1"):
            _run(host, replay, form, _said(_message(_text(text))))
    else:
        assert _run(host, replay, form, _said(_message(_text(text)))).output.result == {"a": [1]}


def test_json_that_was_cut_names_the_limit(host: Host, replay: Replay) -> None:
    """It is what has to be raised."""
    form = {**HELLO, "text": {"format": {"type": "json_object"}}}
    details = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}

    with pytest.raises(AnswerError) as caught:
        _run(host, replay, form, _said(_message(_text('{"a": ')), **details))

    assert "max_output_tokens" in caught.value.hint


def test_an_incomplete_response_and_a_refusal_are_warnings(host: Host, replay: Replay) -> None:
    """What there is of it is given."""
    details = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    refused = _message({"type": "refusal", "refusal": "I would rather not."})

    cut = _run(host, replay, HELLO, _said(_message(_text("Go")), **details))
    refusal = _run(host, replay, HELLO, _said(refused))

    assert cut.output.result == "Go"
    assert any("max_output_tokens" in warning for warning in cut.warnings)
    assert refusal.output.refusal == "I would rather not."
    assert refusal.warnings == ("The model refused; its words are in refusal.",)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("server_error", BusyError), ("rate_limit_exceeded", BusyError), ("invalid_prompt", RefusedError)],
)
def test_a_failed_response_is_an_error(host: Host, replay: Replay, code: str, kind: type[Exception]) -> None:
    """Of the class that says what to do, though the service answered 200; without an explanation too."""
    said = _said(status="failed", error={"code": code, "message": "It did not work."})

    with pytest.raises(kind, match="It did not work"):
        _run(host, replay, HELLO, said)
    with pytest.raises(BusyError, match="resp_1"):
        _run(host, replay, HELLO, _said(status="failed"))


def test_a_response_in_the_background_is_asked_for_until_it_is_over(
    listening: tuple[Host, Listener], replay: Replay
) -> None:
    """Whoever watches sees its state; what Include asks for is asked for again."""
    host, listener = listening
    form = {**HELLO, "background": True, "poll_interval_s": 0.05, "include": ["code_interpreter_call.outputs"]}
    states = [_said(status="queued"), _said(status="in_progress"), _said(_message(_text("Done")))]

    result = _run(host, replay, form, *states)

    assert result.output.result == "Done"
    assert listener.reasons == ["the response is queued", "the response is in progress"]
    asked = "/v1/responses/resp_1?include%5B%5D=code_interpreter_call.outputs"
    assert [(request.method, request.path_url) for request in replay.requests] == [
        ("POST", "/v1/responses"),
        ("GET", asked),
        ("GET", asked),
    ]
    assert "poll_interval_s" not in json.loads(replay.requests[0].body or b"")


@pytest.mark.parametrize("status", ["failed", "cancelled", "incomplete", "of_tomorrow"])
def test_whatever_ends_a_response_ends_the_asking(
    listening: tuple[Host, Listener], replay: Replay, status: str
) -> None:
    """Also a state without an explanation, or one that nobody knows yet."""
    host, listener = listening
    form = {**HELLO, "background": True, "poll_interval_s": 0.05}

    if status in ("failed", "cancelled"):
        with pytest.raises((BusyError, RefusedError), match="resp_1"):
            _run(host, replay, form, _said(status="queued"), _said(status=status))
    else:
        assert _run(host, replay, form, _said(status="queued"), _said(status=status)).output.status == status
    assert len(listener.reasons) == 1


def test_a_cancelled_run_stops_its_response(replay: Replay) -> None:
    """In the middle of a wait; the service is told at once."""
    cancellation = Cancellation()
    plugins = [Listener(cancellation), replay]
    form = {**HELLO, "background": True, "poll_interval_s": 3600}

    with (
        Host(plugins=plugins, modules={RESPONSE: create_response}, discover=False, environ={}) as host,
        pytest.raises(OperationCancelledError),
    ):
        _run(host, replay, form, _said(status="queued"), _said(status="cancelled"), cancellation=cancellation)

    assert (replay.requests[-1].method, replay.requests[-1].path_url) == ("POST", "/v1/responses/resp_1/cancel")
    assert len(replay.requests) == 2


def test_a_deadline_leaves_the_response_and_says_where_it_is(host: Host, replay: Replay) -> None:
    """It is paid for, and can still be asked for."""
    form = {**HELLO, "background": True, "poll_interval_s": 3600}

    with pytest.raises(DeadlineError) as caught:
        _run(host, replay, form, _said(status="queued"), deadline_s=0.3)

    assert "GET /responses/resp_1" in caught.value.hint
    assert len(replay.requests) == 1


def test_the_stand_in_makes_a_response_in_the_background(
    net_host: Host, account: Callable[..., dict[str, object]]
) -> None:
    """Whole and as a stream; a stream that breaks off is followed by asking."""
    form = {**HELLO, "background": True, "poll_interval_s": 0.05}

    whole = net_host.run(RESPONSE, form, connection=account())
    with net_host.stream(RESPONSE, form, connection=account()) as stream:
        said = "".join(map(str, stream))
    with net_host.stream(RESPONSE, form, connection=account("cut=3; times=1; tag=background")) as broken:
        list(broken)

    assert whole.bundle["result"] == said == broken.result.bundle["result"] == "I heard: Good morning to you"
    assert any("broke off" in warning for warning in broken.result.warnings)


def test_a_stream_that_is_left_stops_its_response(host: Host, replay: Replay) -> None:
    """Whoever stops listening to a response in the background wants nothing more of it."""
    created = {"type": "response.created", "response": _said(status="in_progress")}
    delta = {"type": "response.output_text.delta", "output_index": 0, "delta": "Hi"}
    replay.reply(events=[created, delta, delta])
    replay.reply(_said(status="cancelled"))

    with host.stream(RESPONSE, {**HELLO, "background": True}, connection={"api_key": "k"}) as stream:
        assert str(next(stream)) == "Hi"

    assert [request.path_url for request in replay.requests] == ["/v1/responses", "/v1/responses/resp_1/cancel"]


def test_a_stream_gives_thoughts_calls_and_images(net_host: Host, account: Callable[..., dict[str, object]]) -> None:
    """Each piece says which event it was."""
    tools = [{"type": "image_generation", "model": "gpt-image-2"}, {"type": "web_search"}]
    form = {**HELLO, "input": "search and draw a cat", "tools": tools, "reasoning": {"summary": "auto"}}

    with net_host.stream(RESPONSE, form, connection=account()) as stream:
        pieces: list[Any] = list(stream)
        result = stream.result
    function = {"type": "function", "name": "look", "parameters": {"type": "object"}}
    with net_host.stream(RESPONSE, {**HELLO, "input": "look", "tools": [function]}, connection=account()) as calling:
        called = [piece.tool_call for piece in calling if piece.tool_call]

    assert "".join(piece.reasoning or "" for piece in pieces) == "Thinking about what was said."
    assert [piece.file.media_type for piece in pieces if piece.file] == ["image/png"]
    assert "response.web_search_call.searching" in [piece.event for piece in pieces]
    assert [used.images for used in result.used] == [None, 1]
    assert result.used[1].model == "gpt-image-2"
    image = next(item for item in result.output.output if item.type == "image_generation_call")
    assert image.file.read().startswith(PNG)
    assert called[0].name == "look"
    assert "".join(piece.arguments or "" for piece in called) == "{}"


@pytest.mark.parametrize(
    ("orders", "kind"),
    [("fail=3", BusyError), ("finish=server_error", BusyError), ("finish=invalid_prompt", RefusedError)],
)
def test_a_failure_inside_a_stream_is_an_error(
    net_host: Host, account: Callable[..., dict[str, object]], orders: str, kind: type[Exception]
) -> None:
    """Whether it is an event of its own or the response that failed."""
    with net_host.stream(RESPONSE, HELLO, connection=account(orders)) as stream, pytest.raises(kind):
        list(stream)


def test_the_error_event_of_openai_is_an_error(host: Host, replay: Replay) -> None:
    """It has its code beside its message, and nothing under error."""
    replay.reply(events=[{"type": "error", "code": "rate_limit_exceeded", "message": "Slow down.", "param": None}])

    with host.stream(RESPONSE, HELLO, connection={"api_key": "k"}) as stream, pytest.raises(BusyError, match="Slow"):
        list(stream)


def test_what_a_last_event_leaves_out_is_taken_from_those_before(host: Host, replay: Replay) -> None:
    """Some servers send the output only in pieces."""
    done = {"type": "response.output_item.done", "output_index": 0, "item": _message(_text("Hi"))}
    replay.reply(events=[done, {"type": "response.completed", "response": _said()}])

    with host.stream(RESPONSE, HELLO, connection={"api_key": "k"}) as stream:
        list(stream)

    assert stream.result.bundle["result"] == "Hi"


def test_a_server_that_does_not_stream_answers_whole(host: Host, replay: Replay) -> None:
    """Then there are no pieces, and the result is there."""
    replay.reply(_said(_message(_text("Hi"))))

    with host.stream(RESPONSE, HELLO, connection={"api_key": "k"}) as stream:
        assert list(stream) == []

    assert stream.result.bundle["result"] == "Hi"


def test_files_go_along_as_text(host: Host, replay: Replay) -> None:
    """Images and documents, in messages and in a prompt's variables; too large is told with the limit."""
    image = {"type": "input_image", "image_url": File.from_bytes(PNG, name="a.png", media_type="image/png")}
    document = {"type": "input_file", "file_data": File.from_bytes(b"hi", name="a.txt", media_type="text/plain")}
    form = {
        "model": "m",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Look"}, image, document]}],
        "prompt": {"id": "p", "variables": {"picture": image, "name": "x"}},
    }

    _run(host, replay, form, _said(_message(_text("Seen"))))
    body = json.loads(replay.requests[-1].body or b"")
    with pytest.raises(LimitError) as caught:
        host.run(RESPONSE, form, connection={"api_key": "k", "max_attached_bytes": 3})

    _, sent, read = body["input"][0]["content"]
    assert sent == {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="}
    assert read == {"type": "input_file", "file_data": "data:text/plain;base64,aGk=", "filename": "a.txt"}
    assert body["prompt"]["variables"] == {"picture": sent, "name": "x"}
    assert caught.value.limit == "max_attached_bytes"


def test_what_authorizes_an_mcp_server_is_sent_and_shown_nowhere(host: Host, replay: Replay) -> None:
    """Neither in a preview nor in the form's own text."""
    tool = {"type": "mcp", "server_label": "x", "server_url": "https://mcp.example", "authorization": "token-of-x"}
    form = {**HELLO, "tools": [{**tool, "headers": {"X-Team": "team-of-x"}}]}

    _run(host, replay, form, _said())
    preview = host.preview(RESPONSE, form, connection={"api_key": "k"})

    assert json.loads(replay.requests[-1].body or b"")["tools"] == form["tools"]
    assert "of-x" not in str(preview)


def test_wrong_together_is_told_before_anything_is_sent(host: Host, replay: Replay) -> None:
    """A conversation beside a previous response; a message without what makes it one."""
    form = {**HELLO, "conversation": "conv_1", "previous_response_id": "resp_1", "input": [{"role": "user"}]}

    with pytest.raises(InvalidInputError) as caught:
        host.run(RESPONSE, form, connection={"api_key": "k"})

    assert [problem.path for problem in caught.value.problems] == ["$.previous_response_id", "$.input[0].content"]
    assert not replay.requests
