"""Each hook at work from outside: what the policy hides, filters, lowers, brings, caches, refuses and records."""

import json
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import pytest
from attrs import frozen

from jackfield import (
    Choice,
    ConnectionType,
    Context,
    Effect,
    Host,
    InputError,
    Integer,
    InvalidInputError,
    Number,
    Password,
    RefusedByPolicyError,
    Secret,
    Select,
    UnknownModuleError,
    header,
    module,
)
from jackfield.testing import Replay
from jackfield_policy import Policy, Rules, plugin, read_rules

CANARY = "canary-0815-key"


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password(label="API key")]


account = ConnectionType(
    label="Press", form=Account, origin="https://press.example", authorize=header("X-Key", "{api_key}"), check="/status"
)


def papers(context: Context) -> list[Choice]:
    """Ask which papers there are."""
    return [Choice(value=name) for name in context.client.get("/papers")]


@frozen(kw_only=True)
class Order:
    paper: Annotated[str, Select(label="Paper", choices=papers)]
    copies: Annotated[int | None, Integer(label="Copies", minimum=1, maximum=1000)] = None
    share: Annotated[float | None, Number(label="Share")] = None


@frozen(kw_only=True)
class Receipt:
    number: int


@module(label="Read the Price", connection=account, effect=Effect.READ)
def read_price(form: Order, context: Context) -> Receipt:
    """Ask for the price."""
    return context.client.get("/price", params=form, into=Receipt)


@module(label="Print", connection=account, effect=Effect.UNSAFE)
def print_paper(form: Order, context: Context) -> Receipt:
    """Print it."""
    return context.client.post("/print", json=form, into=Receipt)


MODULES = {"press.read_price": read_price, "press.print_paper": print_paper}
KEY = {"api_key": CANARY}


@pytest.fixture
def replay() -> Replay:
    """Give a service that answers from memory."""
    return Replay()


def host_with(replay: Replay, **rules: object) -> Host:
    """Make a host with a policy."""
    return Host(plugins=[Policy(Rules(**rules)), replay], modules=MODULES, discover=False)  # type: ignore[arg-type]


def run(host: Host, module_id: str = "press.read_price", **form: object) -> Mapping[str, object]:
    """Run a module on a paper."""
    return host.run(module_id, {"paper": "Times", **form}, connection=KEY).bundle


@pytest.mark.parametrize("rules", [{"deny_modules": ["*.print_*"]}, {"allow_modules": ["press.read_*"]}])
def test_a_hidden_module_does_not_exist(replay: Replay, rules: dict[str, object]) -> None:
    """It is not listed, and cannot be run by its id or by its declaration."""
    with host_with(replay, **rules) as host:
        assert [handle.id for handle in host.modules()] == ["press.read_price"]
        with pytest.raises(UnknownModuleError):
            run(host, "press.print_paper")
        with pytest.raises(UnknownModuleError):
            host.run(print_paper, Order(paper="Times"), connection=KEY)
    assert replay.requests == []


def test_a_module_that_nobody_lists_may_not_send(replay: Replay) -> None:
    """A declaration that is in no list is no way around the rules; asking whether a connection works is no run."""
    replay.reply({"data": []})

    with Host(plugins=[Policy(Rules(allow_modules=["press.*"])), replay]) as host:
        with pytest.raises(RefusedByPolicyError, match="does not allow"):
            host.run(read_price, Order(paper="Times"), connection=KEY)
        assert host.check_connection("openai.openai", KEY).label.endswith("(under policy)")

    assert len(replay.requests) == 1


def test_denied_choices_are_neither_offered_nor_accepted(replay: Replay) -> None:
    """The list is a help; who types the value is stopped too."""
    replay.reply(["Times", "Sun-preview", "Sun"])

    with host_with(replay, deny_choices={"press.*:paper": ["*-preview"]}) as host:
        offered = host.choices("press.read_price", "paper", connection=KEY)
        with pytest.raises(RefusedByPolicyError, match=r"\$\.paper"):
            run(host, paper="Sun-preview")

    assert [choice.value for choice in offered] == ["Times", "Sun"]
    assert len(replay.requests) == 1


def test_lowered_bounds_are_shown_exported_and_checked(replay: Replay) -> None:
    """What is narrowed is still data."""
    replay.reply({"number": 1})

    with host_with(replay, maximums={"press.*:copies": 5}) as host:
        schema = host.module("press.read_price").schema()
        with pytest.raises(InvalidInputError, match=r"\$\.copies: must be at most 5, was 6"):
            run(host, copies=6)
        with pytest.raises(InvalidInputError, match=r"\$\.copies"):
            host.run(read_price, Order(paper="Times", copies=6), connection=KEY)
        run(host, copies=5)

    assert schema["properties"]["copies"]["maximum"] == 5
    assert len(replay.requests) == 1


def test_reads_are_answered_from_the_cache_and_nothing_else_is(replay: Replay) -> None:
    """The same input and the same key within the time; another input, key or effect goes out."""
    for number in range(1, 6):
        replay.reply({"number": number})

    with host_with(replay, cache_s=60) as host:
        same = [run(host)["number"], run(host)["number"]]
        other_input = run(host, copies=2)["number"]
        other_key = host.run(read_price, {"paper": "Times"}, connection={"api_key": "another"}).output.number
        unsafe = [run(host, "press.print_paper")["number"] for _ in range(2)]

    assert (same, other_input, other_key, unsafe) == ([1, 1], 2, 3, [4, 5])


