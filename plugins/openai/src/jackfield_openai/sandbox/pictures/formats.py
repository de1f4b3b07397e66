"""A picture as a file of any of the formats that OpenAI gives."""

from collections.abc import Sequence

from jackfield_openai.sandbox.pictures.gif import gif
from jackfield_openai.sandbox.pictures.jpeg import jpeg
from jackfield_openai.sandbox.pictures.png import png
from jackfield_openai.sandbox.pictures.scene import Picture
from jackfield_openai.sandbox.pictures.svg import svg
from jackfield_openai.sandbox.pictures.webp import webp

__all__ = ["MEDIA_TYPES", "as_file", "as_film"]

MEDIA_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "svg": "image/svg+xml",
}


def as_file(picture: Picture, output_format: str, compression: int = 100) -> bytes:
    """Encode a picture.

    Args:
        picture: What to encode.
        output_format: png, jpeg, webp or svg.
        compression: 0 to 100, as OpenAI counts it: 100 is the best. It changes JPEG only; the WebP loses nothing.
    """
    if output_format == "jpeg":
        return jpeg(picture, compression)
    return {"png": png, "webp": webp, "svg": svg}[output_format](picture)


def as_film(pictures: Sequence[Picture], delay_ms: int) -> bytes:
    """Encode pictures that are shown one after the other, as GIF."""
    return gif(pictures, delay_ms)
