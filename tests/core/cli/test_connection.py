import json
from collections.abc import Callable
from typing import Any

import pytest

Jack = Callable[..., Any]

CHECK = ("connection", "check", "station.account")
KEY = "key-of-the-station"

PLUGIN = """
from jackfield import hookimpl

class Vault:
    @hookimpl
    def find_connection(self, name, type_id):
        return {"api_key": "key-of-the-vault", "base_url": URL} if name == "vault" else None

URL = __import__("os").environ["STATION_URL"]
vault = Vault()
"""


def test_it_asks_the_service_and_says_what_the_connection_is_made_of(jack: Jack, service: Any) -> None:
    """One request, with the key; the key itself is nowhere in what is printed."""
    service.replies(b"{}")

    code, out, err = jack(*CHECK, "-o", "json")

    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "type": "station.account",
        "name": "",
        "verdict": "works",
        "passed": ["offline", "reachable", "authenticated", "authorized"],
        "label": "",
        "base_url": service.url,
        "source": "the environment",
        "settings": {"base_url": {"value": service.url, "from": "STATION_URL"}},
        "secrets": {"api_key": {"set": True, "from": "STATION_API_KEY"}},
    }
    (request,) = service.requests
    assert request.startswith(b"GET /status ")
    assert f"X-Key: {KEY}".encode() in request


def test_the_table_names_each_field_and_its_variable(jack: Jack, service: Any) -> None:
    """For a person: what is set, and from where."""
    service.replies(b"{}")

    code, out, err = jack(*CHECK)

    lines = [line.split() for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert lines[:2] == [["The", "connection", "works", "(station.account)"], ["address", service.url]]
    assert ["api_key", "***", "STATION_API_KEY"] in lines
    assert ["base_url", service.url, "STATION_URL"] in lines
    assert KEY not in out


def test_plain_is_what_a_script_wants_to_know(jack: Jack, service: Any) -> None:
    """The account's label, or the address where the service has none."""
    service.replies(b"{}")

    assert jack(*CHECK, "-o", "plain") == (0, f"{service.url}\n", "")


def test_a_named_connection_has_variables_of_its_own(jack: Jack, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are named as they are, and those of the nameless one are not used."""
    monkeypatch.setenv("JACKFIELD_CONNECTION__MY_ROOF__API_KEY", "key-of-the-roof")
    monkeypatch.setenv("JACKFIELD_CONNECTION__MY_ROOF__BASE_URL", service.url)
    service.replies(b"{}")

    code, out, _ = jack(*CHECK, "--connection", "my-roof", "-o", "json")

    found = json.loads(out)
    assert code == 0
    assert (found["name"], found["source"]) == ("my-roof", "the environment")
    assert found["secrets"] == {"api_key": {"set": True, "from": "JACKFIELD_CONNECTION__MY_ROOF__API_KEY"}}
    assert b"X-Key: key-of-the-roof" in service.requests[0]


def test_a_connection_that_a_plugin_found_is_not_said_to_be_in_a_variable(jack: Jack, service: Any, place: Any) -> None:
    """Nobody is sent to look for a variable that is not set."""
    place.write("vault_plugin.py", PLUGIN)
    place.install("vault", "[jackfield.plugins]\nvault = vault_plugin:vault\n")
    service.replies(b"{}")

    code, out, _ = jack(*CHECK, "--connection", "vault", "-o", "json")

    assert code == 0
    assert json.loads(out)["secrets"] == {"api_key": {"set": True, "from": "a plugin"}}
    assert "key-of-the-vault" not in out


def test_openai_says_who_asks_and_hides_the_values_of_headers(
    jack: Jack, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not set is told apart from what is; a header may be a second key."""
    monkeypatch.setenv("JACKFIELD_CONNECTION__MINE__API_KEY", "sk-mine")
    monkeypatch.setenv("JACKFIELD_CONNECTION__MINE__BASE_URL", service.url)
    monkeypatch.setenv("JACKFIELD_CONNECTION__MINE__HEADERS", '{"X-Gate": "open-sesame"}')
    service.replies(b'{"data": [{"id": "m"}]}')
    arguments = ("connection", "check", "openai.openai", "--connection", "mine")

    code, out, _ = jack(*arguments, "-o", "json")
    table = jack(*arguments).out

    found = json.loads(out)
    assert code == 0
    assert found["label"].endswith("(1 models)")
    assert found["settings"]["headers"]["value"] == {"X-Gate": "***"}
    assert "open-sesame" not in out + table
    assert ["organization_id", "not", "set", "JACKFIELD_CONNECTION__MINE__ORGANIZATION_ID"] in [
        line.split() for line in table.splitlines()
    ]


@pytest.mark.parametrize(
    ("status", "expected"), [("401 Unauthorized", 4), ("403 Forbidden", 4), ("404 Not Found", 5), ("400 Bad", 5)]
)
def test_a_refusal_has_the_exit_code_of_its_remedy(jack: Jack, service: Any, status: str, expected: int) -> None:
    """As everywhere; no data, no key."""
    service.replies(f'{{"error": "{KEY}"}}'.encode(), status=status)

    code, lines = jack(*CHECK).failure()

    assert code == expected
    assert lines[0].startswith("error: ")
    assert KEY not in "\n".join(lines)


def test_what_is_not_there_is_said_before_anything_is_sent(
    jack: Jack, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown type, and a connection without a key."""
    assert jack("connection", "check", "station.acount").failure()[0] == 3
    assert jack("connection", "check", "nowhere.account").failure()[0] == 3
    monkeypatch.delenv("STATION_API_KEY")
    code, lines = jack(*CHECK).failure()

    assert code == 4
    assert "STATION_API_KEY" in lines[-1]
    assert service.requests == []


def test_a_connector_with_one_type_of_connection_stands_for_it(jack: Jack, service: Any) -> None:
    """Nobody has to say the same name twice."""
    service.replies(b"{}")

    code, out, _ = jack("connection", "check", "station", "-o", "json")

    assert (code, json.loads(out)["type"]) == (0, "station.account")


@pytest.mark.parametrize(("given", "meant"), [("station.acount", "station.account"), ("statoin", "station")])
def test_a_type_that_is_spelt_wrong_brings_the_right_one(jack: Jack, given: str, meant: str) -> None:
    """Or the connector."""
    code, _, err = jack("connection", "check", given)

    assert code != 0
    assert f"{given!r}. Did you mean {meant}?" in err
