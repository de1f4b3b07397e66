"""Files on their way through an operation: accepted from a caller, fetched for a module, given out in a bundle."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from jackfield._context import Fetch
from jackfield._engine.intake import accepting, with_files
from jackfield._engine.problems import WrongValueError
from jackfield.errors import InvalidInputError
from jackfield.files import Elsewhere, File
from jackfield.operations import Operation
from jackfield.storage import FileStore


def accepted(form: Any, store: FileStore, *, subject: str) -> Any:
    """Give a form in which every file can be read, or is to be fetched.

    Raises:
        InvalidInputError: A caller named a file that it may not have, or that there is not.
    """
    return _changed(form, accepting(store), subject)


class FileFlow(NamedTuple):
    """Brings files in and out.

    Attributes:
        fetch: Fetches a URL.
        store: Keeps what comes out.
        confidential: Whether it may write nothing of it.
    """

    fetch: Fetch
    store: FileStore
    confidential: bool = False

    def brought_in(self, operation: Operation) -> Any:
        """Give the form of an operation with its files by URL fetched.

        Raises:
            InvalidInputError: One is not what the form asks for; also what fetching raises.
        """
        return _changed(operation.form, self._fetched, operation.module_id)

    def _fetched(self, file: File) -> File:
        return self.fetch(file.source) if isinstance(file.source, Elsewhere) else file

    def given_out(self, output: Any) -> Any:
        """Give an output whose files this host knows by an id, so that a bundle can refer to them."""
        return with_files(output, partial(self.store.adopt, in_memory=self.confidential))


def _changed(form: Any, change: Callable[[File], File], subject: str) -> Any:
    try:
        return with_files(form, change)
    except WrongValueError as error:
        problems = error.problems
    raise InvalidInputError(problems, subject=subject)
