"""Generate Images: images from words, from images and words, or like another image."""

from collections.abc import Generator, Sequence
from functools import partial

from jackfield import Answer, AnswerError, Context, Effect, File, NotFoundError, Problem, UnsafeRequestError, module
from jackfield_openai import traced
from jackfield_openai.connection import openai
from jackfield_openai.foresight import foresee_images
from jackfield_openai.fusion import IMAGES
from jackfield_openai.image_answer import GeneratedImages, Received, finished, inlined, keep_image
from jackfield_openai.image_form import ImageForm
from jackfield_openai.image_request import ImageRequest, problems_of, request_of
from jackfield_openai.image_stream import ImagePiece, pieces_of, stream_images
from jackfield_openai.model_rules import IMAGES as RULES
from jackfield_openai.parameters import refusals_named
from jackfield_openai.refine import refined_by

__all__ = ["generate_images"]

_NO_VARIATIONS = "This server makes no variations, as OpenAI has not since 2026-05-12: use method.endpoint=edits."


@module(
    label="Generate Images",
    connection=openai,
    effect=Effect.READ,
    validate=problems_of,
    aliases=IMAGES,
    refine=refined_by(RULES),
    foresee=foresee_images,
    genai=traced.IMAGES,
)
def generate_images(form: ImageForm, context: Context) -> Generator[ImagePiece, None, GeneratedImages]:
    """Generate images, or manipulate some.

    Gives in ``data`` each image as a file of its own, in ``result`` the first; its address, if that is all that came.
    Can stream: each piece is an image, finished or not yet.
    """
    request = request_of(form, context)
    files: Sequence[File | None]
    with refusals_named(request.sent_for):
        read = partial(_read, context, download=bool(form.download))
        if request.streams:
            received, files = yield from stream_images(context, request, read)
        else:
            received, files = read(_asked(context, request))
            if context.streaming:
                yield from pieces_of(files)
    wanted = request.body.get("n") or 1
    if len(files) != wanted:
        context.warn(f"$.n: {wanted} images were asked for, and {len(files)} came.")
    return finished(context, received, files, model=form.model, endpoint=request.endpoint)


def _asked(context: Context, request: ImageRequest) -> Answer:
    try:
        return context.client.request("POST", request.path, **request.parts)
    except NotFoundError as error:
        if request.endpoint == "variations" and error.code != "model_not_found":
            error.hint = _NO_VARIATIONS
        raise


def _read(context: Context, answer: Answer, *, download: bool) -> tuple[Received, Sequence[File | None]]:
    """Give an answer with the file of each image that has one."""
    received = context.client.read(answer, into=Received)
    return received, [
        _file(context, received, index, answer.request_id, download=download) for index in range(len(received.data))
    ]


def _file(context: Context, received: Received, index: int, request_id: str, *, download: bool) -> File | None:
    image = received.data[index]
    for name, encoded in (("b64_json", image.b64_json), ("url", inlined(image.url))):
        if encoded is not None:
            return keep_image(context, encoded, f"data[{index}].{name}", f"image-{index + 1}", request_id)
    if image.url is None:
        problem = Problem(path=f"$.data[{index}]", rule="required", message="must have an image: b64_json, or a url")
        raise AnswerError(str(problem), problems=[problem], request_id=request_id)
    return _downloaded(context, image.url) if download else None


def _downloaded(context: Context, url: str) -> File:
    try:
        return context.download(url)
    except UnsafeRequestError as error:
        error.hint = f"Set response_format=b64_json, so that the answer holds the image itself. {error.hint}".rstrip()
        raise
