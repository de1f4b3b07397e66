"""What can go wrong, by what the host should do about it.

```text
JackfieldError
├── InputError              the caller gave something that cannot be used; nothing was sent
│   ├── InvalidInputError       values break the form: see ``problems``
│   ├── UnknownModuleError      no module has that id
│   └── UnsafeRequestError      the request would have left the connection's origin, or smuggled a header
├── NoConnectionError       there is nothing to authorize with
├── StoreError              what is kept on this machine cannot be read or written: connections, how far a watch came
├── RefusedByPolicyError    a plugin of this host refused the operation
│   └── BudgetError             it could use more than is left of a budget
├── RemoteError             the service answered with a failure
│   ├── CredentialsError        401: the key is wrong, expired or missing
│   ├── PermissionDeniedError   403: the key is right, and may not do this
│   ├── NotFoundError           404: the thing asked for does not exist
│   ├── QuotaError              paid-for use is used up; waiting does not help
│   ├── RefusedError            any other 4xx: the request is wrong
│   └── BusyError               408, 409, 429, 5xx: worth repeating after ``retry_after_s``
├── TransportError          no whole answer came
│   ├── UnreachableError        DNS, connection or TLS failed; nothing was acted on
│   └── BrokenAnswerError       the answer was cut short or is not HTTP
├── AnswerError             the answer came whole and is not what was declared
├── LimitError              a limit of ours was hit; the message names the setting
├── FileError               a file of this machine cannot be read or written
├── DeadlineError           the time given ran out
├── OperationCancelledError somebody called ``cancel()``
└── PluginError             a plugin or connector cannot be used
```

Every error carries ``message`` (what happened, with the place at fault), ``hint`` (what to do next, may be
empty), and survives ``pickle`` into another process. In a confidential run they say what our classes say, and the
error's own text is in ``withheld``.
"""

from collections.abc import Sequence
from decimal import Decimal
from traceback import format_exception
from typing import Any, ClassVar

from attrs import frozen

from jackfield._cards import Card
from jackfield.secrets import Secret
from jackfield.showing import Shown, own_frames
from jackfield.usage import Money, Usage

__all__ = [
    "AnswerError",
    "BrokenAnswerError",
    "BudgetError",
    "BusyError",
    "CredentialsError",
    "DeadlineError",
    "FileError",
    "InputError",
    "InvalidInputError",
    "JackfieldError",
    "LimitError",
    "NoConnectionError",
    "NotFoundError",
    "OperationCancelledError",
    "PermissionDeniedError",
    "PluginError",
    "Problem",
    "QuotaError",
    "RefusedByPolicyError",
    "RefusedError",
    "RemoteError",
    "StoreError",
    "TransportError",
    "UnknownModuleError",
    "UnreachableError",
    "UnsafeRequestError",
]

_MOST_SHOWN = 20
"""A list of a million wrong numbers has a million problems; nobody reads more than a screen of them."""


@frozen(kw_only=True)
class Problem:
    """One thing that is wrong with a value.

    Attributes:
        path: Where, as a JSON path from the whole value: ``$.messages[1].role``.
        rule: Which rule was broken, as one word: ``required``, ``type``, ``maximum``, ``unknown_field``...
        message: The rule in words, and what was found: ``must be at most 2, was 9``. Shows a value
            only where it is a number, a boolean or one of fixed choices.
    """

    path: str
    rule: str
    message: str

    def __str__(self) -> str:
        """Give the path and the rule on one line."""
        return f"{self.path}: {self.message}"


def _rebuild(kind: type["JackfieldError"], state: dict[str, Any]) -> "JackfieldError":
    error = kind.__new__(kind, state.get("message", ""))
    error.__dict__.update(state)
    return error


