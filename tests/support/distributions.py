"""The distributions of the workspace: each folder that has a project file of its own."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = ("contrib/airflow",)
"""Those that bring so much with them that a tox environment of their own is the only one that installs them."""
ALL = [
    path.parent.relative_to(ROOT).as_posix()
    for pattern in ("core", "plugins/*", "contrib/*")
    for path in sorted(ROOT.glob(f"{pattern}/pyproject.toml"))
]
"""Their folders, as seen from the root."""
DISTRIBUTIONS = [folder for folder in ALL if folder not in HEAVY]
"""Those that every environment has."""
