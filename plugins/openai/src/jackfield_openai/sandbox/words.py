"""Words as the stand-in says and counts them: one token is one word with the blanks before it."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["CREATED", "LONGEST", "cut", "digest_of", "logprobs_of", "retold", "text_of", "tokens_of"]

CREATED = 1_767_225_600
"""When everything here was made: the start of 2026, so that answers are the same every time."""

LONGEST = 200
"""Characters of what it heard that the stand-in repeats."""

_TOKEN = re.compile(r"\s*\S+|\s+$")
_LOGPROB = -0.25


def tokens_of(text: str) -> list[str]:
    """Cut a text into tokens; joined they are the text."""
    return _TOKEN.findall(text)


def text_of(content: Any) -> str:
    """Give the text of a message: the content itself, or that of its parts, with a word for each other part."""
    if content is None or isinstance(content, str):
        return content or ""
    return " ".join(part.get("text") or part.get("refusal") or f"[{part['type']}]" for part in content)


def retold(heard: str, index: int = 0, who: str = "I heard") -> str:
    """Give what the stand-in says in its answer of that index."""
    return f"{who}: {heard}" if index == 0 else f"{who}, answer {index + 1}: {heard}"


def digest_of(body: Mapping[str, Any]) -> str:
    """Give 24 characters that are the same for the same request."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:24]


def cut(said: str, stop: str | Sequence[str] | None, most: int | None) -> tuple[str, str]:
    """Cut a text before any of some texts, and after so many tokens; give it, and why it ends."""
    for ending in [stop] if isinstance(stop, str) else stop or ():
        said = said.partition(ending)[0] if ending else said
    tokens = tokens_of(said)
    return (said, "stop") if most is None or len(tokens) <= most else ("".join(tokens[:most]), "length")


def logprobs_of(text: str, top: int) -> dict[str, Any]:
    """Give made-up probabilities for each token of a text."""
    return {"content": [_logprob(token, top) for token in tokens_of(text)], "refusal": None}


def _logprob(token: str, top: int) -> dict[str, Any]:
    others = [_likely(token if rank == 0 else f"{token}{rank}", _LOGPROB - rank) for rank in range(top)]
    return {**_likely(token, _LOGPROB), "top_logprobs": others}


def _likely(token: str, logprob: float) -> dict[str, Any]:
    return {"token": token, "logprob": logprob, "bytes": list(token.encode())}
