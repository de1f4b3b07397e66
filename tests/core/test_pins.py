"""A distribution that is pinned is used only as long as it is what it was."""

import importlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from recorded import install_recorded

from jackfield import Host, PluginError, verify_installed
from jackfield._engine.discovery import PluginPolicy
from jackfield._engine.pins import Pin
from jackfield._home import Home
from jackfield.integrity import manifest_text

MODULE = '''"""Sends parcels."""

from attrs import frozen

from jackfield import Context, module


@frozen(kw_only=True)
class Parcel:
    """What is sent."""

    weight_g: int = 1


@module(label="Send")
def send(form: Parcel, context: Context) -> Parcel:
    """Send it."""
    return form
'''


class Site:
    """A distribution that can be imported, and a home in which it may be pinned."""

    def __init__(self, place: Path, home: Path) -> None:
        self.place = place
        self.package = f"parcel_{abs(hash(place))}"
        self.environ = {"JACKFIELD_HOME": str(home)}
        self.home = Home.find(self.environ)
        self.install()

    def install(self, version: str = "1.0", extra: Mapping[str, str] | None = None) -> None:
        """Install the distribution."""
        files = {f"{self.package}/__init__.py": "", f"{self.package}/sending.py": MODULE, **(extra or {})}
        points = f"[jackfield.modules]\nparcel.send = {self.package}.sending:send\n"
        install_recorded(self.place, "jackfield-parcel", files, version=version, points=points)

    def pin(self, *, version: str = "1.0", listed: bool = True) -> str:
        """Pin what is installed; give its digest."""
        (found,) = verify_installed(["jackfield-parcel"], path=[str(self.place)])
        PluginPolicy(pins={"jackfield_Parcel": Pin(version=version, sha256=found.sha256)}).save(self.home)
        if listed:
            (self.home.config / "pins").mkdir()
            text = manifest_text(found.manifest)
            (self.home.config / "pins/jackfield-parcel.sha256").write_text(text, "utf-8", newline="\n")
        return found.sha256

    def run(self) -> object:
        """Run its module in a host."""
        importlib.invalidate_caches()
        with Host(environ=self.environ) as host:
            return host.run("parcel.send", {"weight_g": 2}).bundles

    def refused(self) -> PluginError:
        """Run its module, which must fail before any of its code runs."""
        with pytest.raises(PluginError) as caught:
            self.run()
        assert self.package not in sys.modules
        assert (caught.value.stage, caught.value.distributions) == ("changed", ("jackfield-parcel",))
        assert "So nothing of it is imported." in caught.value.message
        assert "jackfield plugin pin jackfield-parcel" in caught.value.hint
        return caught.value


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Give a distribution that nobody has touched."""
    place = tmp_path / "site"
    place.mkdir()
    monkeypatch.syspath_prepend(place)
    return Site(place, tmp_path / "home")


def test_what_is_as_it_was_pinned_runs(site: Site) -> None:
    """A compiled file of Python's own making changes nothing."""
    site.pin()

    assert site.run() == site.run()


def rewrite(site: Site) -> str:
    """Change a file."""
    (site.place / site.package / "sending.py").write_text("raise SystemExit\n")
    return f"{site.package}/sending.py (changed)"


def rewrite_with_its_record(site: Site) -> str:
    """Change a file, and what RECORD says of it."""
    site.install(extra={f"{site.package}/__init__.py": "raise SystemExit\n"})
    return f"{site.package}/__init__.py (changed)"


def take_away(site: Site) -> str:
    """Remove a file."""
    (site.place / site.package / "__init__.py").unlink()
    return f"{site.package}/__init__.py (missing)"


def plant(site: Site) -> str:
    """Add a file that RECORD does not know; the digest of what it knows stays the same."""
    (site.place / site.package / "more.py").write_text("raise SystemExit\n")
    return f"{site.package}/more.py (extra)"


def plant_with_record(site: Site) -> str:
    """Add a file that RECORD knows."""
    site.install(extra={f"{site.package}/more.py": "raise SystemExit\n"})
    return f"{site.package}/more.py (new)"


def keep_the_time(site: Site) -> str:
    """Change one letter of a file, and set its time back."""
    file = site.place / site.package / "sending.py"
    stat = file.stat()
    file.write_text(MODULE.replace("int = 1", "int = 7"))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file.stat().st_size == stat.st_size
    return f"{site.package}/sending.py (changed)"


Change = Callable[[Site], str]
CHANGES = [rewrite, rewrite_with_its_record, take_away, plant, plant_with_record, keep_the_time]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: str(change.__name__))
def test_what_changed_is_refused_before_it_is_imported(site: Site, change: Change) -> None:
    """The error names each file, and how to go on."""
    site.pin()

    expected = change(site)

    assert expected in site.refused().message


