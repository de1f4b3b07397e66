"""Files at the command line: in by @, out into a directory, and shown by where they lie."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Jack = Callable[..., Any]
SHELL = "sh"

DARKROOM = '''
from collections.abc import Iterator, Sequence
from typing import Annotated
from attrs import frozen
from jackfield import ConnectionType, Context, File, FilePart, OneOf, Upload, Url, module

@frozen(kw_only=True)
class Account:
    url: Annotated[str, Url(env="DARKROOM_URL")]

account = ConnectionType(label="Darkroom", form=Account, origin=lambda form: form.url)

@frozen(kw_only=True)
class Film:
    """What to develop."""
    negative: Annotated[File, Upload(label="Negative", media_types=["image/png", "image/webp"], max_bytes=2_500_000)]
    others: Sequence[File] | None = None
    caption: Annotated[str | File | None, OneOf(label="Caption")] = None
    title: str = ""

@frozen(kw_only=True)
class Prints:
    """What came of it."""
    prints: Sequence[File]
    id: str = "p-1"

@frozen(kw_only=True)
class Print:
    """One of them."""
    result: File

@module(label="Develop a Film")
def develop(form: Film, context: Context) -> Prints:
    """Turn each picture around."""
    pictures = [form.negative, *(form.others or ()), *([form.caption] if isinstance(form.caption, File) else [])]
    return Prints(prints=[context.store_file(one.read()[::-1], name=f"print-{one.name}") for one in pictures])

@module(label="Develop One")
def develop_one(form: Film, context: Context) -> Print:
    """Turn one picture around."""
    return Print(result=context.store_file(form.negative.read()[::-1], name=form.negative.name))

@module(label="Order Prints", connection=account)
def order(form: Film, context: Context) -> Prints:
    """Send the film away."""
    files = [FilePart(name="film[]", file=one) for one in (form.negative, *(form.others or ()))]
    context.client.request("POST", "/orders", data={"title": form.title}, files=files)
    return Prints(prints=[])

@module(label="Hand in a Film", connection=account)
def hand_in(form: Film, context: Context) -> Prints:
    """Send one file as it is."""
    context.client.request("PUT", "/film", content=form.negative)
    return Prints(prints=[])
'''
ENTRIES = """\
[jackfield.modules]
darkroom.develop = jackfield_darkroom:develop
darkroom.develop_one = jackfield_darkroom:develop_one
darkroom.order = jackfield_darkroom:order
darkroom.hand_in = jackfield_darkroom:hand_in

[jackfield.connectors]
darkroom = jackfield_darkroom
"""


@pytest.fixture
def darkroom(place: Any, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a connector with files."""
    place.write("jackfield_darkroom.py", DARKROOM)
    place.install("jackfield-darkroom", ENTRIES)
    monkeypatch.setenv("DARKROOM_URL", service.url)
    monkeypatch.delitem(sys.modules, "jackfield_darkroom", raising=False)
    service.replies(b"{}")


pytestmark = pytest.mark.usefixtures("darkroom")


@pytest.fixture
def picture(write: Callable[..., str]) -> str:
    """Make a file that is called a picture."""
    return write("cat.png", b"12345")


def test_a_file_is_given_by_at_and_comes_out_into_a_directory(jack: Jack, picture: str, tmp_path: Path) -> None:
    """Nothing is overwritten: a second run numbers its files."""
    out = tmp_path / "out"

    first, second = (
        jack("module", "run", "darkroom.develop", f"negative=@{picture}", "--files", str(out)) for _ in range(2)
    )

    found = [json.loads(outcome.out)["prints"][0] for outcome in (first, second)]
    assert [file["path"] for file in found] == [str(out / "print-cat.png"), str(out / "print-cat-1.png")]
    assert [file["size"] for file in found] == [5, 5]
    assert (out / "print-cat-1.png").read_bytes() == b"54321"


def test_without_a_word_they_go_to_the_data_directory(jack: Jack, picture: str, tmp_path: Path) -> None:
    """Where they stay."""
    outcome = jack("module", "run", "darkroom.develop", f"negative=@{picture}", "-o", "plain")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [str(tmp_path / "home" / "data" / "files" / "print-cat.png")]
    assert Path(outcome.out.strip()).read_bytes() == b"54321"


