"""What objects show of themselves in a notebook: enough, bounded, and nothing that a browser would run or fetch."""

import traceback
from collections.abc import Iterator, Mapping
from decimal import Decimal
from html.parser import HTMLParser
from typing import Annotated, Any

import pytest
from attrs import field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from jackfield import (
    Choice,
    Choices,
    Connection,
    ConnectionCheck,
    Context,
    Effect,
    Failure,
    File,
    FileSettings,
    Host,
    InvalidInputError,
    Money,
    NotFoundError,
    PluginError,
    Problem,
    Result,
    Secret,
    Select,
    Text,
    Usage,
    Verdict,
    module,
    show,
)
from jackfield._bars import shown_on
from jackfield.testing import Replay
from weather import CANARY, HERE, KEY, MODULES, account, add

PNG = b"\x89PNG\r\n\x1a\n" + b"dots"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) \u202e \x00 \"' &"
_INLINE = {"strong", "em", "img", "audio", "progress"}
_TAGS = {"div", "p", "table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption"} | _INLINE
_ATTRIBUTES = {"style", "src", "alt", "controls", "value", "max"}


class Seen(HTMLParser):
    """Reads HTML as a browser does, and refuses what ours never has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a tag."""
        assert tag in _TAGS
        self.tags.append(tag)
        for name, value in attrs:
            assert name in _ATTRIBUTES
            assert name != "src" or str(value).startswith(("data:image/png;base64,", "data:audio/mpeg;base64,"))

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        self.text += data


def seen(value: Any) -> Seen:
    """Give what a notebook shows of an object."""
    return Seen(value._repr_html_())


@frozen(kw_only=True)
class Drawn:
    """What came out."""

    text: str = ""
    files: list[File] = field(factory=list)


def result(*bundles: Mapping[str, object], files: tuple[File, ...] = (), **more: Any) -> Result[Drawn]:
    """Give a result of these bundles."""
    return Result(outputs=(Drawn(files=[*files]),), bundles=bundles, **more)


def test_a_result_shows_its_bundle_and_what_it_took() -> None:
    """Each field with its value, tokens, cost, warnings."""
    page = seen(
        result(
            {"text": "hello", "parts": [{"a": 1}], "none": None},
            used=(Usage(model="m-1", input_tokens=3, output_tokens=4),),
            cost=Money(Decimal(1), "USD"),
            warnings=("Take care.",),
            attempts=2,
        )
    )

    assert "1 bundle" in page.text
    assert "model: m-1 · tokens: 7 · cost: 1.00 USD · attempts: 2" in page.text
    assert '"a": 1' in page.text
    assert "⚠ Take care." in page.text
    assert page.tags.count("tr") == 4


def test_several_bundles_are_a_table_up_to_a_limit_that_can_be_set() -> None:
    """What is left out is told with the name of the limit."""
    many = result(*({"number": number, f"c{number % 20}": 1} for number in range(120)))

    usual, more = seen(many), seen(show(many, max_rows=100, max_columns=30))

    assert (usual.tags.count("tr"), more.tags.count("tr")) == (51, 101)
    assert "50 of 120 rows shown: max_rows=50" in usual.text
    assert "12 of 21 columns shown: max_columns=12" in usual.text
    assert "100 of 120 rows shown: max_rows=100" in more.text
    assert repr(show(many)) == repr(many)


def test_what_a_model_says_stays_text() -> None:
    """Whatever it says: no tag, no link, no script, and no character that hides others."""
    page = seen(result({HOSTILE: HOSTILE, "list": [HOSTILE]}, warnings=(HOSTILE,), request_id=HOSTILE))

    assert "<script>alert(1)</script><img src=x onerror=alert(1)>" in page.text
    assert "\\u202e \\u0000" in page.text
    assert "img" not in page.tags


@settings(max_examples=30)
@given(st.dictionaries(st.text(), st.recursive(st.text() | st.integers(), st.lists, max_leaves=5), max_size=4))
def test_any_bundle_is_shown_safely(bundle: dict[str, object]) -> None:
    """Its page has the tags of any other."""
    assert {*seen(result(bundle)).tags} <= {"div", "p", "strong", "table", "thead", "tbody", "tr", "th", "td"}


def test_a_long_value_is_cut_and_says_so() -> None:
    """A megabyte of text is not written into a notebook."""
    html = result({"text": "x" * 1_000_000})._repr_html_()

    assert len(html) < 4000
    assert "and 998,000 more characters (max_chars)" in html


