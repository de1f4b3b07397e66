"""What a host gives for each module and connector: names from metadata, the rest when it is first asked for."""

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, NoReturn

from attrs import field, frozen

from jackfield._cards import Card, Table
from jackfield._engine.catalog import Catalog, Connector
from jackfield._engine.conversion import check_examples, load_form
from jackfield._engine.dynamic import check_places
from jackfield._engine.options import refuse_to_be_kept
from jackfield._engine.saved_inputs import current_form, saved_form
from jackfield._engine.schema import form_schema, output_schema, sunset_notes
from jackfield._engine.suggestions import close_names
from jackfield._engine.tool_answers import answer_text, error_text
from jackfield._engine.tool_langchain import structured_tool
from jackfield._engine.tool_schema import Dialect, definition, filled, plain_parameters, tool_name
from jackfield._engine.translating import translate, translate_output
from jackfield._form_cards import field_table
from jackfield.connections import ConnectionType
from jackfield.errors import InputError, JackfieldError, PluginError
from jackfield.forms import Form, form_of
from jackfield.modules import AnyModule, Effect, Kind, Sunset
from jackfield.showing import Shown
from jackfield.translations import Translated, Translation

_MOST_ANSWERED = 50_000
"""Characters of an answer that a model gets from a tool by itself."""

Narrow = Callable[[AnyModule, str, Mapping[str, object]], Form]
"""Gives a module's form beside some values, as the plugins of a host show it."""


