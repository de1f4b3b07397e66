"""The responses that the stand-in keeps: those in the background get one step further each time they are asked for."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from jackfield_openai.sandbox.replies import RefusalError, Reply, Stream
from jackfield_openai.sandbox.requests import Request
from jackfield_openai.sandbox.response_events import events_of
from jackfield_openai.sandbox.responses import answer_response

__all__ = ["ResponseStock"]

_MOST = 1000
_STEPS = ("queued", "in_progress")
"""What a response in the background is before it is over: once each, without any clock."""


class ResponseStock:
    """Makes responses and keeps the last thousand, but those that are not to be stored."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._steps: dict[str, int] = {}
        self._made = 0

    def answer(self, request: Request, words: Sequence[str]) -> Reply | Stream | None:
        """Answer about responses; ``None`` if there is no such address.

        Raises:
            RefusalError: OpenAI would refuse it.
        """
        match request.method, words:
            case "POST", []:
                return self._create(request)
            case "GET", [name]:
                return Reply.json(self._shown(name, step=True))
            case "DELETE", [name]:
                self._known(name)
                with self._lock:
                    self._kept.pop(name, None)
                return Reply.json({"id": name, "object": "response", "deleted": True})
            case "POST", [name, "cancel"]:
                return Reply.json(self._cancelled(name))
        return None

    def _create(self, request: Request) -> Reply | Stream:
        body = request.json()
        with self._lock:
            self._made += 1
            number = self._made
        response = answer_response(body, request.orders, number)
        if body.get("previous_response_id") is not None:
            self._known(body["previous_response_id"], param="previous_response_id", status=400)
        if response["store"]:
            self._keep(response)
        if body.get("stream"):
            return Stream(events=events_of(response, body.get("stream_options") or {}), named=True)
        return Reply.json(self._shown(response["id"]) if response["background"] else response)

    def _keep(self, response: dict[str, Any]) -> None:
        with self._lock:
            self._kept[response["id"]] = response
            self._steps[response["id"]] = 0
            while len(self._kept) > _MOST:
                name, _ = self._kept.popitem(last=False)
                self._steps.pop(name, None)

    def _known(self, name: str, *, param: str = "response_id", status: int = 404) -> dict[str, Any]:
        with self._lock:
            found = self._kept.get(name)
        if found is None:
            message = f"Response with id '{name}' not found."
            code = "previous_response_not_found" if param != "response_id" else None
            raise RefusalError(message, status=status, param=param, code=code)
        return found

    def _shown(self, name: str, *, step: bool = False) -> Mapping[str, Any]:
        """Give a response as far as it has got."""
        response = self._known(name)
        if not response["background"]:
            return response
        with self._lock:
            if step:
                self._steps[name] = self._steps.get(name, 0) + 1
            steps = self._steps.get(name, 0)
        if steps >= len(_STEPS) or response["status"] == "cancelled":
            return response
        return {**response, **_unfinished(_STEPS[steps])}

    def _cancelled(self, name: str) -> Mapping[str, Any]:
        response = self._known(name)
        if not response["background"]:
            message = "Only responses that were made in the background can be cancelled."
            raise RefusalError(message, code="invalid_value", param="response_id")
        if self._shown(name)["status"] in _STEPS:
            with self._lock:
                self._kept[name] = {**response, **_unfinished("cancelled")}
        return self._known(name)


def _unfinished(status: str) -> dict[str, Any]:
    return {
        "status": status,
        "output": [],
        "usage": None,
        "error": None,
        "incomplete_details": None,
        "completed_at": None,
    }
