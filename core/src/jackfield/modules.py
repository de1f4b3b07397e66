"""What a connector can do."""

import inspect
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar, overload

from attrs import field, frozen

from jackfield._context import Context
from jackfield._declarations import Said, are_functions, check_kinds, is_called_or_none, is_instance_or_none, is_list_of
from jackfield._signatures import Signature, place_of, signature_of
from jackfield.connections import ConnectionType, ConnectionView
from jackfield.errors import PluginError, Problem
from jackfield.fields import Dynamic
from jackfield.forms import Form, Slot, form_of
from jackfield.genai import GenAI
from jackfield.kinds import Effect, Kind, Sunset
from jackfield.translations import Translation
from jackfield.triggers import Trigger
from jackfield.usage import Usage

__all__ = [
    "AnyModule",
    "Context",
    "Effect",
    "Kind",
    "Module",
    "Sunset",
    "module",
]

Refine = Callable[[Form, Mapping[str, object], ConnectionView | None], Form]
"""Makes a form fit what is filled in so far."""
Migrate = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Makes of a form in JSON, saved for one version of a module, one for the next."""

FormT = TypeVar("FormT")
OutputT_co = TypeVar("OutputT_co", covariant=True)
PieceT_co = TypeVar("PieceT_co", covariant=True)
T = TypeVar("T")
P = TypeVar("P")


@frozen(kw_only=True, eq=False, slots=False)
class Module(Generic[FormT, OutputT_co, PieceT_co]):
    """One thing that a connector can do; made by the decorator ``module``.

    Its id is not here: the entry point that names it says it.

    Attributes:
        function: Does it.
        label: What a person reads, verb first.
        connection: How to reach the service; ``None`` if it needs none.
        effect: What a repeat leaves behind; or a function that says it for a form.
        validate: Finds what is wrong with a form as a whole, beyond what each field says.
        declared_kind: The kind, where the function's annotations cannot say it.
        aliases: Other names under which people know it, ``openai-gpt-3:CreateCompletion``, and how what they bring
            from there becomes its form.
        sunset: When it stops or stopped working at the service.
        refine: Makes the form fit what is filled in so far, for whoever shows or exports it: fewer choices, other help.
        foresee: Says the most that a run with a form can use, as far as that is known before it runs.
        trigger: For a trigger: how to tell what is new.
        version: Of its form: 1, and one more with each change that inputs saved before would not survive.
        migrate: By version: makes of a form in JSON, saved for that version, one for the next.
        genai: What it asks a generative model, for whoever traces it; ``None`` if it asks none.
        adds: The names in a query, or at the top of a body, that it fills in whatever the input: those of its paging.
    """

    function: Callable[[FormT, Context], Any]
    label: str
    connection: ConnectionType | None = None
    effect: Effect | Callable[[FormT], Effect] = Effect.UNSAFE
    validate: Callable[[FormT], Sequence[Problem]] | None = None
    declared_kind: Kind | None = None
    aliases: Mapping[str, Translation] = field(factory=dict)
    sunset: Sunset | None = None
    refine: Refine | None = None
    foresee: Callable[[FormT], Usage] | None = None
    trigger: Trigger | None = None
    version: int = 1
    migrate: Mapping[int, Migrate] = field(factory=dict)
    genai: GenAI | None = None
    adds: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        """Look whether effect and versions make sense.

        Raises:
            PluginError: The effect is none; or the ways from older versions do not lead to this one.
        """
        effect: object = self.effect
        if not isinstance(effect, Effect) and not callable(effect):
            message = f"{self.label}: effect must be an Effect or a function of the form, was {effect!r}."
            raise PluginError(message, stage="object", hint="Say effect=Effect.READ, for example.")
        check_kinds(f"{self.label or self.function.__name__}", self._said())
        known = [*self.migrate]
        numbers = all(type(version) is int and version > 0 for version in (self.version, *known))
        if not numbers or sorted(known) != [*range(self.version - len(known), self.version)]:
            told = ", ".join(map(repr, known)) or "none"
            message = f"{self.label}: version {self.version!r} does not go with ways from the versions {told}."
            hint = "migrate has a function for each version from the oldest that it knows to the one before this."
            raise PluginError(message, stage="object", hint=hint)

    def _said(self) -> Iterator[Said]:
        yield Said(
            "label", self.label, self.label != "" and is_instance_or_none(self.label, str), 'a text: "Get the Weather"'
        )
        yield Said(
            "the function",
            self.function,
            is_called_or_none(self.function),
            'one that is written with "def": a host runs it in a thread, and its client waits by itself',
        )
        connected = is_instance_or_none(self.connection, ConnectionType)
        yield Said("connection", self.connection, connected, "a ConnectionType")
        for name in ("validate", "refine", "foresee"):
            yield Said(name, getattr(self, name), is_called_or_none(getattr(self, name)), "a function")
        yield Said("sunset", self.sunset, is_instance_or_none(self.sunset, Sunset), 'Sunset(date="2027-01-31", ...)')
        yield Said(
            "trigger", self.trigger, is_instance_or_none(self.trigger, Trigger), 'Trigger(key="id"), for example'
        )
        yield Said("migrate", self.migrate, are_functions(self.migrate), "functions by version: {1: from_1}")

    @cached_property
    def signature(self) -> Signature:
        """Read the annotations of the function.

        Raises:
            PluginError: An annotation is missing or cannot be resolved.
        """
        return signature_of(self.function, self.declared_kind, self.trigger)

    @property
    def kind(self) -> Kind:
        """What it gives."""
        return self.signature.kind

    @property
    def streams(self) -> bool:
        """Whether it can give its output in pieces while it comes."""
        return self.signature.piece is not None

    @cached_property
    def form(self) -> Form:
        """What it takes."""
        return form_of(self.signature.form)

    @cached_property
    def dynamic(self) -> tuple[Slot, ...]:
        """The fields of its form whose own fields a service knows alone."""
        return tuple(slot for slot in self.form.slots if isinstance(slot.word, Dynamic))

    @cached_property
    def output(self) -> Form:
        """What each of its bundles holds."""
        return form_of(self.signature.output)

    def shown(self, values: Mapping[str, object], connection: ConnectionView | None) -> Form:
        """Give its form as people see it when some values are filled in already.

        Args:
            values: As JSON has them; they may be incomplete, and nobody has checked them.
            connection: Which it is, if that is known.
        """
        return self.form if self.refine is None else self.refine(self.form, values, connection)

    @cached_property
    def description(self) -> str:
        """The docstring of the function."""
        return inspect.cleandoc(self.function.__doc__ or "")

    @property
    def reference(self) -> str:
        """Where it is in Python, as an entry point spells it: ``jackfield_weather:get_weather``."""
        return place_of(self.function)

    def effect_of(self, form: FormT) -> Effect:
        """Say what a repeat with these values leaves behind."""
        return self.effect if isinstance(self.effect, Effect) else self.effect(form)


AnyModule = Module[Any, Any, Any]


class _Decorator(Protocol):
    @overload
    def __call__(self, function: Callable[[FormT, Context], Generator[P, None, T]], /) -> Module[FormT, T, P]: ...
    @overload
    def __call__(self, function: Callable[[FormT, Context], Iterator[T]], /) -> Module[FormT, T, Any]: ...
    @overload
    def __call__(self, function: Callable[[FormT, Context], T], /) -> Module[FormT, T, Any]: ...


def module(
    *,
    label: str,
    connection: ConnectionType | None = None,
    effect: Effect | Callable[[Any], Effect] = Effect.UNSAFE,
    validate: Callable[[Any], Sequence[Problem]] | None = None,
    kind: Kind | None = None,
    aliases: Mapping[str, Translation] | Sequence[str] = (),
    sunset: Sunset | None = None,
    refine: Refine | None = None,
    foresee: Callable[[Any], Usage] | None = None,
    trigger: Trigger | None = None,
    version: int = 1,
    migrate: Mapping[int, Migrate] | None = None,
    genai: GenAI | None = None,
) -> _Decorator:
    """Make a module of a function of a form and a context.

    The function's annotations say the form, the output and the kind: ``-> T`` is an action, ``-> Iterator[T]`` a
    search, ``-> Generator[Piece, None, T]`` an action that can stream its pieces and returns the whole. Its docstring
    is the module's description. The annotations are read when they are first needed.

    Args:
        label: What a person reads, verb first: ``Get the Weather``.
        connection: How to reach the service; none for a module that computes.
        effect: What a repeat leaves behind in the service; or a function that says it for a form.
        validate: Finds what is wrong with a form as a whole, beyond what each field says.
        kind: Only for a universal module.
        aliases: Other names under which people know it, each with the Translation of its fields if they are not the
            same. What stands before the colon is also named in the metadata of the package, in the group
            ``jackfield.aliases``, since no module is imported to find a name.
        sunset: When it stops or stopped working at the service.
        refine: Makes the form fit what is filled in so far, for whoever shows or exports it. It is given the form, the
            values, which nobody has checked, and the connection if that is known, and may do no I/O. What it leaves
            out can still be given: a run is checked by the form as declared, and by ``validate``.
        foresee: Says the most that a run with a form can use, so that a budget can refuse it before anything is sent.
            A count that nobody can know beforehand is ``None``; a module that uses nothing gives zeros.
        trigger: Makes it a trigger, and says how to tell what is new among the items that the function gives.
        version: Of its form: one more with each change that inputs saved before would not survive.
        migrate: Functions by version: ``{1: from_1}`` is given a form in JSON, a copy of what was saved for version 1,
            and gives that of version 2. Inputs of any older version are brought to the present by one after the other.
        genai: What it asks a generative model, if it does; hosts that trace runs show it as that.
    """
    names = isinstance(aliases, Mapping) or is_list_of(aliases, str)
    check_kinds(label, [Said("aliases", aliases, names, "a list of texts, or a mapping from texts to Translations")])

    def decorate(function: Callable[[Any, Context], Any]) -> Any:
        return Module(
            function=function,
            label=label,
            connection=connection,
            effect=effect,
            validate=validate,
            declared_kind=kind,
            aliases=aliases if isinstance(aliases, Mapping) else dict.fromkeys(aliases, Translation()),
            sunset=sunset,
            refine=refine,
            foresee=foresee,
            trigger=trigger,
            version=version,
            migrate=migrate or {},
            genai=genai,
        )

    return decorate
