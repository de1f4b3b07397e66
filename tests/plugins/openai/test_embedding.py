"""Texts become vectors: in their order, without loss, and never fewer or more than were asked for."""

import base64
import json
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jackfield import AnswerError, Budget, BudgetError, Host, InvalidInputError, Usage
from jackfield.testing import Replay
from jackfield_openai.embedding import create_embedding

MODULE = "openai.create_embedding"
KEY = {"api_key": "k"}


def _entry(index: int | None, *vector: float) -> dict[str, Any]:
    return {"embedding": [*vector], **({} if index is None else {"index": index})}


def _run(host: Host, replay: Replay, given: object, *entries: dict[str, Any], **form: object) -> Any:
    replay.reply({"object": "list", "data": [*entries], "model": "m-1", "usage": {"prompt_tokens": 3, "new": 1}})
    return host.run(MODULE, {"model": "m", "input": given, **form}, connection=KEY)


def _base64(*numbers: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def test_vectors_stand_in_the_order_of_the_texts(host: Host, replay: Replay) -> None:
    """Whatever order the service sends them in; what it says beside them is kept."""
    result = _run(host, replay, ["a", "b"], {**_entry(1, 0.5), "new": 1}, _entry(0, 0.25))

    assert result.bundle == {
        "result": [0.25],
        "data": [{"index": 0, "embedding": [0.25]}, {"index": 1, "embedding": [0.5], "new": 1}],
        "model": "m-1",
        "object": "list",
        "usage": {"prompt_tokens": 3, "new": 1},
    }
    assert result.usage == Usage(model="m-1", input_tokens=3)


def test_servers_without_an_index_are_taken_at_their_order(host: Host, replay: Replay) -> None:
    """As some are that speak the API almost."""
    result = _run(host, replay, ["a", "b"], _entry(None, 0.5), _entry(None, 0.25))

    assert [one.embedding for one in result.output.data] == [(0.5,), (0.25,)]


@settings(max_examples=20)
@given(numbers=st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=4))
def test_base64_loses_nothing(numbers: list[float]) -> None:
    """Each 32-bit number is the same number afterwards."""
    replay = Replay()
    with Host(plugins=[replay], modules={MODULE: create_embedding}, discover=False, environ={}) as host:
        result = _run(host, replay, "a", {"index": 0, "embedding": _base64(*numbers)}, encoding_format="base64")

    assert result.output.result == tuple(numbers)
    assert struct.pack(f"<{len(numbers)}f", *result.bundle["result"]) == struct.pack(f"<{len(numbers)}f", *numbers)


@pytest.mark.parametrize(
    ("given", "count"),
    [("a", 1), (["a"], 1), (["a", "b"], 2), ([1, 2, 3], 1), ([[1, 2], [3]], 2)],
    ids=["a text", "a list of one", "two texts", "tokens of one text", "tokens of two"],
)
def test_as_many_vectors_as_texts(host: Host, replay: Replay, given: object, count: int) -> None:
    """A vector too many or too few would belong to another text."""
    result = _run(host, replay, given, *(_entry(index, 0.5) for index in range(count)))

    assert len(result.output.data) == count
    with pytest.raises(AnswerError, match=rf"\$\.data: must have one vector for each of {count} texts, and has 3"):
        _run(host, replay, given, *(_entry(index, 0.5) for index in range(3)))


