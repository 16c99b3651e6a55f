"""Braces in names that a user chose are part of the name: from Python and from the command line."""

from pathlib import Path

import pytest

import smilejax
from smilejax._util.errors import ReadError
from smilejax.cli.main import main

NAMES = ["{", "{}", "{rate_hz}", "{{trial}}", "{unit}", "[b]{unit}[-b]"]


def written(folder: Path, name: str, rows: list[tuple[str, str, str]], heading: str = "left") -> Path:
    path = folder / f"{name}.csv"
    lines = [f"trial,participant,stimulus,label,{heading},extra"]
    lines += [f"{trial},{who},s,{label},3.0,1" for trial, who, label in rows for _ in range(6)]
    path.write_text("\n".join(lines))
    return path


def complaints(path: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[str, str]:
    """What Python and what the command line say; wrapping of lines is undone."""
    with pytest.raises(ReadError) as caught:
        smilejax.read(path)
    assert main([*(words or ("check",)), str(path)]) == 2
    return str(caught.value), " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("name", NAMES)
def test_a_file_and_its_folder_keep_their_names(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / name
    folder.mkdir()
    path = written(folder, name, [("a", "p", "x"), ("b", "p", "y")])
    python, command = complaints(path, capsys)
    for text in (python, command):
        assert f"{name}/{name}.csv" in text
    assert "rate_hz NUMBER" in python
    assert "--rate-hz NUMBER" in command


@pytest.mark.parametrize("name", NAMES)
def test_classes_participants_and_headings_keep_their_names(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    three = written(tmp_path, "three", [("a", name, name), ("b", name, "y"), ("c", name, "z")])
    three.write_text("time" + "\n".join(f",{line}" for line in three.read_text().splitlines()))
    lines = three.read_text().splitlines()
    three.write_text("\n".join([lines[0], *(f"{at % 6 * 20}{line}" for at, line in enumerate(lines[1:]))]))
    python, command = complaints(three, capsys, "train", "--out", str(tmp_path / "model"))
    for text in (python, command):
        assert name in text
    assert "--classes" in command
    heading = written(tmp_path, "heading", [("a", "p", "x"), ("b", "p", "y")], heading=name)
    python, command = complaints(heading, capsys)
    for text in (python, command):
        assert repr(name) in text