def test_pictures_and_sounds_are_inside_if_they_are_what_they_say() -> None:
    """Up to a size and a number; anything else is named."""
    picture = File.from_bytes(PNG, name="a.png")
    sound = File.from_bytes(b"ID3sound", name="a.mp3", media_type="audio/mpeg")
    program = File.from_bytes(b"<svg onload=alert(1)>", name="a.svg")
    lying = File.from_bytes(b"<html>", name="b.png")
    large = File.from_bytes(PNG * 100, name=f"{'c' * 20}.png")

    page = seen(show(result({"text": ""}, files=(picture, sound, program, lying, large)), max_file_bytes=500))

    assert (page.tags.count("img"), page.tags.count("audio"), page.tags.count("figure")) == (1, 1, 5)
    assert "a.svg (image/svg+xml, 21 bytes)" in page.text
    assert "Not shown: it is no image/png." in page.text
    assert "Not shown: larger than max_file_bytes=500." in page.text
    assert seen(picture).tags.count("img") == 1
    many = seen(result({"text": ""}, files=(picture,) * 12))
    assert many.tags.count("img") == 8
    assert "8 of 12 files shown: max_files=8" in many.text


@module(label="Draw", effect=Effect.READ)
def draw(form: Drawn, context: Context) -> Drawn:
    """Give a picture."""
    return Drawn(files=[context.store_file(PNG, name="drawn.png", media_type="image/png")])


def test_a_picture_that_is_gone_is_named() -> None:
    """A host takes its files with it when it is closed."""
    with Host(modules={"art.draw": draw}, discover=False, environ={}, files=FileSettings()) as host:
        found = host.run(draw, {})
        assert seen(found).tags.count("img") == 1

    assert "Not shown: it cannot be read any more." in seen(found).text


def test_failures_show_what_to_do(replay: Replay) -> None:
    """Those of map, and those that are raised, which IPython prints without the lines that are ours."""
    replay.reply({"error": {"message": f"<b>{CANARY}</b>"}}, status=404)
    with Host(plugins=[replay], modules=MODULES, discover=False, environ={}) as host:
        outcomes = list(host.map(add, [{"latitude": 200}]))
        with pytest.raises(NotFoundError) as caught:
            host.run("weather.get_weather", HERE, connection=KEY)

    (failure,) = outcomes
    assert isinstance(failure, Failure)
    assert "InvalidInputError" in seen(failure).text
    assert "$.latitude: must be at most 90, was 200" in seen(failure).text
    assert "Check names and ids" in seen(caught.value).text
    assert CANARY not in caught.value._repr_html_()
    shown = caught.value._render_traceback_()
    assert shown[-1] == f"NotFoundError: {caught.value}"
    assert not any("jackfield" in line.partition(",")[0] and "core" in line for line in shown[:-1])


def test_a_defect_shows_all_of_its_lines() -> None:
    """Its authors need them."""
    with pytest.raises(PluginError) as caught:
        _fail()

    shown = "".join(caught.value._render_traceback_())
    assert shown == "".join(traceback.format_exception(caught.value))
    assert "in _fail" in shown


def _fail() -> None:
    message = "It is broken."
    raise PluginError(message)


@frozen(kw_only=True)
class Account:
    """Nothing yet."""

    text: Annotated[str, Select(label="Which", choices=tuple(f"v{number}" for number in range(20)))]
    other: Annotated[str | None, Text(label=HOSTILE, help="It helps.", advanced=True)] = None


@module(label="Choose", effect=Effect.READ)
def choose(form: Account, context: Context) -> Drawn:
    """Choose one."""
    return Drawn(text=form.text)


def test_modules_and_forms_show_their_fields(replay: Replay) -> None:
    """What must be given first, with types, choices and help."""
    with Host(plugins=[replay], modules={**MODULES, "a.choose": choose}, discover=False, environ={}) as host:
        handle = host.module("a.choose")
        called: Any = host
        pages = [seen(handle), seen(handle.form), seen(called.a.choose)]
        listed = seen(called.a)
        shown = seen(host.preview("weather.get_weather", HERE, connection=KEY))

    for page in pages:
        assert "v0 | v1" in page.text
        assert "8 more" in page.text
        assert "It helps." in page.text
        assert "script" not in page.tags
    assert "id: a.choose · kind: action · effect: read" in pages[0].text
    assert "a.choose" in listed.text
    assert "What would be sent" in shown.text
    assert CANARY not in shown.text


def test_connections_show_no_secret() -> None:
    """Only that it is set; a check says what was found."""
    form = account.form(api_key=Secret(CANARY))
    connection = Connection(type=account, type_id="weather.account", name="mine", source="a test", form=form)
    error = NotFoundError("There is nothing.", status=404, hint="Look elsewhere.")
    check = ConnectionCheck(label="Ada", view=connection.view(), verdict=Verdict.UNPROVEN, error=error)

    pages = [seen(connection), seen(connection.view()), seen(check)]

    for page in pages:
        assert "Connection mine" in page.text
        assert "api_keyset" in page.text
        assert CANARY not in page.text
    assert "account: Ada" in pages[2].text
    assert "⚠ Look elsewhere." in pages[2].text


def test_choices_show_labels_and_why_they_are_old() -> None:
    """As a table."""
    found = Choices([Choice(value="a", label="<A>"), Choice(value="b")])
    found.age_s, found.stale_because = 90.0, "The service is away."

    page = seen(found)

    assert "2 choices" in page.text
    assert "90 s old: The service is away." in page.text
    assert "<A>" in page.text