@frozen(kw_only=True, eq=False, slots=False)
class ModuleHandle(Shown):
    """A module that is installed.

    ``id``, ``distribution`` and ``version`` are known from metadata. Everything else imports the module, which may
    raise PluginError.

    Attributes:
        id: As in the entry point.
        distribution: Who provides it; empty for a module given in code.
        version: Of the distribution.
        asked_as: The alias by which it was asked for; empty if that was its id.
    """

    id: str
    distribution: str
    version: str
    asked_as: str = ""
    _load: Callable[[], AnyModule] = field(repr=False)
    _type_id: Callable[[str, ConnectionType], str] = field(repr=False)
    _narrow: Narrow = field(repr=False)
    _run: Callable[..., Any] = field(repr=False)
    _check: Callable[[str | AnyModule, object], None] = field(repr=False)

    @cached_property
    def module(self) -> AnyModule:
        """The declaration itself."""
        return self._load()

    @property
    def label(self) -> str:
        """What a person reads."""
        return self.module.label

    @property
    def kind(self) -> Kind:
        """What it gives."""
        return self.module.kind

    @property
    def description(self) -> str:
        """What it does, in sentences."""
        return self.module.description

    @property
    def streams(self) -> bool:
        """Whether it can give its output in pieces while it comes."""
        return self.module.streams

    @property
    def effect(self) -> Effect | None:
        """What a repeat leaves behind in the service; ``None`` if that depends on the form."""
        effect = self.module.effect
        return effect if isinstance(effect, Effect) else None

    @property
    def form_version(self) -> int:
        """How often its form has changed so that inputs saved before needed help; 1 at first."""
        return self.module.version

    def check(self, form: object) -> None:
        """Look whether a run would take an input, and run nothing.

        All that can be told without a connection is: what each field says, what the module says of all of them
        together, which files this host lets in, and what plugins leave out. Nobody is asked.

        Args:
            form: As in ``Host.run``.

        Raises:
            InvalidInputError: It would not; all that is wrong is in it.
        """
        self._check(self.id if self.distribution else self.module, form)

    def saved(self, form: Mapping[str, object]) -> dict[str, object]:
        """Have an input in JSON say which module and version it is for, so that it can be kept for years."""
        return saved_form(self.module, self.id, form)

    def upgraded(self, saved: Mapping[str, object]) -> dict[str, object]:
        """Give what a saved input is today, as ``saved`` would give it; running it does the same by itself.

        Raises:
            InvalidInputError: It is of another module, of a version that this one knows nothing of, or it is still
                no input of this module when it was brought to the present.
            PluginError: A function of the module that is to migrate it fails.
        """
        form, _ = current_form(self.module, self.id, saved)
        load_form(self.module.signature.form, form, subject=self.id)
        return self.saved(form)

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names under which people know it."""
        return tuple(self.module.aliases)

    @property
    def sunset(self) -> Sunset | None:
        """When it stops or stopped working at the service."""
        return self.module.sunset

    @property
    def form(self) -> Form:
        """What it takes, as this host shows it before anything is filled in."""
        return self.form_for({})

    @property
    def output(self) -> Form:
        """What each of its bundles holds."""
        return self.module.output

    @property
    def connection_type(self) -> ConnectionType | None:
        """How it reaches the service; ``None`` if it needs no connection."""
        return self.module.connection

    @property
    def connection_type_id(self) -> str:
        """The same, by name; empty if there is none or it is not registered."""
        connection = self.module.connection
        return self._type_id(self.id, connection) if connection else ""

    def connection_schema(self) -> dict[str, Any] | None:
        """Give the JSON Schema (2020-12) of what its connection takes; ``None`` if it needs none."""
        return _schema_of(self.connection_type) if self.connection_type else None

    def form_for(self, values: Mapping[str, object]) -> Form:
        """Give what it takes when some values are filled in already."""
        check_examples(self.module.form.cls)
        check_places(self.module.form.cls)
        return self._narrow(self.module, self.id, values)

    def schema(self, values: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Give the JSON Schema (2020-12) of what it takes, with some values filled in already."""
        return self.schema_of(self.form_for(values or {}))

    def schema_of(self, form: Form) -> dict[str, Any]:
        """Give the JSON Schema (2020-12) of what it takes, by a form of it that ``form_for`` or ``Host.form`` gave."""
        # Who reads the schema wants to know what the module does, more than what its form class is called.
        said = {"title": self.label, "description": self._told}
        return {**form_schema(form), **said, **sunset_notes(self.sunset)}

    @property
    def _told(self) -> str:
        """What it does, and since when it no longer should be used."""
        return f"{self.description}\n\n{self.sunset.words}" if self.sunset else self.description

    def translate(self, mapper: Mapping[str, object], *, alias: str = "") -> Translated:
        """Give as its input what another product's module of that name has as its input.

        Args:
            mapper: Names and values, as an exported blueprint has them: numbers and switches may be texts.
            alias: Which of ``aliases`` it comes from; without, the one by which the module was asked for, or the first.

        Raises:
            InputError: There is no such alias.
        """
        return translate(self.module, self.id, self._translation(alias), mapper)

    def translate_output(self, bundle: Mapping[str, object], *, alias: str = "") -> dict[str, object]:
        """Give one of its bundles with the names, too, that the other product's has; ``alias`` as in ``translate``."""
        return translate_output(self._translation(alias), bundle)

    def _translation(self, alias: str) -> Translation:
        known = self.module.aliases
        wanted = alias or self.asked_as or next(iter(known), "")
        if wanted not in known and wanted:
            message = f"{self.id} is not known as {wanted!r}.{close_names(wanted, known)}"
            raise InputError(message, hint=f"`jackfield module show {self.id}` lists its other names.")
        return known.get(wanted, Translation())

    def as_tool(
        self,
        dialect: Dialect | Literal["langchain"],
        *,
        name: str = "",
        description: str = "",
        fields: Collection[str] = (),
        given: Mapping[str, object] = MappingProxyType({}),
        strict: bool | None = None,
        **options: Any,
    ) -> Any:
        """Give it as a tool of a language model; ``jackfield.Toolbox`` answers the calls of several.

        Args:
            dialect: ``openai`` (chat completions), ``responses`` and ``anthropic`` give what the service takes under
                ``tools``; ``langchain`` a ``StructuredTool`` that runs the module.
            name: What the model calls it; made of the id without.
            description: What it is told of it; what the module says of itself without.
            fields: What it fills in; all that is neither advanced nor deprecated without.
            given: Values that it is not asked for, by name in JSON.
            strict: Whether the service is to hold the model to the schema: ``True`` is an error if it cannot; ``None``
                asks for it where it can.
            **options: For ``langchain``: as in ``Host.run``.

        Raises:
            InputError: There is no such dialect or field, or it cannot be strict, or LangChain is not installed.
        """
        told = self.tool_definition(
            dialect, name=name, description=description, fields=fields, given=given, strict=strict
        )
        if dialect != "langchain":
            return told

        def answer(arguments: Mapping[str, object]) -> str:
            try:
                form = filled(arguments, told["parameters"]["properties"], given, subject=self.id)
                return answer_text(self.kind, self._run(self.id, form, **options), _MOST_ANSWERED)
            except JackfieldError as error:
                return error_text(error)

        return structured_tool(**told, answer=answer)

    def tool_definition(
        self,
        dialect: str,
        *,
        name: str,
        description: str,
        fields: Collection[str],
        given: Mapping[str, object],
        strict: bool | None,
    ) -> dict[str, Any]:
        """Tell of it as ``as_tool`` does; for ``langchain`` give what its tool is made of."""
        plain = plain_parameters(self.schema(), fields=fields, given=given)
        return definition(dialect, name or tool_name(self.id), description or self._told, plain, strict=strict)

    def output_schema(self) -> dict[str, Any]:
        """Give the JSON Schema (2020-12) of each of its bundles."""
        return output_schema(self.output)

    def __reduce__(self) -> NoReturn:
        """Refuse: see there."""
        refuse_to_be_kept("A module of a host", "Give its id to the other process.")

    def _card(self) -> Card:
        effect, sunset = self.effect, self.sunset
        facts = [
            ("id", self.id),
            ("kind", self.kind.value),
            ("effect", effect.value if effect else "depends on the form"),
            ("streams", "yes" if self.streams else ""),
            ("from", f"{self.distribution} {self.version}".strip()),
        ]
        notes = [f"Shut down on {sunset.date}: {sunset.reason}"] if sunset else []
        tables = [field_table(self.form.slots)]
        return Card(title=self.label, about=self.description, facts=facts, notes=notes, tables=tables)


