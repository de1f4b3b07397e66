import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

Jack = Callable[..., Any]

EACH = ("module", "run", "station.get_weather", "--each", "--input")
STATIONS = b'[{"id": "north", "height_m": 3}]'
posix = pytest.mark.skipif(os.name == "nt", reason="Windows cannot send Ctrl-C to one process of a console")


def lines(*values: object) -> str:
    """Write values as JSON Lines; text stays as it is."""
    return "".join(f"{value if isinstance(value, str) else json.dumps(value)}\n" for value in values)


def read(out: str) -> list[Any]:
    """Read JSON Lines."""
    return [json.loads(line) for line in out.splitlines()]


def echo(service: Any) -> None:
    """Have the service answer with the latitude that it is asked for."""

    def answer(connection: socket.socket) -> None:
        latitude = service.requests[-1].partition(b"latitude=")[2].partition(b"&")[0].decode()
        body = f'{{"temperature_c": {latitude}, "wind_kmh": 0}}'
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n{body}".encode())

    service.answer = answer


def places(numbers: Iterable[int]) -> bytes:
    """Write a line for each latitude."""
    return lines(*({"latitude": number, "longitude": 1} for number in numbers)).encode()


def test_each_line_is_run_and_answered_in_order(jack: Jack, service: Any, write: Any) -> None:
    """However many run at once; an argument fills in what a line leaves out."""
    echo(service)
    file = write("in.jsonl", lines(*({"latitude": number} for number in range(20)), {"latitude": 0, "longitude": 7}))

    code, out, err = jack(*EACH, file, "longitude=5", "--concurrency", "4")

    assert (code, err) == (0, "")
    assert [bundle["temperature_c"] for bundle in read(out)] == [*range(20), 0]
    assert sorted(b"longitude=5" in request for request in service.requests) == [False] + [True] * 20


def test_a_search_gives_its_list_on_one_line(jack: Jack, service: Any, write: Any) -> None:
    """So there are as many lines as inputs."""
    service.replies(STATIONS)
    file = write("in.jsonl", lines({}, {"limit": 1}))

    code, out, _ = jack("module", "run", "station.list_stations", "--each", "--input", file)

    assert code == 0
    assert read(out) == [[{"id": "north", "height_m": 3.0}]] * 2


def test_a_failure_is_a_line_that_names_the_line(jack: Jack, service: Any, write: Any) -> None:
    """What is no JSON, no object or no form stops no other, and nothing is sent for it."""
    echo(service)
    good = {"latitude": 1, "longitude": 1}
    file = write(
        "in.jsonl", lines(good, "{nonsense", "", [good], {**good, "latitude": 99}, "  ", '{"a":1,"a":2}', good)
    )

    code, out, err = jack(*EACH, file)

    found = [item.get("error") for item in read(out)]
    assert code == 1
    assert [error and (error["type"], error["line"]) for error in found] == [
        None,
        ("InvalidInputError", 2),
        ("InvalidInputError", 4),
        ("InvalidInputError", 5),
        ("InvalidInputError", 7),
        None,
    ]
    assert found[1]["message"].startswith("line 2: 1 problem\n$: not JSON at column 2")
    assert found[3]["problems"] == [{"path": "$.latitude", "rule": "maximum", "message": "must be at most 90, was 99"}]
    assert err.splitlines()[0] == 'error: 4 of 6 failed; their lines have an "error".'
    assert len(service.requests) == 2


@pytest.mark.parametrize(
    ("status", "expected"),
    [("401 Unauthorized", (4, "CredentialsError")), ("400 Bad Request", (5, "RefusedError"))],
)
def test_if_all_fail_the_exit_code_is_that_of_the_first(
    jack: Jack, service: Any, write: Any, status: str, expected: tuple[int, str]
) -> None:
    """The line has what the service said, and no key."""
    service.replies(b'{"error": {"message": "no, key-of-the-station"}}', status=status)
    file = write("in.jsonl", places([1, 2]))

    code, out, err = jack(*EACH, file)

    told = [(code, item["error"]["type"], item["error"]["status"]) for item in read(out)]
    assert told == [(*expected, int(status[:3]))] * 2
    assert "key-of-the-station" not in out + err


