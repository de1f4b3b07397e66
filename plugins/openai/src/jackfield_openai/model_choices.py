"""Which models there are, asked of the service; and what the field Model offers of them, best first.

No model is named in code, and none is hidden: on OpenAI's own service those that cannot do a module's job stand last,
on any other server all stand in the order of its list. Text that is not on the list is accepted everywhere.
"""

import json
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

from attrs import field, frozen

from jackfield import Choice, Context
from jackfield_openai.connection import is_openai
from jackfield_openai.times import as_iso
from jackfield_openai.usage import Undeclared

__all__ = [
    "ListedModel",
    "base_model",
    "chat_model_choices",
    "completes_only",
    "completion_model_choices",
    "embedding_model_choices",
    "image_model_choices",
    "is_cheap",
    "list_models",
    "makes_images",
    "moderation_model_choices",
    "speech_model_choices",
    "transcription_model_choices",
]


@frozen(kw_only=True)
class ListedModel:
    """A model as the service lists it; other servers may give no more than the id."""

    id: str
    object: str | None = None
    created: float | None = None
    owned_by: str | None = None
    shutdown_date: str | None = None
    rest: Undeclared = field(factory=dict)

    @property
    def created_at(self) -> str | None:
        """When it was made, as ISO 8601; ``None`` if the service does not know."""
        return as_iso(self.created)


@frozen(kw_only=True)
class _ModelList:
    # Ollama without any model answers null here.
    data: list[ListedModel] | None


def list_models(context: Context) -> list[ListedModel]:
    """Ask for every model, in the service's order. One request: the list has no pages."""
    found = context.client.get("/models", into=_ModelList)
    return found.data or []


def chat_model_choices(context: Context) -> Sequence[Choice]:
    """Give the models that can chat, then the others."""
    return _choices(context, lambda model_id: _fits(model_id, "cannot_chat"))


def completion_model_choices(context: Context) -> Sequence[Choice]:
    """Give the models that can chat or complete a prompt, then the others."""
    return _choices(context, lambda model_id: _fits(model_id, "cannot_chat") and not completes_only(model_id))


def image_model_choices(context: Context) -> Sequence[Choice]:
    """Give the models that make images, then the others."""
    return _choices(context, lambda model_id: not makes_images(model_id))


def embedding_model_choices(context: Context) -> Sequence[Choice]:
    """Give the models that place texts, then the others."""
    return _choices(context, lambda model_id: not _fits(model_id, "embeds"))


def moderation_model_choices(context: Context) -> Sequence[Choice]:
    """Give the models that judge, then the others."""
    return _choices(context, lambda model_id: not _fits(model_id, "moderates"))


def transcription_model_choices(context: Context) -> Sequence[Choice]:
    """Give the models that write down what they hear, then the others."""
    return _choices(context, lambda model_id: not _fits(model_id, "transcribes"))


def speech_model_choices(context: Context) -> Sequence[Choice]:
    """Give the models that speak, then the others."""
    return _choices(context, lambda model_id: not _fits(model_id, "speaks"))


def makes_images(model_id: str) -> bool:
    """Tell whether a model's name says that it makes images."""
    return _fits(model_id, "makes_images")


def completes_only(model_id: str) -> bool:
    """Tell whether a model is one of OpenAI's last that complete prompts at /completions and cannot chat."""
    return _fits(model_id, "completes_only")


def is_cheap(model_id: str) -> bool:
    """Tell whether a model's name says that it is one of the cheaper ones that can chat."""
    return _fits(model_id, "cheap") and not _fits(model_id, "cannot_chat")


def base_model(model_id: str) -> str:
    """Name, in small letters, what a model was fine-tuned from, which says what it can do; any other names itself."""
    # A fine-tuned model is called ft:BASE:organization::id.
    return model_id.lower().removeprefix("ft:").partition(":")[0]


def _choices(context: Context, is_unfit: Callable[[str], bool]) -> list[Choice]:
    models = list_models(context)
    if is_openai(context.client.base_url):
        models.sort(key=lambda model: is_unfit(model.id))
    return [_choice(model) for model in models]


def _choice(model: ListedModel) -> Choice:
    notes = [
        f"by {model.owned_by}" if model.owned_by else "",
        f"shuts down on {model.shutdown_date}" if model.shutdown_date else "",
    ]
    note = ", ".join(note for note in notes if note)
    return Choice(value=model.id, label=f"{model.id} ({note})" if note else model.id)


def _fits(model_id: str, family: str) -> bool:
    name = base_model(model_id)
    return any(fnmatchcase(name, pattern) for pattern in _families()[family])


@cache
def _families() -> dict[str, list[str]]:
    text = (files("jackfield_openai") / "model_families.json").read_text(encoding="utf-8")
    families: dict[str, list[str]] = json.loads(text)
    return families
