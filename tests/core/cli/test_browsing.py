"""Opening a page in a browser: on a terminal, where there are windows, and only pages of the web."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

if sys.platform in {"win32", "darwin"}:
    pytest.skip("these open the system's browser, which a test cannot choose", allow_module_level=True)

import pty

PAGE = "https://club.example/authorize?state=a&scope=read%20write"
PROGRAM = "import sys; from jackfield._cli.browsing import open_browser; print(open_browser(sys.argv[1]))"
BROWSER = """import pathlib, sys
pathlib.Path(sys.argv[1]).write_text(sys.argv[3])
sys.exit(int(sys.argv[2]))
"""

Ask = Callable[..., tuple[str, str]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Have a page opened in a process with a browser of its own; give what it says, and what the browser was given."""
    browser, given, empty = tmp_path / "browser.py", tmp_path / "given", tmp_path / "empty"
    browser.write_text(BROWSER)
    empty.mkdir()

    def call(url: str = PAGE, *, terminal: bool = True, fails: bool = False, **variables: str) -> tuple[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
        command = f"{sys.executable} {browser} {given} {int(fails)} %s"
        environ = {**kept, "BROWSER": command, "PATH": str(empty), **variables}
        said = _run([sys.executable, "-c", PROGRAM, url], environ, terminal=terminal)
        return said, given.read_text() if given.exists() else ""

    return call


def _run(words: list[str], environ: Mapping[str, str], *, terminal: bool) -> str:
    ours, theirs = pty.openpty()
    stream = theirs if terminal else subprocess.DEVNULL
    try:
        done = subprocess.run(words, env=environ, stdin=stream, stderr=stream, stdout=subprocess.PIPE, check=True)
    finally:
        os.close(theirs)
        os.close(ours)
    return done.stdout.decode().strip()


@pytest.mark.parametrize("variable", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_page_is_opened_where_somebody_sits(ask: Ask, variable: str) -> None:
    """As it is, with its whole query."""
    assert ask(**{variable: ":0"}) == ("True", PAGE)


def test_nothing_is_opened_where_there_are_no_windows(ask: Ask) -> None:
    """A browser of the terminal would take it over."""
    assert ask() == ("False", "")


def test_nothing_is_opened_where_nobody_sits(ask: Ask) -> None:
    """A scheduled run opens no pages on a screen."""
    assert ask(terminal=False, DISPLAY=":0") == ("False", "")


def test_a_browser_that_fails_is_told(ask: Ask) -> None:
    """The address is shown all the same."""
    assert ask(fails=True, DISPLAY=":0") == ("False", PAGE)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:alert(1)", "--version", "/etc/passwd", ""])
def test_only_pages_of_the_web_are_opened(ask: Ask, url: str) -> None:
    """A service that names something else gets nothing opened here."""
    assert ask(url, DISPLAY=":0") == ("False", "")
