"""Batches at the stand-in: their requests are answered by its own endpoints, a step further at each look.

Names, types and bounds: openai-python 3.57.0, types/batch*.py; what is wrong with a file of requests: OpenAI's guide to
batches. Time is made up: each step takes a minute.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field

from jackfield_openai.sandbox.checks import anything, choice, mapping, nullable, record, text
from jackfield_openai.sandbox.orders import Orders
from jackfield_openai.sandbox.replies import RefusalError, Reply, Stream
from jackfield_openai.sandbox.requests import Request
from jackfield_openai.sandbox.shelf import EXPIRES_AFTER, Shelf, page_of
from jackfield_openai.sandbox.words import CREATED

__all__ = ["Desk", "check_batch"]

_ENDPOINTS = (
    "/v1/responses",
    "/v1/chat/completions",
    "/v1/embeddings",
    "/v1/completions",
    "/v1/moderations",
    "/v1/images/generations",
    "/v1/images/edits",
    "/v1/videos",
)
_PAGE = 20
_LONGEST_PAGE = 100
_MOST_REQUESTS = 50_000
_WINDOW_S = 86_400
_STEP_S = 60
_FIRST_ERROR = 400

Answer = Callable[[Request], Reply | Stream]

_BATCH = record(
    {"completion_window": choice("24h"), "endpoint": choice(*_ENDPOINTS), "input_file_id": text()},
    {"metadata": nullable(mapping(text(512), most=16)), "output_expires_after": EXPIRES_AFTER},
)
_LINE = record({"custom_id": text(), "method": choice("POST"), "url": text(), "body": mapping(anything)})


@define
class _Job:
    """A batch, and what is still to be done for it."""

    about: dict[str, Any]
    lines: Sequence[dict[str, Any]]
    request: Request = field(repr=False)
    output_s: int | None


class Desk:
    """Batches by id, the oldest first."""

    def __init__(self, shelf: Shelf) -> None:
        self._lock = threading.Lock()
        self._shelf = shelf
        self._jobs: dict[str, _Job] = {}
        self._now = CREATED

    def create(self, request: Request) -> Reply:
        """Take a batch; nothing of it is looked at yet but whether its file is there.

        Raises:
            RefusalError: OpenAI would refuse it.
        """
        body = request.json()
        check_batch(body)
        if self._shelf.about(body["input_file_id"])["purpose"] != "batch":
            message = "The input file must have the purpose 'batch'."
            raise RefusalError(message, code="invalid_value", param="input_file_id")
        with self._lock:
            self._now += _STEP_S
            about = {
                "id": f"batch_{len(self._jobs) + 1:04d}",
                "object": "batch",
                "endpoint": body["endpoint"],
                "errors": None,
                "input_file_id": body["input_file_id"],
                "completion_window": body["completion_window"],
                "status": "validating",
                "output_file_id": None,
                "error_file_id": None,
                "created_at": self._now,
                "expires_at": self._now + _WINDOW_S,
                "request_counts": {"total": 0, "completed": 0, "failed": 0},
                "metadata": body.get("metadata"),
            }
            output_s = body.get("output_expires_after", {}).get("seconds")
            self._jobs[about["id"]] = _Job(about=about, lines=(), request=request, output_s=output_s)
            return Reply.json(about)

    def list(self, query: Mapping[str, str], answer: Answer) -> Reply:
        """Give a page of the list, the newest first; each batch on it is a step further."""
        with self._lock:
            newest_first = [job.about for job in reversed(self._jobs.values())]
            reply = page_of(newest_first, query, usual=_PAGE, most=_LONGEST_PAGE)
            page = json.loads(reply.body)
            page["data"] = [self._further(self._jobs[about["id"]], answer) for about in page["data"]]
            return Reply.json(page)

    def look(self, batch_id: str, answer: Answer) -> Reply:
        """Describe a batch, which is a step further."""
        with self._lock:
            return Reply.json(self._further(self._known(batch_id), answer))

    def cancel(self, batch_id: str) -> Reply:
        """Begin to cancel a batch.

        Raises:
            RefusalError: It has ended.
        """
        with self._lock:
            job = self._known(batch_id)
            if job.about["status"] not in {"validating", "in_progress"}:
                message = f"Cannot cancel a batch with status '{job.about['status']}'."
                raise RefusalError(message, status=409)
            self._enter(job, "cancelling")
            return Reply.json(job.about)

    def _further(self, job: _Job, answer: Answer) -> dict[str, Any]:
        match job.about["status"]:
            case "validating":
                self._validate(job)
            case "in_progress":
                self._finish(job, answer)
            case "cancelling":
                self._enter(job, "cancelled")
        return job.about

    def _enter(self, job: _Job, status: str) -> None:
        self._now += _STEP_S
        job.about["status"] = status
        job.about[f"{status}_at"] = self._now

    def _validate(self, job: _Job) -> None:
        job.lines, problems = _read(self._shelf.data(job.about["input_file_id"]), job.about["endpoint"])
        if problems:
            job.about["errors"] = {"object": "list", "data": problems}
            self._enter(job, "failed")
            return
        job.about["request_counts"]["total"] = len(job.lines)
        self._enter(job, "in_progress")

    def _finish(self, job: _Job, answer: Answer) -> None:
        """Answer the requests; the last comes first, since OpenAI promises no order."""
        expires = job.request.orders.finish == "expired"
        tried = job.lines[: len(job.lines) // 2] if expires else job.lines
        results = [_result(index, line, _answered(line, job.request, answer)) for index, line in enumerate(tried)]
        good = [one for one in results if one["response"]["status_code"] < _FIRST_ERROR]
        bad = [one for one in results if one["response"]["status_code"] >= _FIRST_ERROR]
        job.about["request_counts"] |= {"completed": len(good), "failed": len(bad)}
        expired = {"code": "batch_expired", "message": "This request could not be executed before the batch expired."}
        bad += [_result(len(tried) + index, line, None, expired) for index, line in enumerate(job.lines[len(tried) :])]
        for name, lines in (("output", good), ("error", bad)):
            job.about[f"{name}_file_id"] = self._filed(job, name, lines) if lines else None
        self._enter(job, "expired" if expires else "completed")

    def _filed(self, job: _Job, name: str, lines: Sequence[Mapping[str, Any]]) -> str:
        data = "".join(f"{json.dumps(line)}\n" for line in reversed(lines)).encode()
        kept = self._shelf.put(data, f"{job.about['id']}_{name}.jsonl", "batch_output", job.output_s)
        file_id: str = kept["id"]
        return file_id

    def _known(self, batch_id: str) -> _Job:
        if batch_id not in self._jobs:
            message = f"No batch found with id '{batch_id}'."
            raise RefusalError(message, status=404)
        return self._jobs[batch_id]


def check_batch(body: Mapping[str, Any]) -> None:
    """Check what a batch is asked for with, but for the file.

    Raises:
        RefusalError: OpenAI would refuse it.
    """
    _BATCH(body, "")


def _read(data: bytes, endpoint: str) -> tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]:
    """Read a file of requests; give them, and what is wrong with them."""
    lines: list[dict[str, Any]] = []
    problems = []
    written = data.splitlines()
    if len(written) > _MOST_REQUESTS:
        return (), [_problem("too_many_tasks", f"At most {_MOST_REQUESTS} requests.", None)]
    for number, raw in enumerate(written, 1):
        try:
            line = json.loads(raw)
            _LINE(line, "")
        except ValueError:
            problems.append(_problem("invalid_json_line", "This line is not parseable as valid JSON.", number))
        except RefusalError as refusal:
            problems.append(_problem("invalid_request", str(refusal), number, refusal.param))
        else:
            problems += _misfits(line, number, endpoint, {each["custom_id"] for each in lines})
            lines.append(line)
    return lines, problems


def _misfits(line: Mapping[str, Any], number: int, endpoint: str, seen: set[str]) -> list[dict[str, Any]]:
    found = []
    if line["url"] != endpoint:
        message = "The URL provided for this request does not match the batch endpoint."
        found.append(_problem("invalid_url", message, number, "url"))
    if line["custom_id"] in seen:
        message = "The custom_id for this request is a duplicate of another request."
        found.append(_problem("duplicate_custom_id", message, number, "custom_id"))
    if line["body"].get("stream"):
        found.append(_problem("invalid_request", "Streams are not possible in a batch.", number, "body.stream"))
    return found


def _problem(code: str, message: str, line: int | None, param: str | None = None) -> dict[str, Any]:
    return {"code": code, "message": message, "line": line, "param": param}


def _answered(line: Mapping[str, Any], request: Request, answer: Answer) -> Reply:
    """Answer one request as if it had come by itself, and nobody had asked for failures."""
    headers = {**request.headers, "content-type": "application/json"}
    asked = Request(
        method="POST", target=line["url"], headers=headers, body=json.dumps(line["body"]).encode(), orders=Orders()
    )
    try:
        reply = answer(asked)
    except RefusalError as refusal:
        return refusal.reply()
    assert isinstance(reply, Reply)  # noqa: S101  a stream is a problem of its line
    return reply


def _result(
    index: int, line: Mapping[str, Any], reply: Reply | None, error: Mapping[str, str] | None = None
) -> dict[str, Any]:
    response = reply and {
        "status_code": reply.status,
        "request_id": f"batch_request_{index + 1:04d}",
        "body": json.loads(reply.body),
    }
    return {"id": f"batch_req_{index + 1:04d}", "custom_id": line["custom_id"], "response": response, "error": error}
