"""Create a Completion: a model goes on from a prompt, or answers a conversation."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from jackfield import Context, Problem, module
from jackfield_openai import traced
from jackfield_openai.attachments import attached
from jackfield_openai.chat_stream import ChatPiece
from jackfield_openai.completion_form import Completion
from jackfield_openai.connection import openai
from jackfield_openai.foresight import foresee_text
from jackfield_openai.fusion import COMPLETION
from jackfield_openai.model_choices import completes_only
from jackfield_openai.model_rules import apply_model_rules
from jackfield_openai.parameters import effect_by_extra, extra_problems, parameters_of, refusals_named
from jackfield_openai.text_answer import PATHS, TextAnswer, ask, stream

__all__ = ["create_completion"]

_ONLY_AT = {
    "chat": ("messages", "max_completion_tokens", "response_format"),
    "completions": ("echo", "suffix", "best_of"),
}
"""The fields that one endpoint has and the other lacks."""

_MOST_LOGPROBS = {"chat": 20, "completions": 5}
_NOT_AS_THEY_ARE = frozenset({"endpoint", "extra", "logprobs", "model_rules", "prompt", "stream_options"})
_SENT_FOR = {"top_logprobs": "logprobs"}


def _endpoint(form: Completion) -> str:
    """Choose the endpoint: what cannot chat completes; everything else, on any server, chats."""
    if form.endpoint != "auto":
        return form.endpoint
    return "completions" if form.messages is None and completes_only(form.model) else "chat"


def _problems(form: Completion) -> Sequence[Problem]:
    endpoint = _endpoint(form)
    other = "chat" if endpoint == "completions" else "completions"
    where = f"{PATHS[endpoint]}{', to which this goes,' if form.endpoint == 'auto' else ''}"
    message = f"{where} has no such parameter; {PATHS[other]} has it (endpoint={other})"
    found = [
        Problem(path=f"$.{name}", rule="endpoint", message=message)
        for name in _ONLY_AT[other]
        if getattr(form, name) is not None
    ]
    return [*_problems_of_input(form), *found, *_problems_of_numbers(form, endpoint), *extra_problems(form, _SENT_FOR)]


def _problems_of_input(form: Completion) -> list[Problem]:
    if form.prompt is not None and form.messages is not None:
        message = "must be left out where there is a prompt; make the prompt a user message, or leave it out"
        return [Problem(path="$.messages", rule="exclusive", message=message)]
    return []


def _problems_of_numbers(form: Completion, endpoint: str) -> list[Problem]:
    found, most = [], _MOST_LOGPROBS[endpoint]
    if form.logprobs is not None and form.logprobs > most:
        message = f"must be at most {most} at {PATHS[endpoint]}, was {form.logprobs}"
        found.append(Problem(path="$.logprobs", rule="endpoint", message=message))
    if endpoint == "completions" and form.best_of is not None and form.best_of < (form.n or 0):
        message = f"must be at least {form.n}, the number of answers to give, was {form.best_of}"
        found.append(Problem(path="$.best_of", rule="minimum", message=message))
    return found


@module(
    label="Create a Completion",
    connection=openai,
    effect=effect_by_extra,
    validate=_problems,
    aliases=COMPLETION,
    foresee=foresee_text,
    genai=traced.COMPLETION,
)
def create_completion(form: Completion, context: Context) -> Generator[ChatPiece, None, TextAnswer]:
    """Have a model go on from a prompt, or answer a conversation.

    Gives the service's answer in one shape, wherever it came from: in ``result`` the text of the first choice, or the
    value in it in the JSON formats; in ``endpoint`` who was asked. Can stream: each piece is what one event adds to one
    choice.
    """
    endpoint = _endpoint(form)
    body = _body(form, endpoint, context)
    sent_for: Mapping[str, str] = _SENT_FOR if form.prompt is None else {**_SENT_FOR, "messages": "prompt"}
    if endpoint == "chat":
        body, sent_for = apply_model_rules(context, form, body, sent_for)
    with refusals_named(sent_for):
        if context.streaming:
            return (yield from stream(context, endpoint, body, form.stream_options))
        return ask(context, endpoint, body)


def _body(form: Completion, endpoint: str, context: Context) -> dict[str, Any]:
    said = parameters_of(form, without=_NOT_AS_THEY_ARE)
    return {**said, **_input(form, endpoint, context), **_logprobs(form.logprobs, endpoint), **(form.extra or {})}


def _input(form: Completion, endpoint: str, context: Context) -> Mapping[str, object]:
    if form.messages is not None:
        return {"messages": attached(form.messages, context)}
    if endpoint == "completions":
        return {"prompt": form.prompt}
    return {"messages": [{"role": "user", "content": form.prompt}]}


def _logprobs(likely: int | None, endpoint: str) -> Mapping[str, object]:
    """Say in an endpoint's words how many likely tokens are wanted at each place."""
    if likely is None:
        return {}
    return {"logprobs": likely} if endpoint == "completions" else {"logprobs": True, "top_logprobs": likely}
