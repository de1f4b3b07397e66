"""What the page of the rules shows as bad is found."""

import os
import time
from collections.abc import Callable, Mapping

import pytest

from jackfield.testing import RULES, Outcome, check_connector

Write = Callable[..., None]

CALL = '    return context.client.get("/v1/forecast", params=form, into=Forecast)\n'


def told(number: str) -> list[str]:
    """Give what one rule finds."""
    rules = [rule for rule in RULES if rule.id == f"JF{number}"]
    found = [each for each in check_connector("weather", rules=rules) if each.outcome is not Outcome.PASSED]
    assert all(each.outcome is Outcome.FAILED for each in found), found
    return [f"{each.subject}: {detail}" for each in found for detail in each.details]


def test_an_id_that_nobody_can_use_is_told(connector: Write) -> None:
    """The host leaves such an entry point out, so no list shows that it is wrong."""
    good = {"weather.get_forecast": "PACKAGE.forecast:get_forecast"}
    connector(modules={**good, "weather.Forecast": "PACKAGE.forecast:get_forecast"})

    (line,) = told("201")

    assert line.startswith("weather: the entry point 'weather.Forecast' is not connector.verb_noun in lower case")


SHARED = {
    "used in the request": (
        '    _current["place"] = form.place\n'
        '    return context.client.get("/v1/forecast", params={"place": _current["place"]}, into=Forecast)\n'
    ),
    "used after the request": (
        '    _current["place"] = form.place\n'
        '    found = context.client.get("/v1/forecast", params=form, into=Forecast)\n'
        '    return Forecast(temperature_c=found.temperature_c, text=_current["place"])\n'
    ),
}


@pytest.mark.parametrize("shared", SHARED.values(), ids=SHARED)
@pytest.mark.parametrize("cases", [1, 2])
def test_what_two_runs_write_into_is_told(connector: Write, files: Mapping[str, str], shared: str, cases: int) -> None:
    """Whether the second input is given or made up, and wherever the shared value is used."""
    text = files["forecast.py"].replace(CALL, f"{shared}\n\n_current: dict[str, str] = {{}}\n")
    more = """
CASES["weather.get_forecast"] = Case(answered=[
    Answered(input={"place": place}, replies=[Reply(json={"temperature_c": 1.5})]) for place in ("here", "there")
])
"""
    connector({"forecast.py": text, "cases.py": files["cases.py"] + (more if cases > 1 else "")})

    (line,) = told("703")

    assert "they share what belongs to one of them" in line


CAREFUL = {"behind a lock": "with _lock:\n        _count.append(1)\n", "of each thread": "_own.place = form.place\n"}


@pytest.mark.parametrize("careful", CAREFUL.values(), ids=CAREFUL)
def test_what_is_shared_with_care_is_no_flaw(connector: Write, files: Mapping[str, str], careful: str) -> None:
    """A count behind a lock, or a value of each thread."""
    shared = f"    {careful}{CALL}\n\n_count: list[int] = []\n_lock, _own = threading.Lock(), threading.local()\n"
    text = files["forecast.py"].replace(CALL, shared).replace('Forecast."""\n', 'Forecast."""\n\nimport threading\n', 1)
    connector({"forecast.py": text})

    assert told("703") == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_pool_of_the_parent_is_told_and_leaves_no_process(connector: Write, files: Mapping[str, str]) -> None:
    """The run in the child waits for a thread that is not there; it is ended, and so is what it left."""
    pooled = f"    _pool.submit(int).result()\n{CALL}\n\n_pool = ThreadPoolExecutor(1)\n"
    head = 'Forecast."""\n\nfrom concurrent.futures import ThreadPoolExecutor\n'
    connector({"forecast.py": files["forecast.py"].replace(CALL, pooled).replace('Forecast."""\n', head, 1)})
    begun = time.monotonic()

    (line,) = told("704")

    assert "after a fork it ends with no outcome within " in line
    assert time.monotonic() - begun < 110  # and not at the end of the time that a process is given


@pytest.mark.parametrize("name", ["password2", "token2", "bearer", "client_secret_value"])
def test_a_secret_by_another_name_is_told(connector: Write, files: Mapping[str, str], name: str) -> None:
    """The name of a secret may have a number or a word behind it."""
    field = f'    {name}: Annotated[str | None, Text(label="Key", help="Yours.")] = None\n    api_key:'
    connector({"connection.py": files["connection.py"].replace("    api_key:", field)})

    (line,) = told("501")

    assert line.startswith(f"weather: weather.account $.{name}: has the name of a secret and is none")


@pytest.mark.parametrize(("name", "found"), [("api_key", 1), ("page_token", 0), ("max_tokens", 0)])
def test_a_secret_in_the_form_of_a_module_is_told(
    connector: Write, files: Mapping[str, str], name: str, found: int
) -> None:
    """What pages and models call tokens are none."""
    field = f'    {name}: Annotated[str | None, Text(label="Key", help="Yours.")] = None\n    days:'
    connector({"forecast.py": files["forecast.py"].replace("    days:", field)})

    lines = told("501")

    assert len(lines) == found
    assert all(line.startswith("weather.get_forecast: $.api_key: has the name of a secret") for line in lines)


def test_a_name_can_be_explained(connector: Write, files: Mapping[str, str]) -> None:
    """What is called a cookie may be one that is eaten."""
    field = '    cookie: Annotated[str | None, Text(label="Cookie", help="A kind.")] = None\n    days:'
    cases = files["cases.py"].replace("Case(", 'Case(no_secret={"cookie": "It is baked."},', 1)
    connector({"forecast.py": files["forecast.py"].replace("    days:", field), "cases.py": cases})

    assert told("501") == []
