"""Whoever shows values shows a mask: each of these is a way in which keys have ended up in logs."""

import builtins
import copy
import dataclasses
import gc
import inspect
import io
import json
import logging
import pprint
import reprlib
import subprocess
import sys
import traceback
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs
import msgspec
import pytest
from attrs import frozen
from rich import inspect as rich_inspect
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback

from jackfield import Connection, ConnectionType, Secret

CANARY = "canary-of-4711-swallows"


@frozen(kw_only=True)
class Account:
    api_key: Secret


@dataclasses.dataclass
class Plain:
    api_key: Secret


def _console(show: Callable[[Console], object]) -> str:
    console = Console(file=io.StringIO(), width=200)
    show(console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _raised(secret: Secret) -> BaseException:
    """Fail with the secret, and things that hold it, among the variables."""
    account, listed = Account(api_key=secret), {"key": [secret]}

    def fail() -> None:
        message = f"{account} {listed} {connection}"
        raise ValueError(message)

    connection = Connection(
        type=ConnectionType(label="X", form=Account, origin="https://x.example"),
        type_id="x.x",
        name="",
        source="",
        form=account,
    )
    try:
        fail()
    except ValueError as error:
        return error
    raise AssertionError


def _rich_trace(secret: Secret) -> str:
    error = _raised(secret)
    trace = Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True, locals_max_string=500)
    return _console(lambda console: console.print(trace))


def _as_cgitb(secret: Secret) -> str:
    """Show every variable of every frame, and its attributes, as cgitb and Sentry do."""
    trace = _raised(secret).__traceback__
    seen = []
    while trace is not None:
        for name, value in trace.tb_frame.f_locals.items():
            seen.append(f"{name} = {value!r} {pprint.saferepr(value)} {reprlib.repr(value)}")
            if name != "secret":
                seen += [f"{key} = {item!r}" for key, item in inspect.getmembers(value) if key[:2] != "__"]
        trace = trace.tb_next
    return "\n".join(seen)


def _logged(secret: Secret) -> str:
    file = io.StringIO()
    handler = logging.StreamHandler(file)
    handler.setFormatter(logging.Formatter("%(message)s %(args)s"))
    logger = logging.getLogger(f"{__name__}.shown")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        logger.debug("%s %r", secret, Account(api_key=secret))
        logger.debug(f"{secret} {secret!r}")  # noqa: G004  old code does this
        logger.error("failed", exc_info=_raised(secret))
    finally:
        logger.removeHandler(handler)
    return file.getvalue()


SHOWN: dict[str, Callable[[Secret], object]] = {
    "a traceback with variables": lambda secret: "".join(
        traceback.TracebackException.from_exception(_raised(secret), capture_locals=True).format()
    ),
    "every attribute of every variable": _as_cgitb,
    "a log": _logged,
    "rich": lambda secret: _console(lambda console: console.print(secret, Account(api_key=secret), [secret])),
    "rich's traceback with variables": _rich_trace,
    "rich.inspect": lambda secret: _console(
        lambda console: rich_inspect(secret, console=console, methods=True, private=True, dunder=True)
    ),
    "rich's pretty printer": lambda secret: pretty_repr(Account(api_key=secret)),
    "pprint": lambda secret: pprint.pformat({"key": [secret, Account(api_key=secret)]}),
    "dir": lambda secret: [*dir(secret), inspect.getdoc(secret)],
    "dataclasses.asdict": lambda secret: str(dataclasses.asdict(Plain(secret))),
    "dataclasses.astuple": lambda secret: repr(dataclasses.astuple(Plain(secret))),
    "attrs.asdict": lambda secret: repr(attrs.asdict(Account(api_key=secret))),
    "copies": lambda secret: repr([copy.copy(secret), copy.deepcopy([Account(api_key=secret)])]),
    "JSON with default=repr": lambda secret: json.dumps([secret], default=repr),
    "ascii": builtins.ascii,
    "names of what refers to it": lambda secret: str([type(item) for item in gc.get_referents(secret)]),
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
def test_whoever_shows_it_shows_a_mask(show: Callable[[Secret], object]) -> None:
    """No part of it, in any way of printing that people use."""
    shown = str(show(Secret(CANARY)))

    assert shown
    assert "canary" not in shown
    assert "swallows" not in shown


REFUSED: dict[str, tuple[type[Exception], Callable[[Secret], object]]] = {
    "__reduce__": (TypeError, lambda secret: secret.__reduce__()),
    "__reduce_ex__": (TypeError, lambda secret: [secret.__reduce_ex__(number) for number in range(6)]),
    "vars": (TypeError, vars),
    "__dict__": (AttributeError, lambda secret: secret.__dict__),
    "a weak reference": (TypeError, weakref.ref),
    "iteration": (TypeError, iter),  # type: ignore[dict-item]
    "an index": (TypeError, lambda secret: secret[0]),  # type: ignore[index]
    "bytes": (TypeError, bytes),  # type: ignore[dict-item]
    "order": (TypeError, lambda secret: secret < secret),  # type: ignore[operator]  # noqa: PLR0124
    "a new attribute": (AttributeError, lambda secret: setattr(secret, "seen", 1)),
    "JSON by msgspec": (TypeError, msgspec.json.encode),
    "builtins by msgspec": (TypeError, msgspec.to_builtins),
    "JSON of its class by msgspec": (TypeError, lambda secret: msgspec.json.encode(Account(api_key=secret))),
}


@pytest.mark.parametrize(("kind", "use"), REFUSED.values(), ids=REFUSED)
def test_whoever_takes_it_apart_is_refused(kind: type[Exception], use: Callable[[Secret], object]) -> None:
    """With an error that does not name it, not even with its variables."""
    with pytest.raises(kind) as caught:
        use(Secret(CANARY))

    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "canary" not in "".join(told.format())


FAILS = """
from jackfield import Secret

def test_that_fails():
    secret = Secret("canary-of-" + "4711-swallows")
    listed = {"key": [secret]}
    assert secret == Secret("other")
"""


def test_pytest_shows_a_mask_among_variables(tmp_path: Path) -> None:
    """And where it explains why two secrets are not equal."""
    (tmp_path / "test_fails.py").write_text(FAILS)
    command = [sys.executable, "-m", "pytest", "--showlocals", "-vv", "-p", "no:cacheprovider", "test_fails.py"]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 1
    assert "listed" in done.stdout
    assert "canary-of-4711" not in done.stdout + done.stderr


def test_what_cannot_be_prevented_is_said() -> None:
    """Whoever asks by name gets it: for Python has no private memory. The docs say so."""
    secret = Secret(CANARY)

    found: Mapping[str, object] = {"reveal": secret.reveal(), "slot": secret._given()}  # noqa: SLF001

    assert set(found.values()) == {CANARY}
