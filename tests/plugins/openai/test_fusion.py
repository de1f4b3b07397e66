"""People who come from Workfront Fusion and Make find the modules by their names, and what they bring runs.

The mappers are invented by the fields that exported blueprints have (Make 2023 to 2026).
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from jackfield import Host
from jackfield.testing import Replay

PROJECT = Path(__file__).parents[3] / "plugins" / "openai" / "pyproject.toml"
KEY = {"api_key": "k"}

EARLY = {
    "model": "gpt-3.5-turbo-instruct",
    "prompt": "Write a slogan for a bakery.",
    "max_tokens": "256",
    "temperature": ".89",
    "top_p": "1",
    "n_completions": "1",
    "echo": False,
}
"""As version 1 of the module had it, early in 2023."""

MERGED = {
    "select": "chat",
    "model": "gpt-4",
    "max_tokens": "0",
    "temperature": "1",
    "top_p": "1",
    "n_completions": "1",
    "messages": [{"role": "system", "content": "You are brief."}, {"role": "user", "content": "Name a river."}],
    "additionalParameters": [{"key": "presence_penalty", "type": "number", "value": "0.5"}],
}
"""As the module had it after chats were merged in, in the middle of 2023."""

LATE = {
    "select": "chat",
    "model": "gpt-4o",
    "messages": [
        {"role": "system", "content": "Answer in JSON."},
        {
            "role": "user",
            "content": "What is on it?",
            "imageInputType": "url",
            "imageUrl": "https://pictures.example/one.png",
            "imageDetail": "low",
        },
        {
            "role": "assistant",
            "tool_calls": [{"id": "call_1", "function": {"name": "look", "arguments": "{}"}}],
        },
        {"role": "tool", "content": "A fox.", "tool_call_id": "call_1"},
    ],
    "max_tokens": 1000,
    "temperature": "0.2",
    "top_p": "",
    "n_completions": "2",
    "frequency_penalty": "-0.5",
    "presence_penalty": None,
    "logit_bias": [{"token": "50256", "probability": "-100"}],
    "seed": "7",
    "stop": ["END"],
    "tool_choice": "auto",
    "response_format": "json_object",
    "prediction": "A fox",
    "additionalParameters": [
        {"key": "user", "type": "text", "value": "u-1"},
        {"key": "store", "type": "boolean", "value": "false"},
        {"key": "tools", "type": "any", "value": '[{"type": "function", "function": {"name": "look"}}]'},
    ],
}
"""As the module had it in 2025."""


@pytest.mark.parametrize(
    ("alias", "module_id"),
    [
        ("openai-gpt-3:CreateCompletion", "openai.create_completion"),
        ("openai-gpt-3:Create a Completion", "openai.create_completion"),
        ("openai-gpt-3:Create an Edit", "openai.create_edit"),
        ("openai-gpt-3:Create Chat Completion", "openai.create_chat_completion"),
        ("openai-gpt-3:makeApiCall", "openai.create_custom_api_call"),
        ("openai-gpt-3:Create a Custom API Call", "openai.create_custom_api_call"),
        ("openai-gpt-3:GenerateImage", "openai.generate_images"),
        ("openai-gpt-3:Generate Images", "openai.generate_images"),
        ("openai-gpt-3:editImage", "openai.generate_images"),
        ("openai-gpt-3:Edit image", "openai.generate_images"),
        ("openai-gpt-3:getModels", "openai.get_models"),
        ("openai-gpt-3:Get Models", "openai.get_models"),
    ],
)
def test_their_names_find_our_modules(host: Host, alias: str, module_id: str) -> None:
    """Those of exported blueprints, and the labels of Fusion's page."""
    assert host.module(alias).id == module_id


def test_the_metadata_names_the_product_of_every_alias(host: Host) -> None:
    """Else no installed host would find them: it imports no module to look for a name."""
    points = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["entry-points"]
    products = {alias.partition(":")[0] for handle in host.modules() for alias in handle.aliases}

    assert products == set(points["jackfield.aliases"])


