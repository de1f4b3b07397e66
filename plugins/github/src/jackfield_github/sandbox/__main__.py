"""Serves the stand-in until it is stopped: ``python -m jackfield_github.sandbox --port 8080``."""

import argparse
import sys
from contextlib import suppress
from threading import Event

from jackfield_github.sandbox import Sandbox

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 for one that is free")
    with Sandbox(port=parser.parse_args().port) as sandbox:
        sys.stdout.write(f"export GITHUB_API_URL={sandbox.url}\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            Event().wait()
