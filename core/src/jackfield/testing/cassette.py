"""Real exchanges with a service, recorded in a file and played back."""

import json
import threading
from collections.abc import Generator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from requests import PreparedRequest, Response

from jackfield._engine.masking import redactor_of
from jackfield._http.body import read_whole
from jackfield._http.limits import HttpSettings
from jackfield._writing import write_whole
from jackfield.errors import InputError, PluginError
from jackfield.hookspecs import hookimpl
from jackfield.operations import Operation
from jackfield.secrets import Redactor
from jackfield.testing.exchanges import Exchange
from jackfield.testing.replies import Reply

__all__ = ["Cassette", "Recording"]

_FORMAT = 1
_AGAIN = "Record it again, or have the module send what it sent."


class Recording:
    """Records what a host exchanges with real services, as its plugin; the file is written at the end of ``with``.

    Requests are taken before the credential is added. Known secrets are masked all the same, also in what the service
    answers, and cookies and the like are left out. A confidential operation is not recorded. Nothing is written if the
    block ends with an error.

    Args:
        path: The file; one that is there is replaced.
        settings: How large an answer may be; those of a host without.
    """

    def __init__(self, path: Path, settings: HttpSettings | None = None) -> None:
        self._path = path
        self._settings = settings or HttpSettings()
        self._exchanges: list[Exchange] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the file, unless something failed."""
        if error is None:
            self.save()

    def save(self) -> None:
        """Write what was recorded so far.

        Raises:
            FileError: It cannot be written.
        """
        found = {"format": _FORMAT, "exchanges": [exchange.as_json() for exchange in self._exchanges]}
        text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._path, [text.encode()], overwrite=True)

    @hookimpl(wrapper=True, tryfirst=True)
    def send(self, request: PreparedRequest, operation: Operation) -> Generator[None, Response, Response]:
        """Let the request go, and keep it with its answer."""
        response = yield
        if operation.confidential:
            return response
        reply = _reply_of(response, read_whole(response, self._settings))
        with self._lock:
            self._exchanges.append(Exchange.of(request, reply, redactor_of(operation)))
        return reply.response(request)


def _reply_of(response: Response, body: bytes) -> Reply:
    """Make data of a response whose body was read; it is no longer compressed."""
    headers = {
        name: value
        for name, value in response.headers.items()
        if name.lower() not in {"content-encoding", "content-length", "transfer-encoding"}
    }
    value: object = None
    if "json" in headers.get("Content-Type", "").lower():
        try:
            value = json.loads(body)
        except ValueError:
            value = None
    content = None if value is not None else body
    return Reply(json=value, status=response.status_code, headers=headers, content=content)


class Cassette:
    """Plays back what a Recording wrote, as a plugin of a host. Nothing reaches the network.

    It is strict: each exchange answers once, and a request that was not recorded is an error that names the nearest one
    and what differs.

    Args:
        path: The file.

    Attributes:
        exchanges: All that is in it.

    Raises:
        InputError: There is none, or it is no cassette.
    """

    def __init__(self, path: Path) -> None:
        self.exchanges: tuple[Exchange, ...] = _read(path)
        self._path = path
        self._left = list(self.exchanges)
        self._lock = threading.Lock()

    @property
    def unplayed(self) -> tuple[Exchange, ...]:
        """What nobody asked for yet."""
        return tuple(self._left)

    @hookimpl(tryfirst=True)
    def send(self, request: PreparedRequest, operation: Operation) -> Response:
        """Answer as it was recorded.

        Raises:
            PluginError: It was not recorded, or not as often.
        """
        redactor = redactor_of(operation)
        with self._lock:
            found = next((exchange for exchange in self._left if not exchange.differences(request, redactor)), None)
            if found is None:
                raise PluginError(self._miss(request, redactor), stage="hook", hint=_AGAIN)
            self._left.remove(found)
        return found.reply.response(request)

    def _miss(self, request: PreparedRequest, redactor: Redactor) -> str:
        asked = f"{request.method} {(request.url or '').partition('?')[0]}"
        if any(not exchange.differences(request, redactor) for exchange in self.exchanges):
            return f"{self._path.name}: {asked} is asked more often than it was recorded."
        if not self.exchanges:
            return f"{self._path.name}: {asked} was not recorded; nothing was."
        nearest = min(self._left or self.exchanges, key=lambda exchange: _distance(exchange, request, redactor))
        lines = "".join(f"\n  {line}" for line in nearest.differences(request, redactor))
        return f"{self._path.name}: {asked} was not recorded. The nearest is {nearest.method} {nearest.url}:{lines}"


def _distance(exchange: Exchange, request: PreparedRequest, redactor: Redactor) -> tuple[bool, int]:
    """Say how far a recorded request is from another: one of another place is farther than any of the same."""
    same_place = exchange.url.partition("?")[0] == (request.url or "").partition("?")[0]
    return not same_place, len(exchange.differences(request, redactor))


def _read(path: Path) -> tuple[Exchange, ...]:
    try:
        said: Mapping[str, Any] = json.loads(path.read_bytes())
        if said["format"] != _FORMAT:
            message = f"{path.name} is a cassette of format {said['format']}, and this is format {_FORMAT}."
            raise InputError(message, hint="Record it again, or upgrade jackfield.")
        return tuple(Exchange.from_json(each) for each in said["exchanges"])
    except FileNotFoundError:
        message = f"There is no cassette {path}."
        raise InputError(
            message, hint="Record it first: with pytest --jackfield-record, or with jackfield.testing.Recording."
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path.name} is no cassette ({type(error).__name__})."
        raise InputError(message, hint=_AGAIN) from error
