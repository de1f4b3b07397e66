"""How the command line goes out to the network, where the environment says so in our own words."""

import os
from pathlib import Path

from jackfield import Host, HttpSettings, InvalidInputError, Problem
from jackfield._cli.variables import CA_BUNDLE, PROXY
from jackfield._home import Home


def http_settings() -> HttpSettings:
    """Read the settings that the environment holds.

    What other programs read (``HTTPS_PROXY``, ``REQUESTS_CA_BUNDLE``, ``.netrc``) is ignored: it may send a credential
    where its owner never meant it to go. ``jackfield doctor`` says so.

    Raises:
        InvalidInputError: A setting cannot be used.
    """
    given = os.environ.get(CA_BUNDLE)
    bundle = Path(given).expanduser() if given else None
    if bundle is not None and not bundle.is_file():
        problem = Problem(path=CA_BUNDLE, rule="file", message=f"{bundle} is no file")
        raise InvalidInputError([problem], subject="The environment", hint="jackfield doctor")
    return HttpSettings(proxy=os.environ.get(PROXY, ""), ca_bundle=bundle)


def open_host(*plugins: object) -> Host:
    """Make the host that this command line is."""
    return Host(plugins=plugins, settings=http_settings(), choices_dir=Home.find().cache / "choices")
