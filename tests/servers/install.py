"""Install each server that others wrote in a virtual environment of its own: ``python install.py FOLDER``."""

import subprocess
import sys
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"


def install(folder: Path) -> None:
    """Install what is pinned; in environments of their own, since servers want versions that we do not."""
    for pins in sorted(REQUIREMENTS.glob("*.txt")):
        home = folder / pins.stem
        stamp = home / "installed.txt"
        if stamp.exists() and stamp.read_text("utf-8") == pins.read_text("utf-8"):
            continue
        venv.create(home, clear=True)
        # By tox's own pip, and as pinned: nothing is resolved, and what is not imported is not compiled.
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile", "--requirement", str(pins)]
        subprocess.run([sys.executable, "-m", "pip", "--python", str(home), "install", *options], check=True)
        stamp.write_text(pins.read_text("utf-8"), "utf-8")


if __name__ == "__main__":
    install(Path(sys.argv[1]))
