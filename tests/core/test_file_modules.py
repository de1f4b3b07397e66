"""Files go into modules and come out of them; a bundle holds references."""

import base64
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import pytest
from attrs import frozen

from jackfield import (
    ConnectionType,
    Context,
    File,
    FileError,
    FileSettings,
    Host,
    InputError,
    InvalidInputError,
    LimitError,
    Upload,
    from_text,
    module,
    to_json,
)
from jackfield.testing import Replay


@frozen(kw_only=True)
class Nothing:
    """No credentials."""


service = ConnectionType(label="Service", form=Nothing, origin="https://api.example")


@frozen(kw_only=True)
class Album:
    """Pictures."""

    cover: Annotated[File, Upload(media_types=["image/*"], extensions=[".png", ".jpg"], max_bytes=10)]
    pages: Sequence[File] | None = None
    named: Mapping[str, File] | None = None
    either: str | File | None = None


@frozen(kw_only=True)
class Copies:
    """The same."""

    cover: File
    pages: Sequence[File] = ()
    told: str = ""


@module(label="Copy an Album", connection=service)
def copy(form: Album, context: Context) -> Copies:
    """Read each picture, and give it out again as a new file."""
    pages = [context.store_file(page.pieces(), name=page.name) for page in form.pages or ()]
    return Copies(cover=context.store_file(form.cover.read(), name=form.cover.name), pages=pages)


@module(label="Give the Album Back", connection=service)
def give_back(form: Album, context: Context) -> Copies:
    """Give out what came in."""
    return Copies(cover=form.cover, told=form.cover.read().decode())


@module(label="List the Pages", connection=service)
def list_pages(form: Album, context: Context) -> Iterator[Copies]:
    """One bundle for each."""
    yield from (Copies(cover=page) for page in form.pages or ())


MODULES = {"album.copy": copy, "album.give_back": give_back, "album.list_pages": list_pages}
OPTIONS: dict[str, Any] = {"connection": {}}


def host_with(files: FileSettings | None = None) -> Host:
    """Make a host with these modules alone."""
    return Host(plugins=[Replay()], discover=False, modules=MODULES, files=files)


def png(text: str = "hello") -> dict[str, object]:
    """Name a picture by its content."""
    return {"data": base64.b64encode(text.encode()).decode(), "name": "a.png"}


def refused(form: Mapping[str, object], files: FileSettings | None = None) -> list[str]:
    """Give what is wrong with an input."""
    with host_with(files) as host, pytest.raises(InvalidInputError) as caught:
        host.run("album.give_back", form, **OPTIONS)
    return [str(problem) for problem in caught.value.problems]


def test_a_module_gets_files_and_gives_files(tmp_path: Path) -> None:
    """A program gives File objects and gets File objects; the bundle says where they lie, and not what is in them."""
    (tmp_path / "b.png").write_text("page", "utf-8")
    cover = File.from_bytes(b"hello", name="a.png")

    with host_with() as host:
        result = host.run(copy, Album(cover=cover, pages=[File.from_path(tmp_path / "b.png")]), **OPTIONS)
        output = result.output

        assert output.cover.read() == b"hello"
        assert [page.read() for page in output.pages] == [b"page"]
        assert result.bundle["cover"] == {
            "file": output.cover.id,
            "name": "a.png",
            "media_type": "image/png",
            "size": 5,
            "path": str(output.cover.path),
        }
    assert "hello" not in repr(result)


def test_a_reference_is_an_input_of_the_same_host() -> None:
    """All of it or its id alone, and under another name if that is said."""
    with host_with() as host:
        reference = host.run("album.copy", {"cover": png()}, **OPTIONS).bundle["cover"]
        assert isinstance(reference, dict)

        again = host.run("album.give_back", {"cover": reference}, **OPTIONS)
        named = host.run("album.give_back", {"cover": {"file": reference["file"], "name": "b.jpg"}}, **OPTIONS)

        assert again.bundle["told"] == "hello"
        assert again.bundle["cover"] == reference
        assert named.output.cover.name == "b.jpg"
        assert host.files.get(reference).read() == host.files.get(str(reference["file"])).read() == b"hello"


