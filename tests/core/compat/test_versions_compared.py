"""Two versions of a connector, in wheels and folders, each examined in a process of its own."""

import json
import sys
import zipfile
from pathlib import Path

import pytest

from jackfield import InputError, PluginError
from jackfield._cli.main import run
from jackfield.testing import CHANGES, Comparison, compare_connectors

BOTH = ("get_sky", "get_wind", "tell_sky", "send_sky", "send_wind", "watch_sky", "check_sky", "check_wind", "check_fog")
POINTS = {"1.0": (*BOTH, "get_fog", "get_rain"), "1.1": (*BOTH, "get_mist", "get_snow")}
HEAD = """
import sys
from collections.abc import Generator, Iterator, Mapping
from typing import Annotated
from attrs import field, frozen
from jackfield import ConnectionType, Context, Effect, OAuth2, Rest, Secret, Sunset, Tokens, Trigger, header, module

@frozen(kw_only=True)
class Account:
    key: Secret

@frozen(kw_only=True)
class Sky:
    color: str = "blue"

def kind(origin="https://sky.example"):
    return ConnectionType(label="Sky", form=Account, origin=origin, authorize=header("X-Key", "{key}"))

@frozen(kw_only=True)
class Login(Tokens):
    pass

def logged_in(*scopes):
    way = OAuth2(authorize_url="https://sky.example/a", token_url="https://sky.example/t", client_id="c", scopes=scopes)
    return ConnectionType(label="Login", form=Login, origin="https://sky.example", authorize=way)

def placed(default):
    @frozen(kw_only=True)
    class Place:
        key: Secret
        url: str = default
    way = header("X-Key", "{key}")
    return ConnectionType(label="Place", form=Place, origin=lambda form: form.url, authorize=way)

MOST = 5
def _too_long(text):
    return len(text) > MOST
def checked(form):
    return ["too long"] if _too_long(form.color) else []

@frozen(kw_only=True)
class Open:
    color: str = "blue"
    rest: Annotated[Mapping[str, object], Rest()] = field(factory=dict)

@frozen(kw_only=True)
class Several:
    skies: list[Open]

print("printed while imported")
"""
OLD = """
account = kind()
gone = kind()
login = logged_in('read')
place = placed("https://a.example")
@module(label="Get the Sky", connection=account, effect=Effect.READ, aliases=["old:sky"])
def get_sky(form: Sky, context: Context) -> Sky: ...
@module(label="Get the Wind", connection=account, effect=Effect.READ)
def get_wind(form: Sky, context: Context) -> Sky: ...
@module(label="Get the Fog", effect=Effect.READ)
def get_fog(form: Sky, context: Context) -> Sky: ...
@module(label="Get the Rain")
def get_rain(form: Sky, context: Context) -> Sky: ...
@module(label="Tell")
def tell_sky(form: Sky, context: Context) -> Generator[Sky, None, Sky]: ...
@module(label="Send")
def send_sky(form: Sky, context: Context) -> Sky: ...
@module(label="Send")
def send_wind(form: Sky, context: Context) -> Sky: ...
@module(label="Watch", effect=Effect.READ, trigger=Trigger(key="color"))
def watch_sky(form: Sky, context: Context) -> Iterator[Sky]: ...
@module(label="Check")
def check_sky(form: Sky, context: Context) -> Sky: ...
@module(label="Check", validate=checked)
def check_wind(form: Sky, context: Context) -> Open: ...
@module(label="Check", validate=lambda form: [] if form.color else ["none"])
def check_fog(form: Sky, context: Context) -> Several: ...
"""
NEW = """
account = kind("https://other.example")
fresh = kind()
login = logged_in('read', 'write')
place = placed("https://b.example")
@module(label="Get the Sky", connection=fresh, effect=Effect.UNSAFE)
def get_sky(form: Sky, context: Context) -> Sky: ...
@module(label="Get the Wind", connection=account, effect=Effect.READ, version=2)
def get_wind(form: Sky, context: Context) -> Iterator[Sky]: ...
@module(label="Get the Mist", effect=Effect.READ, aliases=["sky.get_fog"])
def get_mist(form: Sky, context: Context) -> Sky: ...
@module(label="Get the Snow")
def get_snow(form: Sky, context: Context) -> Sky: ...
@module(label="Tell", version=3, migrate={1: dict, 2: dict})
def tell_sky(form: Sky, context: Context) -> Sky: ...
@module(label="Send", effect=Effect.KEYED)
def send_sky(form: Sky, context: Context) -> Sky: ...
@module(label="Send", sunset=Sunset(date="2027-01-31", replacement="sky.send_sky"))
def send_wind(form: Sky, context: Context) -> Sky: ...
@module(label="Watch", effect=Effect.READ, trigger=Trigger())
def watch_sky(form: Sky, context: Context) -> Iterator[Sky]: ...
@module(label="Check", validate=lambda form: [])
def check_sky(form: Sky, context: Context) -> Sky: ...
MOST = 3
@module(label="Check", validate=checked)
def check_wind(form: Sky, context: Context) -> Sky: ...

@module(
    label="Check",
    validate=lambda form: [] if form.color else ["none"],
)
def check_fog(form: Sky, context: Context) -> Several: ...
"""


def entry_points(names: tuple[str, ...]) -> str:
    """Write what an installed connector has."""
    lines = [f"sky.{name} = jackfield_sky:{name}" for name in names]
    return "\n".join(["[jackfield.connectors]", "sky = jackfield_sky", "[jackfield.modules]", *lines, ""])


