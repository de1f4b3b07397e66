"""Types for editors: what is written, what is refused, and that it is what can be called."""

import ast
from pathlib import Path
from typing import Any, Protocol

import pytest

from jackfield import Host


class Jack(Protocol):
    """Runs a command line; see conftest.py."""

    def __call__(self, *arguments: str) -> Any:
        """Give exit code, stdout, stderr."""


def classes(text: str) -> dict[str, ast.ClassDef]:
    """Give the classes of a stub."""
    return {node.name: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}


def calls(text: str) -> dict[str, list[str]]:
    """Give the keywords of each module in a stub, by the attribute that it is."""
    known = classes(text)
    found = {}
    for attribute in known["Modules"].body:
        assert isinstance(attribute, ast.FunctionDef)
        assert isinstance(attribute.returns, ast.Name)
        call = next(node for node in known[attribute.returns.id].body if isinstance(node, ast.FunctionDef))
        assert call.name == "__call__"
        found[attribute.name] = [argument.arg for argument in call.args.kwonlyargs]
    return found


def test_stubs_have_what_can_be_called(jack: Jack, tmp_path: Path) -> None:
    """Every module with every keyword, as it is called at run time."""
    code, out, err = jack("stubs", "--output", str(tmp_path))

    assert (code, out, err) == (0, f"{tmp_path / 'jackfield_typed'}\n", "Use it: from jackfield_typed import Host\n")
    texts = {path.name: path.read_text("utf-8") for path in (tmp_path / "jackfield_typed").iterdir()}
    assert "def station(self) -> _station.Modules" in texts["__init__.pyi"]
    assert {"get_weather", "tell_story"} <= calls(texts["station.pyi"]).keys()
    with Host(environ={}) as host:
        for name in ("github", "http", "openai"):
            for attribute, keywords in calls(texts[f"{name}.pyi"]).items():
                call = getattr(getattr(host, name), attribute)
                assert {*keywords} == {*call.__signature__.parameters}, attribute


def test_check_tells_what_is_stale(jack: Jack, tmp_path: Path) -> None:
    """And ends with 1; writing anew mends it, and takes away what is no more."""
    place = str(tmp_path)
    package = tmp_path / "jackfield_typed"
    assert jack("stubs", "station.*", "--output", place, "--check").code == 1
    assert jack("stubs", "station.*", "--output", place).code == 0
    assert jack("stubs", "station.*", "--output", place, "--check") == (0, "", "")

    code, out, err = jack("stubs", "openai.get_models", "--output", place, "--check")

    assert code == 1
    assert out.splitlines() == [str(package / name) for name in ("__init__.pyi", "openai.pyi", "station.pyi")]
    assert "Not as they would be written: 3" in err
    assert jack("stubs", "openai.get_models", "--output", place).code == 0
    assert not (package / "station.pyi").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["stubs", "statoin.*"], "There is no module 'statoin.*'"),
        (["stubs", "--name", "a-b"], "'a-b' cannot be the name of the package"),
        (["stubs", "--name", "class"], "'class' cannot be the name of the package"),
        (["stubs", "--name", "jackfield"], "and not jackfield"),
        (["stubs", "--name", "requests"], "one of that name is installed, and would be hidden"),
    ],
    ids=["no-module", "no-name", "keyword", "our-name", "name-of-another"],
)
def test_what_cannot_be_written_says_why(jack: Jack, tmp_path: Path, arguments: list[str], told: str) -> None:
    """With exit code 3, and nothing is left."""
    code, _, err = jack(*arguments, "--output", str(tmp_path / "out"))

    assert code == 3
    assert told in err
    assert not (tmp_path / "out").exists()


def test_what_somebody_else_wrote_stays(jack: Jack, tmp_path: Path) -> None:
    """The package is not written into a folder with other files."""
    package = tmp_path / "jackfield_typed"
    package.mkdir()
    (package / "mine.py").write_bytes(b"\xff\x00")

    code, _, err = jack("stubs", "--output", str(tmp_path))

    assert code == 3
    assert "mine.py" in err
    assert [path.name for path in package.iterdir()] == ["mine.py"]


HOSTILE = '''"""Hostile."""

from typing import Annotated

from attrs import frozen

from jackfield import Context, Text, module


@frozen(kw_only=True)
class Form:
    """A form."""

    text: Annotated[str, Text(label="Te\\\\xt", help=\'"""\\n    import os\\n\')]


@module(label="Say")
def say(form: Form, context: Context) -> Form:
    \'\'\'Say """ it \\\\" all.\'\'\'
    return form
'''


