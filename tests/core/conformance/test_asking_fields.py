"""A module whose fields ask the service keeps the rules as any other does."""

from collections.abc import Callable

import pytest

from jackfield.testing import RULES, Outcome, Rule, check_connector

Write = Callable[..., None]

TASK = '''"""Create a Task."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from attrs import frozen

from jackfield import Context, Dynamic, Effect, Select, Text, module, named_field
from PACKAGE.connection import account


def lists(context: Context) -> Sequence[str]:
    """Ask which lists there are."""
    found: Sequence[str] = context.client.get("/v1/lists")
    return found


def custom_fields(context: Context, values: Mapping[str, str]) -> Sequence[object]:
    """Ask which fields a list has."""
    names: Sequence[str] = context.client.get(f"/v1/lists/{values['list']}/fields")
    return [named_field(name, Annotated[str, Text(label=name.title())]) for name in names]


@frozen(kw_only=True)
class Wish:
    """What to do."""

    title: Annotated[str, Text(label="Title")]
    list: Annotated[str, Select(label="List", choices=lists, free_text=False)]
    custom: Annotated[
        Mapping[str, object] | None, Dynamic(label="Custom Fields", fields=custom_fields, depends_on=["list"])
    ] = None


@frozen(kw_only=True)
class Task:
    """What was made."""

    id: str


@module(label="Create a Task", connection=account, effect=Effect.UNSAFE)
def create_task(form: Wish, context: Context) -> Task:
    """Create a task in a list."""
    return context.client.post("/v1/tasks", json=form, into=Task)
'''

CASES = """from jackfield.testing import Answered, Case, Reply

INPUT = {"title": "Buy milk", "list": "home", "custom": {"size": "2 l"}}
REPLIES = [Reply(json=["home", "work"]), Reply(json=["size"]), Reply(json={"id": "t1"}, status=201)]
CASES = {"weather.create_task": Case(answered=[Answered(input=INPUT, replies=REPLIES)])}
"""
MODULES = {"weather.create_task": "PACKAGE.task:create_task"}


def chosen(*numbers: str) -> list[Rule]:
    """Give rules by their numbers."""
    return [rule for rule in RULES if rule.id[2:] in numbers]


def test_a_case_answers_what_fields_ask_and_then_the_module(connector: Write) -> None:
    """Its replies are those of the whole run, in order; every rule is tried and kept."""
    connector({"task.py": TASK, "cases.py": CASES}, modules=MODULES)

    found = [*check_connector("weather")]

    assert [(each.rule.id, each.details) for each in found if each.outcome is Outcome.FAILED] == []
    unchecked = [each.rule.id for each in found if each.outcome is Outcome.NOT_CHECKED]
    assert unchecked in ([], ["JF704"])  # where nothing can fork


def test_without_the_answer_to_the_list_the_rule_says_what_is_missing(connector: Write) -> None:
    """It does not blame the module for a request that it never came to send."""
    connector(
        {"task.py": TASK, "cases.py": CASES.replace('[Reply(json=["home", "work"])', "[Reply(json=5)")}, modules=MODULES
    )

    (found,) = check_connector("weather", rules=chosen("601"))

    assert found.outcome is Outcome.NOT_CHECKED
    assert "first replies of Case(answered=[...])" in found.details[0]


@pytest.mark.parametrize("number", ["604", "703"])
def test_a_flaw_of_the_module_itself_is_found_behind_its_list(connector: Write, number: str) -> None:
    """The failures of the service come to its own request, and what it shares is seen."""
    call = '    return context.client.post("/v1/tasks", json=form, into=Task)\n'
    flaws = {
        "604": f"    try:\n    {call}    except Exception:\n        return Task(id='none')\n",
        "703": call.replace("return ", "_seen['title'] = form.title\n    made = ")
        + "    return Task(id=_seen['title'] + made.id)\n\n\n_seen: dict[str, str] = {}\n",
    }
    connector({"task.py": TASK.replace(call, flaws[number]), "cases.py": CASES}, modules=MODULES)

    (found,) = check_connector("weather", rules=chosen(number))

    assert found.outcome is Outcome.FAILED
