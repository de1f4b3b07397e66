"""What can be asked about modules, and their runs."""

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cached_property, partial
from typing import Any, TypeVar

import attrs
from starlette.responses import Response
from starlette.types import ASGIApp

from jackfield import (
    Choices,
    Effect,
    Form,
    Host,
    InputError,
    ModuleHandle,
    OperationCancelledError,
    PluginError,
    Preview,
    Result,
    UnknownModuleError,
    to_json,
)
from jackfield_web.endpoint import SCHEMA
from jackfield_web.operations import Operations
from jackfield_web.problems import WebError
from jackfield_web.rendering import Json
from jackfield_web.settings import WebSettings
from jackfield_web.shelf import Shelf
from jackfield_web.streaming import EventStream, Tell, told_event
from jackfield_web.visits import Visit

T = TypeVar("T")
_PAGE = 50
_BY_PATH = ["path"]


class Modules:
    """Answers what is asked about the modules of a host.

    Args:
        host: It.
        patterns: Which modules are offered; all if empty.
        settings: How far the API goes.
        operations: What runs.
        shelf: Whose files there are.

    Raises:
        InputError: A pattern fits no module.
    """

    def __init__(
        self, host: Host, patterns: Sequence[str], settings: WebSettings, operations: Operations, shelf: Shelf
    ) -> None:
        self._host = host
        self._patterns = patterns
        self._settings = settings
        self._operations = operations
        self._shelf = shelf
        known = [handle.id for handle in host.modules()]
        for pattern in patterns:
            if not any(fnmatchcase(module_id, pattern) for module_id in known):
                message = f"No module fits {pattern!r}."
                raise InputError(message, hint="`jackfield module list` lists those that are installed.")

    # What there is.

    @cached_property
    def offered(self) -> Sequence[ModuleHandle]:
        """Give each module that is offered and can be used, by id. Imports all of them, once."""
        return [handle for handle in self._host.modules() if self._is_offered(handle.id) and _is_usable(handle)]

    def schema(self, handle: ModuleHandle, form: Form | None = None) -> dict[str, Any]:
        """Give the schema of what a module takes, without the ways to name a file that this host refuses."""
        schema = handle.schema() if form is None else handle.schema_of(form)
        return schema if self._host.files.settings.input_roots else without_paths(schema)

    def _is_offered(self, module_id: str) -> bool:
        return not self._patterns or any(fnmatchcase(module_id, pattern) for pattern in self._patterns)

    def _handle(self, module_id: str) -> ModuleHandle:
        handle = self._host.module(module_id)
        # No alias: the application was asked about this very id.
        if handle.id != module_id or not self._is_offered(handle.id):
            raise UnknownModuleError(module_id)
        return handle

    async def list_modules(self, visit: Visit) -> Response:
        """List some."""
        return await visit.json(lambda: self._page(visit.query))

    def _page(self, query: Mapping[str, Any]) -> dict[str, Any]:
        found = [told for told in map(_summary, self.offered) if _fits(told, query)]
        after = query.get("after", "")
        rest = [told for told in found if told["id"] > after]
        size = query.get("page_size", min(_PAGE, self._settings.max_page_size))
        page = rest[:size]
        return {"modules": page, "total": len(found), "next": page[-1]["id"] if len(rest) > size else None}

    async def show_module(self, visit: Visit) -> Response:
        """Show one."""
        return await visit.json(lambda: self._details(self._handle(visit.path["module"])))

    async def show_schema(self, visit: Visit) -> Response:
        """Give the schema of its form."""
        return await visit.json(lambda: self.schema(self._handle(visit.path["module"])), media_type=SCHEMA)

    def _details(self, handle: ModuleHandle) -> dict[str, Any]:
        schemas = {"form": self.schema(handle), "output": handle.output_schema()}
        return {**_summary(handle), **schemas, "form_version": handle.form_version}

    # What is asked before a run.

    async def show_form(self, visit: Visit) -> Response:
        """Give the schema beside some values; the connection decides too, if one is named."""
        values = visit.body.get("values", {})

        def ask(handle: ModuleHandle, options: Mapping[str, Any]) -> dict[str, Any]:
            self._shelf.check_input(visit.owner, values, "$.values")
            named = options["connection"] or not handle.connection_type or self._settings.allow_environment
            form = self._host.form(handle.id, values, **options) if named else handle.form_for(values)
            return self.schema(handle, form)

        return Json(await self._asked(visit, ask), media_type=SCHEMA)

    async def list_choices(self, visit: Visit) -> Response:
        """Give what a field offers."""
        body = visit.body

        def ask(handle: ModuleHandle, options: Mapping[str, Any]) -> dict[str, Any]:
            self._shelf.check_input(visit.owner, body.get("values", {}), "$.values")
            given: dict[str, Any] = {"query": body.get("query", ""), "values": body.get("values", {})}
            try:
                found = self._host.choices(
                    handle.id, body["field"], max_age_s=body.get("max_age_s"), **given, **options
                )
            except InputError as error:
                if type(error) is not InputError:
                    raise
                missing = WebError(error.message, status=404, hint="Give the path of a field that has choices.")
                raise missing from None
            return _told_choices(found)

        return Json(await self._asked(visit, ask))

    async def preview(self, visit: Visit) -> Response:
        """Give what a run would send."""

        def ask(handle: ModuleHandle, options: Mapping[str, Any]) -> dict[str, Any]:
            form = self._input(visit)
            preview: Preview = self._host.preview(handle.id, form, **options)
            found = {"requests": [attrs.asdict(request) for request in preview.requests]}
            shown: dict[str, Any] = self._shelf.shown(visit.owner, found)
            return shown

        return Json(await self._asked(visit, ask, **_run_options(visit)))

    # Runs.

    async def run(self, visit: Visit) -> Response:
        """Run a module."""

        def ask(handle: ModuleHandle, options: Mapping[str, Any]) -> Result[Any]:
            result: Result[Any] = self._host.run(handle.id, self._input(visit), **options)
            return result

        one, result = await self._run(visit, ask, **_run_options(visit))
        return await visit.json(lambda: self._told(visit, one, result))

    async def stream(self, visit: Visit) -> ASGIApp:
        """Run a module, and tell its pieces."""
        handle = await visit.blocking(partial(self._handle, visit.path["module"]))
        one = self._operations.begin(visit.owner, handle.id, visit.body.get("operation", ""))
        options = {**self._options(visit), **_run_options(visit), "cancellation": one.cancellation}

        def work(tell: Tell) -> None:
            call = attrs.evolve(visit.call, tell=lambda event: _tell_event(tell, told_event(event)))
            heard = attrs.evolve(visit, call=call)
            with call.current(), self._host.stream(handle.id, self._input(visit), **options) as stream:
                tell("operation", one.told())
                for piece in stream:
                    one.cancellation.check()  # a module that computes may never look
                    tell("piece", self._shown(heard, to_json(piece)))
                tell("result", self._told(heard, one.id, stream.result))

        return EventStream(
            request=visit.request, operations=self._operations, one=one, work=work, settings=self._settings
        )

    def _input(self, visit: Visit) -> Mapping[str, Any]:
        form: Mapping[str, Any] = visit.body.get("input", {})
        self._shelf.check_input(visit.owner, form)
        return form

    async def _asked(self, visit: Visit, ask: Callable[[ModuleHandle, Mapping[str, Any]], T], **more: Any) -> Any:
        _, found = await self._run(visit, ask, **more)
        return visit.call.masked(found)

    async def _run(
        self, visit: Visit, ask: Callable[[ModuleHandle, Mapping[str, Any]], T], **more: Any
    ) -> tuple[str, T]:
        """Do what may ask a service, with room for it, as long as the caller is there; gives the id of it, too."""
        handle = await visit.blocking(partial(self._handle, visit.path["module"]))
        one = self._operations.begin(visit.owner, handle.id, visit.body.get("operation", ""))
        options = {**self._options(visit), **more, "cancellation": one.cancellation}

        def work() -> T:
            with visit.call.current():
                return ask(handle, options)

        deadline_s = visit.body.get("deadline_s")
        return one.id, await self._operations.for_caller(visit.request, one, work, deadline_s=deadline_s)

    def _options(self, visit: Visit) -> dict[str, Any]:
        own, most = self._host.settings.deadline_s, self._settings.max_deadline_s
        deadline_s = visit.body.get("deadline_s", None if own <= most else most)
        return {"connection": visit.query.get("connection") or None, "deadline_s": deadline_s}

    def _shown(self, visit: Visit, value: Any) -> Any:
        return visit.call.masked(self._shelf.shown(visit.owner, value))

    def _told(self, visit: Visit, operation_id: str, result: Result[Any]) -> dict[str, Any]:
        cost = result.cost
        told: dict[str, Any] = {
            "operation": operation_id,
            "bundles": self._shown(visit, result.bundles),
            "used": [to_json(used) for used in result.used],
            "usage": to_json(result.usage) if result.usage else None,
            "cost": {"amount": str(cost.amount), "currency": cost.currency} if cost else None,
            "request_id": result.request_id,
            "attempts": result.attempts,
            "warnings": visit.call.masked(result.warnings),
            "duration_s": round(result.duration_s, 6),
        }
        return told


