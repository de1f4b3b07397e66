"""A process that waits for its mark, and then asks the club who one is; it prints what came of it."""

import sys
import time
from pathlib import Path

from jackfield import Host, JackfieldError, Store


def main(mark: Path, ready: Path, seconds: float) -> None:
    """Run once the mark is there."""
    with Host(plugins=[Store.default()]) as host:
        host.module("club.who_am_i").schema()
        ready.touch()
        while not mark.exists():
            time.sleep(0.005)
        try:
            print(host.run("club.who_am_i", {}, connection="mine", deadline_s=seconds).bundle["name"])  # noqa: T201
        except JackfieldError as error:
            print(type(error).__name__, error)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