@pytest.mark.parametrize(
    ("entries", "place"),
    [
        ([_entry(0, 0.5), _entry(0, 0.5)], r"\$\.data: must have each index from 0 to 1 once"),
        ([_entry(0, 0.5), _entry(7, 0.5)], r"\$\.data: must have each index"),
        ([_entry(0, 0.5), _entry(1, 0.5, 0.25)], r"\$\.data: must have vectors of one length"),
        ([_entry(0, 0.5), _entry(1)], r"\$\.data\[1\]\.embedding: must be a vector"),
        ([_entry(0, 0.5), {"embedding": "AAA"}], r"\$\.data\[1\]\.embedding: must be a vector"),
        ([_entry(0, 0.5), {"embedding": "AAAA"}], r"\$\.data\[1\]\.embedding: must be a vector"),
        ([_entry(0, 0.5), {"embedding": _base64(float("inf"))}], r"\$\.data\[1\]\.embedding: must be a vector"),
        ([_entry(0, 0.5), {"index": 1}], r"\$\.data\[1\]\.embedding"),
    ],
    ids=["twice", "beyond", "lengths", "empty", "no base64", "no numbers", "endless", "missing"],
)
def test_a_wrong_answer_is_an_error(host: Host, replay: Replay, entries: list[Any], place: str) -> None:
    """It says where."""
    with pytest.raises(AnswerError, match=place):
        _run(host, replay, ["a", "b"], *entries)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("", r"\$\.input"),
        ([], r"\$\.input"),
        (["a", ""], r"\$\.input\[1\]"),
        (["a"] * 2049, r"\$\.input"),
        (["a", 1], r"\$\.input: must be all texts, all tokens, or all lists of tokens"),
        ([1, [2]], r"\$\.input: must be all texts"),
        ([[]], r"\$\.input\[0\]"),
        ([-1], r"\$\.input\[0\]"),
    ],
    ids=["empty", "none", "one empty", "too many", "mixed", "mixed tokens", "no tokens", "no token"],
)
def test_what_cannot_be_placed_is_not_sent(host: Host, replay: Replay, given: object, place: str) -> None:
    """Each text has something in it, there are at most 2048, and they are all of one kind."""
    with pytest.raises(InvalidInputError, match=place):
        _run(host, replay, given)

    assert replay.requests == []


def test_a_server_that_ignores_dimensions_is_told(host: Host, replay: Replay) -> None:
    """An index made for the wrong length would be of no use."""
    assert _run(host, replay, "a", _entry(0, 0.5, 0.25), dimensions=2).warnings == ()
    assert _run(host, replay, "a", _entry(0, 0.5), dimensions=2).warnings == (
        "$.dimensions: 2 were asked for, and the vectors have 1.",
    )


def test_a_budget_knows_the_most_before_anything_is_sent(replay: Replay) -> None:
    """A text has at most as many tokens as bytes."""
    modules = {MODULE: create_embedding}
    with Host(plugins=[replay, Budget(tokens=1000)], modules=modules, discover=False, environ={}) as host:
        _run(host, replay, "a" * 100, _entry(0, 0.5))
        with pytest.raises(BudgetError):
            _run(host, replay, "a" * 1000, _entry(0, 0.5))

    assert len(replay.requests) == 1


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_the_stand_in_places_alike_what_is_alike(net_host: Host, account: Callable[..., Any], encoding: str) -> None:
    """The same vectors in either encoding, of the length 1, nearer where words are shared."""
    form = {"model": "m", "input": ["a red fox", "the red fox", "quantum theory"], "dimensions": 64}

    result = net_host.run(MODULE, {**form, "encoding_format": encoding}, connection=account())
    plain = net_host.run(MODULE, form, connection=account())

    fox, other, theory = (one.embedding for one in result.output.data)
    near, far = (sum(x * y for x, y in zip(fox, there, strict=True)) for there in (other, theory))
    assert result.output.data == plain.output.data
    assert sum(x * x for x in fox) == pytest.approx(1)
    assert near > far
    assert result.usage == Usage(model="m", input_tokens=8, total_tokens=8)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"model": "m", "input": ""}, "input"),
        ({"model": "m", "input": ["a", 1]}, "input"),
        ({"model": "m", "input": [[]]}, "input[0]"),
        ({"model": "m", "input": "w " * 8193}, "input"),
        ({"model": "m", "input": "a", "dimensions": 3073}, "dimensions"),
        ({"model": "text-embedding-ada-002", "input": "a", "dimensions": 2}, "dimensions"),
        ({"model": "m", "input": "a", "encoding_format": "hex"}, "encoding_format"),
        ({"model": "m", "input": "a", "stream": True}, "stream"),
    ],
)
def test_the_stand_in_refuses_what_openai_refuses(ask: Callable[..., Any], body: object, param: str) -> None:
    """Empty texts, mixed ones, too long ones, and what the model cannot do."""
    response, said = ask("POST", "/v1/embeddings", body)

    assert response.status == 400
    assert json.loads(said)["error"]["param"] == param