@pytest.mark.parametrize(
    ("alias", "mapper", "body"),
    [
        (
            "CreateCompletion",
            EARLY,
            {
                "model": "gpt-3.5-turbo-instruct",
                "prompt": "Write a slogan for a bakery.",
                "max_tokens": 256,
                "temperature": 0.89,
                "top_p": 1,
                "n": 1,
                "echo": False,
            },
        ),
        (
            "CreateCompletion",
            {**MERGED, "max_tokens": "100"},
            {
                "model": "gpt-4",
                "messages": MERGED["messages"],
                "max_tokens": 100,
                "temperature": 1,
                "top_p": 1,
                "n": 1,
                "presence_penalty": 0.5,
            },
        ),
        (
            "CreateCompletion",
            LATE,
            {
                "model": "gpt-4o",
                "messages": [
                    {"role": "system", "content": "Answer in JSON."},
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "What is on it?"},
                            {
                                "type": "image_url",
                                "image_url": {"url": "https://pictures.example/one.png", "detail": "low"},
                            },
                        ],
                    },
                    {
                        "role": "assistant",
                        "tool_calls": [
                            {"type": "function", "id": "call_1", "function": {"name": "look", "arguments": "{}"}}
                        ],
                    },
                    {"role": "tool", "content": "A fox.", "tool_call_id": "call_1"},
                ],
                "max_tokens": 1000,
                "temperature": 0.2,
                "n": 2,
                "frequency_penalty": -0.5,
                "logit_bias": {"50256": -100},
                "seed": 7,
                "stop": ["END"],
                "tool_choice": "auto",
                "response_format": {"type": "json_object"},
                "prediction": {"type": "content", "content": "A fox"},
                "user": "u-1",
                "store": False,
                "tools": [{"type": "function", "function": {"name": "look"}}],
            },
        ),
        (
            "Create Chat Completion",
            {**LATE, "messages": [{"content": "Hi", "name": "ann"}], "select": None, "additionalParameters": []},
            {
                "model": "gpt-4o",
                "messages": [{"role": "user", "content": "Hi", "name": "ann"}],
                "max_tokens": 1000,
                "temperature": 0.2,
                "n": 2,
                "frequency_penalty": -0.5,
                "logit_bias": {"50256": -100},
                "seed": 7,
                "stop": ["END"],
                "tool_choice": "auto",
                "response_format": {"type": "json_object"},
                "prediction": {"type": "content", "content": "A fox"},
            },
        ),
        (
            "makeApiCall",
            {
                "url": "/v1/embeddings",
                "method": "POST",
                "headers": [{"key": "X-Note", "value": "a"}],
                "qs": [{"key": "page", "value": 2}],
                "body": '{"model": "e", "input": "Hi"}',
            },
            {"model": "e", "input": "Hi"},
        ),
    ],
    ids=["early 2023", "chats merged in", "2025", "a chat", "an API call"],
)
def test_what_they_bring_is_sent_as_they_meant_it(  # noqa: PLR0917  fixtures beside a case
    host: Host, replay: Replay, answer: Callable[..., Any], alias: str, mapper: Mapping[str, object], body: object
) -> None:
    """Typed, under the API's own names, and without what was left empty."""
    handle = host.module(f"openai-gpt-3:{alias}")
    reply = answer({"content": "{}"})
    replay.reply({**reply, "choices": [{**reply["choices"][0], "text": "Fresh."}]})

    host.run(handle.id, handle.translate(mapper).checked(), connection=KEY)

    (request,) = replay.requests
    assert json.loads(request.body or b"") == body
    assert alias != "makeApiCall" or (request.url or "").endswith("/v1/embeddings?page=2")


