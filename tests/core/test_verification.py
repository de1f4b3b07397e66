"""Whether installed files are those that were installed."""

import hashlib
import importlib.util
import marshal
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from recorded import POINTS, install_recorded, spelt_hash

from jackfield import InputError, Verification, verify_installed
from jackfield._engine.bytecode import code_digest, planted_beside

PACKAGE = {
    "jackfield_parcel/__init__.py": "def send():\n    return 'sent'\n",
    "jackfield_parcel/labels/__init__.py": "",
    "jackfield_parcel/labels/paper.py": "SIZES = frozenset({1, 2.5, 'a4', (3, b'x'), None, ...})\n",
    "jackfield_parcel/stamps.txt": "one\n",
}
EXTENSION = importlib.machinery.EXTENSION_SUFFIXES[0]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Give a directory with one distribution in it."""
    place = tmp_path / "site"
    install_recorded(place, "jackfield-parcel", PACKAGE)
    return place


def verified(place: Path, name: str = "jackfield-parcel") -> Verification:
    """Verify one distribution."""
    (found,) = verify_installed([name], path=[str(place)])
    return found


def findings(place: Path) -> list[tuple[str, str]]:
    """Give what is wrong with the files of the distribution."""
    return [(finding.path, finding.kind) for finding in verified(place).findings]


def test_what_was_not_touched_is_verified(site: Path) -> None:
    """Each file is compared but RECORD itself, and nothing is imported."""
    found = verified(site)

    assert (found.distribution, found.version, found.status) == ("jackfield-parcel", "1.0", "verified")
    assert (found.reason, found.findings, found.compared) == ("", (), len(PACKAGE) + 3)
    assert "jackfield_parcel" not in sys.modules


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_strong_hashes_are_believed(tmp_path: Path, algorithm: str) -> None:
    """The three that the specification of RECORD names."""
    install_recorded(tmp_path, "jackfield-parcel", PACKAGE, algorithm=algorithm)
    assert verified(tmp_path).status == "verified"

    (tmp_path / "jackfield_parcel/stamps.txt").write_text("two\n")

    assert findings(tmp_path) == [("jackfield_parcel/stamps.txt", "changed")]


@pytest.mark.parametrize(("algorithm", "kind"), [("md5", "weak"), ("sha1", "weak"), ("", "unhashed")])
def test_weak_hashes_prove_nothing(tmp_path: Path, algorithm: str, kind: str) -> None:
    """Somebody can make another file that has the same; it is not called changed either."""
    install_recorded(tmp_path, "jackfield-parcel", PACKAGE, algorithm=algorithm)

    found = verified(tmp_path)

    assert (found.status, found.compared) == ("unverifiable", 0)
    assert {finding.kind for finding in found.findings} == {kind}
    assert found.sha256


def test_what_changed_or_is_gone_is_named(site: Path) -> None:
    """Also a file of its metadata, which says what is loaded."""
    (site / "jackfield_parcel/__init__.py").write_text("import os\n")
    (site / "jackfield_parcel/stamps.txt").unlink()
    (site / "jackfield_parcel-1.0.dist-info/entry_points.txt").write_text(POINTS + "parcel.steal = os:system\n")

    assert verified(site).status == "changed"
    assert findings(site) == [
        ("jackfield_parcel/__init__.py", "changed"),
        ("jackfield_parcel/stamps.txt", "missing"),
        ("jackfield_parcel-1.0.dist-info/entry_points.txt", "changed"),
    ]


@pytest.mark.parametrize(
    "path",
    [
        "jackfield_parcel/more.py",
        "jackfield_parcel/deep/down/more.py",
        "jackfield_parcel/more.pyc",
        "jackfield_parcel/more.pth",
        f"jackfield_parcel/labels/paper{EXTENSION}",
        f"jackfield_parcel{EXTENSION}",
        "jackfield_parcel.py",
    ],
)
def test_what_was_added_and_would_be_imported_is_named(site: Path, path: str) -> None:
    """Inside of a package, and beside it what Python would prefer to it; other files are nobody's affair."""
    (site / path).parent.mkdir(parents=True, exist_ok=True)
    (site / path).write_bytes(b"")
    (site / "jackfield_parcel/notes.txt").write_text("mine")
    (site / "somebody_else.py").write_text("")

    assert findings(site) == [(path, "extra")]


