"""The official SDK and our modules send the same, whatever its signatures allow: each parameter alone, many at once.

What is left out of the random values on purpose stands in ``plugins/openai/facts/sdk_differences.json``, with the
reason, and is tried in ``test_sdk_differences.py``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai_twins import CALLS, TYPED_TOOLS, Call, Twins, parameters_of
from typed_values import TEXTS, Values

from jackfield import Host
from jackfield_openai.sandbox.pictures import as_file, draw
from jackfield_openai.sandbox.sounds import said_aloud

pytestmark = pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # the SDK's word on variations

STREAM_OPTIONS, ENCODING = "stream_options", "encoding_format"
ONLY_STREAMED = {STREAM_OPTIONS, "partial_images"}

PICTURES = [
    (as_file(draw(name, [name], (64, 64), transparent=name == "z"), kind), f"image/{kind}")
    for name, kind in (("x", "png"), ("y", "jpeg"), ("z", "webp"))
]
NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True)
FILE_NAMES = st.text("aä b.'\"%;=(✓", min_size=1, max_size=6).filter(lambda name: name.strip(" .") == name)
FILES = st.builds(lambda name, picture: (name, *picture), FILE_NAMES, st.sampled_from(PICTURES))
EXPIRY = st.fixed_dictionaries({"anchor": st.just("created_at"), "seconds": st.integers(3600, 2_592_000)})
SEVERAL = st.lists(FILES, min_size=2, max_size=3)
WORDS = TEXTS.filter(bool)
TOKENS = st.lists(st.integers(0, 2**31), min_size=1, max_size=3)
PART = st.fixed_dictionaries({"type": st.just("text"), "text": TEXTS}) | st.fixed_dictionaries(
    {"type": st.just("image_url"), "image_url": st.fixed_dictionaries({"url": TEXTS})}
)
RECORDING = ("a.wav", said_aloud("x", 1, "wav"), "audio/wav")
RECORDINGS = st.builds(lambda name: (f"{name}.wav", *RECORDING[1:]), FILE_NAMES)
LISTS = {name: st.lists(WORDS, min_size=1, max_size=4) for name in ("keywords", "languages", "known_speaker_names")}
VAD = st.fixed_dictionaries(
    {"type": st.just("server_vad")},
    optional={
        "threshold": st.floats(0, 1),
        "prefix_padding_ms": st.integers(0, 2**31),
        "silence_duration_ms": st.integers(0, 2**31),
    },
)
OWN: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "embeddings.create": {
        "input": WORDS | st.lists(WORDS, min_size=1) | TOKENS | st.lists(TOKENS, min_size=1),
    },
    "moderations.create": {"input": TEXTS | st.lists(TEXTS, min_size=1) | st.lists(PART, min_size=1)},
    "audio.transcriptions.create": {
        **LISTS,
        "file": RECORDINGS,
        "temperature": st.floats(0, 1),
        "known_speaker_references": st.lists(WORDS, min_size=1, max_size=4),
        "chunking_strategy": st.just("auto") | VAD,
    },
    "audio.translations.create": {"file": RECORDINGS, "temperature": st.floats(0, 1)},
    "audio.speech.create": {"input": WORDS, "speed": st.floats(0.25, 4)},
    "completions.create": {"logprobs": st.integers(0, 5)},
    "responses.create": {
        "authorization": WORDS,
        "max_num_results": st.integers(1, 50),
        "output_compression": st.integers(0, 100),
        "partial_images": st.integers(0, 3),
        "score_threshold": st.floats(0, 1),
        "stream_options": st.fixed_dictionaries({}, optional={"include_obfuscation": st.booleans()}),
        "ContainerNetworkPolicyAllowlistParam.domain_secrets": st.just([]),
    },
}
"""What only one method has, or has in another way; in a form a number is written as it is."""
LEAST: Mapping[str, Any] = {
    "messages": [{"role": "user", "content": "Hi"}],
    "model": "some-model",
    "prompt": "p",
    "input": "Hi",
    "voice": "alloy",
    "file": RECORDING,
    "purpose": "batch",
    "file_id": "file-1",
    "batch_id": "batch_1",
    "endpoint": "/v1/embeddings",
    "input_file_id": "file-1",
    "completion_window": "24h",
}
NEEDED = {*LEAST, "image"}
IDS = st.text("aA1é✓ /?#%:;&=+,!$'()*~_|", min_size=1, max_size=6) | st.sampled_from(
    ["ft:gpt-4o:acme::abc", "a/b:free"]
)
"""Of models: whatever letters one has, it stays one step of the path."""


def _schema(module: str) -> Mapping[str, Any]:
    with Host(environ={}) as host:
        found: Mapping[str, Any] = host.module(module).schema()["properties"]
        return found


def _bounded(facts: Mapping[str, Any]) -> st.SearchStrategy[Any] | None:
    """Make numbers within a field's bounds; that these are the service's is tested with the table of parameters."""
    low, high = facts.get("minimum"), facts.get("maximum")
    if facts.get("type") == "integer":
        return st.integers(low or 0, 2**40 if high is None else high)
    if facts.get("type") == "number":
        return st.integers(low, high) | st.floats(low, high)
    return None


def _values(call: Call) -> Values:
    bounded = {name: _bounded(facts) for name, facts in _schema(call.module).items()}
    own = OWN.get(call.method, {})
    shared = Values(
        special={
            **{name: values for name, values in bounded.items() if values is not None},
            "name": NAMES,
            "model": IDS if call.method == "models.retrieve" else WORDS,
            "stop": st.none() | st.lists(TEXTS, min_size=1, max_size=4),
            "logit_bias": st.dictionaries(st.sampled_from(["1", "50256"]), st.integers(-100, 100), max_size=2),
            "prompt": WORDS,
            "image": FILES if call.method == "images.create_variation" else FILES | SEVERAL,
            "mask": FILES,
            **({"file": FILES} if call.method == "files.create" else {}),
            "file_id": IDS,
            "batch_id": IDS,
            "input_file_id": WORDS,
            "after": WORDS,
            "limit": st.integers(1, 10_000),
            "expires_after": EXPIRY,
            "output_expires_after": EXPIRY,
            "markup": FILES,
            STREAM_OPTIONS: st.fixed_dictionaries(
                {"include_usage": st.booleans()}, optional={"include_obfuscation": st.booleans()}
            ),
            **own,
        }
    )
    if call.method != "responses.create":
        return shared
    # There a prompt and an image are objects of their own.
    return Values(special={name: made for name, made in shared.special.items() if name not in ("image", "prompt")})


PARAMETERS = {call.method: parameters_of(call) for call in CALLS}
MADE = {
    call.method: {
        name: values.special[name] if name in values.special else values.of(kind)
        for name, kind in PARAMETERS[call.method].items()
        if name not in call.asks
    }
    for call in CALLS
    for values in [_values(call)]
}
"""Values for each parameter of each method."""
REQUIRED = {"responses.create": ("input", "model")}
LEASTS: Mapping[str, Mapping[str, Any]] = {
    call.method: {
        name: LEAST.get(name, ("a.png", *PICTURES[0]))
        for name in REQUIRED.get(call.method, NEEDED)
        if name in PARAMETERS[call.method]
    }
    for call in CALLS
}
ALONE = [
    pytest.param(call, name, id=f"{call.method} {name}")
    for call in CALLS
    for name in PARAMETERS[call.method]
    if name not in call.asks
]


@pytest.fixture(scope="module")
def twins() -> Iterator[Twins]:
    """Open both once: they keep nothing from call to call but the connection."""
    with Twins() as opened:
        yield opened


def _fitting(call: Call, params: dict[str, Any], *, streaming: bool) -> dict[str, Any]:
    """Leave out what cannot stand beside another, and what is told with the differences."""
    said = params if streaming else {name: value for name, value in params.items() if name not in ONLY_STREAMED}
    if streaming and STREAM_OPTIONS in PARAMETERS[call.method] and call.method != "responses.create":
        said = {STREAM_OPTIONS: {"include_usage": True}, **said}
    if ENCODING in PARAMETERS[call.method]:
        said = {ENCODING: "float", **said}
    if (said.get("best_of") or 0) < (said.get("n") or 0):
        said.pop("best_of", None)
    if said.get("mask") is not None:
        said.pop("markup", None)
    if said.get("tools") is not None:
        said["tools"] = sorted(said["tools"], key=lambda tool: tool.get("type") not in TYPED_TOOLS)
    if said.get("conversation") is not None:
        said.pop("previous_response_id", None)
    return {**LEASTS[call.method], **said}


@pytest.mark.parametrize(("call", "name"), ALONE)
@given(data=st.data())
@settings(max_examples=4)
def test_each_parameter_of_the_sdk_alone(twins: Twins, call: Call, name: str, data: st.DataObject) -> None:
    """Every one that its signature has: a name that is new there is tried here by itself, and fails without a field."""
    streaming = name in ONLY_STREAMED or (call.streams and data.draw(st.booleans(), label="streaming"))
    params = _fitting(call, {name: data.draw(MADE[call.method][name], label=name)}, streaming=streaming)

    theirs, ours = twins.both(call, params, streaming=streaming)

    assert ours == theirs


@pytest.mark.parametrize(
    "call", [call for call in CALLS if len(PARAMETERS[call.method]) > 1], ids=lambda call: call.method
)
@given(data=st.data())
@settings(max_examples=25)
def test_parameters_of_the_sdk_together(twins: Twins, call: Call, data: st.DataObject) -> None:
    """Any of them at once, streaming and not."""
    streaming = call.streams and data.draw(st.booleans(), label="streaming")
    params = data.draw(st.fixed_dictionaries({}, optional=MADE[call.method]), label="parameters")
    params = _fitting(call, params, streaming=streaming)

    theirs, ours = twins.both(call, params, streaming=streaming)

    assert ours == theirs
