"""Files over the API: they come and go in pieces, belong to whoever brought them, and expire."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import IncompleteRead
from secrets import token_hex
from time import sleep

import pytest
from contract_connector import MODULES, PNG
from web_under_test import Reply, WebHost, by_header, serving

from jackfield import FileSettings, HttpSettings
from jackfield_web import Web, WebSettings

PUBLIC = HttpSettings(allow_local=False)
LIMITS = WebSettings(max_upload_bytes=300_000, max_files=3, max_files_bytes=500_000)
BYTES = "application/octet-stream"


@pytest.fixture(scope="module")
def served() -> Iterator[WebHost]:
    """A host with small limits."""
    with serving(Web(authorize=by_header, settings=LIMITS), modules=MODULES, settings=PUBLIC) as client:
        yield client


@pytest.fixture
def web(served: WebHost) -> Iterator[WebHost]:
    """Somebody who has no file yet."""
    client = served.somebody(token_hex(8))
    yield client
    client.close()


def upload(web: WebHost, content: bytes | Iterator[bytes], query: str = "name=a.png") -> Reply:
    """Bring a file."""
    return web.ask("POST", f"/files?{query}", raw=content, Content_Type=BYTES)


def test_a_file_that_was_uploaded_goes_into_a_module(web: WebHost) -> None:
    """By its id; it can be read back, byte for byte."""
    content = PNG + b"x" * 250_000
    told = upload(web, iter([content[:9], content[9:]]), "name=%C3%A4.png").json
    ran = web.ask("POST", "/modules/contract.measure/run", {"input": {"file": {"file": told["file"]}}}).json
    back = web.ask("GET", f"/files/{told['file']}")

    assert (told["name"], told["media_type"], told["size"]) == ("ä.png", "image/png", len(content))
    assert ran["bundles"] == [{"text": "ä.png", "length": len(content)}]
    assert back.body == content
    assert (back.headers["content-type"], back.headers["content-length"]) == ("image/png", str(len(content)))
    assert back.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%A4.png"


def test_a_file_that_a_module_made_is_whose_run_it_was(web: WebHost) -> None:
    """It says nothing of where it lies on the server, and another module takes it."""
    drawn = web.ask("POST", "/modules/contract.draw/run", {"input": {"size": 10}}).json["bundles"][0]["image"]
    listed = web.ask("GET", "/files").json["files"]

    assert drawn.keys() == {"file", "name", "media_type", "size"}
    assert [one["file"] for one in listed] == [drawn["file"]]
    assert 0 < listed[0]["expires_in_s"] <= 3600
    assert web.ask("GET", f"/files/{drawn['file']}").body == PNG + b"." * 10


def test_nobody_reads_removes_or_uses_a_file_of_another(web: WebHost) -> None:
    """Even by its id; and it is no answer whether there is such a file."""
    mine = upload(web, b"mine").json["file"]
    replies = [
        web.ask("GET", f"/files/{mine}", X_User="eve"),
        web.ask("DELETE", f"/files/{mine}", X_User="eve"),
        web.ask("GET", "/files/none", X_User="eve"),
    ]
    form = {"file": {"file": mine}}
    used = web.ask("POST", "/modules/contract.measure/run", {"input": form}, X_User="eve")
    streamed = web.ask("POST", "/modules/contract.measure/stream", {"input": form}, X_User="eve")
    unknown = web.ask("POST", "/modules/contract.measure/run", {"input": {"file": {"file": "none"}}}, X_User="eve")

    assert [reply.status for reply in replies] == [404] * 3
    assert replies[0].json["detail"] == replies[2].json["detail"]
    assert [reply.status for reply in (used, streamed, unknown)] == [422] * 3
    assert used.json["problems"][0]["path"] == "$.file.file"
    assert web.ask("GET", "/files", X_User="eve").json["files"] == []
    assert web.ask("GET", f"/files/{mine}").body == b"mine"


def test_no_path_of_the_server_is_a_file(web: WebHost) -> None:
    """Whatever a caller writes."""
    reply = web.ask("POST", "/modules/contract.measure/run", {"input": {"file": {"path": "/etc/passwd"}}})

    assert (reply.status, reply.json["problems"][0]["path"]) == (422, "$.file.path")


def test_no_url_in_a_private_network_is_fetched(web: WebHost) -> None:
    """The name of a file may be a URL; it is fetched under the rules for strangers."""
    form = {"file": {"url": "http://127.0.0.1:1/x"}}
    reply = web.ask("POST", "/modules/contract.measure/run", {"input": form})

    assert (reply.status, reply.json["error"]) == (422, "UnsafeRequestError")


def test_an_upload_has_limits(web: WebHost) -> None:
    """One file, and all of somebody together; nothing is left of what was too large."""
    announced = upload(web, b"x" * 300_001)
    silent = upload(web, iter([b"x" * 100_000] * 4))
    kept = [upload(web, b"x" * 200_000).status for _ in range(2)]
    together = upload(web, b"x" * 200_000)
    third = upload(web, b"x")
    fourth = upload(web, b"x")

    assert [(reply.status, reply.json["limit"]) for reply in (announced, silent)] == [(413, "max_upload_bytes")] * 2
    assert kept == [201, 201]
    assert (together.status, together.json["limit"]) == (429, "max_files_bytes")
    assert (third.status, fourth.status, fourth.json["limit"]) == (201, 429, "max_files")
    assert len(web.ask("GET", "/files").json["files"]) == 3


def test_of_what_modules_make_the_oldest_goes(web: WebHost) -> None:
    """A run is never refused because of files of earlier runs."""
    made = [
        web.ask("POST", "/modules/contract.draw/run", {"input": {"size": size}}).json["bundles"][0]["image"]["file"]
        for size in range(4)
    ]

    assert [one["file"] for one in web.ask("GET", "/files").json["files"]] == made[1:]
    assert web.ask("GET", f"/files/{made[0]}").status == 404


def test_a_file_is_removed(web: WebHost) -> None:
    """Then it is there for nobody."""
    mine = upload(web, b"mine").json["file"]

    assert web.ask("DELETE", f"/files/{mine}").status == 204
    assert web.ask("GET", f"/files/{mine}").status == 404


def test_an_upload_says_what_it_is(web: WebHost) -> None:
    """Its media type stands in the query, since a form of another site could send a text; a name is a bare name."""
    typed = upload(web, b"x", "name=a&media_type=text/csv").json
    plain = web.ask("POST", "/files?name=a", raw=b"x", Content_Type="text/plain")
    unnamed = upload(web, b"x", "")
    odd = upload(web, b"x", "name=a&media_type=text%2Fhtml%0D%0AX-Y:z")

    assert typed["media_type"] == "text/csv"
    assert (plain.status, unnamed.status, odd.status) == (415, 422, 422)
    assert upload(web, b"x", "name=..%2F..%2Fetc%2Fpasswd").json["name"].count("/") == 0


def test_a_file_expires() -> None:
    """Nobody gets it any more, and the host has its room back."""
    web = Web(authorize=by_header, settings=WebSettings(file_ttl_s=0.01))
    files = FileSettings(max_total_bytes=1500)
    with serving(web, modules=MODULES, settings=PUBLIC, files=files) as client:
        first = upload(client, b"x" * 1000).json["file"]
        sleep(0.02)
        gone = client.ask("GET", f"/files/{first}")
        second = upload(client, b"x" * 1000)

    assert (gone.status, second.status) == (404, 201)
    assert "0.01 seconds" in gone.json["remedy"]


def test_files_are_read_by_so_many_at_once(web: WebHost) -> None:
    """A reader who reads nothing holds a file open, so there is a limit; who goes away gives the room back."""
    limits = WebSettings(max_downloads=2, max_downloads_per_principal=1)
    with serving(Web(authorize=by_header, settings=limits), modules=MODULES, settings=PUBLIC) as host:
        file = upload(host, b"x" * 30_000_000).json["file"]
        slow = host.connected()
        slow.request("GET", f"/files/{file}", headers=host.headers)
        first = slow.getresponse()
        second = host.ask("GET", f"/files/{file}")
        first.close()
        slow.close()
        while (third := host.ask("GET", f"/files/{file}")).status == 429:
            continue

    assert (first.status, third.status, len(third.body)) == (200, 200, 30_000_000)
    assert (second.status, second.json["limit"]) == (429, "max_downloads_per_principal")
    assert "1 downloads are under way" in second.json["detail"]


def test_a_download_ends_with_its_limit() -> None:
    """Whoever reads too slowly gets no more of it."""
    limits = WebSettings(max_stream_s=0.2, max_downloads=1)
    with serving(Web(authorize=by_header, settings=limits), modules=MODULES, settings=PUBLIC) as host:
        large, small = (upload(host, content).json["file"] for content in (b"x" * 30_000_000, b"x"))
        slow = host.connected()
        slow.request("GET", f"/files/{large}", headers=host.headers)
        answer = slow.getresponse()
        while host.ask("GET", f"/files/{small}").status != 200:
            continue
        with pytest.raises(IncompleteRead):
            answer.read()
        slow.close()


def test_a_file_can_be_asked_about(web: WebHost) -> None:
    """HEAD tells what a download would be, and reads nothing."""
    told = upload(web, b"abc").json
    head = web.ask("HEAD", f"/files/{told['file']}")

    assert (head.status, head.headers["content-length"], head.body) == (200, "3", b"")
    assert web.ask("HEAD", "/modules").status == 200
    assert web.ask("HEAD", "/files/none").status == 404


def test_what_was_taken_in_is_there(web: WebHost) -> None:
    """Of many uploads at once, those for which there is no room are refused, and drive no other out."""
    with ThreadPoolExecutor(6) as pool:
        replies = [*pool.map(lambda _: upload(web, b"x" * 200_000), range(6))]
    taken = {reply.json["file"] for reply in replies if reply.status == 201}

    assert {reply.status for reply in replies} == {201, 429}
    assert taken == {one["file"] for one in web.ask("GET", "/files").json["files"]}
