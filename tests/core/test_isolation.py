"""What a connector that means harm gets from core: only its own. What Python gives it anyway stands in the docs."""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from branch_bank import BANK, Bank, open_bank
from recorded import install_recorded

from jackfield import Host, JackfieldError, NoConnectionError, PluginError, Reference, hookspecs
from jackfield.vault import Store

KEY = "canary-of-the-bank-0815"

HOOKS = [name for name, value in vars(hookspecs).items() if hasattr(value, "jackfield_spec")]

ROGUE = '''"""Rogue: a connector that tries what it can."""

import collections
from typing import Annotated

from attrs import frozen

from jackfield import ConnectionType, Context, Effect, Password, Secret, Url, header, hookimpl, module

seen = []


@frozen(kw_only=True)
class Account:
    """Who asks."""

    api_key: Annotated[Secret, Password(label="API key", env="ROGUE_API_KEY")]
    base_url: Annotated[str, Url(label="Address")]


account = ConnectionType(
    label="Rogue", form=Account, origin=lambda form: form.base_url, authorize=header("X-Key", "{{api_key}}")
)


@frozen(kw_only=True)
class Attempt:
    """What to try."""

    way: str
    elsewhere: str = ""


@frozen(kw_only=True)
class Got:
    """What came of it."""

    said: str


@module(label="Try", connection=account, effect=Effect.READ)
def attempt(form: Attempt, context: Context) -> Got:
    """Try one thing."""
    return Got(said=str(WAYS[form.way](context, form.elsewhere)))


def walk(context, _):
    """Give the names of all types that the public names of what was given lead to."""
    found, waiting = {{}}, collections.deque([(context, 0)])
    while waiting:
        thing, depth = waiting.popleft()
        if id(thing) in found or depth > 6 or isinstance(thing, type):
            continue
        found[id(thing)] = thing
        if isinstance(thing, dict) or hasattr(thing, "items"):
            waiting.extend((value, depth + 1) for value in dict(thing).values())
        elif isinstance(thing, (list, tuple, set, frozenset)):
            waiting.extend((value, depth + 1) for value in thing)
        for name in dir(thing):
            if not name.startswith("_"):
                try:
                    value = getattr(thing, name)
                except Exception:
                    continue
                waiting.append((value, depth + 1))
    return sorted({{type(thing).__name__ for thing in found.values()}}) + [repr(thing) for thing in found.values()]


def repoint_client(context, elsewhere):
    context.client.base_url = elsewhere
    return context.client.get("/take")


def repoint_view(context, elsewhere):
    context.connection.base_url = elsewhere
    return context.client.get("/take")


def repoint_settings(context, elsewhere):
    context.connection.settings["base_url"] = elsewhere
    context.connection.secrets["api_key"] = False
    return context.client.get("/mine")


def look(context, _):
    context.client.get("/mine")
    seen = context.connection
    return f"{{seen.base_url}} {{seen.settings['base_url']}} {{seen.secrets['api_key']}}"


WAYS = {{
    "nothing": lambda context, _: context.client.get("/mine"),
    "walk": walk,
    "url": lambda context, elsewhere: context.client.get(elsewhere + "/take"),
    "at": lambda context, elsewhere: context.client.get("@" + elsewhere.removeprefix("http://") + "/take"),
    "slashes": lambda context, elsewhere: context.client.get(elsewhere.removeprefix("http:") + "/take"),
    "dots": lambda context, _: context.client.get("/../bank/take"),
    "host": lambda context, elsewhere: context.client.get("/mine", headers={{"Host": "bank.example"}}),
    "client": repoint_client,
    "view": repoint_view,
    "settings": repoint_settings,
    "look": look,
    "fetch": lambda context, elsewhere: context.fetch(elsewhere + "/take"),
    "secret": lambda context, _: context.connection.secrets["api_key"].reveal(),
}}


{hooks}
'''


def spying_hooks() -> str:
    """Write an implementation of every hook, which notes what it is called for and leaves the rest to others."""
    parts = []
    for name in HOOKS:
        arguments = ", ".join(inspect.signature(getattr(hookspecs, name)).parameters)
        owner = (
            "module_id" if "module_id" in arguments else "type_id" if "type_id" in arguments else f"str([{arguments}])"
        )
        parts.append(f"@hookimpl(tryfirst=True)\ndef {name}({arguments}):\n    seen.append(({name!r}, {owner}))\n")
    return "\n\n".join(parts)


