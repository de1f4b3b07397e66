"""Words as the stand-in counts them: one token is one word with the blanks before it."""

import re
from typing import Any

__all__ = ["logprobs_of", "text_of", "tokens_of"]

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


def logprobs_of(text: str, top: int) -> dict[str, Any]:
    """Give made-up probabilities for each token of a text."""
    return {"content": [_logprob(token, top) for token in tokens_of(text)], "refusal": None}


def _logprob(token: str, top: int) -> dict[str, Any]:
    others = [_likely(token if rank == 0 else f"{token}{rank}", _LOGPROB - rank) for rank in range(top)]
    return {**_likely(token, _LOGPROB), "top_logprobs": others}


def _likely(token: str, logprob: float) -> dict[str, Any]:
    return {"token": token, "logprob": logprob, "bytes": list(token.encode())}
