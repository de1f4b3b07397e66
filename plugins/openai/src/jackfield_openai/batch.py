"""A batch as the service tells of it: what it is, how far it is, when it ended.

Names: openai-python 3.57.0, types/batch.py, read 2026-11-25.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

from attrs import field, frozen

from jackfield import Text
from jackfield_openai.usage import Undeclared

__all__ = ["ENDINGS", "Batch", "BatchId"]

BatchId = Annotated[str, Text(label="Batch ID", help="As the service names it: batch_abc123.", min_length=1)]

ENDINGS = ("completed", "failed", "expired", "cancelled")
"""The statuses after which nothing more happens; each has its moment, such as ``expired_at``."""


@frozen(kw_only=True)
class BatchProblem:
    """What is wrong with the requests of a batch, so that none of them was tried."""

    code: str | None = None
    message: str | None = None
    param: str | None = None
    line: int | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class BatchProblems:
    """All that is wrong with them."""

    data: Sequence[BatchProblem] | None = None
    object: str | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class RequestCounts:
    """How many requests a batch has, and what became of them so far."""

    total: int | None = None
    completed: int | None = None
    failed: int | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class Batch:
    """A batch; moments are ISO 8601 in UTC, and absent as long as they have not come.

    Attributes:
        status: ``validating``, ``in_progress``, ``finalizing``, ``completed``, ``failed``, ``expired``, ``cancelling``
            or ``cancelled``.
        request_counts: What became of its requests so far.
        errors: Why it failed as a whole.
        output_file_id: The file with the answers to the requests that succeeded.
        error_file_id: The file with those that did not.
    """

    id: str
    status: str
    endpoint: str | None = None
    input_file_id: str | None = None
    completion_window: str | None = None
    request_counts: RequestCounts | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    errors: BatchProblems | None = None
    created_at: str | None = None
    in_progress_at: str | None = None
    finalizing_at: str | None = None
    completed_at: str | None = None
    failed_at: str | None = None
    expired_at: str | None = None
    cancelling_at: str | None = None
    cancelled_at: str | None = None
    expires_at: str | None = None
    metadata: Mapping[str, str] | None = None
    model: str | None = None
    object: str | None = None
    rest: Undeclared = field(factory=dict)

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.status in ENDINGS

    @property
    def ended_at(self) -> str | None:
        """When it ended; ``None`` if it has not, or the server does not say when."""
        moment: str | None = getattr(self, f"{self.status}_at") if self.ended else None
        return moment