class Town:
    """A bank's connector and a rogue one, installed beside each other, and the place where both go."""

    def __init__(self, place: Path, bank: Bank) -> None:
        self.place, self.bank = place, bank
        self.names = {name: f"{name}_{abs(hash(place))}" for name in ("bank", "rogue")}
        self.home = place.parent / "home"
        self.install("bank", BANK, "pay")
        self.install("rogue", ROGUE.format(hooks=spying_hooks()), "attempt")

    def install(self, name: str, code: str, module: str, owner: str = "") -> None:
        """Install a connector with one module."""
        package = self.names[name]
        points = (
            f"[jackfield.connectors]\n{name} = {package}\n[jackfield.modules]\n{name}.{module} = {package}:{module}\n"
        )
        install_recorded(self.place, owner or f"jackfield-{name}", {f"{package}/__init__.py": code}, points=points)

    def host(self) -> Host:
        """Give a host of both."""
        return Host(environ={"JACKFIELD_HOME": str(self.home)})

    def of(self, name: str) -> dict[str, str]:
        """Give the connection of one connector."""
        return {"api_key": KEY if name == "bank" else "key-of-the-rogue", "base_url": f"{self.bank.url}/{name}"}

    def attempt(self, host: Host, way: str, elsewhere: str = "") -> str:
        """Let the rogue try something."""
        form = {"way": way, "elsewhere": elsewhere}
        return str(host.run("rogue.attempt", form, connection=self.of("rogue")).output.said)

    def pay(self, host: Host) -> str:
        """Let the bank do what it is for."""
        return str(host.run("bank.pay", {}, connection=self.of("bank")).output.branch)

    @property
    def seen(self) -> list[tuple[str, str]]:
        """What the hooks of the rogue were called for."""
        return [*sys.modules[self.names["rogue"]].seen]


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """Give a bank, and somebody who would like to rob it."""
    place = tmp_path / "site"
    place.mkdir()
    monkeypatch.syspath_prepend(place)
    with open_bank() as bank:
        yield Town(place, bank)


def test_the_community_nodes_of_2026_a_connector_sees_no_hook_call_of_another(town: Town) -> None:
    """It implements every hook there is; of the bank's connection, requests, choices and events it hears of none."""
    with town.host() as host:
        town.attempt(host, "nothing")
        before = town.seen
        assert town.pay(host) == "bank"
        host.choices("bank.pay", "to", connection=town.of("bank"))
        host.form("bank.pay", connection=town.of("bank"))
        host.check_connection("bank.account", town.of("bank"))

        assert town.seen == before
        town.attempt(host, "nothing")

    assert {name for name, _ in before} >= {"authorize", "execute", "module_fields", "on_event", "send"}
    assert not [call for call in town.seen if "bank" in call[1] or KEY in call[1]]


def test_what_a_module_is_given_leads_to_no_secret_and_no_host(town: Town) -> None:
    """All that its public names lead to, however deep: neither its own key, nor other connections, nor the host."""
    with town.host() as host:
        town.pay(host)
        found = town.attempt(host, "walk")

    assert "'Client'" in found
    assert "'ConnectionView'" in found
    for name in (
        "Secret",
        "Connection",
        "ConnectionType",
        "Host",
        "Runtime",
        "Catalog",
        "Store",
        "Plugins",
        "FileStore",
    ):
        assert f"'{name}'" not in found
    assert KEY not in found
    assert "key-of-the-rogue" not in found


@pytest.mark.parametrize("way", ["url", "at", "slashes", "dots", "host", "client", "view", "fetch", "secret"])
def test_a_client_goes_nowhere_else(town: Town, way: str) -> None:
    """Nor does anything else that a module is given: it fails, and nothing reaches the bank."""
    with town.host() as host:
        with pytest.raises(JackfieldError):
            town.attempt(host, way, f"{town.bank.url}/bank")

        assert town.attempt(host, "nothing") == "{'branch': 'rogue'}"

    assert town.bank.of("bank") == []
    assert [asked.path for asked in town.bank.asked] == ["/rogue/mine"]


def test_changing_what_was_given_changes_nothing(town: Town) -> None:
    """What is seen of a connection is a copy: its requests go where they went, with what they had."""
    with town.host() as host:
        town.attempt(host, "settings", f"{town.bank.url}/bank")
        assert town.attempt(host, "look") == f"{town.bank.url}/rogue {town.of('rogue')['base_url']} True"

    assert {(asked.path, asked.key) for asked in town.bank.asked} == {("/rogue/mine", "key-of-the-rogue")}


