"""What a model may use on its way to a response: functions of the caller, and the tools that OpenAI runs.

Names and bounds: openai-python 3.57.0, types/responses/tool_param.py, read 2026-11-25.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Array, Boolean, Collection, Integer, Json, KeyValue, Number, OneOf, Password, Secret, Select, Text
from jackfield_openai.tools import FunctionName, Grammar, TextFormat

__all__ = ["McpTool", "ResponseTool"]

AllowedCallers = Annotated[
    Sequence[Annotated[str, Select(choices=("direct", "programmatic"), free_text=True)]] | None,
    Array(label="Allowed callers", help="Whether the model calls it, or a program that it writes.", advanced=True),
]
Deferred = Annotated[
    bool | None,
    Boolean(label="Defer loading", help="Whether it is only loaded when a tool search finds it.", advanced=True),
]
Async = Annotated[
    bool | None,
    Boolean(label="Async", key="async", help="Whether the model goes on before it is answered.", advanced=True),
]
Description = Annotated[
    str | None,
    Text(label="Description", help="What it does and when to use it: the model reads this.", multiline=True),
]


@frozen(kw_only=True)
class FunctionTool:
    """A function of yours that the model may ask for; whoever runs the module calls it."""

    type: Literal["function"] = "function"
    name: FunctionName
    description: Description = None
    parameters: Annotated[
        Mapping[str, object] | None, Json(label="Parameters", help="A JSON Schema of its arguments.")
    ] = None
    strict: Annotated[bool | None, Boolean(label="Strict", help="Whether the arguments always follow the schema.")] = (
        None
    )
    output_schema: Annotated[
        Mapping[str, object] | None, Json(label="Output schema", help="A JSON Schema of its output.", advanced=True)
    ] = None
    allowed_callers: AllowedCallers = None
    defer_loading: Deferred = None
    async_: Async = None


@frozen(kw_only=True)
class GrammarFormat(Grammar):
    """Text that follows a grammar."""

    type: Literal["grammar"] = "grammar"


@frozen(kw_only=True)
class CustomTool:
    """A tool of yours that takes text instead of JSON."""

    type: Literal["custom"] = "custom"
    name: FunctionName
    description: Description = None
    format: Annotated[TextFormat | GrammarFormat | None, OneOf(label="Format")] = None
    allowed_callers: AllowedCallers = None
    defer_loading: Deferred = None
    async_: Async = None


@frozen(kw_only=True)
class UserLocation:
    """Roughly where the user is."""

    type: Literal["approximate"] | None = None
    city: Annotated[str | None, Text(label="City")] = None
    country: Annotated[str | None, Text(label="Country", help="Two letters, as in ISO 3166-1.", example="DE")] = None
    region: Annotated[str | None, Text(label="Region")] = None
    timezone: Annotated[str | None, Text(label="Time zone", example="Europe/Berlin")] = None


@frozen(kw_only=True)
class SearchFilters:
    """Where on the web is searched."""

    allowed_domains: Annotated[
        Sequence[str] | None, Array(label="Allowed domains", help="With their subdomains; all without.")
    ] = None


@frozen(kw_only=True)
class WebSearchTool:
    """A search of the web."""

    type: Literal["web_search", "web_search_2025_08_26"] = "web_search"
    search_context_size: Annotated[
        str | None, Select(label="Search context size", choices=("low", "medium", "high"), free_text=True)
    ] = None
    filters: Annotated[SearchFilters | None, Collection(label="Filters")] = None
    user_location: Annotated[UserLocation | None, Collection(label="User location")] = None
    external_web_access: Annotated[
        bool | None, Boolean(label="External web access", help="No: only what is in the service's cache.")
    ] = None


@frozen(kw_only=True)
class HybridSearch:
    """How much meaning and words weigh."""

    embedding_weight: Annotated[float, Number(label="Embedding weight")]
    text_weight: Annotated[float, Number(label="Text weight")]


@frozen(kw_only=True)
class RankingOptions:
    """Which of what was found comes first, and what is left out."""

    ranker: Annotated[str | None, Select(label="Ranker", choices=("auto", "default-2024-11-15"), free_text=True)] = None
    score_threshold: Annotated[
        float | None,
        Number(label="Score threshold", help="1 gives only the best.", minimum=0, maximum=1),
    ] = None
    hybrid_search: Annotated[HybridSearch | None, Collection(label="Hybrid search")] = None


@frozen(kw_only=True)
class FileSearchTool:
    """A search in vector stores."""

    type: Literal["file_search"] = "file_search"
    vector_store_ids: Annotated[Sequence[str], Array(label="Vector store IDs", min_items=1)]
    max_num_results: Annotated[int | None, Integer(label="Most results", minimum=1, maximum=50)] = None
    filters: Annotated[
        Mapping[str, object] | None,
        Json(label="Filters", help='As in {"type": "eq", "key": "year", "value": 2026}; and, or hold several.'),
    ] = None
    ranking_options: Annotated[RankingOptions | None, Collection(label="Ranking options", advanced=True)] = None


@frozen(kw_only=True)
class AutoContainer:
    """A container that is made for the response."""

    type: Literal["auto"] = "auto"
    file_ids: Annotated[
        Sequence[str] | None, Array(label="File IDs", help="Of uploaded files that the code may read.")
    ] = None
    memory_limit: Annotated[
        str | None, Select(label="Memory limit", choices=("1g", "4g", "16g", "64g"), free_text=True)
    ] = None
    network_policy: Annotated[
        Mapping[str, object] | None,
        Json(label="Network policy", help='As in {"type": "allowlist", "allowed_domains": ["pypi.org"]}.'),
    ] = None


@frozen(kw_only=True)
class CodeInterpreterTool:
    """Python in a container at the service."""

    type: Literal["code_interpreter"] = "code_interpreter"
    container: Annotated[
        str | AutoContainer, OneOf(label="Container", help="The ID of a container, or one that is made for this.")
    ]
    allowed_callers: AllowedCallers = None


@frozen(kw_only=True)
class ToolFilter:
    """Some tools of a server."""

    tool_names: Annotated[Sequence[str] | None, Array(label="Tool names")] = None
    read_only: Annotated[
        bool | None, Boolean(label="Read only", help="Those that the server says change nothing, or those that do.")
    ] = None


@frozen(kw_only=True)
class Approval:
    """Which tools of a server somebody must approve of."""

    always: Annotated[ToolFilter | None, Collection(label="Always")] = None
    never: Annotated[ToolFilter | None, Collection(label="Never")] = None


@frozen(kw_only=True)
class McpTool:
    """The tools of an MCP server, which OpenAI calls. One of its URL, a connector and a tunnel is needed."""

    type: Literal["mcp"] = "mcp"
    server_label: Annotated[str, Text(label="Server label", help="Names the server in tool calls.")]
    server_url: Annotated[str | None, Text(label="Server URL", example="https://mcp.example.com")] = None
    server_description: Annotated[str | None, Text(label="Server description", multiline=True)] = None
    connector_id: Annotated[
        str | None, Text(label="Connector ID", help="Of a connector of OpenAI's.", example="connector_gmail")
    ] = None
    tunnel_id: Annotated[str | None, Text(label="Tunnel ID", help="Of a secure MCP tunnel.", advanced=True)] = None
    authorization: Annotated[
        Secret | None, Password(label="Authorization", help="An OAuth access token for the server.")
    ] = None
    headers: Annotated[
        Mapping[str, Annotated[Secret, Password()]] | None,
        KeyValue(
            label="Headers", help="What OpenAI sends to the server; kept secret, since keys go there.", advanced=True
        ),
    ] = None
    allowed_tools: Annotated[
        Sequence[str] | ToolFilter | None, OneOf(label="Allowed tools", help="Names, or a filter; all without.")
    ] = None
    require_approval: Annotated[
        Literal["always", "never"] | Approval | None,
        OneOf(
            label="Require approval",
            help="OpenAI's default is always: the output then has an item mcp_approval_request, which the input of the "
            "next response answers with an mcp_approval_response.",
        ),
    ] = None
    allowed_callers: AllowedCallers = None
    defer_loading: Deferred = None


@frozen(kw_only=True)
class ImageMask:
    """Where an image is edited."""

    file_id: Annotated[str | None, Text(label="File ID")] = None
    image_url: Annotated[str | None, Text(label="Image URL", help="A data: URL.")] = None


@frozen(kw_only=True)
class SvgReasoning:
    """How long the author of an SVG thinks."""

    effort: Annotated[str | None, Text(label="Effort")] = None


@frozen(kw_only=True)
class Svg:
    """Who writes an SVG."""

    model: Annotated[str | None, Text(label="Model")] = None
    reasoning: Annotated[SvgReasoning | None, Collection(label="Reasoning")] = None


def _one_of(label: str, *choices: str) -> Select:
    return Select(label=label, choices=choices, free_text=True)


@frozen(kw_only=True)
class ImageGenerationTool:
    """A model that makes images; each image of the output is a file."""

    type: Literal["image_generation"] = "image_generation"
    model: Annotated[str | None, Text(label="Model", help="Which makes the image; the service chooses without.")] = None
    action: Annotated[str | None, _one_of("Action", "auto", "generate", "edit")] = None
    size: Annotated[str | None, _one_of("Size", "auto", "1024x1024", "1024x1536", "1536x1024")] = None
    quality: Annotated[str | None, _one_of("Quality", "auto", "low", "medium", "high", "xhigh", "max")] = None
    background: Annotated[str | None, _one_of("Background", "auto", "transparent", "opaque")] = None
    output_format: Annotated[str | None, _one_of("Output format", "png", "webp", "jpeg", "gif", "svg")] = None
    output_compression: Annotated[
        int | None, Integer(label="Output compression", minimum=0, maximum=100, unit="percent", advanced=True)
    ] = None
    moderation: Annotated[str | None, _one_of("Moderation", "auto", "low")] = None
    input_fidelity: Annotated[str | None, _one_of("Input fidelity", "high", "low")] = None
    input_image_mask: Annotated[ImageMask | None, Collection(label="Mask", advanced=True)] = None
    partial_images: Annotated[
        int | None,
        Integer(label="Partial images", help="Unfinished images in a stream.", minimum=0, maximum=3, advanced=True),
    ] = None
    complexity: Annotated[str | None, _one_of("Complexity", "low", "medium", "high")] = None
    frame_count: Annotated[int | None, Integer(label="Frames", help="Of a GIF.", advanced=True)] = None
    frame_duration_ms: Annotated[
        int | None, Integer(label="Duration of a frame", unit="milliseconds", advanced=True)
    ] = None
    svg: Annotated[Svg | None, Collection(label="SVG", advanced=True)] = None


ResponseTool = (
    FunctionTool | CustomTool | WebSearchTool | FileSearchTool | CodeInterpreterTool | McpTool | ImageGenerationTool
)
"""The tools that have a form here; whatever else there is goes through ``other_tools``."""
