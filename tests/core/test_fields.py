import pickle

import attrs
import pytest

from jackfield import (
    Array,
    Boolean,
    Choice,
    Collection,
    Field,
    Integer,
    Json,
    KeyValue,
    Number,
    OneOf,
    Password,
    Rest,
    Select,
    Text,
    Url,
)

WORDS: list[type[Field]] = [
    Array,
    Boolean,
    Collection,
    Field,
    Integer,
    Json,
    KeyValue,
    Number,
    OneOf,
    Password,
    Rest,
    Select,
    Text,
    Url,
]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.__name__)
def test_words_are_values(word: type[Field]) -> None:
    """They compare by what they say, never change, and survive pickle."""
    said = word(label="Name", help="Yours.", advanced=True)

    assert said == word(label="Name", help="Yours.", advanced=True)
    assert said != word(label="Name")
    assert hash(said) == hash(word(label="Name", help="Yours.", advanced=True))
    assert repr(said).startswith(f"{word.__name__}(label='Name', help='Yours.'")
    assert attrs.evolve(said, unit="m").unit == "m"
    assert pickle.loads(pickle.dumps(said)) == said  # noqa: S301  our own bytes
    for name in ("label", "anything_else"):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(said, name, "x")


def test_two_words_are_never_equal() -> None:
    """Even if they say the same."""
    assert len({(word, word()) for word in WORDS}) == len(WORDS)
    assert all(one() != other() for one in WORDS for other in WORDS if one is not other)


def test_choices_may_be_written_as_values() -> None:
    """Each becomes a choice."""
    word = Select(choices=["a", Choice(value="b", label="B")])

    assert word.choices == (Choice(value="a"), Choice(value="b", label="B"))


def test_only_choices_that_are_asked_for_accept_others() -> None:
    """Unless the word says otherwise."""
    assert not Select(choices=["a"]).accepts_others
    assert Select(choices=["a"], free_text=True).accepts_others
    assert Select(choices=lambda _: []).accepts_others
    assert not Select(choices=lambda _: [], free_text=False).accepts_others