def test_another_host_knows_nothing_of_it() -> None:
    """Two hosts share nothing; an id cannot be guessed."""
    with host_with() as one, host_with() as other:
        first = one.run("album.copy", {"cover": png()}, **OPTIONS).output.cover
        second = one.run("album.copy", {"cover": png()}, **OPTIONS).output.cover

        with pytest.raises(InvalidInputError, match=r"\$\.cover\.file: is no file that this host gave out"):
            other.run("album.give_back", {"cover": to_json(first)}, **OPTIONS)
        with pytest.raises(InputError, match="knows no such file"):
            other.files.get(first.id)
    assert first.id != second.id
    assert len(first.id) >= 20


def test_what_a_module_only_passes_on_gets_a_reference_too(tmp_path: Path) -> None:
    """A file in memory is written down for it; one with a path stays where it is, and is not the host's to remove."""
    (tmp_path / "b.png").write_text("mine", "utf-8")

    with host_with() as host:
        kept = host.run("album.give_back", {"cover": png()}, **OPTIONS).output.cover
        mine = host.run(give_back, Album(cover=File.from_path(tmp_path / "b.png")), **OPTIONS).output.cover
        assert kept.path is not None
        assert kept.id
        assert mine.id
        assert mine.path == tmp_path / "b.png"
        host.files.remove(mine)
    assert (tmp_path / "b.png").exists()
    assert not kept.path.exists()


def test_bundles_of_a_search_have_references() -> None:
    """Each of them."""
    with host_with() as host:
        result = host.run("album.list_pages", {"cover": png(), "pages": [png("1"), png("2")]}, **OPTIONS)

        assert [output.cover.read() for output in result.outputs] == [b"1", b"2"]
        assert all(isinstance(bundle["cover"], dict) and bundle["cover"]["file"] for bundle in result.bundles)


def test_files_stand_in_lists_maps_and_unions() -> None:
    """And each is checked where it stands."""
    problems = refused(
        {
            "cover": png(),
            "pages": [{"file": "x"}, 3],
            "named": {"a b": {"file": "y"}},
            "either": {"file": "z"},
        }
    )

    assert problems == ["$.pages[1]: must be a file, as an object with file, path, url, data, was 3"]
    problems = refused(
        {"cover": png(), "pages": [{"file": "x"}], "named": {"a b": {"file": "y"}}, "either": {"file": "z"}}
    )
    unknown = "is no file that this host gave out"
    assert problems == [f"$.pages[0].file: {unknown}", f'$.named["a b"].file: {unknown}', f"$.either.file: {unknown}"]


