"""One operation, from checked input to checked output."""

import time
import traceback
from collections.abc import Callable, Generator, Mapping
from functools import partial, wraps
from pathlib import Path
from typing import Any, ParamSpec

import attrs
from requests import PreparedRequest, Response

from jackfield._engine.conversion import CODEC, check_output, dump
from jackfield._engine.deprecated import deprecations
from jackfield._engine.dynamic import with_known_fields
from jackfield._engine.masking import mask_error, redactor_of
from jackfield._engine.plugins import Hooks
from jackfield._http.client import Answer, Client
from jackfield._http.foreign import fetch
from jackfield._http.limits import HttpSettings
from jackfield._http.retry import cause_of
from jackfield.errors import AnswerError, JackfieldError, PluginError
from jackfield.modules import AnyModule, Context, Kind, Module, Usage
from jackfield.operations import (
    AttemptStarted,
    Event,
    Execution,
    Operation,
    Purpose,
    Result,
    RetryScheduled,
    WarningRaised,
)

Emit = Callable[[Event], None]
P = ParamSpec("P")


class Recorder:
    """Collects what is told about one operation, and passes it on as events, if anybody listens.

    It is the client's watcher.
    """

    def __init__(self, operation: Operation, emit: Emit | None, settings: HttpSettings) -> None:
        self._operation = operation
        self._emit = emit
        self._settings = settings
        self.attempts = 0
        self.request_id = ""
        self.warnings: list[str] = []
        self.usage: Usage | None = None
        self._redactor = redactor_of(operation)

    def attempt(self, request: PreparedRequest, attempt: int) -> None:
        """Count an attempt."""
        self.attempts += 1
        url = self._mask((request.url or "").partition("?")[0])  # a redirect may have brought a key into it
        self._tell(AttemptStarted, method=request.method or "", url=url, attempt=attempt)

    def waiting(self, error: JackfieldError, attempt: int, wait_s: float) -> None:
        """Pass on that an attempt failed."""
        limit, reason = self._settings.max_attempts, self._mask(error.message)
        self._tell(
            RetryScheduled,
            attempt=attempt,
            max_attempts=limit,
            wait_s=wait_s,
            cause=cause_of(error),
            reason=reason,
        )

    def answered(self, answer: Answer) -> None:
        """Keep the service's name for the answer."""
        self.request_id = self._mask(answer.request_id) or self.request_id

    def warn(self, message: str) -> None:
        """Keep a warning."""
        self.warnings.append(self._mask(message))
        self._tell(WarningRaised, message=self.warnings[-1])

    def record_usage(self, usage: Usage) -> None:
        """Keep what was used."""
        self.usage = usage

    def _mask(self, text: str) -> str:
        # A service may echo the key in what it says.
        return self._redactor.mask(text)

    def _tell(self, kind: type[Event], **details: Any) -> None:
        if self._emit is not None:
            self._emit(kind(operation_id=self._operation.id, module_id=self._operation.module_id, **details))


def context_for(
    operation: Operation,
    recorder: Recorder,
    settings: HttpSettings,
    send: Callable[[PreparedRequest], Response],
) -> Context:
    """Make what a module, a list of choices or a check is given."""
    connection = operation.connection
    client = None
    if connection is not None:
        client = Client(
            connection.base_url,
            settings=settings,
            deadline=operation.deadline,
            cancellation=operation.cancellation,
            repeatable=operation.effect.repeatable,
            send=send,
            codec=CODEC,
            watcher=recorder,
            read_error=connection.type.read_error,
            request_id_header=connection.type.request_id_header,
        )
    return Context(
        client=client,
        connection=connection,
        deadline=operation.deadline,
        cancellation=operation.cancellation,
        idempotency_key=operation.idempotency_key,
        warn=recorder.warn,
        record_usage=recorder.record_usage,
        streaming=operation.streaming,
        max_age_s=operation.max_age_s,
    )


def sender(operation: Operation, hooks: Hooks) -> Callable[[PreparedRequest], Response]:
    """Make the function by which a client's attempts go through the hook ``send``."""

    def send(request: PreparedRequest) -> Response:
        response = hooks.send(request=request, operation=operation)
        if not isinstance(response, Response):
            message = f"A plugin answered the hook 'send' with {type(response).__name__}, not a requests.Response."
            raise PluginError(message, stage="hook")
        return response

    return send


