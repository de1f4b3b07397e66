import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals that a test could read"
)

COLOR = re.compile(r"\x1b\[(?:\d+;)*3\d(?:;\d+)*m")
ESCAPE = re.compile(r"\x1b\[[\d;]*[A-Za-z]")
WEATHER = b'{"temperature_c": 9.5, "wind_kmh": 3, "sky": "\\u001b[2J"}'
RUN = ("module", "run", "station.get_weather", "latitude=1", "longitude=2")

Screen = Callable[..., str]


@pytest.mark.parametrize("columns", [60, 200])
def test_tables_are_as_wide_as_the_terminal(screen: Screen, columns: int) -> None:
    """No line is longer, and what is to be copied is not torn."""
    printed = ESCAPE.sub("", screen("connector", "show", "station", columns=columns))

    assert max(len(line) for line in printed.splitlines()) <= columns
    assert "STATION_API_KEY" in printed
    assert ("On a sticker below the mast." in printed) == (columns == 200)


def test_a_terminal_gets_a_table_and_what_it_took(screen: Screen, service: Any) -> None:
    """Without -o; and escape sequences of the service are shown, not obeyed."""
    service.replies(WEATHER)

    printed = screen(*RUN)

    assert "temperature_c" in ESCAPE.sub("", printed).splitlines()[0]
    assert "\\x1b[2J" in printed
    assert "\x1b[2J" not in printed
    assert re.search(r"\(\d+\.\d s\)\n$", printed)


def test_plain_text_on_a_terminal_is_not_obeyed(screen: Screen, service: Any) -> None:
    """Only a pipe gets a service's bytes as they are."""
    service.replies(b'[{"id": "\\u001b[2J", "height_m": 3}]')

    assert screen("module", "run", "station.list_stations", "-o", "plain") == "\\x1b[2J\n"


def test_colors_are_for_those_who_want_them(screen: Screen) -> None:
    """On a terminal there are some, with NO_COLOR there are none."""
    assert COLOR.search(screen("module", "list"))
    assert not COLOR.search(screen("module", "list", env={"NO_COLOR": "1"}))


def test_a_stream_on_a_terminal_is_text(screen: Screen, service: Any) -> None:
    """It is what a person wants to read as it comes."""
    service.replies(b"data: Once\n\ndata:  upon\n\ndata: [DONE]\n\n", kind="text/event-stream")

    printed = screen("module", "run", "station.tell_story", "voice=x", "--stream")

    assert printed.startswith("Once upon\n(")
    assert ", 2 tokens" in printed
