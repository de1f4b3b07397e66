"""A run whose output comes in pieces."""

import threading
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from jackfield._http.limits import Cancellation
from jackfield.errors import InputError, JackfieldError
from jackfield.operations import Execution, Result

PieceT = TypeVar("PieceT")
OutputT = TypeVar("OutputT")


class Stream(Generic[OutputT, PieceT]):
    """Gives the pieces of one operation as they come, and the whole at the end.

    A module that streams gives its pieces, a search its outputs one by one, any other module no piece. Nothing is sent
    until the first piece, or the result, is asked for. Leaving the ``with`` block early closes the connection.
    """

    def __init__(self, execution: Execution, cancellation: Cancellation) -> None:
        self._execution = execution
        self._cancellation = cancellation
        self._lock = threading.Lock()
        self._result: Result[Any] | None = None
        self._error: JackfieldError | None = None
        self._closed = False

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __iter__(self) -> Self:
        """Give itself: a stream is read once."""
        return self

    def __next__(self) -> PieceT:
        """Wait for the next piece.

        Raises:
            JackfieldError: As ``Host.run`` would.
        """
        with self._lock:
            if self._result is not None or self._closed:
                raise StopIteration
            if self._error is not None:
                raise self._error
            try:
                piece: PieceT = next(self._execution)
            except StopIteration as stop:
                self._result = stop.value
                raise
            except JackfieldError as error:
                self._error = error
                raise
            return piece

    @property
    def result(self) -> Result[OutputT]:
        """The whole, as ``Host.run`` would have given it; waits for the pieces that are left.

        Raises:
            InputError: The stream was closed before its end.
            JackfieldError: As ``Host.run`` would.
        """
        for _piece in self:
            pass
        if self._result is None:
            message = "The stream was closed before its end, so it has no result."
            raise InputError(message)
        return self._result

    def cancel(self) -> None:
        """Stop it from any thread; whoever waits for a piece gets OperationCancelledError."""
        self._cancellation.cancel()

    def close(self) -> None:
        """Stop, and close the connection if the end was not reached. A second time does nothing."""
        with self._lock:
            self._closed = True
            self._execution.close()


def finished(execution: Execution) -> Result[Any]:
    """Give the result of a run, once it is over; nobody hears its pieces."""
    try:
        while True:
            next(execution)
    except StopIteration as stop:
        result: Result[Any] = stop.value
        return result
