"""A chat in which the model calls modules, from end to end on the stand-in."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from jackfield import Host, Tool, Toolbox
from jackfield_openai.sandbox import Sandbox

CHAT = "openai.create_chat_completion"


@pytest.fixture
def host() -> Iterator[Host]:
    """Have what is installed."""
    with Host() as made:
        yield made


def ask(host: Host, box: Toolbox, connection: dict[str, str], text: str) -> tuple[list[dict[str, Any]], str]:
    """Talk until the model calls nothing more."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": text}]
    for _ in range(4):
        form = {"model": "stand-in-mini", "messages": messages, "tools": box.definitions("openai")}
        bundle: Any = host.run(CHAT, form, connection=connection).bundle
        message = bundle["choices"][0]["message"]
        called = box.answers("openai", message)
        messages += [{key: message[key] for key in ("role", "content", "tool_calls") if message.get(key)}, *called]
        if not called:
            return messages, message["content"]
    raise AssertionError(messages)


def test_a_model_calls_modules_and_goes_on_with_what_they_gave(host: Host, sandbox: Sandbox) -> None:
    """The call goes over the wire as any other, and what it gave is the next message."""
    connection = {"api_key": "any", "base_url": sandbox.url}
    box = Toolbox(
        host,
        [
            Tool(module="openai.get_models", fields=("limit",), given={"sort": "id"}, connection=connection),
            Tool(module="openai.create_edit", connection=connection),
        ],
    )

    messages, said = ask(host, box, connection, "Please use openai_get_models.")

    assert said.startswith("The tool answered")
    assert messages[1]["tool_calls"][0]["function"]["name"] == "openai_get_models"
    bundles = json.loads(messages[2]["content"])["bundles"]
    assert bundles
    assert all("id" in bundle for bundle in bundles)


def test_a_call_that_fails_is_answered_with_the_reason_and_no_key(host: Host, sandbox: Sandbox) -> None:
    """The model learns what went wrong; of the credential it learns nothing."""
    connection = {"api_key": "any", "base_url": sandbox.url}
    wrong = {"api_key": "sk-wrong", "base_url": sandbox.url}
    box = Toolbox(host, [Tool(module="openai.get_models", fields=("limit",), connection=wrong)])

    messages, _ = ask(host, box, connection, "Please use openai_get_models.")

    error = json.loads(messages[2]["content"])["error"]
    assert error["type"] == "CredentialsError"
    assert "sk-wrong" not in json.dumps(messages)
