"""What goes wrong between a user, the connector and the service, and what the user is told then."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from jackfield import (
    AnswerError,
    BrokenAnswerError,
    BusyError,
    File,
    Host,
    HttpSettings,
    InvalidInputError,
    JackfieldError,
    LimitError,
    NotFoundError,
    RemoteError,
    UnsafeRequestError,
)
from jackfield.testing import Replay, Reply
from jackfield_openai.sandbox import Sandbox

Run = Callable[..., Any]
KEY = {"api_key": "k"}
CHATS = "/v1/chat/completions"
HALF = "\ud800"
TEXT = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]}
DONE = {"id": "resp_1", "object": "response", "status": "completed", "model": "m", "output": [TEXT]}
QUEUED = {**DONE, "status": "queued", "output": []}
SPEECH = {"model": "m", "input": "Hi", "voice": "alloy"}
BACKGROUND = {"model": "m", "input": "Hi", "background": True, "poll_interval_s": 0.05}


@pytest.fixture
def quick(replay: Replay) -> Iterator[Host]:
    """Run modules that repeat without waiting."""
    settings = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001)
    with Host(plugins=[replay], environ={}, settings=settings) as opened:
        yield opened


@pytest.fixture
def run(quick: Host) -> Run:
    """Run a module with a key."""

    def make(name: str, form: Mapping[str, object], **connection: object) -> Any:
        return quick.run(f"openai.{name}", form, connection={**KEY, **connection})

    return make


def line(name: str = "a", **said: object) -> str:
    """Write a request as a batch has it."""
    return json.dumps({"custom_id": name, "method": "POST", "url": CHATS, "body": {"model": "m"}, **said})


def batch_of(*lines: str, endpoint: str = CHATS) -> dict[str, object]:
    """Make the form of a batch from a file."""
    file = File.from_bytes("\n".join(lines).encode(), name="requests.jsonl")
    return {"endpoint": endpoint, "input": {"type": "file", "file": file}}


FIELDS: dict[str, tuple[str, Mapping[str, object], str]] = {
    "file": ("get_file", {"file_id": HALF}, "$.file_id"),
    "deleted": ("delete_file", {"file_id": HALF}, "$.file_id"),
    "batch": ("get_batch", {"batch_id": HALF}, "$.batch_id"),
    "text": ("create_embedding", {"model": "m", "input": [f"a{HALF}"]}, "$.input[0]"),
    "message": (
        "create_chat_completion",
        {"model": "m", "messages": [{"role": "user", "content": HALF}]},
        "$.messages[0].content",
    ),
    "line": (
        "create_batch",
        {"endpoint": CHATS, "input": {"type": "requests", "requests": [{"custom_id": "a", "body": {"x": HALF}}]}},
        "$.input.requests[0].body.x",
    ),
}


@pytest.mark.parametrize("name", FIELDS)
def test_half_a_letter_is_told_of_its_field(run: Run, replay: Replay, name: str) -> None:
    """It is neither a defect of the connector, nor sent."""
    module, form, path = FIELDS[name]

    with pytest.raises(InvalidInputError, match=r"not Unicode \(half of a surrogate pair\)") as refused:
        run(module, form)

    assert [problem.path for problem in refused.value.problems] == [path]
    assert replay.requests == []


@pytest.mark.parametrize("name", ["..", "../files", "a/../../b"])
@pytest.mark.parametrize(
    ("module", "field"), [("get_file", "file_id"), ("delete_file", "file_id"), ("get_batch", "batch_id")]
)
def test_an_id_that_leads_elsewhere_is_told_of_its_field(run: Run, module: str, field: str, name: str) -> None:
    """Nobody is told to percent-encode it, which would not help."""
    with pytest.raises(InvalidInputError, match=rf"\$\.{field}: has a dot segment .* cannot stand in the path"):
        run(module, {field: name})


FAILING = {
    "failing": [Reply(json={"error": {"message": "no"}}, status=500)] * 3,
    "not found": [Reply(json={"error": {"message": "no such response"}}, status=404)],
    "no JSON": [Reply(content=b"<html>", headers={"Content-Type": "text/html"})],
}


@pytest.mark.parametrize("name", FAILING)
def test_a_response_in_the_background_is_never_lost(name: str) -> None:
    """Whatever goes wrong while it is asked for, the error says how to get it, and not to pay twice."""
    service = Replay(Reply(json=QUEUED), *FAILING[name])
    quick = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001)

    with Host(plugins=[service], environ={}, settings=quick) as host, pytest.raises(JackfieldError) as failed:
        host.run("openai.create_response", BACKGROUND, connection=KEY)

    assert "GET /responses/resp_1" in failed.value.hint
    assert "Run it again later" not in failed.value.hint


CREATED = {"type": "response.created", "response": QUEUED}
EVENTS: dict[str, object] = {
    "an error": {"type": "error", "code": "server_error", "message": "boom", "param": None},
    "no JSON": "data: {not json}\n\n",
    "no object": [1],
}


@pytest.mark.parametrize("name", EVENTS)
def test_a_stream_that_goes_wrong_tells_where_its_response_is(quick: Host, replay: Replay, name: str) -> None:
    """An event of failure, or one that cannot be read."""
    replay.reply(events=[CREATED, EVENTS[name]])

    with (
        pytest.raises((RemoteError, AnswerError)) as failed,
        quick.stream("openai.create_response", BACKGROUND, connection=KEY) as stream,
    ):
        list(stream)

    assert "GET /responses/resp_1" in failed.value.hint


def test_a_response_without_background_is_not_looked_for(run: Run, replay: Replay) -> None:
    """It failed, and there is nothing to ask for."""
    replay.reply({"error": {"message": "no"}}, status=400)

    with pytest.raises(RemoteError) as failed:
        run("create_response", {"model": "m", "input": "Hi"})

    assert "/responses/" not in failed.value.hint


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_an_unfinished_response_without_id_is_no_success(run: Run, replay: Replay, status: str) -> None:
    """It cannot be asked for, so nothing more will come."""
    replay.reply({**QUEUED, "id": None, "status": status})

    with pytest.raises(AnswerError, match=rf"not finished \({status}\)"):
        run("create_response", {"model": "m", "input": "Hi"})


def test_a_response_that_says_nothing_has_a_warning(run: Run, replay: Replay) -> None:
    """Neither what became of it, nor anything that was made."""
    replay.reply({**QUEUED, "status": None})

    assert "neither what became" in run("create_response", {"model": "m", "input": "Hi"}).warnings[0]


def test_a_response_of_an_unknown_status_has_a_warning(run: Run, replay: Replay) -> None:
    """It may be an end of which we do not know yet."""
    replay.reply({**QUEUED, "status": "paused"})

    assert "'paused'" in run("create_response", {"model": "m", "input": "Hi"}).warnings[0]


@pytest.mark.parametrize(
    ("module", "form"),
    [
        ("get_file", {"file_id": "zz"}),
        ("delete_file", {"file_id": "zz"}),
        ("get_batch", {"batch_id": "zz"}),
        ("get_models", {"action": "retrieve", "model": "zz"}),
    ],
    ids=str,
)
def test_what_is_not_found_is_told_though_the_list_fails(
    run: Run, replay: Replay, module: str, form: Mapping[str, object]
) -> None:
    """The suggestion is left out, and not the news."""
    replay.reply({"error": {"message": "no such thing"}}, status=404)
    for _ in range(3):
        replay.reply({"error": {"message": "nolist"}}, status=500)

    with pytest.raises(NotFoundError) as missing:
        run(module, form)

    assert "nolist" not in str(missing.value)


def test_a_file_that_was_deleted_before_the_line_broke_is_deleted(run: Run, replay: Replay) -> None:
    """Our own repeat no longer finds it."""
    replay.fail(BrokenAnswerError("The connection broke."))
    replay.reply({"error": {"message": "No such File object: file-1"}}, status=404)

    result = run("delete_file", {"file_id": "file-1"})

    assert (result.output.id, result.output.deleted) == ("file-1", True)
    assert "An attempt before the last one broke off" in result.warnings[0]


def test_a_file_that_was_never_there_is_not_deleted(run: Run, replay: Replay) -> None:
    """The first attempt says so."""
    replay.reply({"error": {"message": "No such File object: file-1"}}, status=404)
    replay.reply({"object": "list", "data": [], "has_more": False})

    with pytest.raises(NotFoundError):
        run("delete_file", {"file_id": "file-1"})


def test_many_vectors_travel_as_base64(run: Run, replay: Replay) -> None:
    """As numbers they would be more than we read; who chooses, or asks another server, gets what is wanted."""
    many = ["a"] * 129
    answer = {"model": "m", "data": [{"index": index, "embedding": "AACAPw=="} for index in range(129)]}
    for connection, more in (({}, {}), ({}, {"encoding_format": "float"}), ({"base_url": "http://127.0.0.1:9/v1"}, {})):
        replay.reply(answer)
        result = run("create_embedding", {"model": "m", "input": many, **more}, **connection)
        assert result.output.result == (1.0,)
    replay.reply({**answer, "data": answer["data"][:2]})
    run("create_embedding", {"model": "m", "input": ["a", "b"]})

    assert [body.get("encoding_format") for body in replay.bodies] == ["base64", "float", None, None]


def test_too_many_vectors_have_a_remedy(replay: Replay) -> None:
    """They were paid for, so the error says how to get them."""
    replay.reply({"model": "m", "data": [{"index": 0, "embedding": [0.5] * 400}]})
    settings = HttpSettings(max_json_bytes=1000)

    with (
        Host(plugins=[replay], environ={}, settings=settings) as host,
        pytest.raises(LimitError, match="max_json_bytes") as large,
    ):
        host.run("openai.create_embedding", {"model": "m", "input": "a"}, connection=KEY)

    assert "encoding_format=base64" in large.value.hint


LINES = {
    "no JSON": ((line(), "not json"), "line 2 must be JSON"),
    "no object": (("[]",), "line 1 must be an object"),
    "no name": (('{"body": {}}',), "line 1 must have a custom_id"),
    "no body": ((line(body=None),), "line 1 must have a body"),
    "a stream": ((line(body={"stream": True}),), "line 1 cannot stream"),
    "elsewhere": ((line(), line("b", url="/v1/embeddings")), "line 2 must have the url /v1/chat/completions"),
    "GET": ((line(method="GET"),), "line 1 must have the method POST"),
    "a name twice": ((line(), "", line("b"), line()), "line 4 has the custom_id of line 1"),
    "nothing": (("",), "must have a line of JSON for each request, has none"),
}


@pytest.mark.parametrize("name", LINES)
def test_a_file_for_a_batch_is_looked_at_before_it_is_sent(run: Run, replay: Replay, name: str) -> None:
    """Each line that is wrong is told; the batch would fail hours later."""
    lines, words = LINES[name]

    with pytest.raises(InvalidInputError) as refused:
        run("create_batch", batch_of(*lines))

    assert [(problem.path, problem.message.startswith(words)) for problem in refused.value.problems] == [
        ("$.input.file", True)
    ]
    assert replay.requests == []


def test_all_lines_that_are_wrong_are_told(run: Run) -> None:
    """As far as somebody wants to read."""
    with pytest.raises(InvalidInputError) as refused:
        run("create_batch", batch_of(*["?"] * 1000))

    assert len(refused.value.problems) == 20


def test_another_server_may_want_less_of_a_line(run: Run, replay: Replay) -> None:
    """A name and a body are enough there."""
    replay.reply({"id": "file-1"})
    replay.reply({"id": "batch_1", "status": "validating"})
    short = json.dumps({"custom_id": "a", "body": {}})

    form = batch_of(short, endpoint="/chat/completions")
    assert run("create_batch", form, base_url="http://127.0.0.1:9/v1").output.id == "batch_1"


@pytest.mark.parametrize("endpoint", ["chat/completions", "/chat/completions"])
def test_an_endpoint_that_is_none_is_refused(run: Run, replay: Replay, endpoint: str) -> None:
    """Before anything is uploaded."""
    form = {"endpoint": endpoint, "input": {"type": "uploaded", "input_file_id": "file-1"}}

    with pytest.raises(InvalidInputError, match=r"\$\.endpoint: must begin with"):
        run("create_batch", form)

    assert replay.requests == []


def test_a_request_of_a_batch_cannot_stream(run: Run) -> None:
    """The request is named."""
    requests = [{"custom_id": "a", "body": {}}, {"custom_id": "b", "body": {"stream": True}}]

    with pytest.raises(InvalidInputError, match=r"\$\.input\.requests\[1\]\.body\.stream: cannot stream"):
        run("create_batch", {"endpoint": CHATS, "input": {"type": "requests", "requests": requests}})


def test_each_problem_of_a_batch_is_told_with_its_line(run: Run, replay: Replay) -> None:
    """The first five; how many more there are is told."""
    problems = [{"code": "invalid_json_line", "message": f"bad {number}", "line": number} for number in range(1, 8)]
    replay.reply({"id": "batch_1", "status": "failed", "errors": {"data": problems}})

    warnings = run("get_batch", {"batch_id": "batch_1"}).warnings

    assert warnings[0] == "The batch failed at line 1: bad 1"
    assert len(warnings) == 6
    assert warnings[5].startswith("2 more")


RESULT = {"custom_id": "a", "response": {"status_code": 200, "body": {}}}
BATCH = {"id": "batch_1", "status": "completed", "output_file_id": "file-o", "error_file_id": "file-e"}


def test_results_that_expired_leave_the_others(run: Run, replay: Replay) -> None:
    """The warning names the file."""
    replay.reply(BATCH)
    replay.reply({"error": {"message": "expired"}}, status=404)
    replay.reply(content=json.dumps({**RESULT, "error": {"message": "no"}}).encode())

    result = run("get_batch", {"batch_id": "batch_1", "results": "list"})

    assert [each.custom_id for each in result.output.results] == ["a"]
    assert "file-o" in result.warnings[0]


def test_an_empty_error_is_none(run: Run, replay: Replay) -> None:
    """The status says that all went well."""
    replay.reply({**BATCH, "error_file_id": None})
    replay.reply(content=json.dumps({**RESULT, "error": {}}).encode())

    assert run("get_batch", {"batch_id": "batch_1", "results": "list"}).output.results[0].succeeded


def test_a_result_with_no_number_is_told_of_its_line(run: Run, replay: Replay) -> None:
    """NaN is no JSON, and no defect of the connector."""
    replay.reply({**BATCH, "error_file_id": None})
    replay.reply(content=b'{"custom_id": "a", "response": {"status_code": 200, "body": {"x": NaN}}}')

    with pytest.raises(AnswerError, match=r"line 1 of .* must be JSON"):
        run("get_batch", {"batch_id": "batch_1", "results": "list"})


def test_a_purpose_must_be_said(run: Run, replay: Replay) -> None:
    """An empty one is not sent."""
    with pytest.raises(InvalidInputError, match=r"\$\.purpose: must say"):
        run("upload_file", {"file": File.from_bytes(b"x", name="a"), "purpose": ""})

    assert replay.requests == []


def test_an_empty_recording_is_not_sent(run: Run, replay: Replay) -> None:
    """Nobody can hear it."""
    with pytest.raises(InvalidInputError, match=r"\$\.file: must be a recording, is empty"):
        run("transcribe_audio", {"model": "m", "file": File.from_bytes(b"", name="a.mp3")})

    assert replay.requests == []


def test_an_error_instead_of_a_transcript_is_told(run: Run, replay: Replay) -> None:
    """In the service's own words."""
    replay.reply({"error": {"message": "no ears", "type": "server_error", "code": None, "param": None}})

    with pytest.raises(RemoteError, match="no ears"):
        run("transcribe_audio", {"model": "m", "file": File.from_bytes(b"ID3x", name="a.mp3")})


