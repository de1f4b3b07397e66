"""Serves the stand-in until it is stopped: ``python -m jackfield_github.sandbox --port 8080``."""

import argparse
import sys
import time

from jackfield_github.sandbox import Sandbox


def main() -> int:
    """Serve until somebody presses Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m jackfield_github.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 for one that is free")
    try:
        sandbox = Sandbox(port=parser.parse_args().port)
    except (OSError, OverflowError) as error:  # the second: no such port can be
        reason = getattr(error, "strerror", None) or error
        sys.stderr.write(f"Cannot listen there: {reason}. Give another --port, or none.\n")
        return 1
    with sandbox:
        sys.stdout.write(f"export GITHUB_API_URL={sandbox.url}\n")
        sys.stdout.flush()
        try:
            while True:  # an Event would not hear Ctrl-C on Windows
                time.sleep(1)
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