def test_a_scenario_finds_the_parsed_answer_in_result(host: Host, replay: Replay, answer: Callable[..., Any]) -> None:
    """And the texts and the date where it looks for them."""
    handle = host.module("openai-gpt-3:CreateCompletion")
    replay.reply(answer({"content": '{"animal": "fox"}'}))

    bundle = host.run(handle.id, handle.translate(LATE).checked(), connection=KEY).bundle
    theirs: Any = handle.translate_output(bundle)

    assert theirs["result"] == {"animal": "fox"}
    assert theirs["choices"][0]["text"] == '{"animal": "fox"}'
    assert theirs["choices"][0]["message"]["content"] == '{"animal": "fox"}'
    assert theirs["created"] == "2026-01-01T00:00:00Z"
    assert theirs["usage"]["completion_tokens_details"] == {"reasoning_tokens": 2}


def test_a_chat_and_a_call_answer_with_their_names(host: Host, replay: Replay, answer: Callable[..., Any]) -> None:
    """``choices[].text`` in a chat, ``statusCode`` in a call."""
    replay.reply(answer())
    replay.reply({"ok": True})
    chat, call = host.module("openai-gpt-3:Create Chat Completion"), host.module("openai-gpt-3:makeApiCall")
    said = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}

    chatted: Any = chat.translate_output(host.run(chat.id, said, connection=KEY).bundle)
    called = call.translate_output(host.run(call.id, {"url": "models"}, connection=KEY).bundle)

    assert chatted["choices"][0]["text"] == "Hello!"
    assert {"body": {"ok": True}, "statusCode": 200}.items() <= called.items()


@pytest.mark.parametrize(
    ("alias", "mapper", "ours"),
    [
        (
            "GenerateImage",
            {
                "model": "dall-e-3",
                "prompt": "A fox",
                "size": "1024x1024",
                "quality": "hd",
                "style": "vivid",
                "response_format": "b64_json",
                "n": "1",
            },
            {
                "model": "dall-e-3",
                "method": {"type": "generate", "prompt": "A fox", "style": "vivid"},
                "size": "1024x1024",
                "quality": "hd",
                "response_format": "b64_json",
                "n": 1,
            },
        ),
        (
            "editImage",
            {
                "model": "gpt-image-1",
                "prompt": "Add a hat",
                "image": {"url": "https://pictures.example/fox.png"},
                "quality": "low",
                "input_fidelity": "high",
                "output_format": "png",
            },
            {
                "model": "gpt-image-1",
                "method": {
                    "type": "edit",
                    "prompt": "Add a hat",
                    "images": [{"url": "https://pictures.example/fox.png"}],
                    "input_fidelity": "high",
                },
                "quality": "low",
                "output_format": "png",
            },
        ),
        (
            "Create an Edit",
            {"model": "m", "input": "Helo", "instruction": "Correct it.", "limit": "3", "temperature": "0"},
            {"model": "m", "input": "Helo", "instruction": "Correct it.", "limit": 3, "temperature": 0},
        ),
        (
            "generateAnAudio",
            {"input": "Hi", "model": "tts-1", "voice": "alloy", "outputFilename": "hi", "speed": "1.5"},
            {"input": "Hi", "model": "tts-1", "voice": "alloy", "file_name": "hi", "speed": 1.5},
        ),
        ("createModeration", {"input": "Hi", "model": "m"}, {"input": "Hi", "model": "m"}),
        ("Get Models", {"action": "retrieve", "model": "gpt-4o"}, {"action": "retrieve", "model": "gpt-4o"}),
    ],
)
def test_images_edits_and_models_become_our_forms(
    host: Host, alias: str, mapper: Mapping[str, object], ours: Mapping[str, object]
) -> None:
    """What one module of theirs means is a method of ours."""
    assert host.module(f"openai-gpt-3:{alias}").translate(mapper).checked() == ours


def test_the_select_of_2023_decides_the_endpoint(host: Host) -> None:
    """A prompt goes where the model wants it; a chat is a chat."""
    translate = host.module("openai-gpt-3:CreateCompletion").translate

    assert translate({"select": "prompt", "model": "m", "prompt": "Hi"}).checked()["endpoint"] == "auto"
    assert translate({"select": "chat", "model": "m", "messages": [{"content": "Hi"}]}).checked()["endpoint"] == "chat"