def _is_usable(handle: ModuleHandle) -> bool:
    try:
        return bool(handle.schema())
    except PluginError:  # `Host.broken` tells those who run the host
        return False


def without_paths(schema: Any) -> Any:
    """Leave out of a schema that a file may be named by where it lies."""
    if isinstance(schema, Mapping):
        ways = schema.get("oneOf")
        if isinstance(ways, list) and _BY_PATH in [way.get("required") for way in ways]:
            kept = [_without_place(way) for way in ways if way.get("required") != _BY_PATH]
            return {**schema, "oneOf": kept}
        return {key: without_paths(item) for key, item in schema.items()}
    return [without_paths(item) for item in schema] if isinstance(schema, list) else schema


def _without_place(way: Mapping[str, Any]) -> dict[str, Any]:
    return {**way, "properties": {name: told for name, told in way["properties"].items() if name != "path"}}


def _run_options(visit: Visit) -> dict[str, Any]:
    return {name: visit.body[name] for name in ("idempotency_key", "confidential") if name in visit.body}


def _tell_event(tell: Tell, told: tuple[str, Any] | None) -> None:
    if told is not None:
        try:
            tell(*told)
        except OperationCancelledError:  # nobody hears it; the next piece ends the run
            return


def _told_choices(found: Choices) -> dict[str, Any]:
    return {
        "choices": [attrs.asdict(choice) for choice in found],
        "age_s": round(found.age_s, 3),
        "stale": found.stale,
        "stale_because": found.stale_because,
    }


def _summary(handle: ModuleHandle) -> dict[str, Any]:
    effect, sunset = handle.effect, handle.sunset
    return {
        "id": handle.id,
        "label": handle.label,
        "description": handle.description,
        "connector": handle.id.partition(".")[0],
        "kind": handle.kind.value,
        "effect": effect.value if isinstance(effect, Effect) else None,
        "streams": handle.streams,
        "connection_type": handle.connection_type_id if handle.connection_type else None,
        "needs_connection": handle.connection_type is not None,
        "deprecated": sunset is not None,
        "sunset": attrs.asdict(sunset) if sunset else None,
        "aliases": list(handle.aliases),
        "distribution": handle.distribution,
        "version": handle.version,
    }


def _fits(told: Mapping[str, Any], query: Mapping[str, Any]) -> bool:
    exact = ("connector", "kind", "effect", "deprecated")
    if any(name in query and told[name] != query[name] for name in exact):
        return False
    texts = (told["id"], told["label"], told["description"], *told["aliases"])
    wanted = query.get("query", "").casefold()
    return any(wanted in text.casefold() for text in texts)
