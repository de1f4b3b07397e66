"""Nothing in the sources works on one operating system alone, unless it stands where that is asked about first."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for folder in ("core/src", "plugins", "contrib", "docs") for path in (ROOT / folder).rglob("*.py")
)
MODULES = {"fcntl", "grp", "msvcrt", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty", "winreg"}
CALLS = {
    "os": {
        "chown",
        "fchmod",
        "fork",
        "forkpty",
        "getegid",
        "geteuid",
        "getgid",
        "getloadavg",
        "getpgid",
        "getppid",
        "getuid",
        "killpg",
        "mkfifo",
        "nice",
        "openpty",
        "pipe2",
        "register_at_fork",
        "sendfile",
        "setsid",
        "startfile",
        "statvfs",
        "sysconf",
        "uname",
    },
    "signal": {"SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGUSR1", "SIGUSR2", "alarm", "pause"},
    "socket": {"AF_UNIX", "SO_REUSEPORT"},
    "asyncio": {"add_signal_handler"},
}
PLACES = re.compile(r"^(/tmp|/var|/dev|/proc|/etc|/usr|[A-Z]:)(/|\\|$)")
GUARD = re.compile(r"sys\.platform|os\.name|hasattr\(|_ON_LINUX|ON_WINDOWS")
TEXT_METHODS = {"read_text", "write_text"}


class Finder(ast.NodeVisitor):
    """Finds what is of one system, outside of guards."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_If(self, node: ast.If) -> None:
        """Pass over what is only run after the system was asked about; either branch may be meant."""
        if not GUARD.search(ast.unparse(node.test)):
            self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Pass over what follows a question about the system that returns."""
        for statement in node.body:
            if isinstance(statement, ast.If) and GUARD.search(ast.unparse(statement.test)):
                if isinstance(statement.body[-1], ast.Return):
                    return
                continue
            self.visit(statement)

    visit_IfExp = visit_If  # type: ignore[assignment]  # noqa: N815  the names are ast's  # it has the same test

    def visit_Try(self, node: ast.Try) -> None:
        """Pass over what is tried, and done otherwise where it is missing."""
        caught = " ".join(ast.unparse(handler.type) for handler in node.handlers if handler.type)
        if not re.search("ImportError|AttributeError", caught):
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        """Look for modules."""
        self.found += [f"line {node.lineno}: {name.name}" for name in node.names if name.name in MODULES]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Look for modules, and for names out of them."""
        names = {name.name for name in node.names}
        wrong = names & CALLS.get(node.module or "", set()) or ({node.module} & MODULES)
        self.found += [f"line {node.lineno}: {name}" for name in wrong]

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Look for functions and signals."""
        if isinstance(node.value, ast.Name) and node.attr in CALLS.get(node.value.id, set()):
            self.found.append(f"line {node.lineno}: {node.value.id}.{node.attr}")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Look for places."""
        if isinstance(node.value, str) and PLACES.match(node.value):
            self.found.append(f"line {node.lineno}: {node.value}")

    def visit_Call(self, node: ast.Call) -> None:
        """Look for text that is read or written as the system likes it."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        if name in TEXT_METHODS and "encoding" not in keywords and len(node.args) < (1 if name == "read_text" else 2):
            self.found.append(f"line {node.lineno}: {name}() without an encoding")
        if name == "open" and "encoding" not in keywords and not self._is_no_file(node, keywords):
            self.found.append(f"line {node.lineno}: open() without an encoding")
        self.generic_visit(node)

    @staticmethod
    def _is_no_file(node: ast.Call, keywords: dict[str | None, ast.expr]) -> bool:
        modes = [item.value for item in (*node.args, *keywords.values()) if isinstance(item, ast.Constant)]
        of_path = isinstance(node.func, ast.Attribute) and not node.args and not keywords
        binary = any(isinstance(mode, str) and re.fullmatch(r"[rwxa+]*b[rwxa+]*", mode) for mode in modes)
        others = ("os", "connection", "webbrowser")
        of_os = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) in others
        return binary or of_os or (of_path and isinstance(node.func, ast.Attribute) and _is_our_own(node.func.value))


def _is_our_own(value: ast.expr) -> bool:
    """Tell whether ``x.open()`` is a File's, which gives bytes."""
    return bool(re.search(r"file|source|self", ast.unparse(value), re.IGNORECASE))


def found_in(text: str) -> list[str]:
    """Find what is of one system in a program."""
    finder = Finder()
    finder.visit(ast.parse(text))
    return finder.found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_of_one_system(path: Path) -> None:
    """Modules, functions, signals, places; and text has an encoding that does not depend on where it is read."""
    assert found_in(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "import fcntl",
        "from termios import tcgetattr",
        "from os import fork",
        "def f():\n    import pty",
        "os.getuid()",
        "signal.signal(signal.SIGHUP, f)",
        'Path("/tmp/x")',
        r'open("C:\\Temp", "rb")',
        'open("x")',
        'Path("x").open("w")',
        "p.read_text()",
        'p.write_text("x")',
        "if x:\n    os.fork()",
    ],
)
def test_what_is_of_one_system_is_found(text: str) -> None:
    """The test above can fail."""
    assert len(found_in(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        'if sys.platform == "win32":\n    import msvcrt\nelse:\n    import fcntl',
        'if hasattr(os, "fork"):\n    os.register_at_fork()',
        "try:\n    os.getuid()\nexcept AttributeError:\n    pass",
        'open("x", "rb")',
        'open("x", encoding="utf-8")',
        'p.write_text("x", "utf-8")',
        "os.open(p, os.O_RDONLY)",
        "file.open()",
    ],
)
def test_what_asks_first_is_fine(text: str) -> None:
    """As is what all systems have."""
    assert found_in(text) == []


def test_every_system_and_python_is_tested() -> None:
    """The workflow runs the tests on each."""
    workflow = (ROOT / ".github" / "workflows" / "checks.yml").read_text("utf-8")

    assert re.search(r"os: \[ubuntu-latest, macos-latest, windows-latest\]", workflow)
    assert re.search(r'python: \["3\.11", "3\.12", "3\.13"\]', workflow)
