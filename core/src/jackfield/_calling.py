"""Modules as attributes of a host: ``host.openai.create_chat_completion(model=..., messages=...)``."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jackfield._cards import Card, Table
from jackfield._engine.suggestions import close_names
from jackfield._keywords import OPTIONS, fields_by_keyword, keyword_of, spelt
from jackfield._runtime import Runtime
from jackfield.modules import AnyModule
from jackfield.operations import Failure, Result
from jackfield.showing import Shown


class CallMethods:
    """What lets a Host have its connectors as attributes."""

    _runtime: Runtime

    if (
        not TYPE_CHECKING
    ):  # type checkers would take every misspelt method for a connector; `jackfield stubs` tells them

        def __getattr__(self, name: str) -> "Namespace":
            """Give the modules of a connector; an id that clashes with a method of the host has ``_`` behind it."""
            if name.startswith("_"):
                raise AttributeError(_missing(type(self).__name__, name), name=name, obj=self)
            known = _connectors(self._runtime, type(self))
            if name in known:
                self._runtime.load_plugins()  # which may hide modules
                known = _connectors(self._runtime, type(self))
            if name not in known:
                raise AttributeError(_missing(type(self).__name__, name, known), name=name, obj=self)
            return Namespace(self, self._runtime, known[name])

    def __dir__(self) -> Iterable[str]:
        """List its connectors too, so that notebooks complete them."""
        return [*super().__dir__(), *_connectors(self._runtime, type(self))]


def _connectors(runtime: Runtime, host: type) -> dict[str, str]:
    """Give the connectors that have modules, by the attribute that each is."""
    ids = dict.fromkeys(module_id.partition(".")[0] for module_id in runtime.catalog.module_ids)
    return {spelt(connector_id, dir(host)): connector_id for connector_id in ids}


def _missing(owner: str, name: str, known: Iterable[str] = ()) -> str:
    return f"{owner!r} has no attribute {name!r}.{close_names(name, known)}"


class Namespace(Shown):
    """The modules of one connector, as attributes."""

    def __init__(self, host: Any, runtime: Runtime, connector_id: str) -> None:
        self._host = host
        self._runtime = runtime
        self._id = connector_id

    def __getattr__(self, name: str) -> "ModuleCall":
        """Give a module, which is imported for it."""
        if name.startswith("_"):  # what copies and inspects asks for, also before anything is in here
            raise AttributeError(_missing(type(self).__name__, name), name=name, obj=self)
        known = self._modules()
        if name not in known:
            raise AttributeError(_missing(self._id, name, known), name=name, obj=self)
        return ModuleCall(self._host, known[name], self._runtime.find(known[name])[1])

    def __dir__(self) -> Iterable[str]:
        """List the modules, so that notebooks complete them."""
        return [*super().__dir__(), *self._modules()]

    def __repr__(self) -> str:
        """Name the modules."""
        return f"<modules of {self._id}: {', '.join(self._modules())}>"

    def _card(self) -> Card:
        rows = [(name, module_id) for name, module_id in self._modules().items()]
        return Card(title=f"Modules of {self._id}", tables=[Table(columns=("attribute", "module"), rows=rows)])

    def _modules(self) -> dict[str, str]:
        inside = f"{self._id}."
        ids = [found for found in self._runtime.catalog.module_ids if found.startswith(inside)]
        return {spelt(module_id.removeprefix(inside)): module_id for module_id in ids}


class ModuleCall(Shown):
    """One module, to be called with its fields and the options of RunOptions as keywords.

    A field that is called as an option (``connection``), or as nothing may be called in Python (``from``), has ``_``
    behind its name: ``connection_``. Errors are those of ``Host.run``.
    """

    def __init__(self, host: Any, module_id: str, module: AnyModule) -> None:
        self._host = host
        self._id = module_id
        self._module = module
        self.__doc__ = module.description

    @cached_property
    def _fields(self) -> Mapping[str, str]:
        return fields_by_keyword(slot.key for slot in self._module.form.slots)

    @property
    def __signature__(self) -> inspect.Signature:
        """What it takes, for ``help`` and notebooks."""
        slots = {keyword_of(slot.key): slot for slot in self._module.form.slots}
        only = inspect.Parameter.KEYWORD_ONLY
        required = [inspect.Parameter(name, only) for name, slot in slots.items() if slot.required]
        others = [inspect.Parameter(name, only, default=None) for name, slot in slots.items() if not slot.required]
        options = [inspect.Parameter(name, only, default=None) for name in OPTIONS]
        return inspect.Signature([*required, *others, *options])

    def __repr__(self) -> str:
        """Name it."""
        return f"<module {self._id}>"

    def __call__(self, /, *forms: object, **given: Any) -> Result[Any]:
        """Run it once, as ``Host.run``."""
        form, options = self._split(forms, given)
        result: Result[Any] = self._host.run(self._id, form, **options)
        return result

    async def arun(self, /, *forms: object, **given: Any) -> Result[Any]:
        """Run it once without holding up the event loop, as ``Host.arun``."""
        form, options = self._split(forms, given)
        result: Result[Any] = await self._host.arun(self._id, form, **options)
        return result

    def stream(self, /, *forms: object, **given: Any) -> Any:
        """Run it, and give its pieces as they come, as ``Host.stream``."""
        form, options = self._split(forms, given)
        return self._host.stream(self._id, form, **options)

    def preview(self, /, *forms: object, streaming: bool = False, **given: Any) -> Any:
        """Give the request that it would send first, as ``Host.preview``."""
        form, options = self._split(forms, given)
        return self._host.preview(self._id, form, streaming=streaming, **options)

    def map(
        self, forms: Iterable[object], /, *, concurrency: int = 8, progress: bool = True, **options: Any
    ) -> Iterator[Result[Any] | Failure]:
        """Run it for each of many inputs, as ``Host.map``."""
        ways = {"concurrency": concurrency, "progress": progress, **options}
        found: Iterator[Result[Any] | Failure] = self._host.map(self._id, forms, **ways)
        return found

    def _card(self) -> Card:
        found: Card = self._host.module(self._id)._card()  # noqa: SLF001  what its handle shows
        return found

    def _split(self, forms: tuple[object, ...], given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        if forms:
            message = f"The fields of {self._id} are keywords: (**form) for a dict, or host.run({self._id!r}, form)."
            raise TypeError(message)
        options = {name: value for name, value in given.items() if name in OPTIONS}
        form = {self._fields.get(name, name): value for name, value in given.items() if name not in OPTIONS}
        return form, options
