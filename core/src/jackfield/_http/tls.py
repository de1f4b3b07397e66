"""One TLS context for each setting; making one takes 30 ms, mostly to read the certificates."""

import ssl
import threading
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.ssl_ import create_urllib3_context

from jackfield._http.forking import forget_after_fork
from jackfield.errors import InvalidInputError, Problem

Verify = bool | str
"""``True`` for the certificates that requests brings, a path to trust other ones, ``False`` to trust anybody."""
Certificate = str | tuple[str, str] | None
"""A file with our own certificate and its key, or one file for each."""
_TRUST = "$.ca_bundle"
_IDENTITY = "$.cert"


class Contexts:
    """Makes contexts and keeps them."""

    def __init__(self) -> None:
        self._made: dict[tuple[Verify, Certificate], ssl.SSLContext] = {}
        self.forget()
        forget_after_fork(self)

    def forget(self) -> None:
        """Make a new lock: in a child process a vanished thread may hold it. Contexts are data and stay."""
        self._lock = threading.Lock()

    def get(self, verify: Verify, certificate: Certificate) -> ssl.SSLContext:
        """Give the context for a setting.

        Raises:
            InvalidInputError: A file of the setting is missing, or holds no certificate.
        """
        key = (verify, certificate)
        with self._lock:  # reads files, never the network: 64 threads that start together must not make 64 contexts
            context = self._made.get(key)
            if context is None:
                context = self._made[key] = _context(verify, certificate)
            return context


def _context(verify: Verify, certificate: Certificate) -> ssl.SSLContext:
    context = create_urllib3_context()
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        _trust(context, DEFAULT_CA_BUNDLE_PATH if verify is True else verify)
    if certificate:
        _identify(context, certificate)
    return context


def _trust(context: ssl.SSLContext, place: str) -> None:
    folder = Path(place).is_dir()
    try:
        context.load_verify_locations(cafile=None if folder else place, capath=place if folder else None)
    except OSError as error:  # ssl.SSLError is one
        raise _unreadable(_TRUST, "a file of certificates", error) from error


def _identify(context: ssl.SSLContext, certificate: str | tuple[str, str]) -> None:
    file, key = (certificate, None) if isinstance(certificate, str) else certificate
    try:
        context.load_cert_chain(file, key)
    except OSError as error:
        raise _unreadable(_IDENTITY, "a file with a certificate and its key", error) from error


def _unreadable(path: str, what: str, error: OSError) -> InvalidInputError:
    message = f"must be {what} in PEM format, and cannot be read ({error.strerror or type(error).__name__})"
    return InvalidInputError([Problem(path=path, rule="file", message=message)], subject="HTTP settings")