def test_nothing_in_is_nothing_out(jack: Jack, write: Any) -> None:
    """No line, no failure."""
    assert jack(*EACH, write("in.jsonl", "\n")) == (0, "", "")


def test_input_is_read_no_faster_than_results_are_printed(environment: Mapping[str, str], service: Any) -> None:
    """The first result comes while the input goes on for ever, and a reader who leaves ends the command."""
    echo(service)
    command = [sys.executable, "-m", "jackfield", *EACH, "-", "--concurrency", "2"]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, env=environment, bufsize=0, **pipes) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def feed() -> None:
            try:
                while True:
                    stdin.write(places([3]))
                    stdin.flush()
            except OSError:  # it has gone
                return

        feeder = threading.Thread(target=feed)
        feeder.start()
        first = stdout.readline()
        stdout.close()
        code = process.wait(60)
        feeder.join(60)
        said = process.stderr.read() if process.stderr else b""

    assert json.loads(first)["temperature_c"] == 3
    assert (code, said) == (0, b"")


@posix
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("waits_for", ["service", "input"])
def test_ctrl_c_keeps_what_was_done(environment: Mapping[str, str], service: Any, waits_for: str) -> None:
    """It is printed already; exit code 130, no traceback, whatever is waited for."""
    echo(service)
    quick = service.answer
    stuck = threading.Event()

    def answer(connection: socket.socket) -> None:
        if b"latitude=9" in service.requests[-1]:
            stuck.set()
            service.ended.wait(60)
        else:
            quick(connection)

    service.answer = answer
    command = [sys.executable, "-m", "jackfield", *EACH, "-", "--concurrency", "1"]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, env=environment, **pipes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(places([1, 2, 9] if waits_for == "service" else [1, 2, 3, 4]))
        process.stdin.flush()
        done = [process.stdout.readline() for _ in range(2)]
        if waits_for == "service":
            process.stdin.close()
            process.stdin = None
            assert stuck.wait(30)
        process.send_signal(signal.SIGINT)
        code = process.wait(30)
        out, err = process.communicate(timeout=30)

    stopped, next_step = err.decode().split("\n")[:2]
    last = {"service": "2"}.get(waits_for, stopped.split()[1])
    assert code == 130
    assert stopped == f"stopped: {last} printed, up to line {last}; some after it may have reached the service."
    assert next_step.startswith(f"next: add --from-line {int(last) + 1} to the same command")
    assert [json.loads(line)["temperature_c"] for line in done] == [1, 2]
    assert [item for item in read(out.decode()) if "error" in item] == []


def test_a_later_line_can_be_the_first(jack: Jack, write: Any) -> None:
    """Lines keep their numbers, so that the next stop tells the right one."""
    lines = ['{"parts": [{"kind": "word", "text": "a"}]}', "{", "", '{"parts": [{"kind": "word", "text": "b"}]}', "{"]
    arguments = ["module", "run", "station.write_note", "--each", "--input", write("in.jsonl", "\n".join(lines))]

    code, out, _ = jack(*arguments, "--from-line", "4")

    found = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert found[0]["note"]["parts"] == ["b"]
    assert found[1]["error"]["line"] == 5
    assert jack(*arguments, "--from-line", "9") == (0, "", "")


