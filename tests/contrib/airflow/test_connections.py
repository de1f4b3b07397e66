"""Connections of Airflow: how ours stand in its columns, what it asks for, and what its test says."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import Connection
from airflow_home import CONNECTION, TYPE
from contract_connector import CANARY, Service

from jackfield import InputError, NoConnectionError, Secret
from jackfield_airflow import JackfieldHook, ModuleFailedError
from jackfield_airflow.columns import Columns
from jackfield_airflow.connection_types import airflow_name, installed_types
from jackfield_airflow.following import Run
from jackfield_airflow.provider_info import get_provider_info
from jackfield_airflow.running import Runner, Task

pytestmark = pytest.mark.airflow

SCHEMA = {
    "properties": {
        "base_url": {"title": "Address", "type": "string", "format": "uri", "default": "https://api.example"},
        "token": {"type": "string", "writeOnly": True, "x-jackfield": {"advanced": True}},
        "key": {"title": "Key", "type": "string", "writeOnly": True},
        "second": {"type": "string", "writeOnly": True},
        "user": {"title": "User", "type": "string"},
        "tries": {"type": "integer", "minimum": 1},
        "mode": {"type": "string", "enum": ["a", "b"]},
    },
    "required": ["key"],
}
COLUMNS = Columns.of(SCHEMA)


def filled(**columns: Any) -> Connection:
    """A connection of Airflow's."""
    return Connection(conn_id="mine", conn_type="jackfield_x", **columns)


def test_the_columns_take_address_user_and_key() -> None:
    """The rest stands in extra, a secret there under a name that Airflow masks."""
    assert (COLUMNS.host, COLUMNS.login, COLUMNS.password) == ("base_url", "user", "key")
    assert COLUMNS.keys() == {"token": "token", "second": "second_secret", "tries": "tries", "mode": "mode"}


def test_the_form_says_what_each_field_may_be() -> None:
    """Airflow's UI hides the columns that have no use, and masks secrets."""
    form = COLUMNS.form()

    assert form["ui-field-behaviour"] == {
        "hidden-fields": ["schema", "port", "extra"],
        "relabeling": {"host": "Address", "login": "User", "password": "Key"},
        "placeholders": {"host": "https://api.example"},
    }
    assert form["conn-fields"]["tries"]["schema"] == {"type": ["integer", "null"], "minimum": 1}
    assert form["conn-fields"]["mode"]["schema"] == {"type": ["string", "null"], "enum": ["a", "b", None]}
    assert form["conn-fields"]["second_secret"]["schema"]["format"] == "password"


def test_what_is_filled_in_are_the_values_of_our_form() -> None:
    """Empty ones are left out, and secrets are secrets."""
    extra = json.dumps({"second_secret": "s2", "tries": "3", "mode": "", "token": None})
    found = COLUMNS.values(filled(host="https://h.example", login="me", password="k1", extra=extra))

    assert {name: value for name, value in found.items() if not isinstance(value, Secret)} == {
        "base_url": "https://h.example",
        "user": "me",
        "tries": "3",
    }
    assert {name: value.reveal() for name, value in found.items() if isinstance(value, Secret)} == {
        "key": "k1",
        "second": "s2",
    }


def test_an_address_may_be_said_in_parts() -> None:
    """As it stands in a URI of Airflow's."""
    assert COLUMNS.values(filled(host="h.example", port=8443)) == {"base_url": "https://h.example:8443"}
    assert COLUMNS.values(filled(host="h.example", schema="http")) == {"base_url": "http://h.example"}


def test_a_column_without_a_use_is_an_error() -> None:
    """Nobody wonders why what he typed has no effect."""
    only = Columns.of({"properties": {"key": {"type": "string", "writeOnly": True}}})

    with pytest.raises(InputError, match="has a host, and its type has no use for it"):
        only.values(filled(host="h.example"))


def test_extra_that_is_no_json_is_an_error() -> None:
    """It says where, and what to write."""
    with pytest.raises(InputError, match=r"'mine' is no JSON object\.\nWrite it as"):
        COLUMNS.values(Connection(conn_id="mine", conn_type="x", extra="[1]"))


def test_names_say_the_connector_once() -> None:
    """Airflow knows no dots."""
    assert airflow_name("openai.openai") == "jackfield_openai"
    assert airflow_name("github.account") == "jackfield_github_account"


def test_airflow_learns_of_every_connection_type() -> None:
    """With the hook that tests it."""
    told = {kind["connection-type"]: kind for kind in get_provider_info()["connection-types"]}

    assert set(told) == set(installed_types())
    assert told[TYPE]["hook-class-name"] == f"jackfield_airflow.hooks.{TYPE}"


