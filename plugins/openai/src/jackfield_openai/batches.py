"""Get a Batch, Watch Completed Batches: how far a batch is, what came of it, and when one has ended.

Names: openai-python 3.57.0, types/batch.py and resources/batches.py; the lines of the files: OpenAI's guide to batches
(https://developers.openai.com/api/docs/guides/batch).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from itertools import islice
from typing import Annotated, Literal

import attrs
from attrs import frozen

from jackfield import (
    Array,
    Choice,
    Context,
    Effect,
    File,
    Integer,
    NotFoundError,
    Select,
    Trigger,
    module,
    paging,
)
from jackfield_openai.batch import ENDINGS, Batch, BatchId
from jackfield_openai.batch_results import BatchResult, results_of
from jackfield_openai.connection import openai
from jackfield_openai.foresight import NOTHING
from jackfield_openai.segments import segment
from jackfield_openai.stored_file import StoredFile, fetch, read_dated
from jackfield_openai.suggestions import listed_if_possible
from jackfield_openai.times import with_dates

__all__ = ["get_batch", "watch_batch_completed"]

_PAGES = paging.LastId(size=100, size_param="limit")
"""100 is the most that a page of batches has."""

_LOOKED_AT = 1_000
"""Of how many batches, the newest, ids are looked at for a suggestion."""

_TOLD = 5
"""How many problems of a batch are told as warnings."""

_DAY_S = 86_400.0
_USUAL_LONGEST_H = 48


@frozen(kw_only=True)
class GetBatch:
    """Which batch to get, and how much of it."""

    batch_id: BatchId
    results: Annotated[
        Literal["list", "files"] | None,
        Select(
            label="Results",
            help="What came of its requests, as far as it is there; left empty, only how far the batch is.",
            choices=(
                Choice(value="list", label="List", help="One entry for each request, told apart by custom_id"),
                Choice(value="files", label="Files", help="The service's own files, for what is too long for a list"),
            ),
        ),
    ] = None


@frozen(kw_only=True)
class FetchedBatch(Batch):
    """A batch, and what came of its requests if that was asked for.

    Attributes:
        done: Whether it has ended, well or not.
        results: One for each request that was answered: those that succeeded before those that failed, in no order of
            their own.
        output_file: The answers to those that succeeded, a line of JSON for each.
        error_file: The others, likewise.
    """

    done: bool
    results: Sequence[BatchResult] | None = None
    output_file: File | None = None
    error_file: File | None = None


@module(label="Get a Batch", connection=openai, effect=Effect.READ, foresee=lambda _: NOTHING)
def get_batch(form: GetBatch, context: Context) -> FetchedBatch:
    """Tell how far a batch is, and give what came of its requests.

    Results come in no order: know them by their ``custom_id``. Requests that failed are among them, and a warning says
    how many; those that never were answered, because the batch expired or was cancelled, say so.
    """
    batch = _found(form.batch_id, context)
    files = [
        _fetched(context, file_id, f"{batch.id}_{kind}.jsonl") if file_id and form.results else None
        for kind, file_id in (("output", batch.output_file_id), ("error", batch.error_file_id))
    ]
    results = [*results_of(files)] if form.results == "list" else None
    _warn(context, batch, results)
    output_file, error_file = files if form.results == "files" else (None, None)
    known = {name: getattr(batch, name) for name in attrs.fields_dict(Batch)}
    return FetchedBatch(**known, done=batch.ended, results=results, output_file=output_file, error_file=error_file)


def _fetched(context: Context, file_id: str, name: str) -> File | None:
    """Fetch results; ``None``, and a warning, if the service does not have them any more."""
    try:
        return fetch(context, StoredFile(id=file_id, filename=name))
    except NotFoundError:
        context.warn(f"The file {file_id} ({name}) is not there any more: it expired, or was deleted.")
        return None


def _found(batch_id: str, context: Context) -> Batch:
    """Ask for a batch.

    Raises:
        NotFoundError: There is none of that id; the hint has ids that are spelt alike.
    """
    try:
        return read_dated(context, context.client.request("GET", f"/batches/{segment(batch_id, '$.batch_id')}"), Batch)
    except NotFoundError as error:
        known = listed_if_possible(lambda: [batch.id for batch in islice(_listed(context), _LOOKED_AT)])
        close = get_close_matches(batch_id, known)
        error.hint = f"Did you mean {' or '.join(close)}?" if close else "It is one of another project, or none."
        raise


def _warn(context: Context, batch: Batch, results: Sequence[BatchResult] | None) -> None:
    """Say what a glance at the status does not: a batch is completed, too, if each of its requests failed."""
    failed = (batch.request_counts and batch.request_counts.failed) or 0
    if results is not None:
        failed = max(failed, sum(not result.succeeded for result in results))
        if not batch.ended:
            context.warn(f"The batch has not ended (it is {batch.status}): these are not all results.")
    if failed:
        context.warn(f"{failed} requests of this batch did not succeed.")
    problems = (batch.errors and batch.errors.data) or ()
    for problem in problems[:_TOLD]:
        line = "" if problem.line is None else f" at line {problem.line}"
        context.warn(f"The batch failed{line}: {problem.message or problem.code}")
    if len(problems) > _TOLD:
        context.warn(f"{len(problems) - _TOLD} more problems of this batch are in its errors.")


def _listed(context: Context) -> Iterator[Batch]:
    """List batches, those that were created last first."""
    for said in paging.items(context.client, "/batches", paging=_PAGES, at="data"):
        yield context.client.read(with_dates(said), into=Batch)


@frozen(kw_only=True)
class WatchBatches:
    """Which batches to tell of."""

    statuses: Annotated[
        Sequence[Literal["completed", "failed", "expired", "cancelled"]] | None,
        Array(label="Statuses", help="How they ended; left empty, in any way.", min_items=1),
    ] = None
    longest_h: Annotated[
        int | None,
        Integer(
            label="Longest",
            help="How long a batch takes at most from its creation to its end. The service lists batches by creation, "
            "so what is older is not looked for. Left empty, 48: OpenAI's window of 24, and as much again.",
            unit="hours",
            minimum=1,
            maximum=8_760,
            advanced=True,
        ),
    ] = None


# An end shows as soon as it is there; the day allows for servers that set its moment beforehand.
_ENDED = Trigger(key="id", date=lambda batch: batch.ended_at, look_back_s=_DAY_S)


@module(
    label="Watch Completed Batches", connection=openai, effect=Effect.READ, trigger=_ENDED, foresee=lambda _: NOTHING
)
def watch_batch_completed(form: WatchBatches, context: Context) -> Iterator[Batch]:
    """Tell of batches that have ended: completed, failed, expired or cancelled.

    An old batch may end after newer ones; each is told once, when it has ended.
    """
    wanted = form.statuses or ENDINGS
    longest = timedelta(hours=form.longest_h or _USUAL_LONGEST_H)
    before = None
    for batch in _listed(context):
        created = datetime.fromisoformat(batch.created_at) if batch.created_at else None
        # Only a list that has the newest first ends where nothing that is wanted can follow.
        if before and created and context.since and created < min(before, context.since - longest):
            return
        before = created
        if batch.status in wanted:
            yield batch
