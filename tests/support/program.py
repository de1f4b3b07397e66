"""The command line as a process of its own; measured like everything else where coverage is asked for."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEASURED = (
    "-m",
    "coverage",
    "run",
    "--parallel-mode",
    f"--rcfile={ROOT / 'pyproject.toml'}",
    f"--data-file={ROOT / '.coverage'}",
)
"""Not by coverage's own patch of subprocesses: it would import sqlite3 into processes that are seen not to need it."""

JACKFIELD = [sys.executable, *(MEASURED if os.environ.get("JACKFIELD_MEASURED") else ()), "-m", "jackfield"]