def test_what_airflow_learns_is_kept_until_something_is_installed(home: Path, tmp_path: Path) -> None:
    """Then no process need import a connector, nor what goes out to the network, to say which types there are."""
    program = (
        "import sys; from jackfield_airflow.provider_info import get_provider_info; "
        "types = get_provider_info()['connection-types']; "
        "print(len(types), *{'requests', 'bulletin', 'jackfield_openai'} & {*sys.modules})"
    )
    path = [str(home / "site"), str(Path(__file__).parents[2] / "support")]

    def asked(*more: str) -> list[str]:
        env = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join([*path, *more])}
        done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True)
        return done.stdout.split()

    first, second = asked(), asked()
    info = tmp_path / "more" / "another-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: another\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text("[jackfield.connectors]\nanother = bulletin\n", "utf-8")
    third, fourth = asked(str(tmp_path / "more")), asked(str(tmp_path / "more"))

    assert {*first[1:]} == {*third[1:]} == {"requests", "bulletin", "jackfield_openai"}
    assert (second, fourth) == ([first[0]], [third[0]])
    assert int(third[0]) == int(first[0]) + 1


def test_a_connection_is_tested_by_asking_its_service(service: Service) -> None:
    """The type of the contract says no way to prove it, so only its values are looked at."""
    works, said = JackfieldHook(CONNECTION).test_connection()

    assert (works, said) == (True, "The values are right; the service has no way to prove them.")


def test_a_connection_that_cannot_be_tells_why(service: Service) -> None:
    """Without a key it is no connection, and each missing field is named."""
    os.environ["AIRFLOW_CONN_CONTRACT_KEYLESS"] = json.dumps({"conn_type": TYPE, "host": "http://127.0.0.1:9"})

    works, said = JackfieldHook("contract_keyless").test_connection()

    assert not works
    assert said.startswith("invalid: ")
    assert "$.api_key" in said
    assert "JACKFIELD_CONNECTION" not in said


def test_a_hook_runs_modules_in_code(service: Service) -> None:
    """With the connection that Airflow has by its id."""
    with JackfieldHook(CONNECTION).host as host:
        assert host.run("contract.ask", {"path": "/x"}, connection=CONNECTION).bundle["text"] == "/x"
    assert JackfieldHook(CONNECTION).run("contract.ask", {"path": "/y"}).bundle["text"] == "/y"


def test_a_connection_of_another_type_is_refused(service: Service) -> None:
    """The error names both types."""
    os.environ["AIRFLOW_CONN_CONTRACT_OTHER"] = json.dumps({"conn_type": "http", "password": CANARY})

    with pytest.raises(InputError, match=f"is of type 'http', not '{TYPE}'") as caught:
        JackfieldHook("contract_other").run("contract.ask", {"path": "/x"})
    assert CANARY not in str(caught.value)


def test_a_connection_that_is_nowhere_is_an_error() -> None:
    """Neither Airflow nor the host knows it."""
    with pytest.raises(NoConnectionError):
        JackfieldHook("contract_nowhere").run("contract.ask", {"path": "/x"})


def test_a_task_without_its_connection_says_how_to_add_it(service: Service) -> None:
    """In Airflow, where everybody looks for it."""
    runner, run = Runner(), Run(logging.getLogger(__name__))
    task = Task(module_id="contract.ask", fields={"path": "/x"}, connection_id="contract_nowhere")

    with pytest.raises(ModuleFailedError, match=f"airflow connections add contract_nowhere --conn-type {TYPE}"):
        runner.run(task, run)
    runner.close()


def test_the_default_connection_is_used_where_none_is_named(service: Service) -> None:
    """By the name of its type."""
    os.environ[f"AIRFLOW_CONN_{TYPE.upper()}_DEFAULT"] = os.environ[f"AIRFLOW_CONN_{CONNECTION.upper()}"]
    try:
        assert JackfieldHook().run("contract.ask", {"path": "/x"}).bundle["text"] == "/x"
    finally:
        del os.environ[f"AIRFLOW_CONN_{TYPE.upper()}_DEFAULT"]


def test_airflows_commands_know_the_connection_types(home: Path) -> None:
    """``airflow providers hooks`` lists them, each testable."""
    path = os.pathsep.join([str(home / "site"), str(Path(__file__).parents[2] / "support")])
    command = [sys.executable, "-W", "ignore", "-m", "airflow", "providers", "hooks", "-o", "json"]

    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True, timeout=120
    )

    listed = {kind["connection_type"]: kind for kind in json.loads(done.stdout[done.stdout.index("[{") :])}
    assert listed[TYPE]["class"] == f"jackfield_airflow.hooks.{TYPE}"
    assert {*installed_types()} <= {*listed}
