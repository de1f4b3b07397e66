"""Exchanges with a service as they stand in a cassette: JSON without any secret."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import frozen
from requests import PreparedRequest

from jackfield._telltale import names_secret
from jackfield.secrets import Redactor
from jackfield.testing.replies import Reply, body_of

__all__ = ["Exchange"]

_DROPPED = frozenset(
    {
        "authentication-info",
        "connection",
        "content-encoding",
        "content-length",
        "proxy-authenticate",
        "set-cookie",
        "set-cookie2",
        "strict-transport-security",
        "transfer-encoding",
        "www-authenticate",
    }
)
"""Headers of an answer that hold credentials, or say how it came and not what it is."""


@frozen(kw_only=True)
class Exchange:
    """A request, and what the service answered.

    Attributes:
        method: The HTTP method.
        url: All of it, with the query.
        body: What was sent: a JSON value, text, bytes, or ``None`` for nothing.
        reply: The answer.
    """

    method: str
    url: str
    body: object
    reply: Reply

    @classmethod
    def of(cls, request: PreparedRequest, reply: Reply, redactor: Redactor) -> "Exchange":
        """Make one of what was sent and answered; known secrets are masked, headers that may hold one left out."""
        kept = {
            name: redactor.scrub(value)
            for name, value in reply.headers.items()
            if name.lower() not in _DROPPED and not names_secret(name)
        }
        return cls(
            method=request.method or "",
            url=redactor.scrub(request.url or ""),
            body=redactor.mask_json(body_of(request)),
            reply=Reply(
                json=redactor.mask_json(reply.json),
                status=reply.status,
                headers=kept,
                content=_masked(reply.content, redactor),
            ),
        )

    def as_json(self) -> dict[str, object]:
        """Write it."""
        reply: dict[str, object] = {"status": self.reply.status, "headers": dict(self.reply.headers)}
        reply.update({"json": self.reply.json} if self.reply.content is None else _content(self.reply.content))
        body = _content(self.body) if isinstance(self.body, bytes) else {"body": self.body}
        return {"request": {"method": self.method, "url": self.url, **body}, "reply": reply}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Exchange":
        """Read it.

        Raises:
            KeyError: Something is missing; TypeError or ValueError if something is wrong.
        """
        request, reply = said["request"], said["reply"]
        return cls(
            method=request["method"],
            url=request["url"],
            body=_content_of(request) if "body" not in request else request["body"],
            reply=Reply(
                json=reply.get("json"),
                status=reply["status"],
                headers=reply["headers"],
                content=None if "json" in reply else _content_of(reply),
            ),
        )

    def differences(self, request: PreparedRequest, redactor: Redactor) -> list[str]:
        """Say in what a request differs from the one that was recorded, one line for each place.

        What was recorded is masked, so a value is the same if it is so as it is, or masked: the key of the one who
        plays it back may be a word that stands elsewhere, too.
        """
        found = []
        if request.method != self.method:
            found.append(f"the method is {request.method}, and was {self.method}")
        url, theirs = request.url or "", urlsplit(self.url)
        masked = urlsplit(redactor.scrub(url))
        ours = masked if masked[:3] == theirs[:3] else urlsplit(url)
        if ours[:3] != theirs[:3]:
            found.append(f"the URL is {ours._replace(query='').geturl()}, and was {theirs._replace(query='').geturl()}")
        query = masked.query if _pairs(masked.query) == _pairs(theirs.query) else urlsplit(url).query
        found += _Comparison(redactor).lines("the query", _pairs(query), _pairs(theirs.query))
        return found + _Comparison(redactor).lines("the body", body_of(request), self.body)


def _pairs(query: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


@frozen
class _Comparison:
    """Compares what is sent with what was recorded."""

    redactor: Redactor

    def lines(self, where: str, ours: object, theirs: object) -> list[str]:
        if isinstance(ours, dict) and isinstance(theirs, dict):
            return [line for key in {**theirs, **ours} for line in self._of_key(where, key, ours, theirs)]
        if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
            pairs = enumerate(zip(ours, theirs, strict=True))
            return [line for index, (one, other) in pairs for line in self.lines(f"{where}[{index}]", one, other)]
        if ours == theirs or self.redactor.mask_json(ours) == theirs:
            return []
        return [f"{where} is {_shown(ours)}, and was {_shown(theirs)}"]

    def _of_key(
        self, where: str, key: object, ours: Mapping[Any, object], theirs: Mapping[Any, object]
    ) -> Iterator[str]:
        if key not in ours:
            yield f"{where} lacks {key}, which was {_shown(theirs[key])}"
        elif key not in theirs:
            yield f"{where} has {key}, {_shown(ours[key])}, and had none"
        else:
            yield from self.lines(f"{where}.{key}", ours[key], theirs[key])


_MOST_SHOWN = 80


def _shown(value: object) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


def _masked(content: bytes | None, redactor: Redactor) -> bytes | None:
    if content is None:
        return None
    # One character for each byte: a secret is found in any file, and what is not text stays as it is.
    return redactor.mask(content.decode("latin-1")).encode("latin-1")


def _content(content: bytes) -> dict[str, str]:
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def _content_of(said: Mapping[str, Any]) -> bytes:
    return said["text"].encode() if "text" in said else base64.b64decode(said["base64"])
