"""Answers in JSON, whatever stands in them."""

import json
from typing import Any

from starlette.responses import JSONResponse


def to_text(value: object) -> bytes:
    """Write JSON. Half of a letter, which services may send and UTF-8 does not have, stays an escape of JSON."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


class Json(JSONResponse):
    """An answer in JSON. It is rendered where it is made: of much, that should be a thread."""

    def render(self, content: Any) -> bytes:
        """Write the body."""
        return to_text(content)