def test_a_package_that_hides_a_module_is_named(tmp_path: Path) -> None:
    """Python prefers the folder ``parcel`` to the file ``parcel.py``."""
    install_recorded(tmp_path, "jackfield-parcel", {"parcel.py": "x = 1\n"})
    (tmp_path / "parcel").mkdir()
    assert verified(tmp_path).status == "verified"

    (tmp_path / "parcel/__init__.py").write_text("x = 2\n")

    assert findings(tmp_path) == [("parcel/__init__.py", "extra")]


def test_a_folder_that_is_shared_belongs_to_nobody(tmp_path: Path) -> None:
    """In a namespace package, other distributions have files, too; but nobody may make it a package of his own."""
    install_recorded(tmp_path, "jackfield-parcel", {"shared/parcel/__init__.py": "", "shared/single.py": ""})
    install_recorded(tmp_path, "other", {"shared/other/__init__.py": "", "shared/alone.py": ""})
    assert verified(tmp_path).status == "verified"

    (tmp_path / "shared/__init__.py").write_text("")
    (tmp_path / "shared/parcel/more.py").write_text("")
    (tmp_path / "shared/single.pyc").write_text("")

    assert findings(tmp_path) == [
        ("shared/__init__.py", "extra"),
        ("shared/parcel/more.py", "extra"),
        ("shared/single.pyc", "extra"),
    ]


def test_entry_points_that_no_record_knows_are_named(tmp_path: Path) -> None:
    """A distribution that had none would be given modules."""
    info = install_recorded(tmp_path, "jackfield-parcel", PACKAGE)
    lines = (info / "RECORD").read_text("utf-8").splitlines(keepends=True)
    (info / "RECORD").write_text("".join(line for line in lines if "entry_points" not in line), "utf-8")

    assert findings(tmp_path) == [("jackfield_parcel-1.0.dist-info/entry_points.txt", "extra")]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
def test_a_link_to_a_folder_is_an_addition(site: Path, tmp_path: Path) -> None:
    """Python follows it, so what lies behind would be imported; one in a circle ends."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (site / "jackfield_parcel/linked").symlink_to(outside)
    (site / "jackfield_parcel/circle").symlink_to(site / "jackfield_parcel")

    assert findings(site) == [("jackfield_parcel/circle/", "extra"), ("jackfield_parcel/linked/", "extra")]


# What RECORD says of places.


@pytest.mark.parametrize("path", ["../../outside.txt", "/{0}/outside.txt", "jackfield_parcel/../../../outside.txt"])
def test_a_path_that_leaves_the_environment_is_not_read(tmp_path: Path, path: str) -> None:
    """Here there is a pipe, which a reader would wait at for ever; the hash of a secret file is nobody's affair."""
    place = tmp_path / "a" / "site"
    row = path.format(str(tmp_path).strip("/"))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "outside.txt")
    install_recorded(place, "jackfield-parcel", PACKAGE, more_rows=f"{row},sha256=AAAA,1\n")

    found = verified(place)

    assert found.status == "unverifiable"
    assert [(finding.path, finding.kind) for finding in found.findings] == [(row, "outside")]


def test_scripts_beside_the_packages_are_compared() -> None:
    """They lie in another folder of the environment, which is what ``../../../bin`` leads to."""
    found = verify_installed(["pytest"])[0]

    assert (found.status, found.findings) == ("verified", ())
    assert found.compared > 50
    assert not any("bin/" in path for path, _ in found.manifest)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are none")
def test_a_pipe_in_place_of_a_file_is_not_waited_for(site: Path) -> None:
    """Nor is a device read that never ends."""
    (site / "jackfield_parcel/stamps.txt").unlink()
    os.mkfifo(site / "jackfield_parcel/stamps.txt")

    assert findings(site) == [("jackfield_parcel/stamps.txt", "changed")]
    assert verified(site).status == "changed"


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (None, "has no RECORD"),
        (b"\xff\xfe", "RECORD cannot be read (UnicodeDecodeError)"),
        (b"a\x00b,sha256=x,1\n", ""),
        (b"", ""),
    ],
)
def test_a_record_that_says_nothing_verifies_nothing(site: Path, record: bytes | None, reason: str) -> None:
    """The reason is told; a path with a NUL is a file that cannot be read."""
    file = site / "jackfield_parcel-1.0.dist-info/RECORD"
    if record is None:
        file.unlink()
    else:
        file.write_bytes(record)

    found = verified(site)

    assert found.status != "verified"
    assert reason in found.reason


