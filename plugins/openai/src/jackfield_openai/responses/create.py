"""Create Response: a model answers with texts, thoughts and calls of tools."""

from collections.abc import Generator
from typing import Any

from jackfield import BrokenAnswerError, Context, UnreachableError, module
from jackfield_openai import traced
from jackfield_openai.connection import openai
from jackfield_openai.responses.answer import Response
from jackfield_openai.responses.background import PATH, followed, stopped_with_us
from jackfield_openai.responses.form import ResponseForm
from jackfield_openai.responses.reading import finished
from jackfield_openai.responses.request import body_of, effect_of, foresee_response, problems_of
from jackfield_openai.responses.stream import ResponsePiece, StreamedResponse, stream_response

__all__ = ["create_response"]


@module(
    label="Create Response",
    connection=openai,
    effect=effect_of,
    validate=problems_of,
    foresee=foresee_response,
    genai=traced.RESPONSE,
)
def create_response(form: ResponseForm, context: Context) -> Generator[ResponsePiece, None, Response]:
    """Have a model answer, with tools that OpenAI runs and functions of yours.

    Gives the service's answer; in ``result`` its text, or in the JSON formats the value that the text holds; in
    ``tool_calls`` what the model asks of you. A response in the background is asked for until it is over. Can stream:
    each piece is what one event adds.
    """
    body = body_of(form, context)
    said = yield from _asked(form, context, body)
    return finished(context, form, said)


def _asked(form: ResponseForm, context: Context, body: dict[str, Any]) -> Generator[ResponsePiece, None, object]:
    """Ask, and give the response when it is over."""
    if not context.streaming:
        said = context.client.post(PATH, json=body)
        with stopped_with_us(context, lambda: said):
            return followed(context, form, said)
    streamed = StreamedResponse(context)
    if not form.background:
        return (yield from stream_response(context, PATH, body, form.stream_options, streamed))
    with stopped_with_us(context, lambda: streamed.said):
        try:
            said = yield from stream_response(context, PATH, body, form.stream_options, streamed)
        except (BrokenAnswerError, UnreachableError):
            if not streamed.said:
                raise
            context.warn("The stream broke off; the response went on in the background, and was asked for.")
            said = streamed.said
        return followed(context, form, said)
