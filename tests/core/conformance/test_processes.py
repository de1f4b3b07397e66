import os
import sys

import pytest

from jackfield.testing._conformance.processes import answer_of


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("import sys; print('[' + sys.stdin.read() + ']')", [1]),
        ("import time; time.sleep(60)", {"failure": "the process did not end within 1.5 s"}),
        ("raise SystemExit('no such module')", {"failure": "the process ended with 1, and said no such module"}),
    ],
    ids=["answers", "hangs", "fails"],
)
def test_a_process_answers_or_its_failure_is_told(program: str, told: object) -> None:
    """One that never ends is ended."""
    limit_s = 1.5 if "sleep" in program else 60

    assert answer_of([sys.executable, "-c", program], "1", os.environ, limit_s=limit_s) == told
