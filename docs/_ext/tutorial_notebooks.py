"""Tutorials as notebooks in notebooks/, so that each has one source: the page."""

import os
import re
from pathlib import Path

import jupytext
import nbformat

DOCS = Path(__file__).resolve().parents[1]
FOLDER = DOCS.parent / "notebooks"
TUTORIALS = ("first_verdict", "clean_a_recording", "many_trainings")
"""Those that need nothing but the package."""
ONLY_ON_THE_SITE = {"remove-cell"}


def notebook(name: str) -> str:
    """The notebook of a tutorial, as its file has it: without outputs, the same text each time."""
    page = DOCS / "tutorials" / f"{name}.md"
    made = jupytext.read(page)
    made.cells = [cell for cell in made.cells if not ONLY_ON_THE_SITE & set(cell.metadata.get("tags", []))]
    for at, cell in enumerate(made.cells):
        cell["id"] = f"cell-{at}"
        cell.metadata.clear()
        if cell.cell_type == "markdown":
            cell.source = _plain(cell.source, page.parent)
    made.metadata = nbformat.from_dict({"kernelspec": made.metadata["kernelspec"], "language_info": {"name": "python"}})
    made.nbformat_minor = 5
    nbformat.validate(made)
    return nbformat.writes(made, indent=1) + "\n"


def write_notebooks() -> list[Path]:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    written = []
    for name in TUTORIALS:
        path = FOLDER / f"{name}.ipynb"
        path.write_text(notebook(name), encoding="utf-8")
        written.append(path)
    return written


def _plain(text: str, folder: Path) -> str:
    """Markdown that notebooks know: links from where notebooks are, and code in the place of the site's own references."""
    text = re.sub(r"\{[a-z:]+\}`([^`]+)`", r"`\1`", text)

    def moved(found: re.Match[str]) -> str:
        path, _, anchor = found[1].partition("#")
        return f"]({Path(os.path.relpath(folder / path, FOLDER)).as_posix()}{'#' + anchor if anchor else ''})"

    return re.sub(r"\]\(((?![a-z]+:|#)[^)]+)\)", moved, text)
