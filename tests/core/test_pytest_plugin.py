"""What pytest gets from an installed jackfield; each in a process of its own."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from jackfield import _pytest_plugin

FIXTURES = """
import json
from collections.abc import Iterator
from typing import Annotated

from attrs import frozen

from jackfield import ConnectionType, Context, Effect, Host, Password, Secret, Url, header, module
from jackfield.testing import ReplayServer


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password(label="API key")]
    url: Annotated[str, Url(label="Server")]


account = ConnectionType(
    label="Echo", form=Account, origin=lambda form: form.url, authorize=header("X-Key", "{api_key}")
)


@frozen(kw_only=True)
class Said:
    text: str


@module(label="Say", connection=account, effect=Effect.READ)
def say(form: Said, context: Context) -> Said:
    return context.client.post("/say", json=form, into=Said)


KEY = {"api_key": "k", "url": "http://127.0.0.1:PORT"}


def test_memory(jackfield_host, replay):
    replay.reply({"text": "hi"})
    assert jackfield_host.run(say, Said(text="a"), connection=KEY).output == Said(text="hi")
    assert replay.bodies == [{"text": "a"}]


def test_recorded(cassette):
    with Host(plugins=[cassette], discover=False, environ={}) as host:
        assert host.run(say, Said(text="a"), connection=KEY).output == Said(text="hi")
"""


def pytested(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run pytest in a folder with our plugin and nobody else's, whether or not this environment knows of them."""
    options = ["-q", "-p", "no:cacheprovider", "-p", "jackfield._pytest_plugin"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # some import much: LangSmith's
    (folder / "pytest.ini").write_text("[pytest]\n")
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", *options, *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environ,
        check=False,
    )


def test_tests_get_a_service_a_host_and_a_cassette(tmp_path: Path) -> None:
    """A cassette is recorded when that is asked for, beside the test, and played back from then on."""
    from jackfield.testing import ReplayServer  # noqa: PLC0415  the other test must see that nobody else imported it

    with ReplayServer() as server:
        (tmp_path / "test_echo.py").write_text(FIXTURES.replace("PORT", server.url.rpartition(":")[2]))
        server.reply({"text": "hi"})
        missing = pytested(tmp_path)
        recording = pytested(tmp_path, "--jackfield-record", "-k", "recorded")
    playing = pytested(tmp_path)

    assert "1 passed, 1 error" in missing.stdout, missing.stdout + missing.stderr
    assert "There is no cassette" in missing.stdout
    assert "pytest --jackfield-record" in missing.stdout
    assert "1 passed" in recording.stdout, recording.stdout + recording.stderr
    assert (tmp_path / "cassettes" / "test_echo" / "test_recorded.json").is_file()
    assert "2 passed" in playing.stdout, playing.stdout + playing.stderr


SEVERAL = """
import pytest


class TestA:
    def test_x(self, cassette):
        pass


class TestB:
    def test_x(self, cassette):
        pass


@pytest.mark.parametrize("way", ["a/b", "a_b", "a b"])
def test_way(cassette, way):
    pass
"""


def test_each_test_has_a_cassette_of_its_own(tmp_path: Path) -> None:
    """Also tests of one name in two classes, and parameters that look alike in the name of a file."""
    (tmp_path / "test_several.py").write_text(SEVERAL)

    pytested(tmp_path, "--jackfield-record")

    names = sorted(path.name for path in (tmp_path / "cassettes" / "test_several").iterdir())
    assert len(names) == 5, names
    assert names[:2] == ["TestA.test_x.json", "TestB.test_x.json"]
    assert "test_way_a_b_.json" in names


ENDINGS = """
import pytest


def test_fails(cassette):
    assert cassette is None


def test_skips(cassette):
    pytest.skip("not today")


def test_passes(cassette):
    pass
"""


def test_only_a_test_that_passes_replaces_its_recording(tmp_path: Path) -> None:
    """A service that is away for a moment costs nobody what was recorded."""
    folder = tmp_path / "cassettes" / "test_endings"
    folder.mkdir(parents=True)
    names = [f"test_{how}.json" for how in ("fails", "skips", "passes")]
    for name in names:
        (folder / name).write_text("recorded before")
    (tmp_path / "test_endings.py").write_text(ENDINGS)

    done = pytested(tmp_path, "--jackfield-record")

    assert "1 failed, 1 passed, 1 skipped" in done.stdout, done.stdout + done.stderr
    assert [name for name in names if (folder / name).read_text() != "recorded before"] == ["test_passes.json"]


def test_what_was_recorded_and_not_asked_for_fails_the_test(tmp_path: Path) -> None:
    """A cassette does not grow old unseen."""
    folder = tmp_path / "cassettes" / "test_echo"
    folder.mkdir(parents=True)
    exchange = '{"request": {"method": "GET", "url": "https://a.example/x", "body": null}, '
    exchange += '"reply": {"status": 200, "headers": {}, "json": 1}}'
    (folder / "test_nothing.json").write_text(f'{{"format": 1, "exchanges": [{exchange}]}}')
    (tmp_path / "test_echo.py").write_text("def test_nothing(cassette):\n    pass\n")

    done = pytested(tmp_path)

    assert "recorded and not asked for: GET https://a.example/x" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1


def test_starting_pytest_imports_nothing_heavy(tmp_path: Path) -> None:
    """Everybody who has jackfield installed starts pytest with it."""
    (tmp_path / "test_light.py").write_text(
        "import sys\n\n\ndef test_light():\n"
        "    assert not {'requests', 'cattrs', 'rich', 'urllib3'} & set(sys.modules)\n"
    )

    done = pytested(tmp_path)

    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_plugin_is_the_one_in_the_metadata() -> None:
    """Where pytest looks for it."""
    project = tomllib.loads((Path(__file__).parents[2] / "core" / "pyproject.toml").read_text("utf-8"))["project"]

    assert project["entry-points"]["pytest11"] == {"jackfield": _pytest_plugin.__name__}
