"""Tries the rules on an installed connector."""

import contextlib
import importlib.metadata
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import partial

from attrs import frozen

from jackfield._engine.suggestions import close_names
from jackfield._http.limits import HttpSettings
from jackfield.errors import InputError, JackfieldError, PluginError
from jackfield.host import ConnectorHandle, Host, ModuleHandle
from jackfield.testing._conformance import declaring, running
from jackfield.testing._conformance.memory import Memory
from jackfield.testing._conformance.rule import Rule
from jackfield.testing._conformance.subject import NotCheckedError, Subject, not_checked, said
from jackfield.testing.cases import Case, declared_cases

__all__ = ["RULES", "Finding", "Outcome", "check_connector", "chosen_rules"]

RULES: tuple[Rule, ...] = (*declaring.RULES, *running.RULES)
"""Every rule, by id."""

IMPORT_BUDGET_S = 0.5
"""Seconds of the processor that the import of one module may take beside core's own."""

_QUICK = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001)


class Outcome(Enum):
    """What came of trying a rule."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@frozen(kw_only=True)
class Finding:
    """What came of trying one rule on one module, or on the connector itself.

    Attributes:
        rule: Which.
        subject: The id of the module or of the connector.
        outcome: What came of it.
        details: What is wrong, one line for each; or why it was not checked. Empty if it passed.
    """

    rule: Rule
    subject: str
    outcome: Outcome
    details: tuple[str, ...] = ()


def chosen_rules(ids: Iterable[str]) -> tuple[Rule, ...]:
    """Give rules by their ids; all of them for none.

    Raises:
        InputError: There is no such rule.
    """
    known, wanted = {rule.id: rule for rule in RULES}, [name.upper() for name in ids]
    for name in wanted:
        if name not in known:
            message = f"There is no rule {name!r}.{close_names(name, list(known))}"
            raise InputError(message, hint=f"There are {', '.join(known)}.")
    return tuple(known[name] for name in dict.fromkeys(wanted)) or RULES


def check_connector(
    connector_id: str,
    *,
    rules: Sequence[Rule] = RULES,
    cases: Mapping[str, Case] | None = None,
    import_budget_s: float = IMPORT_BUDGET_S,
) -> Iterator[Finding]:
    """Try the rules on an installed connector. Nothing reaches the network.

    Args:
        connector_id: Which.
        rules: Those to try.
        cases: What the forms of its modules do not say, by module id, and what the service answers; in addition to, and
            instead of, what the connector itself names in the group ``jackfield.cases`` of its entry points.
        import_budget_s: Seconds of the processor that the import of one module may take beside core's own.

    Returns:
        One finding for each rule and module, as they come: module by module, those of the connector itself first.

    Raises:
        InputError: There is no such connector.
        PluginError: It cannot be used, or its cases cannot.
    """
    memory = Memory()
    home = {name: os.environ[name] for name in ("JACKFIELD_HOME",) if name in os.environ}
    open_host = partial(Host, plugins=[memory], environ=home, settings=_QUICK)
    with open_host() as host:
        connector = host.connector(connector_id)
        known = {**declared_cases(connector_id), **(cases or {})}
        _refuse_unknown(known, connector)
        handles = {handle.id: handle for handle in host.modules()}
        points = {module_id: _entry_point(module_id) for module_id in connector.module_ids}
        yield from _of_connector(connector, rules)
        for module_id in connector.module_ids:
            subject = Subject(
                host=host,
                open_host=open_host,
                memory=memory,
                handle=handles[module_id],
                case=known.get(module_id, Case()),
                python_module=points[module_id].module,
                python_name=points[module_id].attr,
                other_modules=_others([point.module for point in points.values()], points[module_id].module),
                import_budget_s=import_budget_s,
            )
            for rule in rules:
                if rule.of_module is not None:
                    yield _finding(rule, module_id, lambda rule=rule, subject=subject: _tried(rule, subject))  # type: ignore[misc]


def _refuse_unknown(cases: Mapping[str, Case], connector: ConnectorHandle) -> None:
    for module_id in cases:
        if module_id not in connector.module_ids:
            message = (
                f"There is a case for {module_id!r}, and no such module.{close_names(module_id, connector.module_ids)}"
            )
            raise InputError(message)


def _others(places: Iterable[str], own: str) -> tuple[str, ...]:
    """Give the files of a connector's other modules: not its own, and not the package that it is in."""
    return tuple(sorted({place for place in places if place != own and not own.startswith(f"{place}.")}))


def _entry_point(module_id: str) -> importlib.metadata.EntryPoint:
    (point, *_) = importlib.metadata.entry_points(group="jackfield.modules", name=module_id)
    return point


def _of_connector(connector: ConnectorHandle, rules: Iterable[Rule]) -> Iterator[Finding]:
    for rule in rules:
        if rule.of_connector is not None:
            yield _finding(rule, connector.id, lambda rule=rule: rule.of_connector(connector))  # type: ignore[misc]


def _tried(rule: Rule, subject: Subject) -> Iterable[str]:
    if why := _unusable(rule, subject.handle):
        not_checked(why)
    return rule.of_module(subject) if rule.of_module else ()


def _unusable(rule: Rule, handle: ModuleHandle) -> str:
    """Say why a rule has no module to be tried on: what is wrong with it is told once, by the rule that it breaks."""
    if rule.id.startswith("JF1"):
        return ""  # about files, whatever is in them
    try:
        handle.kind  # noqa: B018  reads what its function declares
        if not rule.id.startswith(("JF201", "JF3")):
            _ = handle.form, handle.output
    except PluginError as error:
        return f"it cannot be used: {error.message}"
    return ""


def _finding(rule: Rule, subject: str, found: Callable[[], Iterable[str]]) -> Finding:
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):  # it is our report's
            details = tuple(dict.fromkeys(found()))
    except NotCheckedError as why:
        return Finding(rule=rule, subject=subject, outcome=Outcome.NOT_CHECKED, details=(str(why),))
    except JackfieldError as error:
        details = (f"it could not be tried: {said(error)}",)
    return Finding(rule=rule, subject=subject, outcome=Outcome.FAILED if details else Outcome.PASSED, details=details)
