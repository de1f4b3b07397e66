"""A host whose modules are called as attributes, and whose results are looked at as in a notebook."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from contract import Failed, Outcome, Running

from jackfield import Cancellation, Host, InvalidInputError, JackfieldError


class PythonHost:
    """Calls ``host.contract.echo(text=...)``.

    Args:
        host: With the modules of the contract.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._threads = ThreadPoolExecutor(4)
        self._shown: list[str] = []
        self.lacks: Mapping[str, str] = {}

    def close(self) -> None:
        """End its threads."""
        self._threads.shutdown()

    def call(self, module_id: str, form: Mapping[str, Any], *, approved: bool = True) -> Outcome:
        """Stream it, which gives what a call gives, and the pieces too."""
        return self._outcome(module_id, form)

    def start(self, module_id: str, form: Mapping[str, Any]) -> Running:
        """Call in another thread."""
        cancellation = Cancellation()
        return _Running(self._threads.submit(self._outcome, module_id, form, cancellation=cancellation), cancellation)

    def within(self, deadline_s: float, module_id: str, form: Mapping[str, Any]) -> Outcome:
        """Call with the option of that name."""
        return self._outcome(module_id, form, deadline_s=deadline_s)

    def content_of(self, reference: Mapping[str, Any]) -> bytes:
        """Ask the host's files."""
        return self._host.files.get(str(reference["file"])).read()

    def written(self) -> bytes:
        """Give what a notebook would show of all results and failures."""
        return "".join(self._shown).encode()

    def _outcome(self, module_id: str, form: Mapping[str, Any], **options: Any) -> Outcome:
        connector_id, _, name = module_id.partition(".")
        module = getattr(getattr(self._host, connector_id), name)
        try:
            with module.stream(**form, **options) as stream:
                pieces = [getattr(piece, "text", "") for piece in stream]
            result = stream.result
        except JackfieldError as error:
            self._shown += [error._repr_html_(), *error._render_traceback_(), module._repr_html_()]
            return Outcome(error=_failed(error))
        self._shown += [result._repr_html_(), repr(result)]
        return Outcome(bundles=result.bundles, whole=result.bundles, pieces=pieces)


class _Running:
    def __init__(self, future: Future[Outcome], cancellation: Cancellation) -> None:
        self._future = future
        self._cancellation = cancellation

    def cancel(self) -> None:
        """Stop it."""
        self._cancellation.cancel()

    def outcome(self) -> Outcome | None:
        """Wait for it."""
        return self._future.result(timeout=30)


def _failed(error: JackfieldError) -> Failed:
    paths = [problem.path for problem in error.problems] if isinstance(error, InvalidInputError) else []
    return Failed(kind=type(error).__name__, text=str(error), retryable=error.retryable, paths=paths)