def test_several_files_are_given_by_number(jack: Jack, picture: str, write: Callable[..., str]) -> None:
    """One alone may do without it; plain output is a path for each."""
    other = write("dog.webp", b"abc")
    numbered = (f"others.0=@{other}", f"others.1=@{picture}")

    several = jack("module", "run", "darkroom.develop", f"negative=@{picture}", *numbered, "-o", "plain")
    single = jack("module", "run", "darkroom.develop", f"negative=@{picture}", f"others=@{other}", "-o", "plain")

    assert [Path(line).name for line in several.out.splitlines()] == [
        "print-cat.png",
        "print-dog.webp",
        "print-cat-1.png",
    ]
    assert [Path(line).name for line in single.out.splitlines()] == ["print-cat-2.png", "print-dog-1.webp"]


def test_a_result_that_is_a_file_is_its_path(jack: Jack, picture: str) -> None:
    """In plain; in a table with its type and size."""
    plain = jack("module", "run", "darkroom.develop_one", f"negative=@{picture}", "-o", "plain")
    table = jack("module", "run", "darkroom.develop_one", f"negative=@{picture}", "-o", "table")

    assert Path(plain.out.strip()).name == "cat.png"
    assert "cat-1.png" in table.out
    assert "image/png" in table.out


def test_json_names_files_too(jack: Jack, spawn: Jack, picture: str, tmp_path: Path) -> None:
    """By path, for whoever types may read it; line by line as well."""
    form = json.dumps({"negative": {"path": picture}})
    (tmp_path / "forms.jsonl").write_text(f"{form}\n{form}\n", "utf-8")

    one = jack("module", "run", "darkroom.develop_one", f'negative:={{"path": {json.dumps(picture)}}}', "-o", "plain")
    each = jack("module", "run", "darkroom.develop_one", "--input", str(tmp_path / "forms.jsonl"), "--each")

    assert one.code == each.code == 0
    paths = [json.loads(line)["result"]["path"] for line in each.out.splitlines()]
    assert sorted(Path(path).name for path in paths) == ["cat-1.png", "cat-2.png"]


def test_a_field_that_takes_text_or_a_file_takes_either(jack: Jack, picture: str, write: Callable[..., str]) -> None:
    """``@`` is the file; anything else is text."""
    note = write("note.txt", b"hello")
    start = ("module", "run", "darkroom.develop", f"negative=@{picture}")

    with_file = jack(*start, f"caption=@{note}", "-o", "plain")
    with_text = jack(*start, "caption=@@home", "-o", "plain")

    assert [Path(line).name for line in with_file.out.splitlines()] == ["print-cat.png", "print-note.txt"]
    assert [Path(line).name for line in with_text.out.splitlines()] == ["print-cat-1.png"]


def test_a_file_may_come_from_a_pipe(spawn: Jack) -> None:
    """It is kept first, for it can be read only once; its type is not known by its name."""
    outcome = spawn("module", "run", "darkroom.develop", "negative=@-", stdin=b"12345")
    listed = spawn("module", "run", "darkroom.order", "others=@-", "--dry-run", stdin=b"12345")

    assert outcome.code == 3
    assert "$.negative: must be one of image/png, image/webp, was application/octet-stream" in outcome.err
    assert "$.negative: is required" in listed.err


@pytest.mark.skipif(os.name == "nt", reason="there are no named pipes on Windows")
def test_what_another_program_writes_is_a_file(spawn: Jack, tmp_path: Path) -> None:
    """As ``<(...)`` of a shell gives it."""
    pipe = tmp_path / "cat.png"
    os.mkfifo(pipe)
    writer = subprocess.Popen(
        [sys.executable, "-c", f"open({str(pipe)!r}, 'wb').write(b'12345')"]  # it waits for the reader
    )

    outcome = spawn("module", "run", "darkroom.develop_one", f"negative=@{pipe}")

    assert writer.wait(10) == 0
    assert json.loads(outcome.out)["result"]["size"] == 5


