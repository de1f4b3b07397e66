"""Lists of choices that outlive a process, in a directory that holds no secret."""

import base64
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import pytest
from attrs import frozen

from jackfield import (
    Choice,
    Choices,
    ConnectionType,
    Context,
    Effect,
    Host,
    HttpSettings,
    Password,
    Secret,
    Select,
    UnreachableError,
    Url,
    header,
    module,
)
from jackfield.testing import Replay

CANARY = "sk-file-canary+/="


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password(label="API key")]
    base_url: Annotated[str, Url()] = "https://cities.example"


account = ConnectionType(
    label="Cities", form=Account, origin=lambda form: str(form.base_url), authorize=header("X-Key", "{api_key}")
)


def _cities(context: Context) -> Sequence[Choice]:
    found = context.client.get("/cities")
    return [Choice(value=name, label=f"{name}!", help="A city", group="Europe") for name in found]


@frozen(kw_only=True)
class Place:
    city: Annotated[str | None, Select(choices=_cities)] = None
    town: Annotated[str | None, Select(choices=lambda context: [*_cities(context)])] = None


@frozen(kw_only=True)
class Weather:
    temperature_c: float


@module(label="Get the Weather", connection=account, effect=Effect.READ)
def get_weather(form: Place, context: Context) -> Weather:
    """Look up the weather at a place."""
    return context.client.get("/weather", params=form, into=Weather)


KEY = {"api_key": CANARY}
ONCE = HttpSettings(max_attempts=1)

Look = Callable[..., Choices]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the lists are kept."""
    return tmp_path / "cache" / "choices"


@pytest.fixture
def look(folder: Path) -> Look:
    """Open a field in a host of its own, as each command line does; without an answer the service is away."""

    def call(
        *answer: str, field: str = "city", connection: dict[str, object] | None = None, max_age_s: float | None = None
    ) -> Choices:
        replay = Replay()
        if answer:
            replay.reply([*answer])
        else:
            replay.fail(UnreachableError("away"))
        modules = {"cities.get_weather": get_weather}
        with Host(plugins=[replay], modules=modules, discover=False, choices_dir=folder, settings=ONCE) as host:
            return host.choices(get_weather, field, connection=connection or KEY, max_age_s=max_age_s)

    return call


def _values(found: Choices) -> list[object]:
    return [choice.value for choice in found]


def test_the_next_process_need_not_ask(look: Look) -> None:
    """It gets the whole choices, and their age."""
    assert _values(look("Berlin", "Bern")) == ["Berlin", "Bern"]

    found = look()

    assert found[0] == Choice(value="Berlin", label="Berlin!", help="A city", group="Europe")
    assert not found.stale
    assert 0 < found.age_s < 60


def test_the_next_process_gets_the_last_good_list_if_the_service_is_away(look: Look) -> None:
    """A person without a network still sees the models of yesterday."""
    look("Berlin")

    found = look(max_age_s=0)

    assert _values(found) == ["Berlin"]
    assert found.stale_because == "away"


@pytest.mark.parametrize(
    "other",
    [{"api_key": "another"}, {"api_key": CANARY, "base_url": "https://towns.example"}],
    ids=["another key", "another address"],
)
def test_another_connection_never_sees_it(look: Look, other: dict[str, object]) -> None:
    """Not even if the service is away."""
    look("mine")

    with pytest.raises(UnreachableError):
        look(connection=other)
    assert _values(look("theirs", connection=other)) == ["theirs"]
    assert _values(look()) == ["mine"]


def test_no_file_and_no_name_holds_the_key(look: Look, folder: Path) -> None:
    """In no spelling, and not even if the service says it in its list."""
    look("Berlin", f"for {CANARY}")

    said = b"".join(path.name.encode() + path.read_bytes() for path in folder.iterdir())

    assert b"Berlin" in said
    for spelled in (CANARY, base64.b64encode(CANARY.encode()).decode(), CANARY.replace("/", "\\/")):
        assert spelled.encode() not in said


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")
def test_nobody_else_may_look_into_the_folder(look: Look, folder: Path) -> None:
    """Which models an account has is nobody else's business."""
    look("Berlin")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"format": 0}', b'{"format": 1, "asked_at": "x", "choices": []}', b"\xff\xfe"],
)
def test_a_spoilt_file_is_passed_over(look: Look, folder: Path, content: bytes) -> None:
    """The list is asked for again, and written again."""
    look("old")
    (path,) = folder.glob("*.json")
    path.write_bytes(content)

    assert _values(look("new")) == ["new"]
    assert _values(look()) == ["new"]


def test_a_list_from_the_future_is_not_believed(look: Look, folder: Path) -> None:
    """A clock that was wrong must not keep a list for years."""
    look("old")
    (path,) = folder.glob("*.json")
    path.write_text('{"format": 1, "asked_at": 99999999999, "choices": [["old", "", "", ""]]}', encoding="utf-8")

    assert _values(look("new")) == ["new"]


def test_a_folder_that_cannot_be_made_costs_nothing_but_the_memory(tmp_path: Path, look: Look, folder: Path) -> None:
    """Everything still works."""
    folder.parent.parent.mkdir(exist_ok=True)
    (tmp_path / "cache").write_text("a file stands here", encoding="utf-8")

    assert _values(look("one")) == ["one"]
    assert _values(look("two")) == ["two"]


def test_a_function_that_no_other_process_would_find_is_not_written(look: Look, folder: Path) -> None:
    """All lambdas have one name, and their lists differ."""
    assert _values(look("one", field="town")) == ["one"]

    assert list(folder.glob("*.json")) == []


def test_a_folder_holds_a_bounded_number_of_lists(look: Look, folder: Path) -> None:
    """The oldest go."""
    look("first")
    (first,) = folder.glob("*.json")
    os.utime(first, (1, 1))
    for number in range(70):
        (folder / f"{number}.json").write_text("{}", encoding="utf-8")

    look("second", connection={"api_key": "another"})

    assert len(list(folder.glob("*.json"))) == 64
    assert not first.exists()