class JackfieldError(Shown, Exception):
    """Anything that Jackfield raises.

    Attributes:
        message: What happened; names the place at fault, never a secret or a text that a user typed.
        hint: What to do next; may be empty.
        retryable: Whether the same may succeed a while later, for a host that may repeat it where that does no harm.
        verdict: What it says of a connection that is checked, where its class alone does not: a Verdict.
        used: What the service says that it used before the operation failed; as in Result.
        cost: What that costs; as in Result.
        withheld: What it would say of itself if the run were not confidential, for the program that asked for the run;
            it may quote input and output, and is left out of a pickle. ``None`` in any other run.
    """

    retryable: ClassVar[bool] = False
    verdict: str = ""
    used: tuple[Usage, ...] = ()
    cost: Money | None = None
    withheld: Secret | None = None

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Give the message, then the hint on a line of its own."""
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def _card(self) -> Card:
        again = "Worth repeating." if self.retryable else ""
        return Card(
            title=type(self).__name__, about=self.message, notes=[*filter(None, [self.hint, again])], failed=True
        )

    def _render_traceback_(self) -> list[str]:
        return [*own_frames(self), f"{type(self).__name__}: {self}"]

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep every attribute over pickle, whatever the signature of ``__init__``."""
        kept = {name: value for name, value in self.__dict__.items() if name != "withheld"}
        return _rebuild, (type(self), kept)


class InputError(JackfieldError):
    """The caller gave something that cannot be used; nothing was sent."""


def listed(problems: Sequence[Problem]) -> list[str]:
    """Give one line for each problem, for a message; at most twenty, and how many more there are."""
    lines = [str(problem) for problem in problems[:_MOST_SHOWN]]
    more = len(problems) - len(lines)
    return [*lines, f"... and {more} more"] if more else lines


class InvalidInputError(InputError):
    """Values break the form of a module or connection.

    Attributes:
        problems: All that is wrong, in the order of the form; at least one. The message shows the first twenty.
        subject: Whose form it is: a module's id, or a connection in words; may be empty.
    """

    def __init__(self, problems: Sequence[Problem], *, subject: str = "", hint: str = "") -> None:
        lines = listed(problems)
        if subject:
            lines.insert(0, f"{subject}: {len(problems)} problem{'s' if len(problems) != 1 else ''}")
        super().__init__("\n".join(lines), hint=hint)
        self.problems = tuple(problems)
        self.subject = subject


class UnknownModuleError(InputError):
    """No module has that id.

    Attributes:
        module_id: What was asked for.
        suggestions: Ids that are spelt alike, closest first.
    """

    def __init__(self, module_id: str, suggestions: Sequence[str] = (), *, hint: str = "") -> None:
        meant = f" Did you mean {' or '.join(suggestions)}?" if suggestions else ""
        super().__init__(f"There is no module {module_id!r}.{meant}", hint=hint)
        self.module_id = module_id
        self.suggestions = tuple(suggestions)


class UnsafeRequestError(InputError):
    """The request would have left the connection's origin, or smuggled something past it; it was not sent."""