def fetcher(
    operation: Operation, recorder: Recorder, settings: HttpSettings, hooks: Hooks
) -> Callable[[str], tuple[Answer, Response]]:
    """Make the function that fetches a URL from anywhere, as ``fetch`` does.

    It goes through the hook ``send`` as every request does, for an operation that has no connection any more: whoever
    answers or sends it has no credential to add.
    """
    bare = attrs.evolve(operation, purpose=Purpose.DOWNLOAD, connection=None)
    return partial(
        fetch,
        settings=settings,
        deadline=operation.deadline,
        cancellation=operation.cancellation,
        send=sender(bare, hooks),
        watcher=recorder,
    )


def run_module(operation: Operation, context: Context, recorder: Recorder, hooks: Hooks | None) -> Execution:
    """Run the module, check what it gives, and make the result.

    Without hooks, nobody is asked which fields its Dynamic fields have, as on a dry run.
    """
    started = time.monotonic()
    module = operation.module
    assert module is not None  # noqa: S101  only checks and choices have none, and they do not run
    if module.dynamic and hooks is not None:
        operation = with_known_fields(operation, hooks, context)
    for message in deprecations(operation.form):
        recorder.warn(message)
    outputs = yield from _outputs(module, operation, context)
    return Result(
        outputs=outputs,
        bundles=tuple(_bundle(output) for output in outputs),
        usage=recorder.usage,
        request_id=recorder.request_id,
        attempts=recorder.attempts,
        warnings=tuple(recorder.warnings),
        duration_s=time.monotonic() - started,
    )


def _outputs(module: AnyModule, operation: Operation, context: Context) -> Generator[Any, None, tuple[Any, ...]]:
    declared = module.signature.output
    returned = module.function(operation.form, context)
    if module.streams:
        returned = yield from returned
    if module.kind not in (Kind.SEARCH, Kind.TRIGGER):
        check_output(declared, returned)
        return (returned,)
    outputs = []
    try:
        for output in returned:
            check_output(declared, output)
            outputs.append(output)
            yield output
    finally:
        if isinstance(returned, Generator):
            returned.close()  # now: an error that somebody keeps would keep it open, and its connection
    return tuple(outputs)


def _bundle(output: object) -> Mapping[str, object]:
    bundle = dump(output)
    assert isinstance(bundle, dict)  # noqa: S101  check_output has seen an attrs class
    return bundle


def guarded(operation: Operation, execution: Execution, recorder: Recorder | None = None) -> Execution:
    """Let only our own errors out, with no secret of the connection in them."""
    try:
        return (yield from execution)
    except JackfieldError as error:
        if recorder and isinstance(error, AnswerError) and not error.request_id:
            error.request_id = recorder.request_id
        mask_error(error, operation)
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  somebody else's code; raised again as a PluginError
        defect = defect_of(error, operation)
    raise defect  # here, and not in the block above, so that it stands alone if its cause was taken away


def defect_of(error: BaseException, operation: Operation) -> PluginError:
    """Make the error for what somebody else's code raised; it has that as its cause, unless a secret is in it."""
    defect = _unexplained_defect(error, operation.module_id)
    defect.__cause__ = error
    mask_error(defect, operation)
    return defect


def _unexplained_defect(error: BaseException, owned_id: str) -> PluginError:
    """Make the same without a cause, where nobody knows yet what is secret."""
    # The exception's own text may hold input or output; its class and place are enough to report the defect.
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
    return PluginError(
        f"{owned_id} failed with {type(error).__name__} at {place}.",
        stage="run",
        hint="This is a defect of the connector; report it to its authors.",
    )


def telling_defects(make: Callable[P, Operation]) -> Callable[P, Operation]:
    """Have what the code of connectors and plugins raises while an operation is made told as their defect."""

    @wraps(make)
    def made(*given: P.args, **options: P.kwargs) -> Operation:
        try:
            return make(*given, **options)
        except JackfieldError:
            raise
        except (Exception, SystemExit) as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is None:
                raise  # it never got as far: the caller gave an argument that there is not
            subject = given[1]
            defect = _unexplained_defect(error, subject.reference if isinstance(subject, Module) else str(subject))
        raise defect  # here, so that it stands alone: the error may show what the connection holds

    return made
