"""The OpenAPI document says all that the API does."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from contract_connector import MODULES
from jsonschema import Draft202012Validator
from web_desk import MODULES as DESK
from web_under_test import WebHost, by_header, serving

from jackfield import Host, HttpSettings
from jackfield_web import Web, WebSettings

PUBLIC = HttpSettings(allow_local=False)


@pytest.fixture(scope="module")
def web() -> Iterator[WebHost]:
    """A host with modules of two connectors."""
    settings = WebSettings(max_deadline_s=77)
    with serving(
        Web(authorize=by_header, settings=settings, title="Mine"), modules={**MODULES, **DESK}, settings=PUBLIC
    ) as client:
        yield client


@pytest.fixture(scope="module")
def document(web: WebHost) -> Mapping[str, Any]:
    """What is served."""
    found: Mapping[str, Any] = web.ask("GET", "/openapi.json").json
    return found


def _pointers(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from _pointers(item)
    elif isinstance(value, list):
        for item in value:
            yield from _pointers(item)


def test_each_module_has_its_own_paths(document: Mapping[str, Any]) -> None:
    """With its own input and bundle; a module that should no longer be used says so."""
    run = document["paths"]["/modules/contract.echo/run"]["post"]
    body = run["requestBody"]["content"]["application/json"]["schema"]
    bundle = document["components"]["schemas"]["contract.echo.Bundle"]

    assert document["info"]["title"] == "Mine"
    assert len([path for path in document["paths"] if path.endswith("/stream")]) == len({**MODULES, **DESK})
    assert body["properties"]["input"] == {"$ref": "#/components/schemas/contract.echo.Input"}
    assert body["properties"]["deadline_s"]["maximum"] == 77
    assert body["required"] == ["input"]
    assert [*bundle["properties"]] == ["text", "length"]
    assert document["paths"]["/modules/openai.desk_old/run"]["post"]["deprecated"] is True


def test_every_reference_leads_somewhere(document: Mapping[str, Any]) -> None:
    """Those inside the schemas of modules, too."""
    pointers = {*_pointers(document)}

    assert "#/components/schemas/Problem" in pointers
    for pointer in pointers:
        place: Any = document
        for step in pointer.removeprefix("#/").split("/"):
            place = place[step]


def test_every_schema_is_json_schema(document: Mapping[str, Any]) -> None:
    """Of the dialect that the document names."""
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_a_schema_is_called_what_it_is_called(document: Mapping[str, Any]) -> None:
    """By its name alone: a program that makes classes of titles would leave out those that are taken."""
    schemas = document["components"]["schemas"]

    assert [name for name, schema in schemas.items() if "title" in schema] == []
    assert schemas["contract.echo.Input"]["properties"]["text"]["title"]


def test_every_operation_has_an_id_of_its_own_and_tells_its_errors(document: Mapping[str, Any]) -> None:
    """A program that is generated from it has a name for each, and knows what can come."""
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]

    assert len(names) == len({*names})
    for operation in operations:
        for status, answer in operation["responses"].items():
            is_problem = "application/problem+json" in answer.get("content", {})
            assert is_problem == (int(status) >= 400), operation["operationId"]


def test_a_program_gets_the_document_without_a_request() -> None:
    """To write it to a file, when it is built."""
    web = Web(authorize=by_header, modules=["contract.echo"])
    with Host(plugins=[web], discover=False, modules=MODULES, settings=PUBLIC) as host:
        document = web.served(host).openapi("/api")

    assert document["servers"] == [{"url": "/api"}]
    assert "security" not in document
    assert json.loads(json.dumps(document)) == document
    assert "/modules/contract.draw/run" not in document["paths"]


def test_the_document_says_how_callers_tell_who_they_are() -> None:
    """As the application does it, so that a program that is made from the document has a place for its token."""
    scheme = {"type": "http", "scheme": "bearer"}
    web = Web(authorize=by_header, modules=["contract.echo"], security={"token": scheme})
    with Host(plugins=[web], discover=False, modules=MODULES, settings=PUBLIC) as host:
        document = web.served(host).openapi()

    assert document["security"] == [{"token": []}]
    assert document["components"]["securitySchemes"] == {"token": scheme}
