"""Modules as attributes of a host: what they take, what they give, and what is said where there is none."""

import asyncio
import copy
import inspect
from collections.abc import Collection, Generator, Iterator, Sequence
from typing import Annotated, Any

import pytest
from attrs import frozen

from jackfield import Context, Effect, Failure, Host, InvalidInputError, Number, Result, Text, hookimpl, module
from jackfield.testing import Replay
from weather import KEY, MODULES


@frozen(kw_only=True)
class Odd:
    """Fields whose names are taken, or none in Python."""

    connection: Annotated[str, Text(label="Connection")]
    from_: Annotated[str | None, Text(label="From", key="from")] = None
    kind: Annotated[str | None, Text(label="Kind", key="content-type")] = None


@frozen(kw_only=True)
class Said:
    """What came of it."""

    text: str


@module(label="Say It", effect=Effect.READ)
def say(form: Odd, context: Context) -> Generator[Said, None, Said]:
    """Say what was given."""
    whole = Said(text=f"{form.connection} {form.from_} {form.kind}")
    yield whole
    return whole


@frozen(kw_only=True)
class Size:
    """How many."""

    size: Annotated[float, Number(label="Size")]


@module(label="Count", effect=Effect.READ)
def count(form: Size, context: Context) -> Iterator[Said]:
    """Count."""
    for number in range(int(form.size)):
        yield Said(text=str(number))


OWN: dict[str, Any] = {**MODULES, "odd.say": say, "odd.import": count, "files.count": count}


@pytest.fixture
def host(replay: Replay) -> Iterator[Any]:
    """Give a host, whose attributes no type checker knows."""
    with Host(plugins=[replay], modules=OWN, discover=False, environ={}) as found:
        yield found


def test_a_module_is_called_with_fields_and_options(host: Any, replay: Replay) -> None:
    """As ``run``, with the same result; and as its other ways to run."""
    for _ in range(2):
        replay.reply({"temperature_c": 21})
    found = host.weather.get_weather(latitude=1, connection=KEY, deadline_s=10)
    awaited = asyncio.run(host.weather.get_weather.arun(latitude=1, connection=KEY))
    shown = host.weather.get_weather.preview(latitude=1, connection=KEY)

    assert isinstance(found, Result)
    assert found.output.temperature_c == awaited.output.temperature_c == 21
    assert "latitude=1" in str(shown)


def test_a_field_that_would_clash_has_an_underscore_behind_it(host: Any) -> None:
    """Whether an option has its name, or Python does not let it be one."""
    given = {"connection_": "a", "from_": "b", "content_type_": "c"}

    with host.odd.say.stream(**given) as stream:
        pieces = list(stream)

    assert host.odd.say(**given).bundle == {"text": "a b c"}
    assert pieces == [Said(text="a b c")]
    assert [*inspect.signature(host.odd.say).parameters][:3] == [*given]


def test_ids_that_would_clash_have_one_too(host: Any) -> None:
    """Those of connectors with methods of the host, those of modules with words of Python."""
    assert host.files is not host.files_
    assert len(host.files_.count(size=3).bundles) == len(host.odd.import_(size=3).bundles) == 3


@pytest.mark.parametrize("way", ["__call__", "stream", "preview", "arun"])
def test_a_form_that_is_no_keyword_says_how_it_is_given(host: Any, way: str) -> None:
    """A dict is spread, or given to ``run``."""
    with pytest.raises(TypeError, match=r"keywords: \(\*\*form\) for a dict, or host.run\('odd.say', form\)"):
        asyncio.run(getattr(host.odd.say, way)({"connection": "a"}))  # all but the last raise before


def test_a_preview_can_be_that_of_a_stream(host: Any) -> None:
    """As ``Host.preview``; a field of that name has an underscore behind it."""
    assert host.weather.get_weather.preview(latitude=1, connection=KEY, streaming=True).requests


def test_the_modules_of_a_connector_can_be_copied(host: Any) -> None:
    """As what inspects and caches objects does."""
    assert copy.copy(host.odd).say(connection_="a").bundle == {"text": "a None None"}


def test_many_inputs_are_mapped(host: Any) -> None:
    """In order, each failure for itself."""
    found = list(host.odd.import_.map([{"size": 1}, {"size": "x"}, Size(size=2)], concurrency=2))

    assert [isinstance(outcome, Failure) for outcome in found] == [False, True, False]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda host: host.weathr, "'Host' has no attribute 'weathr'. Did you mean weather?"),
        (lambda host: host.weather.get_wether, "Did you mean get_weather?"),
        (lambda host: host.zzz, "'Host' has no attribute 'zzz'."),
    ],
    ids=["connector", "module", "nothing-like-it"],
)
def test_what_is_not_there_is_an_attribute_error_with_what_was_meant(host: Any, wrong: Any, told: str) -> None:
    """As Python has it, so that ``hasattr`` says no."""
    with pytest.raises(AttributeError) as caught:
        wrong(host)

    assert told in str(caught.value)
    assert not hasattr(host, "_repr_pretty_")


def test_what_is_wrong_with_a_call_is_told_as_ever(host: Any) -> None:
    """By place, with what was meant; nothing is sent."""
    with pytest.raises(InvalidInputError) as caught:
        host.odd.import_(sizes=1)

    assert [problem.path for problem in caught.value.problems] == ["$.size", "$.sizes"]


def test_notebooks_and_help_know_them(host: Any) -> None:
    """``dir`` lists them, and each says what it does and takes."""
    assert {"weather", "odd", "files_"} <= {*dir(host)}
    assert {"say", "import_"} <= {*dir(host.odd)}
    assert inspect.getdoc(host.odd.say) == "Say what was given."
    assert repr(host.odd) == "<modules of odd: import_, say>"
    assert repr(host.odd.say) == "<module odd.say>"
    assert inspect.signature(host.odd.import_).parameters["size"].default is inspect.Parameter.empty


class Hiding:
    """Hides a module."""

    @hookimpl
    def hide_modules(self, module_ids: Sequence[str]) -> Collection[str]:
        """Hide one."""
        return ["odd.say"]


def test_what_a_policy_hides_is_not_there() -> None:
    """As for every other way to a module."""
    with Host(plugins=[Hiding()], modules=OWN, discover=False, environ={}) as host:
        found: Any = host

        assert not hasattr(found.odd, "say")
        assert hasattr(found.odd, "import_")
