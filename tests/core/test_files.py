"""A File says what a file is and where it lies, and shows nothing of what is in it."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from jackfield import File, FileError, InputError, LimitError
from jackfield._filenames import guess_type, safe_name


def test_a_file_of_this_machine_says_what_it_is(tmp_path: Path) -> None:
    """Name, media type, size and path, without being read."""
    (tmp_path / "cat.PNG").write_bytes(b"12345")

    file = File.from_path(tmp_path / "cat.PNG")

    assert (file.name, file.media_type, file.size, file.path) == ("cat.PNG", "image/png", 5, tmp_path / "cat.PNG")
    assert repr(file) == "<File 'cat.PNG' image/png, 5 bytes>"
    assert file == File.from_path(tmp_path / "cat.PNG", name="other.png")
    assert file != File.from_bytes(b"12345", name="cat.PNG")


def test_it_can_be_read_again_and_again() -> None:
    """Each reader starts at the beginning."""
    file = File.from_bytes(b"hello", name="a.txt")

    with file.open() as one, file.open() as other:
        assert one.read(2) == b"he"
        assert other.read() == b"hello"
    assert file.read() == file.read() == b"".join(file.pieces())


def test_a_relative_path_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process may go elsewhere meanwhile."""
    (tmp_path / "a.txt").write_text("here", "utf-8")
    monkeypatch.chdir(tmp_path)
    file = File.from_path("a.txt")

    monkeypatch.chdir("/")

    assert file.read() == b"here"


def test_content_is_read_into_memory_only_within_bounds() -> None:
    """Who reads all of it says how much that may be."""
    file = File.from_bytes(b"12345", name="a.txt")

    with pytest.raises(LimitError, match=r"a\.txt is larger than the 4 bytes") as caught:
        file.read(4)
    assert "open()" in caught.value.hint
    assert file.read(5) == b"12345"


def no_file(folder: Path) -> Path:
    """Name what is not there."""
    return folder / "none.txt"


def directory(folder: Path) -> Path:
    """Make a directory."""
    (folder / "some").mkdir()
    return folder / "some"


def pipe(folder: Path) -> Path:
    """Make a pipe, from which nobody could read twice."""
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def with_nul(folder: Path) -> Path:
    """Name what no system can have."""
    return folder / "a\0b"


posix = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes on Windows")


@pytest.mark.parametrize("make", [no_file, directory, pytest.param(pipe, marks=posix), with_nul])
def test_what_is_no_file_is_refused(make: Callable[[Path], Path], tmp_path: Path) -> None:
    """At once, and not when a request is half sent."""
    with pytest.raises(FileError):
        File.from_path(make(tmp_path))


def test_a_file_that_went_says_so(tmp_path: Path) -> None:
    """With what may have become of it."""
    (tmp_path / "a.txt").write_text("here", "utf-8")
    file = File.from_path(tmp_path / "a.txt")
    (tmp_path / "a.txt").unlink()

    with pytest.raises(FileError, match=r"a\.txt cannot be read") as caught:
        file.read()
    assert str(tmp_path) not in str(caught.value)
    assert "save()" in caught.value.hint


