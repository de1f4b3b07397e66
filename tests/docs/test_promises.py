"""The page of the transport's promises names a test for each, and the tests are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "network.md").read_text("utf-8")
SHOWN = re.findall(r"^\| ([^|]+?) \| (`.*`) \|$", PAGE.partition("## Which test shows it")[2], re.MULTILINE)
TESTS = sorted({name for _, names in SHOWN for name in re.findall(r"`(\S+::\w+)`", names)})


def test_each_promise_has_its_tests() -> None:
    """One row for each section of the page, in the order of the page."""
    sections = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)

    assert [promise for promise, _ in SHOWN] == [name for name in sections if name != "Which test shows it"]
    assert all(names.count("`") == 2 * names.count("::") for _, names in SHOWN)


@pytest.mark.parametrize("test", TESTS)
def test_a_test_that_is_named_is_there(test: str) -> None:
    """And does what its docstring says for anybody who looks it up."""
    place, _, name = test.partition("::")
    path = ROOT / place if place.startswith("tests/") else ROOT / "tests" / "core" / "http" / place
    found = {node.name: node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)}

    assert ast.get_docstring(found[name])
