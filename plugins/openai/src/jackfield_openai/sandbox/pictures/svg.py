"""SVG: a rectangle for each run of squares."""

from itertools import groupby

from jackfield_openai.sandbox.pictures.scene import SQUARE, Picture

__all__ = ["svg"]


def svg(picture: Picture) -> bytes:
    """Encode a picture."""
    size = f'width="{picture.width}" height="{picture.height}"'
    view = f"0 0 {picture.width // SQUARE} {picture.height // SQUARE}"
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="{view}" shape-rendering="crispEdges">']
    for y, row in enumerate(picture.rows):
        x = 0
        for color, run in groupby(row):
            length = len(list(run))
            red, green, blue, alpha = picture.colors[color]
            if alpha:
                fill = f"#{red:02x}{green:02x}{blue:02x}"
                lines.append(f'<rect x="{x}" y="{y}" width="{length}" height="1" fill="{fill}"/>')
            x += length
    return "\n".join([*lines, "</svg>", ""]).encode()
