"""Many requests in one batch: they go out as they are, their results come back by name, and each end is told once."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import openai
import pytest

from jackfield import AnswerError, File, Host, InvalidInputError, NotFoundError, RefusedError
from jackfield.testing import Replay

KEY = {"api_key": "k"}
CHATS, WATCH = "/v1/chat/completions", "openai.watch_batch_completed"
START = 1_764_000_000
HOUR = 3600


def _request(name: str, said: str = "Hi") -> dict[str, Any]:
    return {"custom_id": name, "body": {"model": "m", "messages": [{"role": "user", "content": said}]}}


def _form(*requests: Mapping[str, Any], **more: object) -> dict[str, Any]:
    return {"endpoint": CHATS, "input": {"type": "requests", "requests": [*requests]}, **more}


def _line(name: str, **said: object) -> bytes:
    return json.dumps({"custom_id": name, "method": "POST", "url": CHATS, **_request(name), **said}).encode() + b"\n"


class Service:
    """Batches as a service lists them, the newest first, in pages of two; its hours are counted from a start."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._batches: dict[str, dict[str, Any]] = {}

    def made(self, name: str, hour: float) -> None:
        """Have a batch begin."""
        created = START + int(hour * HOUR)
        self._batches[name] = {"id": name, "status": "in_progress", "created_at": created}

    def ended(self, name: str, hour: float, status: str = "completed") -> None:
        """Have a batch end."""
        self._batches[name] |= {"status": status, f"{status}_at": START + int(hour * HOUR)}

    def pages(self) -> Iterator[dict[str, Any]]:
        """Give the list."""
        found = sorted(self._batches.values(), key=lambda batch: -batch["created_at"])
        for start in range(0, max(len(found), 1), 2):
            yield {"object": "list", "data": found[start : start + 2], "has_more": start + 2 < len(found)}

    def reply(self) -> None:
        """Answer the next poll."""
        self._replay.requests.clear()
        for page in self.pages():
            self._replay.reply(page)


@pytest.fixture
def service(replay: Replay) -> Service:
    """Nothing in it yet."""
    return Service(replay)


class Watch:
    """Polls, and remembers."""

    def __init__(self, host: Host, service: Service, **form: object) -> None:
        self._host, self._service, self._form = host, service, form
        self._state: Any = None

    def new(self) -> list[str]:
        """Give the ids of what is told now."""
        self._service.reply()
        found = self._host.poll(WATCH, self._form, state=self._state, connection=KEY)
        self._state = found.state
        return [item.output.id for item in found.items]


def test_requests_are_uploaded_as_lines_and_the_batch_is_made_of_them(host: Host, replay: Replay) -> None:
    """Each under its name, at the endpoint of all; what was left empty is absent."""
    replay.reply({"id": "file-7"})
    replay.reply({"id": "batch_1", "status": "validating", "created_at": START, "new": 1})
    form = _form(_request("a", "Grüß dich"), _request("b"), metadata={"job": "x"}, extra={"y": 2})

    bundle = host.run("openai.create_batch", form, connection=KEY).bundle

    uploaded, made = replay.requests
    body: Any = uploaded.body
    sent = body.open().read()
    lines = [json.loads(line) for line in sent.split(b"\r\n") if line.startswith(b"{") for line in line.splitlines()]
    assert b'name="purpose"\r\n\r\nbatch\r\n' in sent
    assert lines == [
        {**_request(name, said), "method": "POST", "url": CHATS} for name, said in (("a", "Grüß dich"), ("b", "Hi"))
    ]
    assert json.loads(made.body or b"") == {
        "endpoint": CHATS,
        "completion_window": "24h",
        "input_file_id": "file-7",
        "metadata": {"job": "x"},
        "y": 2,
    }
    assert bundle == {"id": "batch_1", "status": "validating", "created_at": "2025-11-24T16:00:00Z", "new": 1}


