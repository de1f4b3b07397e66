"""What a host is given and cannot use: told at once, by its name."""

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from jackfield import Host, HttpSettings, InputError, PluginError, hookimpl
from jackfield.testing import Replay
from weather import KEY, MODULES

WEATHER = "weather.get_weather"
PLACE = {"latitude": 1}


class Store:
    """Has one hook."""

    @hookimpl
    def find_connection(self, name: str, type_id: str) -> None:
        """Know none."""


@frozen
class Telling:
    """Shows what it holds, and has a hook that there is not."""

    key: str

    @hookimpl
    def find_conection(self, name: str) -> None:
        """Be misspelt."""


def made(**given: Any) -> Host:
    """Make a host of what no type checker would let pass."""
    return Host(**{"modules": MODULES, "discover": False, "environ": {}, **given})


def test_a_plugin_that_cannot_be_registered_is_not_shown() -> None:
    """It may hold what nobody is to see; it is named by its class."""
    store = Store()
    with pytest.raises(PluginError) as twice:
        made(plugins=[store, store])
    with pytest.raises(PluginError) as misspelt:
        made(plugins=[Telling("sk-secret")])

    assert twice.value.message == "Host(plugins=...) was given Store twice."
    assert "unknown hook 'find_conection' in plugin Telling (given, 1)" in misspelt.value.message
    assert "sk-secret" not in str(misspelt.value)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"plugins": 5}, "plugins must be a list of plugins, was a Python int."),
        ({"modules": ["a"]}, "modules must be modules by id, was a Python list."),
        ({"environ": 5}, "environ must be texts by name, was a Python int."),
        ({"settings": {"deadline_s": 5}}, "settings must be a jackfield.HttpSettings, was a Python dict."),
        ({"files": "files"}, "files must be a jackfield.FileSettings, was a Python str."),
        ({"discover": "no"}, "discover must be True or False, was a Python str."),
        ({"allow_commands": "no"}, "allow_commands must be True or False, was a Python str."),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else "",
)
def test_an_argument_of_another_kind_is_named(given: dict[str, object], told: str) -> None:
    """With what it must be; "no" is not taken for yes."""
    with pytest.raises(InputError) as caught:
        made(**given)

    assert caught.value.message == told


def test_the_directory_of_choices_may_be_text(tmp_path: Path, replay: Replay) -> None:
    """As every path."""
    replay.reply({"temperature_c": 21})
    with made(plugins=[replay], choices_dir=str(tmp_path)) as host:
        assert host.run(WEATHER, PLACE, connection=KEY).attempts == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"cancellation": True}, "cancellation must be a jackfield.Cancellation, was a Python bool."),
        ({"idempotency_key": 5}, "idempotency_key must be text, was a Python int."),
        ({"deadline_s": True}, "$.deadline_s: must be a number, was a Python bool"),
    ],
    ids=["cancellation", "idempotency_key", "deadline_s"],
)
def test_an_option_of_another_kind_is_no_defect_of_a_connector(options: dict[str, Any], told: str) -> None:
    """It is the caller's; nothing is sent."""
    with made() as host, pytest.raises(InputError) as caught:
        host.run(WEATHER, PLACE, connection=KEY, **options)

    assert caught.value.message == told


@pytest.mark.parametrize("way", ["run", "stream", "preview", "map"])
def test_an_option_that_there_is_not_is_told_with_those_that_there_are(way: str) -> None:
    """In words of the host's, whichever way a module is run."""
    with made() as host, pytest.raises(TypeError) as caught:
        list(getattr(host, way)(WEATHER, [PLACE] if way == "map" else PLACE, timeout=3))

    assert str(caught.value) == (
        "There is no option 'timeout'. There are: connection, deadline_s, idempotency_key, cancellation, confidential."
    )


@pytest.mark.parametrize("one", [PLACE, "text"], ids=["form", "text"])
def test_one_input_is_not_taken_for_many(one: Any) -> None:
    """The keys of a form were taken for inputs, each of which failed."""
    with made() as host, pytest.raises(InputError, match="map takes many inputs, and was given one") as caught:
        host.map(WEATHER, one)

    assert caught.value.hint == "Put it in a list: [form]."


@pytest.mark.parametrize("keep", [pickle.dumps, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"])
def test_a_host_says_why_it_cannot_be_sent_to_another_process(keep: Callable[[object], object]) -> None:
    """And so do its modules, which hold it."""
    with made() as host:
        found: Any = host
        for kept in (host, found.weather.get_weather) if keep is not copy.copy else (host,):
            with pytest.raises(TypeError, match=r"A Host cannot be pickled or copied.* Make one in each process"):
                keep(kept)
        with pytest.raises(TypeError, match="A module of a host cannot be pickled or copied"):
            keep(host.module(WEATHER))


def test_what_a_host_has_shows_itself_in_a_line() -> None:
    """By id and version, without what is inside of it."""
    with made() as host:
        shown = repr(host.module(WEATHER))

    assert shown == f"ModuleHandle(id='{WEATHER}', distribution='', version='', asked_as='')"


class Failing:
    """Fails when it is asked for a connection."""

    @hookimpl
    def find_connection(self, name: str, type_id: str) -> None:
        """Fail."""
        message = "the store is away"
        raise RuntimeError(message)


def test_a_plugin_that_fails_is_not_called_a_connector() -> None:
    """Its file and line are told, and that it may be a plugin's."""
    with made(plugins=[Failing()], settings=HttpSettings()) as host, pytest.raises(PluginError) as caught:
        host.run(WEATHER, PLACE, connection="mine")

    assert "RuntimeError at test_host_given.py:" in caught.value.message
    assert "a connector's or a plugin's" in caught.value.hint
