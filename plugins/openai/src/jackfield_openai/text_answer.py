"""A text as answer, from whichever endpoint it came: that of a chat, or those from before there were chats.

The old endpoints, /completions and /edits, are read as the chat that would have said the same, so that one way of
reading, of putting streams together and of warning serves all. Shapes: OpenAI's specification of 2026-08-21, and for
/edits that of 2023-12-22.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Annotated, Any

from attrs import evolve, frozen

from jackfield import AnswerError, Array, Context, Problem
from jackfield_openai.chat_answer import ChatChoice, ChatCompletion, ChatLogprobs, result_of, warn_of_ends
from jackfield_openai.chat_options import StreamOptions
from jackfield_openai.chat_stream import ChatPiece, stream_chat
from jackfield_openai.tools import JsonObjectFormat, JsonSchemaFormat
from jackfield_openai.usage import record_usage

__all__ = ["PATHS", "TextAnswer", "ask", "stream"]

PATHS = {"chat": "/chat/completions", "completions": "/completions", "edits": "/edits"}
"""Where each endpoint stands."""


@frozen(kw_only=True)
class TextLogprobs(ChatLogprobs):
    """How likely each token was: ``content`` and ``refusal`` come from a chat, the others from /completions.

    ``top_logprobs`` has the likely tokens at each place, by token; ``text_offset`` says where each token stands.
    """

    tokens: list[str] | None = None
    token_logprobs: list[float | None] | None = None
    top_logprobs: list[Mapping[str, float] | None] | None = None
    text_offset: list[int] | None = None


@frozen(kw_only=True)
class TextChoice(ChatChoice):
    """One answer. ``text`` is the content of its message; none if the model refused or asked for tools."""

    text: str | None = None
    logprobs: TextLogprobs | None = None


@frozen(kw_only=True)
class TextAnswer(ChatCompletion):
    """The service's answer, with ``result`` and ``endpoint``: chat, completions or edits.

    ``result`` is the text of the first choice; in the JSON formats, the value in it.
    """

    endpoint: str | None = None
    choices: Annotated[Sequence[TextChoice], Array(min_items=1)]


def ask(context: Context, endpoint: str, body: Mapping[str, Any]) -> TextAnswer:
    """Send a request to an endpoint and read what it answers.

    Raises:
        AnswerError: It answers in another shape.
    """
    answer = context.client.request("POST", PATHS[endpoint], json=body)
    whole = answer.json() if endpoint == "chat" else _as_chat(answer.json(), answer.request_id)
    read = context.client.read(whole, into=TextAnswer, request_id=answer.request_id)
    return _finished(context, read, endpoint, body)


def stream(
    context: Context, endpoint: str, body: Mapping[str, Any], options: StreamOptions | None
) -> Generator[ChatPiece, None, TextAnswer]:
    """Send a request to an endpoint, and give the pieces of its answer as they come; at the end the whole."""
    if endpoint == "chat":
        whole = yield from stream_chat(context, PATHS[endpoint], body, options)
    else:
        whole = yield from stream_chat(context, PATHS[endpoint], body, options, as_chunk=_as_chunk)
        whole["object"] = "text_completion"
    return _finished(context, context.client.read(whole, into=TextAnswer), endpoint, body)


def _finished(context: Context, answer: TextAnswer, endpoint: str, body: Mapping[str, Any]) -> TextAnswer:
    record_usage(context, answer.usage, answer.model or body["model"])
    warn_of_ends(answer, context)
    choices = [evolve(choice, text=choice.message.content) for choice in answer.choices]
    as_json = isinstance(body.get("response_format"), JsonObjectFormat | JsonSchemaFormat)
    return evolve(answer, result=result_of(answer, as_json=as_json), choices=choices, endpoint=endpoint)


def _as_chat(answer: object, request_id: str) -> object:
    """Give a whole answer of an old endpoint as a chat's; what has another shape stays as it is, to be refused."""
    if not isinstance(answer, dict) or not isinstance(answer.get("choices"), list):
        return answer
    for position, choice in enumerate(answer["choices"]):
        if not isinstance(choice, dict) or not isinstance(choice.get("text"), str):
            problem = Problem(path=f"$.choices[{position}].text", rule="required", message="must be there, and a text")
            raise AnswerError(str(problem), problems=[problem], request_id=request_id)
    return {**answer, "choices": [_with(choice, "message") for choice in answer["choices"]]}


def _as_chunk(chunk: object) -> object:
    if not isinstance(chunk, dict):
        return chunk
    choices = [_with(choice, "delta") if isinstance(choice, dict) else choice for choice in chunk.get("choices") or ()]
    return {**chunk, "choices": choices}


def _with(choice: Mapping[str, Any], holder: str) -> dict[str, Any]:
    """Put the text of a choice where a chat has it."""
    return {**{key: value for key, value in choice.items() if key != "text"}, holder: {"content": choice.get("text")}}
