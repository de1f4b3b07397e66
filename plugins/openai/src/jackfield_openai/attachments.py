"""Files that go inside a chat: its body is JSON, so they stand there as base64.

Shapes: OpenAI's specification of 2026-08-21. An image and a file are ``data:`` URLs, a recording is base64 alone.
"""

import base64
from collections.abc import Sequence
from typing import Any, Self

from attrs import evolve

from jackfield import Context, File, LimitError
from jackfield_openai.messages import AudioPart, FilePart, ImagePart, Message, UserMessage

__all__ = ["MAX_ATTACHED_BYTES", "Envelope", "attached"]

MAX_ATTACHED_BYTES = 50 * 1024 * 1024
"""How many bytes of files one chat may hold where the connection does not say."""


def attached(messages: Sequence[Message], context: Context) -> Sequence[Message]:
    """Give messages as they are sent: files inside them as text.

    On a dry run, what has yet to be fetched stands there as its URL in angle brackets.

    Raises:
        LimitError: The files are larger than the connection's ``max_attached_bytes``.
        FileError: One cannot be read.
    """
    if not any(isinstance(message, UserMessage) and not isinstance(message.content, str) for message in messages):
        return messages
    envelope = Envelope.of(context)
    return [
        evolve(message, content=[envelope.put(part) for part in message.content])
        if isinstance(message, UserMessage) and not isinstance(message.content, str)
        else message
        for message in messages
    ]


class Envelope:
    """Turns files into what is sent inside JSON, and counts."""

    def __init__(self, most_bytes: int) -> None:
        self._most = self._left = most_bytes

    @classmethod
    def of(cls, context: Context) -> Self:
        """Make one as large as the connection says."""
        said = context.connection.settings.get("max_attached_bytes") if context.connection else None
        return cls(said if isinstance(said, int) else MAX_ATTACHED_BYTES)

    def put(self, part: Any) -> Any:
        """Give a part as it is sent."""
        if isinstance(part, ImagePart) and isinstance(part.image_url.url, File):
            return evolve(part, image_url=evolve(part.image_url, url=self.data_url(part.image_url.url)))
        if isinstance(part, FilePart) and isinstance(part.file.file_data, File):
            file = part.file.file_data
            name = part.file.filename or file.name
            return evolve(part, file=evolve(part.file, file_data=self.data_url(file), filename=name))
        if isinstance(part, AudioPart) and isinstance(part.input_audio.data, File):
            return evolve(part, input_audio=evolve(part.input_audio, data=self._base64(part.input_audio.data)))
        return part

    def data_url(self, file: File) -> str:
        """Give a file as a ``data:`` URL.

        Raises:
            LimitError: It does not fit beside those before it.
            FileError: It cannot be read.
        """
        return f"data:{file.media_type};base64,{self._base64(file)}"

    def _base64(self, file: File) -> str:
        if file.pending:  # nothing is fetched on a dry run, and everything before a module runs
            return f"<content of {file.url or file.name}>"
        if file.size is not None and file.size > self._left:
            raise self._too_large(file)
        try:
            data = file.read(self._left)
        except LimitError:  # it grew meanwhile, or nobody knew its size
            raise self._too_large(file) from None
        self._left -= len(data)
        return base64.b64encode(data).decode("ascii")

    def _too_large(self, file: File) -> LimitError:
        return LimitError(
            f"The files of this request have more than {self._most} bytes; {file.name} is the first that does not fit.",
            limit="max_attached_bytes",
            maximum=self._most,
            hint="Send fewer or smaller files, or raise the connection's max_attached_bytes if the service takes more.",
        )
