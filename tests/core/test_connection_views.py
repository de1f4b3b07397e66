"""A connection as data shows which secrets are set, and never what they are, however deep they stand."""

import copy
import json
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import attrs
import pytest
from attrs import frozen

from jackfield import (
    ConnectionType,
    ConnectionView,
    Context,
    Host,
    Operation,
    Password,
    PluginError,
    Secret,
    Store,
    hookimpl,
    module,
)

KEYS = ("canary-one-4711", "canary-two-4711", "canary-three-4711", "canary-four-4711")


@frozen(kw_only=True)
class Login:
    """A name and its password."""

    user: str = "sam"
    password: Annotated[Secret, Password(label="Password")]


@frozen(kw_only=True)
class Account:
    """Secrets at every depth."""

    api_key: Annotated[Secret, Password(label="Key")]
    pin: Annotated[Secret | None, Password(label="PIN")] = None
    proxy: Login
    mirrors: Sequence[Login] = ()
    tokens: Mapping[str, Secret] | None = None
    region: str = "north"


account = ConnectionType(label="Deep", form=Account, origin="https://deep.example")
VALUES: Mapping[str, Any] = {
    "api_key": KEYS[0],
    "proxy": {"password": KEYS[1]},
    "mirrors": [{"user": "kim", "password": KEYS[2]}],
    "tokens": {"a": KEYS[3]},
}


@frozen(kw_only=True)
class Nothing:
    """No input."""


seen: list[ConnectionView] = []


@module(label="Look", connection=account)
def look(form: Nothing, context: Context) -> Nothing:
    """Remember what a module may see of its connection."""
    assert context.connection is not None
    seen.append(context.connection)
    return form


class Watcher:
    """Keeps the operations that a plugin is shown."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []

    @hookimpl(wrapper=True)
    def execute(self, operation: Operation) -> Any:
        """Keep it."""
        self.operations.append(operation)
        return (yield)


def test_no_depth_hides_a_secret_in_what_is_shown() -> None:
    """The view is data: it can be dumped, copied and pickled, and holds no Secret at all."""
    watcher = Watcher()
    with Host(plugins=[watcher], modules={"deep.look": look}, discover=False, environ={}) as host:
        host.run("deep.look", connection=VALUES)
    view = seen.pop()

    said = [json.dumps(attrs.asdict(view)), repr(view), str(pickle.dumps(view)), repr(copy.deepcopy(view))]
    assert not [key for key in KEYS for text in said if key in text]
    assert view.settings["region"] == "north"
    assert view.settings["mirrors"] == [{"user": "kim", "password": "***"}]
    assert view.secrets == {
        "api_key": True,
        "pin": False,
        "proxy.password": True,
        "mirrors.0.password": True,
        "tokens.a": True,
    }
    connection = watcher.operations[0].connection
    assert connection is not None
    assert {name: secret.reveal() for name, secret in connection.secrets().items()} == {
        "api_key": KEYS[0],
        "proxy.password": KEYS[1],
        "mirrors.0.password": KEYS[2],
        "tokens.a": KEYS[3],
    }
    assert not [key for key in KEYS if key in json.dumps(connection.settings())]


def test_a_store_saves_no_secret_that_it_could_not_seal(tmp_path: Path) -> None:
    """It says which field it is; nothing is written, and nothing of it is shown."""
    store = Store(tmp_path / "store", key_file=tmp_path / "key", environ={})

    with pytest.raises(PluginError, match="Deep: a secret stands inside of 'proxy'") as caught:
        store.add("mine", "deep.account", account, VALUES)

    assert store.saved() == ()
    assert not [key for key in KEYS if key in str(caught.value)]
