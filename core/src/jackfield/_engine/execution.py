"""One operation, from checked input to checked output."""

import time
import traceback
from collections.abc import Callable, Generator, Iterable, Mapping
from functools import partial, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from attrs import evolve
from requests import PreparedRequest, Response

from jackfield._context import Context, Fetch
from jackfield._engine.clients import Sending, Surroundings, bare, client_at, client_for, parting_client, web_client
from jackfield._engine.conversion import check_output, dump
from jackfield._engine.deprecated import deprecations
from jackfield._engine.dynamic import with_known_fields
from jackfield._engine.file_flow import FileFlow
from jackfield._engine.half_letters import blamed
from jackfield._engine.masking import mask_error, redactor_of
from jackfield._engine.offered import check_offered
from jackfield._engine.options import no_option
from jackfield._engine.plugins import Hooks
from jackfield._engine.pricing import cost_of
from jackfield._engine.withholding import shown_request_id, withhold
from jackfield._http.client import Answer
from jackfield._http.foreign import fetch
from jackfield._http.limits import HttpSettings
from jackfield._http.retry import cause_of
from jackfield._http.saving import Saver
from jackfield.errors import AnswerError, JackfieldError, PluginError
from jackfield.files import Elsewhere, File
from jackfield.modules import AnyModule, Kind, Module
from jackfield.operations import (
    AttemptStarted,
    Event,
    Execution,
    Operation,
    Result,
    RetryScheduled,
    Selection,
    WaitBegun,
    WarningRaised,
)
from jackfield.secrets import Secret
from jackfield.usage import Usage

_CORE = Path(__file__).parents[1]
_WITHHELD = "There is a warning; the run is confidential, so what it says stands in its result only."

Emit = Callable[[Event], None]
P = ParamSpec("P")
R = TypeVar("R")


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
        self.used: tuple[Usage, ...] = ()

    def attempt(self, request: PreparedRequest, attempt: int) -> None:
        """Count an attempt."""
        self.attempts += 1
        if self._emit is not None:
            self._tell(AttemptStarted, method=request.method or "", url=self._shown_url(request), attempt=attempt)

    def _shown_url(self, request: PreparedRequest) -> str:
        if self._operation.confidential:
            connection = self._operation.connection
            inside = connection is not None and (request.url or "").startswith(connection.base_url.rstrip("/"))
            return self._masked(connection.base_url) if connection and inside else ""
        return self._masked((request.url or "").partition("?")[0])  # a redirect may have brought a key into it

    def waiting(self, error: JackfieldError, attempt: int, wait_s: float) -> None:
        """Pass on that an attempt failed."""
        cause = cause_of(error)
        self._tell(
            RetryScheduled,
            attempt=attempt,
            max_attempts=self._settings.max_attempts,
            wait_s=wait_s,
            cause=cause,
            reason=cause if self._operation.confidential else self._masked(error.message),
        )

    def wait_begun(self, wait_s: float, reason: str) -> None:
        """Pass on that the module waits."""
        self._tell(WaitBegun, wait_s=wait_s, reason="" if self._operation.confidential else self._masked(reason))

    def answered(self, answer: Answer) -> None:
        """Keep the service's name for the answer."""
        said = redactor_of(self._operation).mask(answer.request_id)
        self.request_id = (shown_request_id(said) if self._operation.confidential else said) or self.request_id

    def warn(self, message: str) -> None:
        """Keep a warning."""
        self.warnings.append(self._masked(message))
        self._tell(WarningRaised, message=_WITHHELD if self._operation.confidential else self.warnings[-1])

    def record_usage(self, usage: Usage) -> None:
        """Keep what was used. By counts that cannot be, a budget would grow or a sum be lost: none is believed then."""
        wrong = usage.impossible
        if wrong:
            self.warn(f"What this used is not known: {', '.join(wrong)} must be a number of at least 0.")
            usage = Usage(model=usage.model)
        self.used += (usage,)

    def _masked(self, text: str) -> str:
        # A service may echo the key in what it says.
        return redactor_of(self._operation).scrub(text)

    def _tell(self, kind: type[Event], **details: Any) -> None:
        if self._emit is not None:
            self._emit(kind(operation_id=self._operation.id, module_id=self._operation.module_id, **details))


def context_for(
    operation: Operation,
    recorder: Recorder,
    around: Surroundings,
    sending: Sending,
) -> Context:
    """Make what a module, a list of choices or a check is given."""
    connection = operation.connection
    return Context(
        client=client_for(operation, recorder, around, sending) if connection else None,
        connection=connection,
        deadline=operation.deadline,
        cancellation=operation.cancellation,
        idempotency_key=operation.idempotency_key,
        warn=recorder.warn,
        record_usage=recorder.record_usage,
        store=around.store,
        fetch=_fetcher(operation, recorder, around, sending),
        web=partial(web_client, operation, recorder, around, sending),
        elsewhere=partial(client_at, operation, recorder, around, sending) if connection else None,
        streaming=operation.streaming,
        max_age_s=operation.max_age_s,
        confidential=operation.confidential,
        since=operation.selection.since if operation.selection else None,
        last_key=operation.selection.last_key if operation.selection else None,
        bookmark=operation.selection.bookmark if operation.selection else None,
        mark=partial(_mark, operation),
        tell_wait=recorder.wait_begun,
        parting=partial(parting_client, operation, recorder, around, sending) if connection else None,
    )