def test_a_name_that_was_saved_for_another_type_is_not_given(town: Town) -> None:
    """Whoever runs a rogue module with the name of a bank's connection is told; the rogue gets nothing."""
    store = Store(town.place / "store.sqlite", key_file=town.place / "store.key", environ={})
    with Host(plugins=[store], environ={"JACKFIELD_HOME": str(town.home)}) as host:
        store.add("mine", "bank.account", host.connector("bank").connection_types["bank.account"], town.of("bank"))
        assert host.run("bank.pay", connection="mine").output.branch == "bank"

        with pytest.raises(JackfieldError, match=r"bank\.account"):
            host.run("rogue.attempt", {"way": "nothing"}, connection="mine")

    assert [asked.branch for asked in town.bank.asked] == ["bank"]
    assert KEY not in str(town.seen)


def test_the_community_nodes_of_2026_a_name_that_is_taken_is_refused(town: Town) -> None:
    """A second distribution with the connector or module of the bank: neither is used, and both are named."""
    town.install("bank", BANK.replace("/pay", "/take"), "pay", owner="jackfield-bank-pro")

    with town.host() as host, pytest.raises(PluginError) as caught:
        town.pay(host)

    assert caught.value.stage == "duplicate"
    assert {*caught.value.distributions} == {"jackfield-bank", "jackfield-bank-pro"}
    assert town.bank.asked == []


def test_a_connector_that_is_denied_runs_nothing(town: Town) -> None:
    """Neither its module nor its hooks nor its file: it is not imported."""
    (town.home / "config").mkdir(parents=True)
    (town.home / "config/plugins.json").write_text('{"allow": ["jackfield-bank"]}', "utf-8")

    with town.host() as host:
        assert town.pay(host) == "bank"
        with pytest.raises(PluginError, match="denied"):
            town.attempt(host, "nothing")

    assert town.names["rogue"] not in sys.modules


@pytest.mark.parametrize("declared", ["account", "_account"], ids=["declared", "hidden from the host"])
def test_a_key_is_not_taken_to_another_service_by_the_name_of_its_variable(town: Town, declared: str) -> None:
    """A variable that is named after one connector is its own; another's gets it only by a reference of the user."""
    code = BANK.replace("lambda form: form.base_url", f"{town.bank.url + '/rogue'!r}").replace(
        '    base_url: Annotated[str, Url(label="Address")]\n', ""
    )
    code = code.replace("account = ", f"{declared} = ").replace("connection=account", f"connection={declared}")
    town.names["thief"] = f"thief_{abs(hash(town.place))}"
    town.install("thief", code, "pay")
    environ = {"JACKFIELD_HOME": str(town.home), "BANK_API_KEY": KEY, "BANK_BASE_URL": f"{town.bank.url}/bank"}

    with Host(environ=environ) as host:
        with pytest.raises(NoConnectionError) as caught:
            host.run("thief.pay")
        assert town.bank.asked == []
        given = {"api_key": Reference("env", "BANK_API_KEY")}
        assert host.run("thief.pay", connection=given).bundle["branch"] == "rogue"

    assert caught.value.message == (
        "There are no credentials for Bank: BANK_API_KEY is set, but not taken: it is named after the connector 'bank' "
        "of jackfield-bank, and jackfield-thief could send it elsewhere."
    )
    assert KEY not in str(caught.value)


def test_it_is_explained_why_a_variable_is_not_taken(town: Town) -> None:
    """With the connector that it is named after; its own connector takes it."""
    town.names["thief"] = f"thief_{abs(hash(town.place))}"
    town.install("thief", BANK, "pay")

    with Host(environ={"JACKFIELD_HOME": str(town.home), "BANK_API_KEY": KEY}) as host:
        (thief,) = host.explain_connection("thief.account")
        (bank,) = host.explain_connection("bank.account")
        check = host.diagnose_connection("thief.account")

    assert (thief.found, thief.used) == (False, False)
    assert thief.details[0] == "BANK_API_KEY is set"
    assert thief.details[1].startswith("BANK_API_KEY is set, but not taken: it is named after the connector 'bank'")
    assert (bank.found, bank.used, bank.details) == (True, True, ("BANK_API_KEY is set",))
    assert check.error is not None
    assert check.error.hint == (
        "If you want it to be sent there: jackfield connection add NAME thief.account --reference "
        "api_key=env:BANK_API_KEY"
    )


def test_a_longer_id_keeps_its_own_variables(town: Town) -> None:
    """BANK_NORTH_API_KEY is not the bank's, where there is a connector bank_north."""
    town.names["bank_north"] = f"bank_north_{abs(hash(town.place))}"
    code = BANK.replace("BANK_API_KEY", "BANK_NORTH_API_KEY")
    town.install("bank_north", code, "pay", owner="north")

    with Host(environ={"JACKFIELD_HOME": str(town.home), "BANK_NORTH_API_KEY": KEY}) as host:
        (source,) = host.explain_connection("bank_north.account")

    assert source.used
