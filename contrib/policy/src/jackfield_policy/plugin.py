"""The policy as a plugin: each hook, and what a plugin can do there."""

import json
import os
import threading
from collections.abc import Collection, Generator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import attrs
from requests import PreparedRequest, Response

from jackfield import (
    Choice,
    Connection,
    Effect,
    Event,
    Execution,
    Form,
    InputError,
    Integer,
    Number,
    Operation,
    Purpose,
    RefusedByPolicyError,
    Result,
    hookimpl,
)
from jackfield_policy.cache import Cache
from jackfield_policy.rules import Rules, fits, read_rules


class Policy:
    """Applies rules to one host.

    Args:
        rules: What it says; without them, what the file says that ``JACKFIELD_POLICY`` names.
    """

    def __init__(self, rules: Rules | None = None) -> None:
        self._given = rules
        self._writing = threading.Lock()

    @cached_property
    def rules(self) -> Rules:
        """What it says.

        Raises:
            InputError: The file cannot be read.
        """
        path = os.environ.get("JACKFIELD_POLICY", "")
        if self._given is None and path:
            return read_rules(Path(path))
        return self._given or Rules()

    @cached_property
    def _cache(self) -> Cache:
        return Cache(self.rules.cache_s, self.rules.cache_items)

    @hookimpl
    def hide_modules(self, module_ids: Sequence[str]) -> Collection[str]:
        """Hide what the rules do not allow: for this host it does not exist."""
        return [module_id for module_id in module_ids if self.rules.hides(module_id)]

    @hookimpl
    def find_connection(self, name: str) -> Mapping[str, object] | None:
        """Bring a connection from a folder of files, before anybody looks elsewhere."""
        if not (self.rules.connections and name):
            return None
        folder = Path(self.rules.connections)
        path = folder / f"{name}.json"
        if path.parent != folder or not path.is_file():  # a name such as ../x leaves the folder
            return None
        try:
            values: Mapping[str, object] = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            message = f"The connection {name!r} cannot be read from {path}: {type(error).__name__}."
            raise InputError(message) from None
        return values

    @hookimpl(trylast=True)
    def authorize(self, request: PreparedRequest) -> None:
        """Add the header that the rules name to whatever the connection type sends."""
        if self.rules.header:
            name, value = self.rules.header
            request.headers[name] = value

    @hookimpl(wrapper=True)
    def module_fields(self, module_id: str) -> Generator[None, Form, Form]:
        """Lower the bounds of numbers; what is narrowed is shown, exported and checked."""
        form = yield
        for slot in form.slots:
            most = self.rules.maximum(f"{module_id}:{slot.key}")
            word = slot.word
            if most is None or not isinstance(word, Number | Integer):
                continue
            if word.maximum is None or most < word.maximum:
                form = form.narrowed(slot.key, maximum=int(most) if isinstance(word, Integer) else most)
        return form

    @hookimpl(wrapper=True)
    def field_choices(self, module_id: str, field: str) -> Generator[None, Sequence[Choice], Sequence[Choice]]:
        """Take out the choices that the rules deny."""
        choices = yield
        patterns = self.rules.denied(f"{module_id}:{field}")
        return [choice for choice in choices if not fits(str(choice.value), patterns)]

    @hookimpl(wrapper=True)
    def check_connection(self, connection: Connection) -> Generator[None, str, str]:
        """Say in the account's label that a policy applies, if one does."""
        label = yield
        if self.rules == Rules():
            return label
        return f"{label or connection.type.label} (under policy)"

    @hookimpl(wrapper=True)
    def execute(self, operation: Operation) -> Generator[None, Execution, Execution]:
        """Refuse denied values, and answer again what was answered before, without starting the run."""
        execution = yield
        self._refuse_denied(operation)
        if not self.rules.cache_s or operation.effect is not Effect.READ or operation.streaming:
            return execution  # the cache keeps results, and has no pieces to give
        if operation.confidential:
            return execution  # nothing of it is kept, and nothing that was kept is given as if it were
        key = self._cache.key(operation)
        return execution if key is None else self._cached(key, execution)

    @hookimpl(wrapper=True)
    def send(self, request: PreparedRequest, operation: Operation) -> Generator[None, Response, Response]:
        """Refuse the requests of modules that nobody lists, since they are run by their declaration.

        A wrapper comes before whoever answers.
        """
        if operation.purpose is Purpose.RUN and self.rules.hides(operation.module_id):
            message = f"The policy of this host does not allow {operation.module_id} to send {request.method}."
            raise RefusedByPolicyError(message)
        return (yield)

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Append each event to a file; events hold no secret, no input and no output."""
        if not self.rules.events:
            return
        said = {"event": type(event).__name__, **attrs.asdict(event, value_serializer=_plain)}
        with self._writing, Path(self.rules.events).open("a", encoding="utf-8") as file:
            file.write(json.dumps(said) + "\n")

    def _refuse_denied(self, operation: Operation) -> None:
        # The list of choices is a help, no fence: who types a denied value must be stopped here.
        if operation.module is None:
            return
        for slot in operation.module.form.slots:
            value = getattr(operation.form, slot.name)
            place = f"{operation.module_id}:{slot.key}"
            if isinstance(value, str) and fits(value, self.rules.denied(place)):
                message = f"$.{slot.key}: the policy of this host does not allow this value."
                raise RefusedByPolicyError(message, hint=f"`jackfield module choices {operation.module_id} {slot.key}`")

    def _cached(self, key: bytes, execution: Execution) -> Execution:
        found = self._cache.get(key)
        if found is not None:
            return found
        result: Result[object] = yield from execution
        self._cache.put(key, result)
        return result


def _plain(_instance: object, _attribute: object, value: object) -> object:
    return getattr(value, "value", value)


plugin = Policy()