def test_without_the_list_of_files_what_changed_is_told_by_record(site: Site) -> None:
    """A policy that was copied to another machine comes without it."""
    site.pin(listed=False)
    rewrite(site)
    assert f"{site.package}/sending.py (changed)" in site.refused().message

    rewrite_with_its_record(site)

    assert "those of another release or build: each is as its own RECORD says" in site.refused().message


def test_a_list_of_files_that_is_not_what_was_pinned_is_not_believed(site: Site) -> None:
    """It lies beside the pin, and only its digest is the pin."""
    site.pin()
    list_file = site.home.config / "pins/jackfield-parcel.sha256"
    list_file.write_text(list_file.read_text("utf-8").replace("sending", "innocent"), "utf-8")
    rewrite(site)

    assert f"{site.package}/sending.py (changed)" in site.refused().message


def test_a_copy_that_comes_first_on_the_path_is_refused(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody touched the files that were pinned; Python would import others."""
    site.pin()
    shadow = tmp_path / "shadow" / site.package
    shadow.mkdir(parents=True)
    (shadow / "__init__.py").write_text("raise SystemExit\n")
    monkeypatch.syspath_prepend(shadow.parent)

    error = site.refused()

    assert f"would be imported from {shadow / '__init__.py'}, which is none of its files" in error.message


def test_a_version_alone_may_be_pinned(site: Site) -> None:
    """Then its files may be anything."""
    PluginPolicy(pins={"jackfield-parcel": Pin(version="1.0")}).save(site.home)
    (site.place / site.package / "more.py").write_text("")
    assert site.run()

    PluginPolicy(pins={"jackfield-parcel": Pin(version="2.0")}).save(site.home)

    with pytest.raises(PluginError, match=r"its version is 1\.0, not 2\.0"):
        site.run()


def test_what_cannot_be_compared_is_refused(site: Site) -> None:
    """A pin is a promise: without RECORD nobody can keep it."""
    site.pin()
    (site.place / "jackfield_parcel-1.0.dist-info/RECORD").unlink()

    assert "its files cannot be compared: it has no RECORD" in site.refused().message


def test_listing_reads_no_file_of_what_is_pinned(site: Site) -> None:
    """A pin costs nothing until something is imported."""
    site.pin()
    rewrite(site)

    with Host(environ=site.environ) as host:
        assert "parcel.send" in [module.id for module in host.modules()]
        assert not [problem for problem in host.broken if "jackfield-parcel" in problem.distributions]


def test_two_hosts_may_pin_differently(site: Site, tmp_path: Path) -> None:
    """A pin holds for the home in which it was made."""
    site.pin()
    rewrite_with_its_record(site)
    site.install()
    plant(site)
    other = {"JACKFIELD_HOME": str(tmp_path / "other")}

    site.refused()
    with Host(environ=other) as host:
        assert host.run("parcel.send", {"weight_g": 2}).bundles


@pytest.mark.parametrize(
    ("pins", "reason"),
    [
        ([], "'pins' must be an object"),
        ({"a": "1.0"}, "the pin of 'a' must be an object with 'version', 'sha256' or both"),
        ({"a": {}}, "the pin of 'a' must be an object with"),
        ({"a": {"md5": "x"}}, "the pin of 'a' must be an object with"),
        ({"a": {"version": 1}}, "what the pin of 'a' holds must be text"),
        ({"a": {"sha256": ""}}, "what the pin of 'a' holds must be text"),
        ({"a": {"sha256": "AB"}}, "the 'sha256' in the pin of 'a' must be 64 digits"),
        ({"a-b": {"version": "1"}, "A_b": {"version": "2"}}, "names one distribution twice"),
    ],
)
def test_a_pin_that_cannot_be_understood_is_an_error(site: Site, pins: object, reason: str) -> None:
    """A pin that counted for nothing would be worse than none."""
    site.home.config.mkdir(parents=True)
    (site.home.config / "plugins.json").write_text(json.dumps({"pins": pins}), "utf-8")

    with pytest.raises(Exception, match=r"plugins\.json cannot be read") as caught:
        Host(environ=site.environ)

    assert reason in str(caught.value)


def test_pins_are_kept(site: Site) -> None:
    """What was saved is loaded, beside what is allowed and denied."""
    pins = {"a": Pin(version="1"), "b-c": Pin(sha256="0" * 64), "d": Pin(version="2", sha256="f" * 64)}
    policy = PluginPolicy(deny=frozenset({"x"}), pins=pins)

    policy.save(site.home)

    assert PluginPolicy.load(site.home) == policy
    assert PluginPolicy.load(site.home).pins == pins
