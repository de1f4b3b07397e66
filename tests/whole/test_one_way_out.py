"""Nothing goes out to the network, or starts a program, but the transport: seen in the code itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for part in ("core", "plugins", "contrib") for path in (ROOT / part).rglob("src/**/*.py") if path.is_file()
)

MODULES = frozenset(
    {
        "_posixsubprocess",
        "_socket",
        "_ssl",
        "_winapi",
        "aiohttp",
        "asynchat",
        "asyncore",
        "cffi",
        "concurrent.futures.ProcessPoolExecutor",
        "concurrent.futures.process",
        "ctypes",
        "ftplib",
        "http.client",
        "http.server",
        "httpcore",
        "httpx2",
        "hypercorn",
        "mcp.client",
        "httpx",
        "imaplib",
        "logging.config",
        "logging.handlers",
        "multiprocessing",
        "nntplib",
        "poplib",
        "pty",
        "pycurl",
        "requests.adapters",
        "requests.api",
        "requests.packages",
        "requests.sessions",
        "runpy",
        "smtplib",
        "socket",
        "socketserver",
        "ssl",
        "subprocess",
        "telnetlib",
        "urllib.request",
        "urllib3",
        "uvicorn",
        "webbrowser",
        "websockets",
        "wsgiref",
        "xmlrpc",
    }
)
"""What opens sockets or starts programs; of a package, all that is below it."""

_REQUESTS: tuple[str, ...] = (
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "request",
    "session",
    "Session",
)
_SYSTEM: tuple[str, ...] = (
    "execl",
    "execle",
    "execlp",
    "execlpe",
    "execv",
    "execve",
    "execvp",
    "execvpe",
    "fork",
    "forkpty",
    "popen",
    "posix_spawn",
)
_SYSTEM += ("posix_spawnp", "spawnl", "spawnle", "spawnlp", "spawnv", "spawnve", "spawnvp", "startfile", "system")
_STREAMS: tuple[str, ...] = ("create_connection", "create_datagram_endpoint", "create_server", "create_subprocess_exec")
_STREAMS += ("create_subprocess_shell", "create_unix_connection", "open_connection", "open_unix_connection")
_STREAMS += ("sock_connect", "sock_sendto", "start_server", "start_unix_server", "subprocess_exec", "subprocess_shell")
NAMES = frozenset(
    {f"requests.{name}" for name in _REQUESTS}
    | {f"os.{name}" for name in _SYSTEM}
    | {f"asyncio.{name}" for name in _STREAMS}
)
"""Functions that do it, in modules that are good for other things too."""
METHODS = frozenset(_STREAMS)
"""The same of an event loop, whatever it is called."""

IMPORTERS = frozenset({"__import__", "find_spec", "import_module", "resolve_name"})
"""What imports a module that is named by a text; under another name nobody would see which."""

TRANSPORT = "core/src/jackfield/_http"
OF_TRANSPORT = frozenset({"http.client", "requests.adapters", "socket", "ssl", "urllib3"})
"""What the transport is made of; it starts no programs and no servers either."""
SERVERS = {
    # A stand-in for the service: listens on loopback, and connects to nobody.
    "plugins/github/src/jackfield_github/sandbox/server.py": {"http.server"},
    "plugins/openai/src/jackfield_openai/sandbox/server.py": {"http.server", "socket", "socketserver"},
    # Modules as tools of MCP clients: listens on loopback, or where a person says, and connects to nobody.
    "contrib/mcp/src/jackfield_mcp/http_server.py": {"socket", "uvicorn"},
    # Where the browser comes back to after a login; on loopback, for one answer.
    "core/src/jackfield/_oauth/loopback.py": {"http.server"},
    # What an author's tests ask instead of the service; on loopback.
    "core/src/jackfield/testing/served.py": {"http.server"},
}
"""The servers that hosts have of their own, by name, each with what it needs."""
PROGRAMS = {
    # A secret may be what a program prints, if the host allows it.
    "core/src/jackfield/_engine/programs.py": {"subprocess"},
    # What a connection stands for may be a program of this machine, if whoever runs the host allowed it.
    "core/src/jackfield/_processes.py": {"subprocess"},
    # The page of a login is opened in the browser of whoever sits there.
    "core/src/jackfield/_cli/browsing.py": {"webbrowser"},
    # The rules for connectors try imports and runs in a Python of their own, and after a fork.
    "core/src/jackfield/testing/_conformance/processes.py": {"subprocess"},
    "core/src/jackfield/testing/_conformance/child.py": {"os.fork"},
}
"""What starts programs, by name."""
EXCEPTED = {**SERVERS, **PROGRAMS}


def ways_out(source: str) -> Iterator[tuple[int, str]]:
    """Give each use of what goes out, with its line."""
    tree = ast.parse(source)
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.partition(".")[0]] = alias.name if alias.asname else ""
                yield from _forbidden(node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                yield from _forbidden(node.lineno, f"{node.module}.{alias.name}")
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            yield from _named(node, known, is_called=id(node) in called)
        elif isinstance(node, ast.Call):
            yield from _called(node, known)
        elif isinstance(node, ast.Subscript):
            yield from _forbidden(node.lineno, _text(node.slice))  # sys.modules["socket"]


def _named(node: ast.Attribute | ast.Name, known: dict[str, str], *, is_called: bool) -> Iterator[tuple[int, str]]:
    """Look at what a name means."""
    if isinstance(node, ast.Attribute):
        whole = _dotted(node, known)
        if whole in NAMES or node.attr in METHODS or (_module_of(whole) and isinstance(node.ctx, ast.Load)):
            yield node.lineno, _module_of(whole) or whole or node.attr
    if _is_import(node, known) and not is_called:
        yield node.lineno, "a function that imports, under another name"


def _called(node: ast.Call, known: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Look at what a call names by a text."""
    texts = [_text(value) for value in [*node.args, *(word.value for word in node.keywords)]]
    if _is_import(node.func, known):
        for text in texts:
            yield from _forbidden(node.lineno, text.partition(":")[0])
    elif isinstance(node.func, ast.Name) and node.func.id == "getattr":
        name = texts[1] if len(texts) > 1 else ""
        yield from _forbidden(node.lineno, f"{_dotted(node.args[0], known)}.{name}")
        if name in METHODS:
            yield node.lineno, name


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _forbidden(line: int, name: str) -> Iterator[tuple[int, str]]:
    whole = name.removesuffix(".*")  # a star brings all, what goes out among it
    everything = name != whole and any(one.startswith(f"{whole}.") for one in NAMES)
    module = _module_of(name) or (name if name in NAMES or everything else "")
    if module:
        yield line, module