def test_a_transcript_may_be_text_alone(run: Run, replay: Replay) -> None:
    """As some servers send it, whatever was asked for."""
    replay.reply(content=b"Good morning", headers={"Content-Type": "text/plain; charset=utf-8"})

    result = run("transcribe_audio", {"model": "m", "file": File.from_bytes(b"ID3x", name="a.mp3")})

    assert result.output.result == "Good morning"


def test_a_stream_of_no_sound_is_no_success(quick: Host, replay: Replay) -> None:
    """A file without a byte is not what was asked for."""
    replay.reply(events=[{"type": "speech.audio.delta", "audio": ""}, {"type": "speech.audio.done"}])

    with (
        pytest.raises(BrokenAnswerError, match="ended before the sound did"),
        quick.stream("openai.generate_speech", SPEECH, connection=KEY) as stream,
    ):
        list(stream)


def test_sound_without_a_head_is_what_the_server_says(run: Run, replay: Replay) -> None:
    """Raw samples are not called MP3."""
    replay.reply(content=b"\x01\x02\x03\x04", headers={"Content-Type": "audio/pcm"})

    output = run("generate_speech", SPEECH).output

    assert (output.format, output.result.name, output.result.media_type) == ("pcm", "speech.pcm", "audio/pcm")


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "x-http-method", "X-Method-Override"])
def test_a_header_that_names_another_method_counts_as_that(run: Run, replay: Replay, header: str) -> None:
    """What only seems to read may create."""
    replay.reply({"error": {"message": "no"}}, status=500)

    with pytest.raises(BusyError):
        run("create_custom_api_call", {"url": "models", "headers": {header: "POST"}})

    assert len(replay.requests) == 1


def test_a_connection_names_no_other_method() -> None:
    """A list of models might delete some."""
    headers = {"X_HTTP_Method_Override": "DELETE"}

    with (
        Sandbox() as sandbox,
        Host(environ={}) as host,
        pytest.raises(UnsafeRequestError, match="cannot stand in a connection"),
    ):
        host.run("openai.get_models", {}, connection={**KEY, "base_url": sandbox.url, "headers": headers})
