"""How the site is built, offline: ``sphinx-build -nWE -b html docs OUT``. The reference is written from the code."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import generate  # noqa: E402  it stands beside this file

generate.write(HERE / "reference")

project = "Jackfield"
copyright = "the authors of Jackfield, Apache-2.0"  # noqa: A001  Sphinx calls it so
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
myst_links_external_new_tab = False
nitpicky = True
toc_object_entries_show_parents = "hide"
html_theme = "alabaster"
html_theme_options = {"description": "Connectors for automation", "fixed_sidebar": True, "page_width": "70rem"}
html_copy_source = False
