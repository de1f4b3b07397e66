from typing import Any

import pytest

from jackfield import Host, HttpSettings, LimitError
from jackfield.testing import Replay

FORM = {"model": "some-model", "messages": [{"role": "user", "content": "Hello"}]}
ACCOUNT = {"api_key": "k", "base_url": "http://localhost:1/v1"}


def streamed(size: int, *, confidential: bool) -> str:
    """Stream a chat from a server that answers as a whole, with a text of a size; give the text."""
    choice: dict[str, Any] = {"index": 0, "message": {"role": "assistant", "content": "x" * size}}
    replay = Replay()
    replay.reply({"id": "a", "choices": [{**choice, "finish_reason": "stop"}]})
    with Host(plugins=[replay], environ={}, settings=HttpSettings(max_confidential_bytes=1000)) as host:
        stream = host.stream("openai.create_chat_completion", FORM, connection=ACCOUNT, confidential=confidential)
        return "".join(piece.text or "" for piece in stream)


def test_a_confidential_answer_that_does_not_stream_is_held_in_memory() -> None:
    """Up to the limit for that; one that is not confidential may be larger, and wait in a file."""
    assert streamed(100, confidential=True) == "x" * 100
    assert streamed(2000, confidential=False) == "x" * 2000
    with pytest.raises(LimitError) as caught:
        streamed(2000, confidential=True)

    assert caught.value.limit == "max_confidential_bytes"
