import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from jackfield import Host, Preview, PreviewRequest
from jackfield._cli.curl import as_curl
from jackfield._cli.previewing import print_curl
from jackfield._cli.wishes import RunWishes

Jack = Callable[..., Any]

NASTY = """it's "so" $HOME `id` \\ !! * [1-3] {a,b} ü 🌧\n--next @line"""
SHELL = "sh"
WEATHER = b'{"temperature_c": 9.5, "wind_kmh": 3}'


def parts_of(request: bytes) -> tuple[str, dict[str, str], object]:
    """Give the first line, the headers and the JSON body of a request."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return first, {name.title(): value for name, value in headers.items()}, json.loads(body) if body else None


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("curl"), reason="needs a POSIX shell and curl")
@pytest.mark.parametrize(
    "arguments",
    [
        ("station.get_weather", "latitude=1", "longitude=2"),
        ("station.set_weather", "latitude=1", "longitude=2"),
        ("station.tell_story", "voice=[a]{b}", f"about={NASTY}", "--stream"),
    ],
    ids=["get", "post", "quoting"],
)
def test_the_shell_sends_what_jackfield_would_send(
    jack: Jack, service: Any, environment: Mapping[str, str], arguments: tuple[str, ...]
) -> None:
    """The same method, address, headers and body, with the key that the variable holds."""
    service.replies(WEATHER)
    jack("module", "run", *arguments)
    command = jack("module", "run", *arguments, "--as-curl")

    subprocess.run([SHELL, "-c", command.out], env=environment, check=True, capture_output=True)

    ours, (first, headers, body) = (parts_of(request) for request in service.requests)
    assert (command.code, command.err) == (0, "")
    assert (first, body) == (ours[0], ours[2])
    assert headers["X-Key"] == "key-of-the-station"
    same = ("Accept", "Content-Type", "User-Agent", "Host", "X-Key", "Content-Length")
    assert {name: headers.get(name) for name in same} == {name: ours[1].get(name) for name in same}


def test_a_secret_is_the_variable_that_holds_it(jack: Jack, service: Any) -> None:
    """Outside of the quotes that would keep a shell from filling it in."""
    code, out, _ = jack("module", "run", "station.get_weather", "latitude=1", "longitude=2", "--as-curl")

    assert code == 0
    assert "-H 'X-Key: '\"$STATION_API_KEY\"" in out
    assert "key-of-the-station" not in out
    assert service.requests == []


def test_a_named_connection_has_its_own_variable(jack: Jack, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not that of the nameless one."""
    monkeypatch.setenv("JACKFIELD_CONNECTION__ROOF__API_KEY", "key-of-the-roof")
    monkeypatch.setenv("JACKFIELD_CONNECTION__ROOF__BASE_URL", service.url)
    place = ("latitude=1", "longitude=2", "--connection", "roof")

    out = jack("module", "run", "station.get_weather", *place, "--as-curl").out

    assert '"$JACKFIELD_CONNECTION__ROOF__API_KEY"' in out
    assert "key-of-the" not in out


def request_of(
    body: object = None, *, method: str = "POST", headers: Mapping[str, str] | None = None
) -> PreviewRequest:
    """Make a request as a dry run gives it."""
    return PreviewRequest(method=method, url="https://example.com/a", headers=headers or {}, body=body)


def words_of(request: PreviewRequest, variable: str = "") -> list[str]:
    """Give the words that a shell makes of a command."""
    return shlex.split(as_curl(request, variable).replace("\\\n", ""))


def test_without_a_variable_the_mask_stays() -> None:
    """Several secrets cannot be told apart, so none is named."""
    assert "X-Key: ***" in words_of(request_of(headers={"X-Key": "***"}))


@pytest.mark.parametrize(
    ("method", "body", "expected"),
    [
        ("GET", None, []),
        ("HEAD", None, ["--head"]),
        ("DELETE", None, ["-X", "DELETE"]),
        ("POST", {}, []),
        ("POST", None, ["-X", "POST"]),
        ("PUT", {}, ["-X", "PUT"]),
    ],
)
def test_the_method_is_said_where_curl_would_take_another(method: str, body: object, expected: list[str]) -> None:
    """A body means POST to curl, no body means GET."""
    words = words_of(request_of(body, method=method))

    assert words[3 : words.index("https://example.com/a")] == expected


@pytest.mark.parametrize(
    ("body", "length", "expected"),
    [
        ("@text", "5", ["--data-raw", "@text"]),
        ("text", "6", ["--data-raw", '"text"']),
        ("(70000 bytes)", "70000", ["--data-binary", "@body.bin"]),
        ("a\0b", "3", ["--data-binary", "@body.bin"]),
        ([1, "ü"], "9", ["--data-raw", '[1,"ü"]']),
    ],
    ids=["text", "JSON text", "bytes", "NUL", "JSON"],
)
def test_a_body_that_no_command_can_hold_is_a_file(body: object, length: str, expected: list[str]) -> None:
    """Any other is in the command; curl is kept from calling it a form, and counts its length itself."""
    words = words_of(request_of(body, headers={"Content-Length": length, "X-Empty": ""}))

    assert words[-2:] == expected
    assert words[-6:-2] == ["-H", "X-Empty;", "-H", "Content-Type:"]


def test_a_body_in_a_file_is_announced(environment: Mapping[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, with the name that the command reads."""
    preview = Preview(requests=(request_of("(70000 bytes)", headers={"Content-Length": "70000"}),))

    with Host(environ=environment) as host:
        print_curl(preview, host.module("station.get_weather"), RunWishes())

    out, err = capsys.readouterr()
    assert out.endswith("--data-binary @body.bin\n")
    assert err == "note: the body is no text; put it into a file body.bin.\n"


def test_a_module_that_sends_nothing_has_no_command(jack: Jack, service: Any) -> None:
    """It says so on stderr."""
    arguments = ("station.write_note", 'parts:=[{"kind": "word", "text": "a"}]', "--as-curl")

    assert jack("module", "run", *arguments) == (0, "", "note: nothing would be sent.\n")


@pytest.mark.parametrize(
    ("option", "message"), [(("-o", "json"), "-o does not"), (("--each", "--input", "x"), "--each")]
)
def test_a_command_goes_with_one_request(jack: Jack, option: tuple[str, ...], message: str) -> None:
    """Exit code 2."""
    code, said = jack("module", "run", "station.get_weather", "--as-curl", *option).failure()

    assert code == 2
    assert message in said[0]
