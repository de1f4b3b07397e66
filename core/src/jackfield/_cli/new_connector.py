"""``connector new``: the package of a connector that works already, made from templates in this folder."""

import importlib.metadata
import re
import shutil
import tempfile
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from jackfield._cli.settings import open_host
from jackfield._cli.terminal import say, write
from jackfield.errors import FileError, InputError

_FILES: Mapping[str, str] = {
    ".github/workflows/publish.yml": "publish.yml",
    ".github/workflows/test.yml": "test.yml",
    ".gitignore": "gitignore",
    "CHANGELOG.md": "CHANGELOG.md",
    "README.md": "README.md",
    "docs/development.md": "development.md",
    "pyproject.toml": "pyproject.toml",
    "src/{package}/__init__.py": "init.py",
    "src/{package}/cases.py": "cases.py",
    "src/{package}/connection.py": "connection.py",
    "src/{package}/item.py": "item.py",
    "src/{package}/item_search.py": "item_search.py",
    "src/{package}/item_watch.py": "item_watch.py",
    "src/{package}/py.typed": "",
    "tests/test_connection.py": "connection_tests.py",
    "tests/test_item.py": "item_tests.py",
    "tests/test_item_search.py": "item_search_tests.py",
    "tests/test_item_watch.py": "item_watch_tests.py",
    "tests/test_rules.py": "rules_tests.py",
}
"""Where each file of a package is, and its template; empty for an empty file."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_MOST_NAME = 40
"""A longer one makes ids that nobody types; a change of this number is no change for those that there are."""

_MOST_TITLE = 60
"""As for any label: more do not fit into a list."""


def new_connector(name: str, folder: Path | None, title: str) -> None:
    """Write the package of a connector, and tell what to do with it.

    Args:
        name: Of the service, as ids begin with it.
        folder: Where; ``jackfield-NAME`` in the current one without.
        title: What people read; made from the name if it is empty.

    Raises:
        InputError: The name or the title cannot be used, or the folder has something in it.
        FileError: It cannot be written; nothing of it is left.
    """
    _check_name(name)
    _check_title(title)
    target = (folder or Path(f"jackfield-{_dashed(name)}")).absolute()
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        message = f"There is something at {target} already, and it stays as it is."
        raise InputError(message, hint="Choose another place with --path, or take it away yourself.")
    _refuse_installed(name)
    _write_whole(target, _words(name, title))
    write(f"{target}\n")
    say(f"This is a connector that works. Next:\n{_next_steps(target, name)}")


def _next_steps(target: Path, name: str) -> str:
    steps = (
        f'cd "{target}"',
        'pip install -e ".[dev]"',
        "pytest",
        f"jackfield connector check {name}",
        f"jackfield module show {name}.create_item",
    )
    return "".join(f"  {step}\n" for step in steps).rstrip("\n")


def _check_name(name: str) -> None:
    if _NAME.fullmatch(name) and len(name) <= _MOST_NAME and not name.startswith("jackfield"):
        return
    rule = "lower-case letters, digits and single underscores, a letter first"
    message = f"{name!r} cannot be the name of a connector: it has {rule}, is at most {_MOST_NAME} long, "
    message += "and is that of the service alone, without jackfield."
    near = re.sub(r"[^a-z0-9]+", "_", name.lower().replace("jackfield", "")).strip("_0123456789")[:_MOST_NAME]
    raise InputError(message, hint=f"Try: jackfield connector new {near.rstrip('_') or 'acme'}")


def _check_title(title: str) -> None:
    if not title.isprintable() or set(title) & set('"\\@') or len(title) > _MOST_TITLE:
        message = (
            f"The title is one line of text of at most {_MOST_TITLE} characters, without quotes, backslashes and @."
        )
        raise InputError(message, hint='Leave --title out, or give a plain one: --title "Acme Mail".')


def _refuse_installed(name: str) -> None:
    """Refuse a name that an installed connector has: both would be told as duplicates, and neither would run."""
    with open_host() as host:
        taken = {handle.id: handle.distribution for handle in host.connectors()}
    if name in taken:
        message = f"There is a connector {name!r} already, from {taken[name]}; two of one name cannot both be used."
        raise InputError(message, hint=f"Choose another name, or add modules to it: jackfield connector show {name}")


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _words(name: str, title: str) -> dict[str, str]:
    """Give what stands for each place in the templates."""
    return {
        "name": name,
        "package": f"jackfield_{name}",
        "distribution": f"jackfield-{_dashed(name)}",
        "title": title or name.replace("_", " ").title(),
        "variable": name.upper(),
        "host": f"api.{_dashed(name)}.example",
        "core": _core_range(importlib.metadata.version("jackfield")),
    }


def _core_range(version: str) -> str:
    """Give which versions of core are sure to work: before 1.0 a minor version may break, from then on a major one."""
    major, minor = (int(part) for part in version.split(".")[:2])
    return f">={major}.{minor},<{major + 1}" if major else f">=0.{minor},<0.{minor + 1}"


def _write_whole(target: Path, words: Mapping[str, str]) -> None:
    """Write every file, or none: whoever looks sees the whole package or nothing."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".jackfield-", dir=target.parent))
        try:
            inside = made / "package"
            for place, template in _FILES.items():
                _write(inside / place.format(**words), template, words)
            if target.exists():
                target.rmdir()  # it is empty, or this fails
            inside.rename(target)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        message = f"{target} cannot be written: {error.strerror}."
        raise FileError(message, hint="Choose another place with --path.") from error


def _write(path: Path, template: str, words: Mapping[str, str]) -> None:
    text = ""
    if template:
        text = resources.files(__package__).joinpath("connector_template", f"{template}.tmpl").read_text("utf-8")
        text = re.sub(r"@(\w+)@", lambda place: words[place[1]], text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")