def test_what_one_caller_changes_no_other_gets(replay: Replay) -> None:
    """Bundles are plain objects that anybody may change; the cache keeps its own."""
    replay.reply({"number": 1})

    with host_with(replay, cache_s=60) as host:
        for _ in range(3):
            bundle = run(host)
            assert bundle == {"number": 1}
            assert isinstance(bundle, dict)
            bundle["number"] = 666


def test_a_stream_is_not_answered_from_the_cache(replay: Replay) -> None:
    """The cache has a result, and no pieces."""
    replay.reply({"number": 1})
    replay.reply({"number": 2})

    with host_with(replay, cache_s=60) as host:
        run(host)
        with host.stream(read_price, {"paper": "Times"}, connection=KEY) as stream:
            streamed = stream.result.bundle

    assert streamed == {"number": 2}


def test_a_confidential_run_is_neither_kept_nor_answered_from_the_cache(replay: Replay) -> None:
    """What was cached before stays for others, and nobody gets what was confidential."""
    for number in (1, 2, 3):
        replay.reply({"number": number})
    with host_with(replay, cache_s=60) as host:
        numbers = [
            host.run(read_price, {"paper": "Times"}, connection=KEY, confidential=confidential).output.number
            for confidential in (True, False, True, False)
        ]

    assert numbers == [1, 2, 3, 2]


def test_the_cache_forgets_the_oldest(replay: Replay) -> None:
    """It holds no more than it may."""
    for number in range(3):
        replay.reply({"number": number})

    with host_with(replay, cache_s=60, cache_items=1) as host:
        numbers = [run(host, copies=copies)["number"] for copies in (1, 2, 2, 1)]

    assert numbers == [0, 1, 1, 2]


def test_a_connection_can_come_from_a_folder(replay: Replay, tmp_path: Path) -> None:
    """A host's own place for credentials is asked before the environment; names cannot leave the folder."""
    folder = tmp_path / "connections"
    folder.mkdir()
    (folder / "press.json").write_text(json.dumps(KEY), "utf-8")
    (tmp_path / "outside.json").write_text(json.dumps(KEY), "utf-8")
    (folder / "torn.json").write_text("{", "utf-8")
    replay.reply({"number": 1})

    with host_with(replay, connections=str(folder)) as host:
        result = host.run("press.read_price", {"paper": "Times"}, connection="press")
        with pytest.raises(Exception, match="no connection"):
            host.run("press.read_price", {"paper": "Times"}, connection="../outside")
        with pytest.raises(InputError, match="cannot be read"):
            host.run("press.read_price", {"paper": "Times"}, connection="torn")

    assert result.output.number == 1


def test_a_header_is_added_to_every_request(replay: Replay) -> None:
    """It comes after the credential, as the preview shows."""
    with host_with(replay, header=["X-Team", "search"]) as host:
        preview = host.run("press.read_price", {"paper": "Times"}, connection=KEY, dry_run=True)

    headers = preview.requests[0].headers
    assert (headers["X-Key"], headers["X-Team"]) == ("***", "search")


@pytest.mark.parametrize(("rules", "ending"), [({"cache_s": 1}, " (under policy)"), ({}, "(1 models)")])
def test_a_check_says_that_a_policy_applies(replay: Replay, rules: dict[str, object], ending: str) -> None:
    """The label of the account is wrapped, if there are rules at all."""
    replay.reply({"object": "list", "data": [{"id": "m"}]})

    with Host(plugins=[Policy(Rules(**rules)), replay]) as host:  # type: ignore[arg-type]
        checked = host.check_connection("openai.openai", KEY)

    assert checked.label.endswith(ending)
    assert checked.view.secrets == {"api_key": True}


def test_events_are_appended_to_a_file_without_a_secret(replay: Replay, tmp_path: Path) -> None:
    """One line of JSON each."""
    path = tmp_path / "events.jsonl"
    replay.reply({"number": 1})

    with host_with(replay, events=str(path)) as host:
        run(host, paper="Secret Times")

    text = path.read_text("utf-8")
    events = [json.loads(line) for line in text.splitlines()]
    assert [event["event"] for event in events] == ["OperationStarted", "AttemptStarted", "OperationFinished"]
    assert events[0]["purpose"] == "run"
    assert CANARY not in text
    assert "Secret Times" not in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read: not JSON at line 1, column 2: Expecting property name"),
        ("[]", "must be a JSON object"),
        ('{"deny_module": []}', "no other names than"),
        ('{"deny_modules": "openai.*"}', "wrong kind"),
        ('{"cache_s": -1}', "wrong kind"),
        ('{"header": ["X-Team"]}', "wrong kind"),
        ('{"header": ["Authorization", "Bearer x"]}', "no header that carries a credential"),
    ],
    ids=["torn", "list", "misspelt", "text for list", "negative", "half a header", "credential"],
)
def test_a_policy_that_cannot_be_read_allows_nothing(tmp_path: Path, text: str, said: str) -> None:
    """The error names the file and what it must say."""
    path = tmp_path / "policy.json"
    path.write_text(text, "utf-8")

    with pytest.raises(InputError, match=said) as refused:
        read_rules(path)

    assert str(path) in str(refused.value)


def test_the_installed_plugin_reads_the_file_that_the_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the variable it does nothing; with it, its rules hold for every host of the process."""
    path = tmp_path / "policy.json"
    path.write_text('{"deny_modules": ["openai.*"]}', "utf-8")
    monkeypatch.setenv("JACKFIELD_POLICY", str(path))

    assert Policy().hide_modules(["openai.get_models", "press.read_price"]) == ["openai.get_models"]
    monkeypatch.delenv("JACKFIELD_POLICY")
    assert Policy().hide_modules(["openai.get_models"]) == []
    (entry,) = entry_points(group="jackfield.plugins", name="policy")
    assert entry.load() is plugin
