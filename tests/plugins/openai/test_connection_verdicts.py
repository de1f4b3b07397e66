"""What a check of the OpenAI connection finds, in one word, over real HTTP against the stand-in."""

import pickle
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from jackfield import Host, HttpSettings, InputError, Tier, Verdict, to_json
from jackfield_openai.sandbox import Sandbox

TYPE = "openai.openai"
OFFLINE, REACHABLE, AUTHENTICATED, AUTHORIZED = Tier


@pytest.fixture
def checking() -> Iterator[Host]:
    """A host with the connector as it is installed, which repeats nothing."""
    with Host(environ={}, settings=HttpSettings(max_attempts=1)) as host:
        yield host


ORDERS: Mapping[str, tuple[str, Verdict, tuple[Tier, ...]]] = {
    "all is well": ("", Verdict.WORKS, (OFFLINE, REACHABLE, AUTHENTICATED, AUTHORIZED)),
    "a wrong key": ("status=401; code=invalid_api_key", Verdict.BAD_KEY, (OFFLINE, REACHABLE)),
    "another organization's key": (
        "status=401; code=mismatched_organization",
        Verdict.WRONG_ORGANIZATION,
        (OFFLINE, REACHABLE),
    ),
    "another project's key": ("status=401; code=mismatched_project", Verdict.WRONG_ORGANIZATION, (OFFLINE, REACHABLE)),
    "no permission": ("status=403", Verdict.NO_PERMISSION, (OFFLINE, REACHABLE, AUTHENTICATED)),
    "no quota": ("status=429; code=insufficient_quota", Verdict.NO_QUOTA, (OFFLINE, REACHABLE, AUTHENTICATED)),
    "too many requests": ("status=429; code=rate_limit_exceeded", Verdict.BUSY, (OFFLINE, REACHABLE)),
    "a failing service": ("status=503", Verdict.BUSY, (OFFLINE, REACHABLE)),
    "a page of a website": ("html", Verdict.OTHER_SERVICE, (OFFLINE, REACHABLE)),
    "an empty answer": ("empty", Verdict.OTHER_SERVICE, (OFFLINE, REACHABLE)),
    "another refusal": ("status=400", Verdict.REFUSED, (OFFLINE, REACHABLE)),
    "no such path": ("status=404", Verdict.WRONG_BASE_URL, (OFFLINE, REACHABLE)),
}


@pytest.mark.parametrize("what", ORDERS)
def test_each_reason_has_a_word_and_says_how_far_it_came(
    checking: Host, account: Callable[..., dict[str, object]], what: str
) -> None:
    """As data, with the error that tells the remedy; never "invalid key" for whatever went wrong."""
    orders, verdict, passed = ORDERS[what]

    found = checking.diagnose_connection(TYPE, account(orders))

    assert (found.verdict, found.passed) == (verdict, passed)
    assert (found.error is None) == (verdict is Verdict.WORKS)
    assert found.view.secrets == {"api_key": True}
    assert found.error is None or found.error.hint or verdict is Verdict.REFUSED
    assert "sk-canary" not in f"{found}{to_json(found.view)}"


def test_the_account_has_a_label(checking: Host, account: Callable[..., dict[str, object]]) -> None:
    """The organization that the service names, and what it offers."""
    found = checking.diagnose_connection(TYPE, account(organization_id="org-mine"))

    assert found.label.startswith("org-mine (")


PLACES: Mapping[str, tuple[Callable[[Sandbox, int], str], Verdict, tuple[Tier, ...]]] = {
    "nobody listens": (lambda _, port: f"http://127.0.0.1:{port}", Verdict.UNREACHABLE, (OFFLINE,)),
    "no such name": (lambda _, __: "http://no-such-host.invalid", Verdict.UNREACHABLE, (OFFLINE,)),
    "a server without TLS": (lambda at, _: at.url.replace("http:", "https:"), Verdict.TLS, (OFFLINE,)),
    "a wrong path": (lambda at, _: f"{at.url.removesuffix('/v1')}/api", Verdict.WRONG_BASE_URL, (OFFLINE, REACHABLE)),
}


@pytest.mark.parametrize("what", PLACES)
def test_an_address_that_is_wrong_is_told_from_a_wrong_key(
    checking: Host, sandbox: Sandbox, unused_port: int, what: str
) -> None:
    """By what is wrong with it."""
    place, verdict, passed = PLACES[what]
    connection = {"api_key": "sk-canary", "base_url": place(sandbox, unused_port)}

    found = checking.diagnose_connection(TYPE, connection, deadline_s=20)

    assert (found.verdict, found.passed) == (verdict, passed)


def test_a_server_that_takes_too_long_is_unreachable(checking: Host, account: Callable[..., dict[str, object]]) -> None:
    """The error says that it was the time."""
    found = checking.diagnose_connection(TYPE, account("delay=30"), deadline_s=0.3)

    assert found.verdict is Verdict.UNREACHABLE
    assert type(found.error).__name__ == "DeadlineError"


@pytest.mark.parametrize("values", [{}, {"api_key": "sk-\n"}, {"api_key": "k", "base_url": "ftp://x"}, "nobody"])
def test_what_is_wrong_with_the_values_is_found_without_sending(checking: Host, values: Any) -> None:
    """No tier is passed; the problems are in the error."""
    found = checking.diagnose_connection(TYPE, values)

    assert (found.verdict, found.passed) == (Verdict.INVALID, ())
    assert found.error is not None


def test_a_check_of_the_values_alone_sends_nothing(checking: Host, sandbox: Sandbox, unused_port: int) -> None:
    """It is unproven whether the connection works, and said so."""
    connection = {"api_key": "sk-canary", "base_url": f"http://127.0.0.1:{unused_port}"}

    found = checking.diagnose_connection(TYPE, connection, offline=True)

    assert (found.verdict, found.passed, found.error) == (Verdict.UNPROVEN, (OFFLINE,), None)
    assert found.view.base_url == f"http://127.0.0.1:{unused_port}/v1"


def test_an_unknown_type_is_no_finding(checking: Host) -> None:
    """It says nothing of a connection."""
    with pytest.raises(InputError, match="no connection type"):
        checking.diagnose_connection("openai.opnai", {})


def test_a_verdict_crosses_into_another_process(checking: Host, account: Callable[..., dict[str, object]]) -> None:
    """With the error that told it."""
    found = checking.diagnose_connection(TYPE, account("status=401; code=mismatched_organization"))

    error = pickle.loads(pickle.dumps(found.error))  # noqa: S301  our own

    assert error.verdict == Verdict.WRONG_ORGANIZATION