class Handle:
    """Keeps the states of a display, as IPython's handle shows them one after the other."""

    def __init__(self) -> None:
        self.states: list[str] = []

    def __call__(self, shown: object, *, display_id: bool) -> "Handle":
        """Show something."""
        assert display_id
        self.update(shown)
        return self

    def update(self, shown: object) -> None:
        """Show it as it is now."""
        self.states.append(f"{shown!r} {Seen(shown._repr_html_()).tags}")  # type: ignore[attr-defined]  # a bar


def test_a_bar_tells_how_far_a_map_is() -> None:
    """From none to all, failures too; without a known number, what is done."""
    problems = [Problem(path="$", rule="x", message="y")]
    outcomes = [result({}), Failure(error=InvalidInputError(problems)), result({})]
    known, unknown = Handle(), Handle()

    assert list(shown_on(iter(outcomes), [1, 2, 3], known)) == outcomes
    assert list(shown_on(iter(outcomes), iter([1, 2, 3]), unknown)) == outcomes

    assert known.states[0] == "0 of 3 done... ['div', 'progress']"
    assert known.states[-1] == "3 of 3 done, 1 failed ['div', 'progress']"
    assert unknown.states[-1] == "3 done, 1 failed ['div']"


def test_a_bar_stops_the_runs_of_whoever_stops_reading() -> None:
    """As without it."""
    closed = []

    def outcomes() -> Iterator[int]:
        try:
            yield from range(100)
        finally:
            closed.append(True)

    handle = Handle()
    reading = shown_on(outcomes(), range(100), handle)
    next(reading)
    reading.close()  # type: ignore[attr-defined]  # it is a generator

    assert closed == [True]
    assert handle.states[-1].startswith("1 of 100 done ")


class Printer:
    """What IPython gives to objects that print themselves."""

    def __init__(self) -> None:
        self.printed = ""

    def text(self, text: str) -> None:
        """Take some of it."""
        self.printed += text


def printed(value: Any) -> str:
    """Give the text that a notebook keeps beside the page of an object."""
    printer = Printer()
    value._repr_pretty_(printer, False)
    return printer.printed


def test_a_confidential_result_shows_nothing_of_what_came_out(replay: Replay) -> None:
    """Neither in a notebook nor as text, alone or in a list; the program that asked for it reads it as ever."""
    replay.reply({"temperature_c": 21.5})
    with Host(plugins=[replay], modules=MODULES, discover=False, environ={}) as host:
        found = host.run("weather.get_weather", HERE, connection=KEY, confidential=True)

    page = seen(found).text
    assert found.bundle["temperature_c"] == 21.5
    assert "Confidential: bundles and warnings are not shown" in page
    assert "21.5" not in page + repr([found]) + printed(found)
    assert "attempts=1" in repr(found)


def test_text_beside_a_page_is_cut_too() -> None:
    """Notebooks keep both; it says how much is left out, and by which limit."""
    many = result(*({"number": number} for number in range(10_000)))

    assert len(printed(many)) < 10_100
    assert printed(many).endswith("more characters (max_text_chars)")
    assert len(printed(show(many, max_text_chars=100))) < 160
    assert printed(result({"number": 1})) == repr(result({"number": 1}))


def test_an_error_shows_the_lines_of_whoever_called_and_none_behind_us(replay: Replay) -> None:
    """Whether those are pluggy's, a plugin's or a connector's."""
    replay.reply({"error": {"message": "gone"}}, status=404)
    with Host(plugins=[replay], modules=MODULES, discover=False, environ={}) as host:

        def own_cell() -> None:
            host.run("weather.get_weather", HERE, connection=KEY)

        with pytest.raises(NotFoundError) as caught:
            own_cell()

    *frames, said = caught.value._render_traceback_()
    assert len(frames) == 1
    assert "in own_cell" in frames[0]
    assert said.startswith("NotFoundError: ")


@pytest.mark.parametrize(
    ("value", "limits", "told"),
    [
        (5, {}, "It was a int."),
        (result(), {"rows": 5}, "There is no limit 'rows'. There are: max_rows,"),
        (result(), {"max_rows": -1}, "max_rows must be a whole number of at least 0, was -1."),
        (result(), {"max_chars": "x"}, "max_chars must be a whole number"),
    ],
    ids=["value", "name", "negative", "text"],
)
def test_what_cannot_be_shown_so_is_told_at_once(value: Any, limits: dict[str, Any], told: str) -> None:
    """And not when the notebook shows it."""
    with pytest.raises((TypeError, ValueError)) as caught:
        show(value, **limits)

    assert told in str(caught.value)


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff", "\u2028", "\xad", "\U000e0041"], ids=ascii)
def test_characters_that_nobody_sees_are_spelt_out(unseen: str) -> None:
    """A text may be hidden in them; those that emoji are joined with stay."""
    family = "\U0001f468\u200d\U0001f469"

    text = seen(result({"said": f"a{unseen}b", "family": family})).text

    assert unseen not in text
    assert f"{ord(unseen):04x}b" in text
    assert family in text