def test_other_ways_of_installing_are_told(tmp_path: Path) -> None:
    """Editable, old-fashioned, twice, in no folder: each is named as what it is."""
    info = install_recorded(tmp_path, "editable", {})
    (info / "direct_url.json").write_text('{"url": "file:///my/code", "dir_info": {"editable": true}}')
    (tmp_path / "old.egg-info").mkdir()
    install_recorded(tmp_path, "twice", PACKAGE)
    install_recorded(tmp_path, "twice", {}, version="2.0")

    reasons = {name: verified(tmp_path, name).reason for name in ("editable", "old", "twice")}

    assert "its code lies in file:///my/code" in reasons["editable"]
    assert "egg-info" in reasons["old"]
    assert "twice-1.0.dist-info, twice-2.0.dist-info" in reasons["twice"]


def test_the_first_place_on_the_path_counts(tmp_path: Path) -> None:
    """As it does for imports."""
    install_recorded(tmp_path / "a", "jackfield-parcel", PACKAGE, version="1.0")
    install_recorded(tmp_path / "b", "jackfield-parcel", PACKAGE, version="2.0")
    path = [str(tmp_path / name) for name in ("nowhere", "b", "a")]

    assert verify_installed(["Jackfield_Parcel"], path=path)[0].version == "2.0"


def test_without_names_it_is_what_provides_something(site: Path) -> None:
    """And Jackfield itself; or everything."""
    install_recorded(site, "other", {"other.py": ""}, points="")

    assert [found.distribution for found in verify_installed(path=[str(site)])] == ["jackfield", "jackfield-parcel"]
    assert verify_installed(path=[str(site)])[0].status == "unverifiable"
    everything = verify_installed(everything=True, path=[str(site)])
    assert [found.distribution for found in everything] == ["jackfield-parcel", "other"]
    with pytest.raises(InputError, match=r"called 'jackfield-parcl'.*Did you mean jackfield-parcel"):
        verify_installed(["jackfield-parcl"], path=[str(site)])


# The digest for a pin.


def test_the_digest_is_that_of_a_list_that_anybody_can_make(site: Path) -> None:
    """``sha256sum`` over the files in the order of their paths, and once more over its output."""
    expected = {path: hashlib.sha256((site / path).read_bytes()).hexdigest() for path in PACKAGE}
    for name in ("METADATA", "entry_points.txt"):
        path = f"jackfield_parcel-1.0.dist-info/{name}"
        expected[path] = hashlib.sha256((site / path).read_bytes()).hexdigest()
    text = "".join(f"{digest}  {path}\n" for path, digest in sorted(expected.items()))

    assert verified(site).sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_the_digest_is_the_same_wherever_the_same_wheel_is_installed(site: Path, tmp_path: Path) -> None:
    """Compiled files and who installed it do not count; one byte of code does, whatever RECORD says."""
    before = verified(site).sha256
    (site / "jackfield_parcel-1.0.dist-info/INSTALLER").write_text("uv")
    py_compile.compile(str(site / "jackfield_parcel/__init__.py"), doraise=True)
    assert verified(site).sha256 == before

    changed = {**PACKAGE, "jackfield_parcel/__init__.py": "def send():\n    return 'sent!'\n"}
    install_recorded(tmp_path / "other", "jackfield-parcel", changed)

    other = verified(tmp_path / "other")
    assert (other.status, other.sha256 != before) == ("verified", True)


def test_a_compiled_file_that_is_imported_without_a_source_counts(site: Path) -> None:
    """It is no cache: it needs a hash, and the digest is another with it."""
    before = verified(site).sha256
    (site / "jackfield_parcel/more.pyc").write_bytes(b"code")
    with (site / "jackfield_parcel-1.0.dist-info/RECORD").open("a") as record:
        record.write("jackfield_parcel/more.pyc,,\njackfield_parcel/__pycache__/x.cpython-311.pyc,,\n")

    found = verified(site)

    assert [(finding.path, finding.kind) for finding in found.findings] == [("jackfield_parcel/more.pyc", "unhashed")]
    assert found.sha256 != before


# Compiled files.


def compile_as(source: Path, code: str, mode: py_compile.PycInvalidationMode) -> Path:
    """Put a compiled file beside a source that was compiled from something else, with a head that Python believes."""
    text = source.read_bytes()
    stat = source.stat()
    compiled = Path(py_compile.compile(str(source), doraise=True, invalidation_mode=mode) or "")
    source.write_text(code)
    planted = marshal.dumps(compile(code, str(source), "exec"))
    source.write_bytes(text)
    os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    compiled.write_bytes(compiled.read_bytes()[:16] + planted)
    return compiled


