"""``python -m jackfield_openai.sandbox --port N`` serves until it is interrupted."""

import argparse
import sys
import time

from jackfield_openai.sandbox.orders import GRAMMAR
from jackfield_openai.sandbox.server import Sandbox


def _port(text: str) -> int:
    port = int(text)
    highest = 65535
    if not 0 <= port <= highest:
        raise ValueError(text)
    return port


def main() -> int:
    """Serve until somebody presses Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="python -m jackfield_openai.sandbox",
        description="A stand-in for OpenAI's API on this machine. It is no model: it repeats what it hears. "
        "It takes any model and any key but sk-wrong.",
        epilog=GRAMMAR,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=_port, default=0, help="where to listen on 127.0.0.1; 0, the default, for any")
    try:
        sandbox = Sandbox(parser.parse_args().port)
    except OSError as error:
        sys.stderr.write(f"Cannot listen there: {error.strerror}. Give another --port, or none.\n")
        return 1
    with sandbox:
        sys.stdout.write(f"A stand-in for OpenAI, no model, answers at {sandbox.url} until Ctrl-C.\n")
        sys.stdout.flush()
        try:
            while True:  # an Event would not hear Ctrl-C on Windows
                time.sleep(1)
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