def _module_of(name: str) -> str:
    parts = name.split(".")
    heads = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return next((head for head in heads if head in MODULES), "")


def _dotted(node: ast.expr, known: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, known)
        return f"{before}.{node.attr}" if before else ""
    if isinstance(node, ast.Name) and node.id in known:
        return known[node.id] or node.id
    return ""


def _is_import(function: ast.expr, known: dict[str, str]) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return known.get(name, name).rpartition(".")[2] in IMPORTERS


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_only_the_transport_goes_out(path: Path) -> None:
    """Whoever needs the network asks ``context.client``; what is excepted stands in this file by name."""
    place = path.relative_to(ROOT).as_posix()
    allowed = OF_TRANSPORT if place.startswith(f"{TRANSPORT}/") else EXCEPTED.get(place, set())

    found = [f"{place}:{line}: {what}" for line, what in ways_out(path.read_text("utf-8")) if what not in allowed]

    assert not found, "Go out through context.client or context.download, which check where a request goes."


def test_what_is_excepted_is_needed() -> None:
    """No exception outlives its reason."""
    for place, allowed in EXCEPTED.items():
        used = {what for _, what in ways_out((ROOT / place).read_text("utf-8"))}
        assert allowed <= used, place


@pytest.mark.parametrize(
    "source",
    [
        "import socket",
        "import socket as s",
        "from socket import create_connection",
        "import http.client",
        "from http import client",
        "from http.client import HTTPSConnection",
        "import urllib.request",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import urllib3",
        "from urllib3.util import connection",
        "import urllib3.poolmanager as p",
        "import subprocess",
        "from subprocess import run",
        "import requests\nrequests.get('x')",
        "import requests as r\nr.Session()",
        "from requests import Session",
        "from requests import post as p",
        "import requests\nrequests.sessions.Session()",
        "from requests.adapters import HTTPAdapter",
        "import os\nos.system('x')",
        "from os import popen",
        "import asyncio\nasyncio.open_connection('x', 1)",
        "from asyncio import open_connection",
        "loop.create_connection(x)",
        "import importlib\nimportlib.import_module('socket')",
        "__import__('subprocess')",
        "def inner():\n    import httpx",
        "from importlib import import_module as load\nload('socket')",
        "import importlib\nimportlib.import_module(name='socket')",
        "import importlib\nload = importlib.import_module\nload('socket')",
        "from importlib import import_module\nlist(map(import_module, ['socket']))",
        "import pkgutil\npkgutil.resolve_name('socket:socket')",
        "import sys\nsys.modules['socket']",
        "import os\ngetattr(os, 'system')('x')",
        "import requests\ngetattr(requests, 'get')('x')",
        "getattr(loop, 'create_connection')(x)",
        "from os import *",
        "from requests import *",
        "import requests\nrequests.packages.urllib3.PoolManager()",
        "from requests.packages import urllib3",
        "import os\nos.fork()",
        "from concurrent.futures import ProcessPoolExecutor",
        "import concurrent.futures\nconcurrent.futures.ProcessPoolExecutor()",
        "import ctypes",
        "import logging.handlers",
        "import runpy",
    ],
)
def test_the_look_sees_what_it_looks_for(source: str) -> None:
    """Every way of spelling it."""
    assert list(ways_out(source))


@pytest.mark.parametrize(
    "source",
    [
        "from http import HTTPStatus",
        "from urllib.parse import urlsplit",
        "from requests import PreparedRequest, Request, Response",
        "from requests.structures import CaseInsensitiveDict",
        "import os\nos.environ.get('x')",
        "import asyncio\nasyncio.wrap_future(x)",
        "context.client.get('/x')",
        "form.request.get('x')",
        "import importlib\nimportlib.import_module(name)",
        "values['get']",
        "getattr(request, 'get')",
        "from importlib import import_module as load\nload(name)",
    ],
)
def test_the_look_leaves_the_rest_alone(source: str) -> None:
    """Types, parsers and clients that were handed over."""
    assert list(ways_out(source)) == []