@pytest.mark.skipif(os.name == "nt", reason="there are no named pipes on Windows")
@pytest.mark.parametrize(
    "words",
    ["darkroom.develop_one negative=@{}", "darkroom.order title=@{}", "darkroom.order --input {}"],
    ids=["a file", "a text", "the whole input"],
)
def test_a_pipe_into_which_nobody_writes_ends_with_the_deadline(jack: Jack, tmp_path: Path, words: str) -> None:
    """Nothing was sent by then, so it can be run again."""
    pipe = tmp_path / "cat.png"
    os.mkfifo(pipe)

    try:
        outcome = jack("module", "run", *words.format(pipe).split(), "--deadline", "0.1")
    finally:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))  # lets the reader go

    assert outcome.code == 8
    assert "had not ended after 0.1 s; nothing was sent" in outcome.err


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there is no such device")  # noqa: PTH110  a device
@pytest.mark.parametrize("field", ["darkroom.develop_one negative", "darkroom.order title"])
def test_a_device_is_no_file(jack: Jack, field: str) -> None:
    """It may have no end."""
    module, name = field.split()

    outcome = jack("module", "run", module, f"{name}=@/dev/zero")

    assert outcome.code == 3
    assert f"$.{name}: /dev/zero cannot be read: it is a device, which may have no end" in outcome.err


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("negative=@none.png", "$.negative: none.png cannot be read: No such file or directory"),
        ("negative=@", "$.negative: @ needs the name of a file"),
        (
            "negative=cat.png",
            "$.negative: must be a file: a URL, an object with one of file, path, url, data, or @PATH",
        ),
        ("negative=@.", "cannot be read"),
        ('negative:={"path": "none.png"}', "$.negative.path: cannot be read: No such file or directory"),
        ('negative:={"file": "abc"}', "$.negative.file: is no file that this host gave out"),
    ],
)
def test_what_is_wrong_is_said(jack: Jack, argument: str, said: str) -> None:
    """The field, what is wrong, and what would be right."""
    outcome = jack("module", "run", "darkroom.develop", argument)

    assert outcome.code == 3
    assert said in outcome.err
    assert "Traceback" not in outcome.err


def test_a_directory_that_cannot_be_written_to_is_said(jack: Jack, picture: str) -> None:
    """Here it is a file."""
    outcome = jack("module", "run", "darkroom.develop", f"negative=@{picture}", "--files", picture)

    assert outcome.code == 1
    assert "The directory for files cannot be written" in outcome.err


def test_what_a_field_takes_is_shown(jack: Jack) -> None:
    """With its types and its size; the example gives a file."""
    shown = jack("module", "show", "darkroom.develop")
    schema = json.loads(jack("module", "schema", "darkroom.develop").out)

    words = " ".join(shown.out.split())
    assert "file, image/png or image/webp, at most 2.5 MB" in words
    assert "negative=@negative.png" in words
    assert schema["properties"]["negative"]["x-jackfield"] == {
        "word": "Upload",
        "file": {"mediaTypes": ["image/png", "image/webp"], "maxBytes": 2500000},
    }


def test_a_dry_run_shows_files_by_name(jack: Jack, service: Any, picture: str) -> None:
    """And reads none."""
    outcome = jack("module", "run", "darkroom.order", f"negative=@{picture}", "title=t", "--dry-run")

    assert service.requests == []
    (request,) = json.loads(outcome.out)
    file = {"name": "cat.png", "media_type": "image/png", "size": 5, "path": picture}
    assert request["body"] == [{"name": "title", "value": "t"}, {"name": "film[]", "file": file}]


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("curl"), reason="needs a POSIX shell and curl")
@pytest.mark.parametrize("module", ["order", "hand_in"])
def test_curl_sends_the_same(
    jack: Jack, service: Any, environment: Mapping[str, str], write: Callable[..., str], module: str
) -> None:
    """Fields that look like options of curl, and names with everything in them."""
    picture = write('my "best", cat; really.png', b"12345")
    arguments = ("module", "run", f"darkroom.{module}", f"negative=@{picture}", "title=@@x;type=a/b")
    assert jack(*arguments).code == 0
    command = jack(*arguments, "--as-curl")

    subprocess.run([SHELL, "-c", command.out], env=environment, check=True, capture_output=True)

    ours, theirs = service.requests
    assert command.err == ""
    assert shlex.quote(picture)[1:-1].partition('"')[0] in command.out
    assert values_of(ours) == values_of(theirs)


def values_of(request: bytes) -> list[bytes]:
    """Give what a request says, without what each program words its own way."""
    head, _, body = request.partition(b"\r\n\r\n")
    first = head.split(b"\r\n")[0]
    if b"multipart/form-data" not in head:
        kind = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-type"))
        return [first, kind, body]
    boundary = head.partition(b"boundary=")[2].partition(b"\r\n")[0]
    parts = [part.partition(b"\r\n\r\n") for part in body.split(b"--" + boundary)[1:-1]]
    names = [part[0].replace(b'\\"', b"%22").strip() for part in parts]
    return [first, *names, *(part[2] for part in parts)]


def test_curl_is_told_which_files_are_not_there(jack: Jack) -> None:
    """A file by URL is fetched by nobody for a command."""
    outcome = jack("module", "run", "darkroom.order", "negative=https://a.example/b.png", "--as-curl")

    assert outcome.code == 0
    assert """film[]=@"b.png";type=image/png""" in outcome.out
    assert "note: the command reads b.png in this directory; fetch it from https://a.example/b.png." in outcome.err
