"""A gigabyte goes out and comes in, and the process that moves it stays small."""

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no getrusage")

GIGABYTE = 1024**3
MOST_GROWTH = 64 * 1024**2

SERVER = """
import re, socket, sys

def serve(connection):
    file = connection.makefile("rb")
    buffer = memoryview(bytearray(1 << 20))
    while line := file.readline():
        head = b""
        while (field := file.readline()).strip():
            head += field.lower()
        length = int((re.search(rb"content-length: (\\d+)", head) or [0, 0])[1])
        left = length
        while left:
            left -= file.readinto(buffer[:left])
        if line.startswith(b"GET"):
            connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % int(sys.argv[1]))
            for _ in range(int(sys.argv[1]) >> 20):
                connection.sendall(buffer)
        else:
            body = b'{"bytes": %d}' % length
            connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(body), body))

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    serve(listener.accept()[0])
"""

CLIENT = """
import json, resource, sys
from pathlib import Path

from attrs import frozen
from jackfield import ConnectionType, Context, Effect, File, FilePart, Host, module

URL, FOLDER, SIZE = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])

@frozen(kw_only=True)
class Nothing:
    pass

service = ConnectionType(label="Sink", form=Nothing, origin=URL)

@frozen(kw_only=True)
class Sent:
    file: File

@frozen(kw_only=True)
class Got:
    file: File
    taken: int

@module(label="There and Back", connection=service, effect=Effect.READ)
def there_and_back(form: Sent, context: Context) -> Got:
    answer = context.client.request("POST", "/form", data={"a": "b"}, files=[FilePart(name="file", file=form.file)])
    return Got(file=context.client.download("GET", "/file"), taken=answer.json()["bytes"])

def peak():
    status = Path("/proc/self/status")
    if status.exists():  # on Linux, getrusage also counts what the process was before it became this program
        line = next(line for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

def sized(name, size):
    with (FOLDER / name).open("wb") as file:
        file.truncate(size)  # sparse: it takes no room
    return File.from_path(FOLDER / name)

with Host(discover=False) as host:
    output = host.run(there_and_back, Sent(file=sized("large.bin", SIZE)), connection={}, deadline_s=300).output
    print(json.dumps({"taken": output.taken, "got": output.file.size, "peak": peak()}))
"""


@pytest.fixture
def sink(request: pytest.FixtureRequest) -> Iterator[int]:
    """Start a server that swallows whatever comes, and gives as many bytes as it is told; give its port."""
    size = str(request.param)
    with subprocess.Popen([sys.executable, "-c", SERVER, size], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.kill()


def moved(port: int, folder: Path, size: int) -> dict[str, int]:
    """Send a file of a size and get one back, in a process of its own."""
    import json  # noqa: PLC0415

    program = [sys.executable, "-c", textwrap.dedent(CLIENT), f"http://127.0.0.1:{port}", str(folder), str(size)]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("sink", [GIGABYTE], indirect=True)
def test_a_gigabyte_needs_no_memory(sink: int, tmp_path: Path) -> None:
    """The peak of a process that moves a gigabyte each way is that of one that moves nothing, and less than 64 MB."""
    found = moved(sink, tmp_path, GIGABYTE)
    (tmp_path / "large.bin").unlink()

    assert found["taken"] > GIGABYTE
    assert found["got"] == GIGABYTE
    assert found["peak"] < MOST_GROWTH