def wheel(folder: Path, version: str, code: str, points: str) -> Path:
    """Write a wheel."""
    path = folder / f"jackfield_sky-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("jackfield_sky.py", HEAD + code)
        info = f"jackfield_sky-{version}.dist-info"
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: jackfield-sky\nVersion: {version}\n")
        archive.writestr(f"{info}/entry_points.txt", points)
    return path


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two versions, whose second breaks in every way in which a module can."""
    folder = tmp_path_factory.mktemp("wheels")
    old, new = (
        wheel(folder, version, code, entry_points(POINTS[version])) for version, code in (("1.0", OLD), ("1.1", NEW))
    )
    return old, new


@pytest.fixture(scope="module")
def compared(wheels: tuple[Path, Path]) -> Comparison:
    """What these differ in."""
    return compare_connectors(*wheels)


def test_two_wheels_are_compared_without_being_installed(compared: Comparison) -> None:
    """Nothing of them is imported here."""
    assert (compared.old, compared.new) == ("1.0", "1.1")
    assert "jackfield_sky" not in sys.modules


def test_each_change_of_a_module_or_connection_is_found(compared: Comparison) -> None:
    """Breaking ones come first, and each is about what it should be about."""
    found = [(change.rule.id, change.subject) for change in compared.changes]

    assert sorted(found) == [
        ("JC155", "sky.place"),
        ("JC201", "sky.get_rain"),
        ("JC202", "sky.get_wind"),
        ("JC203", "sky.get_sky"),
        ("JC204", "sky.get_sky"),
        ("JC205", "sky.get_sky"),
        ("JC206", "sky.tell_sky"),
        ("JC207", "sky.get_wind"),
        ("JC208", "sky.check_sky"),
        ("JC209", "sky.watch_sky"),
        ("JC210", "sky.check_wind"),
        ("JC251", "sky.get_snow"),
        ("JC252", "sky.get_fog"),
        ("JC253", "sky.send_sky"),
        ("JC254", "sky.send_wind"),
        ("JC255", "sky.tell_sky"),
        ("JC256", "sky.check_wind"),
        ("JC401", "sky.gone"),
        ("JC402", "sky.account"),
        ("JC402", "sky.place"),
        ("JC403", "sky.login"),
        ("JC451", "sky.fresh"),
    ]
    assert found[: len(compared.breaking)] == [(change.rule.id, change.subject) for change in compared.breaking]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("1.0", "1.1", False),
        ("1.0", "2.0", True),
        ("0.1.0", "0.1.1", False),
        ("0.1.0", "0.2.0", True),
        ("0.9", "1.0", True),
        ("2.0", "1.0", False),
        ("1.0", "1.0", False),
    ],
)
def test_the_number_of_a_version_says_whether_it_may_break(
    compared: Comparison, old: str, new: str, *, says: bool
) -> None:
    """Below 1.0 the second number counts as the first."""
    assert Comparison(old=old, new=new, changes=compared.changes).allowed is says
    assert Comparison(old=old, new=new, changes=()).allowed is ((old, new) != ("2.0", "1.0"))


def test_the_command_fails_if_the_version_does_not_say_that_it_breaks(
    wheels: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON goes to stdout, and the verdict to stderr."""
    code = run(["connector", "diff", *map(str, wheels), "-o", "json"])

    said = capsys.readouterr()
    told = json.loads(said.out)
    assert code == 1
    assert not told["allowed"]
    assert {change["rule"] for change in told["changes"]} - {"JC155"} == {
        rule.id for rule in CHANGES if rule.id[2] in "24"
    }
    assert "14 breaking, 8 compatible. The version does not say" in said.err


def test_two_versions_in_the_wrong_order_are_told(
    wheels: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody would get the one with the lower number, whatever changed."""
    code = run(["connector", "diff", *map(str, reversed(wheels))])

    assert code == 1
    assert "The number of the version falls" in capsys.readouterr().err


def test_a_project_is_compared_as_it_would_be_built(
    wheels: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """So a change is seen before there is a wheel; by the higher number it is allowed."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "jackfield_sky.py").write_text(HEAD + NEW, "utf-8")
    points = "\n".join(f'"sky.{name}" = "jackfield_sky:{name}"' for name in POINTS["1.1"])
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "jackfield-sky"\nversion = "2.0"\ndependencies = ["jackfield"]\n'
        '[project.entry-points."jackfield.connectors"]\nsky = "jackfield_sky"\n'
        f'[project.entry-points."jackfield.modules"]\n{points}\n',
        "utf-8",
    )

    assert run(["connector", "diff", str(wheels[0]), str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert "JC201" in said.out
    assert "1.0 to 2.0: 14 breaking" in said.err


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import no_such_thing", "no_such_thing"),
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "nothing may be reached"),
    ],
    ids=["what it needs is not installed", "it reaches out"],
)
def test_what_cannot_be_imported_is_told(tmp_path: Path, code: str, why: str) -> None:
    """No version that is seen in part is taken for a whole."""
    broken = wheel(tmp_path, "1.0", code, entry_points(("get_sky",)))

    with pytest.raises(PluginError, match=why):
        compare_connectors(broken, broken)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("nowhere.whl", "cannot be read"),
        ("openapi", r"not installed\. Did you mean|not installed"),
        ("jackfield-openai==99", "is installed and not 99"),
    ],
)
def test_what_is_not_there_is_told(given: str, why: str) -> None:
    """With what can be given instead."""
    with pytest.raises(InputError, match=why):
        compare_connectors(given, given)


def test_a_file_that_is_no_wheel_is_told(tmp_path: Path) -> None:
    """And so is a wheel without a connector."""
    text, empty = tmp_path / "text.whl", tmp_path / "empty.whl"
    text.write_text("no zip")
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("readme.txt", "")

    with pytest.raises(InputError, match="is no wheel"):
        compare_connectors(text, text)
    with pytest.raises(InputError, match="has no connector"):
        compare_connectors(empty, empty)