@frozen(kw_only=True, eq=False, slots=False)
class ConnectorHandle(Shown):
    """A connector that is installed; ``id``, ``distribution`` and ``version`` as in ModuleHandle.

    Attributes:
        id: As in the entry point.
        distribution: Who provides it.
        version: Of the distribution.
        module_ids: Its modules, by whomever they are provided.
    """

    id: str
    distribution: str
    version: str
    module_ids: tuple[str, ...]
    _load: Callable[[], Connector | None] = field(repr=False)

    def __reduce__(self) -> NoReturn:
        """Refuse: see there."""
        refuse_to_be_kept("A connector of a host", "Give its id to the other process.")

    @cached_property
    def _connector(self) -> Connector:
        connector = self._load()
        if connector is None:
            message = f"There is no connector {self.id!r}."
            raise PluginError(message, stage="object")
        return connector

    @property
    def title(self) -> str:
        """What a person reads."""
        return self._connector.title

    @property
    def description(self) -> str:
        """What it is for, in sentences."""
        return self._connector.description

    @property
    def connection_types(self) -> Mapping[str, ConnectionType]:
        """How its services are reached, by id."""
        return self._connector.connection_types

    def _card(self) -> Card:
        facts = [("id", self.id), ("from", f"{self.distribution} {self.version}".strip())]
        modules = Table(columns=("module",), rows=[(module_id,) for module_id in self.module_ids])
        return Card(title=self.title, about=self.description, facts=facts, tables=[modules])

    def connection_schema(self, type_id: str) -> dict[str, Any]:
        """Give the JSON Schema (2020-12) of what a connection of one of its types takes.

        Raises:
            InputError: It has no such type.
        """
        kind = self.connection_types.get(type_id)
        if kind is None:
            known = ", ".join(self.connection_types) or "none"
            message = f"{self.title} has no connection type {type_id!r}. There are: {known}."
            raise InputError(message)
        return _schema_of(kind)


def _schema_of(kind: ConnectionType) -> dict[str, Any]:
    said = {"title": kind.label} | ({"x-jackfield": {"help": kind.help}} if kind.help else {})
    return {**form_schema(form_of(kind.form)), **said}


def module_handle(
    catalog: Catalog,
    module_id: str,
    narrow: Narrow,
    run: Callable[..., Any],
    check: Callable[[str | AnyModule, object], None],
    *,
    module: AnyModule | None = None,
    asked_as: str = "",
) -> ModuleHandle:
    """Make the handle of a module; one that is not given is loaded when it is first asked for."""
    entry = catalog.entry(module_id)
    return ModuleHandle(
        id=module_id,
        distribution=entry.distribution if entry else "",
        version=entry.version if entry else "",
        asked_as=asked_as,
        load=lambda: catalog.load_module(module_id) if module is None else module,
        type_id=catalog.type_id,
        narrow=narrow,
        run=run,
        check=check,
    )


def connector_handle(catalog: Catalog, connector_id: str) -> ConnectorHandle:
    """Make the handle of a connector, which is loaded when it is first asked for."""
    entry = catalog.connector_entry(connector_id)
    return ConnectorHandle(
        id=connector_id,
        distribution=entry.distribution,
        version=entry.version,
        module_ids=tuple(found for found in catalog.module_ids if found.startswith(f"{connector_id}.")),
        load=lambda: catalog.load_connector(connector_id),
    )
