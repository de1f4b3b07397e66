"""What is asked of the stand-in, and how it answers and refuses: in the shapes that GitHub uses."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

__all__ = ["Answer", "Asked", "Refusal", "paged", "wrong_value"]

MOST_A_PAGE = 100
USUAL_PAGE = 30


class Asked(NamedTuple):
    """One request; ``path`` is below the base URL."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Any
    raw: bytes
    base: str

    def body(self) -> dict[str, Any]:
        """Read the object that was sent."""
        try:
            found = json.loads(self.raw or b"{}")
        except ValueError:
            raise Refusal(400, "Problems parsing JSON") from None
        if not isinstance(found, dict):
            raise Refusal(400, "Body should be a JSON object")
        return found

    def number(self, name: str, otherwise: int) -> int:
        """Read a number of the query; what is none counts as if it was not given."""
        text = self.query.get(name, "")
        return int(text) if text.isdecimal() and int(text) > 0 else otherwise


class Answer(NamedTuple):
    """An answer; bytes are sent as they are, anything else as JSON."""

    body: object
    status: int = 200
    headers: Mapping[str, str] = {}


class Refusal(Exception):  # noqa: N818  it is an answer
    """What GitHub answers to a request that it refuses."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[object] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, message)
        said: dict[str, object] = {"message": message, "status": str(status)}
        said |= {"errors": [*errors]} if errors else {}
        said["documentation_url"] = "https://docs.github.com/rest"
        self.answer = Answer(said, status, headers or {})


def wrong_value(*, where: str, code: str) -> Refusal:
    """Make the refusal of a value; ``where`` is a resource and its field: ``Issue.title``."""
    resource, _, field = where.partition(".")
    errors = [{"resource": resource, "field": field, "code": code}]
    return Refusal(422, "Validation Failed", errors=errors)


def paged(
    asked: Asked, found: Sequence[object], most: int | None = None
) -> tuple[list[object], dict[str, str]]:
    """Give one page of a list, and the header that names the next one."""
    size = min(asked.number("per_page", USUAL_PAGE), MOST_A_PAGE)
    page = asked.number("page", 1)
    known = found if most is None else found[:most]
    if page * size < len(known):
        query = urlencode({**asked.query, "page": page + 1})
        headers = {"Link": f'<{asked.base}{asked.path}?{query}>; rel="next"'}
    else:
        headers = {}
    return [*known[(page - 1) * size : page * size]], headers