@pytest.mark.parametrize("mode", [*py_compile.PycInvalidationMode], ids=lambda mode: mode.name.lower())
def test_code_that_was_planted_in_a_compiled_file_is_found(site: Path, mode: py_compile.PycInvalidationMode) -> None:
    """Python runs it instead of a source that no hash shows to be changed; so the source is compiled and compared."""
    source = site / "jackfield_parcel/__init__.py"
    compiled = compile_as(source, "def send():\n    return 'gone'\n", mode)
    specification = importlib.util.spec_from_file_location("planted", source)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    assert module.send() == "gone"

    assert verified(site).status == "changed"
    assert findings(site) == [(compiled.relative_to(site).as_posix(), "bytecode")]


@pytest.mark.parametrize("optimize", [0, 1, 2])
def test_what_was_compiled_from_the_source_is_its_own(site: Path, optimize: int) -> None:
    """With every level of optimization; in another folder, too."""
    for path in PACKAGE:
        if path.endswith(".py"):
            py_compile.compile(str(site / path), doraise=True, optimize=optimize)

    assert verified(site).status == "verified"


def test_a_compiled_file_that_python_would_not_take_does_not_matter(site: Path) -> None:
    """It is of another version, or of a source that was another then; Python compiles again."""
    source = site / "jackfield_parcel/__init__.py"
    compiled = compile_as(source, "def send():\n    return 'gone'\n", py_compile.PycInvalidationMode.TIMESTAMP)
    head = compiled.read_bytes()[:16]
    for stale in (head[:4] + b"\0\0\0\0" + b"\1\2\3\4" + head[12:], b"\0\0\r\n" + head[4:], b"cut"):
        compiled.write_bytes(stale)

        assert [*planted_beside(source)] == []


def test_what_another_process_compiled_is_not_called_planted(tmp_path: Path) -> None:
    """Files of the standard library: what marshal writes differs between two processes, and means the same."""
    folder = Path(os.__file__).parent
    for name in ("ast", "argparse", "decimal", "enum", "inspect", "ssl", "tarfile", "typing", "urllib/parse", "uuid"):
        shutil.copy(folder / f"{name}.py", tmp_path)
    subprocess.run([sys.executable, "-m", "compileall", "-q", tmp_path], check=True)

    assert len([*tmp_path.glob("__pycache__/*.pyc")]) == 10
    assert [found for source in tmp_path.glob("*.py") for found in planted_beside(source)] == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"(",
        b"s\xff\xff\xff\x7f",
        b"r\0\0\0\0",
        b"\xa9\x01r\0\0\0\0",
        b"[\0\0\0\0",
        b"NN",
        b"l\xff\xff\xff\x7f",
        b"z\x01\xff",
    ],
)
def test_data_that_is_no_code_is_refused(data: bytes) -> None:
    """Cut, referring to itself, of a kind that code has not: an error, and nothing is unmarshalled."""
    with pytest.raises(ValueError, match=r"cut|refers|no code|follows|decode"):
        code_digest(data)


def test_data_that_is_nested_without_end_is_refused() -> None:
    """It neither ends the program nor takes its time: pairs of the same pair, sixty deep, are quickly read."""
    with pytest.raises(RecursionError):
        code_digest(b")\x01" * 100_000 + b"N")

    inner = b"\xe9\1\0\0\0" + b"".join(b"r" + number.to_bytes(4, "little") for number in range(60, 0, -1))
    assert len(code_digest(b"\xa9\2" * 60 + inner)) == 32


def test_equal_values_have_one_digest_however_they_are_written() -> None:
    """Marshal writes a number, a text and a reference in several ways."""
    assert code_digest(b"\xe9\x01\0\0\0") == code_digest(b"i\x01\0\0\0") == code_digest(b"l\x01\0\0\0\x01\0")
    assert code_digest(b"z\x01x") == code_digest(b"a\x01\0\0\0x") == code_digest(b"u\x01\0\0\0x")
    assert code_digest(b")\x02\xda\x01xr\0\0\0\0") == code_digest(b"(\x02\0\0\0z\x01xz\x01x")
    assert code_digest(marshal.dumps(frozenset("abc"))) == code_digest(marshal.dumps(frozenset("cba")))
    assert code_digest(marshal.dumps(-(2**70))) != code_digest(marshal.dumps(2**70))
    assert code_digest(marshal.dumps(1)) != code_digest(marshal.dumps("1"))
    assert (
        len({spelt_hash(code_digest(marshal.dumps(value))) for value in (None, True, False, ..., 0, 0.0, -0.0, 0j)})
        == 8
    )
