import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import importlib_metadata
import pytest

from jackfield._engine.compatibility import core_version, unmet_requirement
from jackfield._engine.discovery import PluginPolicy, load_entry, split_value
from jackfield._engine.index import Entry
from jackfield._engine.pins import Pins
from jackfield._home import Home
from jackfield.errors import JackfieldError, PluginError

Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Make Python modules, each with a name of its own, that can be imported while the test runs."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(code: str) -> str:
        name = f"discovered_{abs(hash(tmp_path))}_{len(list(tmp_path.iterdir()))}"
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
        return name

    return make


def entry(value: str, *requires: str) -> Entry:
    """Give an entry point of a module."""
    return Entry("jackfield.modules", "weather.get", value, "jackfield-weather", "1.2", requires)


def refused(value: str, kind: type = object, *requires: str) -> PluginError:
    """Give the error with which loading fails."""
    with pytest.raises(PluginError) as caught:
        load_entry(entry(value, *requires), kind, Pins({}))
    return caught.value


# Which may be used.


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Give an empty home."""
    return Home.find({"JACKFIELD_HOME": str(tmp_path / "home")})


def test_everything_is_allowed_at_first(home: Home) -> None:
    """Installing is the decision; the policy is for second thoughts."""
    policy = PluginPolicy.load(home)

    assert policy == PluginPolicy(allow=None, deny=frozenset())
    assert not policy.denies("anything")
    assert not home.config.exists()


@pytest.mark.parametrize("spelt", ["jackfield-weather", "Jackfield_Weather", "jackfield.weather", "jackfield__weather"])
def test_a_denied_distribution_is_denied_however_it_is_spelt(spelt: str) -> None:
    """Installers take all of these for one name."""
    assert PluginPolicy(deny=frozenset({"jackfield_Weather"})).denies(spelt)


def test_a_list_of_the_allowed_denies_all_others() -> None:
    """Denying outranks allowing."""
    policy = PluginPolicy(allow=frozenset({"a", "b"}), deny=frozenset({"b"}))

    assert [policy.denies(name) for name in ("a", "b", "c")] == [False, True, True]


@pytest.mark.parametrize("allow", [None, frozenset(), frozenset({"é", "a-b"})], ids=["all", "none", "some"])
def test_a_decision_is_kept(home: Home, allow: frozenset[str] | None) -> None:
    """What was saved is loaded, the difference between everybody and nobody included."""
    policy = PluginPolicy(allow=allow, deny=frozenset({"x"}))

    policy.save(home)

    assert PluginPolicy.load(home) == policy


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not JSON"),
        (b'{"deny": [', "not JSON at line 1"),
        (b'{"deny": ["\xff"]}', "not UTF-8"),
        (b'{"deny": [], "deny": ["a"]}', "'deny' stands twice"),
        (b"[" * 1000 + b"]" * 1000, "nested deeper"),
        (b"[]", "it must be an object"),
        (b'{"denied": ["a"]}', "unknown key 'denied'"),
        (b'{"deny": "a"}', "'deny' must be a list"),
        (b'{"deny": null}', "'deny' must be a list"),
        (b'{"allow": [1]}', "'allow' must be a list"),
    ],
)
def test_a_decision_that_cannot_be_understood_is_an_error(home: Home, text: bytes, reason: str) -> None:
    """Going on would load what somebody denied; the error names the file and how to mend it."""
    home.config.mkdir(parents=True)
    file = home.config / "plugins.json"
    file.write_bytes(text)

    with pytest.raises(JackfieldError) as caught:
        PluginPolicy.load(home)

    assert str(file) in caught.value.message
    assert reason in caught.value.message
    assert "\n" not in caught.value.message
    assert "delete it" in caught.value.hint


def test_a_decision_that_cannot_be_read_or_written_is_an_error(home: Home) -> None:
    """Here a directory stands where the file should be."""
    file = home.config / "plugins.json"
    file.mkdir(parents=True)

    with pytest.raises(JackfieldError, match=r"plugins\.json cannot be read"):
        PluginPolicy.load(home)
    with pytest.raises(JackfieldError, match=r"plugins\.json cannot be written"):
        PluginPolicy().save(home)


# Loading one.


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", ("a", "")),
        ("a.b:c", ("a.b", "c")),
        ("a:b.c", ("a", "b.c")),
        ("a : b [extra, other]", ("a", "b")),
        ("ä:ö", ("ä", "ö")),
    ],
)
def test_the_value_of_an_entry_point_is_a_module_and_a_name(value: str, expected: tuple[str, str]) -> None:
    """All spellings that the specification of entry points knows."""
    assert split_value(entry(value)) == expected


@pytest.mark.parametrize("value", ["", ":b", "a:", "a-b:c", "a b", "a:b:c", "a..b", ".a", "a:b()", "../a"])
def test_a_value_that_is_none_is_refused(value: str) -> None:
    """The error names the distribution and what it wrote."""
    error = refused(value)

    assert error.stage == "object"
    assert error.distributions == ("jackfield-weather",)
    assert repr(value) in error.message


def test_it_loads_an_object_or_the_module_itself(write: Write) -> None:
    """By a dotted name too."""
    name = write("class Holder:\n    inner = 7\nnumber = 8\n")

    assert load_entry(entry(f"{name}:number"), int, Pins({})) == 8
    assert load_entry(entry(f"{name}:Holder.inner"), int, Pins({})) == 7
    assert load_entry(entry(name), object, Pins({})) is sys.modules[name]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise RuntimeError('broken\\non purpose')", "RuntimeError: broken on purpose"),
        ("import sys\nsys.exit(7)", "SystemExit: 7"),
        ("import no_such_module_anywhere", "ModuleNotFoundError: No module named 'no_such_module_anywhere'"),
        ("def", "SyntaxError: "),
        ("def f(): f()\nf()", "RecursionError: "),
        ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", "E ("),
        ("raise ValueError('x' * 100_000)", "ValueError: xxx"),
    ],
    ids=["raises", "exits", "lacks", "syntax", "recursion", "no-str", "long"],
)
def test_a_module_that_does_not_import_is_an_error_of_its_own(write: Write, code: str, said: str) -> None:
    """Whatever its code does, the host goes on; one line says who, what and where."""
    name = write(code)

    error = refused(f"{name}:x")

    assert error.stage == "import"
    assert error.message.startswith("The module 'weather.get' of jackfield-weather 1.2 cannot be imported: ")
    assert said in error.message
    assert name in error.message
    assert "\n" not in error.message
    assert len(error.message) < 1000
    assert "jackfield plugin deny jackfield-weather" in error.hint


def test_an_interrupt_is_not_an_error_of_a_plugin(write: Write) -> None:
    """Whoever presses Ctrl-C while a plugin is imported means the program."""
    name = write("raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        load_entry(entry(name), object, Pins({}))


@pytest.mark.parametrize(
    ("code", "value", "said"),
    [
        ("y = 1", ":x", "has no attribute 'x'"),
        ("y = 1", ":y.z", "has no attribute 'z'"),
        ("x = 'text'", ":x", "must be of the type int, and"),
        ("x = None", ":x", "is of the type NoneType"),
        ("x = int", ":x", "is of the type type"),
        ("", "", "is of the type module"),
        ("def __getattr__(name): raise SystemExit(3)", ":x", "SystemExit: 3"),
    ],
)
def test_an_entry_point_that_names_something_else_is_an_error(write: Write, code: str, value: str, said: str) -> None:
    """The error says what was expected and what was found."""
    error = refused(f"{write(code)}{value}", int)

    assert error.stage == "object"
    assert said in error.message


# Whether it is for this version of core.


def test_the_version_of_core_is_that_of_its_metadata() -> None:
    """It is what pip says."""
    assert core_version() == importlib_metadata.version("jackfield")


@pytest.mark.parametrize(
    "requirement",
    [
        "jackfield",
        "jackfield>=0",
        "jackfield<1000,>=0.0.1",
        "Jackfield >= 0.0, < 1000.0.0",
        "jackfield[keyring]>=0.0.0.dev1",
        "jackfield>=0.0.0rc1",
        "jackfield (>=0)",
        "jackfield @ https://nowhere.example/jackfield.whl",
        "jackfield==999; extra == 'test'",
        "jackfield==999; python_version < '3'",
        f"jackfield=={core_version()}",
    ],
)
def test_a_requirement_that_is_met_is_no_obstacle(write: Write, requirement: str) -> None:
    """Extras and markers count as they do for pip."""
    assert load_entry(entry(f"{write('x = 1')}:x", requirement), int, Pins({})) == 1


@pytest.mark.parametrize(
    "requirement", ["jackfield>=999", "jackfield<0.0.1", "jackfield==0.0.0.1; python_version > '3'", "jackfield !!"]
)
def test_a_requirement_that_is_not_met_stops_it_before_its_code_runs(write: Write, requirement: str) -> None:
    """What cannot be read is not met either."""
    name = write("raise RuntimeError")

    error = refused(name, object, "jackfield>=0", requirement)

    assert error.stage == "incompatible"
    assert f"requires {requirement!r}, and this is jackfield {core_version()}" in error.message


@pytest.mark.parametrize(
    ("requirement", "met"),
    [
        ("jackfield>=0.9", True),
        ("jackfield<3,>=2.0b1", True),
        ("jackfield>=2.0.0rc1", True),
        ("jackfield>=2", False),
        ("jackfield<2", False),
        ("jackfield~=1.0", False),
    ],
)
def test_a_prerelease_of_core_is_a_version_like_others(tmp_path: Path, requirement: str, *, met: bool) -> None:
    """Whoever runs one tries the connectors with it; it is before the release, and not of the one before."""
    (tmp_path / "jackfield-2.0.0rc1.dist-info").mkdir()
    code = (
        "from jackfield._engine.compatibility import unmet_requirement; from jackfield._engine.index import Entry\n"
        f"print(unmet_requirement(Entry('g', 'n', 'v', 'd', '1', ({requirement!r},))))"
    )
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}

    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ("" if met else requirement)


@pytest.mark.parametrize("version", ["3.1", ""], ids=["old style", "not installed"])
def test_core_may_be_installed_in_another_way_or_not_at_all(tmp_path: Path, version: str) -> None:
    """A working tree has an egg-info folder or nothing; without a version nobody can say what is incompatible."""
    if version:
        (tmp_path / "jackfield.egg-info").mkdir()
        (tmp_path / "jackfield.egg-info" / "PKG-INFO").write_text(f"Name: jackfield\nVersion: {version}\n")
    code = (
        "import sys, packaging.requirements; from jackfield._engine import compatibility as c, index\n"
        "import importlib_metadata; importlib_metadata.version('pytest')  # imports the rest of itself\n"
        f"sys.path = [{str(tmp_path)!r}]\n"
        "entry = index.Entry('g', 'n', 'v', 'd', '1', ('jackfield<3',))\n"
        "print([c.core_version(), c.unmet_requirement(entry)])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == str([version, "jackfield<3" if version else ""])


def test_who_requires_nothing_of_core_is_compatible() -> None:
    """A module may come with an application that does not say what it needs."""
    assert unmet_requirement(entry("x")) == ""
