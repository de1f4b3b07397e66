"""The reader of the docs is strict: a page that is wrong in any way fails."""

import sys
from typing import Protocol

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the pages show commands for a POSIX shell")


class Reader(Protocol):
    """Does what a page shows; see conftest.py."""

    def follow(self, text: str) -> None:
        """Do all that a page shows."""


def console(*lines: str, word: str = "") -> str:
    """Make a block of commands and what they print."""
    return "\n".join([f"```console{word}", *lines, "```", ""])


def file(*lines: str) -> str:
    """Make a block that is saved as a file."""
    return "\n".join(["```python", *lines, "```", ""])


def test_a_page_that_is_right_passes(quick_reader: Reader) -> None:
    """Variables, directories and exit codes last from one command to the next, as in a shell."""
    quick_reader.follow(
        file("# inner/hello.py", "import os", "print('Hello', os.environ['NAME'])", "raise SystemExit(3)")
        + console("$ export NAME=Ada", "$ cd inner")
        + console("$ python \\", ">     hello.py", "Hello ...", "$ echo $?", "3")
    )


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (console("$ echo one", "two"), r"it printed:\s+one"),
        (console("$ echo one"), r"it printed:\s+one"),
        (console("$ echo one >&2"), r"it printed:\s+one"),
        (console("$ true", "one"), "the page shows:"),
        (console("$ false", "$ true"), "ended with 1"),
        (console("$ false"), "== 0"),
        (console("$ no-such-command-here"), "not found"),
        (console("one"), "starts with a command"),
        (file("print('one')"), "says its path"),
        (file("# one.py", "print('one')"), "nothing uses one.py"),
        (file("# one.py", "1 / 0") + console("$ python one.py"), "ZeroDivisionError"),
        (console("$ pip install no-such-distribution-here"), "no-such-distribution-here"),
        (console("$ echo 8765", word=" keeps-running"), "it ended"),
    ],
    ids=[
        "other output",
        "output that is not shown",
        "an error that is not shown",
        "output that does not come",
        "failure in between",
        "failure at the end",
        "unknown command",
        "output before any command",
        "file without a path",
        "file that nothing uses",
        "program that fails",
        "package that is not there",
        "server that ends",
    ],
)
def test_a_page_that_is_wrong_fails(quick_reader: Reader, page: str, said: str) -> None:
    """And the failure says what is wrong."""
    with pytest.raises((AssertionError, ModuleNotFoundError), match=said):
        quick_reader.follow(page)
