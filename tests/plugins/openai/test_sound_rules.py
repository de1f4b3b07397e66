"""Every claim about OpenAI's models that hear and speak, carried to the wire: the file is read claim by claim."""

from collections.abc import Mapping
from typing import Any

import pytest

from jackfield import File, Host, InvalidInputError
from jackfield.testing import Replay
from jackfield_openai.model_rules import SOUND, Claim, model_rules
from jackfield_openai.sandbox.sounds import said_aloud

RULES = model_rules(SOUND)
OPENAI = {"api_key": "k"}
HEAR, SPEAK = "openai.transcribe_audio", "openai.generate_speech"
WAV = File.from_bytes(said_aloud("x", 1, "wav"), name="a.wav")
BY_STREAM = {"stream", "stream_format"}
"""Asked for by the way in which a module is run."""
VALUES: Mapping[str, Any] = {
    "include": ["logprobs"],
    "instructions": "Softly",
    "keywords": ["a"],
    "languages": ["en"],
    "prompt": "p",
    "response_format": "vtt",
    "timestamp_granularities": ["word"],
}
CASES = [
    pytest.param(claim, family, name, id=f"claim {number} {family} {name}")
    for number, claim in enumerate(RULES.claims)
    for family in claim.families
    for name in claim.parameters
    if name not in BY_STREAM
]


def _form(family: str, **values: object) -> tuple[str, dict[str, Any]]:
    model = RULES.families[family][0]
    if family.startswith("tts"):
        return SPEAK, {"model": model, "input": "Hi", "voice": "alloy", **values}
    return HEAR, {"model": model, "file": WAV, **values}


def _run(host: Host, replay: Replay, module: str, form: Any, connection: Any = None) -> tuple[bytes, tuple[str, ...]]:
    replay.requests.clear()
    if module == SPEAK:
        replay.reply(content=b"ID3", headers={"Content-Type": "audio/mpeg"})
    elif form.get("response_format") in ("vtt", "text"):
        replay.reply(content=b"Hi", headers={"Content-Type": "text/plain"})
    else:
        replay.reply({"text": "Hi"})
    result = host.run(module, form, connection=connection or OPENAI)
    body: Any = replay.requests[0].body
    return (body if isinstance(body, bytes) else b"".join(body)), tuple(result.warnings)


@pytest.mark.parametrize(("claim", "family", "name"), CASES)
def test_a_claim_is_kept(host: Host, replay: Replay, claim: Claim, family: str, name: str) -> None:
    """Strict sends nothing and names the field, adapt leaves out what it may, and other servers get everything."""
    module, form = _form(family, **{name: VALUES[name]})

    with pytest.raises(InvalidInputError, match=rf"\$\.{name}: models of the family {family} refuse"):
        host.run(module, {**form, "model_rules": "strict"}, connection=OPENAI)
    assert replay.requests == []
    adapted, warned = _run(host, replay, module, form)
    as_set, told = _run(host, replay, module, {**form, "model_rules": "warn"})
    _, elsewhere = _run(host, replay, module, form, {"api_key": "k", "base_url": "http://localhost:1/v1"})
    assert (name.encode() in adapted) is not bool(claim.leave_out)
    assert name.encode() in as_set
    assert [len(warned), len(told), len(elsewhere)] == [1, 1, 0]


@pytest.mark.parametrize(("claim", "family", "name"), CASES)
def test_what_a_claim_lets_pass_is_not_warned_of(
    host: Host, replay: Replay, claim: Claim, family: str, name: str
) -> None:
    """The values that it accepts, and any where another field makes it right."""
    allowed = [{name: value} for value in claim.accepts]
    allowed += [{name: VALUES[name], other: values[0]} for other, values in claim.unless.items()]

    for values in allowed or [{}]:
        module, form = _form(family, **values)
        assert _run(host, replay, module, form)[1] == ()


@pytest.mark.parametrize("family", ["whisper", "tts-1"])
def test_a_model_that_cannot_stream_is_not_asked_to(host: Host, replay: Replay, family: str) -> None:
    """It gives its answer whole, and that is the piece; a stream is no field, so there is nothing to warn of."""
    module, form = _form(family)
    replay.reply({"text": "Hi"}) if module == HEAR else replay.reply(
        content=b"ID3", headers={"Content-Type": "audio/mpeg"}
    )

    with host.stream(module, form, connection=OPENAI) as stream:
        pieces = list(stream)

    body: Any = replay.requests[0].body
    assert b"stream" not in (body if isinstance(body, bytes) else b"".join(body))
    assert len(pieces) == 1
    assert stream.result.warnings == ()


def test_the_form_shows_what_fits_the_model() -> None:
    """What a model refuses is not offered."""
    with Host(environ={}) as host:
        form = host.module(HEAR).form_for({"model": "gpt-4o-transcribe-diarize"})
        plain = host.module(HEAR).form

    assert plain.slot("prompt") is not None
    assert form.slot("prompt") is None
    word: Any = form.slot("response_format")
    assert [choice.value for choice in word.word.choices] == ["json", "text", "diarized_json"]
