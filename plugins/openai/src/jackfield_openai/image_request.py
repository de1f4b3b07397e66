"""A form of images as the request that it becomes: where it goes, what it says, which files it brings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
from attrs import frozen

from jackfield import Context, File, FilePart, InvalidInputError, Problem
from jackfield_openai.connection import is_openai
from jackfield_openai.image_form import Edit, Generate, ImageForm, Variation
from jackfield_openai.image_heads import ENOUGH, ImageFacts, ImageHead, read_head
from jackfield_openai.model_rules import IMAGES, apply_model_rules, refuses
from jackfield_openai.parameters import extra_problems, form_fields, parameters_of

__all__ = ["ImageRequest", "problems_of", "request_of"]

_NOT_SENT = frozenset({"download", "extra", "method", "model_rules", "partial_images", "svg"})
_NO_PARAMETERS = frozenset({"endpoint", "image", "images", "markup", "mask", "type"})
_FILES = ("image", "mask", "markup")
_VARIES = frozenset({"image", "model", "n", "response_format", "size", "user"})
"""All that /images/variations takes (openai-python 3.57.0)."""

_LIKE_IT = "Make a variation of this image: keep its subject, its style and its mood, and vary what else there is."
"""The prompt of a variation that nobody gave one."""

_CLOSED = "OpenAI closed /images/variations on 2026-05-12, so the image is edited, with a prompt for a variation."


@frozen(kw_only=True)
class ImageRequest:
    """A request for images.

    Attributes:
        endpoint: ``generations``, ``edits`` or ``variations``.
        body: Every parameter but the files.
        files: The files under the names that they are sent as; none for ``generations``.
        sent_for: Fields of the form by the parameter that they are sent as, where that has another name.
    """

    endpoint: str
    body: Mapping[str, Any]
    files: Sequence[FilePart]
    sent_for: Mapping[str, str]

    @property
    def path(self) -> str:
        """Where it goes."""
        return f"/images/{self.endpoint}"

    @property
    def streams(self) -> bool:
        """Whether it asks for a stream."""
        return bool(self.body.get("stream"))

    @property
    def parts(self) -> dict[str, Any]:
        """Give what is sent, in the words of a client: JSON, or a form with files in it."""
        if self.endpoint == "generations":
            return {"json": self.body}
        return {"data": form_fields(self.body), "files": self.files}


def problems_of(form: ImageForm) -> Sequence[Problem]:
    """Find what is wrong with a form, whatever the model and the server."""
    found = extra_problems(form, _sent_for(form.method))
    method = form.method
    if isinstance(method, Edit) and method.mask and method.markup:
        found.append(Problem(path="$.method.markup", rule="exclusive", message="cannot be combined with a mask"))
    if isinstance(method, Variation) and method.endpoint == "variations" and method.prompt is not None:
        message = "/images/variations takes no prompt; /images/edits does (method.endpoint=edits)"
        found.append(Problem(path="$.method.prompt", rule="endpoint", message=message))
    return found


def request_of(form: ImageForm, context: Context) -> ImageRequest:
    """Make the request of a form, as the rules about its model have it.

    Raises:
        InvalidInputError: The endpoint lacks a parameter, or the rules are strict and the model refuses something.
        FileError: An image cannot be read.
    """
    endpoint = _endpoint(form.method, context)
    if isinstance(form.method, Variation) and form.method.endpoint == "auto" and is_openai(context.client.base_url):
        context.warn(_CLOSED)
    body = _body(form, endpoint)
    if context.streaming and endpoint != "variations" and not _refuses_streams(form, context, body):
        shown = {} if form.partial_images is None else {"partial_images": form.partial_images}
        body = {**body, "stream": True, **shown}
    if endpoint == "variations":
        _refuse_unknown(body, form)
    given = _given(form.method)
    body, sent_for = apply_model_rules(context, form, {**body, **_facts(given)}, _sent_for(form.method), IMAGES)
    return ImageRequest(
        endpoint=endpoint,
        body={name: value for name, value in body.items() if name not in _FILES},
        files=list(_file_parts(given)),
        sent_for=sent_for,
    )


def _refuses_streams(form: ImageForm, context: Context, body: Mapping[str, Any]) -> bool:
    """Tell whether whole images are all that can be had; then these are the pieces."""
    return refuses(context, form.model, "stream", {**body, "stream": True}, IMAGES)


def _endpoint(method: Generate | Edit | Variation, context: Context) -> str:
    """Choose who is asked: a variation that has a prompt is an edit everywhere, and at OpenAI any variation is."""
    if isinstance(method, Generate):
        return "generations"
    if isinstance(method, Edit):
        return "edits"
    if method.endpoint != "auto":
        return method.endpoint
    return "edits" if method.prompt is not None or is_openai(context.client.base_url) else "variations"


def _sent_for(method: Generate | Edit | Variation) -> dict[str, str]:
    names = {name: f"method.{name}" for name in attrs.fields_dict(type(method)) if name not in ("endpoint", "type")}
    if "images" in names:
        names["image"] = names["image[]"] = names["images"]
    return names


def _body(form: ImageForm, endpoint: str) -> dict[str, Any]:
    said = {**parameters_of(form, without=_NOT_SENT), **parameters_of(form.method, without=_NO_PARAMETERS)}
    if endpoint == "edits" and isinstance(form.method, Variation):
        said.setdefault("prompt", _LIKE_IT)
    if form.svg is not None:
        said["svg"] = attrs.asdict(form.svg, filter=lambda _, value: value is not None)
    return {**said, **(form.extra or {})}


def _refuse_unknown(body: Mapping[str, Any], form: ImageForm) -> None:
    message = (
        "/images/variations, to which this goes, has no such parameter; /images/edits has it (method.endpoint=edits)"
    )
    own = attrs.fields_dict(type(form)).keys() - _VARIES
    problems = [Problem(path=f"$.{name}", rule="endpoint", message=message) for name in body if name in own]
    if problems:
        raise InvalidInputError(problems)


@frozen(kw_only=True)
class _Given:
    """A file of the form, and what its first bytes say; nothing of a file that a dry run does not fetch."""

    file: File
    head: ImageHead | None

    @classmethod
    def of(cls, file: File) -> "_Given":
        if file.pending:
            return cls(file=file, head=None)
        with file.open() as opened:
            head = read_head(opened.read(ENOUGH))
        # The service goes by the media type, and a name may lie.
        return cls(file=file.renamed(media_type=head.media_type) if head else file, head=head)


def _given(method: Generate | Edit | Variation) -> dict[str, list[_Given]]:
    """Give the files by the parameter that they are sent as."""
    if isinstance(method, Edit):
        files = {"image": method.images, "mask": [method.mask], "markup": [method.markup]}
    else:
        files = {"image": [method.image] if isinstance(method, Variation) else []}
    return {name: [_Given.of(file) for file in found if file is not None] for name, found in files.items()}


def _facts(given: Mapping[str, Sequence[_Given]]) -> dict[str, list[ImageFacts]]:
    """Give what the rules about models look at."""
    first = next((each.head for each in given["image"]), None)
    return {
        name: [
            ImageFacts(head=each.head, size=each.file.size, over=None if name == "image" else first) for each in found
        ]
        for name, found in given.items()
        if found and not any(each.file.pending for each in found)
    }


def _file_parts(given: Mapping[str, Sequence[_Given]]) -> Iterator[FilePart]:
    for name, found in given.items():
        # Repeated under its plain name, an image is refused.
        sent_as = f"{name}[]" if len(found) > 1 else name
        yield from (FilePart(name=sent_as, file=each.file) for each in found)
