"""A connector costs its author little, and that stays so."""

import ast
import importlib.metadata
import io
import tokenize
from pathlib import Path
from typing import TypeGuard

import jackfield_github

PACKAGE = Path(jackfield_github.__file__).parent
FIRST, EACH = 40, 30
"""The most lines that the connection and the first module may take together, and each further module."""


def is_skipped(node: ast.AST) -> TypeGuard[ast.stmt]:
    """Tell whether nobody has to think of a statement."""
    if isinstance(node, ast.Assign):
        return [ast.unparse(target) for target in node.targets] == ["__all__"]
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return is_text or isinstance(node, ast.Import | ast.ImportFrom)


def lines_of(path: Path) -> int:
    """Count the lines that say something, at most 100 columns wide.

    Blank lines, comments and docstrings do not count, nor do imports and ``__all__``, which tools write.
    """
    text = path.read_text("utf-8")
    quiet = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    found = {line for token in tokens if token.type not in quiet for line in range(token.start[0], token.end[0] + 1)}
    skipped = [node for node in ast.walk(ast.parse(text)) if is_skipped(node)]
    assert max(map(len, text.splitlines())) <= 100
    return len(found - {line for node in skipped for line in range(node.lineno, (node.end_lineno or 0) + 1)})


def counted() -> dict[str, int]:
    """Give the lines of each file of modules, by the file's name."""
    modules = importlib.metadata.entry_points(group="jackfield.modules")
    names = {point.module.rpartition(".")[2] for point in modules if point.name.startswith("github.")}
    return {name: lines_of(PACKAGE / f"{name}.py") for name in names}


def test_the_connection_and_the_first_module_are_a_page() -> None:
    """Who wants to know how a connector is made reads two short files."""
    assert lines_of(PACKAGE / "connection.py") + counted()["issue_get"] <= FIRST


def test_each_further_module_is_half_a_screen() -> None:
    """Its form, its output and its request."""
    assert {name: lines for name, lines in counted().items() if lines > EACH} == {}


def test_what_modules_share_is_counted_too() -> None:
    """Nothing is hidden in a file that no module is named for."""
    unshipped = {"cases.py"}  # it is for tests
    whole = sum(lines_of(path) for path in PACKAGE.glob("*.py") if path.name not in unshipped)

    assert whole <= FIRST + EACH * (len(counted()) - 1)