@posix
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody may ever write into it."""
    (tmp_path / "a.txt").write_text("here", "utf-8")
    file = File.from_path(tmp_path / "a.txt")
    (tmp_path / "a.txt").unlink()
    os.mkfifo(tmp_path / "a.txt")

    with pytest.raises(FileError, match="another file than the one that was checked"):
        file.read()


@pytest.mark.parametrize("name", ["a/b", "a\\b", "", "..", "a\nb", "a\0b", "\u202egnp.exe", "x" * 256])
def test_a_name_is_a_bare_name(name: str) -> None:
    """No folders, no control characters, nothing that turns the direction of writing."""
    with pytest.raises(InputError, match="name of a file"):
        File.from_bytes(b"", name=name) if name else File.from_bytes(b"", name="..")


@pytest.mark.parametrize(
    ("url", "flaw"),
    [
        ("file:///etc/passwd", "http://"),
        ("ftp://a.example/b", "http://"),
        ("https://user:secret@a.example/b", "no user name"),
        ("https://a.example/b c", "blanks"),
        ("https:///b", "a host"),
        ("https://a.example:99999/b", "cannot be read"),
    ],
)
def test_only_plain_addresses_of_the_web_are_urls_of_files(url: str, flaw: str) -> None:
    """Others are refused before anybody goes there, and the address is not repeated."""
    with pytest.raises(InputError, match=flaw) as caught:
        File.from_url(url)
    assert "secret" not in str(caught.value)


def test_a_file_of_the_web_has_the_name_at_its_end_until_it_is_fetched() -> None:
    """And no size; nothing was asked of anybody."""
    file = File.from_url("https://a.example/pictures/my%20cat.png?size=2#top")

    assert (file.name, file.media_type, file.size) == ("my cat.png", "image/png", None)
    with pytest.raises(FileError, match="fetched only when a module runs"):
        file.read()


def test_a_media_type_cannot_smuggle_a_header() -> None:
    """It stands in requests."""
    with pytest.raises(InputError, match="must look like image/png"):
        File.from_bytes(b"", name="a", media_type="image/png\r\nX-Evil: 1")


def test_a_copy_is_whole_or_is_not(tmp_path: Path) -> None:
    """In a directory it keeps its name; nothing is overwritten unless that is asked for."""
    file = File.from_bytes(b"hello", name="a.txt")
    (tmp_path / "b.txt").write_text("old", "utf-8")

    assert file.save(tmp_path).read_bytes() == b"hello"
    with pytest.raises(FileError, match=r"b\.txt is there already") as caught:
        file.save(tmp_path / "b.txt")
    assert "overwrite" in caught.value.hint
    assert (tmp_path / "b.txt").read_text("utf-8") == "old"
    file.save(tmp_path / "b.txt", overwrite=True)

    assert sorted((path.name, path.read_bytes()) for path in tmp_path.iterdir()) == [
        ("a.txt", b"hello"),
        ("b.txt", b"hello"),
    ]


def test_a_copy_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """Neither the file nor a part of it."""
    source = tmp_path / "source.txt"
    source.write_text("x", "utf-8")
    file = File.from_path(source)
    source.unlink()

    with pytest.raises(FileError):
        file.save(tmp_path / "copy.txt")
    with pytest.raises(FileError):
        File.from_bytes(b"x", name="a.txt").save(tmp_path / "no" / "such" / "a.txt")
    assert [*tmp_path.iterdir()] == []


def test_a_file_survives_pickle(tmp_path: Path) -> None:
    """It may be the input of a run in another process."""
    (tmp_path / "a.txt").write_text("here", "utf-8")

    for file in (File.from_path(tmp_path / "a.txt"), File.from_bytes(b"here", name="a.txt")):
        assert pickle.loads(pickle.dumps(file)).read() == b"here"  # noqa: S301  our own


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("C:\\Windows\\win.ini", "win.ini"),
        ("\\\\server\\share\\x.png", "x.png"),
        ("a\0b\n.png", "ab.png"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("a:b|c?.png", "a_b_c_.png"),
        (".htaccess", "htaccess"),
        ("name. . ", "name"),
        ("", "file"),
        ("..", "file"),
        ("\u202egnp.exe", "gnp.exe"),
        ("x" * 500 + ".png", "x" * 116 + ".png"),
        ("\U0001f600" * 200, "\U0001f600" * 50),
        ("a." + "b" * 400, "a." + "b" * 118),
    ],
)
def test_a_name_of_somebody_elses_choice_is_made_safe(given: str, safe: str) -> None:
    """On every system: folders, devices, streams, dots and lengths."""
    assert safe_name(given) == safe
    assert safe_name(safe) == safe


def test_a_name_without_a_suffix_gets_that_of_its_type() -> None:
    """So that other programs know what it is."""
    assert safe_name("", "image/png") == "file.png"
    assert safe_name("photo", "image/jpeg") == "photo.jpg"
    assert safe_name("photo.png", "image/jpeg") == "photo.png"
    assert safe_name("x", "application/x-nobody-knows") == "x"


def test_types_are_guessed_the_same_everywhere() -> None:
    """Whatever the system's own table says."""
    found = [guess_type(name) for name in ("a.webp", "a.JPG", "a.jsonl", "a.m4a", "a", "a.nobodyknows")]

    unknown = "application/octet-stream"
    assert found == ["image/webp", "image/jpeg", "application/jsonl", "audio/mp4", unknown, unknown]