@pytest.mark.parametrize(
    ("form", "place"),
    [
        (_form(_request("a"), _request("b"), _request("a")), r"\$\.input\.requests\[2\]\.custom_id: "),
        (_form(), r"\$\.input\.requests: "),
        (_form(_request("a"), metadata={"n" * 65: "v"}), r"\$\.metadata: must have names"),
        (_form(_request("a"), metadata={str(number): "v" for number in range(17)}), r"\$\.metadata: "),
        (_form(_request("a"), output_expires_after={"seconds": 3599}), r"\$\.output_expires_after\.seconds: "),
        (_form(_request("a"), extra={"input_file_id": "f"}), r"\$\.extra\.input_file_id: is sent for input"),
    ],
    ids=["a name twice", "no request", "a long name", "too many notes", "too short a time", "set elsewhere"],
)
def test_what_the_service_would_refuse_is_not_uploaded(
    host: Host, replay: Replay, form: dict[str, Any], place: str
) -> None:
    """The problem is at its place, and nothing has left."""
    with pytest.raises(InvalidInputError, match=place):
        host.run("openai.create_batch", form, connection=KEY)

    assert replay.requests == []


def test_an_upload_without_a_batch_is_told(host: Host, replay: Replay) -> None:
    """So that nobody uploads twice, or leaves a file behind."""
    replay.reply({"id": "file-7"})
    replay.reply({"error": {"message": "no", "type": "invalid_request_error", "code": "x", "param": None}}, status=400)

    with pytest.raises(RefusedError) as caught:
        host.run("openai.create_batch", _form(_request("a")), connection=KEY)

    assert "file-7" in caught.value.hint


def _run_to_its_end(host: Host, connection: Mapping[str, object], form: Mapping[str, object]) -> str:
    batch_id: str = host.run("openai.create_batch", form, connection=connection).output.id
    for _ in range(2):
        host.run("openai.get_batch", {"batch_id": batch_id}, connection=connection)
    return batch_id


def test_results_are_known_by_name_and_failures_are_seen(net_host: Host, account: Callable[..., Any]) -> None:
    """The stand-in answers each request as it would by itself, and gives the results in another order."""
    refused = {"custom_id": "c", "body": {"model": "m", "messages": [], "n": 0}}
    batch_id = _run_to_its_end(net_host, account(), _form(_request("a", "one"), _request("b", "two"), refused))

    answer = net_host.run("openai.get_batch", {"batch_id": batch_id, "results": "list"}, connection=account())

    found = {result.custom_id: result for result in answer.output.results}
    assert [result.custom_id for result in answer.output.results] == ["b", "a", "c"]
    assert (found["a"].result, found["b"].result) == ("I heard: one", "I heard: two")
    assert (found["c"].succeeded, found["c"].status_code, found["c"].result) == (False, 400, None)
    assert found["c"].error["param"] == "messages"
    assert (answer.output.status, answer.output.done) == ("completed", True)
    assert (answer.output.request_counts.completed, answer.output.request_counts.failed) == (2, 1)
    assert answer.warnings == ("1 requests of this batch did not succeed.",)


def test_results_come_as_files(net_host: Host, account: Callable[..., Any]) -> None:
    """The service's own, line by line; a kind that nothing is of has none."""
    batch_id = _run_to_its_end(net_host, account(), _form(_request("a")))

    output = net_host.run("openai.get_batch", {"batch_id": batch_id, "results": "files"}, connection=account()).output

    assert json.loads(output.output_file.read())["custom_id"] == "a"
    assert (output.output_file.name, output.error_file, output.results) == (f"{batch_id}_output.jsonl", None, None)


