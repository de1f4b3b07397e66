"""Writes the reference pages from the code that they are about: ``python docs/generate.py FOLDER``."""

import argparse
from pathlib import Path

from generator import command_line, connector_page, hooks, index, names, openai_proof, rules, settings, words


def pages() -> dict[str, str]:
    """Give the text of each page and picture, by file name."""
    return {
        "index.md": index.page(),
        "github.md": connector_page.page("github"),
        "http.md": connector_page.page("http"),
        "openai.md": connector_page.page("openai"),
        "openai-proof.md": openai_proof.page(),
        "command-line.md": command_line.page(),
        "environment.md": settings.environment_page(),
        "settings.md": settings.settings_page(),
        "host.md": names.page("host"),
        "files.md": names.page("files"),
        "stores.md": names.page("stores"),
        "logins.md": names.page("logins"),
        "runs.md": names.page("runs"),
        "connectors.md": names.page("connectors"),
        "requests.md": names.page("requests"),
        "fields.md": names.page("fields"),
        "words.md": words.page(),
        **words.pictures(),
        "errors.md": names.page("errors"),
        "hooks.md": hooks.page(),
        "rules.md": rules.page(),
        "changes.md": rules.changes_page(),
    }


def write(folder: Path) -> None:
    """Write each page whose text is new, and remove those that are no more."""
    written = pages()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.suffix in {".md", ".svg"} and old.name not in written:
            old.unlink()
    for name, text in written.items():
        path = folder / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    write(parser.parse_args().folder)