class NoConnectionError(JackfieldError):
    """There is nothing to authorize with.

    Attributes:
        name: The connection that was asked for; empty if none was.
        tried: The sources that were asked, and what each lacked; never a value.
    """

    def __init__(self, message: str, *, name: str = "", tried: Sequence[str] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.name = name
        self.tried = tuple(tried)


class StoreError(JackfieldError):
    """What is kept on this machine cannot be read or written: saved connections, or how far a watch came.

    A wrong key, a damaged file, a full disk, somebody else who has it; nothing was changed.
    """


class RefusedByPolicyError(JackfieldError):
    """A plugin of this host refused the operation; nothing was sent."""


class BudgetError(RefusedByPolicyError):
    """The operation could use more than is left of a budget; nothing was sent.

    Attributes:
        budget: What is limited: ``calls``, ``tokens`` or ``money``.
        maximum: All that may be used.
        spent: What has been used by now.
        needed: What the operation could use, as far as that is known.
    """

    def __init__(
        self, message: str, *, budget: str, maximum: Decimal, spent: Decimal, needed: Decimal, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint or "Raise the budget, or ask for less: fewer or shorter answers.")
        self.budget = budget
        self.maximum = maximum
        self.spent = spent
        self.needed = needed


class RemoteError(JackfieldError):
    """The service answered with a failure.

    Attributes:
        status: HTTP status code: 400 to 599; 3xx for a refused redirect; that of the stream in which an error came.
        code: The service's own code for the failure; may be empty.
        parameter: The request parameter that the service names; may be empty.
        request_id: The service's own name for the request, to quote to its support; may be empty.
        retry_after_s: Seconds after which the service invites a repeat; ``None`` if it did not say.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str = "",
        parameter: str = "",
        request_id: str = "",
        retry_after_s: float | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code
        self.parameter = parameter
        self.request_id = request_id
        self.retry_after_s = retry_after_s


class CredentialsError(RemoteError):
    """The service does not accept the credentials (401)."""


class PermissionDeniedError(RemoteError):
    """The credentials are accepted, and do not allow this (403)."""


class NotFoundError(RemoteError):
    """The thing asked for does not exist (404); ``perhaps_deleted`` if our attempt before this one may have done it."""

    perhaps_deleted: bool = False


class QuotaError(RemoteError):
    """Paid-for use is used up; a repeat does not help until somebody pays or a period ends."""


class RefusedError(RemoteError):
    """The service refuses the request as it stands (another 4xx)."""


class BusyError(RemoteError):
    """The service is overloaded, rate limits us or fails (408, 409, 429, 5xx); worth repeating."""

    retryable = True


class TransportError(JackfieldError):
    """No whole answer came.

    Attributes:
        sent: Whether any byte of the request may have reached the service, so that it may have acted on it.
    """

    def __init__(self, message: str, *, sent: bool, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.sent = sent


class UnreachableError(TransportError):
    """The name did not resolve, nobody listens, or TLS failed."""

    retryable = True

    def __init__(self, message: str, *, sent: bool = False, hint: str = "") -> None:
        super().__init__(message, sent=sent, hint=hint)


class BrokenAnswerError(TransportError):
    """The connection broke before the answer was whole, or the answer is not HTTP."""

    retryable = True

    def __init__(self, message: str, *, sent: bool = True, hint: str = "") -> None:
        super().__init__(message, sent=sent, hint=hint)


class AnswerError(JackfieldError):
    """The answer came whole and is not what was declared: not JSON, empty, or of another shape.

    Attributes:
        problems: What breaks the declaration, where the answer could be read; may be empty.
        request_id: The service's own name for the request; may be empty.
    """

    def __init__(self, message: str, *, problems: Sequence[Problem] = (), request_id: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)
        self.request_id = request_id


class LimitError(JackfieldError):
    """A limit of ours was hit.

    Attributes:
        limit: Its name, which is also the name of the setting that moves it: ``max_body_bytes``.
        maximum: What it was set to, in the unit that its name ends in.
    """

    def __init__(self, message: str, *, limit: str, maximum: float, hint: str = "") -> None:
        # A setting is shown as it is written: 33554432, not 3.35544e+07.
        shown = f"{maximum:.0f}" if float(maximum).is_integer() else f"{maximum:g}"
        super().__init__(message, hint=hint or f"Raise the setting {limit} (now {shown}) if this is expected.")
        self.limit = limit
        self.maximum = maximum


class FileError(JackfieldError):
    """A file of this machine cannot be read or written: it is gone, the disk is full, or somebody has its name."""


class DeadlineError(JackfieldError):
    """The time given ran out.

    Attributes:
        phase: What was going on: ``queue``, ``connect``, ``tls``, ``send``, ``read``, ``retry``, ``run``.
        deadline_s: The whole time that was given, in seconds.
        sent: Whether the service may have acted on the request.
    """

    def __init__(self, message: str, *, phase: str, deadline_s: float, sent: bool, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.phase = phase
        self.deadline_s = deadline_s
        self.sent = sent


class OperationCancelledError(JackfieldError):
    """Somebody cancelled the operation; the service may have acted on what was sent."""


class PluginError(JackfieldError):
    """A plugin or connector cannot be used.

    Attributes:
        distributions: Who provides it; two or more where they clash.
        stage: How far it came: ``denied``, ``incompatible``, ``duplicate``, ``changed`` (it is not what was pinned),
            ``import``, ``object``, ``register``.
    """

    def __init__(self, message: str, *, distributions: Sequence[str] = (), stage: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.distributions = tuple(distributions)
        self.stage = stage

    def _render_traceback_(self) -> list[str]:
        return format_exception(self)  # a defect: its authors need all of it