def test_what_was_not_answered_in_time_says_so(net_host: Host, account: Callable[..., Any]) -> None:
    """What was answered before is there all the same."""
    batch_id = _run_to_its_end(net_host, account("finish=expired"), _form(_request("a"), _request("b")))

    answer = net_host.run("openai.get_batch", {"batch_id": batch_id, "results": "list"}, connection=account())

    good, late = answer.output.results
    assert (answer.output.status, good.custom_id, good.succeeded) == ("expired", "a", True)
    assert (late.custom_id, late.succeeded, late.status_code) == ("b", False, None)
    assert late.error["code"] == "batch_expired"
    assert "1 requests" in answer.warnings[0]


def test_a_file_of_requests_that_is_wrong_fails_as_a_whole(net_host: Host, account: Callable[..., Any]) -> None:
    """Each wrong line is named, and a warning says what is wrong."""
    lines = (
        _line("a") + b"nonsense\n" + _line("a") + _line("b", url="/v1/embeddings") + _line("c", body={"stream": True})
    )
    file = {"file": File.from_bytes(lines, name="mine.jsonl"), "purpose": "batch"}
    kept = net_host.run("openai.upload_file", file, connection=account()).output
    uploaded = {"type": "uploaded", "input_file_id": kept.id}
    batch_id = _run_to_its_end(net_host, account(), {"endpoint": CHATS, "input": uploaded})

    answer = net_host.run("openai.get_batch", {"batch_id": batch_id}, connection=account())

    assert answer.output.status == "failed"
    assert [(each.line, each.code) for each in answer.output.errors.data] == [
        (2, "invalid_json_line"),
        (3, "duplicate_custom_id"),
        (4, "invalid_url"),
        (5, "invalid_request"),
    ]
    assert answer.warnings[0].startswith("The batch failed at line 2: ")


def test_a_batch_that_is_not_there_suggests_one(net_host: Host, account: Callable[..., Any]) -> None:
    """That is spelt alike."""
    batch_id = _run_to_its_end(net_host, account(), _form(_request("a")))

    with pytest.raises(NotFoundError) as caught:
        net_host.run("openai.get_batch", {"batch_id": f"{batch_id}x"}, connection=account())

    assert caught.value.hint == f"Did you mean {batch_id}?"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (b"nonsense\n", "line 1 of b_output.jsonl: must be JSON"),
        (b'{"custom_id": "a"}\n\n[]\n', "must be an object with a custom_id"),
        (b'{"custom_id": "a"}\n{"custom_id": "a"}\n', "line 2 of b_output.jsonl: must be of a request that no line"),
    ],
)
def test_results_that_are_none_are_an_error(host: Host, replay: Replay, lines: bytes, message: str) -> None:
    """Which says where; nothing is taken for the answer to another request."""
    replay.reply({"id": "b", "status": "completed", "output_file_id": "f"})
    replay.reply(content=lines)

    with pytest.raises(AnswerError, match=message):
        host.run("openai.get_batch", {"batch_id": "b", "results": "list"}, connection=KEY)


def test_an_old_batch_that_ends_after_newer_ones_is_told(host: Host, service: Service) -> None:
    """The list is by creation; each end is told once, whatever came between."""
    watch = Watch(host, service)
    service.made("early", 0)
    service.ended("early", 1)
    service.made("slow", 0.5)
    assert watch.new() == []

    for number in range(1, 7):
        service.made(f"fast-{number}", number)
        service.ended(f"fast-{number}", number + 0.5)
    fast = watch.new()
    service.ended("slow", 25, "expired")

    assert fast == [f"fast-{number}" for number in range(1, 7)]
    assert watch.new() == ["slow"]
    assert watch.new() == []


@pytest.mark.parametrize("late", [0, 23], ids=["at once", "hours later"])
def test_ends_of_one_moment_and_ends_that_show_late_are_told(host: Host, service: Service, late: float) -> None:
    """None hides another."""
    watch = Watch(host, service)
    for name in ("a", "b"):
        service.made(name, 0)
    assert watch.new() == []
    service.ended("a", 2 + late)
    first = watch.new()
    service.ended("b", 2)

    assert (first, watch.new(), watch.new()) == (["a"], ["b"], [])


