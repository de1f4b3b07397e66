"""Pictures that the stand-in draws: a landscape for each prompt, as PNG, JPEG, WebP, GIF or SVG, and nobody's model."""

from jackfield_openai.sandbox.pictures.formats import MEDIA_TYPES, as_file, as_film
from jackfield_openai.sandbox.pictures.scene import Picture, draw

__all__ = ["MEDIA_TYPES", "Picture", "as_file", "as_film", "draw"]
