"""The pictures that the stand-in draws, read by a library that knows nothing of it."""

import io
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from jackfield_openai.image_heads import read_head
from jackfield_openai.sandbox.pictures import MEDIA_TYPES, Picture, as_file, as_film, draw

SIZES = [(16, 16), (256, 256), (1024, 1024), (1536, 864), (864, 2592)]


def _picture(size: tuple[int, int] = (256, 256), *, transparent: bool = False, seed: str = "fox") -> Picture:
    return draw(seed, ["Stand-in picture 1", "a red fox, naïve!"], size, transparent=transparent)


def _opened(data: bytes) -> Any:
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(data))
    image.load()
    return image


def _wanted(picture: Picture, x: int, y: int) -> tuple[int, ...]:
    return picture.colors[picture.rows[y // 8][x // 8]]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("output_format", ["png", "webp", "jpeg"])
def test_every_pixel_is_what_was_drawn(size: tuple[int, int], output_format: str) -> None:
    """PNG and WebP lose nothing; JPEG rounds colors by one."""
    picture = _picture(size)

    image = _opened(as_file(picture, output_format)).convert("RGBA")

    assert image.size == size
    off = [
        abs(got - wanted)
        for y in range(3, size[1], 8)
        for x in range(5, size[0], 8)
        for got, wanted in zip(image.getpixel((x, y)), _wanted(picture, x, y), strict=True)
    ]
    assert max(off) <= (1 if output_format == "jpeg" else 0)


@pytest.mark.parametrize("output_format", ["png", "webp"])
def test_the_sky_can_be_left_out(output_format: str) -> None:
    """Transparent is transparent, in both formats that can be so."""
    image = _opened(as_file(_picture(transparent=True), output_format))

    assert image.mode == "RGBA"
    assert image.getpixel((0, 0))[3] == 0
    assert image.getpixel((0, 255))[3] == 255


def test_a_film_has_a_frame_for_each_picture() -> None:
    """Each frame shows what was drawn for its moment, though only what changed is stored."""
    pictures = [draw("fox", ["Stand-in picture 1"], (256, 512), moment=number / 4) for number in range(4)]

    film = _opened(as_film(pictures, 250))

    assert (film.n_frames, film.info["duration"], film.info["loop"]) == (4, 250, 0)
    for number, picture in enumerate(pictures):
        film.seek(number)
        frame = film.convert("RGB")
        places = [(x, y) for y in range(2, 512, 8) for x in range(2, 256, 8)]
        assert all(frame.getpixel(place) == _wanted(picture, *place)[:3] for place in places)


def test_a_still_film_is_whole() -> None:
    """Frames in which nothing changes are there all the same."""
    assert _opened(as_film([_picture()] * 3, 100)).n_frames == 3


def test_an_svg_covers_its_whole_area() -> None:
    """Every square is in exactly one rectangle, and only the sky may be missing."""
    picture = _picture()

    root = ET.fromstring(as_file(picture, "svg"))  # noqa: S314  written by ourselves

    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("256", "256", "0 0 32 32")
    assert sum(int(str(rectangle.get("width"))) for rectangle in root) == 32 * 32
    assert len(ET.fromstring(as_file(_picture(transparent=True), "svg"))) < len(root)  # noqa: S314


def test_compression_makes_a_jpeg_coarser() -> None:
    """A lower number is a smaller file, as the service has it."""
    picture = _picture((1024, 1024))

    assert len(as_file(picture, "jpeg", 0)) < len(as_file(picture, "jpeg", 100))


def test_a_picture_is_the_same_for_the_same_words_and_another_for_others() -> None:
    """So tests can compare, and nobody takes one picture for another."""
    assert _picture() == _picture()
    assert _picture(seed="fox").rows != _picture(seed="hare").rows


def test_what_is_not_finished_is_coarser() -> None:
    """A partial image shows one square where the whole has many."""
    picture = _picture((1024, 1024))

    coarse = picture.coarse(16)

    assert (coarse.width, coarse.height) == (1024, 1024)
    assert len(as_file(coarse, "png")) < len(as_file(picture, "png"))
    assert len({coarse.rows[y][x] for y in range(16) for x in range(16)}) == 1


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_head_says_format_and_size(size: tuple[int, int], output_format: str) -> None:
    """Without decoding anything."""
    head = read_head(as_file(_picture(size), output_format))

    assert head is not None
    assert (head.media_type, head.width, head.height) == (MEDIA_TYPES[output_format], *size)
    assert not head.has_alpha


@pytest.mark.parametrize("output_format", ["png", "webp"])
def test_the_head_says_whether_it_can_be_transparent(output_format: str) -> None:
    """A mask needs that."""
    head = read_head(as_file(_picture(transparent=True), output_format))

    assert head is not None
    assert head.has_alpha


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_the_heads_of_other_programs_images_are_read_too(kind: str) -> None:
    """Among them WebP with losses, and PNG with a palette."""
    image = pytest.importorskip("PIL.Image").new("P" if kind == "PNG" else "RGB", (31, 57))
    file = io.BytesIO()
    image.save(file, kind, **({"transparency": 0} if kind == "PNG" else {}))

    head = read_head(file.getvalue())

    assert head is not None
    assert (head.media_type, head.width, head.height) == (f"image/{kind.lower()}", 31, 57)
    assert head.has_alpha is (kind in ("PNG", "GIF"))


def test_an_extended_webp_is_read_too() -> None:
    """One with transparency and losses has its size elsewhere."""
    file = io.BytesIO()
    pytest.importorskip("PIL.Image").new("RGBA", (31, 57), (1, 2, 3, 4)).save(file, "WEBP", lossless=False)

    head = read_head(file.getvalue())

    assert head is not None
    assert (head.media_type, head.width, head.height, head.has_alpha) == ("image/webp", 31, 57, True)


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0", b"RIFF\0\0\0\0WEBPVP8L", b"GIF89a\0"],
)
def test_what_is_no_image_has_no_head(data: bytes) -> None:
    """Nor has an image that is cut off inside it."""
    assert read_head(data) is None


def test_a_jpeg_whose_size_stands_far_behind_is_still_a_jpeg() -> None:
    """A large preview may push it out of what was read."""
    head = read_head(b"\xff\xd8\xff\xe1\xff\xff" + b"x" * 100)

    assert head is not None
    assert (head.media_type, head.width, head.height) == ("image/jpeg", 0, 0)
