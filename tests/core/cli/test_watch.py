import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Jack = Callable[..., Any]

WATCH = ("module", "watch", "station.watch_readings")


def reading(number: int, **more: Any) -> dict[str, object]:
    """Make a reading, one for each day."""
    return {"id": number, "measured": f"2026-01-{number:02}", "value": 1.5, **more}


def shows(service: Any, *numbers: int) -> None:
    """Have the service show readings."""
    service.replies(json.dumps([reading(number) for number in numbers]).encode())


def lines(out: str) -> list[int]:
    """Give the ids of what was printed."""
    return [json.loads(line)["id"] for line in out.splitlines()]


def test_a_new_watch_prints_what_comes_from_now_on(jack: Jack, service: Any) -> None:
    """And says so, since nothing is on stdout at first; later it prints one JSON object a line, oldest first."""
    shows(service, 1)
    code, out, err = jack(*WATCH, "--once")
    assert (code, out) == (0, "")
    assert err == "note: a new watch, from now on; what is there already is not printed.\n"

    shows(service, 3, 2, 1)
    assert jack(*WATCH, "--once") == (
        0,
        '{"id":2,"measured":"2026-01-02","value":1.5}\n{"id":3,"measured":"2026-01-03","value":1.5}\n',
        "",
    )
    assert jack(*WATCH, "--once") == (0, "", "")


@pytest.mark.parametrize(
    ("start", "expected", "words"),
    [
        ("all", [1, 2, 3], "with all that is there"),
        ("2026-01-02", [2, 3], "from 2026-01-02 on"),
        ("2026-01-02T00:00:01Z", [3], "from 2026-01-02T00:00:01Z on"),
    ],
)
def test_it_begins_where_it_is_told(jack: Jack, service: Any, start: str, expected: list[int], words: str) -> None:
    """Once it has begun, it goes on, and says that it does not begin anew."""
    shows(service, 1, 2, 3)
    code, out, err = jack(*WATCH, "--once", "--from", start)
    assert (code, lines(out)) == (0, expected)
    assert words in err

    code, out, err = jack(*WATCH, "--once", "--from", start)
    assert (code, out) == (0, "")
    assert "goes on where it was" in err
    assert lines(jack(*WATCH, "--once", "--from", start, "--reset").out) == expected


def test_other_fields_are_another_watch(jack: Jack, service: Any) -> None:
    """Which is told; one with a name refuses them."""
    shows(service, 1)
    assert lines(jack(*WATCH, "--once", "--from", "all").out) == [1]

    _, out, err = jack(*WATCH, "station=north", "--once", "--from", "all")
    assert lines(out) == [1]
    assert "there is another watch of this module, with other fields" in err
    assert jack(*WATCH, "--once", "--name", "mine").code == 0
    code, said = jack(*WATCH, "station=north", "--once", "--name", "mine").failure()
    assert code == 3
    assert "belongs to another watch" in said[0]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([*WATCH, "--from", "yesterday"], 2, "--from: must be a date and time"),
        ([*WATCH, "--from", "01/02/2026"], 2, "--from: may be the"),
        ([*WATCH, "--every", "0.5"], 2, "--every: must be at least 1"),
        ([*WATCH, "--every", "nan"], 2, "must be a number of seconds"),
        ([*WATCH, "sation=x"], 3, "$.sation"),
        ([*WATCH, "--name", "a/b"], 3, "name of a watch"),
        (
            ["module", "watch", "station.get_weather", "latitude=1", "longitude=2"],
            3,
            "station.get_weather is no trigger",
        ),
        (["module", "watch", "station.get_weather"], 3, "station.get_weather is no trigger"),
        (["module", "watch", "station.watch_reading"], 3, "Did you mean station.watch_readings"),
    ],
)
def test_what_cannot_be_watched_is_told(jack: Jack, service: Any, arguments: list[str], code: int, words: str) -> None:
    """What is wrong, and what to type next; nothing is sent."""
    found, said = jack(*arguments).failure()

    assert found == code
    assert words in " ".join(said)
    assert said[-1].startswith("next: ")
    assert service.requests == []


def test_a_failure_with_one_look_is_an_error(jack: Jack, service: Any) -> None:
    """Whoever runs it by a timer wants to know."""
    service.replies(b'{"error": {"message": "no, key-of-the-station"}}', status="403 Forbidden")

    code, said = jack(*WATCH, "--once", "--from", "all").failure()

    assert code == 4
    assert "key-of-the-station" not in " ".join(said)


