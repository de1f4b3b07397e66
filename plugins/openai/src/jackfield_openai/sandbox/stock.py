"""What the stand-in has in stock: models and files, the same after every start, and the last pictures that it drew."""

import hashlib
import threading
from typing import Any

from jackfield_openai.sandbox.batches import Desk
from jackfield_openai.sandbox.pictures import MEDIA_TYPES
from jackfield_openai.sandbox.replies import RefusalError, Reply
from jackfield_openai.sandbox.shelf import Shelf
from jackfield_openai.sandbox.words import CREATED

__all__ = ["Stock"]

_DAY_S = 86_400
_MODELS = (
    ("stand-in-large", 0, None),
    ("stand-in-mini", 30, None),
    ("stand-in-old", -400, "2027-01-14"),
    ("stand-in-embedding", 10, None),
    ("stand-in-image", 20, None),
)
_MOST_PICTURES = 100


class Stock:
    """Models, files and pictures; a new start forgets the pictures.

    Attributes:
        shelf: The files.
        desk: The batches.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._models = {name: _model(name, day, shutdown) for name, day, shutdown in _MODELS}
        self.shelf = Shelf()
        self.desk = Desk(self.shelf)
        self._pictures: dict[str, bytes] = {}

    def models(self) -> Reply:
        """List the models."""
        return Reply.json({"object": "list", "data": list(self._models.values())})

    def model(self, name: str) -> Reply:
        """Describe one model."""
        if name not in self._models:
            message = f"The model '{name}' does not exist or you do not have access to it."
            raise RefusalError(message, status=404, code="model_not_found", param="model")
        return Reply.json(self._models[name])

    def keep(self, data: bytes, output_format: str) -> str:
        """Keep a picture until a hundred newer ones are there; give its name."""
        name = f"{hashlib.sha256(data).hexdigest()[:32]}.{output_format}"
        with self._lock:
            self._pictures.pop(name, None)
            self._pictures[name] = data
            if len(self._pictures) > _MOST_PICTURES:
                del self._pictures[next(iter(self._pictures))]
        return name

    def picture(self, name: str) -> Reply:
        """Give a picture."""
        with self._lock:
            data = self._pictures.get(name)
        if data is None:
            message = f"There is no picture {name}; the stand-in keeps the last {_MOST_PICTURES}."
            raise RefusalError(message, status=404)
        return Reply(media_type=MEDIA_TYPES[name.rpartition(".")[2]], body=data)


def _model(name: str, day: int, shutdown: str | None) -> dict[str, Any]:
    return {
        "id": name,
        "object": "model",
        "created": CREATED + day * _DAY_S,
        "owned_by": "stand-in",
        "shutdown_date": shutdown,
    }
