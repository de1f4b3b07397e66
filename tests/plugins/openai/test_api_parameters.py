"""Our fields against the parameters that OpenAI documents: names, types, bounds, values, what is required, what is old.

The table is ``api_parameters.json``, with its source. Where the official SDK is installed, it must agree with that.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from jackfield import Host
from jackfield_openai import chat_options, messages, tools

TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "api_parameters.json").read_text("utf-8"))
ENDPOINTS = {path: said for path, said in TABLE.items() if path != "source"}
PARAMETERS = [
    pytest.param(said["module"], name, {**facts, **said.get("differs", {}).get(name, {})}, id=f"{path} {name}")
    for path, said in ENDPOINTS.items()
    for name, facts in said["parameters"].items()
]
BOUNDS = ("minimum", "maximum", "minItems", "maxItems", "maxLength")


def _schema(host: Host, module_id: str) -> Any:
    return host.module(module_id).schema()


def _resolved(schema: Any, whole: Any) -> Any:
    reference = schema.get("$ref")
    return {**schema, **whole["$defs"][reference.removeprefix("#/$defs/")]} if reference else schema


def _members(schema: Any, whole: Any) -> list[Any]:
    schema = _resolved(schema, whole)
    several = schema.get("oneOf") or schema.get("anyOf")
    return [_resolved(member, whole) for member in several] if several else [schema]


def _values(schema: Any, whole: Any) -> Iterator[object]:
    """Give what a place offers: fixed values, choices, tags, and what its items offer."""
    for member in _members(schema, whole):
        yield from member.get("enum", ())
        yield from [member["const"]] if "const" in member else ()
        yield from (option["value"] for option in member.get("x-jackfield", {}).get("choices", {}).get("options", ()))
        tag = member.get("properties", {}).get("type", {})
        yield from tag.get("enum", [tag["const"]] if "const" in tag else ())
        if "items" in member:
            yield from _values(member["items"], whole)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_every_parameter_has_a_field_and_every_field_a_parameter(host: Host, path: str) -> None:
    """What is missing could only come from ``extra``; what is too much would be refused."""
    said = ENDPOINTS[path]
    fields = set(_schema(host, said["module"])["properties"])
    parameters = set(said["parameters"])

    assert parameters - fields == set()
    assert fields - parameters == set(said["ours"])


@pytest.mark.parametrize(("module_id", "name", "facts"), PARAMETERS)
def test_a_field_says_what_the_service_takes(host: Host, module_id: str, name: str, facts: dict[str, Any]) -> None:
    """Its type, bounds, values, whether it is required, and whether it is old."""
    whole = _schema(host, module_id)
    schema = whole["properties"][name]
    members = _members(schema, whole)

    assert {member.get("type") for member in members} == set(facts.get("types", [facts.get("type")]))
    assert (name in whole["required"]) is facts.get("required", False)
    assert {bound: members[0].get(bound) for bound in BOUNDS} == {bound: facts.get(bound) for bound in BOUNDS}
    assert set(facts.get("values", ())) <= set(_values(schema, whole))
    if "of" in facts:
        inner = schema["additionalProperties"]
        assert {key: inner.get(key) for key in facts["of"]} == facts["of"]
    assert ("Deprecated by OpenAI" in schema["description"]) is facts.get("deprecated", False)


@pytest.mark.parametrize("path", ["/chat/completions", "/completions"])
def test_the_official_sdk_has_the_same_parameters(path: str) -> None:
    """So the table is not older than what people use."""
    types = pytest.importorskip("openai").types
    params = (types.chat if path.startswith("/chat") else types).completion_create_params

    named = set(params.CompletionCreateParamsStreaming.__annotations__)
    assert named == set(ENDPOINTS[path]["parameters"]) | set(ENDPOINTS[path]["not_ours"])


NESTED = {
    "ChatCompletionDeveloperMessageParam": messages.DeveloperMessage,
    "ChatCompletionSystemMessageParam": messages.SystemMessage,
    "ChatCompletionUserMessageParam": messages.UserMessage,
    "ChatCompletionAssistantMessageParam": messages.AssistantMessage,
    "ChatCompletionToolMessageParam": messages.ToolMessage,
    "ChatCompletionFunctionMessageParam": messages.FunctionMessage,
    "ChatCompletionContentPartTextParam": messages.TextPart,
    "ChatCompletionContentPartImageParam": messages.ImagePart,
    "chat_completion_content_part_image_param.ImageURL": messages.ImageUrl,
    "ChatCompletionContentPartInputAudioParam": messages.AudioPart,
    "chat_completion_content_part_input_audio_param.InputAudio": messages.Audio,
    "chat_completion_content_part_param.File": messages.FilePart,
    "chat_completion_content_part_param.FileFile": messages.FileContent,
    "ChatCompletionContentPartRefusalParam": messages.RefusalPart,
    "ChatCompletionAudioParam": chat_options.AudioOutput,
    "ChatCompletionPredictionContentParam": chat_options.Prediction,
    "ChatCompletionStreamOptionsParam": chat_options.StreamOptions,
    "completion_create_params.Moderation": chat_options.Moderation,
    "completion_create_params.PromptCacheOptions": chat_options.PromptCacheOptions,
    "completion_create_params.WebSearchOptions": chat_options.WebSearchOptions,
    "completion_create_params.WebSearchOptionsUserLocation": chat_options.UserLocation,
    "completion_create_params.WebSearchOptionsUserLocationApproximate": chat_options.Place,
    "ChatCompletionFunctionToolParam": tools.FunctionTool,
    "ChatCompletionCustomToolParam": tools.CustomToolEntry,
    "ChatCompletionNamedToolChoiceParam": tools.ChooseFunction,
    "ChatCompletionNamedToolChoiceCustomParam": tools.ChooseCustomTool,
    "ChatCompletionAllowedToolChoiceParam": tools.ChooseAmong,
    "ChatCompletionAllowedToolsParam": tools.AllowedTools,
}
"""Our classes by the SDK's for the same object."""
NOT_SENT = {"rest"}


@pytest.mark.parametrize("name", NESTED)
def test_what_stands_inside_a_parameter_is_whole(name: str) -> None:
    """Each object of the official SDK has a class of ours with the same names."""
    found: Any = pytest.importorskip("openai").types.chat
    for step in name.split("."):
        found = getattr(found, step)

    ours = {attribute.name for attribute in attrs.fields(NESTED[name])} - NOT_SENT
    assert ours == set(found.__annotations__)
