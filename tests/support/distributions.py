"""The distributions of the workspace: each folder that has a project file of its own."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = [
    path.parent.relative_to(ROOT).as_posix()
    for pattern in ("core", "plugins/*", "contrib/*")
    for path in sorted(ROOT.glob(f"{pattern}/pyproject.toml"))
]
"""Their folders, as seen from the root."""
