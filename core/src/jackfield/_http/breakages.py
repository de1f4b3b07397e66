"""What broke on the way, as one of our errors: by the exception that the network or a library raised."""

import http.client
import socket
import ssl
from typing import TypeVar

import requests
from urllib3.exceptions import HTTPError as Urllib3Error

from jackfield.errors import BrokenAnswerError, TransportError, UnreachableError

_T = TypeVar("_T", bound=TransportError)

_AGAIN = "Run it again later."
_CHECK_URL = "Check the connection's base URL, and the network."
_CHECK_TLS = "Does the server speak TLS on this port? If not, the base URL must start with http://."
_CHECK_CERTIFICATE = (
    "If the server uses a certificate authority of its own, name its file in the setting ca_bundle. "
    "Else somebody may be listening in, or the base URL has the wrong host."
)
_LONGEST_REASON = 200
_CHECK_HTTP = "Is there an HTTP service at the base URL? One that wants TLS needs https:// there."


def not_connected(error: Exception, where: str) -> UnreachableError:
    """Tell why no connection was made.

    Args:
        error: What was raised meanwhile.
        where: Host and port, in words.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        message = f"The certificate of {where} is not trusted: {error.verify_message}."
        return _with_verdict(UnreachableError(message, hint=_CHECK_CERTIFICATE), "tls")
    if isinstance(error, ssl.SSLError):
        failed = UnreachableError(f"TLS failed with {where}: {_tls_reason(error)}.", hint=_CHECK_TLS)
        return _with_verdict(failed, "tls")
    if isinstance(error, socket.gaierror | UnicodeError):
        return UnreachableError(f"The name of {where} does not resolve.", hint=_CHECK_URL)
    if isinstance(error, ConnectionRefusedError):
        return UnreachableError(f"Nobody listens at {where}.", hint="Is the server running, and is the port right?")
    if isinstance(error, http.client.HTTPException):
        return UnreachableError(f"No connection to {where}: the proxy does not speak HTTP.", hint=_CHECK_URL)
    return UnreachableError(f"No connection to {where}: {_reason(error)}.", hint=_CHECK_URL)


def _with_verdict(error: _T, verdict: str) -> _T:
    error.verdict = verdict
    return error


def _tls_reason(error: ssl.SSLError) -> str:
    return (error.reason or type(error).__name__).replace("_", " ").lower()


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) else None
    return " ".join((text or str(error) or type(error).__name__).split())[:_LONGEST_REASON].rstrip(".")


def no_answer(error: Exception, where: str) -> BrokenAnswerError:
    """Tell why a request that may have left got no whole answer.

    Args:
        error: What was raised while it was sent or its answer was read.
        where: Host and port, in words.
    """
    if isinstance(error, http.client.RemoteDisconnected):
        return BrokenAnswerError(f"The connection to {where} was closed before an answer came.", hint=_AGAIN)
    if isinstance(error, ssl.SSLEOFError):
        return BrokenAnswerError(f"The connection to {where} was cut: TLS was not ended properly.", hint=_AGAIN)
    if isinstance(error, http.client.BadStatusLine | http.client.UnknownProtocol):
        odd = BrokenAnswerError(f"What {where} answered is not HTTP.", hint=_CHECK_HTTP)
        return _with_verdict(odd, "other_service")
    if isinstance(error, http.client.IncompleteRead):
        return BrokenAnswerError(f"The connection to {where} was closed before the answer was whole.", hint=_AGAIN)
    if isinstance(error, http.client.HTTPException):
        return BrokenAnswerError(f"The answer of {where} cannot be read: {_reason(error)}.", hint=_AGAIN)
    return BrokenAnswerError(f"The connection to {where} broke: {_reason(error)}.", hint=_AGAIN)


FOREIGN = (
    requests.RequestException,
    Urllib3Error,
    http.client.HTTPException,
    ConnectionError,
    TimeoutError,
    ssl.SSLError,
)
"""What an adapter that is not ours may raise, when a plugin sends through one or answers with its response."""


def foreign(error: Exception) -> TransportError:
    """Tell what an adapter that is not ours ran into.

    Its own text is left out: requests puts the whole URL there, with what may be a secret in the query.
    """
    kind = type(error).__name__
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return UnreachableError(f"No connection was made ({kind}).", hint=_CHECK_URL)
    return BrokenAnswerError(f"The connection broke ({kind}).", hint=_AGAIN)
