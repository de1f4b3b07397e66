"""Generate Images against the stand-in, over the network."""

from collections.abc import Callable
from typing import Any

import pytest

from jackfield import BusyError, Host, HttpSettings, RefusedError, UnsafeRequestError
from jackfield_openai.image_heads import read_head

MODULE = "openai.generate_images"
MODEL = "gpt-image-2"
PROMPT = {"type": "generate", "prompt": "A fox"}

Account = Callable[..., dict[str, object]]


def test_images_are_made_edited_and_varied(net_host: Host, account: Account) -> None:
    """What one method gives, the next takes; each image is another."""
    made = net_host.run(MODULE, {"model": MODEL, "method": PROMPT, "n": 3, "size": "1024x1024"}, connection=account())
    clear = net_host.run(MODULE, {"model": MODEL, "method": PROMPT, "background": "transparent"}, connection=account())
    images = [image.file for image in made.output.data]
    edit = {"type": "edit", "prompt": "Blue", "images": images, "mask": clear.output.result}
    edited = net_host.run(MODULE, {"model": MODEL, "method": edit, "n": 2}, connection=account())
    variation = {"type": "variation", "image": images[0]}
    varied = net_host.run(
        MODULE, {"model": "dall-e-2", "method": variation, "response_format": "b64_json"}, connection=account()
    )

    files = [*images, clear.output.result, *(image.file for image in edited.output.data), varied.output.result]
    assert len({file.read() for file in files}) == 7
    assert varied.output.endpoint == "variations"
    assert edited.usage is not None
    assert edited.usage.input_image_tokens == 4 * 1024


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp", "gif"])
def test_the_file_is_of_the_format_that_was_asked_for(net_host: Host, account: Account, output_format: str) -> None:
    """And of the size."""
    form = {"model": MODEL, "method": PROMPT, "size": "864x1536", "output_format": output_format}

    file = net_host.run(MODULE, form, connection=account()).output.result

    head = read_head(file.read())
    assert head is not None
    assert (head.media_type, head.width, head.height) == (f"image/{output_format}", 864, 1536)
    assert file.media_type == f"image/{output_format}"


def test_a_stream_shows_images_before_they_are_finished(net_host: Host, account: Account) -> None:
    """The last piece is what the result has."""
    form = {"model": MODEL, "method": PROMPT, "partial_images": 3, "n": 2}

    with net_host.stream(MODULE, form, connection=account()) as stream:
        pieces = list(stream)
        result = stream.result

    assert [piece.partial for piece in pieces] == [0, 1, 2, None] * 2
    assert len({piece.file.read() for piece in pieces}) == 8
    assert [image.file for image in result.output.data] == [pieces[3].file, pieces[7].file]


def test_a_stream_that_the_service_breaks_off_is_an_error(net_host: Host, account: Account) -> None:
    """With its own words."""
    form = {"model": MODEL, "method": PROMPT, "partial_images": 2}

    with (
        net_host.stream(MODULE, form, connection=account("fail=1; code=server_is_overloaded")) as stream,
        pytest.raises(BusyError),
    ):
        list(stream)


def test_a_busy_service_is_asked_again_with_the_whole_form(net_host: Host, account: Account) -> None:
    """Files are read anew for each attempt."""
    made = net_host.run(MODULE, {"model": MODEL, "method": PROMPT}, connection=account()).output.result
    edit = {"type": "edit", "prompt": "Blue", "images": [made, made]}

    result = net_host.run(
        MODULE, {"model": MODEL, "method": edit}, connection=account("status=429; retry-after-ms=1; times=2")
    )

    assert result.attempts == 3
    assert result.output.result.size


def test_what_the_service_refuses_names_the_field(net_host: Host, account: Account) -> None:
    """The stand-in refuses as the service does."""
    with pytest.raises(RefusedError, match=r"\$\.quality"):
        net_host.run(MODULE, {"model": MODEL, "method": PROMPT, "quality": "hd"}, connection=account())


def test_addresses_are_downloaded_where_that_is_allowed(account: Account) -> None:
    """The stand-in hands out no picture to whoever shows a key."""
    form: dict[str, Any] = {"model": "dall-e-3", "method": PROMPT, "download": True}

    with Host(environ={}, settings=HttpSettings(allow_local_downloads=True)) as host:
        result = host.run(MODULE, form, connection=account())

    assert result.output.data[0].url.startswith("http://127.0.0.1:")
    assert result.output.result.name.endswith(".png")
    assert "A fox" in result.output.data[0].revised_prompt


def test_addresses_on_a_private_network_are_not_downloaded(net_host: Host, account: Account) -> None:
    """Anybody could name one; the error tells the ways out."""
    form: dict[str, Any] = {"model": "dall-e-3", "method": PROMPT, "download": True}

    with pytest.raises(UnsafeRequestError) as caught:
        net_host.run(MODULE, form, connection=account())

    assert "response_format=b64_json" in caught.value.hint
    assert "allow_local_downloads" in caught.value.hint
