"""Recordings as they are sent to be heard: small enough, and with a name and a type that tell what they are.

Source of the limit and the formats: openai-python 3.57.0, types/audio/transcription_create_params.py; the size in bytes
from reported errors (https://github.com/StanGirard/speechdigest/issues/1). Read 2026-11-25.
"""

from jackfield import Context, File, InvalidInputError, LimitError, Problem
from jackfield_openai.connection import is_openai
from jackfield_openai.sound_heads import head_of

__all__ = ["EXTENSIONS", "MAX_AUDIO_BYTES", "sendable"]

MAX_AUDIO_BYTES = 25 * 1024 * 1024
"""How large a recording may be at OpenAI, where the connection does not say."""

EXTENSIONS = frozenset({"flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm"})
"""How the name of a recording may end, by which the service knows its format."""


def sendable(file: File, context: Context) -> File:
    """Give a recording as it is sent.

    A name that tells nothing gets an ending by what the file is, and so does a media type that is no sound or film.
    What a dry run does not fetch stays as it is.

    Raises:
        LimitError: It is larger than the connection's ``max_audio_bytes``.
        InvalidInputError: OpenAI would not know what it is.
        FileError: It cannot be read.
    """
    if file.pending:
        return file
    if file.size == 0:
        raise InvalidInputError([Problem(path="$.file", rule="empty", message="must be a recording, is empty")])
    _check_size(file, context)
    head = head_of(file)
    extension = file.name.rpartition(".")[2].lower()
    name = file.name
    if extension not in EXTENSIONS and head is not None:
        extension = {"opus": "ogg"}.get(head.extension, head.extension)
        name = f"{name}.{extension}"
    if extension not in EXTENSIONS:
        if is_openai(context.client.base_url):
            message = f"must be a recording: its name ends in none of {', '.join(sorted(EXTENSIONS))}"
            raise InvalidInputError([Problem(path="$.file", rule="extension", message=message)])
        name = file.name
    known = file.media_type.startswith(("audio/", "video/"))
    return file.renamed(name=name, media_type=head.media_type if head and not known else "")


def _check_size(file: File, context: Context) -> None:
    said = context.connection.settings.get("max_audio_bytes") if context.connection else None
    most = said if isinstance(said, int) else MAX_AUDIO_BYTES if is_openai(context.client.base_url) else None
    if most is not None and (file.size or 0) > most:
        message = f"The recording {file.name} has {file.size} bytes, and at most {most} can be sent."
        raise LimitError(
            message,
            limit="max_audio_bytes",
            maximum=most,
            hint="Save it as a smaller format (mono, MP3 or OGG), or cut it into several; raise the connection's "
            "max_audio_bytes if the service takes more.",
        )
