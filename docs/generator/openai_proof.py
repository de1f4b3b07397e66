"""The page about what the OpenAI connector rests on: fields and their sources, endpoints, claims, and their checks.

Everything on it is data: ``plugins/openai/facts`` and the rules inside the package, beside the forms themselves.
"""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from generator.markdown import code, table
from jackfield import Host, ModuleHandle
from jackfield._cli.describe import FieldTable

_FACTS = Path(__file__).parents[2] / "plugins" / "openai" / "facts"
_RULES = {"Chats": "model_rules", "Responses": "response_rules", "Images": "image_rules", "Sound": "sound_rules"}
_OURS = "ours: no parameter of a body"

_HEAD = """# What the OpenAI connector rests on

Every field with its bound and its source, what became of each endpoint, what models refuse, and how that was checked.
What the fields mean stands in the [reference of the connector](openai.md)."""


def page() -> str:
    """Write the page."""
    facts = {path.stem: json.loads(path.read_text("utf-8")) for path in _FACTS.glob("*.json")}
    with Host(environ={}) as host:
        ids = host.connector("openai").module_ids
        modules = [_module(handle, facts) for handle in host.modules() if handle.id in ids]
    parts = [
        _HEAD,
        _checks(facts["checks"]),
        _endpoints(facts["endpoints"]),
        f"## The fields\n\n{facts['parameters']['about']}\n\n{_sources(facts['parameters']['sources'])}",
        *modules,
        _differences(facts["sdk_differences"]),
        _left(facts["left_to_the_service"]),
        *(_claims(title, name) for title, name in _RULES.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _checks(facts: Mapping[str, Any]) -> str:
    rows = [(said["claim"], said["how"], code(said["test"])) for said in facts["checks"]]
    return f"## How it was checked\n\n{facts['about']}\n\n{table(['Claim', 'How', 'Test'], rows)}"


def _endpoints(facts: Mapping[str, Any]) -> str:
    rows = [
        (code(path), said["introduced"], said["state"], said["story"], said["instead"], "; ".join(said["sources"]))
        for path, said in facts["endpoints"].items()
    ]
    head = ["Endpoint", "Introduced", "Today", "Story", "Instead", "Sources"]
    return f"## The endpoints\n\n{facts['about']}\n\n{table(head, rows)}"


def _module(handle: ModuleHandle, facts: Mapping[str, Any]) -> str:
    endpoints = [path for path, said in facts["endpoints"]["endpoints"].items() if handle.id in said["modules"]]
    asked = f"Asks {', '.join(map(code, endpoints))}." if endpoints else "Asks whatever it is told to."
    rows: list[tuple[str, ...]] = [
        (code(row.name), row.type, row.needed, _source(row.name, handle.id, facts["parameters"]["endpoints"]))
        for row in FieldTable(handle.form, advanced=True, levels=1).rows
        if row.type and not row.name.startswith((" ", "."))
    ]
    rows.extend(_variants(handle, facts["parameters"]["endpoints"]))
    return f"### {handle.label}\n\n{asked}\n\n{table(['Field', 'Bound', '', 'Source'], rows)}"


def _variants(handle: ModuleHandle, endpoints: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Give the fields that only one method of a module has: where an endpoint is one of its variants."""
    if not any(said["module"] == handle.id and "variant" in said for said in endpoints.values()):
        return
    heading = ""
    for row in FieldTable(handle.form, advanced=True, levels=2).rows:
        name = row.name.strip().removeprefix(". ")
        if not row.name.startswith((" ", ".")):
            heading = ""
        elif row.heading or " = " in name:
            heading = name.partition(" = ")[2]
        elif heading and row.name.startswith(" ") and row.type:
            source = _source(name, handle.id, {p: s for p, s in endpoints.items() if s.get("variant") == heading})
            yield code(f"method.{name}"), f"{heading}: {row.type}", row.needed, source


def _source(name: str, module_id: str, endpoints: Mapping[str, Any]) -> str:
    """Say where what is known of a field comes from."""
    found = []
    for path, said in endpoints.items():
        parameter = said.get("sent_as", {}).get(name, name)
        if said["module"] == module_id and parameter in said["parameters"]:
            differs = said.get("differs", {}).get(parameter, {}).get("why", "")
            source = said["parameters"][parameter].get("source", said["source"])
            found.append(f"{code(source)}, {code(path)}{f': {differs}' if differs else ''}")
    if found:
        return "; ".join(found)
    own = {said["ours"][name] for said in endpoints.values() if said["module"] == module_id and name in said["ours"]}
    return f"ours: {' / '.join(sorted(own))}" if own else _OURS


def _sources(sources: Mapping[str, Any]) -> str:
    rows = [
        (code(key), said["kind"], said["where"], said.get("dated", ""), said["read"]) for key, said in sources.items()
    ]
    return table(["Source", "Kind", "Where", "Dated", "Read"], rows)


def _differences(facts: Mapping[str, Any]) -> str:
    rows = [tuple(said[key] for key in ("where", "sdk", "ours", "why", "way")) for said in facts["differences"]]
    head = ["Where", "The official SDK", "This connector", "Why", "The SDK's way here"]
    return f"## Differences from the official SDK\n\n{facts['about']}\n\n{table(head, rows)}"


def _left(facts: Mapping[str, Any]) -> str:
    rows = [
        (code(name), said["why"], ", ".join(map(code, said["modules"]))) for name, said in facts["combinations"].items()
    ]
    return f"## What is left to the service\n\n{facts['about']}\n\n{table(['Parameter', 'Rule', 'Modules'], rows)}"


def _claims(title: str, name: str) -> str:
    rules = json.loads((files("jackfield_openai") / f"{name}.json").read_text("utf-8"))
    claims = [
        (
            ", ".join(map(code, said["families"])),
            ", ".join(map(code, said["parameters"])),
            "; ".join(_but(said)),
            ", ".join(map(code, said["sources"])),
        )
        for said in rules["claims"]
    ]
    return (
        f"## {title}: what models refuse\n\n{rules['about']}\n\n"
        f"{table(['Families', 'Refuse', 'But', 'Sources'], claims)}\n\n"
        f"{_sources(rules['sources'])}"
    )


def _but(claim: Mapping[str, Any]) -> Iterator[str]:
    """Say what of a parameter is taken all the same, or what is done about it."""
    if "accepts" in claim:
        yield f"take {' or '.join(map(str, claim['accepts']))}"
    if "limit" in claim:
        said = ", ".join(f"{key} {value}" for key, value in claim["limit"].items() if key != "kind")
        yield f"only beyond a limit: {said}"
    if "item_type" in claim:
        yield f"only where one is a {claim['item_type']}"
    for other, values in claim.get("unless", {}).items():
        yield f"not if {other} is {' or '.join('left empty' if value is None else str(value) for value in values)}"
    if "instead" in claim:
        yield f"take it as {claim['instead']}"
    if claim.get("leave_out"):
        yield {"always": "it is never sent", "adapt": "it is left out"}[claim["leave_out"]]
