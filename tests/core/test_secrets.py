import base64
import copy
import html
import json
import logging
import pickle
import re
import traceback
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import attrs
import pytest
from attrs import frozen
from hypothesis import assume, example, given
from hypothesis import strategies as st

from jackfield._spellings import spellings
from jackfield.fields import FromText
from jackfield.secrets import MASK, Redactor, Secret

CANARY = 'sk-canary/"Ä+&= 4711'


@frozen(kw_only=True)
class Account:
    user: str
    api_key: Secret


SHOWN: dict[str, Callable[[Secret], object]] = {
    "str": str,
    "repr": repr,
    "f-string": lambda secret: f"{secret}",
    "f-string with repr": lambda secret: f"{secret!r:>40}",
    "f-string with format": lambda secret: f"{secret:>40}",
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031  old code does this
    "format": "{0} {0!r}".format,
    "in a list": lambda secret: str([secret]),
    "in an attrs class": lambda secret: str(Account(user="u", api_key=secret)),
    "in asdict": lambda secret: str(attrs.asdict(Account(user="u", api_key=secret))),
    "in astuple": lambda secret: repr(attrs.astuple(Account(user="u", api_key=secret))),
    "in an error": lambda secret: "".join(traceback.format_exception(ValueError(secret))),
    "in JSON with default=str": lambda secret: json.dumps({"key": secret}, default=str),
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
def test_a_secret_shows_its_mask(show: Callable[[Secret], object]) -> None:
    """However it is printed, no character of it is seen."""
    shown = show(Secret(CANARY))

    assert MASK in str(shown)
    assert "canary" not in str(shown)


REFUSED: dict[str, Callable[[Secret], object]] = {
    "pickle": pickle.dumps,
    "pickle inside a class": lambda secret: pickle.dumps(Account(user="u", api_key=secret)),
    "json": json.dumps,
    "hash": hash,
    "hash inside a class": lambda secret: hash(Account(user="u", api_key=secret)),
    "len": len,  # type: ignore[dict-item]
    "vars": vars,
    "state": lambda secret: secret.__getstate__(),
    "added to a text": lambda secret: "Bearer " + secret,  # type: ignore[operator]
}


@pytest.mark.parametrize("use", REFUSED.values(), ids=REFUSED)
def test_a_secret_refuses_to_leave(use: Callable[[Secret], object]) -> None:
    """What would keep it, count it or spell it is an error that does not name it."""
    with pytest.raises(TypeError) as caught:
        use(Secret(CANARY))

    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_a_secret_is_masked_in_a_log(caplog: pytest.LogCaptureFixture) -> None:
    """As an argument of a record, too."""
    with caplog.at_level(logging.INFO):
        logging.getLogger(__name__).info("the key is %s, or %r", Secret(CANARY), Secret(CANARY))

    assert caplog.messages == ["the key is ***, or Secret('***')"]


def test_a_secret_gives_its_text_only_when_asked() -> None:
    """There is one way."""
    assert Secret(CANARY).reveal() == CANARY


def test_a_secret_holds_exactly_text() -> None:
    """A subclass of str might print itself in ways of its own."""
    assert type(Secret(FromText("abcd")).reveal()) is str
    with pytest.raises(TypeError):
        Secret(4711)  # type: ignore[arg-type]


def test_secrets_compare_with_secrets_alone() -> None:
    """A plain text is never equal, so a comparison cannot be used to guess."""
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != Secret(CANARY + "x")
    assert Secret(CANARY) != CANARY
    assert Secret("\ud800") == Secret("\ud800")
    assert Secret("\ud800") != Secret("?")


def test_an_empty_secret_is_false() -> None:
    """So "is a key set" reads as it should."""
    assert not Secret("")
    assert Secret("x")


def test_a_copy_of_a_secret_is_the_secret() -> None:
    """Whoever copies a form does not trip over it."""
    account = Account(user="u", api_key=Secret(CANARY))

    assert copy.copy(account.api_key) is account.api_key
    assert copy.deepcopy(account).api_key is account.api_key
    assert attrs.evolve(account, user="v").api_key is account.api_key


def _php_json(text: str) -> str:
    return json.dumps(text)[1:-1].replace("/", "\\/")


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON with letters as they are": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON inside JSON": lambda text: json.dumps(json.dumps({"a": text})),
    "JSON with escaped slashes": _php_json,
    "URL path": quote,
    "URL segment": lambda text: quote(text, safe=""),
    "query": quote_plus,
    "query in small letters": lambda text: re.sub("%..", lambda code: code[0].lower(), quote_plus(text)),
    "repr": repr,
    "HTML": html.escape,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "Basic": lambda text: "Basic " + base64.b64encode(f"user:{text}".encode()).decode(),
    "Basic with another user": lambda text: "Basic " + base64.b64encode(f"user1:{text}".encode()).decode(),
    "Basic with a third user": lambda text: "Basic " + base64.b64encode(f"user12:{text}".encode()).decode(),
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_the_redactor_finds_a_secret_however_it_is_spelt(spell: Callable[[str], str]) -> None:
    """In a log line, a URL, a header, a page or a JSON text."""
    text = spell(CANARY)

    masked = Redactor([Secret(CANARY)]).mask(f"before {text} after")

    assert MASK in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert "canary" not in masked
    assert "4711" not in masked
    assert text not in masked


SECRETS = st.text(min_size=4, max_size=40)
"""Of any characters."""


@given(secret=SECRETS, before=st.text(max_size=9), after=st.text(max_size=9))
@example(secret="aaaa", before="", after="a")
def test_no_spelling_is_left(secret: str, before: str, after: str) -> None:
    """Whatever the secret is, and wherever it stands."""
    assume("*" not in secret)  # the mask itself would spell it
    redactor = Redactor([Secret(secret)])

    for spell in (str, quote, quote_plus, html.escape, lambda text: json.dumps(text)[1:-1]):
        assert spell(secret) not in redactor.mask(before + spell(secret) + after)


@given(secret=SECRETS, before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_no_base64_is_left(secret: str, before: bytes, after: bytes) -> None:
    """At each of the three offsets at which it may start inside something longer."""
    assume("*" not in secret)
    raw = secret.encode()
    text = base64.b64encode(before + raw + after).decode()
    first, last = -(-len(before) * 4 // 3), len(before + raw) * 4 // 3

    masked = Redactor([Secret(secret)]).mask(text)

    assert text[first:last] not in masked


def test_the_redactor_masks_keys_and_values_of_json() -> None:
    """The value that was given stays as it is."""
    value = {"a": [f"Bearer {CANARY}", 1, None, True], CANARY: {"b": CANARY}}

    masked = Redactor([Secret(CANARY)]).mask_json(value)

    assert masked == {"a": ["Bearer ***", 1, None, True], "***": {"b": "***"}}
    assert CANARY in value


def test_short_secrets_are_not_searched_for() -> None:
    """A key of one letter would mask half of every message."""
    assert Redactor([Secret("a"), Secret("")]).mask("a banana") == "a banana"


def test_a_redactor_without_secrets_changes_nothing() -> None:
    """It is what a module without a connection has."""
    assert Redactor().mask("a banana") == "a banana"


def test_the_longest_spelling_is_masked_as_one() -> None:
    """A secret that begins with another one leaves no tail."""
    assert Redactor([Secret("abcd"), Secret("abcd-efgh")]).mask("x abcd-efgh y") == "x *** y"


def test_a_redactor_does_not_show_what_it_masks() -> None:
    """Neither printed nor pickled."""
    redactor = Redactor([Secret(CANARY)])
    redactor.mask("something")

    assert "canary" not in repr(redactor)
    with pytest.raises(TypeError):
        pickle.dumps(redactor)


@given(st.text(min_size=4, max_size=12))
def test_no_spelling_is_shorter_than_the_secret(value: str) -> None:
    """So that a text that is shorter need not be searched."""
    assert min(map(len, spellings(value))) >= len(value)
