"""Distributions as an installer leaves them: their files, their metadata, and a RECORD with hashes."""

import base64
import hashlib
import importlib
from collections.abc import Mapping
from pathlib import Path

POINTS = "[jackfield.modules]\nparcel.send = jackfield_parcel:send\n"


def spelt_hash(content: bytes, algorithm: str = "sha256") -> str:
    """Write a hash as RECORD has it."""
    digest = hashlib.new(algorithm, content).digest()
    return f"{algorithm}={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def install_recorded(
    place: Path,
    name: str,
    files: Mapping[str, str],
    *,
    version: str = "1.0",
    points: str = POINTS,
    algorithm: str = "sha256",
    more_rows: str = "",
) -> Path:
    """Install a distribution.

    Args:
        place: The directory on the path.
        name: Of the distribution.
        files: What it installs, by path from there.
        version: Of the distribution.
        points: Its entry points.
        algorithm: Of the hashes; empty for none.
        more_rows: Further lines of RECORD.

    Returns:
        Its folder of metadata.
    """
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    head = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n"
    every = {**files, f"{info}/METADATA": head, f"{info}/entry_points.txt": points, f"{info}/INSTALLER": "pip\n"}
    rows = []
    for path, text in every.items():
        content = text.encode()
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(content)
        rows.append(f"{path},{spelt_hash(content, algorithm) if algorithm else ''},{len(content)}\n")
    (place / info / "RECORD").write_text(f"{''.join(rows)}{info}/RECORD,,\n{more_rows}", "utf-8")
    importlib.invalidate_caches()
    return place / info
