"""The text of the stubs: a package with a Host whose attributes are the modules, each with its fields."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from jackfield import Host, Kind, ModuleHandle, PluginError
from jackfield._cli.stub_types import Types
from jackfield._keywords import OPTIONS, keyword_of, spelt
from jackfield.forms import Slot

MARK = "# Written by `jackfield stubs`; write it anew after installing or upgrading connectors."

_OPTIONS = {
    "connection": "str | Mapping[str, object] | None",
    "deadline_s": "float | None",
    "idempotency_key": "str",
    "cancellation": "Cancellation | None",
    "confidential": "bool",
}
_IMPORTS = {
    "collections.abc": ("Iterable", "Iterator", "Mapping", "Sequence"),
    "typing": ("Any", "Literal", "NotRequired", "TypedDict", "Unpack"),
    "typing_extensions": ("deprecated",),
    "jackfield": ("Cancellation", "Failure", "File", "Preview", "Result", "RunOptions", "Secret", "Stream"),
}
_RUNTIME = f'''{MARK}
"""A Host whose modules editors and type checkers know; at run time it is the usual one."""

from jackfield import Host, user_host

__all__ = ["Host", "user_host"]
'''


def stub_files(host: Host, handles: Sequence[ModuleHandle], broken: dict[str, PluginError]) -> dict[str, str]:
    """Write the files of the package, by name.

    Args:
        host: Whose modules they are.
        handles: Those to be in it.
        broken: Takes why modules cannot be loaded, by id; they are left out.
    """
    by_connector: dict[str, list[ModuleHandle]] = {}
    for handle in handles:
        try:
            handle.module.form  # noqa: B018  loads it, or raises
        except PluginError as error:
            broken[handle.id] = error
        else:
            by_connector.setdefault(handle.id.partition(".")[0], []).append(handle)
    files = {f"{_file(connector)}.pyi": _connector(found) for connector, found in by_connector.items()}
    return {"__init__.py": _RUNTIME, "__init__.pyi": _host(host, [*by_connector]), "py.typed": "", **files}


def _file(connector_id: str) -> str:
    return spelt(connector_id)


def _host(host: Host, connector_ids: Sequence[str]) -> str:
    own = dir(type(host))
    imports = [f"from . import {_file(found)} as _{_file(found)}" for found in connector_ids]
    attributes = [
        f"    @property\n    def {spelt(found, own)}(self) -> _{_file(found)}.Modules: ..." for found in connector_ids
    ]
    return "\n".join(
        [
            MARK,
            "from collections.abc import Mapping, Sequence",
            "from typing import Self",
            "",
            "import jackfield",
            "from jackfield import FileSettings",
            "",
            *imports,
            "",
            '__all__ = ["Host", "user_host"]',
            "",
            "class Host(jackfield.Host):",
            "    def __enter__(self) -> Self: ...",  # else jedi takes it for that of jackfield.Host
            *attributes,
            "",
            "def user_host(",
            "    *,",
            "    plugins: Sequence[object] = ...,",
            "    store: object | None = ...,",
            "    files: FileSettings | None = ...,",
            "    environ: Mapping[str, str] | None = ...,",
            ") -> Host: ...",
            "",
        ]
    )


def _connector(handles: Sequence[ModuleHandle]) -> str:
    types = Types()
    classes = [_module(handle, types) for handle in handles]
    attributes = [_property(handle) for handle in handles]
    body = [*(f"{text}\n" for text in (*types.definitions(), *classes)), "class Modules:", *attributes, ""]
    return "\n".join([MARK, *_imports("\n".join(body)), *types.imports(), "", *body])


def _imports(body: str) -> Iterator[str]:
    """Write what a text needs, and no more: checkers tell of an import that nothing uses."""
    known = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    if "_datetime" in known:
        yield "import datetime as _datetime"
    for place, names in _IMPORTS.items():
        used = ", ".join(name for name in names if name in known)
        if used:
            yield f"from {place} import {used}"


def _property(handle: ModuleHandle) -> str:
    """Write what gives a module; one that stops working is struck through in editors."""
    sunset = [f"    @deprecated({handle.sunset.words!r})"] if handle.sunset else []
    return "\n".join(["    @property", *sunset, f"    def {_attribute(handle)}(self) -> {_class(handle)}: ..."])


def _attribute(handle: ModuleHandle) -> str:
    return spelt(handle.id.partition(".")[2])


def _class(handle: ModuleHandle) -> str:
    return "".join(word.capitalize() for word in _attribute(handle).split("_")) + "Call"


def _module(handle: ModuleHandle, types: Types) -> str:
    output = types.output(handle.module.signature.output)
    parameters = [*_parameters(handle.form.slots, types)]
    result = f"Result[{output}]"
    lines = [
        f"class {_class(handle)}:",
        *_method("def __call__", parameters, result, _told(handle)),
        *_method("async def arun", parameters, result),
        *_method("def preview", [*parameters, "streaming: bool = ..."], "Preview"),
        "    def map(",
        "        self,",
        f"        forms: Iterable[{types.taken(handle.form)}],",
        "        /,",
        "        *,",
        "        concurrency: int = ...,",
        "        progress: bool = ...,",
        "        **options: Unpack[RunOptions],",
        f"    ) -> Iterator[{result} | Failure]: ...",
    ]
    piece = handle.module.signature.piece or (handle.module.signature.output if _gives_several(handle) else None)
    if piece is not None:
        lines += _method("def stream", parameters, f"Stream[{output}, {types.output(piece)}]")
    return "\n".join(lines)


def _gives_several(handle: ModuleHandle) -> bool:
    return handle.kind in {Kind.SEARCH, Kind.TRIGGER}


def _parameters(slots: Sequence[Slot], types: Types) -> Iterator[str]:
    for slot in sorted(slots, key=lambda slot: not slot.required):
        yield f"{keyword_of(slot.key)}: {types.of(slot)}{'' if slot.required else ' = ...'}"
    for name in OPTIONS:
        yield f"{name}: {_OPTIONS[name]} = ..."


def _method(head: str, parameters: Sequence[str], result: str, told: Sequence[str] = ()) -> Iterator[str]:
    yield f"    {head}("
    yield "        self,"
    yield "        *,"
    for parameter in parameters:
        yield f"        {parameter},"
    yield f"    ) -> {result}:{'' if told else ' ...'}"
    yield from told


def _told(handle: ModuleHandle) -> list[str]:
    """Give what an editor shows of a module: what it does, and what each field is."""
    said = [handle.description or handle.label, *(["", "Args:"] if handle.form.slots else [])]
    for slot in handle.form.slots:
        help_text = " ".join(filter(None, [f"{slot.label}.", slot.word.help, slot.word.deprecated])).split()
        said.append(f"    {keyword_of(slot.key)}: {' '.join(help_text)}")
    lines = "\n".join(said).replace("\\", "\\\\").replace('"""', '\\"\\"\\"').splitlines()
    return ['        """' + lines[0], *(f"        {line}".rstrip() for line in lines[1:]), '        """']


def stale(wanted: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Name the files that are missing, are not as they should be, or should not be there."""
    return sorted({name for name in {**wanted, **found} if wanted.get(name) != found.get(name)})
