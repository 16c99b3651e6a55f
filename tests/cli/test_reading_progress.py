"""How far a large recording is read is shown on a terminal, and nowhere else."""

import io
from pathlib import Path

import numpy as np
import pytest
from helpers.tracker_files.eyelink_asc import Block, write
from rich.console import Console

from smilejax.cli import terminal
from smilejax.cli.recordings_read import read_quietly
from smilejax.readers.files import large_text
from smilejax.settings import ReadSettings


def shown(monkeypatch: pytest.MonkeyPatch, path: Path, *, on_a_terminal: bool) -> str:
    """What is printed to standard error while a file is read."""
    printed = io.StringIO()
    monkeypatch.setattr(terminal, "err", Console(file=printed, force_terminal=on_a_terminal, width=80))
    read_quietly([path], ReadSettings(), "optional")
    return printed.getvalue()


def tidy(folder: Path) -> Path:
    rows = [f"p{i // 2000},{i // 200},{i * 2},3.{i % 100:02},4.{i % 90:02}" for i in range(4_000)]
    path = folder / "a.csv"
    path.write_text("\n".join(["participant,trial,time_ms,left_mm,right_mm", *rows, ""]))
    return path


def asc(folder: Path) -> Path:
    return write(folder / "a.asc", [Block(20000, np.full((20, 1), 1000.0) + np.arange(20)[:, None], ("left",), 500)])


@pytest.mark.parametrize("kind", [tidy, asc])
def test_progress_is_drawn_on_a_terminal_alone(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(large_text, "LARGE", 0)
    path = kind(tmp_path)
    assert " MB" in shown(monkeypatch, path, on_a_terminal=True)
    assert shown(monkeypatch, path, on_a_terminal=False) == ""