def _mark(operation: Operation, bookmark: object) -> None:
    # What a service says may repeat a secret, and the state of a watch is written as it is.
    if operation.selection and redactor_of(operation).scrub_json(bookmark) == bookmark:
        operation.selection.mark(bookmark)


def sender(operation: Operation, hooks: Hooks) -> Callable[[PreparedRequest], Response]:
    """Make the function by which a client's attempts go through the hook ``send``."""

    def send(request: PreparedRequest) -> Response:
        response = hooks.send(request=request, operation=operation)
        if not isinstance(response, Response):
            message = f"A plugin answered the hook 'send' with {type(response).__name__}, not a requests.Response."
            raise PluginError(message, stage="hook")
        return response

    return send


def sending_by(hooks: Hooks) -> Sending:
    """Make the function that gives what sends the requests of an operation through these hooks."""
    return partial(sender, hooks=hooks)


def _fetcher(operation: Operation, recorder: Recorder, around: Surroundings, sending: Sending) -> Fetch:
    """Make the function that fetches a URL from anywhere into the store.

    It goes through the hook ``send`` as every request does, for an operation that has no connection any more.
    """

    def fetched(source: Elsewhere) -> File:
        said, in_memory = {"name": source.name, "media_type": source.media_type}, operation.confidential
        saver = Saver(around.store, around.settings, in_memory=in_memory, **said)
        answer, _ = fetch(
            source.url,
            settings=around.settings,
            deadline=operation.deadline,
            cancellation=operation.cancellation,
            send=sending(bare(operation)),
            watcher=recorder,
            take=saver.take,
            in_memory=in_memory,
        )
        assert answer.file is not None  # noqa: S101  taken, or an error
        return answer.file

    return fetched


def execution_by(operation: Operation, hooks: Hooks) -> Execution:
    """Give the run of an operation as the hook ``execute`` gives it, and see that it is one."""
    execution = hooks.execute(operation=operation)
    if not isinstance(execution, Generator):
        message = f"A plugin answered the hook 'execute' with {type(execution).__name__}, not with a run of the module."
        raise PluginError(message, stage="hook", hint="Give the generator that a wrapper gets, or one of your own.")
    result = yield from execution
    if not isinstance(result, Result):
        message = f"A plugin ended a run of {operation.module_id} with {type(result).__name__}, not with a Result."
        raise PluginError(message, stage="hook", hint="A run that is over has no second result: keep the first.")
    return result


def run_module(
    operation: Operation, context: Context, recorder: Recorder, hooks: Hooks | None, files: FileFlow | None
) -> Execution:
    """Run the module, check what it gives, and make the result.

    Args:
        operation: What runs.
        context: For the module.
        recorder: Knows what was told meanwhile.
        hooks: Say which fields its Dynamic fields have; nobody is asked without, as on a dry run.
        files: Brings files in and out; ``None`` to leave both where they are, since nothing is sent.
    """
    started = time.monotonic()
    module = operation.module
    assert module is not None  # noqa: S101  only checks and choices have none, and they do not run
    if hooks is not None:
        check_offered(operation, hooks, context)
        if module.dynamic:
            operation = with_known_fields(operation, hooks, context)
    if operation.note:
        recorder.warn(operation.note)
    for message in deprecations(operation.form):
        recorder.warn(message)
    outputs = yield from _outputs(module, operation, context, files)
    for message in operation.selection.warnings if operation.selection else ():
        recorder.warn(message)
    # What was computed from the answer takes time as well, and nothing ends that from outside.
    operation.cancellation.check()
    operation.deadline.check("run", sent=recorder.attempts > 0)
    return Result(
        outputs=outputs,
        bundles=tuple(_bundle(output) for output in outputs),
        used=recorder.used,
        cost=cost_of(operation, recorder.used, recorder.warn),
        request_id=recorder.request_id,
        attempts=recorder.attempts,
        warnings=tuple(recorder.warnings),
        duration_s=time.monotonic() - started,
    )


