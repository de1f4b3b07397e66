"""Where a host keeps files: whose they are, what they are called, and when they go."""

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jackfield import File, FileError, FileSettings, Host, InputError, LimitError

posix = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX system")


def host_with(**settings: Any) -> Host:
    """Make a host with nothing but files."""
    return Host(discover=False, files=FileSettings(**settings))


def names_in(folder: Path) -> list[str]:
    """List what is in a directory, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def run(program: str, *arguments: str) -> str:
    """Run a program in a process of its own, and give what it prints."""
    command = [sys.executable, "-c", textwrap.dedent(program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_without_a_word_files_go_with_the_host() -> None:
    """They are in a directory that nobody else can read, made when the first one comes."""
    with host_with() as host:
        file = host.files.add(b"hello", name="a.txt")
        folder = host.files.directory
        assert file.path == folder / "a.txt"
        if os.name == "posix":
            assert folder.stat().st_mode & 0o077 == 0

    assert not folder.exists()
    with pytest.raises(FileError, match="cannot be read") as caught:
        file.read()
    assert "removes them when it is closed" in caught.value.hint


def test_in_a_directory_of_its_own_they_stay(tmp_path: Path) -> None:
    """It is made if it is not there."""
    with host_with(directory=tmp_path / "new" / "files") as host:
        host.files.add(b"hello", name="a.txt")

    assert (tmp_path / "new" / "files" / "a.txt").read_bytes() == b"hello"


def test_a_closed_host_takes_no_file() -> None:
    """And says so."""
    host = host_with()
    host.close()

    with pytest.raises(InputError, match="host is closed"):
        host.files.add(b"hello", name="a.txt")


@posix
def test_who_reads_while_the_host_is_closed_reads_on() -> None:
    """The name is gone, the content not before the reader is done."""
    with host_with() as host:
        reader = host.files.add(b"hello", name="a.txt").open()
    with reader:
        assert reader.read() == b"hello"


def test_who_writes_while_the_host_is_closed_is_told() -> None:
    """And leaves nothing behind."""
    host = host_with()
    folder = host.files.directory

    def pieces() -> Iterator[bytes]:
        yield b"first"
        host.close()
        yield b"second"

    with pytest.raises(InputError, match="host is closed"):
        host.files.add(pieces(), name="a.txt")
    assert not folder.exists()


def test_a_name_that_is_taken_is_numbered(tmp_path: Path) -> None:
    """Nothing is ever overwritten, be it a link that leads nowhere; a number at the end is counted on."""
    (tmp_path / "image.png").write_bytes(b"old")
    if os.name == "posix":
        (tmp_path / "link.png").symlink_to(tmp_path / "nowhere")

    with host_with(directory=tmp_path) as host:
        given = [
            "image.png",
            "image.png",
            "image-1.png",
            "report-2026.pdf",
            "report-2026.pdf",
            "x",
            "x",
            "a.tar.gz",
            "a.tar.gz",
            "link.png",
        ]
        found = [host.files.add(name.encode(), name=name).name for name in given]

    taken = ["image-1.png", "image-2.png", "image-3.png", "report-2026.pdf", "report-2026-1.pdf", "x", "x-1"]
    assert found[:9] == [*taken, "a.tar.gz", "a-1.tar.gz"]
    assert found[9] == ("link-1.png" if os.name == "posix" else "link.png")
    assert (tmp_path / "image.png").read_bytes() == b"old"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("name", ["../../up.txt", "/etc/cron.d/x", "C:\\x.txt", "a\0.txt", "CON.txt", "x" * 4000, "."])
def test_no_name_leads_out_of_the_directory(tmp_path: Path, name: str) -> None:
    """Whoever chose it."""
    with host_with(directory=tmp_path / "files") as host:
        file = host.files.add(b"x", name=name)

    assert file.path is not None
    assert file.path.parent == tmp_path / "files"
    assert names_in(tmp_path) == ["files"]
    assert names_in(tmp_path / "files") == [file.name]


def test_many_hosts_write_to_one_directory(tmp_path: Path) -> None:
    """At once, under the same name: each file is there, and is what was written."""
    files: list[File] = []

    def write(host: Host, number: int) -> None:
        files.extend(host.files.add(f"{number}.{each}".encode(), name="image.png") for each in range(20))

    with host_with(directory=tmp_path) as one, host_with(directory=tmp_path) as other:
        threads = [threading.Thread(target=write, args=(host, at)) for at in range(4) for host in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len({file.path for file in files}) == 160
        assert len({file.id for file in files}) == 160
        written = [f"{at}.{each}".encode() for at in range(4) for each in range(20)]
        assert sorted(file.read() for file in files) == sorted(written * 2)
    assert len(names_in(tmp_path)) == 160


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    """Whoever gives the pieces may fail in the middle, and so may the disk."""

    def pieces() -> Iterator[bytes]:
        yield b"first"
        message = "no more"
        raise RuntimeError(message)

    with host_with(directory=tmp_path) as host:
        with pytest.raises(RuntimeError):
            host.files.add(pieces(), name="a.txt")
        assert names_in(tmp_path) == []


@posix
def test_a_full_disk_is_a_clear_error(tmp_path: Path) -> None:
    """The name of the file, what the system says, what to do; and nothing of it stays."""
    told = run(
        """
        import resource, sys
        from jackfield import FileError, FileSettings, Host
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        with Host(discover=False, files=FileSettings(directory=sys.argv[1])) as host:
            try:
                host.files.add((b"x" * 10_000 for _ in range(100)), name="a.txt")
            except FileError as error:
                print(error)
        """,
        str(tmp_path),
    )

    first, _, hint = told.partition("\n")
    assert first == "a.txt cannot be written: File too large."
    assert "Is there room" in hint
    assert names_in(tmp_path) == []


def test_a_directory_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    """Here a file is in its place."""
    (tmp_path / "files").write_bytes(b"")

    with (
        host_with(directory=tmp_path / "files") as host,
        pytest.raises(FileError, match="directory for files cannot be written"),
    ):
        host.files.add(b"x", name="a.txt")


def test_files_go_with_a_host_that_nobody_closed() -> None:
    """When its process ends."""
    folder = run(
        """
        from jackfield import Host
        host = Host(discover=False)
        print(host.files.add(b"x", name="a.txt").path.parent)
        """
    )

    assert folder
    assert not Path(folder).exists()


@posix
def test_a_child_process_takes_nothing_away() -> None:
    """It has a copy of the host, and closes it."""
    told = run(
        """
        import os, sys
        from jackfield import Host
        with Host(discover=False) as host:
            file = host.files.add(b"x", name="a.txt")
            child = os.fork()
            if child == 0:
                assert file.read() == b"x"
                host.close()
                sys.exit(0)
            assert os.waitpid(child, 0)[1] == 0
            print(file.read())
        """
    )

    assert told == "b'x'"


def test_a_program_removes_what_it_needs_no_more(tmp_path: Path) -> None:
    """What the host wrote goes from the disk; what somebody else brought stays; a second time does nothing."""
    (tmp_path / "mine.txt").write_bytes(b"mine")

    with host_with(max_total_bytes=5) as host:
        mine = host.files.adopt(File.from_path(tmp_path / "mine.txt"))
        kept = host.files.add(b"hello", name="a.txt")
        with pytest.raises(LimitError, match="files of this host"):
            host.files.add(b"x", name="b.txt")
        for file in (mine, kept, kept):
            host.files.remove(file)
        host.files.add(b"x", name="b.txt")

        assert host.files.find(kept.id) is None
    assert kept.path is not None
    assert not kept.path.exists()
    assert (tmp_path / "mine.txt").exists()


@pytest.mark.parametrize("said", ["image/png\r\nX-Evil: 1", 'image/png"; name="x', "png", "", "a" * 300 + "/b"])
def test_a_media_type_that_is_none_is_guessed(said: str) -> None:
    """What a service said of a file may be anything, and stands in a header when the file is sent on."""
    with host_with() as host:
        file = host.files.add(b"hello", name="a.txt", media_type=said)

        assert file.media_type == "text/plain"
        assert host.files.get(file.id).renamed("b.txt").media_type == "text/plain"
