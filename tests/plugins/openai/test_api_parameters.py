"""Our fields against the parameters that OpenAI documents: names, types, bounds, values, what is required, what is old.

The table is ``plugins/openai/facts/parameters.json``, with its sources; the official SDK must agree with it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from openai import types
from openai.types import audio

from jackfield import Host
from jackfield.forms import form_of
from jackfield_openai import chat_options, messages, tools
from jackfield_openai.responses import items, options, tool_choices
from jackfield_openai.responses import tools as response_tools

FACTS = Path(__file__).parents[3] / "plugins" / "openai" / "facts" / "parameters.json"
ENDPOINTS: dict[str, Any] = json.loads(FACTS.read_text("utf-8"))["endpoints"]
PARAMETERS = [
    pytest.param(path, name, {**facts, **said.get("differs", {}).get(name, {})}, id=f"{path} {name}")
    for path, said in ENDPOINTS.items()
    for name, facts in said["parameters"].items()
]
BOUNDS = ("minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength")


def _schema(host: Host, path: str) -> Any:
    """Give the schema of the form for an endpoint; of several methods that of one, beside what all have."""
    said = ENDPOINTS[path]
    whole: Any = host.module(said["module"]).schema()
    sent_as = said.get("sent_as", {})
    if "variant" not in said:
        named = {sent_as.get(name, name): each for name, each in whole["properties"].items()}
        return {**whole, "properties": named, "required": [sent_as.get(name, name) for name in whole["required"]]}
    own = next(
        each
        for each in whole["properties"]["method"]["oneOf"]
        if each["properties"]["type"]["const"] == said["variant"]
    )
    properties = {**whole["properties"], **own["properties"]}
    properties = {sent_as.get(name, name): each for name, each in properties.items()}
    required = [sent_as.get(name, name) for name in (*whole["required"], *own["required"])]
    del properties["method"], properties["type"]
    return {**whole, "properties": properties, "required": required}


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
    fields = set(_schema(host, path)["properties"])
    parameters = set(said["parameters"])

    assert parameters - fields == set()
    assert fields - parameters == set(said["ours"])


@pytest.mark.parametrize(("path", "name", "facts"), PARAMETERS)
def test_a_field_says_what_the_service_takes(host: Host, path: str, name: str, facts: dict[str, Any]) -> None:
    """Its type, bounds, values, whether it is required, and whether it is old."""
    whole = _schema(host, path)
    schema = whole["properties"][name]
    members = _members(schema, whole)

    assert {member.get("type") for member in members} == set(facts.get("types", [facts.get("type")]))
    assert (name in whole["required"]) is facts.get("required", False)
    assert {bound: members[0].get(bound) for bound in BOUNDS} == {bound: facts.get(bound) for bound in BOUNDS}
    assert set(facts.get("values", ())) <= set(_values(schema, whole))
    if "of" in facts:
        inner = schema["additionalProperties"]
        assert {key: inner.get(key) for key in facts["of"]} == facts["of"]
    old = schema.get("deprecated", False) or "Deprecated by OpenAI" in schema.get("description", "")
    assert old is facts.get("deprecated", False)


SIGNATURES = {
    "/chat/completions": types.chat.completion_create_params.CompletionCreateParamsStreaming,
    "/completions": types.completion_create_params.CompletionCreateParamsStreaming,
    "/responses": types.responses.response_create_params.ResponseCreateParamsStreaming,
    "/images/generations": types.image_generate_params.ImageGenerateParamsStreaming,
    "/images/edits": types.image_edit_params.ImageEditParamsStreaming,
    "/images/variations": types.ImageCreateVariationParams,
    "/embeddings": types.EmbeddingCreateParams,
    "/moderations": types.ModerationCreateParams,
    "/files": types.FileCreateParams,
    "/audio/transcriptions": audio.transcription_create_params.TranscriptionCreateParamsStreaming,
    "/audio/translations": audio.TranslationCreateParams,
    "/audio/speech": audio.SpeechCreateParams,
    "/batches": types.BatchCreateParams,
}
"""Where the official SDK has the parameters of an endpoint; of /edits it knows nothing any more."""


@pytest.mark.parametrize("path", SIGNATURES)
def test_the_official_sdk_has_the_same_parameters(path: str) -> None:
    """So the table is not older than what people use."""
    named = set(SIGNATURES[path].__annotations__)

    assert named == set(ENDPOINTS[path]["parameters"]) | set(ENDPOINTS[path]["not_ours"])
    assert set(ENDPOINTS) == {*SIGNATURES, "/edits"}


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
OF_RESPONSES = {
    "ResponseInputTextParam": items.InputText,
    "ResponseInputImageParam": items.InputImage,
    "ResponseInputFileParam": items.InputFile,
    "response_create_params.AccessPrograms": options.AccessPrograms,
    "response_create_params.BackgroundOptions": options.BackgroundOptions,
    "response_create_params.ContextManagement": options.ContextManagement,
    "response_create_params.Image": options.ImageOptions,
    "response_create_params.PromptCacheOptions": options.CacheOptions,
    "response_create_params.StreamOptions": options.ResponseStreamOptions,
    "ResponsePromptParam": options.Prompt,
    "ResponseConversationParamParam": options.ConversationRef,
    "ResponseTextConfigParam": options.TextOptions,
    "ResponseFormatTextJSONSchemaConfigParam": options.JsonSchemaText,
    "FunctionToolParam": response_tools.FunctionTool,
    "CustomToolParam": response_tools.CustomTool,
    "WebSearchToolParam": response_tools.WebSearchTool,
    "web_search_tool_param.UserLocation": response_tools.UserLocation,
    "web_search_tool_param.Filters": response_tools.SearchFilters,
    "FileSearchToolParam": response_tools.FileSearchTool,
    "file_search_tool_param.RankingOptions": response_tools.RankingOptions,
    "file_search_tool_param.RankingOptionsHybridSearch": response_tools.HybridSearch,
    "tool_param.CodeInterpreter": response_tools.CodeInterpreterTool,
    "tool_param.CodeInterpreterContainerCodeInterpreterToolAuto": response_tools.AutoContainer,
    "tool_param.Mcp": response_tools.McpTool,
    "tool_param.McpAllowedToolsMcpToolFilter": response_tools.ToolFilter,
    "tool_param.McpRequireApprovalMcpToolApprovalFilter": response_tools.Approval,
    "tool_param.ImageGeneration": response_tools.ImageGenerationTool,
    "tool_param.ImageGenerationInputImageMask": response_tools.ImageMask,
    "tool_param.ImageGenerationSvg": response_tools.Svg,
    "ToolChoiceFunctionParam": tool_choices.ChooseFunction,
    "ToolChoiceCustomParam": tool_choices.ChooseCustomTool,
    "ToolChoiceMcpParam": tool_choices.ChooseMcp,
    "ToolChoiceAllowedParam": tool_choices.ChooseAmong,
    "ToolChoiceTypesParam": tool_choices.ChooseKind,
}
"""The same for responses."""
NOT_SENT = {"rest"}


@pytest.mark.parametrize(
    ("where", "name", "ours"),
    [
        *((types.chat, name, ours) for name, ours in NESTED.items()),
        *((types.responses, name, ours) for name, ours in OF_RESPONSES.items()),
        (types.shared_params, "Reasoning", options.Reasoning),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_stands_inside_a_parameter_is_whole(where: Any, name: str, ours: type) -> None:
    """Each object of the official SDK has a class of ours with the same names."""
    found: Any = where
    for step in name.split("."):
        found = getattr(found, step)

    named = {slot.key for slot in form_of(ours).slots} - NOT_SENT
    assert named == set(get_type_hints(found))