def _outputs(
    module: AnyModule, operation: Operation, context: Context, files: FileFlow | None
) -> Generator[Any, None, tuple[Any, ...]]:
    form = files.brought_in(operation) if files else operation.form
    returned = module.function(form, context)
    if module.streams:
        returned = yield from returned
    if module.kind not in (Kind.SEARCH, Kind.TRIGGER):
        return (_checked(module, returned, files),)
    if not isinstance(returned, Iterable):
        message = f"{operation.module_id} is declared to give items, and gave a {type(returned).__name__}."
        raise PluginError(message, stage="run", hint="This is a defect of the connector; report it to its authors.")
    try:
        if operation.selection is not None:
            return _selected(module, returned, operation.selection, files)
        outputs = []
        for output in returned:
            outputs.append(_checked(module, output, files))
            yield outputs[-1]
    finally:
        if isinstance(returned, Generator):
            returned.close()  # now: an error that somebody keeps would keep it open, and its connection
    return tuple(outputs)


def _selected(
    module: AnyModule, returned: Iterable[object], selection: Selection, files: FileFlow | None
) -> tuple[object, ...]:
    """Read as many items as are needed to know what is new, and give that alone."""
    for output in returned:
        check_output(module.signature.output, output)
        if not selection.wants_more(output):
            break
    return tuple(files.given_out(output) if files else output for output in selection.chosen())


def _checked(module: AnyModule, output: object, files: FileFlow | None) -> Any:
    check_output(module.signature.output, output)
    return files.given_out(output) if files else output


def _bundle(output: object) -> Mapping[str, object]:
    bundle = dump(output)
    assert isinstance(bundle, dict)  # noqa: S101  check_output has seen an attrs class
    return bundle


def guarded(operation: Operation, execution: Execution, recorder: Recorder | None = None) -> Execution:
    """Let only our own errors out, with no secret of the connection in them."""
    try:
        result = yield from execution
    except JackfieldError as error:
        failure: JackfieldError | None = _blamed(error, operation)
        if failure is None:
            if recorder and isinstance(error, AnswerError) and not error.request_id:
                error.request_id = recorder.request_id
            _tell_used(error, operation, recorder)
            keep_quiet(error, operation)
            raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  somebody else's code; raised again as a PluginError
        failure = _blamed(error, operation) or defect_of(error, operation)
    else:
        return evolve(result, confidential=True) if operation.confidential else result
    _tell_used(failure, operation, recorder)
    raise failure  # here, and not in the block above, so that it stands alone if its cause was taken away


def _blamed(error: BaseException, operation: Operation) -> JackfieldError | None:
    """Give the error that names the field at fault, where a text of the form could not be sent."""
    found = blamed(error, operation.form)
    if found is not None:
        keep_quiet(found, operation)
    return found


def _tell_used(error: JackfieldError, operation: Operation, recorder: Recorder | None) -> None:
    """Let an error say what was used before it: that is paid for, too."""
    if recorder and recorder.used:
        error.used, error.cost = recorder.used, cost_of(operation, recorder.used, recorder.warn)


def defect_of(error: BaseException, operation: Operation) -> PluginError:
    """Make the error for what somebody else's code raised; it has that as its cause, unless a secret is in it."""
    defect = _unexplained_defect(error, operation.module_id)
    defect.__cause__ = error
    if operation.confidential:  # its own text is ours, so it can stay
        defect.withheld = Secret(redactor_of(operation).scrub(f"{type(error).__name__}: {error}"))
    keep_quiet(defect, operation)
    return defect


def keep_quiet(error: JackfieldError, operation: Operation) -> None:
    """Take out of an error what an operation must not tell: secrets, and of a confidential run input and output."""
    mask_error(error, operation)
    if operation.confidential:
        withhold(error, operation.module)


def _unexplained_defect(error: BaseException, owned_id: str) -> PluginError:
    """Make the same without a cause, where nobody knows yet what is secret."""
    # The exception's own text may hold input or output; its class and place are enough to report the defect.
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not Path(frame.filename).is_relative_to(_CORE)]  # it may call core wrongly
    last = (theirs or [*frames])[-1:]
    place = f"{Path(last[0].filename).name}:{last[0].lineno}" if last else "an unknown place"
    return PluginError(
        f"{owned_id} failed with {type(error).__name__} at {place}.",
        stage="run",
        hint="This is a defect of the code there, a connector's or a plugin's; report it to its authors.",
    )


def telling_defects(make: Callable[P, R]) -> Callable[P, R]:
    """Have what the code of connectors and plugins raises while an operation is made told as their defect."""
    known = [*(getattr(make, "__kwdefaults__", None) or {})]

    @wraps(make)
    def made(*given: P.args, **options: P.kwargs) -> R:
        try:
            return make(*given, **options)
        except JackfieldError:
            raise
        except (Exception, SystemExit) as error:
            if isinstance(error, TypeError) and not {*options} <= {*known}:
                raise no_option(options, known) from None
            if error.__traceback__ is None or error.__traceback__.tb_next is None:
                raise  # it never got as far: the caller left out an argument
            subject = given[1]
            defect = _unexplained_defect(error, subject.reference if isinstance(subject, Module) else str(subject))
        raise defect  # here, so that it stands alone: the error may show what the connection holds

    return made
