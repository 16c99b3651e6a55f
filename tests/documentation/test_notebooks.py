"""Notebooks: each is its tutorial, runs to its end, and holds a bar in the place of hundreds of lines of progress."""

import json
import re
import tempfile

import nbclient
import nbformat
import pytest
from documentation.pages import ROOT
from notebook_kernel import notebook_environment
from tutorial_notebooks import TUTORIALS, notebook

FOLDER = ROOT / "notebooks"
HANGS_S = 1800
"""Against hanging only: the longest takes a twentieth of that on two idle cores."""
MOST_LINES = 90
"""Of one output. The longest is a verdict with its tables."""


def test_notebooks_are_the_tutorials() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == sorted(TUTORIALS)
    for name in TUTORIALS:
        text = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
        assert text == notebook(name), "python docs/build.py --notebooks writes them anew"
        assert all(not cell.get("outputs") for cell in json.loads(text)["cells"])


def test_links_of_notebooks_lead_somewhere() -> None:
    for path in FOLDER.glob("*.ipynb"):
        links = re.findall(r"\]\(([^)#:]+)[^)]*\)", "".join(c.source for c in nbformat.read(path, 4).cells))
        assert links
        assert all((FOLDER / link).exists() for link in links), links


@pytest.mark.weekly
@pytest.mark.parametrize("name", TUTORIALS)
def test_a_notebook_runs(name: str) -> None:
    made = nbformat.read(FOLDER / f"{name}.ipynb", 4)
    with notebook_environment(), tempfile.TemporaryDirectory() as folder:
        nbclient.NotebookClient(made, timeout=HANGS_S, resources={"metadata": {"path": folder}}).execute()
    outputs = [output for cell in made.cells if cell.cell_type == "code" for output in cell.outputs]
    streams = [output.text for output in outputs if output.output_type == "stream"]
    assert outputs
    # `!` has a terminal's line ends; a carriage return alone goes back over a line.
    assert not any(re.search("\r(?!\n)|⠋", text) for text in streams), "what was written over stays in a notebook"
    assert max((text.count("\n") for text in streams), default=0) < MOST_LINES
    shown = [output.data for output in outputs if output.output_type in ("display_data", "execute_result")]
    assert any("text/html" in one or "image/png" in one for one in shown)
    if name == "many_trainings":
        bars = [one["text/html"] for one in shown if "<progress" in one.get("text/html", "")]
        assert len(bars) == 2
        assert "64 of 64 runs" in bars[1]


@pytest.mark.weekly
def test_a_command_that_fails_stops_a_notebook() -> None:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("!smilejax check gone.csv")])
    with (
        notebook_environment(),
        tempfile.TemporaryDirectory() as folder,
        pytest.raises(nbclient.exceptions.CellExecutionError),
    ):
        nbclient.NotebookClient(made, timeout=HANGS_S, resources={"metadata": {"path": folder}}).execute()
