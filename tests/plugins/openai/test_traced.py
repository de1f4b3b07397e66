"""What the modules tell of conversations, where a host was asked to record content."""

from collections.abc import Generator, Mapping
from typing import Any

from jackfield import AnyModule, Execution, Host, Operation, hookimpl
from jackfield.testing import Replay
from jackfield_openai.chat_completion import create_chat_completion
from jackfield_openai.completion import create_completion
from jackfield_openai.responses.create import create_response

CALL = {"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": '{"x": 1}'}}
CALLED = {"type": "tool_call", "id": "c1", "name": "look_up", "arguments": '{"x": 1}'}
PICTURE = {"type": "image_url", "image_url": {"url": "https://pictures.example/1.png"}}


class Told:
    """Asks a module what it tells of its runs, as a host that traces them does."""

    def __init__(self, module: AnyModule) -> None:
        assert module.genai is not None
        self._genai = module.genai
        self.asked: Any = None
        self.answered: Any = None
        self.reasons: Any = None

    @hookimpl(wrapper=True)
    def execute(self, operation: Operation) -> Generator[None, Execution, Execution]:
        """Ask before and after."""
        execution = yield
        return self._watched(operation, execution)

    def _watched(self, operation: Operation, execution: Execution) -> Execution:
        genai = self._genai
        assert genai.input_messages is not None
        assert genai.output_messages is not None
        assert genai.finish_reasons is not None
        result = yield from execution
        self.asked = genai.input_messages(operation.form)
        self.answered = genai.output_messages(result.output)
        self.reasons = genai.finish_reasons(result.output)
        return result


def told(module: AnyModule, form: Mapping[str, Any], answer: Mapping[str, Any]) -> Told:
    """Run a module with an answer from memory."""
    replay, found = Replay(), Told(module)
    replay.reply(answer)
    with Host(plugins=[found, replay], modules={"openai.it": module}, discover=False, environ={}) as host:
        host.run("openai.it", form, connection={"api_key": "k"})
    return found


def text(content: str) -> Mapping[str, object]:
    """Give a part that is a text."""
    return {"type": "text", "content": content}


def test_a_chat_is_told_with_its_tools_and_without_its_pictures() -> None:
    """Each message has a role and parts; of a picture there is only that it was there."""
    conversation = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "What is it?"}, PICTURE]},
        {"role": "assistant", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "a cat"},
    ]
    choices = [
        {"message": {"content": "A cat."}, "finish_reason": "stop"},
        {"message": {"refusal": "No.", "tool_calls": [CALL]}, "finish_reason": "tool_calls"},
    ]

    found = told(create_chat_completion, {"model": "m", "messages": conversation}, {"choices": choices})

    assert found.asked == [
        {"role": "system", "parts": [text("Be brief.")]},
        {"role": "user", "parts": [text("What is it?"), {"type": "image_url"}]},
        {"role": "assistant", "parts": [CALLED]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": [text("a cat")]}]},
    ]
    assert found.answered == [
        {"role": "assistant", "parts": [text("A cat.")], "finish_reason": "stop"},
        {
            "role": "assistant",
            "parts": [{"type": "refusal", "content": "No."}, CALLED],
            "finish_reason": "tool_call",
        },
    ]
    assert found.reasons == ["stop", "tool_call"]


def test_a_prompt_is_told_as_what_a_user_says() -> None:
    """A completion has no messages of its own."""
    answer = {"choices": [{"message": {"content": "Hi."}, "finish_reason": "length"}]}

    found = told(create_completion, {"model": "m", "prompt": "Hello"}, answer)

    assert found.asked == [{"role": "user", "parts": [text("Hello")]}]
    assert found.reasons == ["length"]


def test_a_response_is_told_with_instructions_and_calls() -> None:
    """What was made is one message, whatever the number of its items."""
    call = {"type": "function_call", "call_id": "c1", "name": "look_up", "arguments": '{"x": 1}'}
    said = [
        {"role": "user", "content": [{"type": "input_text", "text": "What is it?"}]},
        call,
        {"type": "function_call_output", "call_id": "c1", "output": "a cat"},
    ]
    form = {"model": "m", "instructions": "Be brief.", "input": said}
    message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "A cat."}]}

    found = told(create_response, form, {"status": "completed", "output": [{"type": "reasoning"}, message, call]})

    assert found.asked == [
        {"role": "system", "parts": [text("Be brief.")]},
        {"role": "user", "parts": [text("What is it?")]},
        {"role": "assistant", "parts": [CALLED]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": [text("a cat")]}]},
    ]
    (answer,) = found.answered
    assert answer["parts"] == [{"type": "reasoning"}, text("A cat."), CALLED]
    assert found.reasons == ["tool_call"]


def test_a_response_that_was_cut_says_so() -> None:
    """Its status is told in the words of the convention."""
    found = told(
        create_response,
        {"model": "m", "input": "Hello"},
        {"status": "incomplete", "output": [], "incomplete_details": {"reason": "max_output_tokens"}},
    )

    assert found.asked == [{"role": "user", "parts": [text("Hello")]}]
    assert found.reasons == ["length"]