def test_the_interval_is_a_setting(jack: Jack) -> None:
    """As every other of a watch; out of its bounds it is refused."""
    assert jack("config", "set", "watch.interval_s", "300").code == 0
    assert "must be at least 1" in jack("config", "set", "watch.interval_s", "0").err


def test_confidential_prints_and_keeps_hashes(jack: Jack, service: Any, tmp_path: Path) -> None:
    """Of an item, nothing is on the disk but its date."""
    service.replies(json.dumps([reading(9, value=47114711)]).encode())

    assert lines(jack(*WATCH, "--once", "--from", "all", "--confidential", "station=canary").out) == [9]

    (path,) = (tmp_path / "home" / "data" / "watches").iterdir()
    written = [each.read_bytes() for each in (tmp_path / "home").rglob("*") if each.is_file()]
    assert path.read_bytes() in written
    assert not [data for data in written if b"canary" in data or b"47114711" in data]


def test_what_nobody_reads_is_given_again(environment: Mapping[str, str], service: Any, jack: Jack) -> None:
    """A closed pipe is no failure, and no reason to lose anything."""
    shows(service, 1, 2, 3)
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-m", "jackfield", *WATCH, "--once", "--from", "all"]
    done = subprocess.run(
        command, stdout=write_end, stderr=subprocess.PIPE, env=environment, check=False, timeout=60, text=True
    )
    os.close(write_end)

    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert lines(jack(*WATCH, "--once").out) == [1, 2, 3]


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send Ctrl-C to one process of a console")
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_a_watch_and_the_next_one_goes_on(environment: Mapping[str, str], service: Any, jack: Jack) -> None:
    """While it waits; a second process meanwhile is told whose the watch is."""
    shows(service, 1, 2)
    command = [sys.executable, "-m", "jackfield", *WATCH, "--from", "all", "--every", "3600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout
        printed = [process.stdout.readline().decode() for _ in range(2)]
        code, said = jack(*WATCH, "--once").failure()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)

    assert lines("".join(printed)) == [1, 2]
    assert (code, "Somebody else runs this watch" in said[0]) == (4, True)
    assert (process.returncode, out) == (130, b"")
    assert err.decode().strip().splitlines()[-1] == "stopped: 2 printed; the same command goes on from here."
    shows(service, 1, 2, 3)
    assert lines(jack(*WATCH, "--once").out) == [3]


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send Ctrl-C to one process of a console")
@pytest.mark.usefixtures("interruptible")
def test_a_service_that_is_away_is_waited_for(environment: Mapping[str, str], service: Any) -> None:
    """That is told on stderr, with how long."""
    service.replies(b"{}", status="503 Service Unavailable")
    service.retry_with(json.dumps([reading(1)]).encode())
    command = [sys.executable, "-m", "jackfield", *WATCH, "--from", "all", "--every", "1"]
    once = {**environment, "JACKFIELD_HTTP_MAX_ATTEMPTS": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=once) as process:
        assert process.stdout
        printed = process.stdout.readline().decode()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)

    assert lines(printed) == [1]
    assert "503" in err.decode()
    assert "then asking again: 1 failed in a row." in err.decode()


def test_help_tells_where_it_goes_on(jack: Jack) -> None:
    """And completion knows its fields."""
    out = jack("module", "watch", "--help").out

    assert "goes on where it was stopped" in " ".join(out.split())


def test_showing_a_trigger_says_how_to_watch_it(jack: Jack) -> None:
    """Not how to run it."""
    out = jack("module", "show", "station.watch_readings").out

    assert "trigger: gives what is new since the last time" in out
    assert "jackfield module watch station.watch_readings" in out


def test_its_input_may_come_from_a_file(jack: Jack, service: Any, write: Any) -> None:
    """As that of a run; a watch is known by its fields, wherever they come from."""
    shows(service, 1)
    file = write("watch.json", json.dumps({"station": "north"}))

    assert jack(*WATCH, "--once", "--input", file)[0] == 0
    shows(service, 2, 1)
    code, out, _ = jack(*WATCH, "--once", "station=north")

    assert (code, lines(out)) == (0, [2])
    code, _, err = jack(*WATCH, "--once", "station=south", "--input", file)
    assert code == 3
    assert "$.station: is given as an argument and in --input" in err
