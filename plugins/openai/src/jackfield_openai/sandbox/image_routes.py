"""Where images are asked for and fetched: from a request to pictures."""

from collections.abc import Callable, Mapping

from jackfield_openai.sandbox.drawing import Drawing
from jackfield_openai.sandbox.images import asked_edit, asked_generation, asked_variation
from jackfield_openai.sandbox.replies import RefusalError, Reply, Stream
from jackfield_openai.sandbox.requests import FORM, Request
from jackfield_openai.sandbox.stock import Stock

__all__ = ["ACTIONS", "drawn", "picture"]


def _asked_edit(request: Request) -> Drawing:
    return asked_edit(request.parts() if request.media_type == FORM else request.json())


_READERS: Mapping[str, Callable[[Request], Drawing]] = {
    "generations": lambda request: asked_generation(request.json()),
    "edits": _asked_edit,
    "variations": lambda request: asked_variation(request.parts()),
}
"""Who reads a request, by the last part of the path."""

ACTIONS = tuple(_READERS)
"""What can be done with images."""


def drawn(request: Request, action: str, stock: Stock) -> Reply | Stream:
    """Answer with pictures, or in pieces of them if the request wants that.

    Raises:
        RefusalError: OpenAI would refuse the request.
    """
    drawing = _READERS[action](request)
    if request.orders.refuse:
        message = "Your request was rejected by the safety system."
        raise RefusalError(message, code="moderation_blocked")
    if drawing.streams:
        return Stream(events=drawing.events(), named=True)
    host = request.headers.get("host", "")
    return Reply.json(drawing.answer(lambda data, kind: f"http://{host}/pictures/{stock.keep(data, kind)}"))


def picture(request: Request, name: str, stock: Stock) -> Reply:
    """Give a picture by its address, which is a secret of its own.

    OpenAI's pictures lay at a storage which refuses whoever shows another credential beside.

    Raises:
        RefusalError: The request has a credential, or there is no such picture.
    """
    if "authorization" in request.headers:
        message = "A picture is fetched without a credential; do not send the key to addresses that an answer names."
        raise RefusalError(message, status=403, code="authentication_failed")
    return stock.picture(name)
