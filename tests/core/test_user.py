"""What other programs of the same person share with the command line."""

import os
from pathlib import Path

import pytest

from jackfield import StoreError, kept_token, user_data, user_files


def test_the_directories_go_by_one_variable(tmp_path: Path) -> None:
    """The files that modules make are below what must not be lost."""
    environ = {"JACKFIELD_HOME": str(tmp_path)}

    assert user_data(environ) == tmp_path / "data"
    assert user_files(environ).parent == user_data(environ)


def test_a_token_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    """Whoever else may read it is told of."""
    path = tmp_path / "folder" / "token"
    made, again = kept_token(path), kept_token(path)

    assert (made.is_new, again.is_new) == (True, False)
    assert made.value == again.value
    if os.name != "nt":
        assert path.stat().st_mode & 0o777 == 0o600
        path.chmod(0o644)
        with pytest.raises(StoreError, match="can be read or changed by others"):
            kept_token(path)


def test_a_token_file_that_cannot_be_read_is_told_without_its_content(tmp_path: Path) -> None:
    """It may be half a token."""
    path = tmp_path / "token"
    path.write_bytes(b"half-a-token \xff")
    path.chmod(0o600)

    with pytest.raises(StoreError, match="it is not UTF-8") as caught:
        kept_token(path)

    assert "half-a-token" not in str(caught.value)
