"""A failing command about connections shows no secret to whoever shows the variables of its traceback."""

import io
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from frames import shown_in

from jackfield import Store
from jackfield._cli.main import cli

Jack = Callable[..., Any]

KEY = "key/of+the 'vault'"
PASSPHRASE = "four 'words' make & one"
OTHER = "quite another & 'phrase'"
SHORT = "sh/or't"
TYPE = "station.account"


@pytest.fixture
def failing(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Run a command that must fail, with something on its standard input; say what its variables show."""

    def fail(*arguments: str, stdin: str = "") -> list[str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode("utf-8", "surrogateescape"))))
        with pytest.raises(BaseException) as caught:  # noqa: PT011  whichever
            cli.main([*arguments], standalone_mode=False)
        assert not isinstance(caught.value, SystemExit)
        return shown_in(caught.value, KEY, PASSPHRASE, OTHER, SHORT)

    return fail


@pytest.fixture
def places(jack: Jack, service: Any, write: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """A connection in a store with a passphrase, a file with its key, and one with all that is saved."""
    monkeypatch.delenv("STATION_API_KEY")
    monkeypatch.setenv("JACKFIELD_PASSPHRASE", PASSPHRASE)
    service.replies(b"{}")
    key = write("key.txt", KEY)
    assert jack("connection", "add", "roof", TYPE, f"api_key=@{key}", f"base_url={service.url}").code == 0
    service.replies(b'{"error": {"message": "no"}}', status="401 Unauthorized")
    sealed = write("sealed.json", Store.default().export(passphrase=PASSPHRASE))
    return {"key": key, "url": f"{service.url}/v2", "file": sealed}


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (["connection", "add", "wall", TYPE, "base_url=nowhere", "--stdin", "--no-check"], KEY),
        (["connection", "add", "wall", TYPE, "api_key=@{key}", "no_such=1"], ""),
        (["connection", "add", "wall", TYPE, "api_key=@{key}", "base_url=@no/such/file"], ""),
        (["connection", "add", "wall", TYPE, "api_key=@{key}", "--stdin"], KEY),
        (["connection", "add", "wall", TYPE, "api_key=@{key}", "base_url={url}"], ""),
        (["connection", "add", "wall", TYPE, "base_url={url}", "--stdin"], f"{KEY}\udcff"),
        (["connection", "edit", "roof", "--stdin", "base_url=nowhere", "--no-check"], KEY),
        (["connection", "edit", "roof", "base_url=http://127.0.0.1:1", "--no-check"], ""),
        (["connection", "edit", "roof", "--stdin", "base_url={url}"], KEY),
        (["connection", "export", "--output", "-", "--stdin"], SHORT),
        (["connection", "export", "--output", "no/such/folder/x.json", "--stdin"], OTHER),
        (["connection", "import", "{file}", "--stdin", "--replace"], OTHER),
        (["connection", "import", "{file}", "--stdin"], PASSPHRASE),
        (["connection", "rotate-key", "--protect", "passphrase", "--stdin"], SHORT),
        (["connection", "check", "roof"], ""),
        (["connection", "remove", "roof"], ""),
        (["module", "run", "station.get_weather", "latitude=1", "longitude=2", "--connection", "roof"], ""),
    ],
    ids=lambda value: " ".join(value[1:]) if isinstance(value, list) else "",
)
def test_no_variable_shows_a_secret(
    failing: Callable[..., list[str]], places: Mapping[str, str], arguments: list[str], stdin: str
) -> None:
    """Neither the key of the service nor a passphrase: not in our frames, and not in those of what we call."""
    assert failing(*(argument.format(**places) for argument in arguments), stdin=stdin) == []


def test_another_passphrase_of_the_environment_is_not_shown(
    failing: Callable[..., list[str]], places: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that was tried, and the key that was made of it."""
    assert places
    monkeypatch.setenv("JACKFIELD_PASSPHRASE", OTHER)

    assert failing("connection", "show", "roof") == []