PEAK = r"""
import pathlib, re, sys
from jackfield._cli.main import run
code = run(sys.argv[1:])
print(code, re.search(r"VmHWM:\s+(\d+)", pathlib.Path("/proc/self/status").read_text("utf-8"))[1], file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, the peak of a process begins with its parent's")
def test_many_lines_take_no_more_memory_than_few(environment: Mapping[str, str], write: Any) -> None:
    """Ten thousand lines of four kilobytes each are never held at once."""
    line = json.dumps({"parts": [{"kind": "word", "text": "x" * 4000}]}) + "\n"
    peaks = []
    for count in (100, 10_000):
        arguments = ["module", "run", "station.write_note", "--each", "--input", write(f"{count}.jsonl", line * count)]
        done = subprocess.run(
            [sys.executable, "-c", PEAK, *arguments], env=environment, capture_output=True, check=True
        )
        code, peak = done.stderr.split()
        assert (int(code), done.stdout.count(b"\n")) == (0, count)
        peaks.append(int(peak))

    assert peaks[1] - peaks[0] < 20_000


@posix
def test_progress_is_shown_on_a_terminal_only(environment: Mapping[str, str], service: Any, write: Any) -> None:
    """On stderr, over itself, and gone at the end."""
    import pty  # noqa: PLC0415  Windows has none

    echo(service)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "jackfield", *EACH, write("in.jsonl", places([1, 2]))]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)

    assert re.match(r"\r\[#{10}\.{10}\]  50%, 0:0\d left  1 done", shown)
    assert shown.endswith("\r")
    assert len(read(done.stdout.decode())) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--each"], "--each needs --input FILE"),
        (["--each", "--input", "x", "--stream"], "--stream does not go with it"),
        (["--each", "--input", "x", "--dry-run"], "--each does not go with it"),
        (["--each", "--input", "x", "-o", "table"], "only -o jsonl goes with it"),
        (["--concurrency", "2"], "add --each"),
        (["--from-line", "2"], "add --each"),
        (["--each", "--input", "x", "--from-line", "0"], "0 is not in the range"),
        (["--each", "--input", "x", "--concurrency", "0"], "0 is not in the range"),
    ],
    ids=" ".join,
)
def test_wishes_that_contradict_each_other(jack: Jack, arguments: list[str], message: str) -> None:
    """Exit code 2, before anything is read."""
    code, said = jack("module", "run", "station.get_weather", *arguments).failure()

    assert code == 2
    assert message in said[0]
    assert said[1] == "next: jackfield module run --help"


def test_one_input_comes_from_a_file_or_standard_input(spawn: Jack, service: Any, write: Any) -> None:
    """Its values are JSON; arguments add to it."""
    echo(service)
    file = write("in.json", '\ufeff{\n"latitude": 4\n}')

    from_file = spawn("module", "run", "station.get_weather", "--input", file, "longitude=2")
    from_stdin = spawn("module", "run", "station.get_weather", "--input", "-", stdin=places([5]))

    assert (from_file.code, json.loads(from_file.out)["temperature_c"]) == (0, 4)
    assert (from_stdin.code, json.loads(from_stdin.out)["temperature_c"]) == (0, 5)


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        ("[1]", [], "--input: must be an object, was a list of 1 item"),
        ('{\n"a": }', [], "--input: not JSON at line 2, column 6: Expecting value"),
        ("[" * 300 + "]" * 300, [], "--input: JSON is nested deeper than 200 levels"),
        (b"\xff", [], "--input: not UTF-8 at byte 0"),
        ('{"latitude": 1}', ["latitude=2"], "$.latitude: is given as an argument and in --input"),
    ],
    ids=["list", "json", "depth", "encoding", "twice"],
)
def test_one_input_that_cannot_be_used(
    jack: Jack, write: Any, content: bytes | str, arguments: list[str], message: str
) -> None:
    """Exit code 3, and what is wrong with it."""
    code, said = jack("module", "run", "station.get_weather", "--input", write("in", content), *arguments).failure()

    assert code == 3
    assert message in "\n".join(said)


@pytest.mark.parametrize("each", [[], ["--each"]], ids=["one", "each"])
def test_a_file_that_is_not_there(jack: Jack, tmp_path: Any, each: list[str]) -> None:
    """It is said by name, with exit code 3."""
    name = str(tmp_path / "missing")
    code, said = jack("module", "run", "station.get_weather", "--input", name, *each).failure()

    assert code == 3
    assert f"--input: {name} cannot be read: No such file or directory" in said[0]


def test_standard_input_is_read_once(spawn: Jack) -> None:
    """Not for a field as well."""
    code, said = spawn("module", "run", "station.write_note", "--input", "-", "extra=@-").failure()

    assert code == 3
    assert "$.extra: standard input can be read once only" in "\n".join(said)
