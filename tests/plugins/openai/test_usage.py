"""Every module tells what it used as one record, foresees the most, and stays in a budget."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from jackfield import (
    AnswerError,
    AnyModule,
    Budget,
    BudgetError,
    Execution,
    Failure,
    Host,
    Meter,
    Money,
    Operation,
    PriceTable,
    Result,
    Usage,
    hookimpl,
)
from jackfield.testing import Replay
from jackfield_openai.chat_completion import create_chat_completion
from jackfield_openai.completion import create_completion
from jackfield_openai.custom_api_call import create_custom_api_call
from jackfield_openai.edit import create_edit
from jackfield_openai.foresight import NOTHING
from jackfield_openai.images import generate_images
from jackfield_openai.models import get_models
from jackfield_openai.sandbox import Sandbox

KEY = {"api_key": "k"}
SAID = [{"role": "user", "content": "Hello"}]
COUNTS = {
    "prompt_tokens": 20,
    "completion_tokens": 8,
    "total_tokens": 28,
    "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 3, "audio_tokens": 2, "image_tokens": 5},
    "completion_tokens_details": {"reasoning_tokens": 6, "audio_tokens": 1},
}
COUNTED = Usage(
    model="m-2026",
    input_tokens=20,
    output_tokens=8,
    total_tokens=28,
    cached_tokens=4,
    cache_write_tokens=3,
    input_image_tokens=5,
    input_audio_tokens=2,
    reasoning_tokens=6,
    output_audio_tokens=1,
)
CHAT = "openai.create_chat_completion"
COMPLETION = "openai.create_completion"
EDIT = "openai.create_edit"
IMAGES = "openai.generate_images"
CALL = "openai.create_custom_api_call"
MODULES: Mapping[str, AnyModule] = {
    CHAT: create_chat_completion,
    COMPLETION: create_completion,
    EDIT: create_edit,
    IMAGES: generate_images,
    CALL: create_custom_api_call,
    "openai.get_models": get_models,
}


@pytest.mark.parametrize(
    ("module", "form"),
    [
        (CHAT, {"model": "m", "messages": SAID}),
        (COMPLETION, {"model": "m", "prompt": "Hello"}),
        (EDIT, {"model": "m", "input": "Helo", "instruction": "Correct it."}),
        (CALL, {"url": "chat/completions", "method": "POST", "body": {"model": "m", "messages": SAID}}),
    ],
)
def test_all_counts_of_a_text_stand_in_one_record(
    host: Host, replay: Replay, answer: Callable[..., Any], module: str, form: Mapping[str, object]
) -> None:
    """Whichever module it was, with the model that answered."""
    replay.reply({**answer(), "usage": COUNTS})

    result = host.run(module, form, connection=KEY)

    assert result.used == (COUNTED,)
    assert result.usage == COUNTED


@pytest.mark.parametrize(
    ("body", "usage"),
    [
        (
            {
                "model": "r",
                "usage": {"input_tokens": 3, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 1}},
            },
            Usage(model="r", input_tokens=3, output_tokens=4, cached_tokens=1),
        ),
        (
            {"model": "e", "usage": {"prompt_tokens": 8, "total_tokens": 8}},
            Usage(model="e", input_tokens=8, total_tokens=8),
        ),
        ({"text": "Hi", "usage": {"type": "duration", "seconds": 9}}, Usage(seconds=9.0)),
        ({"data": []}, None),
        ({"usage": "much"}, None),
        ([1], None),
    ],
    ids=["a response", "an embedding", "a transcription", "no usage", "another usage", "no object"],
)
def test_a_custom_call_tells_what_any_endpoint_used(
    host: Host, replay: Replay, body: object, usage: Usage | None
) -> None:
    """Its answer says so in the endpoint's own words."""
    replay.reply(body)

    assert host.run(CALL, {"url": "x", "method": "POST"}, connection=KEY).usage == usage


@pytest.mark.parametrize(
    ("events", "used"),
    [
        (
            [
                {"model": "m", "choices": [], "usage": {"prompt_tokens": 2, "completion_tokens": 1}},
                {"model": "m", "choices": [], "usage": {"prompt_tokens": 2, "completion_tokens": 5}},
            ],
            (Usage(model="m", input_tokens=2, output_tokens=5),),
        ),
        (
            [{"type": "response.completed", "response": {"model": "m", "usage": {"input_tokens": 1}}}],
            (Usage(model="m", input_tokens=1),),
        ),
        (
            [{"type": "image_generation.completed", "usage": {"output_tokens": 3}}] * 2,
            (Usage(output_tokens=3), Usage(output_tokens=3)),
        ),
    ],
    ids=["a count that grows", "a response", "two images"],
)
def test_a_streamed_custom_call_counts_once(
    host: Host, replay: Replay, events: list[object], used: tuple[Usage, ...]
) -> None:
    """A count that grows is told by its last, one for each image by all."""
    replay.reply(events=events)

    with host.stream(CALL, {"url": "x", "method": "POST", "body": {}}, connection=KEY) as stream:
        assert stream.result.used == used


