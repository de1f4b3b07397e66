"""How long it takes to know the ids of all modules, with a thousand packages installed.

``importlib_metadata.entry_points(group="jackfield.modules")`` is 1.0. Ours reads four groups, first with nothing
remembered, then with what the first one left. Each figure is the best of several fresh processes, since everything
else that runs on a machine only ever makes it slower.

Run ``python benchmarks/discovery.py``; with ``--check`` it fails if a goal is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

MOST_RATIO = 1.2
MOST_AGAIN_MS = 5.0
MODULES_EACH = 4

LIBRARY = """
import json, time
start = time.perf_counter()
import importlib_metadata
imported = time.perf_counter()
found = importlib_metadata.entry_points(group="jackfield.modules")
end = time.perf_counter()
print(json.dumps([len(found), end - imported, end - start]))
"""

OURS = """
import json, sys, time
from pathlib import Path
first = sys.argv[2] == "first"
start = time.perf_counter()
from jackfield._engine.index import read_entries
if first:
    import importlib_metadata  # it would import it itself
imported = time.perf_counter()
found = read_entries(Path(sys.argv[1]))
end = time.perf_counter()
assert first or "importlib_metadata" not in sys.modules, "the answer was not remembered"
print(json.dumps([len([entry for entry in found if entry.group == "jackfield.modules"]), end - imported, end - start]))
"""


class Time(NamedTuple):
    """The best times of one way, in milliseconds: the call alone, and with what has to be imported for it."""

    call_ms: float
    whole_ms: float


def main() -> int:
    """Measure, print, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=int, default=1000)
    parser.add_argument("--points", type=int, default=200, help="how many entry points of ours are among them")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--check", action="store_true", help="fail if a goal is missed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        install(root / "site", options.packages, options.points)
        time.sleep(2.5)  # what was just written is not remembered
        library, first, again = measure(root, options.runs)
    print(f"{options.packages} packages, {options.points} entry points of ours, best of {options.runs} processes\n")
    print(f"{'':36}{'call':>10}{'ratio':>8}{'with imports':>16}{'ratio':>8}")
    for name, took in (
        ("importlib_metadata.entry_points", library),
        ("jackfield, nothing remembered", first),
        ("jackfield, remembered", again),
    ):
        ratios = took.call_ms / library.call_ms, took.whole_ms / library.whole_ms
        print(f"{name:36}{took.call_ms:7.1f} ms{ratios[0]:8.2f}{took.whole_ms:13.1f} ms{ratios[1]:8.2f}")
    misses = [*missed(library, first, again)]
    print("\n" + ("\n".join(misses) or "All goals are met."))
    return 1 if misses and options.check else 0


def install(site: Path, packages: int, points: int) -> None:
    """Write what an installer writes about each package; ours are spread evenly among them."""
    ours = points // (MODULES_EACH + 1)
    for number in range(packages):
        name = f"package_{number:04}"
        (site / name).mkdir(parents=True)
        folder = site / f"{name}-1.{number}.dist-info"
        folder.mkdir()
        is_ours = number % (packages // ours) == 0 and number // (packages // ours) < ours
        (folder / "METADATA").write_text(metadata(name, number, requires="jackfield<2,>=0.1" if is_ours else "click"))
        (folder / "RECORD").write_text(f"{name}/__init__.py,,\n" * 20)
        (folder / "WHEEL").write_text("Wheel-Version: 1.0\n")
        if is_ours:
            lines = [f"p{number}.get_{index} = {name}.things:get_{index}" for index in range(MODULES_EACH)]
            connector = f"[jackfield.connectors]\np{number} = {name}\n\n[jackfield.modules]\n"
            (folder / "entry_points.txt").write_text(connector + "\n".join(lines) + "\n")
        elif number % 3 == 0:
            (folder / "entry_points.txt").write_text(f"[console_scripts]\n{name} = {name}.program:main\n")


def metadata(name: str, number: int, requires: str) -> str:
    """Give metadata of the usual length: a few dozen headers, and a page of description."""
    classifiers = "".join(f"Classifier: Topic :: Number {index}\n" for index in range(15))
    head = f"Metadata-Version: 2.4\nName: {name.replace('_', '-')}\nVersion: 1.{number}\nSummary: A package\n"
    return f"{head}{classifiers}Requires-Dist: requests\nRequires-Dist: {requires}\n\n" + "What it is for.\n" * 200


def measure(root: Path, runs: int) -> tuple[Time, Time, Time]:
    """Run the three ways in turn, so that a slow moment of the machine hits all of them."""
    took: dict[str, list[Time]] = {"library": [], "first": [], "again": []}
    for run in range(runs + 1):
        cache = root / f"cache {run}"
        took["library"].append(timed(root, LIBRARY))
        for way in ("first", "again"):
            took[way].append(timed(root, OURS, str(cache), way))
    best = [Time(*map(min, zip(*times[1:], strict=True))) for times in took.values()]  # the first run warms the disk
    return best[0], best[1], best[2]


def timed(root: Path, code: str, *arguments: str) -> Time:
    """Run one process and give what it measured."""
    environ = {**os.environ, "PYTHONPATH": str(root / "site")}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environ, cwd=root, capture_output=True, text=True, check=True
    )
    found, call_s, whole_s = json.loads(done.stdout)
    assert found > 0, "nothing was found"
    return Time(call_s * 1000, whole_s * 1000)


def missed(library: Time, first: Time, again: Time) -> list[str]:
    """Name the goals that are missed."""
    ratio = max(first.call_ms / library.call_ms, first.whole_ms / library.whole_ms)
    misses = []
    if ratio > MOST_RATIO:
        misses.append(f"Missed: nothing remembered takes {ratio:.2f} times as long, at most {MOST_RATIO} is the goal.")
    if again.call_ms > MOST_AGAIN_MS:
        misses.append(f"Missed: remembered takes {again.call_ms:.1f} ms, at most {MOST_AGAIN_MS} ms is the goal.")
    return misses


if __name__ == "__main__":
    sys.exit(main())
