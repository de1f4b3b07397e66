import io
import json
import pickle
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

import pytest
from attrs import field, frozen

from jackfield import AnswerError, FromText, InvalidInputError, Password, Secret, Select, Text, Url, from_text
from jackfield._engine.conversion import check_output, dump, load_form, load_output

CANARY = "sk-canary-4711"


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password(min_length=4)]
    other_key: Secret | None = None
    organization: Annotated[str | None, Text(max_length=3)] = None
    base_url: Annotated[str | None, Url()] = None
    region: Literal["eu", "us"] = "eu"
    size: Annotated[int, Select(choices=[1, 2])] = 1
    keys: Sequence[Secret] = ()
    headers: Mapping[str, Annotated[str, Text(pattern="[a-z]+")]] = field(factory=dict)
    extra: object = None
    either: Sequence[float] | bool | None = None


def test_a_secret_is_taken_as_text_or_as_secret() -> None:
    """Empty is a value; typed text is text."""
    secret = Secret(CANARY)

    assert load_form(Account, {"api_key": CANARY}).api_key == secret
    assert load_form(Account, {"api_key": secret}).api_key is secret
    assert load_form(Account, {"api_key": FromText(CANARY)}).api_key == secret
    assert load_form(Account, {"api_key": CANARY, "other_key": ""}).other_key == Secret("")
    assert load_form(Account, {"api_key": CANARY, "keys": [CANARY, secret]}).keys == (secret, secret)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (4711, "must be text, was a number"),
        (True, "must be text, was true or false"),
        ([CANARY], "must be text, was a list of 1 item"),
        ("abc", "must have at least 4 characters"),
        (Secret("abc"), "must have at least 4 characters"),
    ],
    ids=["number", "switch", "list", "short text", "short secret"],
)
def test_nothing_of_a_wrong_secret_is_shown(value: object, message: str) -> None:
    """Not even a number, which may be a PIN, nor how long it is."""
    with pytest.raises(InvalidInputError) as caught:
        load_form(Account, {"api_key": value})

    assert str(caught.value) == f"$.api_key: {message}"


LEAKS: dict[str, object] = {
    "a wrong neighbor": {"api_key": CANARY, "size": "x"},
    "a wrong type": {"api_key": [CANARY]},
    "a number": {"api_key": 4711, "other_key": 4711},
    "text for a number": {"api_key": CANARY, "size": CANARY},
    "too long a text": {"api_key": CANARY, "organization": CANARY},
    "a URL": {"api_key": CANARY, "base_url": f"https://user:{CANARY}@example.com/"},
    "no URL": {"api_key": CANARY, "base_url": CANARY},
    "a choice": {"api_key": CANARY, "region": CANARY},
    "a header": {"api_key": CANARY, "headers": {"authorization": CANARY}},
    "a list": {"api_key": CANARY, "keys": CANARY},
    "any JSON": {"api_key": CANARY, "extra": {"a": [CANARY, {CANARY}]}},
    "a union": {"api_key": CANARY, "either": CANARY},
    "broken JSON": from_text({"api_key": CANARY, "headers": '{"a": "' + CANARY, "either": f"[{CANARY}"}),
    "a whole form as text": FromText('{"api_key": "' + CANARY),
    "an instance": Account(api_key=CANARY, region=CANARY, keys=(Secret(CANARY), CANARY)),  # type: ignore[arg-type]
}


def _everything_about(error: BaseException) -> str:
    """Gather what loggers, debuggers and worker processes make of an error, and of all that hangs on it."""
    seen: list[str] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None:
            seen += [str(each), repr(each), repr(each.args), repr(vars(each)), str(getattr(each, "__notes__", ""))]
            waiting += [each.__cause__, each.__context__]
    file = io.StringIO()
    traceback.print_exception(error, file=file)
    return "\n".join([*seen, file.getvalue(), repr(pickle.dumps(error))])


@pytest.mark.parametrize("value", LEAKS.values(), ids=LEAKS)
def test_no_error_of_a_form_holds_a_secret(value: object) -> None:
    """Not its text, not its pickle, not the errors that it was made of."""
    with pytest.raises(InvalidInputError) as caught:
        load_form(Account, value)

    told = _everything_about(caught.value)
    assert "$" in told
    assert "canary" not in told
    assert "4711" not in told


ANSWERS: dict[str, Callable[[], Any]] = {
    "a misshapen answer": lambda: load_output(Account, {"api_key": [CANARY], "size": CANARY, "region": CANARY}),
    "a misshapen object": lambda: check_output(Account, LEAKS["an instance"]),
    "no object": lambda: check_output(Account, CANARY),
}


@pytest.mark.parametrize("use", ANSWERS.values(), ids=ANSWERS)
def test_no_error_about_an_answer_holds_what_it_said(use: Callable[[], Any]) -> None:
    """A service may repeat a key."""
    with pytest.raises(AnswerError) as caught:
        use()

    assert "canary" not in _everything_about(caught.value)


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda form: form, "$.api_key"),
        (lambda form: {"a": [form.api_key]}, "$.a[0]"),
        (lambda form: form.api_key, "$"),
    ],
    ids=["form", "list", "alone"],
)
def test_a_secret_never_becomes_json(make: Callable[[Account], object], path: str) -> None:
    """The error names its place."""
    with pytest.raises(TypeError) as caught:
        dump(make(Account(api_key=Secret(CANARY))))

    assert str(caught.value).startswith(f"{path}: a Secret never becomes JSON")
    assert "canary" not in _everything_about(caught.value)


def test_a_form_with_a_secret_shows_everything_else() -> None:
    """In a log, the mask stands for it."""
    form = load_form(Account, {"api_key": CANARY, "organization": "org"})

    assert "organization='org'" in repr(form)
    assert "canary" not in repr(form)
    assert "canary" not in json.dumps(vars(Account), default=str)