def test_images_are_counted_and_the_author_of_an_svg_is_another_model(
    net_host: Host, account: Callable[..., dict[str, object]]
) -> None:
    """Once for each who did some of the work."""
    form = {
        "model": "stand-in-image",
        "method": {"type": "generate", "prompt": "A red fox"},
        "output_format": "svg",
        "svg": {"model": "stand-in-mini"},
    }

    drawing, writing = net_host.run(IMAGES, form, connection=account()).used

    assert (drawing.model, drawing.images) == ("stand-in-image", 1)
    assert drawing.output_tokens == drawing.output_image_tokens
    assert (writing.model, writing.images, writing.input_tokens) == ("stand-in-mini", None, 3)


def test_an_edit_counts_the_images_that_it_was_given(net_host: Host, account: Callable[..., dict[str, object]]) -> None:
    """Streamed or not, it is the same."""
    made = net_host.run(
        IMAGES, {"model": "stand-in-image", "method": {"type": "generate", "prompt": "A fox"}}, connection=account()
    )
    form = {"model": "stand-in-image", "method": {"type": "edit", "prompt": "A hat", "images": [made.output.result]}}

    once = net_host.run(IMAGES, form, connection=account())
    with net_host.stream(IMAGES, form, connection=account()) as stream:
        streamed = stream.result

    assert once.usage is not None
    assert (once.usage.images, once.usage.input_image_tokens) == (1, 1024)
    assert streamed.usage == once.usage


def test_an_answer_that_is_no_json_is_paid_for(host: Host, replay: Replay, answer: Callable[..., Any]) -> None:
    """The error says what it used."""
    replay.reply(answer({"content": "no JSON"}))
    form = {"model": "m", "messages": SAID, "response_format": {"type": "json_object"}}

    with pytest.raises(AnswerError) as caught:
        host.run(CHAT, form, connection=KEY)

    assert [usage.total_tokens for usage in caught.value.used] == [12]


class Foreseer:
    """Runs nothing, and keeps what each run foresees."""

    def __init__(self) -> None:
        self.seen: list[Usage] = []

    @hookimpl
    def execute(self, operation: Operation) -> Execution:
        """Ask the module."""
        assert operation.module is not None
        assert operation.module.foresee is not None
        self.seen.append(operation.module.foresee(operation.form))
        return self._nothing()

    def _nothing(self) -> Execution:
        yield from ()
        return Result(outputs=(), bundles=())


def foreseen(module: str, form: Mapping[str, object]) -> Usage:
    """Ask a module what it can use at most."""
    foreseer = Foreseer()
    with Host(plugins=[foreseer], modules=MODULES, discover=False, environ={}) as host:
        host.run(module, form, connection=KEY)
    return foreseer.seen[0]


@pytest.mark.parametrize(
    ("module", "form", "output"),
    [
        (CHAT, {"model": "m", "messages": SAID, "max_completion_tokens": 10, "n": 3}, 30),
        (CHAT, {"model": "m", "messages": SAID, "max_tokens": 10}, 10),
        (CHAT, {"model": "m", "messages": SAID}, None),
        (CHAT, {"model": "m", "messages": SAID, "max_completion_tokens": 10, "max_tokens": 99}, 99),
        (CHAT, {"model": "m", "messages": SAID, "max_tokens": 10, "extra": {"best_of": 3}}, 30),
        (CHAT, {"model": "m", "messages": SAID, "max_tokens": 10, "extra": {"best_of": 3.0}}, None),
        (COMPLETION, {"model": "m", "prompt": "a", "max_tokens": 7, "best_of": 4, "endpoint": "completions"}, 28),
        (EDIT, {"model": "m", "input": "a", "instruction": "b", "limit": 2, "extra": {"max_tokens": 5}}, 10),
    ],
)
def test_the_most_of_an_answer_is_foreseen(module: str, form: Mapping[str, object], output: int | None) -> None:
    """By its largest size and how many are made; nobody knows where that is not said."""
    found = foreseen(module, form)

    assert (found.model, found.output_tokens) == ("m", output)
    assert found.input_tokens is not None
    assert found.input_tokens > len(json.dumps(form))


