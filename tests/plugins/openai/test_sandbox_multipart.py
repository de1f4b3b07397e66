"""The stand-in's reading of forms, which is strict so that a wrong one is found here and not at the service."""

import pytest

from jackfield_openai.sandbox.multipart import read_parts
from jackfield_openai.sandbox.replies import RefusalError

TYPE = "multipart/form-data; boundary=b"
TEXT = b'Content-Disposition: form-data; name="n"\r\n\r\n2'


def test_texts_and_files_are_told_apart() -> None:
    """A file has a file name, and may hold anything but the boundary."""
    content = b"\x00\r\n--not the end\r\n\xff"
    file = (
        b'content-disposition: form-data; name="image[]"; filename="a b.png"\r\nContent-Type: Image/PNG\r\n\r\n'
        + content
    )

    number, image = read_parts(TYPE, b"--b\r\n" + TEXT + b"\r\n--b\r\n" + file + b"\r\n--b--\r\n")

    assert (number.name, number.text(), number.file_name, number.media_type) == ("n", "2", None, "")
    assert (image.name, image.data, image.file_name, image.media_type) == ("image[]", content, "a b.png", "image/png")


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=b; charset=utf-8", 'x/y; boundary="b"'])
def test_the_boundary_may_be_quoted_and_need_not_be_last(content_type: str) -> None:
    """Both spellings are in use."""
    assert len(read_parts(content_type, b"--b\r\n" + TEXT + b"\r\n--b--")) == 1


def test_a_form_without_parts_is_empty() -> None:
    """That is no error of its own; what is missing is said elsewhere."""
    assert read_parts(TYPE, b"--b--\r\n") == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "begin"),
        (b"--c\r\n" + TEXT + b"\r\n--c--\r\n", "begin"),
        (b"--b\r\n" + TEXT, "ends without"),
        (b"--b\r\n" + TEXT + b"\r\n--b", "after a boundary"),
        (b"--b\r\n" + TEXT + b"\r\n--b--more", "after a boundary"),
        (b"--b\r\n" + TEXT.replace(b"\r\n", b"\n") + b"\r\n--b--\r\n", "no head"),
        (b"--b\r\nx\r\n\r\n1\r\n--b--\r\n", "broken head"),
        (b"--b\r\n" + TEXT.replace(b"name", b"nom") + b"\r\n--b--\r\n", "no name"),
        (b"--b\r\n" + TEXT.replace(b"form-data", b"attachment") + b"\r\n--b--\r\n", "no name"),
        (b"--b\r\nx:" + b"y" * 9000 + b"\r\n\r\n\r\n--b--\r\n", "too long"),
        (b"--b\r\na: 1\r\na: 2\r\n\r\n\r\n--b--\r\n", "broken head"),
        ((b"--b\r\n" + TEXT + b"\r\n") * 201 + b"--b--\r\n", "more than 200"),
    ],
)
def test_a_broken_form_is_refused(body: bytes, why: str) -> None:
    """With the reason."""
    with pytest.raises(RefusalError, match=why):
        read_parts(TYPE, body)


def test_a_form_whose_type_has_no_boundary_is_refused() -> None:
    """Nobody could say where its parts end."""
    with pytest.raises(RefusalError, match="no boundary"):
        read_parts("multipart/form-data", b"--b--\r\n")


def test_a_text_that_is_no_utf_8_is_refused() -> None:
    """The refusal names the part."""
    (part,) = read_parts(TYPE, b"--b\r\n" + TEXT + b"\xff\r\n--b--\r\n")

    with pytest.raises(RefusalError, match="'n'"):
        part.text()
