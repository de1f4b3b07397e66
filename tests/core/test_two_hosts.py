"""Two hosts in one process share nothing: each may be another tenant's."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from branch_bank import BANK, Bank, open_bank
from recorded import install_recorded

from jackfield import DeadlineError, Event, Host, HttpSettings, JackfieldError, LimitError, hookimpl
from jackfield._engine.discovery import PluginPolicy
from jackfield._home import Home
from jackfield.vault import Store

Open = Callable[..., "Tenant"]


class Diary:
    """Writes down what it hears of one host."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.branches: set[str] = set()

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Hear of it."""
        self.events.append(event)

    @hookimpl
    def authorize(self, connection: object) -> None:
        """See whose connection it is."""
        self.branches.add(str(getattr(connection, "base_url", "")).rpartition("/")[2])


class Tenant:
    """A host with a home, a store, plugins and settings of its own; its connection ``mine`` goes to its own branch."""

    def __init__(self, name: str, place: Path, bank: Bank, **settings: object) -> None:
        self.name, self.key = name, f"key-of-{name}"
        self.diary = Diary()
        environ = {"JACKFIELD_HOME": str(place / name)}
        self.home = Home.find(environ)
        store = Store(place / name / "store.sqlite", key_file=place / name / "store.key", environ={})
        self.http = HttpSettings(**settings)  # type: ignore[arg-type]  # given by the tests below
        self.host = Host(plugins=[store, self.diary], environ=environ, settings=self.http)
        kind = self.host.connector("bank").connection_types["bank.account"]
        if not store.saved():
            store.add("mine", "bank.account", kind, {"api_key": self.key, "base_url": f"{bank.url}/{name}"})

    def pay(self, to: str = "x") -> str:
        """Run the module."""
        return str(self.host.run("bank.pay", {"to": to}, connection="mine").output.branch)


@pytest.fixture
def bank() -> Iterator[Bank]:
    """Give a service with a branch for each tenant."""
    with open_bank() as bank:
        yield bank


@pytest.fixture
def tenant(tmp_path: Path, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Give what opens the host of a tenant."""
    site = tmp_path / "site"
    package = f"bank_{abs(hash(tmp_path))}"
    points = f"[jackfield.connectors]\nbank = {package}\n[jackfield.modules]\nbank.pay = {package}:pay\n"
    install_recorded(site, "jackfield-bank", {f"{package}/__init__.py": BANK}, points=points)
    monkeypatch.syspath_prepend(site)
    opened: list[Tenant] = []

    def open_one(name: str, **settings: object) -> Tenant:
        opened.append(Tenant(name, tmp_path, bank, **settings))
        return opened[-1]

    yield open_one
    for each in opened:
        each.host.close()


def test_connections_of_one_name_are_two(tenant: Open, bank: Bank) -> None:
    """In turns and with the same module, each goes to its own place with its own key; no plugin hears of the other."""
    ann, ben = tenant("ann"), tenant("ben")

    assert [each.pay() for each in (ann, ben, ann, ben)] == ["ann", "ben", "ann", "ben"]
    assert {(asked.branch, asked.key) for asked in bank.asked} == {("ann", "key-of-ann"), ("ben", "key-of-ben")}
    assert (ann.diary.branches, ben.diary.branches) == ({"ann"}, {"ben"})
    ids = [{event.operation_id for event in each.diary.events} for each in (ann, ben)]
    assert [len(each) for each in ids] == [2, 2]
    assert not ids[0] & ids[1]


def test_it_holds_in_threads(tenant: Open, bank: Bank) -> None:
    """Eight threads use three hosts at once."""
    tenants = [tenant(name) for name in ("ann", "ben", "cho")]
    begin = threading.Barrier(8)

    def work(number: int) -> list[tuple[str, str]]:
        begin.wait(60)
        mine = [tenants[(number + turn) % 3] for turn in range(6)]
        return [(each.name, each.pay(f"{each.name}-{number}")) for each in mine]

    with ThreadPoolExecutor(8) as pool:
        answers = [pair for pairs in pool.map(work, range(8)) for pair in pairs]

    assert len(answers) == 48
    assert [pair for pair in answers if pair[0] != pair[1]] == []
    for asked in bank.asked:
        assert asked.key == f"key-of-{asked.branch}"
        assert f"to={asked.branch}-" in asked.path
    for each in tenants:
        assert each.diary.branches == {each.name}