@pytest.mark.parametrize(
    "form",
    [
        {
            "messages": [
                {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x.example/a"}}]}
            ]
        },
        {"messages": SAID, "web_search_options": {}},
        {"messages": [{"role": "assistant", "audio": {"id": "a"}}]},
    ],
    ids=["an image", "a search", "earlier audio"],
)
def test_an_input_that_only_the_service_can_count_is_unknown(form: Mapping[str, object]) -> None:
    """How many tokens an image takes is for the service to say."""
    assert foreseen(CHAT, {"model": "m", "max_completion_tokens": 1, **form}).input_tokens is None


@pytest.mark.parametrize(
    ("module", "form", "found"),
    [
        ("openai.get_models", {}, NOTHING),
        (CALL, {"url": "models"}, NOTHING),
        (CALL, {"url": "x", "method": "POST", "body": {"model": "m"}}, Usage(model="m")),
        (IMAGES, {"model": "m", "method": {"type": "generate", "prompt": "a"}, "n": 3}, Usage(model="m", images=3)),
    ],
)
def test_other_modules_foresee_what_can_be_known(module: str, form: Mapping[str, object], found: Usage) -> None:
    """A list uses nothing; of images their number is known."""
    assert foreseen(module, form) == found


@pytest.mark.parametrize(
    "text",
    ["Hello", "h\u00e9llo \u4f60\u597d " * 20, "\U0001f980" * 30, "a" * 500],
    ids=["a word", "accents and Chinese", "emoji", "one letter"],
)
def test_what_is_foreseen_is_never_less_than_what_is_used(
    sandbox: Sandbox, account: Callable[..., dict[str, object]], text: str
) -> None:
    """The stand-in counts as a tokenizer does, more or less."""
    form = {"model": "stand-in-mini", "messages": [{"role": "user", "content": text}], "max_completion_tokens": 40}
    with Host(modules=MODULES, discover=False, environ={}) as host:
        used = host.run(CHAT, form, connection=account()).usage

    most = foreseen(CHAT, form)
    assert used is not None
    assert used.input_tokens <= most.input_tokens  # type: ignore[operator]  # both are counted
    assert used.output_tokens <= most.output_tokens  # type: ignore[operator]  # the same


def test_a_map_stays_in_a_budget(account: Callable[..., dict[str, object]]) -> None:
    """Over real HTTP, eight at once; what was done is kept, the rest is refused before it is sent."""
    budget, meter = Budget(tokens=3000), Meter()
    forms = [
        {
            "model": "stand-in-mini",
            "messages": [{"role": "user", "content": f"Hello {number}"}],
            "max_completion_tokens": 50,
        }
        for number in range(300)
    ]

    with Host(modules=MODULES, discover=False, environ={}, plugins=[budget, meter]) as host:
        outcomes: list[Result[Any] | Failure] = list(host.map(CHAT, forms, connection=account(), concurrency=8))

    done = [outcome for outcome in outcomes if isinstance(outcome, Result)]
    refused = [outcome.error for outcome in outcomes if isinstance(outcome, Failure)]
    total = meter.total().usage.tokens
    assert 10 < len(done) < 300
    assert {type(error) for error in refused} == {BudgetError}
    assert total is not None
    assert 2000 < total <= 3000
    assert budget.spent == {"tokens": total}
    assert meter.total().calls == len(done)


def test_a_budget_of_money_goes_by_a_table(account: Callable[..., dict[str, object]]) -> None:
    """A model that is not in it is refused, and so is what could cost more than is left."""
    table = PriceTable.of(
        {
            "currency": "USD",
            "prices": [{"model": "stand-in-mini", "per_tokens": 1, "input_tokens": "0.01", "output_tokens": "1"}],
        }
    )
    budget = Budget(money=Money(Decimal(60), "USD"))
    form = {"model": "stand-in-mini", "messages": SAID, "max_completion_tokens": 50}

    with Host(modules=MODULES, discover=False, environ={}, plugins=[budget, table]) as host:
        result = host.run(CHAT, form, connection=account())
        with pytest.raises(BudgetError, match="there is no price for the model stand-in-large"):
            host.run(CHAT, {**form, "model": "stand-in-large"}, connection=account())
        with pytest.raises(BudgetError, match=r"could use 506\.\d\d USD"):
            host.run(CHAT, {**form, "max_completion_tokens": 500}, connection=account())

    usage = result.usage
    assert usage is not None
    assert result.cost == Money(Decimal("0.01") * (usage.input_tokens or 0) + (usage.output_tokens or 0), "USD")
    assert budget.spent == {"money": result.cost.amount}
