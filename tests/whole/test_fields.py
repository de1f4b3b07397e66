"""No field of any installed module is dead, and what is left empty is not sent.

What a module's form does not say of itself (which fields go together, which change no request and why) its connector
names in the entry points ``jackfield.cases``, or its tests in a file ``field_cases.json``. A module without either is
tried as it is: a new connector is covered by being installed.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jackfield import Host
from jackfield.testing import Case, dead_fields, declared_cases, read_cases, unasked

TESTS = Path(__file__).parents[1]


def _cases() -> dict[str, Case]:
    found: dict[str, Case] = {}
    with Host(environ={}) as host:
        for handle in host.connectors():
            found |= declared_cases(handle.id)
    for path in TESTS.glob("**/field_cases.json"):
        found |= read_cases(path.read_text("utf-8"))
    return found


def _module_ids() -> list[str]:
    with Host(environ={}) as host:
        return [handle.id for handle in host.modules()]


CASES = _cases()


@pytest.fixture
def host() -> Iterator[Host]:
    """Have everything that is installed, and nothing of the environment."""
    with Host(environ={}) as opened:
        yield opened


@pytest.mark.parametrize("module_id", _module_ids())
def test_every_field_makes_a_difference(host: Host, module_id: str) -> None:
    """A field that is shown and never sent is worse than none."""
    assert dead_fields(host, module_id, CASES.get(module_id)) == []


@pytest.mark.parametrize("module_id", _module_ids())
def test_an_empty_form_sends_only_what_is_required(host: Host, module_id: str) -> None:
    """The service's own defaults stay the service's."""
    assert unasked(host, module_id, CASES.get(module_id)) == []


def test_every_case_is_of_a_module_that_there_is() -> None:
    """A case of a module that was renamed would say nothing to anybody."""
    assert set(CASES) <= set(_module_ids())
