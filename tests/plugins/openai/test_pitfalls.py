"""The defects that OpenAI connectors of other tools have again and again, each looked for in ours.

They were found by reading n8n, Activepieces, Pipedream, Kestra, Zapier, Automatisch and Huginn (November 2026); the
docstrings name the issues.
"""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from jackfield import (
    AnswerError,
    BrokenAnswerError,
    DeadlineError,
    FromText,
    Host,
    HttpSettings,
    InvalidInputError,
    QuotaError,
    Verdict,
)
from jackfield.testing import Replay

CHAT, IMAGES = "openai.create_chat_completion", "openai.generate_images"
OPENAI = {"api_key": "sk-canary"}
HELLO: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
Account = Callable[..., dict[str, object]]
Run = Callable[..., tuple[dict[str, Any], tuple[str, ...]]]
"""Runs a chat, and gives the body that it sent and its warnings."""


@pytest.fixture
def run(host: Host, replay: Replay) -> Run:
    """Run a chat at OpenAI's address, where memory answers with JSON."""

    def start(form: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        replay.reply({"choices": [{"message": {"content": "{}"}}]})
        result = host.run(CHAT, form, connection=OPENAI)
        return json.loads(replay.requests[-1].body or b""), tuple(result.warnings)

    return start


def test_dead_options(run: Run) -> None:
    """The name, description and strictness of a JSON schema are sent (n8n #22581), and null none of them."""
    schema = {"name": "n", "description": "d", "strict": True, "schema": {"type": "object"}}

    body, _ = run({**HELLO, "response_format": {"type": "json_schema", "json_schema": schema}})

    assert body["response_format"] == {"type": "json_schema", "json_schema": schema}


def test_dead_options_download(host: Host, replay: Replay) -> None:
    """An image's address is downloaded if that is asked for (Kestra's ``download`` was never read)."""
    form = {"model": "m", "method": {"type": "generate", "prompt": "p"}}
    for download in (False, True):
        replay.reply({"data": [{"url": "https://pictures.example/a.png"}]})
        if download:
            replay.reply(content=b"GIF89a", headers={"Content-Type": "image/gif"})
        result = host.run(IMAGES, {**form, "download": download}, connection={"base_url": "http://localhost:1"})

        assert (result.output.data[0].file is not None) is download


def test_defaults_that_break_new_models(run: Run) -> None:
    """What nobody set is not sent: no temperature, no limit (Activepieces #15261); a limit has the name that works."""
    body, warnings = run({**HELLO, "model": "gpt-5"})
    limited, told = run({**HELLO, "model": "gpt-5", "max_tokens": 9})

    assert (body, warnings) == ({**HELLO, "model": "gpt-5"}, ())
    assert limited == {**HELLO, "model": "gpt-5", "max_completion_tokens": 9}
    assert len(told) == 1


@pytest.mark.parametrize("module", [CHAT, "openai.create_completion", "openai.create_edit", IMAGES])
def test_model_list_filters_go_stale(host: Host, replay: Replay, module: str) -> None:
    """No model is hidden, whatever its name (n8n #9862, #12571; Activepieces #14475): not o9, not a server's own."""
    names = ["gpt-9-image", "o9", "whisper-9", "org/Llama-9:free", "flux-9", "of-tomorrow"]
    for connection in (OPENAI, {"base_url": "http://localhost:1/v1", "api_key": "k"}):
        replay.reply({"data": [{"id": name} for name in names]})

        offered = host.choices(module, "model", connection=connection)

        assert {choice.value for choice in offered} == set(names)


def test_timeouts(net_host: Host, account: Account) -> None:
    """The connection's own timeout is kept, and named when it is over (n8n #34403: "perhaps the server is offline")."""
    with pytest.raises(DeadlineError) as caught:
        net_host.run(CHAT, HELLO, connection=account("delay=20", timeout_s=0.2))

    told = f"{caught.value.message} {caught.value.hint}"
    assert "0.2" in told
    assert "offline" not in told


def test_429(net_host: Host, account: Account) -> None:
    """Too many requests are repeated, a quota that is used up is not; each has a class of its own (n8n #25014)."""
    busy = net_host.run(
        CHAT, HELLO, connection=account("status=429; code=rate_limit_exceeded; retry-after-ms=1; times=1")
    )
    with pytest.raises(QuotaError) as caught:
        net_host.run(CHAT, HELLO, connection=account("code=insufficient_quota; times=1"))

    assert busy.attempts == 2
    assert "billing" in f"{caught.value.message} {caught.value.hint}".lower()


@pytest.mark.parametrize("streaming", [False, True])
def test_usage_dropped(net_host: Host, account: Account, *, streaming: bool) -> None:
    """Every result has its usage: chats and images, whole and streamed (n8n #38482, #26301)."""
    forms = {
        CHAT: HELLO,
        IMAGES: {"model": "gpt-image-2", "method": {"type": "generate", "prompt": "p"}, "size": "1024x1024"},
    }
    for module, form in forms.items():
        if streaming:
            with net_host.stream(module, form, connection=account()) as stream:
                result: Any = stream.result
        else:
            result = net_host.run(module, form, connection=account())

        assert result.usage.total_tokens > 0
        assert result.bundle["usage"]["total_tokens"] == result.usage.total_tokens


def test_json_handling(host: Host, replay: Replay, answer: Callable[..., Any], run: Run) -> None:
    """Broken JSON is an error with its place, no message is slipped in (n8n #12199), and objects are taken (#33886)."""
    form = {**HELLO, "response_format": {"type": "json_object"}}
    replay.reply(answer({"content": '{"a": '}))
    with pytest.raises(AnswerError, match="line 1, column"):
        host.run(CHAT, form, connection=OPENAI)
    assert json.loads(replay.requests[-1].body or b"")["messages"] == HELLO["messages"]

    schema = {"name": "n", "schema": {"type": "object"}}
    typed = {"type": "json_schema", "json_schema": schema}
    for given in (typed, FromText(json.dumps(typed))):
        body, _ = run({**HELLO, "response_format": given})
        assert body["response_format"] == typed


def test_images(host: Host, replay: Replay) -> None:
    """Each of several is its own (Pipedream wrote the first into all); sizes and qualities of tomorrow are sent.

    Nothing goes out that a GPT image model refuses (genkit #3346), and no quality that nobody set.
    """
    replay.reply({"data": [{"b64_json": "YQ=="}, {"b64_json": "Yg=="}, {"b64_json": "Yw=="}]})
    method = {"type": "generate", "prompt": "p"}
    several = host.run(IMAGES, {"model": "of-tomorrow", "method": method, "n": 3, "size": "9x9"}, connection=OPENAI)
    replay.reply({"data": [{"b64_json": "YQ=="}]})
    host.run(IMAGES, {"model": "gpt-image-2", "method": method, "response_format": "url"}, connection=OPENAI)

    assert [image.file.read() for image in several.output.data] == [b"a", b"b", b"c"]
    first, second = (json.loads(request.body or b"") for request in replay.requests)
    assert first == {"model": "of-tomorrow", "prompt": "p", "n": 3, "size": "9x9"}
    assert second == {"model": "gpt-image-2", "prompt": "p"}


def test_polling(net_host: Host, account: Account, host: Host, replay: Replay) -> None:
    """Nothing is awaited after success, and what failed without a word does not wait for an end that never comes."""
    busy = net_host.run(CHAT, HELLO, connection=account("status=503; retry-after-ms=1; times=1; tag=polling"))
    replay.reply(events=[{"type": "image_generation.failed"}])
    form = {"model": "m", "method": {"type": "generate", "prompt": "p"}}

    assert busy.attempts == 2
    with host.stream(IMAGES, form, connection=OPENAI) as stream, pytest.raises(BrokenAnswerError):
        list(stream)
    replay.reply({"id": "batch_1", "status": "failed"})
    job: Any = host.run("openai.create_custom_api_call", {"url": "batches/batch_1"}, connection=OPENAI).bundle
    assert job["body"]["status"] == "failed"
    assert len(replay.requests) == 2


def test_credential_test_lies(account: Account, unused_port: int) -> None:
    """Only a wrong key is called that; an address, a quota, a proxy have words of their own (Activepieces)."""
    away = {"base_url": f"http://127.0.0.1:{unused_port}", "api_key": "k"}
    found = {}
    with Host(environ={}, settings=HttpSettings(max_attempts=1)) as host:
        for orders in ("code=invalid_api_key", "code=insufficient_quota", "status=502; html"):
            found[orders] = host.diagnose_connection("openai.openai", account(orders)).verdict
        found["away"] = host.diagnose_connection("openai.openai", away).verdict

    assert found.pop("code=invalid_api_key") is Verdict.BAD_KEY
    assert len(set(found.values())) == 3
    assert not {Verdict.BAD_KEY, Verdict.WORKS} & set(found.values())


@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_logs_leak_prompts(host: Host, replay: Replay, caplog: pytest.LogCaptureFixture, status: int) -> None:
    """No log and no error has what was said, or the key (Pipedream, Activepieces, n8n PR #18386)."""
    secret = "a-very-secret-wish"
    error = {"error": {"message": f"No: {secret} with sk-canary", "type": "t", "param": None, "code": None}}
    for _ in range(5):
        replay.reply({"choices": [{"message": {"content": secret}}]} if status == 200 else error, status=status)
    form = {"model": "m", "messages": [{"role": "user", "content": secret}]}

    told = ""
    with caplog.at_level(logging.DEBUG):
        try:
            host.run(CHAT, form, connection=OPENAI)
        except Exception as caught:  # noqa: BLE001  whatever it is, it must not tell
            told = f"{caught!r} {caught}"

    assert bool(told) is (status != 200)
    assert "sk-canary" not in f"{caplog.text} {told}"
    assert secret not in caplog.text
    assert replay.requests


@pytest.mark.parametrize("name", ["temperature", "n", "top_p", "seed", "max_completion_tokens"])
def test_empty_string_coercion(host: Host, replay: Replay, name: str) -> None:
    """An empty text is no number, and never sent as NaN or null (Automatisch's ``parseFloat``); nothing is sent."""
    for wrong in ("", FromText(""), FromText("NaN"), float("nan"), FromText("1e999")):
        with pytest.raises(InvalidInputError, match=rf"\$\.{name}: must be a (whole )?(finite )?number"):
            host.run(CHAT, {**HELLO, name: wrong}, connection=OPENAI)

    assert not replay.requests


def test_type_poverty(run: Run, host: Host) -> None:
    """Numbers are numbers with the service's own bounds: 1.5 is a temperature, 2.1 and "1" are none; 1 is 1."""
    properties: Any = host.module(CHAT).schema()["properties"]

    assert (properties["temperature"]["type"], properties["temperature"]["maximum"]) == ("number", 2)
    for value in (0, 1, 1.5, 2, FromText("1.5")):
        assert run({**HELLO, "temperature": value})[0]["temperature"] == float(value)
    for wrong in (2.1, "1"):
        with pytest.raises(InvalidInputError, match=r"\$\.temperature"):
            host.run(CHAT, {**HELLO, "temperature": wrong}, connection=OPENAI)