def test_no_cookie_is_kept_for_anybody(tenant: Open, bank: Bank) -> None:
    """Each answer sets one; neither the other host nor a later request of the same has it."""
    ann, ben = tenant("ann"), tenant("ben")
    for each in (ann, ben, ann):
        each.pay()

    assert ["Cookie" in asked.headers for asked in bank.asked] == [False, False, False]


def test_no_line_is_shared(tenant: Open, bank: Bank) -> None:
    """A connection to the same address is each host's own; closing one leaves the other's open."""
    ann, ben = tenant("ann"), tenant("ben")
    ann.pay()
    ben.pay()

    ann.host.close()

    with pytest.raises(JackfieldError, match="closed"):
        ann.pay()
    assert ben.pay() == "ben"


def test_what_a_service_says_of_its_limit_holds_for_one_host(tenant: Open, bank: Bank) -> None:
    """The one that used it up waits; the other asks the same service at once."""
    told = {"limit": "2", "remaining": "0", "reset": "100s"}
    bank.headers["ann"] = {f"x-ratelimit-{name}-requests": value for name, value in told.items()}
    ann, ben = tenant("ann"), tenant("ben")

    ann.pay()
    ben.pay()
    with pytest.raises(DeadlineError, match="comes first"):
        ann.host.run("bank.pay", {}, connection="mine", deadline_s=0.5)
    ben.pay()

    assert [asked.branch for asked in bank.asked] == ["ann", "ben", "ben"]


def test_choices_are_those_of_the_own_service(tenant: Open, bank: Bank) -> None:
    """A list that one host has asked for is not given by another."""
    ann, ben = tenant("ann"), tenant("ben")

    offered = [
        [choice.value for choice in each.host.choices("bank.pay", "to", connection="mine")] for each in (ann, ben, ann)
    ]

    assert offered == [["friend of ann"], ["friend of ben"], ["friend of ann"]]
    assert [asked.branch for asked in bank.asked] == ["ann", "ben"]


def test_settings_are_each_hosts_own(tenant: Open) -> None:
    """A limit of one stops nothing in the other."""
    ann, ben = tenant("ann", max_wire_bytes=4), tenant("ben")

    with pytest.raises(LimitError):
        ann.pay()

    assert ben.pay() == "ben"


def test_files_are_each_hosts_own(tenant: Open) -> None:
    """They lie in different places, none is found by the other's id, and closing a host removes only its own."""
    ann, ben = tenant("ann"), tenant("ben")
    slips = [each.host.run("bank.pay", {}, connection="mine").output.slip for each in (ann, ben)]
    ours, theirs = (each.host.files.directory for each in (ann, ben))

    assert ours != theirs
    assert (sum(path.is_file() for path in ours.rglob("*")), slips[0].size, slips[1].size) == (1, 3, 3)
    ann.host.close()

    assert not ours.exists()
    with slips[1].open() as file:
        assert file.read() == b"ben"


def test_a_policy_holds_for_its_own_host(tenant: Open, tmp_path: Path) -> None:
    """What one denies, the other runs; what is hidden in one is there in the other."""
    ann = tenant("ann")
    PluginPolicy(deny=frozenset({"jackfield-bank"})).save(ann.home)
    denied = Host(environ={"JACKFIELD_HOME": str(tmp_path / "ann")})
    ben = tenant("ben")

    with denied:
        assert "bank.pay" not in [module.id for module in denied.modules()]
        assert "denied" in [problem.stage for problem in denied.broken]
        with pytest.raises(JackfieldError, match="denied"):
            denied.run("bank.pay", {}, connection="mine")
    assert ben.pay() == "ben"
    assert not [problem for problem in ben.host.broken if "jackfield-bank" in problem.distributions]


def test_the_environment_of_one_is_not_the_others(tenant: Open, bank: Bank, tmp_path: Path) -> None:
    """A host asks only the variables that it was given; those of the process are another's."""
    environ = {
        "JACKFIELD_CONNECTION__CITY__API_KEY": "key-of-dan",
        "JACKFIELD_CONNECTION__CITY__BASE_URL": f"{bank.url}/dan",
        "JACKFIELD_HOME": str(tmp_path / "dan"),
    }
    ann = tenant("ann")

    with Host(environ=environ) as dan:
        assert dan.run("bank.pay", {}, connection="city").output.branch == "dan"
        with pytest.raises(JackfieldError):
            dan.run("bank.pay", {}, connection="mine")
    with pytest.raises(JackfieldError):
        ann.host.run("bank.pay", {}, connection="city")

    assert [(asked.branch, asked.key) for asked in bank.asked] == [("dan", "key-of-dan")]