@pytest.mark.parametrize(
    ("cover", "problem"),
    [
        ("a.png", "$.cover: must be a file, as an object with file, path, url, data, was text of 5 characters"),
        ({}, "$.cover: must say where the file is, by file, path, url, data"),
        ({"name": "a.png"}, "$.cover: must say where the file is, by file, path, url, data"),
        ({"data": "aGk="}, "$.cover.name: is required where the content is given"),
        ({"data": "no base64!", "name": "a.png"}, "$.cover.data: must be base64"),
        ({"data": 1, "name": "a.png"}, "$.cover.data: must be text, was 1"),
        ({"data": "aGk=", "name": "../a.png"}, "$.cover.name: must not have / or \\ in it"),
        ({"data": "aGk=", "name": "a.png", "media_type": "x\r\ny"}, "$.cover.media_type: must look like image/png"),
        ({"data": "aGk=", "name": "a.png", "nmae": ""}, "$.cover.nmae: is no part of a file given by data; did you"),
        ({"url": "ftp://a.example/a.png"}, "$.cover.url: must start with http:// or https:// and a host"),
        ({"url": "https://a.example/a.png", "path": "/x"}, "$.cover.url: is no part of a file given by path"),
        ({"data": "aGk=", "name": "a.txt"}, "$.cover: must be image/*, was text/plain"),
        ({"data": "aGk=", "name": "a.gif"}, "$.cover: must have a name that ends with .png or .jpg"),
        ({"data": "MTIzNDU2Nzg5MDEy", "name": "a.png"}, "$.cover: must have at most 10 bytes, has 12"),
        ({"file": ""}, "$.cover.file: is no file that this host gave out"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_at_its_place(cover: object, problem: str) -> None:
    """The place, the rule, and what would be right."""
    (found,) = refused({"cover": cover})

    assert found.startswith(problem)


def test_paths_are_refused_unless_the_host_allows_them(tmp_path: Path) -> None:
    """An input in JSON may come from a stranger; the message says what to do instead, and shows no path."""
    (tmp_path / "a.png").write_text("hello", "utf-8")

    (problem,) = refused({"cover": {"path": str(tmp_path / "a.png")}})

    assert problem.startswith("$.cover.path: may not be given by path here")
    assert "FileSettings(input_roots=[...])" in problem
    assert str(tmp_path) not in problem


def test_a_host_may_allow_directories(tmp_path: Path) -> None:
    """A relative path is looked for in each of them, an absolute one must lie in one."""
    for number, folder in enumerate(("one", "two")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{number}.png").write_text(folder, "utf-8")
    settings = FileSettings(input_roots=[tmp_path / "one", tmp_path / "two"])

    with host_with(settings) as host:
        told = [
            host.run("album.give_back", {"cover": {"path": path}}, **OPTIONS).bundle["told"]
            for path in ("0.png", "1.png", str(tmp_path / "two" / "1.png"), "./x/../0.png")
        ]

    assert told == ["one", "two", "two", "one"]


def test_nothing_outside_of_them_is_read_or_even_looked_for(tmp_path: Path) -> None:
    """Not by dots, not by an absolute path, not by a link, not by a name of another machine."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.png").write_text("secret", "utf-8")
    (tmp_path / "root-beside").mkdir()
    (tmp_path / "root-beside" / "a.png").write_text("secret", "utf-8")
    (root / "folder.png").mkdir()
    (root / "big.png").write_text("x" * 11, "utf-8")
    outside = [
        "../secret.png",
        str(tmp_path / "secret.png"),
        str(tmp_path / "nothing.png"),
        f"{root}-beside/a.png",
        "../root-beside/a.png",
        "//server/share/a.png",
        "/dev/zero",
    ]
    settings = FileSettings(input_roots=[root])

    found = {path: refused({"cover": {"path": path}}, settings)[0] for path in outside}

    beyond = "$.cover.path: is not in a directory whose files may be given by path here"
    assert found == dict.fromkeys(outside, beyond)
    assert "No such file" in refused({"cover": {"path": "none.png"}}, settings)[0]
    assert "not a file that can be read" in refused({"cover": {"path": "folder.png"}}, settings)[0]
    assert "cannot be read" in refused({"cover": {"path": "a\0.png"}}, settings)[0]
    assert refused({"cover": {"path": "big.png"}}, settings) == ["$.cover: must have at most 10 bytes, has 11"]


needs_links = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")


@needs_links
def test_a_link_does_not_lead_out(tmp_path: Path) -> None:
    """One that stays inside may be followed; one that leads to itself is no file."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.png").write_text("secret", "utf-8")
    (root / "a.png").write_text("hello", "utf-8")
    (root / "out.png").symlink_to(tmp_path / "secret.png")
    (root / "up").symlink_to(tmp_path)
    (root / "in.png").symlink_to("a.png")
    (root / "loop.png").symlink_to("loop.png")
    settings = FileSettings(input_roots=[root])

    with host_with(settings) as host:
        assert host.run("album.give_back", {"cover": {"path": "in.png"}}, **OPTIONS).bundle["told"] == "hello"
    for path in ("out.png", "up/secret.png"):
        assert "is not in a directory" in refused({"cover": {"path": path}}, settings)[0]
    assert "cannot be read" in refused({"cover": {"path": "loop.png"}}, settings)[0]


@needs_links
def test_a_file_that_is_exchanged_after_the_check_is_not_read(tmp_path: Path) -> None:
    """Whoever may write in an allowed directory cannot make the host read elsewhere."""
    (tmp_path / "secret.png").write_text("secret", "utf-8")
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.png").write_text("hello", "utf-8")

    @module(label="Exchange", connection=service)
    def exchange(form: Album, context: Context) -> Copies:
        """Put a link in the place of the file, and read it."""
        (root / "a.png").unlink()
        (root / "a.png").symlink_to(tmp_path / "secret.png")
        return Copies(cover=form.cover, told=form.cover.read().decode())

    settings = FileSettings(input_roots=[root])
    with (
        Host(plugins=[Replay()], discover=False, modules={"album.exchange": exchange}, files=settings) as host,
        pytest.raises(Exception, match="another file than the one that was checked"),
    ):
        host.run("album.exchange", {"cover": {"path": "a.png"}}, **OPTIONS)


def test_a_program_of_one_person_may_allow_all_that_he_can_read(tmp_path: Path) -> None:
    """As the command line does."""
    (tmp_path / "a.png").write_text("hello", "utf-8")

    with host_with(FileSettings(input_anywhere=True)) as host:
        form = {"cover": {"path": str(tmp_path / "a.png"), "name": "b.png"}}
        output = host.run("album.give_back", form, **OPTIONS).output

    assert (output.told, output.cover.name) == ("hello", "b.png")


def test_what_a_person_types_may_be_a_url_or_json() -> None:
    """A page whose input is text sends it as it is."""
    with host_with() as host:
        form = from_text({"cover": str(png()).replace("'", '"')})
        assert host.run("album.give_back", form, **OPTIONS).bundle["told"] == "hello"
        with pytest.raises(FileError, match="only when a module runs") as caught:
            host.preview("album.give_back", from_text({"cover": "https://a.example/a.png"}), **OPTIONS)
        with pytest.raises(InvalidInputError, match="@PATH at a command line"):
            host.run("album.give_back", from_text({"cover": "a.png"}), **OPTIONS)
    assert "dry run fetches nothing" in caught.value.hint


def test_a_module_keeps_to_the_limits_of_its_host() -> None:
    """One file, and all of them together; what was too large is gone again."""
    with host_with(FileSettings(max_file_bytes=4)) as host:
        with pytest.raises(LimitError, match="larger than 4 bytes") as one:
            host.run("album.copy", {"cover": png()}, **OPTIONS)
        assert [*host.files.directory.iterdir()] == []
    with host_with(FileSettings(max_total_bytes=12)) as host:
        first = host.run("album.copy", {"cover": png()}, **OPTIONS).output.cover
        host.run("album.copy", {"cover": png()}, **OPTIONS)
        with pytest.raises(LimitError, match="files of this host are larger than 12 bytes") as total:
            host.run("album.copy", {"cover": png()}, **OPTIONS)
        host.files.remove(first)
        host.run("album.copy", {"cover": png()}, **OPTIONS)
    assert (one.value.limit, total.value.limit) == ("max_file_bytes", "max_total_bytes")


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_file_is_no_part_of_a_json_body(*, wrapped: bool) -> None:
    """A service could not follow a reference, and has no business with paths of this machine."""

    @module(label="Send", connection=service)
    def send(form: Album, context: Context) -> Copies:
        """Send what cannot be sent."""
        context.client.request("POST", "/x", json=form if wrapped else {"cover": form.cover})
        return Copies(cover=form.cover)

    replay = Replay()
    with (
        Host(plugins=[replay], discover=False, modules={"album.send": send}) as host,
        pytest.raises(InvalidInputError, match="is a file: send it by files="),
    ):
        host.run("album.send", {"cover": png()}, **OPTIONS)
    assert replay.requests == []
