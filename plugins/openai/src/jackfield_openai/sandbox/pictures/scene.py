"""What the stand-in draws: sky, sun, hills and a caption, in squares of eight pixels.

The squares keep every encoder small, and drawing fast: 3840x2160 pixels are 130,000 squares.
"""

import colorsys
import hashlib
import math
from collections.abc import Sequence

from attrs import evolve, frozen

from jackfield_openai.sandbox.pictures import letters

__all__ = ["SQUARE", "Color", "Picture", "draw"]

SQUARE = 8
"""Pixels on a side of a square."""

Color = tuple[int, int, int, int]
"""Red, green, blue and alpha, each 0 to 255."""

_SKY = 8
_SUN, _FAR, _NEAR, _GROUND, _PAPER, _INK = range(_SKY, _SKY + 6)
_INK_COLOR = (250, 250, 245, 255)
_PAPER_COLOR = (30, 30, 40, 255)
_LINE = letters.HEIGHT + 2
_SMALLEST_WITH_TEXT = 30
"""Squares across; a narrower picture only has its number."""


@frozen(kw_only=True)
class Picture:
    """Rows of squares, each a number of a color.

    Attributes:
        rows: From the top; all of one length.
        colors: By number.
    """

    rows: tuple[bytes, ...]
    colors: tuple[Color, ...]

    @property
    def width(self) -> int:
        """Pixels across."""
        return len(self.rows[0]) * SQUARE

    @property
    def height(self) -> int:
        """Pixels down."""
        return len(self.rows) * SQUARE

    @property
    def is_transparent(self) -> bool:
        """Whether something can be seen through it."""
        opaque = 255
        return any(color[3] < opaque for color in self.colors)

    def coarse(self, step: int) -> "Picture":
        """Give it as it looks before it is finished: only every so many squares are known."""
        rows = []
        for y in range(len(self.rows)):
            row = self.rows[y - y % step]
            rows.append(bytes(row[x - x % step] for x in range(len(row))))
        return evolve(self, rows=tuple(rows))


def draw(
    seed: str, lines: Sequence[str], size: tuple[int, int], *, transparent: bool = False, moment: float = 0.0
) -> Picture:
    """Draw a landscape: the same for the same arguments, another for every other seed.

    Args:
        seed: Decides what the landscape looks like.
        lines: What is written under it; the first is what a picture too small for text keeps the last word of.
        size: Pixels across and down, multiples of eight.
        transparent: Whether there is nothing where the sky would be.
        moment: How far the day has gone, 0 to 1: where the sun stands.
    """
    chances = hashlib.sha256(seed.encode()).digest()
    width, height = size[0] // SQUARE, size[1] // SQUARE
    grid = [bytearray([y * _SKY // height]) * width for y in range(height)]
    _draw_sun(grid, chances, moment)
    _draw_hills(grid, chances[4:8], _FAR, 0.55)
    _draw_hills(grid, chances[8:12], _NEAR, 0.7)
    for y in range(height * 17 // 20, height):
        grid[y][:] = bytes([_GROUND]) * width
    _write(grid, lines if width >= _SMALLEST_WITH_TEXT else [lines[0].rpartition(" ")[2]])
    return Picture(rows=tuple(map(bytes, grid)), colors=_colors(chances[12] / 255, transparent=transparent))


def _draw_sun(grid: list[bytearray], chances: bytes, moment: float) -> None:
    width, height = len(grid[0]), len(grid)
    across = (chances[0] / 255 + moment) % 1
    center_x, center_y = width * (0.1 + 0.8 * across), height * (0.2 + 0.15 * chances[1] / 255)
    radius = min(width, height) * (0.08 + 0.05 * chances[2] / 255)
    for y in range(max(0, int(center_y - radius)), min(height, int(center_y + radius) + 2)):
        for x in range(max(0, int(center_x - radius)), min(width, int(center_x + radius) + 2)):
            if math.hypot(x + 0.5 - center_x, y + 0.5 - center_y) <= radius:
                grid[y][x] = _SUN


def _draw_hills(grid: list[bytearray], chances: bytes, color: int, level: float) -> None:
    width, height = len(grid[0]), len(grid)
    for x in range(width):
        place = x / width * math.tau
        slope = sum(math.sin(place * (wave + 1) + chance / 40) / (wave + 1.5) for wave, chance in enumerate(chances))
        for y in range(max(0, int(height * (level - 0.09 * slope))), height):
            grid[y][x] = color


def _write(grid: list[bytearray], lines: Sequence[str]) -> None:
    width, height = len(grid[0]), len(grid)
    if height <= _LINE + 1:
        return
    shown = [letters.written(line, width - 2) for line in lines][: max(1, (height - 1) // _LINE // 2)]
    top = height - len(shown) * _LINE - 1
    for y in range(top, height):
        grid[y][:] = bytes([_PAPER]) * width
    for position, rows in enumerate(shown):
        for offset, row in enumerate(rows):
            line = grid[top + 2 + position * _LINE + offset]
            for x, dot in enumerate(row[: width - 1], start=1):
                if dot == "#":
                    line[x] = _INK


def _colors(hue: float, *, transparent: bool) -> tuple[Color, ...]:
    sky = [_color(0.5 + hue / 4, 0.6 - 0.06 * band, 0.75 + 0.03 * band) for band in range(_SKY)]
    if transparent:
        sky = [(0, 0, 0, 0)] * _SKY
    land = [_color(hue + shift, 0.5, bright) for shift, bright in ((0.55, 0.6), (0.6, 0.45), (0.65, 0.35))]
    return (*sky, _color(0.12 + hue / 20, 0.7, 1.0), *land, _PAPER_COLOR, _INK_COLOR)


def _color(hue: float, saturation: float, value: float) -> Color:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return (round(red * 255), round(green * 255), round(blue * 255), 255)