def test_texts_of_a_connector_stay_texts(jack: Jack, place: Any, tmp_path: Path) -> None:
    """A description that holds quotes and code is a docstring still."""
    place.write("hostile_words.py", HOSTILE)
    place.install("hostile-words", "[jackfield.modules]\nhostile.say = hostile_words:say\n")

    assert jack("stubs", "hostile.*", "--output", str(tmp_path / "out")).code == 0

    text = (tmp_path / "out" / "jackfield_typed" / "hostile.pyi").read_text("utf-8")
    assert "Import" not in {type(node).__name__ for node in ast.walk(classes(text)["SayCall"])}
    assert calls(text)["say"][0] == "text"


ODD = '''"""Odd."""

import datetime
from typing import Annotated

from attrs import frozen

from jackfield import Boolean, Context, Date, Integer, Sunset, Text, module


@frozen(kw_only=True)
class Odd:
    """Names that stand for something else in Python, in a call or in a type."""

    me: Annotated[str, Text(label="Me", key="self")]
    count: Annotated[int | None, Integer(label="Count", key="int")] = None
    more: Annotated[int | None, Integer(label="More", help="Two\\nlines.")] = None
    text: Annotated[str | None, Text(label="Text", key="str")] = None
    day: Annotated[datetime.date | None, Date(label="Day", key="datetime")] = None
    live: Annotated[bool | None, Boolean(label="Live", key="streaming")] = None


@frozen(kw_only=True)
class Nothing:
    """No field."""


@module(label="Say")
def say(form: Odd, context: Context) -> Odd:
    \'\'\'Say it.\'\'\'
    return form


@module(label="Old", sunset=Sunset(date=datetime.date(2020, 1, 2), reason="It\'s gone", replacement="odd.say"))
def old(form: Nothing, context: Context) -> Nothing:
    \'\'\'Do nothing.\'\'\'
    return form
'''


@pytest.fixture
def odd(jack: Jack, place: Any, tmp_path: Path) -> str:
    """Give the stub of a connector with odd names."""
    place.write("odd_names.py", ODD)
    place.install("odd-names", "[jackfield.modules]\nodd.say = odd_names:say\nodd.old = odd_names:old\n")
    assert jack("stubs", "odd.*", "--output", str(tmp_path / "out")).code == 0
    return (tmp_path / "out" / "jackfield_typed" / "odd.pyi").read_text("utf-8")


def test_odd_names_of_fields_are_python_still(odd: str) -> None:
    """``self`` is ``self_``; a field called as a type does not stand for the type; a help of two lines is one."""
    compile(odd, "odd.pyi", "exec")  # tells of two parameters of one name

    assert calls(odd)["say"][:6] == ["self_", "int", "more", "str", "datetime", "streaming_"]
    assert "OddDict" not in classes(odd)
    assert "            more: More. Two lines.\n" in odd


def test_what_stops_working_is_marked(odd: str) -> None:
    """So that editors strike it through and say what is to be used instead; it has no list of fields that it lacks."""
    marked = {
        attribute.name: [ast.unparse(one) for one in attribute.decorator_list]
        for attribute in classes(odd)["Modules"].body
        if isinstance(attribute, ast.FunctionDef)
    }

    assert marked["say"] == ["property"]
    assert marked["old"] == ["property", 'deprecated("Sunset 2020-01-02: It\'s gone. Use odd.say.")']
    assert "Args:" not in str(ast.get_docstring(classes(odd)["OldCall"].body[0]))  # type: ignore[arg-type]


def test_a_stub_imports_what_it_uses(odd: str) -> None:
    """And no more, which strict checkers would tell."""
    tree = ast.parse(odd)
    imported = {
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}

    assert imported <= used


def test_what_is_left_out_says_why(jack: Jack, place: Any, tmp_path: Path) -> None:
    """With the connector's own error, and what looks further into it."""
    place.write("broken_import.py", "import no_such_thing\n")
    place.install("broken-import", "[jackfield.modules]\nbroken.say = broken_import:say\n")

    code, _, err = jack("stubs", "broken.*", "--output", str(tmp_path / "out"))

    assert code == 0
    assert "warning: broken.say is left out. The module 'broken.say' of broken-import" in err
    assert "No module named 'no_such_thing'" in err
    assert "next: jackfield plugin list --load" in err