def test_expressions_of_a_scenario_are_told_by_their_place(host: Host) -> None:
    """In texts, in images, in files and in numbers."""
    found = host.module("openai-gpt-3:CreateCompletion").translate(
        {
            "select": "chat",
            "model": "gpt-4o",
            "temperature": "{{2.heat}}",
            "messages": [
                {"role": "user", "content": "About {{1.topic}}", "imageInputType": "url", "imageUrl": "{{1.url}}"},
                {
                    "role": "user",
                    "imageInputType": "file",
                    "imageFile": {"imageFilename": "{{3.name}}", "imageData": "{{3.data}}"},
                },
            ],
        }
    )

    assert found.problems == ()
    assert found.expressions == {
        "$.temperature": "{{2.heat}}",
        "$.messages[0].content[0].text": "About {{1.topic}}",
        "$.messages[0].content[1].image_url.url": "{{1.url}}",
        "$.messages[1].content[0].image_url.url.file": "{{3.data}}",
        "$.messages[1].content[0].image_url.url.name": "{{3.name}}",
    }


@pytest.mark.parametrize("alias", ["CreateTranscription", "CreateTranslation"])
def test_a_recording_of_a_scenario_is_a_file(host: Host, alias: str) -> None:
    """Its name and its data are two fields there; in whichever order they stand."""
    fields = {"fileName": "a.wav", "fileData": "{{1.data}}"}
    translate = host.module(f"openai-gpt-3:{alias}").translate

    for mapper in (fields, dict(reversed(fields.items()))):
        found = translate({**mapper, "model": "whisper-1", "temperature": "0.5"})

        assert found.problems == ()
        assert found.values == {
            "file": {"name": "a.wav", "file": "{{1.data}}"},
            "model": "whisper-1",
            "temperature": 0.5,
        }


def test_an_image_that_is_written_out_is_a_file(host: Host) -> None:
    """Its data are the content itself, in base64; what is none is told with its place."""
    translate = host.module("openai-gpt-3:CreateCompletion").translate

    def given(data: str) -> Mapping[str, object]:
        image = {"imageFilename": "dot.png", "imageData": data}
        return {"select": "chat", "model": "m", "messages": [{"imageInputType": "file", "imageFile": image}]}

    found, flawed = translate(given("iVBORw0KGgo=")), translate(given("no base64!"))

    assert found.checked()["messages"] == [
        {
            "role": "user",
            "content": [{"type": "image_url", "image_url": {"url": {"data": "iVBORw0KGgo=", "name": "dot.png"}}}],
        }
    ]
    assert [(each.path, each.message) for each in flawed.problems] == [
        ("$.messages[0].content[0].image_url.url.data", "must be base64")
    ]


@pytest.mark.parametrize(
    ("alias", "mapper", "path"),
    [
        ("CreateCompletion", {"model": "m", "prompt": "a", "assistant_id": "x"}, "$.assistant_id"),
        ("CreateCompletion", {"model": "m", "prompt": "a", "temperature": "3"}, "$.temperature"),
        ("CreateCompletion", {"model": "m", "messages": [{"content": "a", "imageFoo": 1}]}, "$.messages[0].imageFoo"),
        ("GenerateImage", {"prompt": "a fox", "size": "256x256"}, "$.model"),
        ("makeApiCall", {"url": "models", "method": "OPTIONS"}, "$.method"),
    ],
    ids=["unknown", "out of bounds", "unknown inside", "without a model, as in 2023", "another method"],
)
def test_what_cannot_run_is_told(host: Host, alias: str, mapper: Mapping[str, object], path: str) -> None:
    """Nothing is dropped in silence."""
    problems = host.module(f"openai-gpt-3:{alias}").translate(mapper).problems

    assert path in [problem.path for problem in problems]