def test_only_what_can_still_end_is_read(host: Host, service: Service, replay: Replay) -> None:
    """Not the whole history; two days before the oldest end that matters, or as said."""
    for number in range(20):
        service.made(f"old-{number}", -24 * 30 + number)
        service.ended(f"old-{number}", -24 * 30 + number + 1)
    service.made("now", 0)
    service.ended("now", 1)
    watch = Watch(host, service)
    watch.new()
    whole = len(replay.requests)

    again = watch.new()

    assert (whole, again, len(replay.requests)) == (11, [], 1)


def test_ends_can_be_chosen(host: Host, service: Service) -> None:
    """By how they ended."""
    watch = Watch(host, service, statuses=["failed", "cancelled"])
    assert watch.new() == []
    for hour, status in enumerate(("completed", "failed", "expired", "cancelled")):
        service.made(status, hour)
        service.ended(status, hour + 0.5, status)

    assert watch.new() == ["failed", "cancelled"]


def test_a_list_in_another_order_is_read_to_its_end(host: Host, replay: Replay) -> None:
    """As a server may have it that only speaks the API almost."""
    old = {"id": "old", "status": "completed", "created_at": START, "completed_at": START + 60}
    new: dict[str, Any] = {
        "id": "new",
        "status": "completed",
        "created_at": START + 90 * 86_400,
        "completed_at": START + 90 * 86_401,
    }
    replay.reply({"data": [old, new], "has_more": False})
    begun = host.poll(WATCH, {}, connection=KEY)
    newer = {**new, "id": "newer", "created_at": new["created_at"] + 60}
    replay.reply({"data": [old, new, newer], "has_more": False})

    found = host.poll(WATCH, {}, state=begun.state, connection=KEY)

    assert [item.output.id for item in found.items] == ["newer"]


def test_the_stand_ins_batches_are_the_sdks(sdk: Callable[..., Any]) -> None:
    """From the upload to the results; and one that is cancelled."""
    client = sdk()
    kept = client.files.create(file=("a.jsonl", _line("a")), purpose="batch")
    asked = {"input_file_id": kept.id, "endpoint": CHATS, "completion_window": "24h"}
    batch = client.batches.create(**asked, metadata={"k": "v"})

    seen = [batch.status, *(client.batches.retrieve(batch.id).status for _ in range(3))]
    ended = client.batches.retrieve(batch.id)
    line = json.loads(client.files.content(ended.output_file_id).text)
    other = client.batches.create(**asked)
    cancelling = client.batches.cancel(other.id)

    assert seen == ["validating", "in_progress", "completed", "completed"]
    assert (ended.metadata, ended.request_counts.completed) == ({"k": "v"}, 1)
    assert line["response"]["body"]["choices"][0]["message"]["content"] == "I heard: Hi"
    assert (cancelling.status, client.batches.retrieve(other.id).status) == ("cancelling", "cancelled")
    assert [each.id for each in client.batches.list(limit=1)] == [other.id, batch.id]
    with pytest.raises(openai.ConflictError):
        client.batches.cancel(batch.id)


@pytest.mark.parametrize(
    ("said", "param"),
    [
        ({"endpoint": "/v1/models"}, "endpoint"),
        ({"completion_window": "1h"}, "completion_window"),
        ({"input_file_id": "nothing"}, "id"),
        ({"extra_body": {"n": 1}}, "n"),
        ({"output_expires_after": {"anchor": "created_at", "seconds": 1}}, "output_expires_after.seconds"),
    ],
)
def test_the_stand_in_refuses_what_openai_refuses(sdk: Callable[..., Any], said: dict[str, Any], param: str) -> None:
    """With its error, naming the parameter."""
    asked = {"input_file_id": "file-0001", "endpoint": CHATS, "completion_window": "24h"}
    with pytest.raises(openai.APIStatusError) as caught:
        sdk().batches.create(**{**asked, **said})

    error: Any = caught.value
    assert error.param == param
