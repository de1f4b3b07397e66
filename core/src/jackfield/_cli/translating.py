"""``module translate``: what people bring from another product, as our input, and our bundle as theirs."""

from collections.abc import Iterator, Mapping

from jackfield import InputError, InvalidInputError, ModuleHandle, Translated
from jackfield._cli.feed import read_form
from jackfield._cli.output import write_json
from jackfield._cli.settings import open_host
from jackfield._cli.terminal import say

_HOLDING = ("onerror", "branches", "routes", "flow")
"""Where modules stand in a blueprint and in its modules, last things first."""


def print_translation(name: str, source: str, about: dict[str, str], *, report: bool, of_output: bool) -> None:
    """Print a mapper as the input of a module; or a bundle of the module as the other product has it.

    Args:
        name: The module, by the name that the other product has for it.
        source: The file; ``-`` for standard input.
        about: Takes the module's id.
        report: Whether to print all that is known of the translation, instead of the input alone.
        of_output: Whether the file is a bundle.

    Raises:
        InvalidInputError: Something could not be translated, and no report was wished for.
    """
    given = read_form(source)
    with open_host() as host:
        handle = host.module(name)
        about.update(module=handle.id, connector=handle.connection_type_id.partition(".")[0])
        if of_output:
            write_json(handle.translate_output(given))
            return
        found = handle.translate(_mapper(given, handle))
    for note in found.notes:
        say(f"note: {note}")
    write_json(_as_json(found) if report else _ready(found))


def _mapper(given: Mapping[str, object], handle: ModuleHandle) -> Mapping[str, object]:
    """Give the mapper of an exported module; what is no such module is a mapper itself."""
    if isinstance(given.get("flow"), list):
        given = _only_one_in(given, handle)
    mapper, exported = given.get("mapper"), given.get("module")
    if not isinstance(mapper, Mapping) or not isinstance(exported, str):
        return given
    if exported not in handle.aliases:
        message = f"This is the module {exported!r}, and {handle.id} is not known by that name."
        raise InputError(message, hint=f"jackfield module translate {exported}")
    fixed = given.get("parameters")
    return {**(fixed if isinstance(fixed, Mapping) else {}), **mapper}


def _only_one_in(blueprint: Mapping[str, object], handle: ModuleHandle) -> Mapping[str, object]:
    """Give the module of a whole blueprint that goes by one of the names.

    Raises:
        InputError: There is none, or there are several.
    """
    modules = list(_modules_in(blueprint))
    meant = [module for module in modules if module["module"] in handle.aliases]
    if len(meant) == 1:
        return meant[0]
    which = meant or modules
    listed = ", ".join(f"{module.get('id', '?')} ({module['module']})" for module in which) or "none"
    count = f"{len(meant)} modules that are {handle.id}" if meant else f"no module that is {handle.id}"
    message = f"This blueprint has {count}. There are: {listed}."
    raise InputError(message, hint="Keep the one that you mean in a file, as it is, and give that.")


def _modules_in(blueprint: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Give the modules of a blueprint, those behind routers and error handlers too, as they stand in it."""
    waiting: list[object] = [blueprint]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting += reversed(found)
        elif isinstance(found, Mapping):
            if isinstance(found.get("module"), str):
                yield found
            waiting += [found[key] for key in _HOLDING if key in found]


def _ready(found: Translated) -> Mapping[str, object]:
    try:
        return found.checked()
    except InvalidInputError as error:
        hint = f"{error.hint} --report prints what could be translated, and the rest."
        raise InvalidInputError(error.problems, subject=error.subject, hint=hint) from None


def _as_json(found: Translated) -> dict[str, object]:
    return {
        "module": found.module_id,
        "ready": found.is_ready,
        "input": found.values,
        "expressions": found.expressions,
        "left": found.left,
        "problems": [{"path": each.path, "rule": each.rule, "message": each.message} for each in found.problems],
    }
