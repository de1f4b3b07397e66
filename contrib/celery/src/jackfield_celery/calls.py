"""What callers hold in their hand: modules that run on the workers of a Celery app."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Unpack

from celery.backends.base import DisabledBackend
from celery.backends.redis import RedisBackend
from celery.result import AsyncResult

from jackfield import Failure, Host, InputError, PluginError, Result, UnknownModuleError
from jackfield_celery.failures import told_if_away
from jackfield_celery.mapping import Map, MapOptions
from jackfield_celery.outcomes import check_connection, check_no_secret, check_size, fields_to_json
from jackfield_celery.sending import published
from jackfield_celery.settings import CelerySettings, check_app
from jackfield_celery.streaming import Pieces
from jackfield_celery.waiting import awaited, ended_as
from jackfield_celery.worker import Worker


class Modules:
    """The modules of a Celery app's workers; made by ``register``.

    Attributes:
        task: The task ``jackfield.run``, for canvas: ``modules.task.s("github.get_issue", {...}, connection="work")``.
    """

    def __init__(self, app: Any, worker: Worker, settings: CelerySettings, tasks: tuple[Any, Any]) -> None:
        self._app = app
        self._worker = worker
        self._settings = settings
        self.task, self._many = tasks
        self._schemas: dict[str, Mapping[str, Any]] = {}
        self._checked = False

    @property
    def host(self) -> Host:
        """The host of this process, which it closes when the worker ends; in any other program ``close`` does."""
        return self._worker.host

    def close(self) -> None:
        """Close what this process has for modules, and the connections of the app; a program that ends calls it."""
        self._worker.close()
        self._app.pool.force_close_all()
        backend = self._app.backend
        if isinstance(backend, RedisBackend):
            backend.result_consumer.stop()
            backend.client.connection_pool.disconnect()

    def send(
        self,
        module: str,
        fields: object = None,
        *,
        connection: str | None = None,
        deadline_s: float | None = None,
        idempotency_key: str = "",
        **options: Any,
    ) -> "AsyncResult[Any]":
        """Have a worker run a module, and do not wait.

        Args:
            module: Its id.
            fields: Its input: JSON values, or an instance of its form.
            connection: The name of a connection that is saved where the workers run; never values.
            deadline_s: Seconds for each run; the setting of the worker's host without. Waits between runs do not count.
            idempotency_key: As in RunOptions; the id of the task without. For a module with an unsafe effect, a second
                task with the same key gives what the first gave.
            **options: Of Celery's ``apply_async``: ``queue``, ``countdown``, ``priority``...

        Raises:
            InputError: The connection is no name, a secret stands in the input, or it is no JSON; nothing was sent.
            LimitError: The input is too large for a queue.
            UnreachableError: The broker is away.
        """
        given = self._message(module, fields, connection, deadline_s)
        return self._sent(module, {**given, "idempotency_key": idempotency_key}, options)

    def _message(self, module: str, fields: object, connection: str | None, deadline_s: float | None) -> dict[str, Any]:
        self._check_app()
        check_connection(connection)
        sent = self._checked_fields(module, {} if fields is None else fields)
        return {"module": module, "fields": sent, "connection": connection, "deadline_s": deadline_s}

    def _sent(self, module: str, given: Mapping[str, Any], options: Mapping[str, Any]) -> "AsyncResult[Any]":
        shown = repr({"module": module, "connection": given["connection"]})
        message = {"kwargs": dict(given), "argsrepr": "()", "kwargsrepr": shown, **options}
        return published(self.task, self._settings, **message)

    def _check_app(self) -> None:
        if not self._checked:
            check_app(self._app, self._settings)
            self._checked = True

    def _checked_fields(self, module: str, form: object) -> dict[str, Any]:
        fields = fields_to_json(form, module)
        check_size(fields, self._settings.max_message_bytes, f"The input of {module}")
        check_no_secret(fields, self._schema(module), module)
        return fields

    def _schema(self, module: str) -> Mapping[str, Any]:
        """Give the schema of a module's form; nothing is known of one that is installed only where the workers are."""
        if module not in self._schemas:
            try:
                self._schemas[module] = self.host.module(module).schema()
            except (UnknownModuleError, PluginError):
                self._schemas[module] = {}
        return self._schemas[module]

    def outcome(self, sent: "AsyncResult[Any]", timeout_s: float | None = None) -> Result[Any] | Failure:
        """Wait for what became of a task.

        Args:
            sent: What ``send`` gave.
            timeout_s: How long to wait; the task goes on after it.

        Returns:
            Its result, whose outputs are its bundles, since classes do not travel; or the error that it ended with.

        Raises:
            DeadlineError: It is not over yet.
            InputError: The app keeps no results.
            UnreachableError: Redis, or where else results are, is away; the task goes on.
        """
        self._check_results()
        return ended_as(awaited(sent, timeout_s, self._settings))

    def _check_results(self) -> None:
        """See that there is somewhere to ask.

        Raises:
            InputError: There is not.
        """
        if isinstance(self._app.backend, DisabledBackend):
            message = "The Celery app keeps no results, so nobody learns what became of a task."
            raise InputError(message, hint='Set result_backend: Celery(..., backend="redis://...").')

    def run(self, module: str, fields: object = None, *, timeout_s: float | None = None, **options: Any) -> Result[Any]:
        """Have a worker run a module, and wait for its result.

        Args:
            module: As in ``send``.
            fields: As in ``send``.
            timeout_s: As in ``outcome``.
            **options: As in ``send``.

        Raises:
            JackfieldError: As ``send``, ``outcome`` and ``Host.run``; also UncertainError.
        """
        return _or_raise(self.outcome(self.send(module, fields, **options), timeout_s))

    def stream(
        self,
        module: str,
        fields: object = None,
        *,
        connection: str | None = None,
        deadline_s: float | None = None,
        timeout_s: float | None = None,
        **options: Any,
    ) -> Pieces:
        """Have a worker run a module, and give its pieces as they come, as JSON values.

        Args:
            module: As in ``send``.
            fields: As in ``send``.
            connection: As in ``send``.
            deadline_s: As in ``send``.
            timeout_s: How long to wait for the next piece, the first included.
            **options: As in ``send``.

        Raises:
            JackfieldError: As ``send``.
        """
        self._check_results()
        name = f"{self._settings.prefix}:pieces:{secrets.token_hex(12)}"
        given = self._message(module, fields, connection, deadline_s)
        sent = self._sent(module, {**given, "pieces": name}, options)
        return Pieces(self._worker.redis, name, sent, self.outcome, timeout_s)

    def cancel(self, sent: "AsyncResult[Any] | str") -> None:
        """Stop a task: one that waits is not begun, the operation of one that runs is cancelled.

        Unlike Celery's ``revoke`` it stops what runs in every pool, ends no process, and is heard by workers that start
        later.

        Args:
            sent: What ``send`` gave, or the id of a task.

        Raises:
            UnreachableError: Redis is away.
        """
        task_id = sent if isinstance(sent, str) else sent.id
        with told_if_away("in which tasks are cancelled", "See that it runs, then cancel again."):
            self._stop([task_id])

    def map(
        self, module: str, inputs: Iterable[object], *, connection: str | None = None, **options: Unpack[MapOptions]
    ) -> Iterator[Result[Any] | Failure]:
        """Have the workers run a module for each of many inputs.

        Inputs are taken as lazily as results are asked for, and sent in chunks. Closing the iterator stops what is
        under way.

        Args:
            module: Its id.
            inputs: As ``fields`` in ``send``.
            connection: As in ``send``.
            **options: See MapOptions.

        Returns:
            For each input, in order, its result or a Failure. One whose worker was lost is run again if a repeat does
            no harm; else its failure is an UncertainError.

        Raises:
            InputError: The connection is no name, an option cannot be used, or the app keeps no results; nothing was
                sent.
            DeadlineError: No worker said anything for ``silence_s``.
            UnreachableError: Redis or the broker is away.
        """
        self._check_app()
        self._check_results()
        check_connection(connection)
        return Map(
            self._many,
            self._worker.redis,
            self._settings,
            module=module,
            checked=lambda form: self._checked_fields(module, form),
            connection=connection,
            options=options,
        ).outcomes(inputs, self._stop)

    def _stop(self, task_ids: Sequence[str]) -> None:
        self._worker.cancel(task_ids)
        self._app.control.revoke(list(task_ids))


def _or_raise(outcome: Result[Any] | Failure) -> Result[Any]:
    if isinstance(outcome, Failure):
        raise outcome.error
    return outcome
