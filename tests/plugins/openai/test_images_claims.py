"""Every claim about OpenAI's image models, carried to the wire: the file is read claim by claim, so a new one is tried.

For each claim, family and parameter a form is made that breaks the claim and, by that parameter, nothing else.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from attrs import frozen

from jackfield import File, Host, InvalidInputError
from jackfield.testing import Replay
from jackfield_openai.model_rules import IMAGES, Claim, model_rules
from jackfield_openai.rule_limits import ImagesLimit, NumberLimit, SizeLimit, TextLimit
from jackfield_openai.sandbox.multipart import read_parts
from jackfield_openai.sandbox.pictures import as_file, draw

MODULE = "openai.generate_images"
RULES = model_rules(IMAGES)
OPENAI = {"api_key": "sk-canary"}
STREAMED = {"stream", "partial_images"}
FILES = {"image", "mask", "markup"}
OF_EDITS = {*FILES, "input_fidelity"}


def _picture(size: tuple[int, int] = (64, 64), kind: str = "png", *, transparent: bool = False) -> File:
    data = as_file(draw("x", ["x"], size, transparent=transparent), kind)
    return File.from_bytes(data, name=f"a.{kind}")


GIF = File.from_bytes(b"GIF89a" + bytes(9), name="a.gif")
VALUES: Mapping[str, Any] = {
    "background": "transparent",
    "complexity": "low",
    "frame_count": 3,
    "frame_duration_ms": 90,
    "image": _picture(),
    "input_fidelity": "high",
    "markup": _picture(transparent=True),
    "mask": _picture(transparent=True),
    "moderation": "low",
    "n": 2,
    "output_compression": 50,
    "output_format": "png",
    "partial_images": 2,
    "prompt": "Blue",
    "quality": "of-no-model",
    "response_format": "b64_json",
    "safety_identifier": "u",
    "size": "7x7",
    "stream": True,
    "style": "vivid",
    "svg": {"model": "writer"},
}
"""A value for each parameter that some family refuses; of two fields it may be the refused one."""


@frozen(kw_only=True)
class Case:
    """One parameter of one claim for one family."""

    claim: Claim
    family: str
    parameter: str

    def __str__(self) -> str:
        """Name it in a report of tests."""
        return f"claim {RULES.claims.index(self.claim)} {self.family} {self.parameter}"

    @property
    def field(self) -> str:
        """The path of the field."""
        own = {"image": "method.images", **dict.fromkeys(("prompt", "style", "moderation"), f"method.{self.parameter}")}
        return own.get(self.parameter, f"method.{self.parameter}" if self.parameter in OF_EDITS else self.parameter)

    def form(self, value: Any, **others: Any) -> dict[str, Any]:
        """Fill a form; ``others`` are parameters beside it."""
        said = {self.parameter: value, **others}
        edits = bool(OF_EDITS & said.keys())
        method: dict[str, Any] = {"type": "edit" if edits else "generate", "prompt": said.pop("prompt", "p")}
        if edits:
            images = said.pop("image", _picture())
            method["images"] = images if isinstance(images, list) else [images]
        for name in ({"mask", "markup", "input_fidelity"} if edits else {"style", "moderation"}) & said.keys():
            method[name] = said.pop(name)
        extra = {name: said.pop(name) for name in ({"style", "moderation"} if edits else ()) if name in said}
        said |= {"extra": extra} if extra else {}
        return {"model": RULES.families[self.family][0], "method": method, **said}

    def beyond(self) -> Any:
        """Give a value that the claim refuses."""
        limit = self.claim.limit
        if isinstance(limit, NumberLimit):
            return int(limit.most) + 1
        if isinstance(limit, TextLimit):
            return "x" * (limit.longest + 1)
        if isinstance(limit, SizeLimit):
            return f"{limit.step * 10}x{limit.step * 10 + 1}"
        if isinstance(limit, ImagesLimit):
            return _picture((64, 32), transparent=True) if limit.over else GIF
        return VALUES[self.parameter] if VALUES[self.parameter] not in self.claim.accepts else "of-no-model"

    def within(self) -> Iterator[Any]:
        """Give values that the claim lets pass, as it says itself."""
        limit = self.claim.limit
        yield from self.claim.accepts
        if isinstance(limit, NumberLimit):
            yield int(limit.most)
        elif isinstance(limit, TextLimit):
            yield "x" * limit.longest
        elif isinstance(limit, SizeLimit):
            yield f"{limit.step * 60}x{limit.step * 20}"
        elif isinstance(limit, ImagesLimit):
            yield _picture(transparent=True) if limit.over else [_picture()] * limit.most

    def depended(self) -> dict[str, Any]:
        """Give other parameters with which the claim refuses."""
        formats = ("png", "jpeg", "webp", "gif", "svg")
        return {
            other: next(value for value in formats if value not in allowed)
            for other, allowed in self.claim.unless.items()
            if None in allowed
        }

    def freed(self) -> Iterator[dict[str, Any]]:
        """Give other parameters with which the claim lets its own pass, one by one."""
        for other, allowed in self.claim.unless.items():
            yield from ({} if value is None else {other: value} for value in allowed)


CASES = [
    Case(claim=claim, family=family, parameter=name)
    for claim in RULES.claims
    for family in claim.families
    for name in claim.parameters
]
SENT = [case for case in CASES if case.parameter not in STREAMED]
PIECES = [case for case in CASES if case.parameter in STREAMED]


def _told(warnings: Any, case: Case) -> list[str]:
    return [warning for warning in warnings if warning.startswith(f"$.{case.field}: ")]


def _run(host: Host, replay: Replay, form: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """Run, and give what was sent, with a list for each parameter that is a file, and the warnings."""
    replay.reply({"data": [{"b64_json": "R0lGODlh"}] * (form.get("n") or 1)})
    result = host.run(MODULE, form, connection=OPENAI)
    request = replay.requests[-1]
    body: Any = request.body
    if isinstance(body, bytes):
        return json.loads(body), result.warnings
    sent: dict[str, Any] = {}
    for part in read_parts(request.headers["Content-Type"], b"".join(body)):
        sent.setdefault(part.name.removesuffix("[]").partition("[")[0], []).append(part.data)
    return sent, result.warnings


def test_every_parameter_of_a_claim_is_tried() -> None:
    """One that is new to the file needs a value here, or it would be tried with none."""
    assert {case.parameter for case in CASES} <= set(VALUES)
    assert len(CASES) == sum(len(claim.families) * len(claim.parameters) for claim in RULES.claims)


@pytest.mark.parametrize("policy", ["adapt", "warn"])
@pytest.mark.parametrize("case", SENT, ids=str)
def test_what_a_claim_refuses_is_told_and_sent_or_left_out(host: Host, replay: Replay, case: Case, policy: str) -> None:
    """As the claim says what may be left out; all else goes as it was set."""
    form = case.form(case.beyond(), **case.depended())

    sent, warnings = _run(host, replay, {**form, "model_rules": policy})

    (told,) = _told(warnings, case)
    assert f"models of the family {case.family} refuse " in told
    left_out = case.claim.leave_out == "always" or (policy == "adapt" and case.claim.leave_out == "adapt")
    assert (case.parameter not in sent) is left_out
    assert ("left out" in told) is left_out


@pytest.mark.parametrize("case", SENT, ids=str)
def test_strict_sends_nothing(host: Host, replay: Replay, case: Case) -> None:
    """And names the field."""
    form = {**case.form(case.beyond(), **case.depended()), "model_rules": "strict"}

    with pytest.raises(InvalidInputError) as caught:
        host.run(MODULE, form, connection=OPENAI)

    assert f"$.{case.field}" in [problem.path for problem in caught.value.problems]
    assert not replay.requests


@pytest.mark.parametrize("case", SENT, ids=str)
def test_what_a_claim_lets_pass_is_sent_without_a_word(host: Host, replay: Replay, case: Case) -> None:
    """Its exceptions, its limits, and what depends on another parameter."""
    values = [(value, case.depended()) for value in case.within()]
    values += [(case.beyond(), others) for others in case.freed()]
    for value, others in values:
        sent, warnings = _run(host, replay, case.form(value, **others))

        assert not [told for told in _told(warnings, case) if "refuse" in told]
        assert case.parameter in sent
    assert values or not (case.claim.accepts or case.claim.limit or case.claim.unless)


@pytest.mark.parametrize("case", PIECES, ids=str)
def test_a_stream_is_asked_only_where_a_claim_does_not_refuse_it(host: Host, replay: Replay, case: Case) -> None:
    """Else the whole images are the pieces."""
    for others, streams in [(case.depended(), False), *((freed, True) for freed in case.freed())]:
        form = {**case.form(2, **others), "partial_images": 2}
        form.pop("stream", None)
        if streams:
            replay.reply(events=[{"type": "image_generation.completed", "b64_json": "R0lGODlh"}])
        else:
            replay.reply({"data": [{"b64_json": "R0lGODlh"}]})
        with host.stream(MODULE, form, connection=OPENAI) as stream:
            pieces = list(stream)

        sent = json.loads(replay.requests[-1].body or b"")
        assert len(pieces) == 1
        assert {name: sent.get(name) for name in STREAMED} == (
            {"stream": True, "partial_images": 2} if streams else dict.fromkeys(STREAMED)
        )
