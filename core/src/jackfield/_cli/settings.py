"""What the command line goes by: the settings of the user."""

from typing import TypeVar

from jackfield import Host, HttpSettings
from jackfield._home import Home
from jackfield.settings import OutputSettings, Settings, anything_set

T = TypeVar("T")


def chosen(section: type[T]) -> T:
    """Give what the user set, of one of the forms of ``jackfield.settings``.

    What other programs go by (``HTTPS_PROXY``, ``REQUESTS_CA_BUNDLE``, ``.netrc``) is ignored: it may send a credential
    where its owner never meant it to go. ``jackfield doctor`` says so.

    Raises:
        InputError: A setting cannot be used, of whichever form.
    """
    if not anything_set():
        return section()
    settings = Settings()
    settings.check()
    return settings.section(section)


def wanted_color() -> tuple[str, bool]:
    """Give when there are colors, and whether that was said for this run alone. What is wrong is told elsewhere."""
    if not anything_set():
        return OutputSettings().color, False
    found = Settings().found["output.color"]
    return found.value, found.source == "environment"


def open_host(*plugins: object) -> Host:
    """Make the host that this command line is."""
    return Host(plugins=plugins, settings=chosen(HttpSettings), choices_dir=Home.find().cache / "choices")
